"""Write made-up ledgers of any size: payments and the files of the payees, with a known number of faults.

Usage:  python generate.py ROWS OUTDIR

Rows come in blocks of ten payments to six persons: three are paid once, two twice, one three times. Faults
are given to whole blocks, then all rows are shuffled. The same ROWS and DuckDB give the same ledgers.
Nobody real is meant: names begin with 测, identity numbers with 99, a region that does not exist.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import duckdb

BLOCK = 10  # payments
MEMORY = "6GB"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
CHECK_SUM = " + ".join(f"body // {10 ** (16 - n)} % 10 * {weight}" for n, weight in enumerate(WEIGHTS))
NUMBERS = 20_000 * 999 * 10_000  # days of birth, numbers of a day, regions
STEP = 61_803_398_879  # no factor in common with NUMBERS: neighbours lie far apart, no two persons together
MOST_ROWS = 100_000_000  # persons times STEP stays a 64-bit integer

# 1,000 common characters, all simplified: the first ones of GB 2312.
CODES = (bytes([row, cell]) for row in range(0xB0, 0xBB) for cell in range(0xA1, 0xFF))
CHARACTERS = b"".join(CODES).decode("gb2312")[:1000]

# `chance` draws a number below `most` for a person, another one for each `salt` below 64.
# The next kind in the list always differs, so that two payments of one campaign are of different kinds.
MACROS = f"""
SET VARIABLE letters = split('{CHARACTERS}', '');
SET VARIABLE kinds = ['慰问', '生活', '慰问', '医疗', '慰问', '生活', '助学', '生活', '医疗', '就业'];
SET VARIABLE groups = list_concat(repeat(['困难职工'], 5), repeat(['困难农民工'], 3), ['劳模', '一线职工']);
SET VARIABLE tiers = ['一般困难', '困难', '特别困难'];
SET VARIABLE campaigns =
    ['2021年春节送温暖', '2021年春季帮扶', '2021年夏送清凉', '2021年金秋助学', '2021年秋季帮扶'];
SET VARIABLE starts = ['2021-01-11', '2021-03-15', '2021-06-21', '2021-08-16', '2021-10-11']::DATE[];
SET VARIABLE sources = ['本级工会经费', '市级财政', '上级工会', '基层自筹'];

CREATE MACRO chance(person, salt, most) AS CAST(hash(person * 64 + salt) % most AS INTEGER);
CREATE MACRO draw(list, place) AS list[place % len(list) + 1];
CREATE MACRO fault(block) AS CASE
    WHEN block % 1000 = 100 THEN 'no file'
    WHEN block % 1000 = 300 THEN 'filed late'
    WHEN block % 1000 = 500 THEN 'resident'
    WHEN block % 500 = 250 THEN 'paid twice'
    WHEN block % 2000 = 700 THEN 'file closed'
    WHEN block % 2000 = 1700 THEN 'no employer'
    ELSE '' END;

