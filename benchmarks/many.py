"""Measure many policies over one ledger, the whole library over one, and many small workbooks in one folder.

Usage:  python many.py [--dir DIR]

Exit codes: 0 within the limits, 1 beyond them, 2 a run failed.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ROWS, FEW, MANY, MOST_TIMES = 1_000_000, 10, 100, 3.0  # 100 policies may take three times as long as 10
LIBRARY_TIMES = 4.0  # all that is shipped may take four times as long as 10 policies over the same payments
BOOKS, BOOK_ROWS, LAYOUTS, MOST_SECONDS = 1_000, 100, 40, 60.0
OTHER_CAMPAIGNS = {"2021年春节送温暖": "2021年五一慰问", "2021年春季帮扶": "2021年五一帮扶", "2021年秋季帮扶": "2021年国庆帮扶"}
PACK = """pack: {name}
title: {{zh: 基准, en: Benchmark}}
scope: {{zh: 基准, en: Benchmark}}
narrowness: 50
"""
POLICY = """code: {code}
id: band-{number:02}
title: {{zh: 金额区间, en: A band of amounts}}
why: {{zh: 基准, en: Benchmark}}
category: 标准
severity: medium
basis: inferred
citations:
  - source: central-aid-2015
    section: 基准
    paraphrase: {{zh: 基准, en: Benchmark}}
