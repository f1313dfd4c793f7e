"""The engine agrees with plain Python: on every case that is shipped, and on small ledgers full of what clerks write."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.cases import Followed
from engine.check import Request, check
from engine.report import COUNTED, Report, stream_findings
from engine.trial import judge_case
from ledgers.kinds import load_kinds
from policies.case import Case
from policies.load import Loaded, load_library, shipped_packs
from tests.reference import Sheet, judge_all

AS_OF = date(2021, 12, 31)
KINDS = load_kinds()
PACKS = (tuple(shipped_packs()), (), ("central-aid-2015",))
EXAMPLES = 200 if settings.get_current_profile_name() == "ci" else 12  # pytest --hypothesis-profile ci

Ledgers = Mapping[str, list[Sheet]]
Row = dict[str, str | None]


# ---- Ledgers as people write them: for each column good texts, and odd ones.

PEOPLE = (
    {"name": "测试甲", "id_no": "990001196102021076"},
    {"name": "测试乙", "id_no": "990002196203031149"},
    {"name": "张三", "id_no": "990003196304041211"},
)
NAMES = ("测试甲", "測試乙", "張 三", "测试丁", "测*", "", None)
NUMBERS = (
    "990001196102021076",
    "990001196102021077",
    "９９０００２１９６２０３０３１１４９",
    "'990003196304041211",
    "9900****1076",
    "9.90001196102021E+17",
    "",
    None,
)
DAYS = ("2021-02-03", "2021.2.8", "20210120", "2021年1月")
ODD_DAYS = (
    "2021年2月",
    "2021年",
    "2015-05-07",
    "2015年5月8日",
    "2015年5月",
    "2020-11-30",
    "2020年12月",
    "2021-12-31",
    "2022-01-01",
    "44230",
)
ODD_DAYS += ("2021.2.30", "X月X日", "", "-", None)
AMOUNTS = ("500", "300.5", "1,500", "８００")
ODD_AMOUNTS = ("0", "-500", "-500（冲销）", "红字500", "(300.5)", "X元", "约40", "", "无", None)
FILES = ("D1", "D2", "Ｄ３")
ODD_FILES = ("D9", "XX", "#REF!", "", None)

GOOD: dict[str, dict[str, tuple[str | None, ...]]] = {
    "aid_payment": {
        "pay_date": DAYS,
        "amount": AMOUNTS,
        "aid_kind": ("慰问", "生活", "送温暖慰問"),
        "beneficiary_type": ("困难职工", "困難職工", "农民工"),
        "archive_id": (*FILES, ""),
        "employer": ("测试一厂", "测试二厂"),
        "campaign": ("春节", "春 節"),
        "fund_source": ("央财", "自筹", "自籌"),
        "transferred_at": ("2021-02-10", "2021-02-20", "2021年3月"),
        "paying_org": ("第一工会", "第二工会"),
        "on_city_list": ("是", "是", "否"),
        "fund_year": ("2021", "2021年度"),
        "hardship_tier": ("一般困难", "困难", "特别困难户"),
        "district": ("测试镇", "测试街道"),
    },
    "hardship_archive": {
        "archive_id": (*FILES, ""),
        "filed_at": ("2020-03-01", "2021-02-03", "2021-02-05", "2019年"),
        "approved_at": ("2020-04-01", "2021-02-05", "2021-02-09"),
        "status": ("在档", "在檔", "已脱困"),
        "exit_date": ("", "2021-02-05", "2020-12-31", "2021-06-01"),
        "family_size": ("1", "3人"),
        "own_paid_medical": ("400", "5000"),
    },
    "subsidy": {
        "subsidy_id": ("S1", "S2", "S3"),
        "pay_date": ("2017-05-01", "2013-08-01", "2018.1.5"),
        "amount": ("5000", "2,000", "１０００"),
        "irregular": ("是", "违规", "違規", "√"),
        "irregular_amount": ("", "1000", "2000"),
        "subsidy_item": ("值班补贴", "交通补贴"),
    },
    "subsidy_refund": {
        "subsidy_id": ("S1", "S2", "Ｓ3"),
        "amount": ("1000", "5000", "2000.00", "1000.01"),
        "received_at": ("2018-06-01", "2018-07-01", "2018年6月"),
    },
    "budget_execution": {
        "year": ("2021", "2018年", "2017年度"),
        "budget_amount": ("1150.50万元", "100000", "1,000,000"),
        "executed_amount": ("1150.49万元", "99900", "1000000", "996000", "99899.99"),
        "stated_rate": ("100%", "99.9%", "99.60%", "99.99913%"),
        "budget_kind": ("财政", "工会", "財政"),
        "subject": ("部门整体支出", "劳模津贴"),
    },
    "union_org": {
        "name": ("第一工会", "第二工会", "第三工会"),
        "employer": ("测试一厂", "测试二厂"),
        "parent": ("第一工会", "测试总工会"),
    },
    "member_roster": {"joined_at": ("2018-05-01", "2021-02-04", "2021年1月"), "left_at": ("", "", "2021-02-01")},
    "approved_list": {
        "list_stage": ("审核", "审核名单", "上报", "公示"),
        "listed_amount": ("500", "300.5", "1,500"),
        "paying_org": ("第一工会", "第二工会"),
        "listed_at": ("2021-01-20", "2020-12-01", "2021年1月"),
        "campaign": ("", "春节"),
    },
    "aid_plan": {
        "paying_org": ("第一工会", "第二工会"),
        "planned_at": ("2021-01-05", "2021-02-03", "2021年1月"),
        "year": ("2021", ""),
    },
    "summary_report": {
        "paying_org": ("第一工会", "第二工会"),
        "submitted_at": ("2021-03-01", "2021-02-10", "2021年2月"),
        "reported_amount": ("500", "1000", "8,000"),
        "reported_people": ("1", "2人", ""),
    },
    "fund_collection": {
        "paying_org": ("第一工会", "第二工会"),
        "collected_at": ("2021-02-01", "2020-12-01"),
        "collected_amount": ("500", "1,500", "300.5"),
        "returned_amount": ("", "200", "0"),
    },
    "dibao_standard": {
        "district": ("测试镇", "测试街道"),
        "valid_from": ("2019-07-01", "2021-02-03", "2020年"),
        "monthly": ("20", "600"),
        "basic_living": ("30", "600"),
    },
}
ODD: dict[str, dict[str, tuple[str | None, ...]]] = {
    "aid_payment": {
        "name": NAMES,
        "id_no": NUMBERS,
        "pay_date": ODD_DAYS,
        "amount": ODD_AMOUNTS,
        "aid_kind": ("培训", "送温暖", "XX", "", None),
        "beneficiary_type": ("劳模", "居民", "困難農民", "职工", "XX", "", None),
        "archive_id": ODD_FILES,
        "employer": ("无", "XX", "", None),
        "campaign": ("五一", "XX", "", None),
        "fund_source": ("市级财政", "财政", "X", "", None),
        "transferred_at": ODD_DAYS,
        "paying_org": ("", None),
        "on_city_list": ("XX", "", None),
        "fund_year": ("2020", "X年", "", None),
        "hardship_tier": ("低保户", "XX", "", None),
        "district": ("XX", "", None),
    },
    "hardship_archive": {
        "name": NAMES,
        "id_no": NUMBERS,
        "archive_id": ODD_FILES,
        "filed_at": ODD_DAYS,
        "approved_at": ODD_DAYS,
        "status": ("注销", "XX", "有档", "", None),
        "exit_date": ODD_DAYS,
        "family_size": ("X人", "", None),
        "own_paid_medical": ODD_AMOUNTS,
    },
    "subsidy": {
        "name": NAMES,
        "id_no": NUMBERS,
        "subsidy_id": ("S9", "XX", "", None),
        "pay_date": ("2013-07-31", "2013年8月", "2013年", "2017.2.30", "", None),
        "amount": ODD_AMOUNTS,
        "irregular": ("否", "不详", "XX", "", None),
        "irregular_amount": ODD_AMOUNTS,
        "subsidy_item": ("", None),
    },
    "subsidy_refund": {
        "name": NAMES,
        "subsidy_id": ("S9", "XX", "", None),
        "amount": ODD_AMOUNTS,
        "received_at": ODD_DAYS,
    },
    "budget_execution": {
        "year": ("2019年", "去年", "XX", "", None),
        "budget_amount": ("0", "X万元", "-1000", "", None),
        "executed_amount": ("约99万", "1000001", "0", "", None),
        "stated_rate": ("97.2%", "100", "0.9996", "1.5", "99.99913081%", "XX%", "", None),
        "budget_kind": ("其他", "XX", "", None),
        "subject": ("", None),
    },
    "union_org": {"name": ("XX", "", None), "employer": ("", None), "parent": ("XX", "", None)},
    "member_roster": {"name": NAMES, "id_no": NUMBERS, "joined_at": ODD_DAYS, "left_at": ODD_DAYS},
    "approved_list": {
        "name": NAMES,
        "id_no": NUMBERS,
        "list_stage": ("XX", "", None),
        "listed_amount": ODD_AMOUNTS,
        "paying_org": ("XX", "", None),
        "listed_at": ODD_DAYS,
        "campaign": ("送清凉", "XX", None),
    },
    "aid_plan": {"paying_org": ("XX", "", None), "planned_at": ODD_DAYS, "year": ("2020", "X年", None)},
    "summary_report": {
        "paying_org": ("XX", "", None),
        "submitted_at": ODD_DAYS,
        "reported_amount": ODD_AMOUNTS,
        "reported_people": ("X人", None),
    },
    "fund_collection": {
        "paying_org": ("XX", "", None),
        "collected_at": ODD_DAYS,
        "collected_amount": ODD_AMOUNTS,
        "returned_amount": ODD_AMOUNTS,
    },
    "dibao_standard": {
        "district": ("XX", "", None),
        "valid_from": ODD_DAYS,
        "monthly": ODD_AMOUNTS,
        "basic_living": ODD_AMOUNTS,
    },
}
NEEDED = {  # of each group of columns one must be there, or the ledger is not recognised
    "aid_payment": ({"amount"}, {"name", "id_no"}),
    "hardship_archive": ({"id_no", "archive_id"}, {"filed_at", "approved_at", "status"}),
    "subsidy": ({"amount"}, {"name", "subsidy_id"}, {"subsidy_id", "irregular", "subsidy_item"}),
    "subsidy_refund": ({"amount"}, {"subsidy_id", "name"}),
    "budget_execution": ({"budget_amount"}, {"executed_amount"}),
    "union_org": ({"name"}, {"parent"}),
    "member_roster": ({"name", "id_no"}, {"joined_at"}),
    "approved_list": ({"name", "id_no"}, {"list_stage", "listed_amount"}),
    "aid_plan": ({"paying_org"}, {"planned_at"}),
    "summary_report": ({"paying_org"}, {"submitted_at"}),
    "fund_collection": ({"paying_org"}, {"collected_amount"}),
    "dibao_standard": ({"district"}, {"monthly", "basic_living"}),
}
MOST = {"aid_payment": 12, "hardship_archive": 8, "subsidy_refund": 6, "approved_list": 8}  # rows; 5 of any other


@st.composite
def sheets(draw: st.DrawFn, kind: str, *, least: int = 1, most: int | None = None) -> Sheet:
    """Draw a ledger: rows that are mostly in order, each with up to three odd cells; sometimes columns are absent."""
    every = list(ODD[kind])
    absent = draw(st.one_of(st.just(set()), st.sets(st.sampled_from(every), max_size=3)))
    columns = tuple(
        name for name in every if name not in absent or any(group <= absent and name in group for group in NEEDED[kind])
    )
    rows = draw(st.lists(rows_of(kind), min_size=least, max_size=MOST.get(kind, 5) if most is None else most))
    return Sheet(columns, [{name: row[name] for name in columns} for row in rows])


@st.composite
def rows_of(draw: st.DrawFn, kind: str) -> Row:
    """Draw one row: a person with good cells, and odd ones in up to three columns."""
    row: Row = dict(draw(st.sampled_from(PEOPLE)))
    row |= {name: draw(st.sampled_from(texts)) for name, texts in GOOD[kind].items()}
    for name in draw(st.lists(st.sampled_from(list(ODD[kind])), max_size=3, unique=True)):
        row[name] = draw(st.sampled_from(ODD[kind][name]))
    return {name: row[name] for name in ODD[kind]}


@st.composite
def all_ledgers(draw: st.DrawFn) -> dict[str, list[Sheet]]:
    """Draw payments, and mostly everything that they are judged against; a ledger may be missing, or have no row."""
    ledgers = {"aid_payment": [draw(sheets("aid_payment"))]}
    for kind in draw(st.lists(st.sampled_from(sorted(set(GOOD) - set(ledgers))), unique=True, max_size=7)):
        ledgers[kind] = [draw(sheets(kind, least=1 if kind == "budget_execution" else 0))]
    return ledgers


# ---- Both sides of the comparison.


@pytest.fixture(scope="module", autouse=True)
def only_what_is_compared() -> Iterator[None]:
    """Leave refund cases out of a check: they have tests of their own, and take a process each time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("engine.check.follow_cases", lambda *asked: Followed({}, None))
        yield


