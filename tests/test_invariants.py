"""What holds of every run, whatever the ledgers say: nothing is lost, counted twice, decided by order, or given away."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.cases import Followed
from engine.check import Request, check
from engine.every_row import quiet_rows
from engine.formats import json_document, json_lines
from engine.judge import COMPLIANT
from engine.report import COUNTED, Report, stream_findings
from ledgers.kinds import load_kinds
from policies.load import load_library, shipped_packs
from tests.reference import COMPLIANT as IN_ORDER
from tests.reference import Sheet, judge_all, read_ledger
from tests.test_bad_input import write_pack
from tests.test_engine_agrees import GOOD, ODD_DAYS, all_ledgers, framed, written

AS_OF = date(2021, 12, 31)
PACKS = tuple(shipped_packs())
KINDS = load_kinds()
POLICIES = {code: loaded.policy for code, loaded in load_library(PACKS).policies.items()}
EXAMPLES = 60 if settings.get_current_profile_name() == "ci" else 4  # pytest --hypothesis-profile ci
TRIED = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

Ledgers = Mapping[str, list[Sheet]]


@pytest.fixture(scope="module", autouse=True)
def only_what_is_asserted() -> Iterator[None]:
    """Leave refund cases out: they have tests of their own, and each takes a process."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("engine.check.follow_cases", lambda *asked: Followed({}, None))
        yield


def judged(ledgers: Ledgers, **more: Any) -> Report:
    """Judge ledgers of one sheet each by all shipped packs."""
    return check(Request(AS_OF, frames={kind: framed(own[0]) for kind, own in ledgers.items()}, packs=PACKS, **more))


def table(*rows: dict[str, str]) -> list[Sheet]:
    """Lay rows out as the one sheet of a ledger."""
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    return [Sheet(columns, [{name: row.get(name) for name in columns} for row in rows])]


PAYMENT = {
    "name": "测试甲",
    "id_no": "990001196102021076",
    "pay_date": "2021-02-03",
    "amount": "500",
    "aid_kind": "慰问",
    "beneficiary_type": "困难职工",
    "employer": "测试一厂",
    "campaign": "春节",
    "fund_source": "自筹",
    "paying_org": "第一工会",
}
RESIDENT = {**PAYMENT, "beneficiary_type": "居民"}
CLOSED_FILE = {
    "name": "测试甲",
    "id_no": "990001196102021076",
    "filed_at": "2021-02-08",
    "status": "已脱困",
    "exit_date": "2021-01-01",
}


# ---- Every row has one verdict of every policy.


@TRIED
@given(all_ledgers())
def test_the_verdicts_of_a_policy_partition_its_rows(ledgers: Ledgers) -> None:
    report = judged(ledgers)
    found = [*stream_findings(report), *stream_findings(report, leads=True)]
    rows = Counter((one["code"], *place) for one in found for place in places(one))
    assert set(rows.values()) <= {1}
    flagged = Counter((one["code"], one["verdict"]) for one in found for _ in places(one))
    for own in report.coverage:
        total = sum(getattr(own, name) for name in COUNTED)
        not_judged = sum(one["not_judged"] for one in own.by_input)
        assert own.rows == (len(ledgers[kind_of(own.code)][0].rows) if kind_of(own.code) in ledgers else 0)
        assert total + not_judged == (own.rows if own.by_input else 0)
        assert sum(one["rows"] for one in own.by_input) in (0, own.rows)
        for name in (
            ("lead",) if own.basis == "lead" else ("violation", "suspect", "not_evaluable")
        ):  # of a lead nothing else is listed
            assert getattr(own, name) == flagged[own.code, name], own.code
    report.con.close()


def kind_of(code: str) -> str:
    """Name the ledger that a policy judges."""
    return POLICIES[code].ledger


def places(finding: Mapping[str, Any]) -> list[tuple[str, int]]:
    """List the judged rows of a finding that was made from frames."""
    return [(place["path"], place["row"]) for place in finding["locations"] if place["path"] == f"<{finding['ledger']}>"]


