"""Hold the English of the intake: every Chinese sentence of the code has one, and a report in English shows no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from declared import read
from engine.check import Request
from engine.check import check as run_check
from ledgers.english import BOOK, CHINESE, PLACE, in_english
from ledgers.headers import NotRecognised
from tests.test_bad_input import AS_OF, BAD_FILES, GOOD, HEADER, Ran, run, write_csv, write_xlsx

ROOT = Path(__file__).parents[1]
DATA = read(BOOK).data
SENTENCES: dict[str, str] = DATA["sentences"]
KNOWN = {text for part in DATA.values() for text in part}
MAKERS = {
    "cell_formulas.py",
    "checks.py",
    "examples.py",
    "sample.py",
    "template.py",
    "written.py",
}  # they write ledgers, no reports
SPEAKERS = [
    *(path for path in sorted((ROOT / "ledgers").glob("*.py")) if path.name not in MAKERS),
    *(ROOT / "engine" / name for name in ("plan.py", "report.py", "check.py", "choice.py")),
    *sorted(path for path in (ROOT / "engine" / "stores").glob("*.py") if path.name != "columns.py"),  # which names characters
]
BOTH = {"because", "say_asked"}  # functions that speak both languages themselves
_HAN = re.compile("[\u3400-\u9fff]")


def template(node: ast.AST) -> str:
    """Give a literal with {} for each of its values; nothing for any other node."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def literals(node: ast.AST, *, inside: bool = False) -> Iterator[tuple[int, str, bool]]:
    """Yield every literal that may be a sentence: its line, its template, whether it stands in a function."""
    if text := template(node):
        yield node.lineno, text, inside  # type: ignore[attr-defined]
    parts = [part for part in node.values if isinstance(part, ast.FormattedValue)] if isinstance(node, ast.JoinedStr) else None
    for child in ast.iter_child_nodes(node) if parts is None else parts:
        called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
        said_in_both = (
            (isinstance(node, ast.IfExp) and "lang" in ast.unparse(node.test))
            or (isinstance(node, ast.Dict) and {"zh", "en"} <= {template(key) for key in node.keys if key})
            or (isinstance(child, ast.FunctionDef) and child.name in BOTH)
        )
        if isinstance(child, ast.Expr) and template(child.value):
            continue  # a docstring
        if not said_in_both and not called.startswith("re.") and not called.endswith("progress"):
            yield from literals(child, inside=inside or isinstance(node, ast.FunctionDef))


