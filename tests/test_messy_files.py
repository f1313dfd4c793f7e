"""Files as they arrive: in other encodings, of other programs, huge, locked, packed or damaged. Each is read right, or named with the next step.

Names beginning with m and a number are cases of a list of messy input that was collected from practice.
"""

from __future__ import annotations

import csv
import io
import os
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import docx
import openpyxl
import pytest

from tests import ledger_files as write
from tests.test_bad_input import GOOD, HEADER, JUDGED, UNREADABLE, judged_beside, run, write_csv
from tests.test_bad_input import check as check_core
from tests.test_bad_input import good as good
from tests.test_messy_values import YUANJIANG, aid, cells, check, identity, lay_out, payments

TRADITIONAL = ["姓名", "身份證號", "發放金額", "發放日期", "困難等級", "人員類別", "幫扶方式"]


@pytest.mark.parametrize(
    ("encoding", "said", "mark"),
    [
        ("gbk", "gb18030", ","),
        ("gb18030", "gb18030", ","),
        ("utf-8", "utf-8", ","),
        ("utf-8-sig", "utf-8-sig", ","),
        ("utf-16", "utf-16", "\t"),  # what a spreadsheet calls Unicode text
        ("utf-16-le", "utf-16-le", "\t"),  # without a mark
        ("utf-16-be", "utf-16-be", ","),
        ("big5", "big5", ","),
    ],
)
def test_m31_a_text_is_read_in_every_encoding_and_the_report_says_which(
    encoding: str, said: str, mark: str, tmp_path: Path
) -> None:
    name = "陳𠮷" if encoding in ("gb18030", "utf-8") else "陳大文"  # a character that GBK and Big5 lack
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows(
        [TRADITIONAL, [name, identity(1), "500", "2021-02-03", "困難", "困難職工", "慰問"]]
    )
    path = tmp_path / "aid.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    ran = check(path, *YUANJIANG)
    assert [(one["encoding"], one["rows"]) for one in ran.report["run"]["inputs"]] == [(said, 1)]
    assert ran.counts("C01") == ran.counts("A03") == {"compliant": 1}
    assert cells(path, "name") == [name.replace("陳", "陈")]


def test_m41_a_hundred_households_in_their_shares_pass_both_policies(tmp_path: Path) -> None:
    tiers = [("一般困难", "300")] * 60 + [("困难", "500")] * 25 + [("特别困难", "800")] * 15
    path = aid(tmp_path, *({"困难等级": tier, "金额": amount, "活动名称": "春节"} for tier, amount in tiers))
    ran = check(path, *YUANJIANG)
    assert sum(cells(path, "amount")) == Decimal(42_500)
    assert ran.counts("C02") == ran.counts("C03") == {"compliant": 100}


def test_m57_a_ledger_of_a_hundred_thousand_rows_and_thirty_columns_is_judged_and_its_findings_are_counted_in_full(
    tmp_path: Path,
) -> None:
    more = [f"附栏{n}" for n in range(20)]
    rows = lay_out(payments({"人员类别": "困难城镇居民", "工作单位": "", "备注": "", "户号": "", **dict.fromkeys(more, "x")}))
    header, [row] = rows[0], rows[1:]
    assert len(header) == 30
    place = header.index("身份证号")
    path = tmp_path / "aid.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(header)
        out.writerows([*row[:place], identity(n % 1000), *row[place + 1 :]] for n in range(100_000))
    ran = run("check", path, "--policy", "B01", "--as-of", "2021-12-31", "--format", "terminal", "--format", "json",
              "--output", "-", "--output", tmp_path / "all.json")  # fmt: skip
    assert ran.code == 1
    assert "另有 99980 条" in ran.out  # the screen shows some, and counts the others
    assert len(ran.out.splitlines()) < 300
    assert (tmp_path / "all.json").read_bytes().count(b'"verdict": "violation"') == 100_000
    assert "涉及金额 50000000.00 元" in ran.out


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "a.et", "b.et"])
def test_m58_workbooks_of_every_program_are_read(name: str, tmp_path: Path) -> None:
    writer = write.write_xls if name in ("a.xls", "a.et") else write.write_xlsx
    ran = check_core(writer(tmp_path / name, [HEADER, *GOOD]))
    assert (ran.code, ran.fatal(), [one["rows"] for one in ran.report["run"]["inputs"]]) == (JUDGED, {}, [2])


