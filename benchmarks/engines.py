"""Judge the same million payments on DuckDB, PostgreSQL and Spark, and hold their findings together, fingerprint by fingerprint.

Usage:  python engines.py --postgres URL [--rows N] [--spark local[2]] [--dir DIR] [--engines duckdb postgres spark]

Files are Parquet; the database gets two tables of texts in a schema of its own, which is dropped again. Each engine is a process of its own.
Exit codes: 0 all say the same and found what was planted, 1 they differ, 2 a run failed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import duckdb
import psycopg

HERE = Path(__file__).resolve().parent
LEDGERS = {"aid_payment": "payments.parquet", "hardship_archive": "archive.parquet"}
POLICIES = ("A01", "A02", "B01", "C05")
SCHEMA = "fundcheck_engines"
JUDGED = (0, 1, 4)  # exit codes of a check that judged everything


def main() -> int:
    """Make ledgers up, judge them on each engine, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--postgres", metavar="URL", default="")
    parser.add_argument("--spark", metavar="MASTER", default="local[2]")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dir", type=Path)
    parser.add_argument("--engines", nargs="+", default=["duckdb", "postgres", "spark"])
    asked = parser.parse_args()
    if "postgres" in asked.engines and not asked.postgres:
        parser.error("--postgres is needed for the engine postgres")
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.dir or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        if not all((folder / name).exists() for name in LEDGERS.values()):
            subprocess.run([sys.executable, str(HERE / "generate.py"), str(asked.rows), str(folder)], check=True)
        found: dict[str, set[tuple[str, str, str]]] = {}
        for engine in asked.engines:
            if engine == "postgres":
                load(asked.postgres, folder)
            began = time.perf_counter()
            found[engine] = judge(words(engine, asked, folder), Path(scratch) / f"{engine}.jsonl")
            print(f"{engine}: {time.perf_counter() - began:.1f} s, {len(found[engine])} findings", flush=True)
        if "postgres" in asked.engines:
            with psycopg.connect(asked.postgres, autocommit=True) as con:
                con.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    return compare(found)


def words(engine: str, asked: argparse.Namespace, folder: Path) -> list[str]:
    """Give the words of the command line that judge on one engine."""
    if engine == "postgres":
        return [word for kind in LEDGERS for word in ("--ledger", f"{kind}={asked.postgres}#{SCHEMA}.{kind}")]
    files = [word for kind, name in LEDGERS.items() for word in ("--ledger", f"{kind}={folder / name}")]
    return [*files, *(["--engine", asked.spark] if engine == "spark" else [])]


def load(url: str, folder: Path) -> None:
    """Copy the ledgers into tables of texts."""
    with psycopg.connect(url, autocommit=True) as con:
        con.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        con.execute(f"CREATE SCHEMA {SCHEMA}")
        for kind, name in LEDGERS.items():
            rows = duckdb.sql(f"SELECT * FROM '{folder / name}'")
            columns = ", ".join(f'"{column}" text' for column in rows.columns)
            con.execute(f"CREATE TABLE {SCHEMA}.{kind} (row_number bigint PRIMARY KEY, {columns})")
            out = folder / f"{kind}.csv"
            texts = ", ".join(f'CAST("{column}" AS VARCHAR)' for column in rows.columns)
            duckdb.sql(
                f"COPY (SELECT row_number() OVER () + 1, {texts} FROM '{folder / name}') TO '{out}' (FORMAT csv, HEADER FALSE)"
            )
            with con.cursor().copy(f"COPY {SCHEMA}.{kind} FROM STDIN (FORMAT csv)") as copy, out.open("rb") as file:
                while part := file.read(1 << 20):
                    copy.write(part)
            out.unlink()
        con.execute("ANALYZE")


def judge(own: Sequence[str], out: Path) -> set[tuple[str, str, str]]:
    """Check in a process of its own and give code, verdict and fingerprint of each finding."""
    policies = [word for code in POLICIES for word in ("--policy", code)]
    command = [sys.executable, str(HERE.parent / "cli.py"), "check", *own, *policies, "--as-of", "2021-12-31"]
    ran = subprocess.run([*command, "--format", "jsonl", "--output", str(out)], capture_output=True, text=True, check=False)
    if ran.returncode not in JUDGED:
        print(ran.stderr, file=sys.stderr)
        sys.exit(2)
    with out.open(encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    return {(one["code"], one["verdict"], one["fingerprint"]) for one in lines if "fingerprint" in one}


def compare(found: dict[str, set[tuple[str, str, str]]]) -> int:
    """Say where engines differ from the first of them."""
    first, *others = found
    print(f"{first}:", dict(sorted(Counter(f"{code} {verdict}" for code, verdict, _ in found[first]).items())))
    differs = not found[first]
    for other in others:
        missing, more = found[first] - found[other], found[other] - found[first]
        print(f"{other}: {len(missing)} missing, {len(more)} more than {first}")
        differs = differs or bool(missing or more)
    return int(differs)


if __name__ == "__main__":
    sys.exit(main())