def test_a_policy_without_its_ledger_stands_once_in_the_coverage_and_in_no_finding() -> None:
    report = judged({"aid_payment": table(PAYMENT, RESIDENT)})
    missing = [own for own in report.coverage if own.code in ("A01", "A02", "E01", "E02", "E04", "F01", "F05")]
    assert [own.status for own in missing] == ["ledger_missing"] * 7
    assert all("缺少台账" in (own.reason or "") for own in missing)
    assert [sum(getattr(own, name) for name in COUNTED) for own in missing] == [0] * 7
    assert {one["code"] for one in stream_findings(report)} <= {"B01", "C05"}


@TRIED
@given(all_ledgers())
def test_every_row_that_could_not_be_judged_says_why(ledgers: dict[str, list[Sheet]]) -> None:
    report = judged(ledgers)
    unjudged = [one for one in stream_findings(report) if one["verdict"] == "not_evaluable"]
    assert not [(one["code"], *places(one), one["message"]) for one in unjudged if not one["missing"]]
    report.con.close()


UNJUDGED = {
    "a file of the payee's name has a masked number": ("A01", {}, {"id_no": "9900****1076"}),
    "the day of filing is known to the month only": ("A02", {}, {"filed_at": "2021年2月", "status": "在档", "exit_date": ""}),
    "the day of payment is known to the month only": ("A02", {"pay_date": "2021年2月"}, {}),
}


@pytest.mark.parametrize("why", UNJUDGED)
def test_what_could_not_be_judged_is_said_in_words(why: str) -> None:
    code, payment, file = UNJUDGED[why]
    report = judged({"aid_payment": table({**PAYMENT, **payment}), "hardship_archive": table({**CLOSED_FILE, **file})})
    found = [one for one in stream_findings(report) if one["code"] == code]
    assert [one["verdict"] for one in found] == ["not_evaluable"]
    assert [reason for one in found for reason in one["missing"]]


SUBSIDY = {
    "subsidy_id": "P1",
    "name": "张三",
    "subsidy_item": "过节费",
    "pay_date": "2020-02-01",
    "amount": "1000",
    "irregular": "是",
}
REFUND = {"subsidy_id": "", "name": "张三", "amount": "1000", "received_at": "2020-03-01"}


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", "为空或无法读取，可能属于本行"), ("en", "is blank or cannot be read may belong to this one")],
)
def test_a_refund_without_its_number_is_named_as_what_leaves_the_duty_open(lang: str, words: str) -> None:
    report = judged({"subsidy": table(SUBSIDY), "subsidy_refund": table({**REFUND, "name": "张*"})}, lang=lang)
    reasons = {one["code"]: one["missing"] for one in stream_findings(report) if one["verdict"] == "not_evaluable"}
    assert reasons["F01"]
    assert all(words in reason for reason in reasons["F01"])


LIMIT = """
parameters:
  limit:
    zh: 上限
    en: limit
    values: [{value: 300, from: 2022-01-01}]
"""


@pytest.mark.parametrize(
    ("lang", "pay_date", "words"),
    [
        ("zh", "2021-02-03", "参数“上限”没有适用于该日期"),
        ("en", "2021-02-03", "no value of its parameter “limit”"),
        ("zh", "", "发放日期为空"),
    ],
)
def test_a_parameter_without_a_value_for_the_day_is_the_policys_gap_and_not_the_ledgers(
    lang: str, pay_date: str, words: str, tmp_path: Path
) -> None:
    pack = write_pack(tmp_path / "own", rule=('"amount <= :limit"', LIMIT))
    payments = {"aid_payment": framed(table({"name": "测试甲", "pay_date": pay_date, "amount": "500"})[0])}
    report = check(Request(AS_OF, frames=payments, packs=(str(pack),), only=("H01",), lang=lang))
    [found] = stream_findings(report)
    assert found["verdict"] == "not_evaluable"
    assert [words in reason for reason in found["missing"]] == [True]