def framed(sheet: Sheet) -> pandas.DataFrame:
    """Lay a sheet out as a table of texts."""
    table = {name: [row[name] for row in sheet.rows] for name in sheet.columns}
    return pandas.DataFrame(table, dtype="string", columns=list(sheet.columns))


def written(folder: Path, ledgers: Ledgers, suffix: str = "csv") -> tuple[tuple[str, str], ...]:
    """Write every sheet as a CSV or a Parquet file; give each with its kind."""
    said = []
    for kind, own in ledgers.items():
        for number, sheet in enumerate(own):
            path = folder / f"{kind}_{number}.{suffix}"
            if suffix == "parquet":
                framed(sheet).to_parquet(path)
            else:
                with path.open("w", encoding="utf-8", newline="") as file:
                    lines = csv.writer(file)
                    lines.writerow(sheet.columns)
                    lines.writerows([row[name] or "" for name in sheet.columns] for row in sheet.rows)
            said.append((kind, str(path)))
    return tuple(said)


def expected(report: Report, ledgers: Ledgers) -> dict[str, list[str]]:
    """Judge the ledgers of a report by its policies in plain Python."""
    policies = [plan.policy for plan in report.plans]
    assert policies
    return judge_all(policies, KINDS, ledgers, AS_OF)


def flagged(report: Report) -> dict[str, dict[int, str]]:
    """Read the rows of the findings: for each policy the number of a row in its ledger, over all inputs, and the verdict."""
    starts: dict[tuple[str, str], int] = {}
    rows: dict[str, int] = {}
    for one in report.inputs:
        starts[one.kind, one.path] = rows.get(one.kind, 0)
        rows[one.kind] = rows.get(one.kind, 0) + one.rows
    found: dict[str, dict[int, str]] = {}
    for finding in stream_findings(report):
        for place in finding["locations"]:
            start = starts.get((finding["ledger"], place["path"]))
            if start is not None:  # not the row of a joined ledger
                found.setdefault(finding["code"], {})[start + place["row"] - 2] = finding["verdict"]
    return found