@pytest.mark.parametrize("mark", [";", "\t"])
def test_m58_texts_parted_by_semicolons_and_tabs_are_read(mark: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(mark.join(row) for row in [HEADER, *GOOD]), encoding="utf-8")
    ran = check_core(path)
    assert (ran.code, [one["rows"] for one in ran.report["run"]["inputs"]]) == (JUDGED, [2])


def letter(path: Path) -> Path:
    document = docx.Document()
    table = document.add_table(rows=0, cols=len(HEADER))
    for row in [HEADER, *GOOD]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.save(str(path))
    return path


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx"])
def test_m58_a_table_in_a_letter_is_named_with_the_next_step(name: str, tmp_path: Path, good: Path) -> None:
    ran = check_core(letter(tmp_path / name), good)
    assert ran.code == UNREADABLE
    assert "表格" in ran.fatal()[str(tmp_path / name)]
    assert "另存为 .xlsx" in ran.fatal()[str(tmp_path / name)]
    assert judged_beside(ran, good)


SCAN = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17)
NEVER_READ = {
    "a.pdf": (SCAN, "请提供原表（.xlsx 或 .csv）。"),
    "a.jpg": (b"\xff\xd8\xff\xe0" + bytes(20), "请提供原表（.xlsx 或 .csv）。"),
    "a.png": (PNG, "请提供原表（.xlsx 或 .csv）。"),
    "a.wps": (write.CODES.__repr__().encode(), "其中的表格请复制到工作簿，请用 WPS 或 Excel 另存为 .xlsx。"),
    "a.docx": (b"PK\x03\x04", "其中的表格请复制到工作簿，请用 WPS 或 Excel 另存为 .xlsx。"),
    "a.zip": (b"PK\x05\x06" + bytes(18), "请解压后再查（其中的台账应为 .xlsx 或 .csv）。"),
    "a.rar": (b"Rar!\x1a\x07\x00", "请解压后再查（其中的台账应为 .xlsx 或 .csv）。"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c", "请解压后再查（其中的台账应为 .xlsx 或 .csv）。"),
    "a.tar.gz": (b"\x1f\x8b\x08\x00" + bytes(8), "请解压后再查（其中的台账应为 .xlsx 或 .csv）。"),
}


@pytest.mark.parametrize("name", sorted(NEVER_READ))
@pytest.mark.parametrize("whole_folder", [False, True])
def test_m58_scans_letters_and_archives_are_named_with_the_next_step(
    name: str, whole_folder: bool, tmp_path: Path, good: Path
) -> None:
    data, advice = NEVER_READ[name]
    path = tmp_path / name
    path.write_bytes(data)
    ran = check_core(tmp_path) if whole_folder else check_core(path, good)
    suffix = path.suffix
    assert ran.code == UNREADABLE
    assert ran.fatal() == {str(path): f"暂不支持 {suffix} 格式，未读取。{advice}"}
    assert judged_beside(ran, good)


@pytest.mark.parametrize("name", ["a.zip", "a.rar", "a.7z", "a.tar.gz"])
def test_m58_an_archive_that_is_called_a_workbook_is_named_by_what_it_is(name: str, tmp_path: Path, good: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(NEVER_READ[name][0])
    if name == "a.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("台账.csv", "姓名,金额\n")
    ran = check_core(path, good)
    assert ran.fatal() == {str(path): "内容实为压缩包，未读取。请解压后再查。"}
    assert judged_beside(ran, good)


def test_m59_locked_damaged_and_overfull_workbooks_are_refused_and_the_others_are_judged(tmp_path: Path, good: Path) -> None:
    whole = write.write_xlsx(tmp_path / "whole.xlsx", [HEADER, *GOOD])
    locked, cut, bomb = (tmp_path / f"{name}.xlsx" for name in ("locked", "cut", "bomb"))
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"))
    cut.write_bytes(whole.read_bytes()[:-200])
    with zipfile.ZipFile(whole) as own, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in own.namelist():
            archive.writestr(part, own.read(part))
        archive.writestr("xl/media/image.bin", bytes(2 << 20))
    whole.unlink()
    (tmp_path / "fundcheck.yaml").write_text("limits: {unpacked_mb: 1}\n", encoding="utf-8")
    ran = check_core(tmp_path, "--project", tmp_path / "fundcheck.yaml")
    assert ran.code == UNREADABLE
    words = {Path(path).stem: what for path, what in ran.fatal().items()}
    assert sorted(words) == ["bomb", "cut", "locked"]
    assert "密码保护。请去掉密码" in words["locked"]
    assert "已损坏" in words["cut"]
    assert "unpacked_mb" in words["bomb"]
    assert judged_beside(ran, good)


def test_m59_formulas_that_nobody_computed_are_not_evaluable(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in lay_out(payments({"金额": "=250*2"}, {"金额": 500})):
        book.worksheets[0].append(row)
    book.save(tmp_path / "a.xlsx")
    ran = check(tmp_path / "a.xlsx", *YUANJIANG)
    assert set(ran.notes("Q10")) == {"D2"}
    assert ran.verdicts("C01") == {2: "not_evaluable"}
    assert ran.counts("C01") == {"compliant": 1, "not_evaluable": 1}


# ---- Files that another program holds, and what programs leave behind.


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.xls", "a.db", "a.parquet"])
def test_a_file_that_another_program_holds_is_named_and_the_others_are_judged(
    name: str, tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows refuses to open such a file; it stands in for one without permission too."""
    held = write_csv(tmp_path / name, [HEADER, *GOOD])
    real = Path.open

    def refuse(path: Path, *words: object, **more: object) -> object:
        if path.name == name:
            raise PermissionError(13, "The process cannot access the file", str(path))
        return real(path, *words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", refuse)
    for given in ([held, good], [tmp_path]):
        ran = check_core(*given)
        assert ran.code == UNREADABLE
        assert ran.fatal() == {str(held): "没有权限读取，或文件正被其他程序占用。请关闭后重试。"}
        assert judged_beside(ran, good)
    assert run("ledgers", "inspect", held).code == UNREADABLE
    assert run("receive", tmp_path).code == UNREADABLE


@pytest.mark.skipif(
    sys.platform == "win32" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is closed to the administrator"
)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "中"])
def test_a_file_or_folder_without_permission_is_named_and_the_others_are_judged(name: str, tmp_path: Path, good: Path) -> None:
    closed = tmp_path / name
    if closed.suffix:
        write_csv(closed, [HEADER, *GOOD])
    else:
        closed.mkdir()
    closed.chmod(0)
    ran = check_core(tmp_path)
    closed.chmod(0o700)
    assert ran.code == UNREADABLE
    assert "没有权限" in ran.fatal()[str(closed)]
    assert judged_beside(ran, good)


def test_a_file_that_is_taken_away_while_ledgers_are_read_is_named(
    tmp_path: Path, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = write.write_xlsx(tmp_path / "a.xlsx", [HEADER, *GOOD])
    real = Path.open

    def take_away(path: Path, *words: object, **more: object) -> object:
        if path.name == gone.name:
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return real(path, *words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", take_away)
    ran = check_core(gone, good)
    assert (ran.code, list(ran.fatal())) == (UNREADABLE, [str(gone)])
    assert judged_beside(ran, good)


def test_the_lock_that_a_program_leaves_beside_an_open_workbook_is_passed_over_and_said(tmp_path: Path, good: Path) -> None:
    (tmp_path / "~$名册.xlsx").write_bytes(b"\x05user" + bytes(160))
    (tmp_path / ".~名册.et").write_bytes(b"x")
    ran = check_core(tmp_path)
    assert (ran.code, ran.fatal()) == (JUDGED, {})
    for name in ("~$名册.xlsx", ".~名册.et"):
        assert [(note["severity"], "可能正在编辑" in note["message"]) for note in ran.notes(tmp_path / name)] == [("low", True)]
    assert [one["path"] for one in ran.report["run"]["inputs"]] == [str(good)]