def sentences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the Chinese sentences of a module: in functions any text of some length, outside only what is punctuated."""
    for line, text, inside in literals(tree):
        if re.search(r"\b(SELECT|regexp_matches)\b", text):
            quoted = (text for text in re.findall("'([^']*)'", text) if not re.search(r"[|\[]", text))
            yield from ((line, text) for text in quoted if len(_HAN.findall(text)) > 1)
        elif _HAN.search(text) and (
            re.search("[，；。：（]" if inside else "[，；。]", text) or (inside and len(_HAN.findall(text)) > 2)
        ):
            yield line, text


def without_english(tree: ast.AST) -> list[tuple[int, str]]:
    return [(line, text) for line, text in sentences(tree) if text not in KNOWN]


def test_every_chinese_sentence_of_the_code_has_its_english() -> None:
    looked = 0
    lacking = []
    for path in SPEAKERS:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        looked += len(list(sentences(tree)))
        lacking += [f"{path.relative_to(ROOT)}:{line}: {text}" for line, text in without_english(tree)]
    assert not lacking, "\n".join(["write their English into ledgers/english.yaml:", *lacking])
    assert looked > 80


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    raise Unreadable('新的一句话。')",
        "def f(name):\n    what = f'新的 {name} 一句话'",
        "def f():\n    return Reading(problem='Q04', what='新句子')",
        "def f(view):\n    return f\"SELECT 'Q01', '{view}', '新的句子' FROM {view}\"",
        "DOUBTS = {1: '新的一句话；未判断'}",
        "class A:\n    def f(self):\n        notes.append(refusal(path, f'（{self.n}）：见'))",
    ],
)
def test_a_new_sentence_without_its_english_is_seen(code: str) -> None:
    assert len(without_english(ast.parse(code))) == 1


def test_every_english_sentence_has_all_values_and_no_chinese_outside_of_quotation_marks() -> None:
    assert len(SENTENCES) > 70
    for text, english in SENTENCES.items():
        assert {number for number, _ in PLACE.findall(english)} == set(map(str, range(text.count("{}")))), text
        assert not re.search(r"[{}]", PLACE.sub("", english)), text
        assert not unquoted(english), text


def test_every_sentence_that_the_code_no_longer_says_is_taken_out() -> None:
    said = {text for path in SPEAKERS for _, text, _ in literals(ast.parse(path.read_text(encoding="utf-8")))}
    assert {text for text in KNOWN - said if text not in "".join(said)} == set()


def unquoted(english: str) -> str:
    """Give the Chinese of a sentence that stands outside of quotation marks."""
    return "".join(CHINESE.findall(re.sub("“[^”]*”|`[^`]*`", "", english)))


def test_a_sentence_without_english_is_given_as_it_is_with_a_word_about_that() -> None:
    assert in_english("从未见过的一句话。") == "从未见过的一句话。 (no English for this yet)"
    assert in_english("“姓名”从未见过") == "“姓名”: 从未见过 (no English for this yet)"
    assert in_english("read as yuan") == "read as yuan"


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("“甲”和“乙”姓名被遮蔽", "“甲”和“乙”: the name is masked"),
        ("“姓名”证件号码为 17 位，应为 15 或 18 位", "“姓名”: the identity number has 17 digits, not 15 or 18"),
        ("表头“日期”未识别，该列未读取。", "header “日期” is not known; the column is not read."),
        ("表头“（空）”未识别，该列未读取。", "header (blank) is not known; the column is not read."),
        ("“性别”未识别的取值；可用：男、女", "“性别”: not a known value; use one of: “男”, “女”"),
        ("“低保”未识别的取值；可用：是、否", "“低保”: not a known value; write yes or no"),
        (
            "缺少台账：困难职工档案（hardship_archive）、违规津贴补贴清退台账（subsidy_refund）",
            "ledgers are missing: Files of needy workers (hardship_archive), Refunds of subsidies (subsidy_refund)",
        ),
        (
            "缺少台账：会员慰问品（金）发放花名册（condolence_issue）",
            "ledgers are missing: Gifts and condolence money for members (condolence_issue)",
        ),
        ("缺少列：帮扶资金发放台账·发放日期（pay_date）", "columns are missing: date paid in Aid payments (pay_date)"),
        ("缺少列 name、pay_date：甲.csv、b.csv 未判断", "columns are missing (name, pay_date): “甲.csv”, “b.csv” not judged"),
        (
            "第 2 行表头最像 `hardship_archive`（困难职工档案），但缺少必需列：姓名 或 身份证号；金额。请补上该列，或用 --ledger 指明另一类型。",
            "row 2 is nearest to the header of `hardship_archive` (Files of needy workers), but lacks required columns: "
            "name or identity number; amount. add the column, or name another kind with --ledger.",
        ),
    ],
)
def test_values_stand_in_their_places_in_english_and_words_of_a_ledger_as_they_are(chinese: str, english: str) -> None:
    assert in_english(chinese) == english


def english_run(*words: object) -> Ran:
    """Check in English, and find no Chinese but words of the ledgers in notes, reasons and what was not judged."""
    ran = run("check", *words, *AS_OF, "--format", "json", "--lang", "en")
    said = [note["message"] for note in ran.report["intake"]]
    said += [policy["reason"] for policy in ran.report["coverage"] if policy["reason"]]
    said += [reason["reason"] for reason in ran.report["summary"]["exit_reasons"]]
    assert len(said) > 5
    assert [text for text in said if unquoted(text)] == []
    assert not re.search("no English", ran.out)
    return ran


@pytest.mark.parametrize("name", sorted(BAD_FILES))
def test_a_bad_file_is_refused_in_english(name: str, tmp_path: Path) -> None:
    file, data, _ = BAD_FILES[name]
    (tmp_path / file).write_bytes(data)
    ran = english_run(tmp_path / file)
    assert list(ran.fatal()) == [str(tmp_path / file)]


def test_everything_that_is_odd_in_a_ledger_is_said_in_english(tmp_path: Path) -> None:
    header = [*HEADER, "人员类别", "年度", "家庭人口", "银行账号", "甲栏", ""]
    rows = [
        ["张某", "9900001980", "二月三十", "约500", "新人", "二零", "几口", "6222*", "1", "1"],
        ["李四", "990000198001010000", "2021-02-30", "500元（陆佰元）", "", "", "", "6.2E+18", "", ""],
        ["王**", "9.9E+17", "#REF!", "保密", "", "", "", "", "", "", ""],
        ["", "", "", "99999999999999999", "", "", "", "", "", "", ""],
        ["赵六", "无号", "", "1.234", "", "", "", "", "", "", ""],
        ["孙八", "990000198001010010012345678901", "", "-5", "", "", "", "", "", ""],
        ["合计", "", "", "7", "", "", "", "", "", "", ""],
        ["钱七", "", "", "1", "", "", "", "", "", "", "多"],
    ]
    odd = write_csv(tmp_path / "奇.csv", [header, *rows])
    money = write_csv(
        tmp_path / "钱.csv",
        [["姓名", "身份证号", "发放日期", "金额（美元）", "备注", "备注"], *[[*row, "1", "2"] for row in GOOD]],
    )
    plain = write_csv(tmp_path / "平.csv", [[*HEADER, "甲、乙“丙”"], *[[*row, "1"] for row in GOOD], ["合计", "", "", "7", ""]])
    copy = write_csv(tmp_path / "副本.csv", [HEADER, *GOOD])
    same = write_csv(tmp_path / "副本二.csv", [HEADER, *GOOD])
    budget = write_csv(
        tmp_path / "算.csv", [["全年预算数（万元）", "执行数", "执行率"], ["100元", "999999999", "1.5"], ["1", "2", "几成"]]
    )
    open_quote = write_csv(tmp_path / "引.csv", [HEADER, *GOOD])
    open_quote.write_text(open_quote.read_text("utf-8") + '"张三,1,2,3\n', encoding="utf-8")
    book = write_xlsx(tmp_path / "簿.xlsx", [["姓名", "困难等级", "慰问品"], ["张三", "特困", "米"]])
    ran = english_run(odd, money, plain, copy, same, budget, open_quote, book, tmp_path / "无.csv", tmp_path / "旧.pdf")
    said = {note["message"] for note in ran.report["intake"]}
    assert len(said) > 30


def test_odd_workbooks_and_bulk_files_are_refused_in_english(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, place in (("表一", "A1"), ("远处", "XFD1048576"), ("旧表", "A1")):
        sheet = book.create_sheet(name)
        for row in (HEADER, *GOOD):
            sheet.append(row)
        sheet[place] = "姓名" if place == "A1" else "。"
    far = tmp_path / "远.xlsx"
    book.save(far)
    del book["远处"], book["Sheet"]
    book["旧表"].sheet_state = "hidden"
    hidden = tmp_path / "隐.xlsx"
    book.save(hidden)
    charts = openpyxl.Workbook()
    charts.create_chartsheet("图")
    del charts["Sheet"]
    charts.save(tmp_path / "图.xlsx")
    count = 20000
    pq.write_table(pa.table({"姓名": [f"张{n}" for n in range(count)], "金额": ["5"] * count}), tmp_path / "大.parquet")
    data = bytearray((tmp_path / "大.parquet").read_bytes())
    data[len(data) // 4 : len(data) // 2] = bytes([255]) * (len(data) // 2 - len(data) // 4)
    (tmp_path / "大.parquet").write_bytes(data)
    ran = english_run(far, hidden, tmp_path / "图.xlsx", tmp_path / "大.parquet")
    assert len(ran.fatal()) == 3
    assert [note["message"] for note in ran.notes(hidden) if note["code"] == "Q11"] == [
        f"hidden worksheet “旧表” is not read; to have it judged, give `--ledger KIND={hidden}#旧表`."
    ]
    assert ran.fatal()[str(far)].startswith("worksheet “远处” reaches over 1048576 rows and 16384 columns")


def test_what_is_said_on_the_command_line_is_answered_in_english(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "好.csv", [HEADER, *GOOD])
    book = write_xlsx(tmp_path / "簿.xlsx", [HEADER, *GOOD])
    folder = tmp_path / "空"
    folder.mkdir()
    said = ("--ledger", f"aid_payment={folder}", "--ledger", f"aid_payment={book}#六月", "--encoding", "utf-16")
    assert len(english_run(good, folder, *said).fatal()) == 3
    for words in (("--policy", "Z99"), ("--param", "E01.goal=1"), ("--param", "E01.target=一"), ("--ledger", f"aid={good}")):
        refused = run("check", good, *words, *AS_OF, "--lang", "en")
        assert (refused.code, unquoted(refused.err)) == (2, ""), refused.err


def test_a_frame_of_another_kind_is_refused_in_the_language() -> None:
    frames = {"aid_payment": pandas.DataFrame({"甲": [1], "乙": [2]})}
    for lang, words in (("zh", "对不上"), ("en", "no row has the headers of `aid_payment`")):
        with pytest.raises(NotRecognised, match=words):
            run_check(Request(as_of=date(2021, 3, 1), frames=frames, lang=lang))