# ---- A blank cell clears nobody.

# Columns that a policy reads and in which a blank is unknown. Not in the list, because there a blank says something:
# exit_date (the file is not closed), irregular_amount (the whole payment is irregular), irregular (no decision),
# stated_rate (no rate is printed), budget_kind (only the weaker clause), archive_id (the identity number decides).
# In the ledgers below everybody has one name and no file number: likeness rests on the name, and a weaker key finds others.
UNKNOWN_IF_BLANK = {
    "A01": {"aid_payment": ("id_no", "pay_date", "aid_kind", "beneficiary_type"), "hardship_archive": ("id_no", "filed_at", "status")},
    "A02": {
        "aid_payment": ("id_no", "pay_date", "aid_kind", "beneficiary_type", "transferred_at"),
        "hardship_archive": ("id_no", "filed_at", "approved_at"),
    },
    "B01": {"aid_payment": ("pay_date", "beneficiary_type", "employer")},
    "C05": {"aid_payment": ("id_no", "pay_date", "aid_kind", "campaign", "fund_source")},
    "E01": {"budget_execution": ("budget_amount", "executed_amount")},
    "E02": {"budget_execution": ("year", "budget_amount", "executed_amount")},
    "E04": {"budget_execution": ("budget_amount", "executed_amount")},
    "F01": {"subsidy": ("subsidy_id", "pay_date", "amount"), "subsidy_refund": ("subsidy_id", "amount")},
    "F05": {"subsidy": ("subsidy_id", "name", "pay_date", "amount"), "subsidy_refund": ("subsidy_id", "name", "amount", "received_at")},
}  # fmt: skip
PERSONS = (
    {"name": "测试甲", "id_no": "990001196102021076", "subsidy_id": "S1"},
    {"name": "测试乙", "id_no": "990002196203031149", "subsidy_id": "S2"},
)
SOMETIMES_ODD = {
    "beneficiary_type": ("居民", "劳模", "XX"),
    "pay_date": ODD_DAYS,
    "aid_kind": ("生活", "培训"),
    "fund_source": ("央财", "X"),
    "status": ("已脱困", "有档"),
    "filed_at": ("2021-02-20", "2021年2月"),
    "amount": ("1", "X元", "99999"),
    "executed_amount": ("1", "9999999999"),
    "irregular_amount": ("1",),
    "stated_rate": ("97.2%", "1.5"),
}


@st.composite
def rows_that_break_policies(draw: st.DrawFn, kind: str) -> dict[str, str | None]:
    """Draw a row of somebody, often with one cell that breaks a policy."""
    row: dict[str, str | None] = dict(draw(st.sampled_from(PERSONS)))
    row |= {name: draw(st.sampled_from(texts)) for name, texts in GOOD[kind].items() if name not in ("archive_id", "subsidy_id")}
    row = {name: text for name, text in row.items() if name in KINDS[kind].columns}
    for name in draw(st.lists(st.sampled_from(sorted(SOMETIMES_ODD)), max_size=2, unique=True)):
        if name in row:
            row[name] = draw(st.sampled_from(SOMETIMES_ODD[name]))
    return row


@st.composite
def ledgers_that_break_policies(draw: st.DrawFn) -> dict[str, list[Sheet]]:
    """Draw every kind of ledger with a few rows."""
    found = {kind: draw(st.lists(rows_that_break_policies(kind), min_size=1, max_size=4)) for kind in GOOD}
    return {kind: [Sheet(tuple(rows[0]), rows)] for kind, rows in found.items()}


def blanked(ledgers: Ledgers, kind: str, row: int, column: str) -> dict[str, list[Sheet]]:
    """Give ledgers with one cell made blank."""
    sheet = ledgers[kind][0]
    rows = [{**own, column: ""} if number == row else own for number, own in enumerate(sheet.rows)]
    return {**ledgers, kind: [Sheet(sheet.columns, rows)]}


