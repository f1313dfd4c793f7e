"""Write the example ledgers beside this file: `python -m examples.make` from the root of the repository.

They come from ledgers/examples.py, as those of `fundcheck demo`; README.md says what is planted where.
"""

from __future__ import annotations

from pathlib import Path

from ledgers.examples import example_ledgers

HERE = Path(__file__).parent


def main() -> None:
    """Write every ledger."""
    for name, content in example_ledgers().items():
        (HERE / name).write_bytes(content)


if __name__ == "__main__":
    main()
