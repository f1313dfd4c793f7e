"""Start fundcheck. Refuse to run on files that differ from the installed wheel: another package, or a hand, changed them."""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path
from typing import NoReturn

OWN = ("engine/", "ledgers/", "policies/", "cli.py", "declared.py", "fundcheck.py")


def changed_files() -> list[str]:
    """List installed files that differ from the wheel's RECORD; none where none lies beside them (checkout, editable)."""
    import base64
    import csv
    import hashlib

    here = Path(__file__).resolve().parent
    changed = []
    # Read as the plain table that it is: to ask the library of installed packages takes longer than to load this command line.
    for record in here.glob("fundcheck-*.dist-info/RECORD"):
        for name, said, _ in csv.reader(record.read_text(encoding="utf-8").splitlines()):
            if not name.startswith(OWN) or not said or name.endswith(".pyc"):
                continue
            mode, _, wanted = said.partition("=")
            path = here / name
            digest = hashlib.new(mode, path.read_bytes()).digest() if path.is_file() else b""
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != wanted:
                changed.append(name)
    return changed


def main() -> None:
    """Run the command line."""
    if changed := changed_files():
        sys.stderr.write(
            "fundcheck：已安装的文件与发布版本不一致，拒绝运行。请重新安装：pip install --force-reinstall fundcheck\n"
            "installed files differ from the release; reinstall fundcheck.\n" + "".join(f"  {name}\n" for name in changed)
        )
        sys.exit(5)
    from cli import main as run

    try:
        run()
    except SystemExit as ended:
        leave(ended)


def leave(ended: SystemExit) -> NoReturn:
    """End the process once all is written, and free nothing: piece by piece that takes longer than to check a small ledger.

    Raises:  SystemExit where something is still to be said, or cannot be written.
    """
    if ended.code is not None and not isinstance(ended.code, int):
        raise ended
    atexit._run_exitfuncs()
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # one that was closed is none
            stream.flush()
    except (OSError, ValueError):
        raise ended from None
    os._exit(ended.code or 0)


if __name__ == "__main__":
    main()
