"""Run one command as the only child of this process, and print seconds, seconds of CPU, peak memory and exit code as JSON.

Usage:  python measured.py COMMAND ARGUMENT...

One such process a run: the peak that the system reports is the highest of all children a process ever had.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time

# `ru_maxrss` counts bytes on macOS, kilobytes elsewhere.
IN_A_MEGABYTE = 1024 * 1024 if sys.platform == "darwin" else 1024


def main() -> None:
    """Run the command line given, without its standard output."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode; without it each run compiles anew
    start = time.perf_counter()
    child = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # of the command, and of the processes that it started
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / IN_A_MEGABYTE
    said = child.stderr.decode(errors="replace")[-2000:]
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak, "exit_code": child.returncode, "said": said}))


if __name__ == "__main__":
    main()
