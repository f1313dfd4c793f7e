"""Limits: what stands at a limit is judged, what stands one beyond it is refused in a sentence."""

from __future__ import annotations

import csv
import importlib
import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas
import pydantic
import pytest

from engine.check import Request, check
from engine.conditions import MOST_SQL, ConditionError, condition
from engine.expressions import Name
from engine.formats.sarif import write as write_sarif
from engine.vast import MOST_NESTED, MOST_WORDS
from ledgers.amounts import TOO_MUCH
from ledgers.files import begin_reading, question_of
from ledgers.guarded import GIVES_WAY, Question, Readers
from ledgers.kinds import MOST_COLUMNS, Column, Kind
from ledgers.limits import Limits, Unreadable
from ledgers.values import read_text
from policies.model import Policy
from policies.values import MOST_AFTER, MOST_BEFORE, is_bearable
from tests.ledger_files import write_xls, write_xlsx
from tests.test_engine_agrees import framed, sheet_of
from tests.test_intake import patch_sheet

SCOPE = {"a": Name('p."a"', "decimal", 2)}
AS_OF = date(2021, 12, 31)
LEAST_PRIORITY = 19  # of a system


@pytest.mark.parametrize(
    ("written", "limit", "words"),
    [
        (lambda n: "(" * n + "a > 1" + ")" * n, MOST_NESTED, "deep at most"),
        (lambda n: "abs(" * n + "a" + ")" * n + " > 1", MOST_NESTED, "deep at most"),
        (lambda n: "NOT " * n + "a > 1", MOST_NESTED, "deep at most"),
        (lambda n: "CASE WHEN a > 1 THEN " * n + "TRUE" + " ELSE FALSE END" * n, MOST_NESTED, "deep at most"),
        (lambda n: " AND ".join(["a > 1"] * n), (MOST_WORDS + 1) // 4, "at most"),
        (lambda n: f"a IN ({', '.join(['1'] * n)})", (MOST_WORDS - 3) // 2, "at most"),
    ],
)
def test_a_condition_is_read_up_to_its_limit_and_refused_beyond_it(written: Callable[[int], str], limit: int, words: str) -> None:
    assert condition(written(limit), SCOPE).type == "boolean"
    with pytest.raises(ConditionError, match=words):
        condition(written(limit + 1), SCOPE)


def test_a_condition_that_grows_beyond_measure_by_what_it_names_is_refused() -> None:
    frame = len(condition("a > 1", {"a": Name("", "decimal", 2)}).sql)
    assert len(condition("a > 1", {"a": Name("x" * (MOST_SQL - frame), "decimal", 2)}).sql) == MOST_SQL
    with pytest.raises(ConditionError, match=f"at most {MOST_SQL}"):
        condition("a > 1", {"a": Name("x" * (MOST_SQL - frame + 1), "decimal", 2)})


@pytest.mark.parametrize(
    ("held", "too_long"),
    [("a * a * 99 > 0", "a * a * 100 > 0"), ("a * a * 0.01 > 0", "a * a * 0.001 > 0"), ("a * a * 9 - a > 0", "a * a * 99 - a > 0"),
     ("CASE WHEN a > 0 THEN a * a * 99 ELSE 0.0001 END > 0", "CASE WHEN a > 0 THEN a * a * 99 ELSE 0.00001 END > 0")],
)  # fmt: skip
def test_a_result_has_38_digits_and_no_more(held: str, too_long: str) -> None:
    assert condition(held, SCOPE).type == "boolean"
    with pytest.raises(ConditionError, match="more than 38 in all"):
        condition(too_long, SCOPE)


def test_a_number_of_a_policy_has_so_many_digits_and_no_more() -> None:
    before, after = "9" * MOST_BEFORE, "9" * MOST_AFTER
    assert is_bearable(f"{before}.{after}")
    assert not is_bearable(f"9{before}.{after}")
    assert not is_bearable(f"{before}.{after}9")


def test_a_pack_has_codes_for_2600_policies() -> None:
    pattern = Policy.model_json_schema()["properties"]["code"]["pattern"]
    assert pattern == "^[A-Z][0-9]{2}$"  # 26 times 100: the code after Z99 is none


def test_a_kind_has_so_many_columns_and_no_more() -> None:
    def kind(columns: int) -> Kind:
        own = {
            f"c_{chr(97 + n // 26)}{chr(97 + n % 26)}": Column(type="text", zh=f"列{n}", en=f"column {n}") for n in range(columns)
        }
        words = {"zh": "台账", "en": "ledger"}
        return Kind.model_validate(
            {
                "kind": "wide",
                "title": words,
                "required": ["c_aa"],
                "unit": None,
                "person": [],
                "business_key": ["c_aa"],
                "columns": own,
            }
        )

    assert len(kind(MOST_COLUMNS).columns) == MOST_COLUMNS
    with pytest.raises(pydantic.ValidationError, match=f"at most {MOST_COLUMNS}"):
        kind(MOST_COLUMNS + 1)


@pytest.mark.parametrize("form", ["text", "decimal"])
def test_an_amount_is_read_below_its_limit_and_refused_from_there_on(form: str) -> None:
    most = f"{TOO_MUCH - 1}.99"
    column = Column(type="amount", zh="金额", en="amount")
    assert read_text(column, most).value == most
    assert "过大" in read_text(column, str(TOO_MUCH)).what
    verdicts = []
    for amount in (most, f"{TOO_MUCH}.00"):
        row = {"year": "2021", "budget_amount": amount, "executed_amount": amount, "budget_kind": "财政"}
        frame = framed(sheet_of([row]))
        if form == "decimal":
            import pyarrow as pa

            for name in ("budget_amount", "executed_amount"):
                frame[name] = pandas.array(frame[name], dtype=pandas.ArrowDtype(pa.string())).astype(
                    pandas.ArrowDtype(pa.decimal128(18, 2))
                )
        report = check(Request(AS_OF, frames={"budget_execution": frame}, only=("E02",)))
        (own,) = report.coverage
        verdicts.append((own.compliant, own.not_evaluable))
    assert verdicts == [(1, 0), (0, 1)]


def ledger(folder: Path, *, columns: int = 4, rows: int = 1, note: str = "") -> Path:
    """Write payments as CSV with so many columns and rows, and a note in the last row."""
    path = folder / "a.csv"
    headers = ["姓名", "身份证号", "金额", "备注", *[f"附{n}" for n in range(columns - 4)]]
    row = ["测试甲", "990001196102021076", "500", *[""] * (columns - 3)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headers, *[row] * (rows - 1), [*row[:3], note, *row[4:]]])
    return path


def refused(path: Path, limits: Limits) -> list[str]:
    report = check(Request(AS_OF, said=(("aid_payment", str(path)),), limits=limits))
    return [note.message for note in report.notes if note.fatal]


def test_a_cell_may_be_so_long_and_no_longer(tmp_path: Path) -> None:
    limits = Limits(cell_characters=1000)
    assert refused(ledger(tmp_path, note="注" * 1000), limits) == []
    assert [("cell_characters" in what, "上限 1000" in what) for what in refused(ledger(tmp_path, note="注" * 1001), limits)] == [
        (True, True)
    ]


def test_a_sheet_may_be_so_wide_and_no_wider(tmp_path: Path) -> None:
    limits = Limits(columns=40)
    assert refused(ledger(tmp_path, columns=40), limits) == []
    assert ["有 41 列，超过上限 40" in what for what in refused(ledger(tmp_path, columns=41), limits)] == [True]


def test_a_sheet_may_have_so_many_cells_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    pandas.DataFrame({"姓名": ["测试甲"] * 9, "身份证号": ["990001196102021076"] * 9, "金额": [500] * 9}).to_excel(
        path, index=False
    )
    assert refused(path, Limits(cells=10 * 3)) == []
    assert ["使用区域有 10 行 26 列" in what for what in refused(path, Limits(cells=10 * 3 - 1))] == [True]  # letters are counted


def test_a_sheet_that_says_it_is_smaller_than_it_is_is_refused_all_the_same(tmp_path: Path) -> None:
    headers = ["姓名", "身份证号", "金额", *[f"附{n}" for n in range(37)]]
    path = write_xlsx(tmp_path / "a.xlsx", [headers, ["测试甲", "990001196102021076", 500, *[""] * 36, "末"]])
    patch_sheet(path, lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B2"', xml))
    assert ["使用区域有 2 行 40 列" in what for what in refused(path, Limits(cells=79))] == [True]
    assert refused(path, Limits(cells=80)) == []
    far = b'<row r="50"><c r="B50"><f>1+1</f></c></row></sheetData>'  # without a cached value it is blank to the fast reader
    patch_sheet(path, lambda xml: xml.replace(b"</sheetData>", far))
    assert ["使用区域有 50 行 40 列" in what for what in refused(path, Limits(cells=80))] == [True]


def test_a_workbook_may_be_so_big_when_unpacked_and_no_bigger(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["姓名", "身份证号", "金额"], ["测试甲", "990001196102021076", 500]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        rest = (1 << 20) - sum(part.file_size for part in archive.infolist())
        archive.writestr("rest", b" " * rest)
    assert refused(path, Limits(unpacked_mb=1)) == []
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("one", b" ")
    assert ["解压后有 2 MB，超过上限 1" in what for what in refused(path, Limits(unpacked_mb=1))] == [True]


def test_the_reading_of_a_file_may_take_so_much_memory_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    table = "<tr><td>姓名<td>身份证号<td>金额<tr><td>测试甲<td>990001196102021076<td>500"
    path.write_text(f"<table>{table}{' ' * (32 << 20)}</table>", encoding="utf-8")
    assert refused(path, Limits()) == []
    assert ["超过上限 96" in what and "memory_mb" in what for what in refused(path, Limits(memory_mb=96))] == [True]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no files that keep their reader waiting")
def test_the_reading_of_a_file_may_take_so_long_and_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    os.mkfifo(path)  # nobody writes into it
    with Readers(Limits(seconds=1)) as readers, pytest.raises(Unreadable, match="读取超过 1 秒，已中止"):
        readers.ask(Question(str(path), "ole"))
    path.unlink()
    write_xls(path, [["姓名"], ["测试甲"]])
    with Readers(Limits(seconds=60)) as readers:
        assert readers.ask(Question(str(path), "ole"))[0] == "xls"


def test_reading_begins_before_anybody_asks_and_ends_with_its_readers(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [["姓名"], ["测试甲"]])
    (tmp_path / "b.xlsx").write_bytes(b"")
    (tmp_path / "c.csv").write_text("姓名\n测试甲\n", encoding="utf-8")
    with begin_reading(
        [str(tmp_path / name) for name in ("a.xlsx", "a.xlsx", "b.xlsx", "c.csv", "none.xlsx", "", "a" * 300, "a\0b.xlsx")]
    ) as readers:
        assert readers.has_begun()
        question = question_of(path)
        assert question is not None
        readers.announce([question])  # is no reason to read it again
        assert readers.ask(question)[0] == "xlsx"
        assert not readers.has_begun()
    with begin_reading([str(path)]) as readers:
        readers.announce([])
        assert not readers.has_begun()  # what nobody will ask for holds up nothing else
    assert [child.process.poll() is not None for child in readers._children] == [True] * len(readers._children)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_what_is_done_while_children_read_gives_way_to_them_and_to_nobody_once_it_is_done(tmp_path: Path) -> None:
    path, own = write_xlsx(tmp_path / "a.xlsx", [["姓名"], ["测试甲"]]), os.getpriority(os.PRIO_PROCESS, 0)
    found = list[int]()
    with begin_reading([str(path)]) as readers:
        readers.meanwhile(lambda: found.append(os.getpriority(os.PRIO_PROCESS, 0)))
        assert found == [min(own + GIVES_WAY, LEAST_PRIORITY)]
        assert os.getpriority(os.PRIO_PROCESS, 0) == own
        with pytest.raises(ModuleNotFoundError):
            readers.meanwhile(lambda: importlib.import_module("no_such_module"))
    with begin_reading([]) as readers:
        readers.meanwhile(lambda: found.append(os.getpriority(os.PRIO_PROCESS, 0)))
    assert found[1:] == [own]


def test_sarif_holds_so_many_findings_and_counts_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.formats.sarif.MOST_RESULTS", 5)  # of 25,000
    row = {"year": "2021", "budget_amount": "100", "executed_amount": "200", "budget_kind": "财政"}
    for number, left_out in ((5, 0), (6, 1)):
        rows = [{**row, "subject": f"科目{n}"} for n in range(number)]
        report = check(Request(AS_OF, frames={"budget_execution": framed(sheet_of(rows))}, only=("E02",)))
        out = io.BytesIO()
        write_sarif(report, out)
        (run,) = json.loads(out.getvalue())["runs"]
        assert (len(run["results"]), run["properties"]["left_out"]["violation"]) == (5, left_out)
