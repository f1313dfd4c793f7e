"""Measure how long it takes to bring in a CSV of payments, against DuckDB's own typed read of the same rows.

Usage:  python intake.py [--rows N] [--pairs N] [--dir DIR]

The columns are those of `generate.py`. Both sides end with a table in memory whose dates, amounts and texts are typed; ours has
also found the header, checked every cell, and can name the row of each. Exit codes: 0 within the limits, 1 beyond them.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MOST_TIMES = {"utf-8": 1.5, "gb18030": 2.5}  # of DuckDB's typed read of the rows in UTF-8
TYPES = {"pay_date": "DATE", "amount": "DECIMAL(18,2)", "seq": "BIGINT"}
OURS = """
import sys, time
from pathlib import Path
import duckdb, pyarrow, numpy, opencc
from engine.wanted import columns_wanted
from ledgers.intake import bring_in
from ledgers.kinds import load_kinds
from ledgers.sources import Source
kinds = load_kinds()
path = Path(sys.argv[1])
wanted = {"aid_payment": set(sys.argv[3].split(","))}
start = time.perf_counter()
con = duckdb.connect()
intake = bring_in(con, [Source(path, path.name, "")], kinds, wanted, scratch=Path(sys.argv[2]))
con.execute(f"CREATE TABLE held AS SELECT * FROM {intake.tables['aid_payment'].view}")
assert con.execute("SELECT count(*), count(pay_date), count(amount) FROM held").fetchall()[0] == (int(sys.argv[4]),) * 3
print(time.perf_counter() - start)
"""
DUCKDBS = """
import sys, time
import duckdb
start = time.perf_counter()
con = duckdb.connect()
con.execute(f"CREATE TABLE held AS SELECT * FROM read_csv('{sys.argv[1]}', header = true, columns = {sys.argv[2]})")
assert con.execute("SELECT count(*), count(发放日期), count(金额) FROM held").fetchall()[0] == (int(sys.argv[3]),) * 3
print(time.perf_counter() - start)
"""


def main() -> int:
    """Measure both encodings and print the figures."""
    parser = argparse.ArgumentParser(description="Measure the intake of CSV files.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--dir", type=Path, help="keep the ledgers here; without it they are deleted")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fundcheck-benchmark-") as made:
        folder = given.dir or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        columns = write_ledgers(folder, given.rows)
        return max([measure(folder, encoding, columns, given.rows, given.pairs) for encoding in MOST_TIMES])


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
    ratios = []
    for _ in range(pairs):
        theirs = run(DUCKDBS, str(folder / "payments-utf-8.csv"), str(columns), str(rows))
        ours = run(OURS, str(folder / f"payments-{encoding}.csv"), str(folder), wanted, str(rows))
        ratios.append(ours / theirs)
        print(f"{encoding}: {ours:.2f} s, DuckDB {theirs:.2f} s, {ours / theirs:.2f} times")
    median = statistics.median(ratios)
    print(f"{encoding}: median {median:.2f} times, at most {MOST_TIMES[encoding]}")
    return int(median > MOST_TIMES[encoding])


def run(program: str, *arguments: str) -> float:
    """Run a program in a process of its own and give the seconds that it prints."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], check=True, capture_output=True, text=True, cwd=ROOT)
    return float(done.stdout.split()[-1])


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
