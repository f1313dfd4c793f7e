"""Hold every format to its golden file: one small report, one file a format, reviewed as a difference."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

import pandas
import pyarrow.parquet
import pytest

from engine.check import Request, check
from engine.report import Report

GOLDEN = Path(__file__).parent / "golden"
AID = [
    {"姓名": "测试甲", "身份证号": "990001196102021076", "发放日期": "2021.2.3", "帮扶方式": "慰问", "人员类别": "困难职工", "工作单位": "一厂", "金额": "500"},
    {"姓名": "测试乙", "身份证号": "990002196203031149", "发放日期": "2021-02-03", "帮扶方式": "慰问", "人员类别": "困难居民", "工作单位": "", "金额": "300"},
    {"姓名": "测试丙", "身份证号": "9900****1211", "发放日期": "2021-02-03", "帮扶方式": "慰问", "人员类别": "困难职工", "工作单位": "二厂", "金额": "X元"},
    {"姓名": "测试甲", "身份证号": "990001196102021076", "发放日期": "2021-02-05", "帮扶方式": "慰问", "人员类别": "困难职工", "工作单位": "一厂", "金额": "500"},
]  # fmt: skip
FILES = [{"姓名": "测试甲", "身份证号": "990001196102021076", "建档日期": "2021-02-08", "档案状态": "在档"}]


@pytest.fixture(scope="module")
def report() -> Report:
    frames = {"aid_payment": pandas.DataFrame(AID), "hardship_archive": pandas.DataFrame(FILES)}
    return check(Request(as_of=date(2021, 3, 1), frames=frames, packs=("yuanjiang-2021",)))


def written(report: Report, module: str) -> bytes:
    write: Callable[[Report, BinaryIO], None] = import_module(f"engine.formats.{module}").write
    out = io.BytesIO()
    write(report, out)
    return out.getvalue()


def hold(name: str, text: bytes) -> None:
    """Compare with the golden file; FUNDCHECK_GOLDEN=write writes it anew, to be reviewed."""
    path = GOLDEN / name
    if os.environ.get("FUNDCHECK_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)
    assert text.decode() == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "name"), [("json_document", "report.json"), ("json_lines", "report.jsonl"), ("terminal", "report.txt")]
)
def test_a_format_is_what_its_golden_file_shows(report: Report, module: str, name: str) -> None:
    hold(name, written(report, module))


def test_parquet_holds_the_same_findings_as_json(report: Report) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(written(report, "parquet")))
    findings = json.loads(written(report, "json_document"))["findings"]
    assert len(findings) == table.num_rows > 5
    for row, finding in zip(table.to_pylist(), findings, strict=True):
        for name in ("fingerprint", "code", "policy", "verdict", "severity", "basis", "message"):
            assert row[name] == finding[name]
        assert [place["row"] for place in row["locations"]] == [p["row"] for p in finding["locations"]][: len(row["locations"])]
        amounts = {name: row[name] for name in ("amount_involved", "amount_to_recover")}
        assert {name: None if a is None else f"{a:.2f}" for name, a in amounts.items()} == {
            name: finding[name] for name in amounts
        }
    assert json.loads(table.schema.metadata[b"fundcheck"])["schema"] == "fundcheck-report/1"


def test_json_lines_say_what_each_line_is(report: Report) -> None:
    lines = [json.loads(line) for line in written(report, "json_lines").splitlines()]
    assert [line["type"] for line in lines[:1]] == ["run"]
    assert {line["type"] for line in lines} == {"run", "coverage", "finding", "intake"}


def test_the_document_has_the_keys_of_the_contract_in_their_order(report: Report) -> None:
    document = json.loads(written(report, "json_document"))
    assert list(document) == ["schema", "run", "summary", "coverage", "findings", "intake"]
    wanted = ["fingerprint", "code", "policy", "verdict", "severity", "basis", "category", "message", "ledger", "unit", "locations", "facts",
              "amount_involved", "amount_to_recover", "amount_short", "citations", "readings", "remedy", "cleared_by", "disposition",
              "case"]  # fmt: skip
    assert [name for name in document["findings"][0] if name in wanted] == wanted
    assert {"exit_code", "exit_reasons", "verdicts", "by_basis", "persons", "units", "amount_involved"} <= set(
        document["summary"]
    )


def test_privacy_shows_no_more_than_was_asked_for() -> None:
    shown = {}
    for privacy in ("public", "working", "full"):
        frames = {"aid_payment": pandas.DataFrame(AID), "hardship_archive": pandas.DataFrame(FILES)}
        shown[privacy] = written(check(Request(as_of=date(2021, 3, 1), frames=frames, privacy=privacy)), "json_document").decode()  # type: ignore[arg-type]
    assert "990001196102021076" not in shown["public"] + shown["working"]
    assert "测试甲" not in shown["public"]
    assert "测试甲" in shown["working"]
    assert "****1076" in shown["working"]
    assert "990001196102021076" in shown["full"]


def test_messages_come_in_english_too() -> None:
    frames = {"aid_payment": pandas.DataFrame(AID), "hardship_archive": pandas.DataFrame(FILES)}
    text = written(check(Request(as_of=date(2021, 3, 1), frames=frames, lang="en")), "terminal").decode()
    assert "days late" in text
    assert "Not evaluable" in text
    assert "quote proved" in text


def test_a_group_over_two_files_of_which_one_lacks_a_column_is_a_suspect_and_no_crash(tmp_path: Path) -> None:
    """The reading over the source of funds once named a row's file where only the group was known, and ended the program."""
    row = "测试甲,990001196102021076,2021-02-03,慰问,困难职工,春节"
    head = "姓名,身份证号,发放日期,帮扶方式,人员类别,活动名称"
    (tmp_path / "a.csv").write_text(f"{head},资金来源,金额\n{row},自筹,500\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(f"{head},金额\n{row},300\n", encoding="utf-8")
    report = check(Request(as_of=date(2021, 3, 1), paths=(str(tmp_path),), packs=("yuanjiang-2021",), only=("C05",)))
    assert report.summary["verdicts"]["suspect"] == 1
    assert report.coverage[0].suspect == 2