def rows_in_order(ledgers: Ledgers, codes: list[str]) -> dict[str, set[int]]:
    """Number the rows that plain Python finds compliant."""
    verdicts = judge_all([POLICIES[code] for code in codes], KINDS, ledgers, AS_OF)
    return {code: {number for number, verdict in enumerate(found) if verdict == IN_ORDER} for code, found in verdicts.items()}


def compliant_rows(ledgers: Ledgers) -> dict[str, set[int]]:
    """Number the rows that the engine finds compliant."""
    report = judged(ledgers)
    found = {}
    for plan in report.plans:
        quiet = quiet_rows(report.con, plan) if plan.status == "judged" else {}
        found[plan.policy.code] = {row for (_, row), digit in quiet.items() if digit == COMPLIANT}
    report.con.close()
    return found


# ---- Order changes nothing.


def told(said: tuple[tuple[str, str], ...], key: bytes | None = None) -> tuple[list[Any], list[Any], dict[str, Any]]:
    """Judge files; give what must not depend on order: findings without their places, coverage, and the sums."""
    report = check(Request(AS_OF, said=said, packs=PACKS, key=key))
    amounts = ("amount_involved", "amount_to_recover", "amount_short")
    found = [tuple(one[name] for name in ("code", "fingerprint", "verdict", "unit", *amounts)) for one in stream_findings(report)]
    sums = {name: value for name, value in report.summary.items() if name not in ("exit_reasons",)}
    coverage = [(own.code, own.status, *own[4:11]) for own in report.coverage]
    report.con.close()
    return sorted(found, key=repr), coverage, sums


@TRIED
@given(all_ledgers(), st.randoms(use_true_random=False), st.sampled_from([None, b"secret"]))
def test_shuffling_rows_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, ledgers: dict[str, list[Sheet]], chance: Any, key: bytes | None
) -> None:
    shuffled = {kind: [own[0]._replace(rows=chance.sample(own[0].rows, len(own[0].rows)))] for kind, own in ledgers.items()}
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    assert told(written(one, ledgers), key) == told(written(other, shuffled), key)


@TRIED
@given(all_ledgers(), st.integers(1, 11), st.sampled_from([None, b"secret"]))
def test_splitting_a_ledger_over_two_files_and_reordering_the_files_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, ledgers: dict[str, list[Sheet]], at: int, key: bytes | None
) -> None:
    halves = {kind: parted(own[0], at) for kind, own in ledgers.items()}
    whole = told(written(tmp_path_factory.mktemp("whole"), ledgers), key)
    assert told(written(tmp_path_factory.mktemp("parts"), halves), key) == whole
    turned = written(tmp_path_factory.mktemp("turned"), {kind: own[::-1] for kind, own in halves.items()})
    assert told(turned[::-1], key) == whole


def parted(sheet: Sheet, at: int) -> list[Sheet]:
    """Part a sheet in two, none of them blank, if it has two rows: a file of nothing but its header is refused."""
    cut = 1 + at % (len(sheet.rows) - 1) if len(sheet.rows) > 1 else 0
    halves = [sheet._replace(rows=sheet.rows[:cut]), sheet._replace(rows=sheet.rows[cut:])]
    return halves if all(any(text for row in half.rows for text in row.values()) for half in halves) else [sheet]


def test_which_of_two_payments_of_one_key_stands_first_does_not_move_a_fingerprint(tmp_path: Path) -> None:
    rows = [RESIDENT, {**RESIDENT, "beneficiary_type": ""}]
    (tmp_path / "turned").mkdir()
    said = written(tmp_path, {"aid_payment": table(*rows)})
    assert told(said) == told(written(tmp_path / "turned", {"aid_payment": table(*rows[::-1])}))


