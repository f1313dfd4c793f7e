"""No number of a person gets into a report, wherever it was written; amounts and days stay what they are."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas
import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cli import main
from engine.check import Request, check, connect
from engine.formats import csv_table, json_document, json_lines, junit, parquet, sarif, terminal
from engine.render import _hidden
from ledgers.headers import recognise
from ledgers.hiding import hide_numbers
from ledgers.intake import bring_in, find_sources
from ledgers.kinds import load_kinds

KINDS = load_kinds()
NUMBER = "990000198801010010"
PERSONAL = {
    "18 digits": NUMBER,
    "17 digits and a letter": "99000019880101001X",
    "15 digits": "990000880101001",
    "full width": "９９００００１９８８０１０１００１Ｘ",
    "parted by dashes": "990000-19880101-0010",
    "parted by blanks": "990000 1988 0101 0010",
    "the day of birth parted": "990000-1988-01-01-001x",
    "digit by digit": " ".join(NUMBER),
    "parted by wide blanks": "990000　19880101　0010",
    "two numbers": f"{NUMBER} 990000198801010028",
    "stuck to an amount": f"{NUMBER}500",
    "as a number": f"{NUMBER}.0",
    "a mobile": "13912345678",
    "a mobile in full width": "１３９１２３４５６７８",
    "a mobile parted": "139-1234-5678",
    "a mobile parted by blanks, and an amount": "139 1234 5678 500",
    "a mobile of the country": "+86 13912345678",
    "an account": "6222021112345678",
    "an account in fours": "6222 0211 1234 5678 901",
    "an account after a day": "2021-02-03 6222-0211-1234-5678",
}
PLAIN = ["2021-02-03", "2021-02-03 2021-02-28", "20210203-20210228", "2019 2020 2021 2022", "1234567890.12", "1,234,567,890.00",
         "500 300 200", "2021年2月3日 1500元", "记-12", "P001", "1500 2021-02-03 1300", "10086", "12345678901", ""]  # fmt: skip


def shown(written: str) -> str:
    """Give what is left of the digits of a text."""
    return "".join(digit for digit in written if digit.isdigit())


@pytest.mark.parametrize("text", PERSONAL.values(), ids=list(PERSONAL))
def test_a_number_of_a_person_is_hidden_and_what_stands_around_it_is_not(text: str) -> None:
    hidden = hide_numbers(f"给李四（{text}）的补助")
    assert hidden.startswith("给李四（")
    assert hidden.endswith("）的补助")
    assert "****" in hidden
    assert len(shown(hidden)) <= 8


@pytest.mark.parametrize("text", PLAIN)
def test_amounts_and_days_are_not_hidden(text: str) -> None:
    assert hide_numbers(text) == text


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet="019１９Xｘ -－　\n\u00a0张.", max_size=60))
@example("139 1234 5678\n990000-1988-01-01-001X")
def test_sql_hides_what_python_hides(text: str) -> None:
    found = CON.execute("SELECT hide_numbers(?)", [text]).fetchone()
    assert found == (hide_numbers(text),)


CON = connect()
CON.execute(f"CREATE MACRO hide_numbers(t) AS {_hidden('public')}")


def leaky(text: str) -> dict[str, Any]:
    return {
        "subsidy": pandas.DataFrame(
            [{"发放编号": text, "姓名": "欧阳娜娜", "补贴项目": f"给职工{text}的过节费", "发放日期": "2020-02-01", "金额": "1234567.89", "是否违规": "是"}]
        ),
        "subsidy_refund": pandas.DataFrame([{"发放编号": "P9", "姓名": "张三", "清退金额": "5", "清退日期": "2020-03-01"}]),
        "budget_execution": pandas.DataFrame([{"年度": "2021", "项目名称": f"补助{text}", "预算数": "12345678901", "执行数": "5"}]),
        "aid_payment": pandas.DataFrame(
            [{"姓名": "李四光", "身份证号": NUMBER, "人员类别": "困难居民", "帮扶类型": "生活", "发放日期": "2021-02-01", "金额": "500", "工作单位": f"个体户{text}"}]
        ),
    }  # fmt: skip


@pytest.mark.parametrize("privacy", ["public", "working"])
@pytest.mark.parametrize("text", [NUMBER, "990000-19880101-0010", "１３９１２３４５６７８"])
def test_no_format_shows_a_number_that_stands_in_a_text(text: str, privacy: Any, tmp_path: Path) -> None:
    report = check(Request(as_of=date(2021, 12, 31), frames=leaky(text), privacy=privacy))
    for write in (csv_table, json_document, json_lines, junit, parquet, sarif, terminal):
        with (tmp_path / "out").open("wb") as out:
            write.write(report, out)
        written = (tmp_path / "out").read_bytes()
        if write is parquet:
            written = pandas.read_parquet(tmp_path / "out").to_json(force_ascii=False).encode()
        assert text not in written.decode()
        assert text.translate(str.maketrans("０１２３４５６７８９", "0123456789")) not in written.decode()
        assert "1234567.89" in written.decode()
        assert "12345678901" in written.decode()


def test_a_working_paper_shows_the_last_four_digits_and_a_full_one_all() -> None:
    for privacy, wanted in (("working", "给职工****0010的过节费"), ("full", f"给职工{NUMBER}的过节费")):
        report = check(Request(as_of=date(2021, 12, 31), frames=leaky(NUMBER), privacy=privacy))  # type: ignore[arg-type]
        assert any(wanted in message for (message,) in report.con.execute("SELECT message FROM rendered('findings')").fetchall())


@pytest.mark.parametrize(("privacy", "shown"), [("full", "毕昇的"), ("working", "毕昇的"), ("public", "毕**的")])
def test_a_message_names_a_person_as_the_ledger_does(privacy: Any, shown: str) -> None:
    """What is read of 毕昇, to hold it against other spellings, is 毕升."""
    row = {"name": "毕昇", "id_no": NUMBER, "pay_date": "2021-02-03", "amount": "500", "beneficiary_type": "社区居民"}
    frames = {"aid_payment": pandas.DataFrame([row])}
    report = check(Request(as_of=date(2021, 12, 31), frames=frames, privacy=privacy, only=("B01",)))
    assert [shown in message for (message,) in report.con.execute("SELECT message FROM rendered('findings')").fetchall()] == [
        True
    ]


def test_a_sheet_of_names_is_refused_without_one_of_them(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("名单\n欧阳娜娜,李四光,王小五\n", encoding="utf-8")
    sources, _ = find_sources([str(path)])
    con = connect()
    message = bring_in(con, sources, KINDS, {}).notes[0].message
    assert "欧阳娜娜" not in message
    assert "3 格" in message


def test_of_a_sheet_that_no_kind_fits_the_known_headers_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("姓名,李四光,王小五\n", encoding="utf-8")
    sources, _ = find_sources([str(path)])
    message = bring_in(connect(), sources, KINDS, {}).notes[0].message
    assert "看到：姓名；2 格" in message
    assert "李四光" not in message


def test_no_note_and_no_header_of_a_file_shows_a_number() -> None:
    layout = recognise(
        [[f"填报单位：甲厂{NUMBER}"], [f"姓名（{NUMBER}）", "身份证号", "金额", "发放日期", f"电话{NUMBER}"]], KINDS
    )
    assert NUMBER not in str(layout)


def test_an_internal_fault_shows_no_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"could not convert {NUMBER} of 欧阳娜娜")

    monkeypatch.setattr("engine.check.check", fail)
    result = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert result.exit_code == 5
    assert "欧阳娜娜" not in result.output
    assert NUMBER not in result.output
    assert "RuntimeError" in result.output
    assert "test_hiding.py" in result.output


def test_the_document_of_a_leaky_ledger_is_still_a_document(tmp_path: Path) -> None:
    report = check(Request(as_of=date(2021, 12, 31), frames=leaky(NUMBER)))
    with (tmp_path / "out").open("wb") as out:
        json_document.write(report, out)
    assert json.loads((tmp_path / "out").read_bytes())["findings"]
