"""Make up the example ledgers: persons, numbers, units and faults are invented, and every run gives the same bytes.

examples/README.md says what is planted where. What is right or wrong is unknown here.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from ledgers.kinds import load_kinds
from ledgers.sample import tell
from ledgers.stories import SETTINGS
from ledgers.stories.told import Story
from ledgers.template import header
from ledgers.values import check_digit
from ledgers.written import as_csv, new_book

TIERS = {"一般困难": 300, "困难": 500, "特别困难": 800, "": 1000}  # yuan; a model worker has no tier

# The header rows: aid, archive, budget, subsidies, refunds.
HEADERS = """\
序号 发放单位 姓名 身份证号 工作单位 人员类别 困难等级 帮扶方式 活动名称 金额 资金来源 发放日期 凭证号 备注
档案编号 姓名 身份证号 工作单位 困难类别 建档单位 建档日期 录入时间 档案状态 退档日期 退档原因
年度 项目名称 预算性质 全年预算数（万元） 执行数（万元） 执行率
发放编号 发放日期 发放单位 姓名 补贴项目 金额 是否违规 违规金额 认定文号 认定日期 清退期限
清退编号 对应发放编号 姓名 清退单位 补贴项目 清退金额 清退时间 清退方式 收据号
"""

# Paying units, each with its source of funds.
PAYERS = {
    "市": ("测试市总工会", "市级财政"),
    "镇": ("测试镇总工会", "市总拨款"),
    "街": ("测试街道总工会", "自筹"),
    "厂": ("测试纺织厂工会", "自筹"),
    "园": ("测试工业园工会联合会", "央财"),
}

# Payer, name, number of the person, group, tier, employer, day paid, day filed; `-` is blank.
# A day paid with `=` is a date cell, any other stays the text that somebody typed. One number is one person.
VISITS = """\
市 测试甲 01 困难职工     一般困难 测试一厂   2021.1.25    2019-03-11
市 测试乙 02 困难职工     困难     测试一厂   2021.1.25    2018-06-20
市 测试丙 03 劳模         -        测试一厂   2021.1.25    -
市 测试丁 04 困难职工     特别困难 测试二厂   2021.1.26    2017-09-05
市 测试戊 05 困难职工     一般困难 测试二厂   2021.1.26    2018-05-10
市 测试己 06 困难职工     一般困难 测试二厂   2021.1.26    2019-11-02
市 测试庚 07 困难职工     一般困难 测试机械厂 2021.1.28    -
市 测试辛 08 困难职工     困难     测试机械厂 2021.1.28    2020-04-15
市 测试壬 09 困难职工     一般困难 测试机械厂 2021.1.28    2018-08-30
市 测试癸 10 困难职工     特别困难 测试机械厂 2021.1.28    2020-10-09
镇 测子   11 困难职工     一般困难 测试砖厂   2021-02-03   2019-07-22
镇 测丑   12 困难农民工   一般困难 测试砖厂   2021-02-03   2020-09-18
镇 测寅   13 困难职工     困难     测试砖厂   2021-02-03   2021-02-08
镇 测卯   14 村民         一般困难 无         2021-02-03   -
镇 测辰   15 困难职工     一般困难 测试茶场   2021-02-03   2017-12-12
镇 测巳   16 困难职工     困难     测试茶场   2021-02-03   2019-05-06
镇 测午   17 困难职工     一般困难 测试茶场   2021-02-03   2020-03-25
镇 测未   18 困难职工     一般困难 测试茶场   2021-02-03   2018-01-19
街 测申   19 困难职工     一般困难 -          2021年2月5日 2019-10-28
街 测酉   20 困难城镇居民 一般困难 -          2021年2月5日 -
街 测戌   21 困难职工     困难     测试纺织厂 2021年2月5日 2020-06-11
街 测亥   22 困难职工     一般困难 测试百货店 2021年2月5日 2018-11-27
街 虚构甲 23 困难农民工   困难     测试百货店 2021年2月5日 2020-07-03
街 虚构乙 24 困难职工     一般困难 测试百货店 2021年2月5日 2021-01-20
街 虚构丙 25 困难职工     一般困难 测试客运站 2021年2月5日 2019-08-14
街 虚构丁 26 困难职工     特别困难 测试客运站 2021年2月5日 2017-06-29
街 虚构戊 27 困难职工     一般困难 测试客运站 2021年2月5日 2020-12-01
厂 虚构己 28 困难职工     一般困难 测试纺织厂 =2021-02-04  2019-02-13
厂 虚构庚 29 困难职工     困难     测试纺织厂 =2021-02-04  2018-03-08
厂 虚构庚 30 困难职工     一般困难 测试纺织厂 =2021-02-04  2020-05-21
厂 测戌   21 困难职工     困难     测试纺织厂 =2021-02-04  2020-06-11
厂 虚构辛 31 困难职工     一般困难 测试纺织厂 =2021-02-04  2019-09-16
厂 虚构壬 32 困难职工     一般困难 测试纺织厂 =2021-02-04  2021-02-10
厂 虚构癸 33 困难职工     特别困难 测试纺织厂 =2021-02-04  2018-07-17
园 虚构子 34 困难职工     一般困难 测试电子厂 2021/2/8     2020-08-05
园 虚构丑 35 困难职工     困难     测试电子厂 2021.2.30    2019-04-10
园 虚构寅 36 困难农民工   一般困难 测试电子厂 2021/2/8     2020-11-23
园 虚构卯 37 困难职工     特别困难 测试家具厂 20210209     2018-09-12
园 虚构辰 38 困难职工     一般困难 测试家具厂 20210209     2019-12-06
园 虚构巳 39 困难职工     困难     测试家具厂 20210209     2020-02-24
园 虚构午 40 困难职工     特别困难 测试家具厂 20210209     2017-10-31
"""
OWN_IDS = {17: "990006197801081234"}
SHOWN_IDS = {17: "9900****1234", 23: "99001219710629047x"}
SHOWN_AMOUNTS = {6: "300元", 25: "X元"}
NOTES = {3: "市级劳模", 19: "下岗，由街道工会建档", 29: "30号之父", 30: "29号之子"}

# What the archive says of a file beyond the day of filing: day entered, state, day closed, why.
ENTERED_LATER = {24: "2021-02-20"}
CLOSED = {5: ["已脱困", "2020-12-20", "收入提高"], 9: ["已脱困", "2021-03-01", "子女就业"]}

# Files of people who were paid nothing: name, number, tier, employer, day filed, state, day closed, why.
UNPAID_FILES = """\
档外乙 52 困难     测试砖厂   2019-01-30 注销   2020-08-18 迁出
档外丁 54 特别困难 测试电子厂 2017-03-23 已脱困 2019-12-30 收入提高
档外戊 55 一般困难 测试家具厂 2021-03-15 在档   -          -
"""

# Subject, kind of budget, budget, executed (ten thousands of yuan), printed rate.
BUDGET = (
    ("部门整体支出", "财政", "1150.50", "1150.49", "100%"),
    ("劳模津贴项目", "财政", "1.62", "1.62", "100.0%"),
    ("职工书屋项目", "财政", "20.00", "19.92", "100.00%"),
    ("职工技能竞赛项目", "财政", "30.00", "31.20", "104.0%"),
    ("基层工会活动项目", "工会", "12.00", "12.00", "100%"),
)

# Name, item, day paid, yuan, irregular, irregular yuan, refund due, then the refunds as day:yuan[:who paid].
SUBSIDIES = """\
样本甲 值班补贴 2016-03-31 36000.00 是 -        2018-06-30 2018-04-12:36000
样本乙 值班补贴 2016-03-31 28800.00 是 -        2018-06-30 2018-04-12:28800
样本丙 值班补贴 2016-03-31 24000.00 是 -        2018-06-30 2018-04-18:12000 2018-06-20:12000
样本丁 通讯补贴 2016-06-30 30000.00 是 -        2018-06-30 2018-04-18:30000
样本戊 通讯补贴 2016-06-30 32400.00 是 -        2018-06-30 2018-05-08:32400
样本己 高温津贴 2016-08-31 1200.00  否 -        -          -
样本庚 职务津贴 2016-09-30 21600.00 是 -        2018-06-30 2018-05-08:16600
样本辛 职务津贴 2016-09-30 36000.00 是 -        2018-09-30 2018-05-15:12000 2018-07-16:12000 2018-09-14:12000
样本壬 职务津贴 2016-09-30 28800.00 是 -        2018-06-30 2018-05-15:29400
样本癸 加班补贴 2016-12-31 2499.21  是 -        2018-09-30 2018-06-01:1000 2018-07-02:1000 2018-08-01:499.21
样本甲 加班补贴 2016-12-31 42000.00 是 -        2018-09-30 2018-07-02:42000
样本乙 加班补贴 2016-12-31 39600.00 是 -        2018-09-30 2018-07-02:39600
样本丙 交通补贴 2017-01-20 800.00   否 -        -          -
样本子 交通补贴 2017-03-31 38400.00 是 26400.00 2018-09-30 2018-07-09:26400
样本丑 交通补贴 2017-03-31 33600.00 是 -        2018-09-30 2018-07-09:33600:样本寅
样本寅 交通补贴 2017-03-31 30000.00 是 -        2018-09-30 2018-07-09:30000
样本卯 误餐补贴 2017-06-30 27600.00 是 -        2018-12-31 2018-08-20:13800 2018-11-20:13800
样本辰 误餐补贴 2017-06-30 25200.00 是 -        2018-12-31 2018-08-20:25200
样本午 值班补贴 2017-09-30 43200.00 是 -        2018-12-31 2018-09-03:43200
样本未 值班补贴 2017-09-30 40800.00 是 -        2018-12-31 2018-09-03:40800
样本申 值班补贴 2017-09-30 38400.00 是 -        2018-12-31 2018-09-10:19200 2018-11-12:19200
样本酉 节日补贴 2017-12-29 36000.00 是 -        2018-12-31 2018-10-08:36000
样本戌 节日补贴 2017-12-29 34800.00 是 -        2018-12-31 2018-10-08:34800
样本亥 节日补贴 2017-12-29 17200.00 是 -        2018-12-31 2018-10-22:17200
样本己 节日补贴 2017-12-29 30000.00 是 -        2018-12-31 2018-10-22:30000
样本亥 独生子女费 2018-01-12 120.00 否 -        -          -
"""


# The policies that the register of visits has a fault for: those that ask no more than payments and files.
IN_DETAIL = "A03 A04 A05 A06 A07 B02 B03 B04 B05 B06 B07 B08 B10 C01 C02 C03 C04 C12 C26 D01 D02 D03 D04 D07"
LEFT_OUT = ("union_name", "student")  # columns that only other ledgers are compared with


class Visit(NamedTuple):
    """Hold one line of VISITS."""

    payer: str
    name: str
    number: int
    group: str
    tier: str
    employer: str
    paid: str
    filed: str


def identity(number: int) -> str:
    """Make up a valid identity number of a region that does not exist.

    >>> identity(1)
    '990002198208160037'
    """
    born = date(1961, 1, 1) + timedelta(days=number * 7897 % 12700)
    body = f"9900{number % 12 + 1:02}{born:%Y%m%d}{number * 2 + 1:03}"
    return OWN_IDS.get(number, body + check_digit(body))


def fields(table: str) -> list[list[str]]:
    """Split a table of words into its lines; `-` is a blank."""
    return [["" if word == "-" else word for word in line.split()] for line in table.splitlines()]


def visits() -> list[Visit]:
    """Give the payments of the campaign in the order of the list."""
    return [Visit(payer, name, int(number), *rest) for payer, name, number, *rest in fields(VISITS)]


def aid_rows() -> tuple[list[list[object]], int]:
    """Write the payments as cells, and add up the amounts that can be read."""
    rows: list[list[object]] = []
    total = 0
    for seq, visit in enumerate(visits(), start=1):
        number, (unit, source) = visit.number, PAYERS[visit.payer]
        amount: int | str = SHOWN_AMOUNTS.get(number, TIERS[visit.tier])
        total += TIERS[visit.tier] if amount != "X元" else 0
        paid: date | str = date.fromisoformat(visit.paid[1:]) if visit.paid[0] == "=" else visit.paid
        voucher = f"记-{list(PAYERS).index(visit.payer) + 21:03}"
        shown = SHOWN_IDS.get(number, identity(number))
        person = [visit.name, shown, visit.employer, visit.group, visit.tier]
        rest = [source, paid, voucher, NOTES.get(number, "")]
        rows.append([seq, unit, *person, "慰问", "2021年春节送温暖", amount, *rest])
    return rows, total


def archive_rows() -> list[list[str]]:
    """Write the file of everybody who has one, in the order of filing."""
    files: list[tuple[str, int, list[str]]] = []
    for visit in {visit.number: visit for visit in visits() if visit.filed}.values():
        state = CLOSED.get(visit.number, ["在档", "", ""])
        files.append((visit.filed, visit.number, [visit.name, visit.tier, visit.employer, *state]))
    for name, number, tier, employer, filed, *state in fields(UNPAID_FILES):
        files.append((filed, int(number), [name, tier, employer, *state]))
    rows = []
    for n, (filed, owner, (name, tier, employer, *state)) in enumerate(sorted(files), start=1):
        entered = ENTERED_LATER.get(owner, (date.fromisoformat(filed) + timedelta(days=4)).isoformat())
        person = [name, identity(owner), employer, tier, "测试市总工会"]
        rows.append([f"DA{filed[:4]}{n:03}", *person, filed, entered, *state])
    return rows


def subsidy_rows() -> tuple[list[list[str]], list[list[str]]]:
    """Write the subsidies, and the refunds in the order of the days on which they came in."""
    unit, paid = "测试区总工会", []
    refunds: list[list[str]] = []
    for n, (name, item, day, amount, irregular, part, due, *parts) in enumerate(fields(SUBSIDIES), start=1):
        number = f"BT{day[:4]}-{n:03}"
        decision = ["测试审〔2018〕3号", "2018年3月20日"] if irregular == "是" else ["", ""]
        paid.append([number, day, unit, name, item, f"{Decimal(amount):,}", irregular, part, *decision, due])
        for refund in filter(None, parts):
            received, back, *other = refund.split(":")
            refunds.append([received, number, *(other or [name]), unit, item, f"{Decimal(back):.2f}"])
    return paid, [
        [f"QT{n:03}", *refund, received, "银行转账", f"SJ{2018000 + n}"]
        for n, (received, *refund) in enumerate(sorted(refunds), start=1)
    ]


def told_in_detail() -> list[Story]:
    """Choose lawful stories, and every story whose faults the register of visits can show."""
    told = []
    for story in SETTINGS["aid_payment"].stories:
        codes = {fault.partition(":")[0] for fault in story.faults.split()}
        if codes <= set(IN_DETAIL.split()):
            told.append(story)
    return told


def detail_ledgers() -> dict[str, bytes]:
    """Write a register of visits with every column, and the files of its people; a row or two for each story."""
    kinds, setting = load_kinds(), SETTINGS["aid_payment"]
    rows: dict[str, list[dict[str, object]]] = {"aid_payment": [], "hardship_archive": []}
    for number, story in enumerate(told_in_detail()):
        told = tell(setting, story, number, Random(number))
        for kind, own in rows.items():
            own += [{column: cell for column, cell in one.cells.items() if column not in LEFT_OUT} for one in told[kind]]
    tables: dict[str, list[list[object]]] = {
        kind: [[header(kinds[kind].columns[column]) for column in own[0]], *[list(row.values()) for row in own]]
        for kind, own in rows.items()
    }
    titles = ("测试市2021年慰问明细登记表", "填报单位：测试市总工会", "单位：元")
    return {
        "yuanjiang/慰问明细登记表.xlsx": _book(
            titles, tables["aid_payment"], widths=[14] * len(tables["aid_payment"][0]), formats={}
        ),
        "yuanjiang/慰问对象档案.csv": as_csv(tables["hardship_archive"], "utf-8-sig"),
    }


def aid_book(headers: Sequence[str]) -> bytes:
    """Write the list of the campaign as a workbook, with title, total and footer."""
    rows, total = aid_rows()
    foot: list[list[object]] = [
        ["合计", *[None] * 8, total],
        [],
        ["制表人：测试员　　审核人：复核员　　2021年2月10日"],
    ]
    return _book(
        ("沅江市2021年春节送温暖慰问金发放花名册", "填报单位：测试市总工会", "单位：元"),
        [headers, *rows, *foot],
        widths=(6, 22, 9, 22, 13, 14, 10, 10, 18, 11, 11, 14, 9, 20),
        formats={3: "@"},
    )


def budget_book(headers: Sequence[str]) -> bytes:
    """Write the budget table as a workbook, amounts in ten thousands of yuan, rates as text."""
    return _book(
        ("测试区总工会2021年度预算执行情况表", "编制单位：测试区总工会", "单位：万元"),
        [headers, *([2021, name, kind, Decimal(budget), Decimal(done), rate] for name, kind, budget, done, rate in BUDGET)],
        widths=(8, 24, 12, 20, 18, 12),
        formats={3: "0.00", 4: "0.00"},
    )


def _book(
    titles: tuple[str, str, str], rows: Iterable[Sequence[object]], *, widths: Sequence[int], formats: dict[int, str]
) -> bytes:
    """Write a workbook with a title over all columns, a line below it with a text at either end, and the rows from row 3 on."""
    out = io.BytesIO()
    book = new_book(out)
    sheet = book.add_worksheet("台账")
    title, left, right = titles
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width, book.add_format({"num_format": formats.get(column, "General")}))
    sheet.merge_range(0, 0, 0, len(widths) - 1, title, book.add_format({"align": "center"}))
    sheet.write(1, 0, left)
    sheet.write(1, len(widths) - 1, right)
    for number, cells in enumerate(rows, start=2):
        sheet.write_row(number, 0, cells)
    book.close()
    return out.getvalue()


def example_ledgers() -> dict[str, bytes]:
    """Write every ledger: its path below the folder of the examples -> its bytes."""
    aid, archive, budget, subsidy, refund = fields(HEADERS)
    paid, refunds = subsidy_rows()
    return {
        "yuanjiang/送温暖发放表.xlsx": aid_book(aid),
        "yuanjiang/困难职工档案.csv": as_csv([archive, *archive_rows()], "gb18030"),
        **detail_ledgers(),
        "huadu/预算执行情况表.xlsx": budget_book(budget),
        "panyu/违规补贴发放台账.csv": as_csv([subsidy, *paid], "utf-8-sig"),
        "panyu/清退台账.csv": as_csv([refund, *refunds], "utf-8"),
    }
