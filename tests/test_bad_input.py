"""Bad input as a user meets it: every mistake gets a sentence with its place and the next step, the right exit code, never a traceback."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from click.testing import CliRunner
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from cli import main
from ledgers.kinds import load_kinds
from ledgers.values import check_digit

ROOT = Path(__file__).parent.parent
KINDS = load_kinds()
HEADER = ["姓名", "身份证号", "发放日期", "金额"]
JUDGED, FINDINGS, WRONG_USAGE, UNREADABLE, FAULT = 0, 1, 2, 3, 5
AS_OF = ("--as-of", "2021-03-01")


def identity(number: int) -> str:
    body = f"99000019800101{number:03}"
    return body + check_digit(body)


GOOD = [["张三", identity(1), "2021-02-03", "500"], ["李四", identity(2), "2021-02-04", "300"]]


class Ran(NamedTuple):
    """Hold what a user sees of a run."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def shown(self) -> str:
        return self.out + self.err

    def notes(self, path: object) -> list[dict[str, Any]]:
        return [note for note in self.report["intake"] if note["path"] == str(path)]

    def fatal(self) -> dict[str, str]:
        return {note["path"]: note["message"] for note in self.report["intake"] if note["fatal"]}


def run(*words: object) -> Ran:
    """Run a command; whatever else the test asks, no traceback may be seen and no exception may get out."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert "Traceback" not in result.output
    return Ran(result.exit_code, result.stdout, result.stderr)


def check(*words: object) -> Ran:
    return run("check", *words, *AS_OF, "--format", "json")


def write_csv(path: Path, rows: Iterable[Sequence[str]], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: Iterable[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(path)
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "good.csv", [HEADER, *GOOD])


def judged_beside(ran: Ran, good: Path) -> bool:
    """Say whether the good ledger was read and judged all the same."""
    read = [one["rows"] for one in ran.report["run"]["inputs"] if one["path"] == str(good)]
    judged = [own for own in ran.report["coverage"] if any(each["path"] == str(good) for each in own["by_input"])]
    return read == [2] and any(own["compliant"] for own in judged)


def test_the_good_ledger_of_these_tests_is_judged_without_a_complaint(good: Path) -> None:
    ran = check(good)
    assert (ran.code, ran.fatal(), ran.err) == (JUDGED, {}, "")
    assert judged_beside(ran, good)


# ---- One bad file beside a good one: said by name, exit 3, the good one judged.

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)

BAD_FILES: dict[str, tuple[str, bytes, tuple[str, ...]]] = {
    "an empty csv": ("a.csv", b"", ("文件为空", "重新导出")),
    "an empty xlsx": ("a.xlsx", b"", ("文件为空", "重新导出")),
    "a csv of blanks": ("a.csv", "\ufeff\n ,\n\u3000\n".encode(), ("没有任何内容", "请确认导出")),
    "only a header": ("a.csv", ",".join(HEADER).encode(), ("只有表头", "0 行", "请确认导出")),
    "an unknown header": ("a.csv", "甲栏,乙栏\n1,2\n".encode(), ("2 格不是已知的表头", "fundcheck ledgers show", "--ledger")),
    "no required column": (
        "a.csv",
        "姓名,困难等级,慰问品\n张三,特困,米\n".encode(),
        ("`aid_payment`", "缺少必需列：金额", "请补上该列"),
    ),
    "headers of two kinds": (
        "a.csv",
        "姓名,身份证号,金额\n张三,,5\n".encode(),
        ("`aid_payment`", "`subsidy_refund`", "--ledger KIND=PATH"),
    ),
    "a corrupt workbook": ("a.xlsx", b"PK\x03\x04" + b"garbage" * 50, ("已损坏", "BadZipFile", "另存为 .xlsx")),
    "bytes that call themselves a workbook": ("a.xls", b"\x00\x01\xff" * 99, ("已损坏", "另存为 .xlsx")),
    "a workbook with a password": ("a.xlsx", OLE2 + "EncryptedPackage".encode("utf-16-le"), ("密码", "另存为 .xlsx")),
    "bytes in no encoding": ("a.csv", b"\xff\x80\x80,\x81\x00\n" * 9, ("解码", "--encoding")),
    "a workbook that calls itself csv": ("a.csv", b"PK\x03\x04\x00\x00\x00", ("已损坏", "另存为 .xlsx")),
    "a damaged old workbook": ("a.xls", OLE2, ("已损坏", "另存为 .xlsx")),
    "a binary workbook of two letters": ("a.xlsb", b"PK", ("不是已知的表头", "--ledger")),
    "a workbook of a program that nobody reads": ("a.numbers", b"PK\x03\x04", (".numbers", "另存为 .xlsx")),
    "a picture that calls itself a workbook": ("a.xlsx", b"\x89PNG\r\n" + bytes(99), ("内容实为图片", "请提供原表")),
    "a letter that calls itself a workbook": ("a.xls", OLE2 + "WordDocument".encode("utf-16-le"), ("文字文档", "工作簿")),
    "a letter": ("a.docx", b"PK\x03\x04", (".docx", ".xlsx")),
    "a scan": ("a.pdf", b"%PDF-1.4", (".pdf", ".xlsx")),
    "a file without extension": ("a", b"x", ("无扩展名", ".xlsx")),
    "an empty parquet": ("a.parquet", b"", ("文件为空", "重新导出")),
    "a text that calls itself parquet": ("a.parquet", b"PAR1 no PAR1", ("Parquet", "重新导出")),
}


@pytest.mark.parametrize("name", sorted(BAD_FILES))
def test_a_bad_file_is_refused_by_name_with_the_next_step_and_the_good_one_beside_it_is_judged(
    name: str, tmp_path: Path, good: Path
) -> None:
    file, data, words = BAD_FILES[name]
    bad = tmp_path / file
    bad.write_bytes(data)
    ran = check(bad, good)
    assert ran.code == UNREADABLE
    assert list(ran.fatal()) == [str(bad)]
    assert all(word in ran.fatal()[str(bad)] for word in words), ran.fatal()
    assert ran.fatal()[str(bad)].endswith("。")
    assert judged_beside(ran, good)
    assert ran.report["summary"]["exit_reasons"][0]["paths"] == [str(bad)]


@pytest.mark.parametrize("name", ["an empty csv", "only a header", "an unknown header", "a corrupt workbook", "a scan"])
def test_a_bad_file_alone_says_that_nothing_was_judged(name: str, tmp_path: Path) -> None:
    file, data, _ = BAD_FILES[name]
    (tmp_path / file).write_bytes(data)
    ran = check(tmp_path / file)
    assert ran.code == UNREADABLE
    assert "没有任何一行得到判断" in [reason["reason"] for reason in ran.report["summary"]["exit_reasons"]]


def test_a_sentence_about_a_bad_file_stands_on_the_screen_in_one_piece(tmp_path: Path, good: Path) -> None:
    bad = tmp_path / "a.csv"
    bad.write_text("甲栏,乙栏\n1,2\n", encoding="utf-8")
    ran = run("check", bad, good, *AS_OF)
    assert ran.code == UNREADABLE
    [line] = [line for line in ran.out.splitlines() if "2 格不是已知的表头" in line]
    assert str(bad) in line
    assert "--ledger KIND=PATH" in line


def test_a_damaged_parquet_file_whose_head_is_whole_is_refused_and_the_good_one_beside_it_is_judged(
    tmp_path: Path, good: Path
) -> None:
    count = 20000
    days = [f"2021-02-{n % 28 + 1:02}" for n in range(count)]
    bad = tmp_path / "a.parquet"
    pq.write_table(pa.table({"姓名": [f"张{n}" for n in range(count)], "金额": ["500"] * count, "发放日期": days}), bad)
    data = bytearray(bad.read_bytes())
    data[len(data) // 4 : len(data) // 2] = bytes([255]) * (len(data) // 2 - len(data) // 4)
    bad.write_bytes(data)
    ran = check(bad, good)
    assert ran.code == UNREADABLE
    assert list(ran.fatal()) == [str(bad)]
    assert judged_beside(ran, good)


def test_a_workbook_without_any_worksheet_is_refused(tmp_path: Path, good: Path) -> None:
    book = openpyxl.Workbook()
    book.create_chartsheet("图")
    del book["Sheet"]
    book.save(tmp_path / "a.xlsx")
    ran = check(tmp_path / "a.xlsx", good)
    assert ran.code == UNREADABLE
    assert list(ran.fatal()) == [str(tmp_path / "a.xlsx")]


def test_a_workbook_that_would_unpack_to_more_than_is_bearable_is_refused(tmp_path: Path, good: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADER, *GOOD])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.bin", bytes(2 << 20))
    (tmp_path / "fundcheck.yaml").write_text("limits: {unpacked_mb: 1}\n", encoding="utf-8")
    ran = check(path, good, "--project", tmp_path / "fundcheck.yaml")
    assert ran.code == UNREADABLE
    assert "调大 unpacked_mb" in ran.fatal()[str(tmp_path / "a.xlsx")]
    assert judged_beside(ran, good)


def test_one_stray_cell_in_the_far_corner_of_a_sheet_does_not_kill_the_program(tmp_path: Path, good: Path) -> None:
    book = openpyxl.Workbook()
    for row in (HEADER, *GOOD):
        book.worksheets[0].append(row)
    book.worksheets[0]["XFD1048576"] = "。"
    book.save(tmp_path / "a.xlsx")
    words = ["check", str(tmp_path / "a.xlsx"), str(good), *AS_OF, "--format", "json"]
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30)); import cli; cli.main(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert done.returncode in (JUDGED, FINDINGS, UNREADABLE), done.stderr[-500:]
    assert judged_beside(Ran(done.returncode, done.stdout, done.stderr), good)


def test_a_damaged_part_of_a_workbook_is_refused(tmp_path: Path, good: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADER, *GOOD])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"):
        for damaged in (parts[name][: len(parts[name]) // 2], None):
            with zipfile.ZipFile(path, "w") as archive:
                for part, data in parts.items():
                    if part != name or damaged is not None:
                        archive.writestr(part, damaged if part == name and damaged is not None else data)
            ran = check(path, good)
            assert (ran.code, list(ran.fatal())) == (UNREADABLE, [str(path)]), (name, damaged)


# ---- Paths.


def test_a_missing_path_is_named_and_the_good_one_is_judged(tmp_path: Path, good: Path) -> None:
    ran = check(tmp_path / "没有.csv", good)
    assert ran.code == UNREADABLE
    assert "找不到" in ran.fatal()[str(tmp_path / "没有.csv")]
    assert judged_beside(ran, good)


@pytest.mark.parametrize("name", ["长" * 100 + ".xlsx", f"{'长' * 100}/a.csv"], ids=["a file", "a folder"])
@pytest.mark.parametrize("form", ["{}", "aid_payment={}"])
def test_a_name_longer_than_the_system_takes_is_missing_like_any_other(name: str, form: str, tmp_path: Path, good: Path) -> None:
    path = tmp_path / name
    received = run("receive", path, good)
    assert (received.code, "找不到" in received.shown) == (UNREADABLE, True)
    ran = check(*(["--ledger"] if "=" in form else []), form.format(path), good)
    assert ran.code == UNREADABLE
    assert "找不到" in ran.fatal()[str(path)]
    assert judged_beside(ran, good)


def test_a_report_whose_name_is_longer_than_the_system_takes_asks_for_another(tmp_path: Path, good: Path) -> None:
    ran = run("check", good, *AS_OF, "--output", tmp_path / f"{'长' * 100}.txt")
    assert (ran.code, "choose another --output" in ran.err) == (2, True)


@pytest.mark.skipif(os.name == "nt", reason="no limit of file sizes on Windows")
@pytest.mark.parametrize(("form", "told"), [("parquet", "temporary folder"), ("json", "choose another --output")])
def test_a_report_that_finds_no_room_is_refused_with_the_folder_to_clear(
    form: str, told: str, tmp_path: Path, good: Path
) -> None:
    full = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); import cli; cli.main(sys.argv[1:])"
    words = ["check", str(good), *AS_OF, "--format", form, "--output", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", full, *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_a_folder_without_ledgers_is_named_with_the_formats_that_are_read(tmp_path: Path, good: Path) -> None:
    folder = tmp_path / "空"
    folder.mkdir()
    (folder / "说明.md").write_text("x")
    ran = check(folder, good)
    assert ran.code == UNREADABLE
    assert ".xlsx" in ran.fatal()[str(folder)]
    assert ".csv" in ran.fatal()[str(folder)]
    assert judged_beside(ran, good)


def test_a_folder_of_good_and_bad_files_names_each_bad_one(tmp_path: Path, good: Path) -> None:
    for file, data in (("a.csv", b""), ("b.xlsx", b"PK"), ("c.xls", OLE2), ("d.pdf", b"%PDF")):
        (tmp_path / file).write_bytes(data)
    ran = check(tmp_path)
    assert ran.code == UNREADABLE
    assert sorted(Path(path).name for path in ran.fatal()) == ["a.csv", "b.xlsx", "c.xls", "d.pdf"]
    assert judged_beside(ran, good)


@pytest.mark.parametrize("suffix", ["docx", "doc", "pdf", "zip", "rar", "7z", "numbers", "dbf", "wps", "jpg", "PNG"])
def test_a_folder_with_a_file_that_may_be_a_ledger_and_is_not_read_is_not_green(suffix: str, tmp_path: Path, good: Path) -> None:
    (tmp_path / f"a.{suffix}").write_bytes(b"PK\x03\x04")
    ran = check(tmp_path)
    assert ran.code == UNREADABLE
    assert f".{suffix}" in ran.fatal()[f"{tmp_path}/a.{suffix}"]
    assert judged_beside(ran, good)


@pytest.mark.parametrize("name", ["README.md", "a.json", "a.yaml", "report.sarif", "report.xml", "report.html", "a.py", "名册"])
def test_no_file_of_a_folder_is_passed_over_in_silence(name: str, tmp_path: Path, good: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    ran = check(tmp_path)
    assert ran.code == JUDGED
    assert [(note["severity"], note["fatal"]) for note in ran.notes(tmp_path / name)] == [("low", False)]
    assert "未读取" in ran.notes(tmp_path / name)[0]["message"]
    assert judged_beside(ran, good)


def test_a_copy_stands_among_the_inputs_and_in_every_format(tmp_path: Path, good: Path) -> None:
    (tmp_path / "b").mkdir()
    copy = tmp_path / "b" / "copy.csv"
    copy.write_bytes(good.read_bytes())
    for form in ("json", "jsonl", "sarif", "junit", "csv", "terminal"):
        ran = run("check", good, copy, *AS_OF, "--format", form)
        assert ran.code == JUDGED
        assert form == "csv" or str(copy) in ran.out.replace("file://", "")
    inputs = check(good, copy).report["run"]["inputs"]
    assert [(one["path"], one["rows"], one["version_of"]) for one in inputs] == [(str(good), 2, None), (str(copy), 0, str(good))]


def test_no_path_at_all_is_wrong_usage() -> None:
    ran = run("check")
    assert ran.code == WRONG_USAGE
    assert "name at least one ledger" in ran.err


# ---- What is said on the command line.


def test_a_ledger_of_another_kind_than_said_is_refused_with_what_its_headers_are(tmp_path: Path, good: Path) -> None:
    other = write_csv(tmp_path / "b.csv", [["全年预算数", "执行数"], ["100", "99"]])
    ran = check(good, "--ledger", f"aid_payment={other}")
    assert ran.code == UNREADABLE
    assert "`aid_payment`" in ran.fatal()[str(other)]
    assert "全年预算数" in ran.fatal()[str(other)]
    assert judged_beside(ran, good)


def test_a_kind_that_lacks_its_required_column_in_the_file_said_is_refused_by_that_column(good: Path) -> None:
    ran = check("--ledger", f"hardship_archive={good}")
    assert ran.code == UNREADABLE
    assert "`hardship_archive`" in ran.fatal()[str(good)]
    assert "建档日期 或 审批日期" in ran.fatal()[str(good)]


def test_an_unknown_kind_is_wrong_usage_and_the_known_ones_are_listed(good: Path) -> None:
    ran = run("check", "--ledger", f"aid_paymnet={good}", *AS_OF)
    assert ran.code == WRONG_USAGE
    assert "aid_paymnet" in ran.shown
    assert "aid_payment" in ran.shown


@pytest.mark.parametrize("words", ["{good}", "aid_payment", "aid_payment=", "={good}"])
def test_a_ledger_option_that_is_not_kind_and_path_is_wrong_usage(words: str, good: Path) -> None:
    ran = run("check", "--ledger", words.format(good=good), *AS_OF)
    assert ran.code == WRONG_USAGE
    assert "KIND=PATH" in ran.err


def test_a_sheet_that_is_said_and_does_not_exist_is_refused_by_name(tmp_path: Path, good: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADER, *GOOD])
    ran = check(good, "--ledger", f"aid_payment={path}#六月")
    assert ran.code == UNREADABLE
    assert "`六月`" in ran.fatal()[str(path)]
    assert judged_beside(ran, good)


def test_a_folder_said_to_be_a_ledger_is_not_called_missing(tmp_path: Path, good: Path) -> None:
    ran = check("--ledger", f"aid_payment={tmp_path}")
    assert str(tmp_path) not in ran.fatal() or "找不到" not in ran.fatal()[str(tmp_path)]


def test_a_wrong_encoding_is_refused_with_the_place_and_the_option(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADER, *GOOD], "gb18030")
    assert check(path).code == JUDGED
    ran = check(path, "--encoding", "utf-8")
    assert ran.code == UNREADABLE
    assert re.search(r"`utf-8`（第 [0-9]+ 字节", ran.fatal()[str(path)])
    assert "--encoding" in ran.fatal()[str(path)]


def test_a_wrong_encoding_does_not_stop_a_workbook_beside_it(tmp_path: Path) -> None:
    bad = write_csv(tmp_path / "a.csv", [HEADER, *GOOD], "gb18030")
    book = write_xlsx(tmp_path / "b.xlsx", [HEADER, *GOOD])
    ran = check(bad, book, "--encoding", "utf-8")
    assert (ran.code, list(ran.fatal())) == (UNREADABLE, [str(bad)])
    assert judged_beside(ran, book)


@pytest.mark.parametrize("name", ["klingon", "utf8000", "rot13", "undefined", "base64"])
def test_an_unknown_encoding_is_wrong_usage_and_good_names_are_listed(name: str, good: Path) -> None:
    ran = run("check", good, "--encoding", name, *AS_OF)
    assert ran.code == WRONG_USAGE
    assert name in ran.shown
    assert "gb18030" in ran.shown


@pytest.mark.parametrize("name", ["idna", "punycode", "utf-7", "ascii", "utf-32", "unicode_escape"])
def test_a_strange_encoding_is_no_fault_of_the_program(name: str, good: Path) -> None:
    assert run("check", good, "--encoding", name, *AS_OF).code in (WRONG_USAGE, UNREADABLE)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--param", "E01", ("CODE.NAME=VALUE",)),
        ("--param", "E01.target", ("CODE.NAME=VALUE",)),
        ("--param", "E01.target=", ("CODE.NAME=VALUE",)),
        ("--param", "target=95", ("CODE.NAME=VALUE",)),
        ("--param", "E01.target=9'5", ("CODE.NAME=VALUE",)),
        ("--param", "E01.tarquet=95", ("--param", "`E01`", "`tarquet`", "target")),
        ("--param", "Z99.target=95", ("--param", "`Z99`")),
        ("--param", "E01.target=abc", ("--param", "E01.target", "abc")),
        ("--param", "E01.tolerance=" + "9" * 45, ("--param", "E01.tolerance", "18")),
        ("--param", "E01.tolerance=1.1234567", ("--param", "E01.tolerance", "6")),
        ("--param", "E01.target=" + "9" * 19, ("--param", "E01.target", "18")),
        ("--param", "E01.target=0", ("--param", "E01.target", "0.01")),
        ("--param", "E01.target=-5", ("--param", "E01.target", "0.01")),
        ("--param", "E01.tolerance=-1", ("--param", "E01.tolerance", "不小于 0")),
        ("--param", "E01.target=95%", ("--param", "E01.target", "95%")),
        ("--policy", "Z99", ("--policy", "`Z99`", "A01")),
        ("--pack", "yuanjiang2021", ("yuanjiang2021", "did you mean `yuanjiang-2021`?")),
        ("--pack", "nonsense", ("nonsense", "shipped: ", "core")),
        ("--as-of", "2021-13-01", ("--as-of", "`2021-13-01`", "YYYY-MM-DD")),
        ("--as-of", "yesterday", ("--as-of", "`yesterday`", "YYYY-MM-DD")),
        ("--fail-on", "bad", ("--fail-on", "critical")),
        ("--max-not-evaluable", "2", ("--max-not-evaluable", "0 to 1")),
        ("--max-not-evaluable", "-0.1", ("--max-not-evaluable", "0 to 1")),
        ("--max-not-evaluable", "half", ("--max-not-evaluable", "0 to 1")),
        ("--max-not-evaluable", "nan", ("--max-not-evaluable", "0 to 1")),
        ("--max-not-evaluable", "snan", ("--max-not-evaluable", "0 to 1")),
        ("--format", "wordstar", ("--format", "json")),
        ("--lang", "tlh", ("--lang", "zh")),
        ("--privacy", "none", ("--privacy", "public")),
        ("--frobnicate", "1", ("--frobnicate",)),
    ],
)
def test_a_wrong_option_is_wrong_usage_with_its_name_its_value_and_what_is_permitted(
    option: str, value: str, words: tuple[str, ...], good: Path
) -> None:
    ran = run("check", good, option, value)
    assert ran.code == WRONG_USAGE
    assert all(word in ran.err for word in words), ran.err
    assert ran.out == ""


def test_a_parameter_that_is_set_twice_is_wrong_usage(good: Path) -> None:
    ran = run("check", good, "--param", "E01.target=95", "--param", "E01.target=80")
    assert (ran.code, "`E01.target` stands twice" in ran.err) == (WRONG_USAGE, True)


@pytest.mark.parametrize("name", ["E01.target", "E01.tolerance"])
def test_the_longest_parameter_that_is_taken_is_reckoned_with_or_refused(name: str, tmp_path: Path) -> None:
    header, row = ["年度", "项目名称", "预算数", "执行数"], ["2021", "甲", "9999999999.99", "1"]
    budget = write_csv(tmp_path / "b.csv", [header, row])
    for value in ("9" * 18, "9" * 18 + ".123456"):
        assert run("check", budget, "--param", f"{name}={value}", *AS_OF).code in (JUDGED, FINDINGS, WRONG_USAGE)


def test_a_wrong_parameter_does_not_blame_a_shipped_policy(good: Path) -> None:
    assert "policies/packs" not in run("check", good, "--param", "E01.target=abc").err


def test_leaving_out_every_policy_is_wrong_usage(good: Path) -> None:
    ran = run("check", good, "--no-core", *AS_OF)
    assert ran.code == WRONG_USAGE
    assert "--pack" in ran.err


# ---- Formats and outputs.


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "json", "--format", "jsonl"), "give each --format its own --output"),
        (("--format", "json", "--format", "jsonl", "--output", "{folder}/a"), "give each --format its own --output"),
        (("--format", "json", "--output", "{folder}/a", "--output", "{folder}/b"), "give each --format its own --output"),
        (("--format", "json", "--format", "jsonl", "--output", "-", "--output", "-"), "only one format can go to the screen"),
        (("--format", "parquet"), "--output"),
        (("--format", "parquet", "--output", "-"), "--output FILE"),
    ],
)
def test_formats_and_outputs_that_do_not_pair_are_wrong_usage_and_nothing_is_written(
    words: tuple[str, ...], said: str, tmp_path: Path, good: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    ran = run("check", good, *AS_OF, *(word.format(folder=folder) for word in words))
    assert ran.code == WRONG_USAGE
    assert said in ran.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("format_", "place"),
    [("terminal", "missing/report"), ("json", "."), ("jsonl", "good.csv/report"), ("parquet", "missing/report")],
)
def test_an_output_that_cannot_be_written_is_wrong_usage_with_its_path(
    format_: str, place: str, tmp_path: Path, good: Path
) -> None:
    ran = run("check", good, *AS_OF, "--format", format_, "--output", tmp_path / place)
    assert ran.code == WRONG_USAGE
    assert f"cannot write {tmp_path / place}" in ran.err
    assert "--output" in ran.err


def test_a_report_is_never_written_over_a_ledger_that_it_is_about(good: Path) -> None:
    before = good.read_bytes()
    ran = run("check", good, *AS_OF, "--format", "json", "--output", good)
    assert ran.code == WRONG_USAGE
    assert good.read_bytes() == before


# ---- Policies that do not load.

POLICY = """code: {code}
id: {name}
title: {{zh: 试, en: trial}}
why: {{zh: 试, en: trial}}
category: 试
severity: high
basis: inferred
citations:
  - {{source: central-aid-2015, section: 第三条, paraphrase: {{zh: 试, en: trial}}}}
