"""Tables of a database: judged where they lie, by any user who may read them, and nothing is left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.check import Request, check
from engine.report import Report, stream_findings
from engine.stores.columns import PLAIN, _is_plain_name
from engine.stores.postgres import MOST_SECONDS, open_postgres, show
from engine.stores.store import StoreFailed
from ledgers.kinds import Column
from ledgers.values import read_text

ROOT = Path(__file__).parents[2]
AS_OF = date(2021, 12, 31)


@pytest.fixture
def union(postgres: str) -> Iterator[str]:
    """Give a database with an archive and payments, one of them before its file, in the schema of a union."""
    with psycopg.connect(postgres, autocommit=True) as con:
        con.execute("DROP SCHEMA public CASCADE")
        con.execute("CREATE SCHEMA public")
        con.execute('CREATE SCHEMA "第一工会"')
        con.execute(
            'CREATE TABLE "第一工会"."发放" (id bigint PRIMARY KEY, "姓名" varchar(20), "身份证号" char(18), "发放日期" timestamptz,'
            ' "金额" numeric(12,2), "帮扶方式" text, "人员类别" text, "工作单位" text)'
        )
        con.execute(
            "INSERT INTO \"第一工会\".\"发放\" VALUES (7, '测试甲', '990001196102021076', '2021-02-03 00:30:00+08', 500, '慰问', '困难職工', '一厂'),"
            " (8, '测试乙', '990002196203031149', '2021-02-03 12:00:00+08', 300.55, '慰问', '困难农民', '一厂')"
        )
        con.execute('CREATE TABLE public."建档" ("姓名" text, "身份证号" text, "建档日期" date, "档案状态" text)')
        con.execute(
            "INSERT INTO public.\"建档\" VALUES ('测试甲', '990001196102021076', '2021-02-08', '在档'),"
            " ('测试乙', '990002196203031149', '2020-01-01', '在档')"
        )
        con.execute('CREATE VIEW "困难职工" AS SELECT * FROM public."建档"')
        con.execute("CREATE TABLE other (a int, b text)")
    yield postgres
    with psycopg.connect(postgres, autocommit=True) as con:
        con.execute('DROP SCHEMA "第一工会" CASCADE')


def checked(url: str, **asked: object) -> Report:
    store = open_postgres(url)
    try:
        return check(Request(AS_OF, store=store, stored={f"{show(url)}#{name}": kind for name, kind in TABLES.items()}, **asked))  # type: ignore[arg-type]
    finally:
        store.close()


TABLES = {"第一工会.发放": "aid_payment", "public.困难职工": "hardship_archive"}


def test_tables_and_views_with_chinese_columns_and_types_of_their_own_are_judged(union: str) -> None:
    report = checked(union)
    found = {(one["code"], one["verdict"], one["locations"][0]["row"]): one for one in stream_findings(report)}
    assert ("A02", "violation", 7) in found
    assert ("B01", "violation", 8) in found
    paid = found["A02", "violation", 7]
    assert paid["facts"]["pay_date"]["value"] == "2021-02-03"  # the day in China, whatever the hour
    assert paid["unit"] == "第一工会"
    assert paid["locations"][0]["path"] == f"{show(union)}#第一工会.发放"
    assert report.run["engine"] == "postgres"


def test_without_names_every_relation_that_looks_like_a_ledger_is_judged_and_the_others_are_named(union: str) -> None:
    store = open_postgres(union)
    report = check(Request(AS_OF, store=store))
    store.close()
    assert {(one.path.partition("#")[2], one.kind) for one in report.inputs} == {
        ("第一工会.发放", "aid_payment"), ("public.建档", "hardship_archive"), ("public.困难职工", "hardship_archive"),
    }  # fmt: skip
    assert [note.path.partition("#")[2] for note in report.notes if note.message.startswith("列名不像")] == ["public.other"]


def test_nothing_is_written_and_nothing_is_left_behind(union: str) -> None:
    store = open_postgres(union)
    with pytest.raises(StoreFailed, match="read-only"):
        store.run("CREATE TABLE left_behind (a int)", {})
    store.close()
    before = _everything(union)
    checked(union)
    assert _everything(union) == before


def _everything(url: str) -> list[tuple[str, ...]]:
    with psycopg.connect(url) as con:
        return con.execute("SELECT relname::text, relkind::text FROM pg_class ORDER BY 1, 2").fetchall()


def test_a_user_who_may_only_read_can_check(union: str) -> None:
    with psycopg.connect(union, autocommit=True) as con:
        con.execute("DROP ROLE IF EXISTS auditor")
        con.execute("CREATE ROLE auditor LOGIN")
        con.execute('GRANT USAGE ON SCHEMA public, "第一工会" TO auditor')
        con.execute('GRANT SELECT ON ALL TABLES IN SCHEMA public, "第一工会" TO auditor')
        con.execute("REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC")
    try:
        assert "A02" in {one["code"] for one in stream_findings(checked(union.replace("fundcheck@", "auditor@")))}
    finally:
        with psycopg.connect(union, autocommit=True) as con:
            con.execute("DROP OWNED BY auditor")
            con.execute("DROP ROLE auditor")


def test_a_table_that_is_not_there_and_a_table_that_is_no_ledger_are_refused_by_name(union: str) -> None:
    store = open_postgres(union)
    asked = {f"{show(union)}#public.missing": "aid_payment", f"{show(union)}#public.other": "aid_payment"}
    report = check(Request(AS_OF, store=store, stored=asked))
    store.close()
    assert {note.path.rpartition(".")[2] for note in report.notes if note.fatal} == {"missing", "other"}
    assert report.summary["exit_code"] == 3


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "cli.py"), "check", *arguments, "--as-of", "2021-12-31"]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)


def test_the_command_line_takes_a_database_and_shows_neither_user_nor_password(union: str) -> None:
    secret = union.replace("fundcheck@", "fundcheck:geheim@")
    ran = run("--engine", secret, "--format", "json")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "geheim" not in ran.stdout
    assert json.loads(ran.stdout)["run"]["engine"] == "postgres"
    named = run(
        "--ledger", f"aid_payment={secret}#第一工会.发放", "--ledger", f"hardship_archive={secret}#建档", "--format", "json"
    )
    assert [one["path"].partition("#")[2] for one in json.loads(named.stdout)["run"]["inputs"]] == [
        "第一工会.发放",
        "public.建档",
    ]


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("--engine", "postgresql://nobody:geheim@127.0.0.1:1/none"), "连不上 postgresql://127.0.0.1:1/none", 3),
        (("--engine", "postgresql://127.0.0.1:1/none", "--lang", "en"), "cannot be reached", 3),
        (("--engine", "oracle://x"), "no engine", 2),
        (("--ledger", "aid_payment=postgresql://127.0.0.1:1/none"), "请写明表名", 3),
    ],
)
def test_what_cannot_be_opened_is_said_in_a_sentence(arguments: tuple[str, ...], words: str, code: int) -> None:
    ran = run(*arguments)
    assert (ran.returncode, words in ran.stderr, "geheim" in ran.stderr) == (code, True, False), ran.stderr


def test_a_statement_within_its_time_is_answered_and_one_beyond_it_ends_the_check(union: str) -> None:
    store = open_postgres(f"{union}?options=-c%20statement_timeout%3D1500")
    assert store.run("SELECT 1 AS n", {}) == [(1,)]
    with pytest.raises(StoreFailed, match=r"一条语句超过 1\.5 秒，已中止"):
        store.run("SELECT pg_sleep(600)", {})
    store.close()
    with psycopg.connect(union, autocommit=True) as con:
        con.execute('CREATE VIEW slow AS SELECT *, CAST(pg_sleep(600) AS text) AS "备注" FROM "第一工会"."发放"')
        try:
            ran = run("--ledger", f"aid_payment={union}?options=-c%20statement_timeout%3D1500#public.slow")
        finally:
            con.execute("DROP VIEW slow")
    assert (ran.returncode, "一条语句超过 1.5 秒" in ran.stderr) == (3, True), ran.stderr


def test_no_address_gives_a_statement_more_time_than_the_limit(union: str) -> None:
    for asked in ("0", "1000000000"):
        store = open_postgres(f"{union}?options=-c%20statement_timeout%3D{asked}")
        assert store.run("SHOW statement_timeout", {}) == [(f"{MOST_SECONDS // 60}min",)]
        store.close()


def test_a_database_reads_no_files(union: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "姓名,身份证号,发放日期,金额,帮扶方式\n测试甲,990001196102021076,2021-02-03,500,慰问\n", encoding="utf-8"
    )
    ran = run(str(tmp_path / "a.csv"), "--engine", union)
    assert (ran.returncode, "不读文件" in ran.stderr) == (3, True), ran.stderr


@given(
    st.sampled_from(("identity", "amount", "integer", "text", "name")),
    st.text(alphabet="测试甲乙無东東等人无张三0123456789.X*,-+e 元", max_size=19),
)
def test_a_text_that_stays_in_the_store_unseen_means_itself(of_type: str, text: str) -> None:
    test = PLAIN[of_type].format("t", _is_plain_name("t"))
    if duckdb.execute(f"SELECT {test} FROM (SELECT ?::VARCHAR AS t)", [text]).fetchall()[0][0]:
        reading = read_text(Column(type=of_type, zh="列", en="column"), text)
        assert (reading.value, reading.problem, reading.remark) == (text, "", "")
