"""Let every policy prove itself by the cases in its own file, and every quote by its document."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from declared import Refused
from engine.lint.rules import lint
from engine.manual import policy_sql
from engine.report import UNITS
from engine.trial import try_cases
from engine.wanted import columns_wanted
from ledgers.english import CHINESE
from ledgers.kinds import Kind
from ledgers.values import check_digit
from policies.case import Case
from policies.load import HERE, PACKS, Library, load_library, shipped_packs, squeezed
from policies.prove import open_documents, prove
from policies.rows import ROWS, find_gaps, load_rows

SOURCES = Path(__file__).parents[2] / "shared" / "sources"
GROUPS = ["A", "B", "C0", "C1", "C2", "C3", "D", "E0", "E1", "E2", "E3", "E4", "E5", "F", "G"]  # of codes, each tried in one go
THE_FOUR = {"A01", "A02", "B01", "C05", "E01", "E02", "E04", "F01", "F05"}


@pytest.mark.parametrize("group", GROUPS)
def test_every_case_of_every_policy_gets_the_verdict_it_expects(library: Library, group: str) -> None:
    codes = {code for code in library.policies if code.startswith(group)}
    outcomes = list(try_cases(library, codes))
    assert [f"{o.place} {o.title}: {o.expected} {o.got}" for o in outcomes if not o.passed] == []
    assert codes == {outcome.code for outcome in outcomes} != set()


def test_a_row_of_a_case_stands_for_as_many_as_its_times_say() -> None:
    rows = [{"times": 2, "name": "测试####", "amount": 5}, {"name": "测试甲", "amount": 6}]
    case = Case.model_validate({"name": "many", "aid_payment": rows, "expect": [{"not_evaluable": 2}, "compliant"]})
    assert case.ledgers == {
        "aid_payment": [{"name": "测试0001", "amount": 5}, {"name": "测试0002", "amount": 5}, {"name": "测试甲", "amount": 6}]
    }
    assert case.verdicts == ["not_evaluable", "not_evaluable", "compliant"]
    assert case.expected == "2 × not evaluable, compliant"


def test_every_policy_is_tried_in_one_group(library: Library) -> None:
    assert [code for code in library.policies if sum(map(code.startswith, GROUPS)) != 1] == []


def test_a_case_fails_whose_first_message_is_not_the_one_that_it_states(library: Library) -> None:
    layer = next(one for one in library.layers if one.policy.code == "A03")
    case = next(case for case in layer.policy.cases if case.says)
    for says, passed in ((case.says, True), (f"{case.says}。", False)):
        policy = layer.policy.model_copy(update={"cases": [case.model_copy(update={"says": says})]})
        tried = library._replace(layers=(layer._replace(policy=policy),))
        assert [outcome.passed for outcome in try_cases(tried)] == [passed]


def test_the_policies_of_the_mission_are_there(library: Library) -> None:
    assert set(library.policies) >= THE_FOUR


def test_no_policy_breaks_a_rule_of_good_policies(library: Library) -> None:
    assert [str(problem) for problem in lint(library).problems] == []


def test_every_policy_is_tried_on_a_lawful_look_alike_and_on_missing_data(library: Library) -> None:
    for loaded in library.layers:
        cases = loaded.policy.cases
        assert any(case.innocent for case in cases), loaded.policy.id
        assert any("not_evaluable" in case.verdicts for case in cases), loaded.policy.id


def test_identity_numbers_in_cases_are_of_a_region_that_does_not_exist(library: Library) -> None:
    numbers = Counter(re.findall(r"\b[0-9]{17}[0-9X]\b", " ".join(str(loaded.policy.cases) for loaded in library.layers)))
    assert len(numbers) >= 4
    for number in numbers:
        assert number.startswith("99")
        if number not in ("990001196102021077", "990002196203031140", "990003196313041213"):  # mistyped on purpose
            assert check_digit(number[:17]) == number[17]


def test_every_quote_stands_exactly_once_in_its_document(library: Library) -> None:
    """The documents are not part of the project; where they are not at hand, the recorded proofs are what is tested."""
    quotes = [c for loaded in library.layers for c in loaded.policy.citations if c.quote]
    assert len(quotes) >= 12
    assert all(library.is_proved(citation) for citation in quotes)
    if not SOURCES.is_dir():
        pytest.skip(f"the source documents are not at hand ({SOURCES.name} is absent): recorded proofs were tested instead")
    proofs = list(prove(library.layers, library.documents, open_documents(SOURCES, library.documents)))
    assert {proof.status for proof in proofs} == {"found"}
    assert len(proofs) >= 10


def test_a_quote_that_is_not_there_is_orphaned_and_one_that_stands_twice_is_ambiguous(library: Library, tmp_path: Path) -> None:
    text = "".join(
        c.quote or ""
        for loaded in library.layers
        for c in loaded.policy.citations
        if (c.recited_in or c.source) == "yuanjiang-2021"
    )
    (tmp_path / "004_e46a602e6b86e3d6.txt").write_text(text.replace("资金只能用于", "资金可以用于"), encoding="utf-8")
    found = {
        proof.quote: proof for proof in prove(library.layers, library.documents, open_documents(tmp_path, library.documents))
    }
    assert found["资金只能用于对困难职工(农民工)群体开展帮扶救助"].status == "orphaned"
    assert "资金可以用于" in found["资金只能用于对困难职工(农民工)群体开展帮扶救助"].what
    assert found["必须坚持“依档帮扶”的原则和“先建档、后帮扶、实名制”的工作程序"].status == "ambiguous"
    assert found["困难农民和困难城镇居民不属于工会系统慰问对象"].status == "document_changed"
    assert next(proof for proof in found.values() if proof.document == "panyu-2018").status == "document_missing"


def test_white_space_of_any_kind_does_not_hide_a_quote() -> None:
    assert squeezed("79\u00a0户\u3000 27.65\n万元") == "79户27.65万元"


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark", "oracle", "tsql"])
def test_every_policy_can_be_written_in_every_dialect(library: Library, dialect: str) -> None:
    from datetime import date

    for loaded in library.policies.values():
        text = policy_sql(loaded, dialect, date(2021, 3, 1))
        assert loaded.policy.ledger in text
        assert ("not run" in text) == (dialect in ("oracle", "tsql"))


def test_every_unit_of_a_parameter_has_its_english(library: Library) -> None:
    """A report in English asked for a limit in 元."""
    units = {parameter.unit for layer in library.layers for parameter in layer.policy.parameters.values()} - {""}
    assert len(units) > 5
    assert units <= set(UNITS)
    assert not any(CHINESE.search(english) for english in UNITS.values())


def test_what_an_assumption_follows_from_is_read_in_big_files_too(library: Library, kinds: dict[str, Kind]) -> None:
    """Of big files free text is read only where a policy wants it: a name that stands in for a number was left out."""
    wanted = columns_wanted([library.policies["C19"]], kinds)
    assert {"name", "member_no", "pay_date"} <= wanted["condolence_issue"]


def test_a_code_in_several_packs_is_judged_once_with_all_its_citations() -> None:
    core, wide = load_library([]), load_library(["yuanjiang-2021"])
    assert set(core.policies) < set(wide.policies)
    assert {layer.pack for layer in wide.layers if layer.policy.code == "B01"} == {"core", "yuanjiang-2021"}
    assert len(wide.policies["B01"].policy.citations) == len(core.policies["B01"].policy.citations) + 1


def test_the_shipped_packs_are_the_folders(kinds: dict[str, Kind]) -> None:
    folders = {path.parent.name for path in PACKS.glob("*/*.yaml")}
    assert set(shipped_packs()) == folders >= {"core", "central-aid-2015", "yuanjiang-2021"}
    files = {path.stem for path in (HERE.parent / "ledgers" / "kinds").glob("*.yaml")}
    assert set(kinds) == files >= {"aid_payment", "hardship_archive", "budget_execution", "subsidy", "subsidy_refund"}


# -- what the sources state, row by row --------------------------------------------------------------------------------


def test_every_row_of_the_sources_is_covered_or_says_why_not(library: Library) -> None:
    stated = load_rows()
    assert [str(problem) for problem in find_gaps(stated.values(), library)] == []
    assert {one.rows[0].id[:2]: len(one.rows) for one in stated.values()} == {"S0": 36, "S1": 30, "S2": 42, "S3": 26, "S4": 45}


def test_notes_named_by_rows_are_notes_of_the_reader() -> None:
    named = {note for one in load_rows().values() for row in one.rows for note in row.notes}
    known = {
        code for path in (HERE.parent / "ledgers").glob("*.py") for code in re.findall(r"\bQ\d\d\b", path.read_text("utf-8"))
    }
    assert named
    assert named <= known


@pytest.mark.parametrize(
    ("was", "became", "complaint"),
    [
        ("id: S0-02", "id: S0-03", "stands where `S0-02` should"),
        ("policies: [E08]", "policies: [Z99]", "no policy Z99"),
        ("policies: [E08]", "policies: [C01]", "none cites this document"),
        ("policies: [C25]", "policies: [C25]\n    by: {zh: 甲, en: a}", "leave `by` out"),
        ("policies: [C25]", "basis: F", "basis"),
        ("policies: [C25]", "leaves: {zh: 甲, en: a}", "give exactly one of"),
    ],
)
def test_a_row_that_is_out_of_order_or_rests_on_nothing_is_refused(
    was: str, became: str, complaint: str, library: Library, tmp_path: Path
) -> None:
    text = (ROWS / "sanshui-2021.yaml").read_text(encoding="utf-8")
    assert was in text
    (tmp_path / "sanshui-2021.yaml").write_text(text.replace(was, became, 1), encoding="utf-8")
    try:
        found = [str(problem) for problem in find_gaps(load_rows(tmp_path).values(), library)]
    except Refused as refused:
        found = [str(problem) for problem in refused.problems]
    assert any(complaint in problem for problem in found), found


def test_every_column_that_a_policy_names_is_read_in_big_files_too(kinds: dict[str, Kind]) -> None:
    """E18 asks level1; its digit was no part of a name, and in a database the column stayed unread."""
    wanted = columns_wanted([load_library(["huadu-2021"]).policies["E18"]], kinds)
    assert {"level1", "level2", "level3"} <= wanted["indicator"]