CREATE MACRO born(place) AS DATE '1945-01-01' + CAST(place % 20000 AS INTEGER);
CREATE MACRO body(place) AS (990000 + place // 19980000) * 100000000000
    + CAST(strftime(born(place), '%Y%m%d') AS BIGINT) * 1000 + place // 20000 % 999 + 1;
CREATE MACRO checked(body) AS
    CAST(body AS VARCHAR) || substr('10X98765432', CAST(({CHECK_SUM}) % 11 AS INTEGER) + 1, 1);
CREATE MACRO id_no(person) AS checked(body(person * {STEP} % {NUMBERS}));
CREATE MACRO letter(person, salt) AS draw(getvariable('letters'), chance(person, salt, 1000));
CREATE MACRO full_name(person) AS
    '测' || letter(person, 1) || CASE WHEN chance(person, 2, 8) > 0 THEN letter(person, 3) ELSE '' END;
"""

# One row a payment. `turn` decides kind and campaign: 0 and 1 share the campaign, 0 and 2 the kind.
# Whoever is paid twice has turn 0 again.
PLAN = """
CREATE TEMP TABLE plan AS
SELECT
    block * 6 + own AS person,
    nth,
    fault(block) AS fault,
    CASE WHEN fault(block) = 'paid twice' AND nth = 1 THEN 0 ELSE nth END AS turn
FROM range({blocks}) b(block), (
    VALUES (0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (4, 0), (4, 1), (5, 0), (5, 1), (5, 2)
) s(own, nth)
ORDER BY hash((block * 6 + own) * 3 + nth), person, nth;

CREATE TEMP VIEW paid AS
SELECT
    rowid + 1 AS seq,
    *,
    draw(getvariable('kinds'), chance(person, 4, 10) + CAST(turn = 1 AS INTEGER)) AS aid_kind,
    chance(person, 5, 5) + CAST(turn = 2 AS INTEGER) AS campaign_no,
    CASE fault WHEN 'resident' THEN '困难城镇居民'
        ELSE draw(getvariable('groups'), chance(person, 6, 10)) END AS beneficiary_type,
    chance(person, 7, 3) AS tier,
    chance(person, 8, 5000) AS employer_no
FROM plan;
"""

PAYMENTS = """
COPY (
    SELECT
        seq,
        draw(getvariable('starts'), campaign_no) + chance(person, 10 + nth, 20) AS pay_date,
        draw(getvariable('campaigns'), campaign_no) AS campaign,
        aid_kind,
        full_name(person) AS name,
        id_no(CASE fault WHEN 'no file' THEN person + {persons} ELSE person END) AS id_no,
        beneficiary_type,
        draw(getvariable('tiers'), tier) AS hardship_tier,
        CASE WHEN fault <> 'no employer' THEN '测试' || employer_no || '厂' END AS employer,
        CAST(CASE aid_kind WHEN '医疗' THEN 1000 + 100 * chance(person, 9, 40)
            ELSE [300, 500, 800][tier + 1] END AS DECIMAL(10, 2)) AS amount,
        draw(getvariable('sources'), chance(person, 20 + nth, 4)) AS fund_source,
        '测试' || employer_no % 300 || '工会' AS paying_org
    FROM paid
) TO '{out}/payments.parquet' (FORMAT parquet);
"""

ARCHIVE = """
CREATE TEMP TABLE filed AS SELECT person FROM range({persons}) p(person) ORDER BY hash(person * 64), person;
COPY (
    SELECT
        'D' || lpad(CAST(person + 1 AS VARCHAR), 9, '0') AS archive_id,
        full_name(person) AS name,
        id_no(person) AS id_no,
        CASE fault WHEN 'filed late' THEN DATE '2021-11-15' ELSE DATE '2015-06-01' END
            + chance(person, 30, CASE fault WHEN 'filed late' THEN 45 ELSE 1800 END) AS filed_at,
        CASE fault WHEN 'file closed' THEN '已脱困' ELSE '在档' END AS status,
        CASE fault WHEN 'file closed' THEN DATE '2020-06-01' + chance(person, 31, 200) END AS exit_date
    FROM (SELECT person, fault(person // 6) AS fault FROM filed)
) TO '{out}/archive.parquet' (FORMAT parquet);
"""

PLANTED = """
SELECT
    count(*) FILTER (WHERE hardship AND fault = 'no file') AS "A01 without a file",
    count(*) FILTER (WHERE hardship AND fault = 'file closed') AS "A01 file closed",
    count(*) FILTER (WHERE hardship AND fault = 'filed late') AS "A02 filed after payment",
    count(*) FILTER (WHERE fault = 'resident') AS "B01 residents",
    count(*) FILTER (WHERE fault = 'no employer') AS "B01 without employer",
    count(*) FILTER (WHERE fault = 'paid twice' AND person % 6 > 2 AND turn = 0) AS "C05 paid twice"
FROM (SELECT *, aid_kind <> '就业' AND beneficiary_type IN ('困难职工', '困难农民工') AS hardship FROM paid)
"""


def generate(rows: int, out: Path) -> dict[str, int]:
    """Write both ledgers of `rows` payments below `out`, and count the rows of each planted fault."""
    out.mkdir(parents=True, exist_ok=True)
    blocks, target = rows // BLOCK, str(out).replace("'", "''")
    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as con:
        con.execute(f"SET memory_limit = '{MEMORY}'")
        con.execute("SET temp_directory = $spill", {"spill": spill})
        con.execute(MACROS)
        for statements in (PLAN, PAYMENTS, ARCHIVE):
            con.execute(statements.format(blocks=blocks, persons=blocks * 6, out=target))
        planted = con.execute(PLANTED)
        names, counts = [column[0] for column in planted.description], planted.fetchone()
    return dict(zip(names, counts or (), strict=True))


def main() -> None:
    """Generate as the command line says, and print what was planted."""
    parser = argparse.ArgumentParser(description="Write made-up ledgers of payments and files.")
    parser.add_argument("rows", type=int, help=f"payments, a multiple of {BLOCK}")
    parser.add_argument("outdir", type=Path)
    given = parser.parse_args()
    if not 0 < given.rows <= MOST_ROWS or given.rows % BLOCK:
        parser.error(f"{given.rows} rows: give a multiple of {BLOCK} up to {MOST_ROWS}")
    for fault, count in generate(given.rows, given.outdir).items():
        print(f"{count:>10,}  {fault}")


if __name__ == "__main__":
    main()
