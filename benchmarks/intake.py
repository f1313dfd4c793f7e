"""Measure how long intake takes: of a CSV of payments against DuckDB's own typed read of the same rows, of a workbook against its bare reader.

Usage:  python intake.py [--rows N] [--book-rows N] [--pairs N] [--dir DIR]

The columns are those of `generate.py`. Of a CSV both sides end with a table in memory of the file's columns, whose dates, amounts and texts
are typed; ours has also found the header and checked every cell, and holds the number and the problems of each row. They are compared
in seconds of CPU, of all cores; wall time is printed beside them. A workbook is checked as a whole, with the core policies, from the
start of the command to its end, against python-calamine, which alone reads it; they are compared in wall time, as two processes work at
once. Exit codes: 0 within the limits, 1 beyond them, 2 a run failed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MOST_TIMES = {"utf-8": 1.5, "gb18030": 2.5}  # of DuckDB's typed read of the rows in UTF-8
MOST_TIMES_A_BOOK = 2.0  # of python-calamine's reading
TYPES = {"pay_date": "DATE", "amount": "DECIMAL(18,2)", "seq": "BIGINT"}
OURS = """
import os, sys
from pathlib import Path
import duckdb, pyarrow.compute, pyarrow.csv, numpy, opencc
from engine.wanted import columns_wanted
from ledgers.intake import bring_in
from ledgers.kinds import load_kinds
from ledgers.sources import Source
kinds = load_kinds()
path = Path(sys.argv[1])
wanted = {"aid_payment": set(sys.argv[3].split(","))}
start = os.times()
con = duckdb.connect()
intake = bring_in(con, [Source(path, path.name, "")], kinds, wanted, scratch=Path(sys.argv[2]))
con.execute(f"CREATE TABLE held AS SELECT _row, _problems, {sys.argv[3]} FROM {intake.tables['aid_payment'].view}")
assert con.execute("SELECT count(*), count(pay_date), count(amount) FROM held").fetchall()[0] == (int(sys.argv[4]),) * 3
spent = [end - begin for begin, end in zip(start, os.times())]
print(sum(spent[:4]), spent[4])
"""
DUCKDBS = """
import os, sys
import duckdb
start = os.times()
con = duckdb.connect()
con.execute(f"CREATE TABLE held AS SELECT * FROM read_csv('{sys.argv[1]}', header = true, columns = {sys.argv[2]})")
assert con.execute("SELECT count(*), count(发放日期), count(金额) FROM held").fetchall()[0] == (int(sys.argv[3]),) * 3
spent = [end - begin for begin, end in zip(start, os.times())]
print(sum(spent[:4]), spent[4])
"""
CALAMINES = """
import sys
import python_calamine
python_calamine.CalamineWorkbook.from_path(sys.argv[1]).get_sheet_by_index(0).to_python(skip_empty_area=False)
"""


def main() -> int:
    """Measure both encodings and a workbook, and print the figures."""
    parser = argparse.ArgumentParser(description="Measure the intake of CSV files and of a workbook.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--book-rows", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--dir", type=Path, help="keep the ledgers here; without it they are deleted")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fundcheck-benchmark-") as made:
        folder = given.dir or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        columns = write_ledgers(folder, given.rows)
        beyond = [measure(folder, encoding, columns, given.rows, given.pairs) for encoding in MOST_TIMES]
        book = write_book(folder, columns, min(given.book_rows, given.rows))
        return max([*beyond, measure_book(folder, book, given.pairs)])


def write_ledgers(folder: Path, rows: int) -> dict[str, str]:
    """Write the payments as CSV in both encodings; give the types of their columns by header."""
    subprocess.run([sys.executable, str(HERE / "generate.py"), str(rows), str(folder)], check=True, stdout=subprocess.DEVNULL)
    from ledgers.kinds import load_kinds

    kind, con = load_kinds()["aid_payment"], duckdb.connect()
    payments = con.sql(f"SELECT * FROM '{folder / 'payments.parquet'}'")
    headers = {name: kind.columns[name].zh for name in payments.columns}
    utf8 = folder / "payments-utf-8.csv"
    payments.select(", ".join(f'{name} AS "{header}"' for name, header in headers.items())).write_csv(str(utf8))
    (folder / "payments-gb18030.csv").write_bytes(utf8.read_text(encoding="utf-8").encode("gb18030"))
    return {header: TYPES.get(name, "VARCHAR") for name, header in headers.items()}


def measure(folder: Path, encoding: str, columns: dict[str, str], rows: int, pairs: int) -> int:
    """Measure pairs of runs and print their seconds and ratios; 1 if the median is beyond its limit."""
    from ledgers.kinds import load_kinds

    kind = load_kinds()["aid_payment"]
    wanted = ",".join(name for name, column in kind.columns.items() if column.zh in columns)
    cpus, walls = [], []
    for _ in range(pairs):
        theirs = run(DUCKDBS, str(folder / "payments-utf-8.csv"), str(columns), str(rows))
        ours = run(OURS, str(folder / f"payments-{encoding}.csv"), str(folder), wanted, str(rows))
        (cpu, wall), (their_cpu, their_wall) = ours, theirs
        cpus.append(cpu / their_cpu)
        walls.append(wall / their_wall)
        each = f"{cpu:.2f} s of CPU ({wall:.2f} s), DuckDB {their_cpu:.2f} s ({their_wall:.2f} s)"
        print(f"{encoding}: {each}, {cpus[-1]:.2f} times ({walls[-1]:.2f})")
    median = statistics.median(cpus)
    print(f"{encoding}: median {median:.2f} times ({statistics.median(walls):.2f} of wall time), at most {MOST_TIMES[encoding]}")
    return int(median > MOST_TIMES[encoding])


def write_book(folder: Path, columns: dict[str, str], rows: int) -> Path:
    """Write the first payments as a workbook; amounts are numbers, days are texts, as most exports have them."""
    import xlsxwriter

    book = folder / "payments.xlsx"
    workbook = xlsxwriter.Workbook(str(book), {"constant_memory": True})
    sheet = workbook.add_worksheet("台账")
    sheet.write_row(0, 0, columns)
    payments = duckdb.connect().execute(
        f"SELECT * REPLACE (CAST(pay_date AS VARCHAR) AS pay_date) FROM '{folder / 'payments.parquet'}' LIMIT {rows}"
    )
    for number, row in enumerate(payments.fetchall(), start=1):
        sheet.write_row(number, 0, row)
    workbook.close()
    return book


def measure_book(folder: Path, book: Path, pairs: int) -> int:
    """Measure pairs of a check and a bare reading, print seconds and ratios; 1 if the median of wall time is beyond its limit."""
    out = ("--format", "parquet", "--output", str(folder / "findings.out"), "--fail-on", "never", "--as-of", "2021-12-31")
    walls, cpus = [], []
    for _ in range(pairs):
        theirs = measured("-c", CALAMINES, str(book))
        ours = measured("-m", "fundcheck", "check", str(book), *out)
        walls.append(ours["seconds"] / theirs["seconds"])
        cpus.append(ours["cpu"] / theirs["cpu"])
        each = (
            f"{name} {one['seconds']:.2f} s ({one['cpu']:.2f} s of CPU)" for name, one in (("check", ours), ("calamine", theirs))
        )
        print(f"workbook: {', '.join(each)}, {walls[-1]:.2f} times ({cpus[-1]:.2f})")
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    print(f"workbook: median {wall:.2f} times ({cpu:.2f} of CPU), at most {MOST_TIMES_A_BOOK}")
    return int(wall > MOST_TIMES_A_BOOK)


def measured(*arguments: str) -> dict[str, float]:
    """Run Python in a process of its own and give what it spent.

    Raises:  SystemExit if it failed; findings are no failure.
    """
    command = [sys.executable, str(HERE / "measured.py"), sys.executable, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    spent = json.loads(done.stdout)
    if spent["exit_code"] not in (0, 1, 4):
        print(spent["said"], file=sys.stderr)
        raise SystemExit(2)
    return {name: spent[name] for name in ("seconds", "cpu")}


def run(program: str, *arguments: str) -> tuple[float, float]:
    """Run a program in a process of its own and give the seconds that it prints, of CPU and of wall time."""
    keeps = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as in `measured.py`
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=keeps)
    cpu, wall = map(float, done.stdout.split()[-2:])
    return cpu, wall


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