dated_by: pay_date
ledger: aid_payment
requires: NOT (amount BETWEEN {low} AND {high})
involved: amount
message: {{zh: "{{amount}}元", en: "{{amount}} yuan"}}
remedy: {{action: explain, zh: 请说明, en: Explain}}
cleared_by: document
"""
HEADERS = {
    "姓名": ["职工姓名", "受助人"], "身份证号": ["身份证号码", "证件号码"], "发放日期": ["发放时间", "慰问时间"], "金额（元）": ["慰问金额（元）", "发放金额（元）"],
    "人员类别": ["对象类别"], "工作单位": ["所在单位"], "帮扶方式": ["救助方式"],
}  # fmt: skip


def main() -> int:
    """Measure both and print the figures."""
    parser = argparse.ArgumentParser(description="Measure many policies and many workbooks.")
    parser.add_argument("--dir", type=Path, help="keep the ledgers here; without it they are deleted")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fundcheck-benchmark-") as made:
        folder = (given.dir or Path(made)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        times = many_policies(folder)
        library = whole_library(folder)
        seconds = many_workbooks(folder)
    return 0 if times <= MOST_TIMES and library <= LIBRARY_TIMES and seconds <= MOST_SECONDS else 1


def many_policies(folder: Path) -> float:
    """Time 10 and 100 row policies over a million rows, each flagging one row in a thousand."""
    ledger = folder / "payments.parquet"
    if not ledger.exists():
        duckdb.sql(
            f"COPY (SELECT '测试' || (i % 1000) AS name, DATE '2021-02-03' AS pay_date,"
            f" CAST((i * 7919) % 1000000 AS DECIMAL(18,2)) AS amount FROM range({ROWS}) t(i)) TO '{ledger}' (FORMAT parquet)"
        )
    seconds = {}
    for count in (FEW, MANY):
        seconds[count] = run(folder, ledger, "--no-core", "--pack", write_bands(folder, count))
    times = seconds[MANY] / seconds[FEW]
    print(
        f"{ROWS:,} rows: {FEW} policies {seconds[FEW]:.2f} s, {MANY} policies {seconds[MANY]:.2f} s; {times:.2f} times, at most {MOST_TIMES}"
    )
    return times


def write_bands(folder: Path, count: int) -> Path:
    """Write a pack of policies, each against a band of a thousand yuan."""
    pack = folder / f"bands-{count}"
    pack.mkdir(exist_ok=True)
    (pack / "pack.yaml").write_text(PACK.format(name=pack.name), encoding="utf-8")
    for number in range(count):
        text = POLICY.format(code=f"H{number:02}", number=number, low=number * 1000, high=number * 1000 + 999)
        (pack / f"band-{number:02}.yaml").write_text(text, encoding="utf-8")
    return pack


def whole_library(folder: Path) -> float:
    """Time all policies that are shipped over a million payments and their files, against 10 over the same payments.

    No campaign is one that the packs have rules of their own for: those would find most of the made-up payments, and it is the
    judging that is timed. The year is a day from its end, after which X district expects every file to be closed. The bands lie
    on the number of the row, so that each of the ten flags one payment in a thousand.
    """
    ledgers = folder / "library"
    if not ledgers.exists():
        _call([sys.executable, str(HERE / "generate.py"), str(ROWS), str(folder / "made")])
        ledgers.mkdir()
        (folder / "made" / "archive.parquet").rename(ledgers / "archive.parquet")
        named = (
            "CASE campaign "
            + " ".join(f"WHEN '{old}' THEN '{new}'" for old, new in OTHER_CAMPAIGNS.items())
            + " ELSE campaign END"
        )
        payments = f"FROM '{folder / 'made' / 'payments.parquet'}'"
        duckdb.sql(
            f"COPY (SELECT * REPLACE ({named} AS campaign) {payments}) TO '{ledgers / 'payments.parquet'}' (FORMAT parquet)"
        )
        banded = "* REPLACE (CAST((seq * 7919) % 1000000 AS DECIMAL(18,2)) AS amount)"
        duckdb.sql(f"COPY (SELECT {banded} {payments}) TO '{folder / 'banded.parquet'}' (FORMAT parquet)")
    few = run(folder, folder / "banded.parquet", "--no-core", "--pack", write_bands(folder, FEW))
    packs = [one.name for one in sorted((ROOT / "policies" / "packs").iterdir()) if one.is_dir() and one.name != "core"]
    whole = run(folder, ledgers, *(word for name in packs for word in ("--pack", name)), as_of="2021-12-30")
    times = whole / few
    print(f"{ROWS:,} payments: {FEW} policies {few:.2f} s, all {whole:.2f} s; {times:.2f} times, at most {LIBRARY_TIMES}")
    return times


def many_workbooks(folder: Path) -> float:
    """Time a folder of small workbooks whose headers are worded and ordered in forty ways."""
    books = folder / "workbooks"
    if not books.exists():
        write_workbooks(books)
    seconds = run(folder, books)
    print(f"{BOOKS:,} workbooks of {BOOK_ROWS} rows in {LAYOUTS} layouts: {seconds:.1f} s, at most {MOST_SECONDS:.0f}")
    return seconds


def write_workbooks(books: Path) -> None:
    """Write the workbooks; the seed alone decides what stands in them."""
    import xlsxwriter

    drawn = random.Random(1)
    layouts = []
    for _ in range(LAYOUTS):
        names = drawn.sample(list(HEADERS), len(HEADERS))
        layouts.append([(name, drawn.choice([name, *HEADERS[name]])) for name in names])
    books.mkdir()
    for number in range(BOOKS):
        book = xlsxwriter.Workbook(str(books / f"{number:04}.xlsx"))
        sheet = book.add_worksheet("台账")
        layout = layouts[number % LAYOUTS]
        sheet.write_row(0, 0, [header for _, header in layout])
        for row in range(1, BOOK_ROWS + 1):
            values = row_of(number * BOOK_ROWS + row)
            sheet.write_row(row, 0, [values[name] for name, _ in layout])
        book.close()


def row_of(number: int) -> dict[str, str | float]:
    """Make up one payment, of a person of its own in a region that does not exist."""
    body = f"9900{number // 1000 % 100:02}19{60 + number % 40}0101{number % 1000:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    last = "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
    return {
        "姓名": f"测试{chr(0x4E00 + number % 5000)}", "身份证号": body + last, "发放日期": f"2021-02-{number % 9 + 1:02}", "金额（元）": float(300 + number % 3 * 100),
        "人员类别": "困难职工", "工作单位": "测试一厂", "帮扶方式": "慰问",
    }  # fmt: skip


def run(folder: Path, *arguments: object, as_of: str = "2021-12-31") -> float:
    """Check in a process of its own and give the seconds it took."""
    command = [
        sys.executable,
        "-m",
        "fundcheck",
        "check",
        *map(str, arguments),
        "--format",
        "parquet",
        "--output",
        str(folder / "findings.out"),
    ]
    told = _call([sys.executable, str(HERE / "measured.py"), *command, "--fail-on", "never", "--as-of", as_of])
    measured = json.loads(told)
    if measured["exit_code"] not in (0, 1, 4):
        print(measured["said"], file=sys.stderr)
        raise SystemExit(2)
    return float(measured["seconds"])


def _call(command: Sequence[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        raise SystemExit(2)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