dated_by: pay_date
ledger: aid_payment
requires: {requires}
message: {{zh: 试, en: trial}}
remedy: {{action: explain, zh: 试, en: trial}}
cleared_by: document
"""
PACK = "pack: {name}\ntitle: {{zh: 试, en: trial}}\nscope: {{zh: 试, en: trial}}\nnarrowness: 30\n"


def write_pack(folder: Path, **policies: tuple[str, str]) -> Path:
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK.format(name=folder.name), encoding="utf-8")
    for number, (name, (requires, more)) in enumerate(policies.items(), start=1):
        text = POLICY.format(code=f"H{number:02}", name=name, requires=requires)
        (folder / f"{name}.yaml").write_text(text + more, encoding="utf-8")
    return folder


def complaints(ran: Ran) -> dict[str, list[tuple[int, int, str]]]:
    """Sort the problems that a run printed by file: line, column, sentence."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for line in ran.err.splitlines():
        if match := re.match(r"(.+?):([0-9]+):([0-9]+): (.+)", line):
            found.setdefault(Path(match[1]).name, []).append((int(match[2]), int(match[3]), match[4]))
    return found


def test_a_pack_in_a_folder_of_ones_own_is_judged(tmp_path: Path, good: Path) -> None:
    ran = check(good, "--pack", write_pack(tmp_path / "own", fine=("amount > 0", "")))
    assert (ran.code, ran.err) == (JUDGED, "")
    assert [own["compliant"] for own in ran.report["coverage"] if own["code"] == "H01"] == [2]


