"""Measure fundcheck against the same policies written by hand: cold process against cold process, in turn.

Usage:  python run.py [--rows N ...] [--pairs N] [--dir DIR]

Exit codes: 0 fast enough and the same payments found, 1 slower or others found, 2 a run failed.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

import duckdb

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SIZES = [1_000_000, 10_000_000]
MOST, FROM = 1.5, 10_000_000  # times the seconds of the hand-written SQL, from so many payments; below, the start weighs more
JUDGED = (0, 1, 4)  # exit codes of a check that judged everything
LEDGERS = ("payments.parquet", "archive.parquet")
JUDGED_BY_HAND = ("A01", "A02", "B01", "C05")
SIDES = ("fundcheck", "hand-written")


class Run(NamedTuple):
    """Hold what one process took."""

    seconds: float
    peak: float


class Size(NamedTuple):
    """Hold the runs of one size, by side and in order, and how many payments each side found by policy."""

    rows: int
    runs: dict[str, list[Run]]
    found: dict[str, dict[str, int]]

    @property
    def ratios(self) -> list[float]:
        """Divide fundcheck's seconds by those of the hand-written SQL, pair by pair."""
        pairs = zip(*(self.runs[side] for side in SIDES), strict=True)
        return [own.seconds / other.seconds for own, other in pairs]

    @property
    def ratio(self) -> float:
        """Give the median ratio."""
        return statistics.median(self.ratios)

    @property
    def agrees(self) -> bool:
        """Say whether both sides found the same number of payments by every policy, and any at all."""
        return bool(self.found[SIDES[1]]) and self.found[SIDES[0]] == self.found[SIDES[1]]


def main() -> int:
    """Measure every size asked for and print a table of each."""
    parser = argparse.ArgumentParser(description="Measure fundcheck against hand-written SQL.")
    parser.add_argument("--rows", type=int, nargs="+", default=SIZES, help="payments, a number for each size")
    parser.add_argument("--pairs", type=int, default=3, help="runs of each side, at least 1")
    parser.add_argument("--dir", type=Path, help="keep the ledgers here; without it they are deleted")
    given = parser.parse_args()
    if given.pairs < 1:
        parser.error("--pairs: give at least 1")
    good = True
    with _folder(given.dir) as folder:
        for rows in given.rows:
            size = measure(rows, given.pairs, folder / str(rows))
            print(table(size), flush=True)
            good = good and size.agrees and (rows < FROM or size.ratio <= MOST)
    return 0 if good else 1


@contextlib.contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="fundcheck-benchmark-") as made:
        yield Path(made).resolve()


def measure(rows: int, pairs: int, folder: Path) -> Size:
    """Run both sides `pairs` times over the ledgers in `folder`; who goes first alternates."""
    data, out = folder / "ledgers", folder / "findings"  # apart: a file among the ledgers is read as one
    generate(rows, data)
    found_in = {side: out / side / "findings.parquet" for side in SIDES}
    commands = {SIDES[0]: fundcheck(data, found_in[SIDES[0]]), SIDES[1]: by_hand(data, found_in[SIDES[1]])}
    runs: dict[str, list[Run]] = {side: [] for side in SIDES}
    for pair in range(pairs):
        for side in SIDES if pair % 2 == 0 else reversed(SIDES):
            found_in[side].parent.mkdir(parents=True, exist_ok=True)
            found_in[side].unlink(missing_ok=True)
            runs[side].append(run(commands[side], JUDGED if side == SIDES[0] else (0,)))
    return Size(rows, runs, {side: count(path) for side, path in found_in.items()})


def generate(rows: int, data: Path) -> None:
    """Write the ledgers unless they are there, and read them once, so that no run waits for the disk."""
    if not data.is_dir():
        part = data.with_name("unfinished")
        _call([sys.executable, str(HERE / "generate.py"), str(rows), str(part)])
        part.rename(data)
    for name in LEDGERS:
        with (data / name).open("rb") as file:
            while file.read(1 << 24):
                pass


def fundcheck(data: Path, out: Path) -> list[str]:
    """Write the command of a check: the installed package, or the one this folder stands in."""
    installed = importlib.util.find_spec("fundcheck") is not None
    program = ["-m", "fundcheck"] if installed else [str(ROOT / "cli.py")]
    same = [word for code in JUDGED_BY_HAND for word in ("--policy", code)]
    options = [*same, "--format", "parquet", "--output", str(out), "--fail-on", "never"]
    return [sys.executable, *program, "check", str(data), *options]


def by_hand(data: Path, out: Path) -> list[str]:
    """Write the command of the hand-written SQL."""
    return [sys.executable, str(HERE / "hand_written.py"), *(str(data / name) for name in LEDGERS), str(out)]


def run(command: Sequence[str], admitted: Sequence[int]) -> Run:
    """Run a command in a process of its own and measure it."""
    told = json.loads(_call([sys.executable, str(HERE / "measured.py"), *command]))
    if told["exit_code"] not in admitted:
        _fail(command, told["exit_code"], told["said"])
    return Run(told["seconds"], told["peak"])


def _call(command: Sequence[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        _fail(command, done.returncode, done.stderr)
    return done.stdout


def _fail(command: Sequence[str], code: int, said: str) -> NoReturn:
    print(f"{' '.join(command)}\nended with exit code {code}:\n{said}", file=sys.stderr)
    raise SystemExit(2)


def count(findings: Path) -> dict[str, int]:
    """Count the payments found by each policy.

    A finding of fundcheck lists them in `locations`: one, or all payments of a group.
    """
    with duckdb.connect() as con:
        found = con.read_parquet(str(findings))
        found.create_view("found")
        rows = "SELECT code, row FROM found"
        if "locations" in found.columns:
            rows = "SELECT code, unnest(locations).row AS row FROM found"
        query = f"SELECT code, count(DISTINCT row) FROM ({rows}) GROUP BY code ORDER BY code"
        return dict(con.execute(query).fetchall())


def table(size: Size) -> str:
    """Write the figures of one size."""
    lines = [f"{size.rows:,} payments, {size.rows * 6 // 10:,} files", " " * 14 + "   seconds   peak MB"]
    for side in SIDES:
        seconds = statistics.median(run.seconds for run in size.runs[side])
        peak = statistics.median(run.peak for run in size.runs[side])
        lines.append(f"{side:14}{seconds:10.2f}{peak:10,.0f}")
    each = "  ".join(f"{ratio:.2f}" for ratio in size.ratios)
    lines.append(f"ratio by pair  {each}; median {size.ratio:.2f}{f', at most {MOST:.2f}' if size.rows >= FROM else ''}")
    lines += [f"{side:14} {_codes(size.found[side])}" for side in SIDES]
    lines.append("payments found: the same" if size.agrees else "payments found: NONE, OR DIFFERENT")
    return "\n".join(lines) + "\n"


def _codes(found: dict[str, int]) -> str:
    return ", ".join(f"{code} {rows:,}" for code, rows in found.items())


if __name__ == "__main__":
    sys.exit(main())
