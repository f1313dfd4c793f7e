"""Hold the checks of templates against the engine: row by row, over rows as clerks type them, reckoned by LibreOffice."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
from click.testing import CliRunner, Result

from cli import main
from engine.check import Request, connect, find_region, plan_all
from engine.choice import choose
from engine.conditions import condition
from engine.every_row import quiet_rows
from engine.expressions import Name
from engine.filling import compile_checks
from engine.judge import COMPLIANT, DIFFERS, FAILS, NOT_APPLICABLE, UNKNOWN, judge
from engine.names import Ask
from engine.operators import OPERATORS
from engine.spreadsheet import NoFormula, Sheet, formula
from engine.wanted import columns_wanted
from ledgers import template as templates
from ledgers.checks import RESULT, Checks
from ledgers.intake import Note, bring_in, find_sources
from ledgers.kinds import Kind, load_kinds
from policies.load import load_library, shipped_packs
from tests.filled import delete_column, fill, office, reckon, said
from tests.typed_rows import make_rows

KINDS = load_kinds()
PACKS = tuple(pack for pack in shipped_packs() if pack != "core")
LIBRARY = load_library(PACKS)
LIMITS = {(name.partition(".")[0], name.partition(".")[2]): str(shown) for name, shown in LIBRARY.asked_for().items()}
REQUEST = Request(date(2021, 12, 31), packs=PACKS, parameters=LIMITS)
ROWS = {"aid_payment": 1000, "budget_execution": 250, "condolence_issue": 200, "training": 150, "voucher_line": 150, "hardship_archive": 150, "education_subsidy": 100}  # fmt: skip
# A formula may say less than the engine: unknown, or that readings differ where the engine can read that all of them fail.
LESS = {UNKNOWN: set(range(7)), DIFFERS: {FAILS}}


class Compared(NamedTuple):
    """Hold what formulas said of each row, by header, and the digits of the engine by policy and row, its notes and units."""

    said: list[dict[str, object]]
    digits: Mapping[str, Mapping[int, int]]
    notes: Sequence[Note]
    units: set[str]

    def differences(self) -> list[tuple[str, int, int, int]]:
        """List policy, row, digit of the formula, digit of the engine, where the formula says something else, and not less."""
        return [
            (code, row, own, found[row])
            for code, found in self.digits.items()
            for row, told in enumerate(self.said, start=3)
            if (own := int(str(told[code])[:1])) != found[row] and found[row] not in LESS.get(own, ())
        ]


def made(kind: Kind, rows: Sequence[Sequence[object]], monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, Checks]:
    monkeypatch.setattr(templates, "PREPARED", len(rows) + 2)
    checks = compile_checks(REQUEST, kind, "测试工会", "2021年送温暖")
    return templates.template(kind, checks), checks


def compare(path: Path, checks: Checks, folder: Path) -> Compared:
    """Let the engine judge what a workbook with reckoned formulas holds."""
    chosen, off = choose(LIBRARY, REQUEST, KINDS)
    chosen = [loaded for loaded in chosen if loaded.policy.code in {code for code, _ in checks.compiled}]
    con = connect()
    sources, _ = find_sources((str(path),), (), ())
    intake = bring_in(con, sources, KINDS, columns_wanted(chosen, KINDS), frames={}, scratch=folder)
    plans = plan_all(chosen, KINDS, intake, Ask(REQUEST.as_of, find_region(LIBRARY), LIMITS, off))
    judge(con, plans)
    digits = {}
    for plan in plans:
        flagged = con.execute(f"SELECT _row, digit FROM flagged WHERE code = '{plan.policy.code}'").fetchall()
        digits[plan.policy.code] = dict(flagged) | {row: digit for (_, row), digit in quiet_rows(con, plan).items()}
    return Compared(said(path), digits, intake.notes, {one.unit_name for one in intake.inputs})


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


# -- formulas against the engine ---------------------------------------------------------------------------------------


def test_formulas_say_what_the_engine_says_of_2000_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office()
    assert sum(ROWS.values()) == 2000
    books, paths = {}, []
    for name, number in ROWS.items():
        rows = make_rows(KINDS[name], number, seed=1)
        book, books[name] = made(KINDS[name], rows, monkeypatch)
        paths.append(fill(book, tmp_path / f"{name}.xlsx", rows))
    digits, good = Counter[tuple[int, int]](), 0
    for name, path in zip(ROWS, reckon(paths, tmp_path), strict=True):
        compared = compare(path, books[name], tmp_path)
        assert len(compared.said) == ROWS[name]
        assert compared.differences() == [], name
        assert compared.units == {"测试工会"}  # as the settings say
        assert [(note.code, note.severity) for note in compared.notes if note.sheet == "说明"] == [("Q11", "info")]
        assert not [note for note in compared.notes if note.code == "Q09"]
        digits += Counter((int(str(told[code])[:1]), found[row]) for code, found in compared.digits.items()
                          for row, told in enumerate(compared.said, start=3))  # fmt: skip
        good += sum(told["行"] == 1 for told in compared.said)
    same = sum(count for (own, other), count in digits.items() if own == other)
    # Not everything may be unknown: most verdicts are the same, and of every sort there are many.
    assert sum(digits.values()) > 20_000
    assert same > 0.85 * sum(digits.values())
    assert good > 1500
    assert all(digits[digit, digit] > 100 for digit in (COMPLIANT, FAILS, UNKNOWN, NOT_APPLICABLE, DIFFERS))


def test_a_deleted_column_is_assumed_and_red_ink_and_totals_are_left_to_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office()
    kind = KINDS["aid_payment"]
    names = list(kind.columns)
    rows = make_rows(kind, 60, seed=2)
    gone = names.index("program")
    plain = {
        "aid_kind": "慰问",
        "beneficiary_type": "困难职工",
        "campaign": "送温暖",
        "hardship_tier": "困难",
        "goods_value": None,
    }
    for number, row in enumerate(rows[:20]):
        for name, cell in {**plain, "pay_date": date(2021, 1, 20), "amount": 500 + number % 2}.items():
            row[names.index(name)] = cell
    without = [[None if place == gone else cell for place, cell in enumerate(row)] for row in rows]
    red = [list(row) for row in make_rows(kind, 20, seed=3)]
    for one, other in ((0, 1), (2, 3)):
        red[other] = list(red[one])
        red[one][names.index("amount")], red[other][names.index("amount")] = 777, -777
        red[other][names.index("note")] = "冲销上一笔"
    red.append([None] * len(names))
    red.append(["合计" if place == 0 else 1554 if name == "amount" else None for place, name in enumerate(names)])
    book, checks = made(kind, rows, monkeypatch)
    paths = [
        fill(delete_column(book, gone), tmp_path / "without.xlsx", without),
        fill(book, tmp_path / "red.xlsx", red),
        fill(book, tmp_path / "blank.xlsx", [[None] * len(names), ["张三"]]),
    ]
    one, other, blank = reckon(paths, tmp_path)
    compared = compare(one, checks, tmp_path)
    assert compared.differences() == []
    judged = {(number % 2, told["C01"]) for number, told in enumerate(compared.said[:20]) if told["行"] == 1}
    assert judged == {(0, COMPLIANT), (1, FAILS)}  # as of the winter campaign
    told = said(other)
    assert [row["行"] for row in told[:4]] == [2, 2, 2, 2]
    assert told[-1]["行"] == 2
    assert sum(row["行"] == 1 for row in told) > 8
    assert all(str(row[RESULT]).startswith("缺数据") for row in (*told[:4], told[-1]))
    assert [row["行"] for row in said(blank)] == [2]


def scope() -> dict[str, Name]:
    columns = {
        name: Name(f'p."{name}"', of, scale) for name, of, scale in (("n", "decimal", 2), ("t", "text", 0), ("i", "integer", 0))
    }
    columns["d"] = Name('p."d"', "date", upper='p."d__to"')
    columns["rate"] = Name('p."rate"', "decimal", 6, companion='p."rate__unit"')
    columns["id_no"] = Name('p."id_no"', "text", companion='p."id_no__form"')
    columns["as_of"] = Name(f"DATE '{date.max}'", "date")
    return columns | {":limit": Name("CAST(500 AS DECIMAL(3,0))", "decimal", digits=3)}


ASKED = {
    "name": "n = 1", "parameter": "n <= :limit", "number, text": "t = 'a' OR n = 0.5", "day": "d < DATE '2021-02-12'", "TRUE, FALSE": "TRUE", "( )": "(n = 1)",
    "AND": "n = 1 AND t = 'a'", "OR": "n = 1 OR t = 'a'", "NOT": "NOT n = 1", "=": "n = i", "<>": "t <> 'a'", "<": "n < 1", "<=": "d <= as_of", ">": "n > 1",
    ">=": "n >= 1", "IN": "t IN ('a', 'b') AND i IN (1, 2)", "BETWEEN": "n BETWEEN 1 AND 2", "LIKE": "t LIKE '%a%b' OR t LIKE '__%c'", "IS NULL": "t IS NULL",
    "CASE": "CASE WHEN n = 1 THEN 1 ELSE 2 END = 2", "+, -": "n + 1 - i > 0", "*": "n * 100 > 1", "- (sign)": "-n < 0", "abs": "abs(n) > 1",
    "round": "round(n, 1) = 1", "year": "year(d) = 2021", "days_between": "days_between(d, as_of) > 3", "years_between": "years_between(d, as_of) > 3", "printed_unit": "printed_unit(rate) < 1",
    "identity_form": "identity_form(id_no) = 'sound'", "apportion": "apportion(i, 1, 60, 40) = 1",
}  # fmt: skip


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.name)
def test_every_operator_has_a_formula_or_is_refused(operator: object) -> None:
    name = operator.name  # type: ignore[attr-defined]
    sheet = Sheet(
        ("n", "t"), lambda n: f"${n}", lambda n: f"${n}v", lambda n: f"f{n}", "fc_day", frozenset(), frozenset({"t", "id_no"})
    )
    sql = condition(ASKED[name], scope()).sql
    if name == "apportion":
        with pytest.raises(NoFormula, match="小数位数不明"):
            formula(sql, sheet)
        return
    written = formula(sql, sheet)
    assert written
    assert "LET(" not in written
    assert "TEXTJOIN(" not in written


# -- the workbook ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["aid_payment", "budget_execution", "satisfaction"])
def test_every_policy_of_the_kind_is_checked_or_listed_with_the_reason(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "PREPARED", 5)
    book, checks = made(KINDS[name], [[]], monkeypatch)
    own = {code for code, loaded in LIBRARY.policies.items() if loaded.policy.ledger == name}
    assert {code for code, _ in checks.compiled} | {code for code, _, _ in checks.left} == own
    assert all(reason for _, _, reason in checks.left)
    guide = openpyxl.load_workbook(io.BytesIO(book))["说明"]
    assert own <= {row[0].value for row in guide.iter_rows()}


def test_a_template_with_checks_that_is_not_filled_in_yet_is_read_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made_by = run("ledgers", "template", "budget_execution", "--with-checks", "--as-of", "2021-12-31", "--unit", "测试工会", "--campaign", "年度预算",
                  "--output", path)  # fmt: skip
    assert made_by.exit_code == 0, made_by.output
    assert "条规则" in made_by.output
    book = openpyxl.load_workbook(path)
    assert [book["设置"][f"B{row}"].value for row in (2, 3)] == ["测试工会", "年度预算"]
    assert book["设置"]["B4"].value.date() == date(2021, 12, 31)
    assert str(book["设置"]["B6"].value) == f"sha256:{load_library(()).sha256}"
    ran = run("check", path, "--as-of", "2021-12-31", "--format", "json")
    assert '"Q09"' not in ran.output
    assert "核对栏" in ran.output


def test_options_of_checks_need_checks(tmp_path: Path) -> None:
    refused = run("ledgers", "template", "subsidy", "--pack", "yuanjiang-2021", "--output", tmp_path / "a.xlsx")
    assert refused.exit_code == 2
    assert "--with-checks" in refused.output
    assert list(tmp_path.iterdir()) == []