def test_a_typo_in_a_key_and_a_doubled_key_are_reported_at_their_places_with_the_nearest_word(tmp_path: Path, good: Path) -> None:
    pack = write_pack(tmp_path / "own", typo=("amount > 0", "severty: high\n"), twice=("amount > 0", "basis: norm\n"))
    ran = run("check", good, "--pack", pack)
    assert (ran.code, ran.out) == (WRONG_USAGE, "")
    found = complaints(ran)
    assert [place[0] for place in found["typo.yaml"]] == [16]
    assert "severty: unknown key. did you mean `severity`?" in found["typo.yaml"][0][2]
    assert found["twice.yaml"] == [(16, 1, "`basis` stands twice in one mapping. keep one of them.")]


def test_a_typo_in_a_condition_is_reported_with_its_place_the_nearest_name_and_a_caret_under_it(
    tmp_path: Path, good: Path
) -> None:
    pack = write_pack(tmp_path / "own", typo=("pay_date IS NOT NULL AND amuont > 0", ""))
    ran = run("check", good, "--pack", pack)
    assert (ran.code, ran.out) == (WRONG_USAGE, "")
    [(line, column, what)] = complaints(ran)["typo.yaml"]
    text = (pack / "typo.yaml").read_text(encoding="utf-8").splitlines()[line - 1]
    assert text[column - 1 :].startswith(("amuont", "pay_date IS NOT NULL AND amuont"))
    assert "did you mean `amount`?" in what
    shown = ran.err.splitlines()
    caret = next(number for number, each in enumerate(shown) if each.strip() == "^")
    assert shown[caret - 1][shown[caret].index("^") :].startswith("amuont")