def differences(report: Report, verdicts: Mapping[str, list[str]]) -> list[str]:
    """Compare row by row what was flagged, and by number what was not."""
    lines, every = [], flagged(report)
    for own in report.coverage:
        wanted, found = verdicts[own.code], every.get(own.code, {})
        if own.status == "out_of_scope" and not {"compliant", "violation", "suspect"} & set(wanted):
            wanted = ["not_judged"] * len(wanted)  # nobody gave its limits: it applies to no row
        told = () if own.basis == "lead" else ("violation", "suspect", "not_evaluable")  # leads are no findings: they are counted
        loud = {row: verdict for row, verdict in enumerate(wanted) if verdict in told}
        for row in sorted(loud.keys() | found.keys()):
            if found.get(row) != loud.get(row):
                lines.append(f"{own.code} row {row}: the engine says {found.get(row, 'not flagged')}, plain Python {wanted[row]}")
        counted = {name: getattr(own, name) for name in COUNTED if name != "waived"}
        counted["not_judged"] = own.rows - sum(counted.values())
        if not lines and counted != {name: wanted.count(name) for name in counted}:
            lines.append(f"{own.code}: the engine counts {counted}, plain Python {wanted}")
    return lines


def agree(ledgers: Ledgers, packs: tuple[str, ...] = PACKS[0]) -> dict[str, list[str]]:
    """Assert that both sides say the same of every row and every policy, and give what they say."""
    report = check(Request(AS_OF, frames={kind: framed(own[0]) for kind, own in ledgers.items()}, packs=packs))
    verdicts = expected(report, ledgers)
    hold(report, verdicts)
    return verdicts