def test_which_of_two_units_paid_first_does_not_move_the_fingerprint_of_a_double_payment(tmp_path: Path) -> None:
    rows = [PAYMENT, {**PAYMENT, "paying_org": "第二工会"}]
    (tmp_path / "turned").mkdir()
    said = written(tmp_path, {"aid_payment": table(*rows)})
    assert told(said) == told(written(tmp_path / "turned", {"aid_payment": table(*rows[::-1])}))


def test_what_is_involved_does_not_hang_on_which_of_two_payments_to_a_resident_stands_first(tmp_path: Path) -> None:
    rows = [RESIDENT, {**PAYMENT, "pay_date": "2021-02-05"}]
    (tmp_path / "turned").mkdir()
    said = written(tmp_path, {"aid_payment": table(*rows)})
    assert told(said) == told(written(tmp_path / "turned", {"aid_payment": table(*rows[::-1])}))


@TRIED
@given(all_ledgers())
def test_the_same_input_twice_gives_the_same_bytes(ledgers: dict[str, list[Sheet]]) -> None:
    first, second = judged(ledgers), judged(ledgers)
    for form in (json_document, json_lines):
        assert printed(form, first) == printed(form, second)
    first.con.close()
    second.con.close()


def printed(form: Any, report: Report) -> bytes:
    """Print a report in one format."""
    out = io.BytesIO()
    form.write(report, out)
    return out.getvalue()


# ---- Money is counted once.


def test_money_of_one_row_is_counted_once_however_many_policies_it_breaks() -> None:
    report = judged({"aid_payment": table(PAYMENT), "hardship_archive": table(CLOSED_FILE)})
    found = {one["code"]: (one["verdict"], one["amount_involved"]) for one in stream_findings(report)}
    assert found == {"A01": ("suspect", "500.00"), "A02": ("violation", "500.00"), "A08": ("suspect", "500.00")}
    assert report.summary["amount_involved"] == "500.00"


def test_of_a_double_payment_that_breaks_other_policies_too_each_row_is_counted_once() -> None:
    report = judged({"aid_payment": table(PAYMENT, {**PAYMENT, "amount": "300"}), "hardship_archive": table(CLOSED_FILE)})
    found = Counter(one["code"] for one in stream_findings(report))
    assert found == {"A01": 2, "A02": 2, "A08": 2, "C05": 1}
    assert report.summary["amount_involved"] == "800.00"


@TRIED
@given(all_ledgers())
def test_what_payments_involve_lies_between_the_largest_finding_and_the_money_of_all_flagged_rows(
    ledgers: dict[str, list[Sheet]],
) -> None:
    payments = {kind: own for kind, own in ledgers.items() if kind in ("aid_payment", "hardship_archive")}
    report = judged(payments)
    loud = [one for one in stream_findings(report) if one["verdict"] in ("violation", "suspect")]
    rows = read_ledger(KINDS["aid_payment"], payments["aid_payment"]).rows
    cells = [rows[row - 2].cells.get("amount") for row in {row for one in loud for _, row in places(one)}]
    money = [cell.value for cell in cells if cell is not None and cell.value is not None]
    involved = Decimal(report.summary["amount_involved"])
    assert involved <= sum(amount for amount in money if amount > 0)
    if all(amount >= 0 for amount in money):
        assert involved >= max((Decimal(one["amount_involved"] or 0) for one in loud), default=Decimal(0))
    report.con.close()


# ---- Fingerprints give nothing away.


def fingerprints(ledgers: Ledgers, key: bytes | None = None) -> dict[tuple[str, str, str], str]:
    """Give the fingerprint of each finding by code, verdict and amount."""
    report = judged(ledgers, key=key)
    return {(one["code"], one["verdict"], one["amount_involved"]): one["fingerprint"] for one in stream_findings(report)}


