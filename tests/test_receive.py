"""The receipt of electronic data: every file with its hash, what was read of it, and what was not; nothing runs and nobody is named."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from cli import main
from ledgers.invented import identity, name
from ledgers.kinds import load_kinds

HEADER = ["姓名", "身份证号", "发放日期", "金额", "备注"]
BUDGET = [["项目名称", "全年预算数（万元）", "执行数（万元）"], ["项目一", "12.5", "12"], ["项目二", "1", ""]]


def rows(count: int, first: int = 0) -> list[list[object]]:
    return [[name(n), identity(n), "2021-02-03", "500.10", ""] for n in range(first, first + count)]


def write_csv(path: Path, data: Sequence[Sequence[object]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(data)
    return path


def write_xlsx(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    del book[book.sheetnames[0]]
    for title, data in sheets.items():
        own = book.create_sheet(title)
        for row in data:
            own.append(list(row))
    book.save(path)
    return path


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, ["receive", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result


def receipt(*words: object) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(run(*words, "--format", "json").stdout)
    return read


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    """Lay down what units sent: versions, a copy, two sheets, what cannot be read, what is no ledger."""
    folder = tmp_path / "收"
    bad = ["测试丁", "x", "2021-02-03", "五百多", ""]
    write_csv(folder / "甲镇" / "台账.csv", [HEADER, *rows(4), bad, ["测试戊", "y", "2021-02-04", "", ""]])
    write_csv(folder / "乙镇" / "台账.csv", [HEADER, *rows(4, 20)])
    write_csv(folder / "乙镇" / "台账_修改.csv", [HEADER, *rows(3, 20)])
    (folder / "乙镇" / "台账_备份.csv").write_bytes((folder / "乙镇" / "台账_修改.csv").read_bytes())
    write_xlsx(folder / "丙镇" / "=1+1.xlsx", {"@预算": BUDGET, "-其他": [["姓名", "说明"], ["某人", "无"]]})
    (folder / "丙镇" / "报告.pdf").write_bytes(b"%PDF")
    (folder / "readme.md").write_bytes(b"x")
    return folder


def test_every_file_stands_in_the_receipt_with_its_size_and_hash(sent: Path) -> None:
    files = receipt(sent)["files"]
    there = [path for path in sorted(sent.rglob("*"), key=str) if path.is_file()]
    assert sorted(file["path"] for file in files) == [str(path) for path in there]
    assert len(files) == 7
    for file in files:
        content = Path(file["path"]).read_bytes()
        assert (file["size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_sheets_rows_sums_and_units_are_said_with_what_is_not_in_the_sums(sent: Path) -> None:
    files = {Path(file["path"]).relative_to(sent).as_posix(): file for file in receipt(sent)["files"]}
    [aid] = files["甲镇/台账.csv"]["sheets"]
    assert (aid["ledger"], aid["rows"], aid["sheet"]) == ("aid_payment", 6, None)
    assert aid["sums"] == [{"column": "amount", "amount": "2000.40", "unread": 1, "blank": 1}]
    assert aid["unit"] == {"code": None, "name": "甲镇", "from": "folder"}
    [budget] = files["丙镇/=1+1.xlsx"]["sheets"]
    assert budget["sums"] == [
        {"column": "budget_amount", "amount": "135000.00", "unread": 0, "blank": 0},
        {"column": "executed_amount", "amount": "120000.00", "unread": 0, "blank": 1},
    ]
    assert files["丙镇/=1+1.xlsx"]["failed"]
    assert any("-其他" in remark for remark in files["丙镇/=1+1.xlsx"]["remarks"])
    assert (files["丙镇/报告.pdf"]["sheets"], files["丙镇/报告.pdf"]["failed"]) == ([], True)
    assert (files["readme.md"]["sheets"], files["readme.md"]["failed"]) == ([], False)
    assert files["readme.md"]["remarks"]


def test_versions_and_copies_stand_in_the_list_and_not_in_the_totals(sent: Path) -> None:
    read = receipt(sent)
    files = {Path(file["path"]).name: file for file in read["files"] if "乙镇" in file["path"]}
    [older] = files["台账.csv"]["sheets"]
    assert (older["rows"], older["sums"][0]["amount"], Path(older["version_of"]).name) == (4, "2000.40", "台账_修改.csv")
    assert [Path(own["version_of"]).name for own in files["台账_备份.csv"]["sheets"]] == ["台账_修改.csv"]
    assert [version["vanished"] for version in read["versions"]] == [[5]]
    totals = {own["ledger"]: own for own in read["totals"]}
    assert (totals["aid_payment"]["sheets"], totals["aid_payment"]["rows"]) == (2, 9)
    assert totals["aid_payment"]["sums"] == [{"column": "amount", "amount": "3500.70", "unread": 1, "blank": 1}]
    counted = [sheet for file in read["files"] for sheet in file["sheets"] if sheet["version_of"] is None]
    assert sum(Decimal(own["amount"]) for sheet in counted for own in sheet["sums"]) == Decimal("3500.70") + Decimal(255000)


def test_the_exit_code_says_what_could_not_be_read(sent: Path, tmp_path: Path) -> None:
    assert run(sent).exit_code == 3
    assert run(sent / "甲镇").exit_code == 0
    assert run(tmp_path / "nothing").exit_code == 3
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty").exit_code == 3
    assert run().exit_code == 2
    assert run(sent, "--format", "docx").exit_code == 2
    assert run(sent, "--format", "json", "--output", sent / "甲镇" / "台账.csv").exit_code == 2
    assert run(sent / "甲镇", "--format", "json", "--output", tmp_path / "no" / "where.json").exit_code == 2


def test_nobody_who_was_paid_is_named(sent: Path, tmp_path: Path) -> None:
    persons = [str(row[column]) for row in rows(4) + rows(4, 20) for column in (0, 1)] + ["测试丁", "某人"]
    assert len(persons) == 18
    shown = run(sent).stdout + run(sent, "--format", "json").stdout
    for form in ("xlsx", "docx"):
        run(sent, "--format", form, "--output", tmp_path / f"r.{form}")
    shown += "".join(_texts_of_workbook(tmp_path / "r.xlsx")) + "".join(_texts_of_document(tmp_path / "r.docx"))
    assert len(shown) > 5000
    assert [person for person in persons if person in shown] == []


def _texts_of_workbook(path: Path) -> list[str]:
    return [str(cell.value or "") for sheet in openpyxl.load_workbook(path) for row in sheet for cell in row]


def _texts_of_document(path: Path) -> list[str]:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in document.paragraphs), *cells]


def test_the_workbook_holds_the_list_the_totals_and_the_versions(sent: Path, tmp_path: Path) -> None:
    assert run(sent, "--format", "xlsx", "--output", tmp_path / "r.xlsx").exit_code == 3
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["接收清单", "合计", "版本"]
    listed = list(book["接收清单"].iter_rows(values_only=True))
    assert listed[0][:4] == ("序号", "文件", "大小（字节）", "SHA-256")
    assert [row[0] for row in listed[1:]] == list(range(1, 8))
    aid = next(row for row in listed if "甲镇" in str(row[1]))
    assert aid[5:9] == ("帮扶资金发放台账", 6, "2,000.40（未计入：1 格无法读取、1 格为空）", "甲镇")
    assert list(book["版本"].iter_rows(values_only=True))[1][3:] == ("文件名", 3, "", "5", "")
    assert "3,500.70（未计入：1 格无法读取、1 格为空）" in _texts_of_workbook(tmp_path / "r.xlsx")


def test_no_text_becomes_a_formula(sent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sent / "丙镇")
    write_csv(Path("@SUM(A1).csv"), [["填报单位：+1+1工会"], HEADER, *rows(1, 90)])
    run(".", "=1+1.xlsx", "@SUM(A1).csv", "--format", "xlsx", "--output", tmp_path / "r.xlsx")
    cells = [cell for sheet in openpyxl.load_workbook(tmp_path / "r.xlsx") for row in sheet for cell in row]
    odd = [cell for cell in cells if str(cell.value)[:1] in "=+-@" and cell.value]
    assert {str(cell.value) for cell in odd} >= {"=1+1.xlsx", "@SUM(A1).csv", "+1+1工会", "@预算"}
    assert {cell.data_type for cell in odd} == {"s"}


def test_the_document_has_the_list_the_totals_and_lines_to_sign(sent: Path, tmp_path: Path) -> None:
    assert run(sent, "--format", "docx", "--output", tmp_path / "r.docx").exit_code == 3
    document = docx.Document(str(tmp_path / "r.docx"))
    assert document.paragraphs[0].text == "电子数据接收单"
    listed, totals, signed = document.tables
    assert [len(table.rows) for table in (listed, totals)] == [8, 3]
    book = next(row for row in listed.rows if "=1+1" in row.cells[1].text)
    assert book.cells[3].text == hashlib.sha256((sent / "丙镇" / "=1+1.xlsx").read_bytes()).hexdigest()
    assert [cell.text for cell in totals.rows[1].cells] == [
        "帮扶资金发放台账",
        "2",
        "9",
        "3,500.70（未计入：1 格无法读取、1 格为空）",
    ]
    assert [cell.text for cell in signed.rows[0].cells] == ["移交人（签字）：", "接收人（签字）："]
    assert all(cell.text.startswith("日期") for cell in signed.rows[1].cells)
    texts = "".join(paragraph.text for paragraph in document.paragraphs)
    for words in ("移交单位（盖章）", "接收单位（盖章）", "共 7 个文件", "2 个有内容未能读取", "合计只含最新版本"):
        assert words in texts


@pytest.mark.parametrize("form", ["terminal", "json", "xlsx", "docx"])
def test_equal_files_give_equal_bytes_and_english_is_english(sent: Path, tmp_path: Path, form: str) -> None:
    for place in ("1", "2"):
        run(sent, "--format", form, "--output", tmp_path / place)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    run(sent, "--format", form, "--output", tmp_path / "3", "--lang", "en")
    assert (tmp_path / "3").stat().st_size > 500
    assert "no English" not in run(sent, "--lang", "en").stdout


def test_a_roster_fills_in_codes_and_says_who_is_missing(sent: Path, tmp_path: Path) -> None:
    roster = write_csv(tmp_path / "名单.csv", [["代码", "单位名称"], ["001", "甲镇总工会"], ["009", "丁镇总工会"]])
    read = receipt(sent, "--roster", roster)
    assert {"code": "001", "name": "甲镇总工会", "from": "folder"} in [s["unit"] for f in read["files"] for s in f["sheets"]]
    assert read["roster"]["sent_nothing"] == [{"code": "009", "name": "丁镇总工会"}]
    assert "未报送 1：009 丁镇总工会" in run(sent, "--roster", roster).stdout


def test_a_big_file_that_is_damaged_inside_is_listed_as_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.parquet"
    frame = pd.DataFrame(rows(5000), columns=HEADER)
    pq.write_table(pa.Table.from_pandas(frame), path, compression="none", use_dictionary=False)
    content = bytearray(path.read_bytes())
    start = content.index(b"500.10")
    content[start - 60 : start + 4000] = b"\xff" * 4060
    path.write_bytes(content)
    write_csv(tmp_path / "good.csv", [HEADER, *rows(2)])
    read = receipt(tmp_path)
    assert [(Path(file["path"]).name, file["failed"]) for file in read["files"]] == [("big.parquet", True), ("good.csv", False)]
    assert read["files"][0]["sheets"] == []
    assert read["exit_code"] == 3


def test_of_every_kind_it_is_known_what_is_added_up() -> None:
    from engine.receipt import summed_columns

    kinds = load_kinds()
    summed = {kind: summed_columns(own) for kind, own in kinds.items()}
    assert summed["aid_payment"] == ["amount"]
    assert summed["budget_execution"] == ["budget_amount", "executed_amount"]
    assert all(kinds[kind].columns[name].type == "amount" for kind, names in summed.items() for name in names)