def hold(report: Report, verdicts: Mapping[str, list[str]]) -> None:
    """Assert that a report says the same as plain Python."""
    found = differences(report, verdicts)
    report.con.close()
    assert not found, "\n".join(found)


# ---- The tests.


SHIPPED = [(loaded, case) for loaded in load_library(shipped_packs()).layers for case in loaded.policy.cases]


@pytest.mark.parametrize(("loaded", "case"), SHIPPED, ids=[f"{one.pack}-{one.policy.code}-{case.title}" for one, case in SHIPPED])
def test_plain_python_gives_what_a_shipped_case_expects(loaded: Loaded, case: Case) -> None:
    ledgers = {kind: [sheet_of(rows)] for kind, rows in case.ledgers.items()}
    parameters = {(loaded.policy.code, name): str(value) for name, value in case.parameters.items()}
    verdicts = judge_all([loaded.policy], KINDS, ledgers, case.as_of, parameters=parameters, region=case.region)
    assert verdicts == {loaded.policy.code: case.verdicts}


def test_a_total_counts_what_a_weaker_key_finds() -> None:
    library = load_library([])
    loaded = library.policies["F01"]
    refunds = loaded.policy.joins["refunds"].model_copy(update={"match": ["subsidy_id", "name"]})
    policy = loaded.policy.model_copy(update={"joins": {**loaded.policy.joins, "refunds": refunds}})
    row = {"name": "测试甲", "pay_date": "2017-05-01", "amount": 5000, "irregular": "是"}
    refund = {"subsidy_id": "S1", "name": "测试甲", "amount": 5000, "received_at": "2018-06-01"}
    case = Case(name="", expect=[], subsidy=[{"subsidy_id": "S9", **row}, {"subsidy_id": "S1", **row}], subsidy_refund=[refund])
    ledgers = {kind: [sheet_of(rows)] for kind, rows in case.ledgers.items()}
    assert judge_all([policy], KINDS, ledgers, AS_OF) == {"F01": ["compliant", "compliant"]}
    assert judge_case(loaded._replace(policy=policy), case, KINDS, library) == ["compliant", "compliant"]


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)
@given(all_ledgers(), st.sampled_from(PACKS))
def test_the_engine_agrees_with_plain_python_on_every_row_and_policy(
    ledgers: dict[str, list[Sheet]], packs: tuple[str, ...]
) -> None:
    agree(ledgers, packs)