def test_without_a_key_name_and_number_leave_no_trace_in_a_fingerprint() -> None:
    somebody = fingerprints({"aid_payment": table(RESIDENT)})
    other = {**RESIDENT, "name": "测试乙", "id_no": "990002196203031149"}
    assert fingerprints({"aid_payment": table(other)}) == somebody
    assert set(somebody) == {("B01", "violation", "500.00")}
    for column, text in (("pay_date", "2021-02-04"), ("amount", "501"), ("campaign", "五一"), ("paying_org", "第二工会")):
        moved = fingerprints({"aid_payment": table({**RESIDENT, column: text})})
        assert set(moved.values()).isdisjoint(somebody.values()), column


def test_without_a_key_what_is_written_of_an_unreadable_name_or_number_leaves_no_trace_either() -> None:
    masked = {"name": "测*", "id_no": "9900****1076"}
    violation = "B01", "violation", "500.00"
    found = fingerprints({"aid_payment": table({**RESIDENT, **masked})})
    assert found[violation] == fingerprints({"aid_payment": table(RESIDENT)})[violation]


def test_with_a_key_name_and_number_tell_findings_apart() -> None:
    somebody = fingerprints({"aid_payment": table(RESIDENT)}, b"secret")
    assert fingerprints({"aid_payment": table({**RESIDENT, "name": "测试乙"})}, b"secret") != somebody
    assert fingerprints({"aid_payment": table(RESIDENT)}, b"other") != somebody


KEYS = (b"k", b"secret'; --", bytes(range(64)), b"\x00" * 64 + b"\xff", "工会的密钥".encode() * 20)


@pytest.mark.parametrize("key", KEYS, ids=["short", "quoted", "a block", "longer than a block", "much longer"])
def test_a_keyed_fingerprint_is_the_hmac_of_code_unit_business_key_and_ordinal(key: bytes) -> None:
    found = fingerprints({"aid_payment": table(RESIDENT, {**RESIDENT, "pay_date": "2021.2.30", "amount": "300"})}, key)
    first = "\x1f990001196102021076\x1f测试甲\x1f2021-02-03\x1f慰问\x1f春节\x1f500.00"
    second = "\x1f990001196102021076\x1f测试甲\x1f2021.2.30\x1f慰问\x1f春节\x1f300.00"
    assert found["B01", "violation", "500.00"] == keyed(key, "B01", "第一工会", first, 1)
    assert found["B01", "not_evaluable", "300.00"] == keyed(key, "B01", "第一工会", second, 1)


def test_the_keyed_fingerprint_of_a_group_names_all_its_rows_in_an_order_of_its_own() -> None:
    rows = [PAYMENT, {**PAYMENT, "pay_date": "2021-01-05"}]
    found = fingerprints({"aid_payment": table(*rows)}, b"secret")
    parts = (f"\x1f990001196102021076\x1f测试甲\x1f{day}\x1f慰问\x1f春节\x1f500.00" for day in ("2021-01-05", "2021-02-03"))
    assert found == {("C05", "violation", "500.00"): keyed(b"secret", "C05", "第一工会", "\x1e".join(parts), 1)}


def test_equal_findings_are_numbered() -> None:
    report = judged({"aid_payment": table(RESIDENT, RESIDENT)}, key=b"secret")
    text = "\x1f990001196102021076\x1f测试甲\x1f2021-02-03\x1f慰问\x1f春节\x1f500.00"
    found = [one["fingerprint"] for one in stream_findings(report) if one["code"] == "B01"]
    assert found == [keyed(b"secret", "B01", "第一工会", text, number) for number in (1, 2)]


def keyed(key: bytes, code: str, unit: str, text: str, number: int) -> str:
    """Compute a fingerprint as anybody with the key can."""
    return hmac.new(key, "\x1d".join((code, unit, text, str(number))).encode(), hashlib.sha256).hexdigest()[:32]


def test_an_unkeyed_report_shows_no_name_and_no_number() -> None:
    whole = printed(json_document, judged({"aid_payment": table(PAYMENT, RESIDENT), "hardship_archive": table(CLOSED_FILE)}))
    assert json.loads(whole)["findings"]
    assert "测试甲" not in whole.decode()
    assert "990001196102021076" not in whole.decode()