@pytest.mark.parametrize(
    ("requires", "what"),
    [
        ("amount > '500'", "different types"),
        ("amount >> 1", "outside the condition language"),
        ("amount / 2 > 1", "outside the condition language"),
        ("upper(name) = 'A'", "outside the condition language"),
        ("name LIKE amount", "a pattern in quotation marks"),
        ("aid_kind = '送钱'", "送钱"),
        ("amount >", ""),
        ("(amount > 0", ""),
        ("1; DROP TABLE x", ""),
        ("(SELECT 1) = 1", "outside the condition language"),
        ("amount", ""),
        ('""', ""),
    ],
)
def test_a_condition_outside_the_language_or_of_wrong_types_is_refused_at_its_line(
    requires: str, what: str, tmp_path: Path, good: Path
) -> None:
    pack = write_pack(tmp_path / "own", bad=(json.dumps(requires, ensure_ascii=False) if requires != '""' else requires, ""))
    ran = run("check", good, "--pack", pack)
    assert (ran.code, ran.out) == (WRONG_USAGE, "")
    assert {line for line, _, _ in complaints(ran)["bad.yaml"]} == {12}
    assert what in ran.err


def test_all_problems_of_all_files_of_a_pack_are_reported_at_once(tmp_path: Path, good: Path) -> None:
    pack = write_pack(
        tmp_path / "own",
        condition=("amuont > 0", ""),
        types=("amount > 'a'", ""),
        key=("amount > 0", "severty: high\n"),
        twice=("amount > 0", "basis: norm\n"),
        source=("amount > 0", "shows: {x: amount}\n"),
    )
    (pack / "syntax.yaml").write_text("code: [1\n", encoding="utf-8")
    (pack / "empty.yaml").write_text("", encoding="utf-8")
    (pack / "list.yaml").write_text("- 1\n", encoding="utf-8")
    (pack / "bytes.yaml").write_bytes(b"code: \xff\n")
    text = (pack / "source.yaml").read_text(encoding="utf-8")
    (pack / "source.yaml").write_text(text.replace("central-aid-2015", "central-aid-2016"), encoding="utf-8")
    ran = run("check", good, "--pack", pack)
    assert (ran.code, ran.out) == (WRONG_USAGE, "")
    assert sorted(complaints(ran)) == [
        f"{name}.yaml" for name in ("bytes", "condition", "empty", "key", "list", "source", "syntax", "twice", "types")
    ]
    assert "did you mean `central-aid-2015`?" in ran.err