@st.composite
def ledgers_in_parts(draw: st.DrawFn) -> dict[str, list[Sheet]]:
    """Draw ledgers in one to three sheets each, which need not have the same columns."""
    kinds = ["aid_payment", *draw(st.lists(st.sampled_from(sorted(set(GOOD) - {"aid_payment"})), unique=True, max_size=7))]
    return {kind: draw(st.lists(sheets(kind, most=4), min_size=1, max_size=3)) for kind in kinds}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)
@given(ledgers=ledgers_in_parts(), packs=st.sampled_from(PACKS))
def test_the_engine_agrees_with_plain_python_over_several_files_with_different_columns(
    suffix: str, ledgers: dict[str, list[Sheet]], packs: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = check(Request(AS_OF, said=written(Path(folder), ledgers, suffix), packs=packs))
        hold(report, expected(report, ledgers))


# ---- What the two once disagreed about, one example each.

PAYMENT: Row = {
    "name": "测试甲",
    "id_no": "990001196102021076",
    "pay_date": "2021-02-03",
    "amount": "500",
    "aid_kind": "慰问",
    "beneficiary_type": "困难职工",
    "archive_id": "",
    "employer": "测试一厂",
    "campaign": "春节",
    "fund_source": "自筹",
}
FILE: Row = {
    "name": "测试甲",
    "id_no": "990001196102021076",
    "archive_id": "D1",
    "filed_at": "2020-03-01",
    "status": "在档",
    "exit_date": "",
}
CLOSED: Row = {**FILE, "status": "已脱困", "exit_date": "2020-06-01"}
OTHER: Row = {"name": "测试乙", "id_no": "990002196203031149"}
SUBSIDY: Row = {"subsidy_id": "S1", "name": "测试甲", "pay_date": "2017-05-01", "amount": "5000", "irregular": "是"}
REFUND: Row = {"subsidy_id": "S1", "name": "测试甲", "amount": "5000", "received_at": "2018-06-01"}


def sheet_of(rows: Sequence[Mapping[str, Any]], without: str = "") -> Sheet:
    """Lay rows out as a sheet, `without` one of their columns."""
    columns = tuple(name for name in dict.fromkeys(name for row in rows for name in row) if name != without)
    return Sheet(columns, [{name: None if row.get(name) is None else str(row[name]) for name in columns} for row in rows])


def aid(payments: list[Row], files: list[Row] | None = None, without: str = "") -> Ledgers:
    """Lay payments, and files if there are any, out as ledgers; the payments `without` a column."""
    ledgers = {"aid_payment": [sheet_of(payments, without)]}
    return ledgers if files is None else {**ledgers, "hardship_archive": [sheet_of(files)]}


@pytest.mark.parametrize("turned", [1, -1])
def test_a_group_rests_on_a_clause_only_where_it_is_in_force_for_all_of_its_rows(turned: int) -> None:
    rows = [PAYMENT, {**PAYMENT, "pay_date": "2020-11-30"}]
    assert agree(aid(rows[::turned]))["C05"] == ["suspect", "suspect"]


def test_whether_a_clause_is_in_force_in_a_month_that_it_begins_in_is_unknown() -> None:
    assert agree(aid([{**PAYMENT, "pay_date": "2015年5月"}]))["B01"] == ["not_evaluable"]
    assert agree(aid([{**PAYMENT, "pay_date": "2015年4月"}]))["B01"] == ["not_applicable"]
    assert agree(aid([{**PAYMENT, "pay_date": "2015年6月"}]))["B01"] == ["compliant"]


def test_the_earliest_file_is_picked_by_the_weaker_key_too() -> None:
    payments = [{**PAYMENT, "name": "张三", "id_no": "990003196304041211", "archive_id": "D1"}]
    assert agree(aid(payments, [FILE, {**FILE, **OTHER, "filed_at": "2021-05-01"}]))["A02"] == ["compliant"]


def test_of_two_files_of_one_day_that_differ_nobody_can_tell_which_is_the_latest() -> None:
    again = {**FILE, "status": "已脱困", "exit_date": "2020-06-01"}
    assert agree(aid([PAYMENT], [FILE, again]))["A01"] == ["not_evaluable"]
    assert agree(aid([PAYMENT], [FILE, dict(FILE)]))["A01"] == ["compliant"]


def test_the_earliest_of_a_day_and_a_month_lies_between_them() -> None:
    files = [{**FILE, "filed_at": "2021年2月"}, {**FILE, "filed_at": "2021-02-20"}]
    days = ["2021-01-31", "2021-02-10", "2021-02-20"]
    payments = [{**PAYMENT, "pay_date": day} for day in days]
    assert agree(aid(payments, files))["A02"] == ["violation", "not_evaluable", "compliant"]


def test_a_file_without_a_date_may_be_the_earliest() -> None:
    assert agree(aid([PAYMENT], [FILE, {**FILE, "filed_at": ""}]))["A02"] == ["not_evaluable"]


def test_the_file_of_a_payment_is_the_latest_that_was_open_by_its_day() -> None:
    files = [{**FILE, "status": "已脱困", "exit_date": "2020-06-01"}, {**FILE, "filed_at": "2021-03-01"}]
    days = ["2020-04-01", "2021-02-03", "2021-03-01", "2021年3月", "2020-01-01", ""]
    verdicts = agree(aid([{**PAYMENT, "pay_date": day} for day in days], files))
    assert verdicts["A01"] == ["compliant", "suspect", "compliant", "compliant", "compliant", "not_evaluable"]


def test_a_refund_whose_day_cannot_be_read_counts_as_neither_paid_nor_unpaid() -> None:
    refunds = sheet_of([{**REFUND, "received_at": "不详"}])
    assert agree({"subsidy": [sheet_of([SUBSIDY])], "subsidy_refund": [refunds]})["F01"] == ["not_evaluable"]


def test_a_number_that_cannot_be_right_is_no_missing_file() -> None:
    wrong = "990001196102021077"
    verdicts = agree(aid([{**PAYMENT, "id_no": wrong}, PAYMENT], [{**FILE, **OTHER}]))
    assert (verdicts["A01"], verdicts["A04"]) == (["not_evaluable", "violation"], ["suspect", "compliant"])
    assert agree(aid([{**PAYMENT, "id_no": wrong}], [{**FILE, "id_no": wrong}]))["A01"] == ["compliant"]


def test_a_file_number_that_cannot_be_read_is_no_missing_file() -> None:
    assert agree(aid([{**PAYMENT, "archive_id": "#REF!"}], [{**FILE, **OTHER}]))["A01"] == ["not_evaluable"]


def test_a_masked_name_may_be_the_name_of_a_payment_whose_number_is_masked() -> None:
    rows = [{**PAYMENT, "name": "测*"}, {**PAYMENT, "id_no": "9900****1076"}]
    assert agree(aid(rows))["C05"] == ["not_evaluable", "not_evaluable"]


def test_a_payment_without_campaign_and_name_still_has_its_number() -> None:
    rows = [PAYMENT, {**PAYMENT, "name": "", "campaign": ""}]
    assert agree(aid(rows))["C05"] == ["not_evaluable", "not_evaluable"]


def test_a_payment_that_leaves_number_and_name_blank_casts_no_doubt_on_others() -> None:
    rows = [PAYMENT, {**PAYMENT, "name": "", "id_no": ""}]
    assert agree(aid(rows))["C05"] == ["compliant", "not_evaluable"]


def test_without_a_column_of_names_a_payment_without_number_may_be_anybodys() -> None:
    rows = [PAYMENT, {**PAYMENT, "id_no": ""}]
    assert agree(aid(rows, without="name"))["C05"] == ["not_evaluable", "not_evaluable"]


def test_without_a_column_of_names_a_file_without_number_may_be_the_payees() -> None:
    files = [{**FILE, "id_no": ""}, {**FILE, **OTHER}]
    assert agree(aid([PAYMENT], files, without="name"))["A01"] == ["not_evaluable"]


def test_without_a_column_of_names_a_refund_without_number_may_be_the_missing_one() -> None:
    refunds = sheet_of([{**REFUND, "subsidy_id": ""}], without="name")
    assert agree({"subsidy": [sheet_of([SUBSIDY])], "subsidy_refund": [refunds]})["F01"] == ["not_evaluable"]


def test_a_refund_without_number_in_a_file_without_names_may_be_the_missing_one(tmp_path: Path) -> None:
    refunds = [sheet_of([{**REFUND, "amount": "1000"}]), sheet_of([{**REFUND, "subsidy_id": ""}], without="name")]
    ledgers = {"subsidy": [sheet_of([SUBSIDY])], "subsidy_refund": refunds}
    report = check(Request(AS_OF, said=written(tmp_path, ledgers)))
    hold(report, expected(report, ledgers))
    assert expected(report, ledgers)["F01"] == ["not_evaluable"]


def test_a_rate_that_is_right_in_all_its_eight_decimals_is_no_suspect() -> None:
    row = {"budget_amount": "1150.50万元", "executed_amount": "1150.49万元", "stated_rate": "99.99913081%"}
    assert agree({"budget_execution": [sheet_of([row])]})["E04"] == ["compliant"]


def test_no_row_is_judged_twice_where_only_the_second_of_two_lookups_finds_several_rows() -> None:
    living = {**PAYMENT, "aid_kind": "生活", "fund_source": "央财", "fund_year": "2021", "district": "测试镇"}
    files = [{**FILE, "family_size": "2"}, {**FILE, "family_size": "2", "filed_at": "2020-04-01"}]
    standards = [{"district": "测试镇", "valid_from": day, "monthly": "600"} for day in ("2019-07-01", "2020-07-01")]
    verdicts = agree({**aid([living, {**living, **OTHER}], files), "dibao_standard": [sheet_of(standards)]})
    assert verdicts["C11"] == ["compliant", "compliant"]
