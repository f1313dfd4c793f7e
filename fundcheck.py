"""Start fundcheck. Refuse to run on files that differ from the installed wheel: another package, or a hand, changed them."""

from __future__ import annotations

import atexit
import os
import sys
from pathlib import Path
from typing import NoReturn

OWN = ("engine/", "ledgers/", "policies/", "cli.py", "declared.py", "fundcheck.py")


def changed_files() -> list[str]:
    """List installed files that differ from the wheel's RECORD; none where there is no wheel (checkout, editable)."""
    import base64
    import hashlib
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        installed = distribution("fundcheck")
    except PackageNotFoundError:
        return []
    direct = installed.read_text("direct_url.json") or ""
    if '"editable": true' in direct or not installed.files:
        return []
    here = Path(__file__).resolve().parent
    changed = []
    for file in installed.files:
        name = file.as_posix()
        if not name.startswith(OWN) or file.hash is None or name.endswith(".pyc"):
            continue
        path = Path(str(file.locate())).resolve()
        if not path.is_relative_to(here):
            return []  # another copy is running than the one that is installed: a checkout
        digest = hashlib.new(file.hash.mode, path.read_bytes()).digest() if path.is_file() else b""
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
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