def test_a_problem_of_the_pack_file_does_not_hide_the_problems_of_its_policies(tmp_path: Path, good: Path) -> None:
    pack = write_pack(tmp_path / "own", key=("amount > 0", "severty: high\n"))
    (pack / "pack.yaml").write_text("pack: other\n", encoding="utf-8")
    ran = run("check", good, "--pack", pack)
    assert ran.code == WRONG_USAGE
    assert sorted(complaints(ran)) == ["key.yaml", "pack.yaml"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (("id: own-rule", "id: other-rule"), "give both one name"),
        (("code: H01", "code: A01"), "exists in pack `core`"),
        (("severity: high", "severity: grave"), "severity"),
        (("code: H01", "code: 12"), "code"),
        (("requires: amount > 0\n", ""), "requires: missing"),
        (("ledger: aid_payment", "ledger: aid_paymnet"), "unknown kind `aid_paymnet`"),
        (("dated_by: pay_date", "dated_by: name"), "dated_by"),
        (("section: 第三条, paraphrase: {zh: 试, en: trial}", "section: 第三条"), "quote"),
        (("category: 试", "category: NO"), None),
    ],
)
def test_each_mistake_in_a_policy_is_refused_with_what_to_do(
    change: tuple[str, str], what: str | None, tmp_path: Path, good: Path
) -> None:
    pack = write_pack(tmp_path / "own", **{"own-rule": ("amount > 0", "")})
    text = (pack / "own-rule.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    (pack / "own-rule.yaml").write_text(text.replace(*change), encoding="utf-8")
    ran = run("check", good, "--pack", pack, *AS_OF)
    assert ran.code == (JUDGED if what is None else WRONG_USAGE)
    assert what is None or (what in ran.err and list(complaints(ran)) == ["own-rule.yaml"])


@pytest.mark.parametrize(
    ("value", "least", "what"),
    [("1" * 45, "", "18 digits"), ("1.1234567", "", "6 after it"), ("0", "least: 1, ", "smallest value"), ("多", "least: 1, ", "smallest value")],
)  # fmt: skip
def test_a_value_of_a_parameter_that_makes_no_sense_is_refused_at_its_place(
    value: str, least: str, what: str, tmp_path: Path, good: Path
) -> None:
    more = f"parameters:\n  limit: {{zh: 限, en: limit, {least}values: [{{value: {value}}}]}}\n"
    pack = write_pack(tmp_path / "own", rule=("amount > 0", more))
    for words in (("policies", "lint"), ("check", good)):
        ran = run(*words, "--pack", pack)
        [(line, _, sentence)] = complaints(ran)["rule.yaml"]
        assert (ran.code, line > 15) == (WRONG_USAGE, True)
        assert what in sentence


@pytest.mark.parametrize(
    "requires",
    [
        "amount * 99999999999999999999 * 99999999999999999 <= 1",
        "amount * 999999999999999999 * 999999999999999999 <= 1",
        "amount * amount * amount <= 1",
        "amount * 0.000001 * amount + 0.000001 <= 1",
        "CASE WHEN amount > 1 THEN amount * 0.000001 ELSE amount * amount END <= 1",
    ],
)
def test_a_product_that_no_engine_can_hold_is_refused_at_its_line_and_never_a_fault(requires: str, tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "own", rule=(requires, ""))
    amounts = write_csv(tmp_path / "a.csv", [HEADER, [*GOOD[0][:3], "9999999999.99"]])
    for words in (("policies", "lint"), ("check", amounts)):
        ran = run(*words, "--pack", pack)
        assert ran.code == WRONG_USAGE
        assert complaints(ran)["rule.yaml"]


def test_a_day_is_refused_as_the_key_of_a_join_since_a_month_holds_many(tmp_path: Path) -> None:
    joins = "joins: {archive: {ledger: hardship_archive, match: {pay_date: filed_at}, pick: latest filed_at}}\n"
    ran = run("policies", "lint", "--pack", write_pack(tmp_path / "own", rule=("archive.found", joins)))
    assert ran.code == WRONG_USAGE
    assert any("a month holds many" in sentence for _, _, sentence in complaints(ran)["rule.yaml"]), ran.err


def test_the_largest_product_that_is_taken_is_reckoned(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "own", rule=("amount * amount + 0.01 >= amount * 999999999999999999", ""))
    amounts = write_csv(tmp_path / "a.csv", [HEADER, [*GOOD[0][:3], "9999999999.99"]])
    assert run("check", amounts, "--pack", pack, *AS_OF).code in (JUDGED, FINDINGS, UNREADABLE, 4)


@pytest.mark.parametrize(
    ("case", "line", "what"),
    [
        ("aid_payment: [{name: 测试甲, nmae: x, amount: 1}]", 4, "did you mean `name`?"),
        ("aid_payment: [{name: 测试甲, 某栏: x, amount: 1}]", 4, "no column of `aid_payment`"),
        ("aid_paymnet: [{name: 测试甲, amount: 1}]", 4, "did you mean `aid_payment`?"),
        ("aid_payment: 5", 4, "a list of mappings"),
        ("aid_payment: [{name: 测试甲, times: 0, amount: 1}]", 4, "times: 0 is no number of rows"),
        ("aid_payment: [{name: 测试甲, times: many, amount: 1}]", 4, "times: many is no number of rows"),
        ("parameters: {limti: 5}", 4, "did you mean `limit`?"),
        ("parameters: {limit: 0}", 4, "smallest value"),
    ],
)
def test_what_a_case_says_and_nothing_reads_is_refused_at_its_line(case: str, line: int, what: str, tmp_path: Path) -> None:
    more = f"parameters: {{limit: {{zh: 限, en: limit, least: 1, values: [{{value: 1}}]}}}}\ncases:\n  - name: typo\n    {case}\n    expect: [compliant]\n"
    pack = write_pack(tmp_path / "own", rule=("amount > 0", more))
    start = POLICY.count("\n")
    for command in ("lint", "test"):
        ran = run("policies", command, "--pack", pack)
        assert ran.code == WRONG_USAGE
        assert any(place == start + line and what in sentence for place, _, sentence in complaints(ran)["rule.yaml"]), ran.err


def test_a_policy_that_does_not_load_is_refused_before_any_ledger_is_looked_for(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "own", typo=("amuont > 0", ""))
    ran = run("check", tmp_path / "missing.csv", "--pack", pack)
    assert (ran.code, ran.out) == (WRONG_USAGE, "")


@pytest.mark.parametrize(
    "words",
    [("policies", "show", "Z99"), ("policies", "sql", "Z99"), ("ledgers", "show", "aid_paymnet"), ("policies", "list", "--pack", "nonsense"), ("policies", "test", "--policy", "H99"),
     ("policies", "lint", "--pack", "nonsense"), ("policies", "test", "--pack", "nonsense"), ("polices",)],
)  # fmt: skip
def test_other_commands_with_a_wrong_name_are_wrong_usage_and_say_it(words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert ran.code == WRONG_USAGE
    assert words[-1] in ran.err


# ---- Personal data.


def test_no_sentence_about_a_bad_file_shows_a_name_or_an_identity_number(tmp_path: Path) -> None:
    bare = write_csv(tmp_path / "a.csv", [*GOOD, ["王五丁", identity(3), "2021-02-05", "100"]])
    broken = write_csv(
        tmp_path / "b.csv",
        [HEADER, ["赵六丙", identity(4) + "9", "二月", "秘密"], ["钱七乙", identity(5), "2021-02-03", "1", "2"]],
    )
    ran = run("check", bare, broken, *AS_OF)
    assert ran.code == UNREADABLE
    assert not re.search(r"9900001980|张三|李四|王五丁|赵六丙|钱七乙|秘密", ran.shown)


# ---- Anything at all.

# A run of the program is slow, and the examples are small: a failing one is shown as it was drawn.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
EXTENSIONS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")
STARTS = {".xlsx": [b"", b"PK\x03\x04", OLE2[:8]], ".xlsm": [b"", b"PK\x05\x06"], ".parquet": [b"", b"PAR1"]}


@settings(max_examples=25, deadline=None, phases=UNSHRUNK, report_multiple_bugs=False)
@given(
    data=st.binary(max_size=300), start=st.integers(0, 2), mark=st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
)
def test_random_bytes_under_any_extension_are_refused_and_the_good_ledger_is_judged(data: bytes, start: int, mark: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"a{extension}" for extension in EXTENSIONS]
        for path in paths:
            starts = STARTS.get(path.suffix, [mark])
            path.write_bytes(starts[start % len(starts)] + path.suffix.encode() + data)
        good = write_csv(Path(folder) / "good.csv", [HEADER, *GOOD])
        ran = check(*paths, good, "--policy", "C05")
        assert ran.code == UNREADABLE
        assert sorted(ran.fatal()) == sorted(map(str, paths))
        assert judged_beside(ran, good)


@settings(max_examples=15, deadline=None, phases=UNSHRUNK, report_multiple_bugs=False)
@given(data=st.data())
def test_a_good_workbook_with_changed_bytes_is_judged_or_refused_and_never_a_fault(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_xlsx(Path(folder) / "a.xlsx", [HEADER, *GOOD])
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = data.draw(st.sampled_from(sorted(parts)))
        part = bytearray(parts[name])
        for place, byte in data.draw(
            st.lists(st.tuples(st.integers(0, len(part) - 1), st.integers(32, 126)), min_size=1, max_size=4)
        ):
            part[place] = byte
        with zipfile.ZipFile(path, "w") as archive:
            for each, content in parts.items():
                archive.writestr(each, bytes(part) if each == name else content)
        ran = check(path, "--policy", "C05")
        assert ran.code in (JUDGED, FINDINGS, UNREADABLE, 4)
        assert bool(ran.fatal()) == (ran.code == UNREADABLE)


CELL = st.one_of(
    st.text(max_size=8),
    st.text("0123456789.,-+/:年月日元万亿整壹拾佰%％XxEe*某（）'￥T٣无是否", max_size=10),
    st.sampled_from(
        ["", "500", "2021-02-03", identity(1), "1e9999999", "٣", "99999999999999%", "#REF!", "2021年2月", "100%", '"', "=1+1"]
    ),
)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_whatever_stands_below_a_good_header_is_no_fault_of_the_program(kind: str) -> None:
    headers = [column.zh for column in KINDS[kind].columns.values()]

    @settings(max_examples=5, deadline=None, phases=UNSHRUNK, report_multiple_bugs=False)
    @given(rows=st.lists(st.lists(CELL, min_size=len(headers), max_size=len(headers)), min_size=1, max_size=3))
    def judge(rows: list[list[str]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            ran = check(write_csv(Path(folder) / "a.csv", [headers, *rows], "utf-8-sig"))
        assert ran.code != FAULT, ran.err

    judge()


@pytest.mark.parametrize(
    ("kind", "header", "text"),
    [
        ("aid_payment", "家庭人口", "٣"),
        ("aid_payment", "年度", "20٢١"),
        ("aid_payment", "金额", "1e9999999"),
        ("aid_payment", "金额", "-1e9999999"),
        ("aid_payment", "金额", "1" + "（壹元）" * 3000),
        ("budget_execution", "执行率", "99999999999999%"),
        ("aid_payment", "姓名", "张\x00三"),
        ("aid_payment", "姓名", "'; DROP TABLE findings; --"),
        ("aid_payment", "备注", "[red]{name}%s\\"),
    ],
)
def test_one_odd_cell_does_not_stop_the_check(kind: str, header: str, text: str, tmp_path: Path) -> None:
    columns = KINDS[kind].columns
    headers = list(
        dict.fromkeys(
            [
                header,
                *(
                    columns[name].zh
                    for name in ("amount", "name", "pay_date", "budget_amount", "executed_amount")
                    if name in columns
                ),
            ]
        )
    )
    headers += ["身份证号"] if kind == "aid_payment" else []
    rows = [["1"] * len(headers), ["1"] * len(headers)]
    rows[1][0] = text
    ran = run("check", write_csv(tmp_path / "a.csv", [headers, *rows]), *AS_OF)
    assert ran.code != FAULT, ran.err


def test_a_file_whose_name_is_in_another_encoding_is_judged_like_any_other(tmp_path: Path) -> None:
    folder = tmp_path / "解压"
    folder.mkdir()
    write_csv(folder / os.fsdecode("张三.csv".encode("gb18030")), [HEADER, *GOOD])
    for format_ in ("terminal", "json"):
        ran = run("check", folder, *AS_OF, "--format", format_)
        assert (ran.code, ran.err) == (JUDGED, "")


def test_bulk_files_and_databases_whose_names_are_in_another_encoding_are_read_or_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests import ledger_files as write

    monkeypatch.setattr("ledgers.bulk.BIG_CSV", 0)
    rows = iter([[name, identity(n), "2021-02-03", "500"] for n, name in enumerate("张王李赵")])
    pq.write_table(pa.table({name: [cell] for name, cell in zip(HEADER, next(rows), strict=True)}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"甲栏": ["a"]}), tmp_path / "2.parquet")
    write.write_sqlite(tmp_path / "3.db", [HEADER, next(rows)])
    write.write_duckdb(tmp_path / "4.duckdb", [HEADER, next(rows)])
    write_csv(tmp_path / "5.csv", [HEADER, next(rows)])
    for path in list(tmp_path.iterdir()):
        os.rename(path, tmp_path / os.fsdecode(f"{path.stem}张{path.suffix}".encode("gb18030")))
    ran = check(tmp_path)
    assert [Path(one["path"]).name[0] for one in ran.report["run"]["inputs"]] == ["1", "3", "5"]
    assert {Path(path).name[0]: "改名" in what for path, what in ran.fatal().items()} == {"2": False, "4": True}
    assert run("ledgers", "inspect", tmp_path).code == UNREADABLE


def ran_on(console: str, folder: Path, *words: object, **settings: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a program of its own, on a screen of another encoding."""
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *map(str, words)],
        capture_output=True, timeout=60, check=False, cwd=folder, env={**os.environ, "PYTHONIOENCODING": console, **settings},
    )  # fmt: skip


@pytest.fixture
def rare(tmp_path: Path) -> Path:
    """Write a ledger whose name, header and cells hold characters that GBK lacks."""
    folder = tmp_path / "报送𠮷"
    folder.mkdir()
    rows = [["测𠮷", "990001196102021076", "困难城镇居民", "", "2021-02-03", "500", "😀"]]
    return write_csv(folder / "台账😀.csv", [["姓名", "身份证号", "人员类别", "工作单位", "发放日期", "金额", "栏𠮷"], *rows])


@pytest.mark.parametrize("console", ["cp936", "ascii"])
def test_a_screen_of_another_encoding_gets_every_command_without_a_traceback(console: str, tmp_path: Path, rare: Path) -> None:
    screen = "utf-8" if console == "ascii" else console
    for words, code, said in (
        (("--help",), 0, "工会经费使用核查"),
        (("ledgers", "inspect", rare), JUDGED, "姓名"),
        (("receive", rare), JUDGED, "电子数据接收单"),
        (("policies", "show", "A02"), JUDGED, "先建档后帮扶"),
        (("check", rare, "没有.csv", *AS_OF), UNREADABLE, "找不到这个文件"),
        (("check", rare, "--policy", "Z99", *AS_OF), WRONG_USAGE, "Z99"),
    ):
        done = ran_on(console, tmp_path, *words)
        shown = done.stdout.decode(screen) + done.stderr.decode(screen)
        assert (done.returncode, "Traceback" in shown, said in shown) == (code, False, True), (words, shown)


@pytest.mark.parametrize("form", ["terminal", "json", "jsonl", "sarif", "junit", "csv"])
def test_what_programs_read_is_utf_8_on_every_screen_and_what_people_read_is_in_the_screens_encoding(
    form: str, tmp_path: Path, rare: Path
) -> None:
    done = ran_on(
        "gbk", tmp_path, "check", rare, *AS_OF, "--policy", "B01", "--privacy", "full",
        "--format", form, "--output", "-", "--format", form, "--output", "file",
    )  # fmt: skip
    assert done.returncode == FINDINGS
    in_utf_8 = (tmp_path / "file").read_bytes()
    assert "测𠮷" in in_utf_8.decode()
    if form == "terminal":
        assert done.stdout == in_utf_8.decode().encode("gbk", "backslashreplace")
        assert b"\\U00020bb7" in done.stdout
    else:
        assert done.stdout == in_utf_8


def test_a_program_without_a_locale_reads_and_names_files_like_any_other(tmp_path: Path, rare: Path) -> None:
    bare = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = ran_on("", tmp_path, "check", rare.parent, *AS_OF, "--policy", "B01", "--format", "json", **bare)
    assert (done.returncode, b"Traceback" in done.stderr) == (FINDINGS, False)
    assert [Path(one["path"]).name for one in json.loads(done.stdout)["run"]["inputs"]] == ["台账😀.csv"]
    done = ran_on("", tmp_path, "ledgers", "inspect", rare.parent, **bare)
    assert (done.returncode, "姓名" in done.stdout.decode()) == (JUDGED, True)


def test_a_finding_whose_amount_cannot_be_read_is_missing_in_the_sums_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "aid.csv"
    path.write_text(
        "姓名,身份证号,人员类别,工作单位,发放日期,金额\n测试甲,990001196102021076,困难城镇居民,,2021-02-03,五百左右\n",
        encoding="utf-8",
    )
    ran = run("check", path, "--policy", "B01", "--max-not-evaluable", "1")
    assert "1 条发现的金额无法读取，未计入合计" in ran.out


def test_an_empty_path_names_no_ledger() -> None:
    ran = run("check", "")
    assert ran.code == WRONG_USAGE
    assert "empty path" in ran.err


def test_a_cell_cannot_steer_the_screen(tmp_path: Path) -> None:
    path = tmp_path / "aid.csv"
    path.write_text(
        "姓名,身份证号,人员类别,工作单位,发放日期,金额\n\x1b[31m测试甲,990001196102021076,困难城镇居民,,2021-02-03,500\n",
        encoding="utf-8",
    )
    ran = run("check", path, "--policy", "B01", "--privacy", "full")
    assert "\x1b" not in ran.out


@pytest.mark.parametrize("form", ["terminal", "csv", "jsonl", "junit", "sarif"])
def test_a_file_name_commands_no_terminal(tmp_path: Path, form: str) -> None:
    """The name of a ledger was printed as it is, with whatever it told the terminal to do."""
    for name in ("\x1b[31m红.csv", "a\nb.csv", "\u202ecsv.exe.csv"):
        write_csv(tmp_path / name, [HEADER, ["张三", identity(1), "2021-02-03", name]])
    (tmp_path / "\x1b[32m无.csv").symlink_to(tmp_path / "nowhere")
    shown = run("check", str(tmp_path), "--as-of", "2021-12-31", "--format", form, "--privacy", "full").shown
    assert "红.csv" in shown or "%E7%BA%A2.csv" in shown
    assert not set(shown) & {"\x1b", "\u202e"}
    assert "a\nb" not in shown


def test_a_sheet_name_commands_no_terminal(tmp_path: Path) -> None:
    book: Any = xlwt.Workbook()
    page = book.add_sheet("红\x1b31m\u202e")
    for number, row in enumerate([HEADER, *GOOD]):
        for column, cell in enumerate(row):
            page.write(number, column, cell)
    book.save(str(tmp_path / "a.xls"))
    shown = run("check", str(tmp_path), *AS_OF).shown
    assert "红" in shown
    assert not set(shown) & {"\x1b", "\u202e"}
