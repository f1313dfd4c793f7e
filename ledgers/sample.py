"""Make up ledgers of any size with planted faults, and list what was planted. The same seed gives the same bytes.

A fault names the policies that must find it; what they ask is unknown here, and a test holds the two together.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import NamedTuple

from ledgers.invented import identity, name
from ledgers.kinds import Kind
from ledgers.template import LEDGER, header
from ledgers.written import as_csv, new_book

PLANTED = "__planted.csv"  # names that begin with __ are passed over when a folder is read
ONE_FAULT_IN = 4  # persons or subjects

# What is written in the columns of a row: a value, one of several (tuple), one of several days (range), or a share.
Cells = Mapping[str, object]


class Share(NamedTuple):
    """Stand for a share of the money of a person or subject."""

    percent: str

    def of(self, number: int) -> Decimal:
        """Give the share of the money that number has, between 12,000 and 96,000 yuan."""
        return Decimal(number * 79 % 85 + 12) * 1000 * Decimal(self.percent) / 100


class Story(NamedTuple):
    """Tell what happened to a person or subject: how its rows differ from the usual ones, and what must be found in them.

    `rows` stand in the ledger that is judged, `behind` in the one that it is judged against; no `codes`, no fault.
    """

    rows: Sequence[Cells] = ({},)
    behind: Sequence[Cells] = ()
    codes: str = ""
    verdict: str = ""
    what: str = ""


def _days(first: date, last: date) -> range:
    return range(first.toordinal(), last.toordinal() + 1)


def _person(number: int) -> dict[str, object]:
    return {"name": name(number), "id_no": identity(number)}


def _payment(number: int) -> Cells:
    return {
        **_person(number),
        "campaign": "2021年春节送温暖",
        "aid_kind": "慰问",
        "beneficiary_type": ("困难职工", "困难农民工"),
        "employer": ("测试一厂", "测试二厂", "测试机械厂", "测试茶场"),
        "amount": (300, 500, 800),
        "fund_source": "本级工会经费",
        "pay_date": _days(date(2021, 1, 11), date(2021, 1, 31)),
        "paying_org": ("测试市总工会", "测试镇总工会", "测试街道总工会"),
    }


def _file(number: int) -> Cells:
    filed = _days(date(2016, 1, 1), date(2019, 12, 31))
    return {**_person(number), "archive_id": f"DA{number:06}", "filed_at": filed, "status": "在档", "exit_date": ""}


_AID = (
    Story(behind=[{}]),
    Story([{"beneficiary_type": "劳模"}]),
    Story(behind=[{"status": "已脱困", "exit_date": _days(date(2021, 3, 1), date(2021, 6, 30))}]),
    Story([{}, {"aid_kind": "医疗"}], [{}]),
    Story([{}], [], "A01", "violation", "没有困难职工档案"),
    Story(
        [{}],
        [{"status": "已脱困", "exit_date": _days(date(2020, 6, 1), date(2020, 12, 31))}],
        "A01",
        "suspect",
        "发放前档案已退出",
    ),
    Story([{}], [{"filed_at": _days(date(2021, 2, 1), date(2021, 4, 30))}], "A02", "violation", "先发放、后建档"),
    Story([{"beneficiary_type": ("困难农民", "困难城镇居民")}], [], "B01", "violation", "发放对象不是职工"),
    Story([{"employer": ""}], [{}], "B01", "not_evaluable", "工作单位为空"),
    Story([{}, {}], [{}], "C05", "violation", "同一批次同一方式发放两次"),
    Story([{}, {"fund_source": "上级工会"}], [{}], "C05", "suspect", "同一批次同一方式由两种资金各发一次"),
    Story([{"id_no": "9900****1234"}], [{}], "A01 A02 C05", "not_evaluable", "身份证号被遮蔽"),
    Story([{"pay_date": "2021.2.30"}], [{}], "A01 A02 B01 C05", "not_evaluable", "日历上没有发放日期这一天"),
)


def _subject(number: int) -> Cells:
    return {
        "year": 2021,
        "subject": f"测试项目{number + 1}",
        "budget_kind": ("财政", "工会"),
        "budget_amount": Share("100"),
        "executed_amount": Share("100"),
        "stated_rate": ("100%", "100.0%"),
    }


def _executed(percent: str, **other: object) -> Sequence[Cells]:
    return [{"executed_amount": Share(percent), "stated_rate": f"{percent}%", **other}]


_BUDGET = (
    Story(),
    Story(_executed("99.996", stated_rate="100.00%")),
    Story(_executed("96.5"), [], "E01", "violation", "只执行96.5%"),
    Story(_executed("104", budget_kind="财政"), [], "E02", "violation", "财政预算超支4%"),
    Story(_executed("104", budget_kind="工会"), [], "E02", "suspect", "工会预算超支4%"),
    Story([{"stated_rate": "98.50%"}], [], "E04", "suspect", "全部执行，所列执行率却是98.50%"),
    Story([{"executed_amount": "待定"}], [], "E01 E02 E04", "not_evaluable", "执行数写作“待定”"),
)


def _subsidy(number: int) -> Cells:
    return {
        "name": name(number),
        "subsidy_id": f"BT{number:06}",
        "subsidy_item": ("值班补贴", "通讯补贴", "交通补贴", "节日补贴"),
        "pay_date": _days(date(2016, 1, 1), date(2017, 12, 31)),
        "paying_org": "测试区总工会",
        "amount": Share("100"),
        "irregular": "是",
        "irregular_amount": "",
        "refund_due": date(2018, 12, 31),
    }


def _refund(number: int) -> Cells:
    received = _days(date(2018, 4, 1), date(2018, 12, 31))
    return {"subsidy_id": f"BT{number:06}", "name": name(number), "amount": Share("100"), "received_at": received}


def _parts(*percents: str) -> Sequence[Cells]:
    return [{"amount": Share(percent)} for percent in percents]


_SUBSIDIES = (
    Story(behind=[{}]),
    Story(behind=_parts("50", "25", "25")),
    Story([{"irregular_amount": Share("40")}], _parts("40")),
    Story([{"irregular": "否", "refund_due": ""}]),
    Story([{}], [], "F01", "violation", "分文未退"),
    Story([{}], _parts("50", "25"), "F01", "violation", "只退回75%"),
    Story([{}], _parts("60", "50"), "F05", "suspect", "多退10%"),
    Story([{}], [{"name": "测试代缴"}], "F05", "suspect", "由他人退缴"),
)

# The kinds that are judged: what is usual in a row, the kind behind it and what is usual there, what may have happened.
SAMPLES = {
    "aid_payment": (_payment, "hardship_archive", _file, _AID),
    "budget_execution": (_subject, "", _subject, _BUDGET),
    "subsidy": (_subsidy, "subsidy_refund", _refund, _SUBSIDIES),
}


def sample(kinds: Mapping[str, Kind], wanted: Iterable[str], *, rows: int, seed: int, form: str) -> dict[str, bytes]:
    """Write ledgers of `rows` rows for each wanted kind, those they are judged against, and the list of planted faults.

    Shapes:  `wanted` names keys of SAMPLES, `form` is xlsx or csv; the answer maps file names to bytes.
    """
    files: dict[str, bytes] = {}
    planted: list[Sequence[object]] = [("file", "sheet", "row", "code", "verdict", "planted")]
    for main in wanted:
        for kind, drawn in _draw(main, rows, Random(f"{seed} {main}")).items():
            file = f"{kinds[kind].title.zh}.{form}"
            titles = {column: header(own) for column, own in kinds[kind].columns.items() if column in drawn[0][0]}
            table: list[Sequence[object]] = [list(titles.values()), *([cells[column] for column in titles] for cells, _ in drawn)]
            files[file] = _as_workbook(table) if form == "xlsx" else as_csv(table, "utf-8-sig")
            for place, (_, story) in enumerate(drawn, start=2):
                sheet = LEDGER if form == "xlsx" else ""
                planted += [(file, sheet, place, code, story.verdict, story.what) for code in story.codes.split()]
    return {**files, PLANTED: as_csv(planted, "utf-8-sig")}


def _draw(main: str, rows: int, chance: Random) -> dict[str, list[tuple[Cells, Story]]]:
    """Tell stories until the main ledger is full, and shuffle each ledger; rows behind it carry no fault."""
    usual, behind, usual_behind, stories = SAMPLES[main]
    lawful, faulty = ([story for story in stories if bool(story.codes) == spoilt] for spoilt in (False, True))
    chance.shuffle(faulty)  # then one after the other, so that a large ledger has each of them
    judged: list[tuple[Cells, Story]] = []
    against: list[tuple[Cells, Story]] = []
    for number in range(rows):
        spoilt = number % ONE_FAULT_IN == 1
        # The first story has a row in either ledger, so that none is empty.
        story = faulty[number // ONE_FAULT_IN % len(faulty)] if spoilt else chance.choice(lawful) if number else lawful[0]
        if len(judged) + len(story.rows) > rows:
            story = lawful[0]
        judged += [(_settle({**usual(number), **cells}, number, chance), story) for cells in story.rows]
        against += [(_settle({**usual_behind(number), **cells}, number, chance), Story()) for cells in story.behind]
        if len(judged) == rows:
            break
    chance.shuffle(judged)
    chance.shuffle(against)
    return {main: judged, behind: against} if behind else {main: judged}


def _settle(cells: Cells, number: int, chance: Random) -> Cells:
    """Choose the value of each cell."""
    settled: dict[str, object] = {}
    for column, value in cells.items():
        if isinstance(value, Share):
            settled[column] = value.of(number)
        elif isinstance(value, range):
            settled[column] = date.fromordinal(chance.choice(value))
        else:
            settled[column] = chance.choice(value) if isinstance(value, tuple) else value
    return settled


def _as_workbook(table: Sequence[Sequence[object]]) -> bytes:
    out = io.BytesIO()
    book = new_book(out)
    sheet = book.add_worksheet(LEDGER)
    sheet.set_column(0, len(table[0]) - 1, 16)
    for place, cells in enumerate(table):
        sheet.write_row(place, 0, cells)
    book.close()
    return out.getvalue()
