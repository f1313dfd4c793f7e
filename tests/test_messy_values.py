"""Cells as accountants type them, each in a ledger that the whole checker judges: the number in a test's name is the case's."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cli import main
from ledgers import bulk
from ledgers.intake import bring_in, find_sources
from ledgers.kinds import load_kinds
from ledgers.values import check_digit

KINDS = load_kinds()
YUANJIANG = ("--pack", "yuanjiang-2021")


def identity(number: int) -> str:
    body = f"99000019800101{number:03}"
    return body + check_digit(body)


class Checked(NamedTuple):
    """Hold the report of a check."""

    code: int
    report: Mapping[str, Any]

    def findings(self, code: str) -> list[Mapping[str, Any]]:
        return [found for found in self.report["findings"] if found["code"] == code]

    def counts(self, code: str) -> dict[str, int]:
        """Count the rows of a policy by verdict, without those that are none."""
        [own] = [own for own in self.report["coverage"] if own["code"] == code]
        names = ("compliant", "violation", "suspect", "not_evaluable", "not_applicable")
        return {name: own[name] for name in names if own[name]}

    def verdicts(self, code: str) -> dict[int, str]:
        """Give the verdicts of the rows that are listed, by row."""
        listed = [(found, place) for found in self.findings(code) for place in found["locations"]]
        return {place["row"]: found["verdict"] for found, place in listed if place["path"] == found["locations"][0]["path"]}

    def notes(self, code: str) -> dict[str, str]:
        """Give the notes of a code by cell."""
        return {note["cell"] or "": note["message"] for note in self.report["intake"] if note["code"] == code}

    def fact(self, code: str, name: str) -> list[str]:
        """Give the value of a fact in the findings of a policy, in order of rows."""
        listed = sorted(self.findings(code), key=lambda found: found["locations"][0]["row"])
        return [found["facts"][name]["value"] for found in listed]


def check(*words: object, as_of: str = "2021-12-31") -> Checked:
    ran = CliRunner().invoke(main, ["check", *map(str, words), "--as-of", as_of, "--format", "json", "--privacy", "full"])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), repr(ran.exception)
    report = json.loads(ran.stdout)
    assert isinstance(report, dict)
    return Checked(ran.exit_code, report)


def write(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return path
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(path)
    return path


def lay_out(rows: Sequence[Mapping[str, object]], titles: Sequence[str] = ()) -> list[list[object]]:
    header = list(dict.fromkeys(name for row in rows for name in row))
    return [*([title] for title in titles), header, *([row.get(name, "") for name in header] for row in rows)]


def payments(*rows: Mapping[str, object]) -> list[dict[str, object]]:
    """Lay out payments: a needy worker's visit of 500 yuan, but for what a row says itself."""
    usual = {
        "发放日期": "2021-02-03",
        "金额": "500",
        "人员类别": "困难职工",
        "帮扶方式": "慰问",
        "困难等级": "困难",
        "工作单位": "测试一厂",
    }
    return [
        {"姓名": f"测试{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", "身份证号": identity(n % 1000), **usual, **row}
        for n, row in enumerate(rows)
    ]


def aid(folder: Path, *rows: Mapping[str, object], titles: Sequence[str] = (), name: str = "aid.csv") -> Path:
    return write(folder / name, lay_out(payments(*rows), titles))


def archive(folder: Path, *rows: Mapping[str, object]) -> Path:
    """Write files of the persons whom `payments` pays, row by row."""
    laid = [
        {"姓名": f"测试{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", "身份证号": identity(n), "建档日期": "2020-03-01", **row}
        for n, row in enumerate(rows)
    ]
    return write(folder / "archive.csv", lay_out(laid))


def cells(path: Path, column: str, kind: str = "aid_payment", kinds: Any = KINDS) -> list[Any]:
    """Read the cells of one column as the intake reads them."""
    sources, _ = find_sources([str(path)], [])
    with duckdb.connect() as con, tempfile.TemporaryDirectory() as scratch:
        every = {name: set(own.columns) for name, own in kinds.items()}
        intake = bring_in(con, sources, kinds, every, scratch=Path(scratch))
        return [
            row[0] for row in con.execute(f"SELECT {column} FROM {intake.tables[kind].view} ORDER BY _input, _row").fetchall()
        ]


def with_amounts(folder: Path, texts: Sequence[object], name: str = "aid.csv") -> Path:
    return aid(folder, *({"金额": text} for text in texts), name=name)


# ---- Amounts.


def test_m07_currency_signs_units_widths_and_commas_are_read(tmp_path: Path) -> None:
    five_hundred = ["￥500.00", "500元", "500.00 ", "５００", "¥ 500", "+500", "500元整", "RMB500", "500块钱", "500元0角0分"]
    assert check(with_amounts(tmp_path, five_hundred), *YUANJIANG).counts("C01") == {"compliant": 10}
    assert cells(with_amounts(tmp_path, ["1,500", "1，500"]), "amount") == [Decimal(1500)] * 2


def test_m08_capitals_are_read_and_a_figure_that_they_contradict_is_not(tmp_path: Path) -> None:
    good = ["伍佰元整", "500（伍佰元整）", "伍佰圓整", "人民币伍佰元正", "伍佰元整（¥500.00）", "五百元", "500元，大写：伍佰元整"]
    assert check(with_amounts(tmp_path, good), *YUANJIANG).counts("C01") == {"compliant": 7}
    texts = ["壹仟贰佰叁拾肆元伍角", "貳拾叄元", "參仟元", "廿元整", "卅伍元整", "壹佰廿元"]
    assert cells(with_amounts(tmp_path, texts), "amount") == [Decimal(x) for x in ("1234.5", "23", "3000", "20", "35", "120")]
    ran = check(with_amounts(tmp_path, ["500（陆佰元整）"]), *YUANJIANG)
    assert ran.counts("C01") == {"not_evaluable": 1}
    assert "小写与大写金额不一致" in ran.notes("Q04")["D2"]


def test_m09_dashes_and_words_for_nothing_are_missing_and_zero_is_zero(tmp_path: Path) -> None:
    path = with_amounts(tmp_path, ["-", "—", "/", "", "0", "无", "暂无", "N/A"])
    ran = check(path, *YUANJIANG)
    assert cells(path, "amount") == [None, None, None, None, Decimal(0), None, None, None]
    assert ran.counts("C01") == {"violation": 1, "not_evaluable": 7}
    assert set(ran.notes("Q01")) == {"D2", "D3", "D4", "D5", "D7", "D8", "D9"}


def test_m10_masked_and_approximate_amounts_are_never_judged(tmp_path: Path) -> None:
    path = with_amounts(tmp_path, ["X萬元", "XX萬元", "X多万", "约40万", "近304万", "27.65万元", "500左右", "几百元"])
    ran = check(path, *YUANJIANG)
    assert set(ran.notes("Q02")) == {"D2", "D3", "D4"}
    assert {cell: text.partition("”")[2] for cell, text in ran.notes("Q04").items()} == dict.fromkeys(
        ["D5", "D6", "D8", "D9"], "约数，不是确定金额"
    )
    assert cells(path, "amount") == [None] * 5 + [Decimal("276500"), None, None]
    assert ran.counts("C01") == {"violation": 1, "not_evaluable": 7}


# ---- Dates.

FIFTH = ["2021.1.5", "2021-1-5", "2021/01/05", "2021年1月5日", "20210105", "21.1.5", "1月5日", "44201", "44201.5", "二〇二一年一月五日",
         "二○二一年一月五日", "2021-01-05 00:00:00", "民國110年1月5日", "2021年元月5号", "2021、1、5", "2021年1月5日（星期二）", "2021年1月5日 上午9:30",
         "民国一百一十年一月五日", "'2021-01-05", "20210105.0", "2021.01.05."]  # fmt: skip


def test_m15_a_day_is_the_same_day_in_every_form(tmp_path: Path) -> None:
    path = aid(tmp_path, *({"发放日期": text} for text in FIFTH), titles=["沅江市2021年春节送温暖慰问金发放花名册"])
    ran = check(path, *YUANJIANG, "--param", "D01.festival=2021-01-05")
    assert ran.fact("D01", "pay_date") == ["2021-01-05"] * len(FIFTH)
    assert ran.counts("D01") == {"violation": len(FIFTH)}
    assert any("按标题或文件名中的年份读取" in note["message"] for note in ran.report["intake"])


def test_m15_a_month_is_no_day_and_is_compared_as_a_month(tmp_path: Path) -> None:
    path = aid(
        tmp_path, *({"发放日期": text} for text in ("2021.1", "2021.2", "2021年2月上旬", "2021年2月下旬", "2021年第一季度"))
    )
    assert check(path, *YUANJIANG).verdicts("D01") == {3: "not_evaluable", 5: "violation", 6: "not_evaluable"}


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("慰问金发放花名册", "1月5日"),  # no year at all
        ("2020-2021年春节慰问金发放花名册", "1月5日"),  # two of them
        ("2021年春节慰问金发放花名册", "12月28日"),  # a campaign begins in the year before its own
        ("2020年冬送温暖慰问金发放花名册", "1月5日"),  # and a winter ends in the year after
        ("2021年帮扶资金发放表", "2月30日"),
    ],
)
def test_m15_a_day_without_a_year_is_read_only_where_the_year_is_beyond_doubt(title: str, text: str, tmp_path: Path) -> None:
    ran = check(aid(tmp_path, {"发放日期": text}, titles=[title]), *YUANJIANG)
    assert ran.counts("D01") == {"not_evaluable": 1}
    assert set(ran.notes("Q03")) == {"C3"}


def test_m15_the_year_may_stand_in_the_name_of_the_file(tmp_path: Path) -> None:
    assert cells(aid(tmp_path, {"发放日期": "1月5日"}, name="2021年春节发放表.csv"), "pay_date") == [date(2021, 1, 5)]
    path = aid(tmp_path, {"发放日期": "1月5日"}, titles=["2021年慰问金"], name="2022年发放表.csv")
    assert cells(path, "pay_date") == [None]


def test_m16_a_serial_number_typed_as_text_is_its_day(tmp_path: Path) -> None:
    ran = check(aid(tmp_path, {"发放日期": "44239"}), *YUANJIANG)
    assert ran.fact("D01", "pay_date") == ["2021-02-12"]
    assert ran.verdicts("D01") == {2: "violation"}


def test_m17_a_workbook_that_counts_from_1904_is_read_by_its_own_calendar(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in lay_out(payments({"发放日期": 44239 - 1462})):
        book.worksheets[0].append(row)
    book.save(tmp_path / "aid.xlsx")
    assert check(tmp_path / "aid.xlsx", *YUANJIANG).fact("D01", "pay_date") == ["2021-02-12"]


def test_m18_days_that_no_calendar_has_are_a_problem(tmp_path: Path) -> None:
    texts = [
        "2021.2.30",
        "2021-13-01",
        "00/01/1900",
        "1900-01-00",
        "2021.6.31",
        "5/1/2021",
        "令和3年2月3日",
        "2021年腊月二十三",
        "2021.2.3、2.5",
    ]
    ran = check(aid(tmp_path, *({"发放日期": text} for text in texts)), *YUANJIANG)
    assert ran.counts("D01") == {"not_evaluable": len(texts)}
    assert len(ran.notes("Q03")) == len(texts)


PERIODS = ["2021.1.25-1.27", "1月25日至27日", "2021.1.25—2021.1.27（3天）", "2021-01-25至2021-01-27", "2021年1月25日～27日", "20210125-20210127",
           "自2021年1月25日起至1月27日止", "2021/1/25-2021/1/27 共3天", "2021-1-25-2021-1-27", "公示时间：1.25-1.27"]  # fmt: skip


def test_m19_two_days_in_one_cell_are_both_read(tmp_path: Path) -> None:
    path = aid(
        tmp_path, *({"公示时间": text, "是否列入市总名单": "是"} for text in PERIODS), titles=["2021年春节送温暖慰问金发放花名册"]
    )
    assert cells(path, "publicity_start") == [date(2021, 1, 25)] * len(PERIODS)
    assert cells(path, "publicity_end") == [date(2021, 1, 27)] * len(PERIODS)
    ran = check(path, *YUANJIANG)
    assert ran.counts("D02") == {"suspect": len(PERIODS)}
    assert ran.counts("D03") == {"compliant": len(PERIODS)}
    readings = {one["name"]: one["holds"] for one in ran.findings("D02")[0]["readings"]}
    assert (readings["own"], readings["first_day_left_out"]) == (True, False)


@pytest.mark.parametrize(
    "text",
    ["2021.1.25-1.27（5天）", "2021.1.25", "2021.1.25起3天", "2021年1月-2月", "2021.1.25-2.30", "张贴公示", "2021.1.25-26-27"],
)
def test_m19_what_is_no_period_or_contradicts_itself_is_a_problem_with_its_cell(text: str, tmp_path: Path) -> None:
    ran = check(aid(tmp_path, {"公示时间": text, "是否列入市总名单": "是"}), *YUANJIANG)
    assert (ran.counts("D02"), ran.counts("D03")) == ({"not_evaluable": 1}, {"not_evaluable": 1})
    assert set(ran.notes("Q03")) == {"I2"}


def test_m19_columns_of_their_own_win_over_a_period(tmp_path: Path) -> None:
    row = {"公示开始": "2021-01-20", "公示结束": "2021-01-26", "公示时间": "公示3天", "是否列入市总名单": "是"}
    assert check(aid(tmp_path, row), *YUANJIANG).counts("D02") == {"compliant": 1}


def test_m20_a_number_of_days_without_dates_is_declared_only_and_not_evaluable(tmp_path: Path) -> None:
    path = aid(
        tmp_path,
        *({"公示时间": text, "是否列入市总名单": "是"} for text in ("公示3天", "3天", "三天", "公示期3个工作日", "公示2天")),
    )
    ran = check(path, *YUANJIANG)
    assert cells(path, "publicity_days") == [3, 3, 3, 3, 2]
    assert ran.counts("D02") == ran.counts("D03") == {"not_evaluable": 5}


def test_m21_filed_on_the_day_of_payment_is_in_time(tmp_path: Path) -> None:
    ran = check(aid(tmp_path, {}, {}), archive(tmp_path, {"建档日期": "2021年2月3日"}, {"建档日期": "2021.2.4"}), *YUANJIANG)
    assert ran.verdicts("A02") == {3: "violation"}
    assert ran.counts("A02") == {"compliant": 1, "violation": 1}


def test_m22_a_month_and_a_day_in_it_have_no_order(tmp_path: Path) -> None:
    ran = check(aid(tmp_path, {}), archive(tmp_path, {"建档日期": "2021年2月"}), *YUANJIANG)
    assert ran.counts("A02") == {"not_evaluable": 1}


# ---- Numbers of persons.


def test_m23_a_number_that_lost_its_digits_is_no_key_and_the_file_number_stands_in(tmp_path: Path) -> None:
    lost = [{"身份证号": "9.90000198801012E+17"}, {"身份证号": "990000198801012000"}]
    found = [{**row, "档案编号": f"D{n}"} for n, row in enumerate(lost)]
    files = archive(tmp_path, {"档案编号": "D0"}, {"档案编号": "D1"})
    ran = check(aid(tmp_path, *found), files, *YUANJIANG)
    assert set(ran.notes("Q07")) == {"B2", "B3"}
    assert ran.counts("A04") == {"not_evaluable": 2}
    assert ran.counts("A01") == {"compliant": 2}
    assert check(aid(tmp_path, *lost), files, *YUANJIANG).counts("A01") == {"not_evaluable": 2}


def test_m23_an_identity_number_stored_as_a_number_in_a_workbook_is_no_key(tmp_path: Path) -> None:
    ran = check(aid(tmp_path, {"身份证号": 990000198801012345}, name="aid.xlsx"), *YUANJIANG)
    assert set(ran.notes("Q07")) == {"B2"}
    assert ran.counts("A04") == {"not_evaluable": 1}


def test_m24_spaces_widths_an_apostrophe_and_a_small_x_make_no_other_number(tmp_path: Path) -> None:
    ends_in_x = next(identity(n) for n in range(1000) if identity(n).endswith("X"))
    wide = ends_in_x.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))
    forms = [
        ends_in_x.lower(),
        f"{ends_in_x[:6]} {ends_in_x[6:14]} {ends_in_x[14:]}",
        wide,
        f"'{ends_in_x}",
        f"{ends_in_x}。",
        f"身份证：{ends_in_x}",
    ]
    path = aid(tmp_path, *({"身份证号": text, "活动名称": f"第{n}批"} for n, text in enumerate(forms)))
    ran = check(path, archive(tmp_path, {"身份证号": ends_in_x}), *YUANJIANG)
    assert cells(path, "id_no") == [ends_in_x] * len(forms)
    assert ran.counts("A01") == ran.counts("A04") == {"compliant": len(forms)}


MASKED = [
    "9900****1234",
    "990000********0012",
    "9900●●●●1234",
    "9900……1234",
    "9900....1234",
    "9900____1234",
    "9900□□□□1234",
    "后四位1234",
]


@pytest.mark.parametrize("text", MASKED)
def test_m25_a_masked_number_is_not_evaluable(text: str, tmp_path: Path) -> None:
    ran = check(aid(tmp_path, {"身份证号": text}), archive(tmp_path, {}), *YUANJIANG)
    assert set(ran.notes("Q02")) == {"B2"}
    assert [ran.counts(code) for code in ("A01", "A02", "A04")] == [{"not_evaluable": 1}] * 3


def test_m25_a_masked_number_is_matched_by_its_visible_digits_and_name_if_just_one_fits(tmp_path: Path) -> None:
    mask = identity(0)[:6] + "********" + identity(0)[14:]
    one = check(
        aid(tmp_path, {"身份证号": mask}), archive(tmp_path, {}, {"姓名": "测试甲", "身份证号": identity(300)}), *YUANJIANG
    )
    assert "只与 archive.csv 第 2 行相符" in one.notes("Q02")["B2"]
    assert one.counts("A01") == one.counts("A04") == {"not_evaluable": 1}
    vague = check(aid(tmp_path, {"身份证号": "990000****"}), archive(tmp_path, {}, {"姓名": "测试甲"}), *YUANJIANG)
    assert vague.notes("Q02")["B2"] == "“身份证号”证件号码被遮蔽"


def test_m26_a_number_of_15_digits_is_matched_and_its_check_digit_is_not_judged(tmp_path: Path) -> None:
    long = identity(3)
    ran = check(aid(tmp_path, {"身份证号": long[:6] + long[8:17]}), archive(tmp_path, {"身份证号": long}), *YUANJIANG)
    assert ran.counts("A01") == {"compliant": 1}
    assert ran.counts("A04") == {"not_applicable": 1}
    assert any("15 位" in note["message"] and note["severity"] == "info" for note in ran.report["intake"])


def test_m27_a_wrong_check_digit_is_a_suspect_and_still_a_key(tmp_path: Path) -> None:
    wrong = identity(1)[:17] + ("1" if identity(1)[17] != "1" else "2")
    ran = check(aid(tmp_path, {"身份证号": wrong}), archive(tmp_path, {"身份证号": wrong}), *YUANJIANG)
    assert ran.verdicts("A04") == {2: "suspect"}
    assert ran.counts("A01") == {"compliant": 1}
    assert check(aid(tmp_path, {"身份证号": wrong}), archive(tmp_path, {}), *YUANJIANG).counts("A01") == {"not_evaluable": 1}


def test_m28_one_number_with_two_names_is_a_suspect(tmp_path: Path) -> None:
    rows = [
        {"身份证号": identity(1), "姓名": "测试甲", "活动名称": "一"},
        {"身份证号": identity(1), "姓名": "测试乙", "活动名称": "二"},
    ]
    ran = check(aid(tmp_path, *rows), archive(tmp_path, {"身份证号": identity(1), "姓名": "测试甲"}), *YUANJIANG)
    assert ran.verdicts("A05") == {3: "suspect"}


# ---- Names.


def test_m28_one_number_with_two_names_is_named_without_an_archive_too(tmp_path: Path) -> None:
    rows = [{"姓名": "测试甲", "身份证号": identity(1)}, {"姓名": "测试乙", "身份证号": identity(1)}, {"姓名": "測試丙", "身份证号": identity(2)},
            {"姓名": "测试丙（代）", "身份证号": identity(2)}, {"姓名": "X", "身份证号": identity(2)}]  # fmt: skip
    ran = check(aid(tmp_path, *rows))
    assert dict(ran.notes("Q15")) == dict.fromkeys(("B2", "B3"), ran.notes("Q15")["B2"])


def test_a_row_that_stands_twice_is_asked_for_whatever_its_number_in_the_list_is(tmp_path: Path) -> None:
    row = {"姓名": "测试甲", "身份证号": identity(1), "活动名称": "春节", "金额": "500"}
    path = write(
        tmp_path / "a.csv",
        [
            ["序号", *row],
            [1, *row.values()],
            [2, *row.values()],
            [
                3,
                *row.values(),
            ],
            [4, "测试乙", "", "", "500"],
        ],
    )
    ran = check(path)
    assert [(note["row"], note["severity"]) for note in ran.report["intake"] if note["code"] == "Q08"] == [(3, "low"), (4, "low")]


def test_days_of_another_year_than_the_title_says_are_counted_and_judged_all_the_same(tmp_path: Path) -> None:
    rows = [
        ["2021年度帮扶资金发放表"],
        ["姓名", "身份证号", "发放日期", "金额"],
        ["测试甲", identity(1), "2020-12-28", 500],
        ["测试乙", identity(2), "2021-02-03", 500],
    ]
    ran = check(write(tmp_path / "a.csv", rows))
    [note] = [note for note in ran.report["intake"] if note["code"] == "Q14"]
    assert (note["row"], "1 行" in note["message"], "2021" in note["message"]) == (3, True, True)
    assert sum(ran.counts("A03").values()) == 2


def test_m29_spaces_variants_and_middle_dots_are_one_name(tmp_path: Path) -> None:
    written = ["测 试", "測試", "欧阳娜娜", "欧阳 娜娜", "买买提·吐尔逊", "买买提.吐尔逊", "买买提•吐尔逊", "测试（本人）"]
    names = ["测试", "测试", "欧阳娜娜", "欧阳娜娜", *["买买提·吐尔逊"] * 3, "测试"]
    path = aid(tmp_path, *({"姓名": name} for name in written))
    ran = check(path, archive(tmp_path, *({"姓名": name} for name in names)), *YUANJIANG)
    assert ran.counts("A03") == ran.counts("A05") == {"compliant": len(written)}


def test_m29_several_persons_and_units_are_no_person(tmp_path: Path) -> None:
    written = ["测试甲等5人", "XX厂工会", "测试甲、测试乙", "测试甲/测试乙", "测试甲，测试乙", "测试甲；测试乙"]
    ran = check(aid(tmp_path, *({"姓名": name} for name in written)), *YUANJIANG)
    assert ran.counts("A03") == {"violation": len(written)}


@pytest.mark.parametrize("name", ["测试 乙丙", "测试\n乙丙", "买买提 吐尔逊", "测试甲 女", "测试甲2", "同上", "〃", "不详"])
def test_m29_what_may_be_two_names_or_none_is_a_problem_with_its_cell(name: str, tmp_path: Path) -> None:
    ran = check(aid(tmp_path, {"姓名": name}), *YUANJIANG)
    assert ran.counts("A03") == {"not_evaluable": 1}
    assert {**ran.notes("Q02"), **ran.notes("Q09")}.keys() == {"A2"}


def test_m29_a_mark_of_proxy_behind_a_name_is_looked_into(tmp_path: Path) -> None:
    ran = check(
        aid(tmp_path, {"姓名": "测试甲（代）"}, {"收款人": "测试丙（代）"}, {"收款人": "测试丁（代）", "代领人": "测试丁"}),
        *YUANJIANG,
    )
    assert ran.verdicts("A06") == {2: "suspect", 3: "suspect"}
    assert ran.counts("A06") == {"suspect": 2, "compliant": 1}


def test_m30_rare_and_lost_characters_are_never_matched_with_others(tmp_path: Path) -> None:
    written, filed = ["测禤", "测䶮", "测〾", "测?", "测\ue000", "测\ufffd"], ["测宣", "测龑", "测一", "测二", "测三", "测四"]
    ran = check(
        aid(tmp_path, *({"姓名": name} for name in written)), archive(tmp_path, *({"姓名": name} for name in filed)), *YUANJIANG
    )
    assert ran.verdicts("A05") == {2: "suspect", 3: "suspect", **dict.fromkeys(range(4, 8), "not_evaluable")}
    assert set(ran.notes("Q13")) == {"A4", "A5", "A6", "A7"}


# ---- Words.


def test_m32_traditional_headers_and_codes_are_read(tmp_path: Path) -> None:
    header = ["姓名", "身份證號", "發放金額", "發放日期", "困難等級", "資金來源", "人員類別", "幫扶方式"]
    path = write(
        tmp_path / "aid.csv", [header, ["測試甲", identity(0), "800", "2021年2月3日", "特別困難戶", "自籌", "困難職工", "慰問金"]]
    )
    files = write(tmp_path / "files.csv", [["姓名", "身份證號", "建檔日期"], ["测试甲", identity(0), "2020年3月1日"]])
    ran = check(path, files, *YUANJIANG)
    assert [ran.counts(code) for code in ("C01", "A02", "A05")] == [{"compliant": 1}] * 3


def test_m33_variants_of_a_character_match_and_evidence_shows_what_was_written(tmp_path: Path) -> None:
    written = {"姓名": "測試後臺", "困难等级": "特別困難戶", "发放形式": "轉帳", "金额": "500"}
    ran = check(aid(tmp_path, written), archive(tmp_path, {"姓名": "测试后台"}), *YUANJIANG)
    assert ran.counts("A05") == {"compliant": 1}
    [found] = ran.findings("C01")
    assert found["facts"]["hardship_tier"] == {"value": "特别困难", "raw": "特別困難戶", "header": "困难等级"}


def test_m37_husband_and_wife_of_one_household_are_named_together(tmp_path: Path) -> None:
    ran = check(aid(tmp_path, {"户号": "H1"}, {"户号": "Ｈ1"}, {"户号": "H2"}), *YUANJIANG)
    [found] = ran.findings("C04")
    assert ([place["row"] for place in found["locations"]], found["verdict"]) == ([2, 3], "violation")


def test_m37_a_household_number_stored_as_a_number_is_the_same_and_one_that_lost_its_digits_is_none(tmp_path: Path) -> None:
    ran = check(aid(tmp_path, {"户号": "12"}, {"户号": "12.0"}, {"户号": "1.2E+15"}, {"户号": "1.2E+15"}), *YUANJIANG)
    assert set(ran.notes("Q07")) == {"I4", "I5"}
    assert ran.counts("C04") == {"violation": 2, "not_evaluable": 2}


def test_m38_father_and_son_with_files_of_their_own_are_no_double_payment(tmp_path: Path) -> None:
    rows = [{"姓名": "测试甲", "户号": f"H{n}", "活动名称": "春节"} for n in range(2)]
    ran = check(aid(tmp_path, *rows), archive(tmp_path, *({"姓名": "测试甲"} for _ in rows)), *YUANJIANG)
    assert ran.counts("C05") == ran.counts("C04") == ran.counts("A01") == {"compliant": 2}


def test_m39_tiers_are_read_in_their_spellings_and_other_schemes_are_not_translated(tmp_path: Path) -> None:
    tiers = {
        "特困": "800",
        "特别困难": "800",
        "特别困难户": "800",
        "一般困难": "300",
        "困难户": "500",
        "深度困难": "800",
        "低保户": "800",
    }
    path = aid(tmp_path, *({"困难等级": tier, "金额": amount} for tier, amount in tiers.items()))
    ran = check(path, *YUANJIANG)
    assert ran.counts("C01") == {"compliant": 5, "not_evaluable": 2}
    assert ran.verdicts("C01") == {7: "not_evaluable", 8: "not_evaluable"}


def test_m39_a_project_file_may_map_another_scheme_and_the_report_says_so(tmp_path: Path) -> None:
    path = aid(tmp_path, {"困难等级": "深度困难", "金额": "800"}, {"困难等级": "低保戶", "金额": "800"})
    project = tmp_path / "fundcheck.yaml"
    project.write_text(
        "packs: [yuanjiang-2021]\ncodes: {aid_payment.hardship_tier: {特别困难: [深度困难, 低保户]}}\n", encoding="utf-8"
    )
    ran = check(path, "--project", project)
    assert ran.counts("C01") == {"compliant": 2}
    assert any("深度困难" in note and "特别困难" in note for note in ran.report["run"]["notes"])


# ---- Shares and small numbers.


def shared(folder: Path, ordinary: int, needy: int, severe: int, **more: str) -> Path:
    tiers = [("一般困难", "300")] * ordinary + [("困难", "500")] * needy + [("特别困难", "800")] * severe
    return aid(folder, *({"困难等级": tier, "金额": amount, "活动名称": "春节", **more} for tier, amount in tiers))


@pytest.mark.parametrize("counts", [(4, 2, 1), (60, 25, 15)])
def test_m40_m41_shares_in_whole_households_are_in_order(counts: tuple[int, int, int], tmp_path: Path) -> None:
    ran = check(shared(tmp_path, *counts), *YUANJIANG)
    assert ran.counts("C02") == ran.counts("C01") == {"compliant": sum(counts)}
    assert sum(cells(tmp_path / "aid.csv", "amount")) == {7: 3000, 100: 42500}[sum(counts)]


def test_m42_other_shares_are_named_with_what_is_due(tmp_path: Path) -> None:
    [found] = check(shared(tmp_path, 40, 35, 25), *YUANJIANG).findings("C02")
    assert found["verdict"] == "violation"
    assert "共100户" in found["message"]
    assert "40、35、25" in found["message"]
    assert "60、25、15" in found["message"]


def test_m43_a_batch_of_three_without_a_tier_is_no_violation(tmp_path: Path) -> None:
    assert check(shared(tmp_path, 2, 1, 0), *YUANJIANG).counts("C02") == {"compliant": 3}


# ---- Budgets and rates.


def budget(folder: Path, *rows: Mapping[str, object], titles: Sequence[str] = ()) -> Path:
    laid = [{"年度": "2021", "项目名称": f"项目{n}", "预算性质": "财政", **row} for n, row in enumerate(rows)]
    return write(folder / "budget.csv", lay_out(laid, titles))


def test_m44_a_remainder_of_a_hundred_yuan_is_within_the_target(tmp_path: Path) -> None:
    path = budget(tmp_path, {"全年预算数": "1150.50", "执行数": "1150.49", "执行率": "100%"}, titles=["单位：万元"])
    ran = check(path)
    assert ran.counts("E01") == ran.counts("E04") == {"compliant": 1}
    assert cells(path, "budget_amount - executed_amount", "budget_execution") == [Decimal(100)]


def test_m45_nothing_of_nothing_is_not_applicable_and_something_of_nothing_is_over_budget(tmp_path: Path) -> None:
    ran = check(
        budget(tmp_path, {"全年预算数": "0", "执行数": "0", "执行率": ""}, {"全年预算数": "0", "执行数": "5", "执行率": ""})
    )
    assert ran.counts("E01") == ran.counts("E04") == {"not_applicable": 2}
    assert ran.verdicts("E02") == {3: "violation"}
    assert ran.findings("E02")[0]["severity"] == "critical"


def test_m46_a_unit_in_the_cell_and_one_in_the_title_are_one(tmp_path: Path) -> None:
    path = budget(tmp_path, {"全年预算数": "1,150.50", "执行数": "1150.49万元"}, titles=["单位：万元"])
    assert cells(path, "budget_amount", "budget_execution") == [Decimal("11505000")]
    assert cells(path, "executed_amount", "budget_execution") == [Decimal("11504900")]
    assert check(path).counts("E01") == {"compliant": 1}


@pytest.mark.parametrize(
    ("rates", "verdicts"),
    [
        (["100%", "99.999", "100.00"], {"compliant": 3}),
        (["1", "1.0", "0.99999"], {"compliant": 3}),
        (["100%", "1", "1.0"], {"compliant": 3}),
        (["99.999", "1", "1.0"], {"compliant": 1, "not_evaluable": 2}),  # 1 % or 100 %: nobody can tell, and nobody is accused
    ],
)
def test_m47_rates_are_read_by_their_neighbours_and_an_ambiguous_one_is_not_evaluable(
    rates: list[str], verdicts: dict[str, int], tmp_path: Path
) -> None:
    """The case takes a bare 1 beside percents for 1 %, which would accuse whoever means 100 %: where readings differ, none is a verdict."""
    path = budget(
        tmp_path,
        *({"全年预算数": "1000000", "执行数": "999990" if "999" in rate else "1000000", "执行率": rate} for rate in rates),
    )
    assert check(path).counts("E04") == verdicts


@pytest.mark.parametrize(
    ("header", "rates", "read"),
    [
        ("执行率（%）", ["0.97", "0.5", "0"], [None] * 3),
        ("执行率（%）", ["97", "0.5", "0"], [97, None, 0]),
        ("执行率（%）", ["97%", "0.5%"], [97, Decimal("0.5")]),
        ("执行率", ["0.97", "0.5"], [97, 50]),
    ],
)
def test_fractions_below_a_header_with_percent_may_be_either(
    header: str, rates: list[str], read: list[Decimal | None], tmp_path: Path
) -> None:
    """0.5 below 执行率（%） was 50 %."""
    path = budget(tmp_path, *({"全年预算数": "1000", "执行数": "970", header: rate} for rate in rates))
    assert cells(path, "stated_rate", "budget_execution") == read
    assert any(check(path).notes("Q06")) == (None in read)  # with a cell


def test_m48_all_rows_of_a_long_ledger_are_read_and_its_total_is_none_of_them(tmp_path: Path) -> None:
    """E08 and E09 are not there yet: the rows and their sum are held against the printed total of the intake."""
    amounts = ["371"] * 2871 + ["259"]
    rows = payments(*({"姓名": f"测试{n}号", "身份证号": identity(n % 1000), "金额": amount} for n, amount in enumerate(amounts)))
    path = write(tmp_path / "aid.csv", [*lay_out(rows), ["合  计", "", "", "1,065,400.00"]])
    found = cells(path, "amount")
    assert (len(found), sum(found)) == (2872, Decimal("1065400"))


def test_m49_rows_are_counted_as_rows_and_persons_as_persons(tmp_path: Path) -> None:
    rows = [
        {"身份证号": identity(n % 198), "姓名": f"测{'甲乙丙丁'[n % 198 % 4]}", "活动名称": f"第{n // 198}批"} for n in range(236)
    ]
    path = aid(tmp_path, *rows)
    assert len(cells(path, "id_no")) == 236
    assert len(set(cells(path, "id_no"))) == 198
    assert check(path, *YUANJIANG).counts("C05") == {"compliant": 236}


# ---- Refunds and red ink.


def subsidies(folder: Path, refunds: Sequence[Mapping[str, object]], amount: str = "2499.21") -> tuple[Path, Path]:
    paid = {
        "发放编号": "S1",
        "姓名": "测试甲",
        "发放日期": "2018-05-01",
        "补贴项目": "值班补贴",
        "金额": amount,
        "是否违规": "是",
    }
    back = [{"姓名": "测试甲", "对应发放编号": "S1", "清退时间": "2018-09-01", **row} for row in refunds]
    return write(folder / "subsidy.csv", lay_out([paid])), write(folder / "refund.csv", lay_out(back))


def test_m50_instalments_of_one_refund_are_added_up(tmp_path: Path) -> None:
    paths = subsidies(tmp_path, [{"清退金额": text} for text in ("1,000", "1000元", "499.21")])
    assert check(*paths).counts("F01") == {"compliant": 1}
    assert check(*subsidies(tmp_path, [{"清退金额": "1000"}])).verdicts("F01") == {2: "violation"}


def test_m51_a_refund_of_the_same_person_without_its_payment_number_is_a_weak_match(tmp_path: Path) -> None:
    [found] = check(*subsidies(tmp_path, [{"清退金额": "2499.21", "对应发放编号": ""}])).findings("F01")
    assert found["verdict"] == "suspect"
    assert {one["name"]: one["holds"] for one in found["readings"]} == {"own": False, "unnumbered": True}
    short = check(*subsidies(tmp_path, [{"清退金额": "499.21", "对应发放编号": ""}]))
    assert short.verdicts("F01") == {2: "violation"}


def test_m52_an_amount_typed_as_text_behind_an_apostrophe_is_read(tmp_path: Path) -> None:
    paths = subsidies(tmp_path, [{"清退金额": "'700499.21元"}], amount="700,499.21")
    assert cells(paths[1], "amount", "subsidy_refund") == [Decimal("700499.21")]
    assert check(*paths).counts("F01") == {"compliant": 1}


@pytest.mark.parametrize("red", ["-500（冲销）", "-500红字", "红字500", "500（红字）", "红字（500）"])
def test_m53_a_row_in_red_ink_is_netted_with_the_row_that_it_cancels(red: str, tmp_path: Path) -> None:
    person = {"姓名": "测试甲", "身份证号": identity(1), "困难等级": "特别困难", "活动名称": "春节"}
    path = aid(tmp_path, {**person, "金额": "500"}, {**person, "金额": red}, {**person, "金额": "800"})
    ran = check(path, *YUANJIANG)
    assert ran.counts("C01") == ran.counts("C05") == {"compliant": 1, "not_applicable": 2}
    assert not [note for note in ran.report["intake"] if note["code"] == "Q05" and note["severity"] != "info"]


def test_m53_brackets_are_a_minus_where_the_note_says_reversal(tmp_path: Path) -> None:
    person = {"姓名": "测试甲", "身份证号": identity(1), "活动名称": "春节"}
    rows = [{**person, "备注": ""}, {**person, "金额": "(500.00)", "备注": "冲销2月重复发放"}, {**person, "备注": ""}]
    assert check(aid(tmp_path, *rows), *YUANJIANG).counts("C05") == {"compliant": 1, "not_applicable": 2}


def test_m53_a_reversal_cancels_one_row_of_the_same_person_only(tmp_path: Path) -> None:
    red = {"姓名": "测试乙", "身份证号": identity(1), "金额": "-500（冲销）"}
    ran = check(aid(tmp_path, {"金额": "500"}, {"姓名": "测试乙", "金额": "500"}, red), *YUANJIANG)
    assert ran.counts("C01") == {"compliant": 1, "not_applicable": 2}
    alone = check(aid(tmp_path, {"金额": "-500（冲销）"}, {"金额": "500"}), *YUANJIANG)
    assert alone.counts("C01") == {"compliant": 1, "not_applicable": 1}
    assert "未找到金额相同的原行" in alone.notes("Q05")[""]


@pytest.mark.parametrize("kind", sorted(name for name, kind in load_kinds().items() if kind.nets))
def test_m53_a_reversal_cancels_its_row_in_every_kind_that_nets(kind: str, tmp_path: Path) -> None:
    """A reversal among transfers, which name no person, or among gifts, which name a person in three ways, ended the check."""
    described = load_kinds()[kind]
    needed = [one if isinstance(one, str) else one[0] for one in described.required]
    header = list(dict.fromkeys([*needed, *described.paid, str(described.nets)]))
    texts = {name: "测试工会" if described.columns[name].type != "identity" else identity(1) for name in header}
    rows = [{**texts, described.nets: "500"}, {**texts, described.nets: "-500（冲销）"}, {**texts, described.nets: "700"}]
    path = tmp_path / "a.csv"
    lines = [[described.columns[name].zh for name in header], *([row[name] for name in header] for row in rows)]
    path.write_text("\n".join(map(",".join, lines)), encoding="utf-8")
    ran = check(path, *YUANJIANG, "--ledger", f"{kind}={path}")
    assert "相抵" in "".join(ran.notes("Q05").values())


def test_a_payment_that_its_note_takes_back_is_named_where_only_another_ones_row_is_negative(tmp_path: Path) -> None:
    """Once a row in red ink stood in the list, a note 已收回 said nothing any more."""
    red = {"姓名": "测试乙", "身份证号": identity(2), "金额": "-300", "备注": "冲销"}
    others = (
        {"姓名": "测试乙", "身份证号": identity(2), "金额": "300", "备注": "已退回"},
        {"姓名": "测试丙", "身份证号": identity(3), "备注": "已收回"},
    )
    ran = check(aid(tmp_path, {"备注": ""}, *others, red), *YUANJIANG)
    assert [cell for cell, what in ran.notes("Q05").items() if "是否支付不明，请核实" in what] == ["D4"]


@pytest.mark.parametrize(
    ("note", "amount"),
    [
        ("冲销2月重复发放", -500),
        ("已退回", -500),
        ("已予冲回", -500),
        ("重发，退回", -500),
        ("未冲销", None),
        ("尚未退回", None),
        ("没有冲销", None),
        ("未予退回", None),
        ("无需冲销", None),
    ],
)
def test_a_note_that_nothing_was_reversed_is_no_word_of_reversal(note: str, amount: int | None, tmp_path: Path) -> None:
    path = aid(tmp_path, {"备注": ""}, {"金额": "-500", "备注": note})
    assert cells(path, "amount") == [500, amount]


def test_days_without_a_year_are_not_of_the_title_where_a_column_says_another_one(tmp_path: Path) -> None:
    """Of rows of 2020 and 2021 below a title of 2021 each day was of 2021."""
    title = ["2021年帮扶资金发放表"]
    assert cells(aid(tmp_path, {"发放日期": "2月3日", "年度": "2021"}, titles=title), "pay_date") == [date(2021, 2, 3)]
    two = aid(tmp_path, {"发放日期": "2月3日", "年度": "2020年"}, {"发放日期": "2月3日", "年度": "2021年"}, titles=title)
    assert cells(two, "pay_date") == [None, None]


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (["12月20日", "12月28日", "1月3日"], False),  # which of them is of the year in the title?
        (["11月2日", "2月3日", "2月4日"], False),
        (["1月3日", "2月4日", "12月28日"], True),
        (["12月20日", "1月3日", "12月28日", "2月4日"], True),  # in no order
        (["9月3日", "1月3日"], True),
        (["十二月二十日", "元月3日"], False),
        (["12 月 20 日", "1 月 3 日"], False),
        (["2月20日", "1月20日", "12月3日", "11月3日"], False),
        (
            [*(f"{month}月5日" for month in range(1, 13)), *(f"{month}月5日" for month in range(1, 13))],
            True,
        ),  # two lists of one year
    ],
)
def test_days_that_pass_from_the_end_of_a_year_to_the_beginning_of_another_have_no_year(
    texts: list[str], read: bool, tmp_path: Path
) -> None:
    path = aid(tmp_path, *({"发放日期": text} for text in texts), titles=["2021年帮扶资金发放表"])
    assert {day is not None for day in cells(path, "pay_date")} == {read}


def test_where_days_pass_into_the_next_year_no_column_has_that_of_the_title(tmp_path: Path) -> None:
    """Beside days of December and January the periods of publicity were all of the year in the title."""
    days = [("12月20日", "12月10日至12月15日"), ("12月28日", "12月20日至12月25日"), ("1月3日", "1月1日至1月2日")]
    path = aid(tmp_path, *({"发放日期": day, "公示时间": period} for day, period in days), titles=["2021年帮扶资金发放表"])
    assert cells(path, "pay_date") == cells(path, "publicity_start") == [None, None, None]


@pytest.mark.parametrize("text", ["0.05", "0.5"])
def test_less_than_a_yuan_among_hundreds_is_not_believed(text: str, tmp_path: Path) -> None:
    """0.05 among 500 and 300 may be in ten thousands; where all are so small, the unit of the column is in doubt."""
    ran = check(with_amounts(tmp_path, ["500", text, "300"]), *YUANJIANG)
    assert [cell for cell, what in ran.notes("Q05").items() if "不到一元" in what] == ["D3"]
    assert cells(with_amounts(tmp_path, ["500", text, "300"]), "amount") == [500, None, 300]


@pytest.mark.parametrize(
    ("note", "named"),
    [("实发300", True), ("补发上月100元在内，实为300", True), ("应发600，实发300元", True), ("改为1,300元", True), ("应发600，实发500", False), ("实发500.00", False),
     ("只拨付100元", True), ("本次发300元，其余6月发", True), ("夫妻二人各领250元", True), ("已领500元", False), ("实发3月份", False), ("实发3人", False), ("2021年实发", False)],
)  # fmt: skip
def test_an_amount_that_its_note_contradicts_is_named(note: str, named: bool, tmp_path: Path) -> None:
    path = aid(tmp_path, {"金额": "500", "备注": note}, {"金额": "300", "备注": ""})
    assert any("与备注所写实发数" in what for what in check(path, *YUANJIANG).notes("Q05").values()) == named


@pytest.mark.parametrize(
    ("note", "named"),
    [
        ("少发100", "少发100"),
        ("多发200元", "多发200元"),
        ("扣除50元", "扣除50元"),
        ("减半发放", "减半发放"),
        ("少发多人", ""),
        ("应发二百元", "应发二百元"),
        ("应发六百元，实发伍佰元整", "应发六百元"),
        ("实发三人", ""),
        ("分两次拨付，本次1万", "分两次"),
        ("先付1万，余款验收后付", "1万"),
        ("首付50%", "首付"),
        ("王五等2人合领", "合领"),
        ("补发2月", ""),
    ],
)
def test_an_amount_that_its_note_changes_is_named(note: str, named: str, tmp_path: Path) -> None:
    path = aid(tmp_path, {"金额": "500", "备注": note}, {"金额": "300", "备注": ""})
    said = [what for what in check(path, *YUANJIANG).notes("Q05").values() if "备注写有" in what]
    assert [f"“{named}”" in what for what in said] == ([True] if named else [])


@pytest.mark.parametrize(
    "note",
    ["银行退票", "户名不符退回", "转账未成功", "付款不成功", "没发", "没领", "此人不发", "不再发放", "拒收", "名额取消", "不符合条件",
     "暂存工会", "转入下批发放", "钱已收回", "已退还", "发错"],
)  # fmt: skip
def test_a_payment_that_its_note_takes_back_in_other_words_is_not_believed(note: str, tmp_path: Path) -> None:
    assert cells(aid(tmp_path, {"金额": "500", "备注": note}, {"金额": "300", "备注": ""}), "amount") == [None, 300]


@pytest.mark.parametrize("note", ["没有劳动能力", "符合条件", "第二批次发放", "现金发放", "已领", "多次住院"])
def test_a_note_of_like_words_leaves_a_payment_as_it_is(note: str, tmp_path: Path) -> None:
    assert cells(aid(tmp_path, {"金额": "500", "备注": note}, {"金额": "300", "备注": ""}), "amount") == [500, 300]


@pytest.mark.parametrize(
    ("header", "text"), [("状态", "失败"), ("处理状态", "账户状态异常"), ("是否发放成功", "否"), ("回盘结果", "户名不符")]
)
def test_a_payment_that_a_bank_did_not_make_is_not_believed(header: str, text: str, tmp_path: Path) -> None:
    """A column 状态 made the list one of refunds, which judged nothing."""
    assert cells(aid(tmp_path, {"金额": "500", header: text}, {"金额": "300", header: "成功"}), "amount") == [None, 300]


@pytest.mark.parametrize("text", ["-500", "(500)", "△500", "－５００"])
def test_m54_a_negative_amount_without_a_word_is_not_believed(text: str, tmp_path: Path) -> None:
    ran = check(with_amounts(tmp_path, [text]), *YUANJIANG)
    assert set(ran.notes("Q05")) == {"D2"}
    assert ran.counts("C01") == {"not_evaluable": 1}


def test_m55_head_counts_are_read_with_their_word_and_approximate_ones_are_not(tmp_path: Path) -> None:
    """No policy counts heads yet: the cells are read as the case says, and a guess is a problem with its reason."""
    path = aid(tmp_path, *({"家庭人口": text} for text in ("25", "24人", "约25", "")))
    assert cells(path, "family_size") == [25, 24, None, None]
    assert check(path, *YUANJIANG).notes("Q04") == {"I4": "“家庭人口”约数，不是确定数"}


def test_m56_sources_of_funds_are_read_by_their_short_names_and_others_are_named(tmp_path: Path) -> None:
    spellings = {"央财": "中央财政专项", "中央": "中央财政专项", "中央财政专项帮扶资金": "中央财政专项", "中央专项": "中央财政专项", "市总": "上级工会",
                 "自筹": "基层自筹", "市局专户": None}  # fmt: skip
    path = aid(tmp_path, *({"资金来源": text} for text in spellings))
    assert cells(path, "fund_source") == list(spellings.values())
    assert set(check(path, *YUANJIANG).notes("Q09")) == {"I8"}


def test_m56_a_project_file_adds_spellings_of_codes(tmp_path: Path) -> None:
    path = aid(tmp_path, {"资金来源": "市局專戶", "是否列入市总名单": "否"}, {"资金来源": "市财", "是否列入市总名单": "否"})
    project = tmp_path / "fundcheck.yaml"
    project.write_text(
        "packs: [yuanjiang-2021]\ncodes: {aid_payment.fund_source: {上级工会: [市局专户, 市财]}}\n", encoding="utf-8"
    )
    ran = check(path, "--project", project)
    assert ran.verdicts("B07") == {2: "violation", 3: "violation"}  # the user's own spelling wins over the shipped one
    assert ran.notes("Q09") == {}


# ---- What is left.


def test_m61_a_formula_in_a_text_is_a_text(tmp_path: Path) -> None:
    row = {"姓名": "测试甲", "工作单位": '=HYPERLINK("http://x.invalid","点击")', "金额": "800"}
    path = aid(tmp_path, row)
    assert cells(path, "employer") == ['=HYPERLINK("http://x.invalid","点击")']
    out = tmp_path / "findings.csv"
    CliRunner().invoke(main, ["check", str(path), *YUANJIANG, "--as-of", "2021-12-31", "--format", "csv", "--output", str(out)])
    found = list(csv.reader(out.read_text(encoding="utf-8-sig").splitlines()))
    assert len(found) > 1
    assert not [cell for line in found for cell in line if cell.startswith(("=", "+", "@"))]


def test_m63_a_file_of_another_year_is_judged_by_its_state_on_the_day_of_payment(tmp_path: Path) -> None:
    """A09, which would flag the age of a file, is not there yet."""
    files = archive(
        tmp_path,
        {"建档日期": "2019.3", "档案状态": "在档", "退档日期": ""},
        {"建档日期": "2019年3月1日", "档案状态": "已脱困", "退档日期": "2020年12月31日"},
        {"建档日期": "2019年3月1日", "档案状态": "已脱困", "退档日期": "2021.6"},
    )
    ran = check(aid(tmp_path, {}, {}, {}), files, *YUANJIANG)
    assert ran.verdicts("A01") == {3: "suspect"}
    assert ran.counts("A01") == {"compliant": 2, "suspect": 1}


def test_m64_rows_of_two_years_belong_to_one_campaign(tmp_path: Path) -> None:
    days = ["2020年12月28日", "2021.1.5", "2021-02-11", "2021-02-15"]
    ran = check(aid(tmp_path, *({"发放日期": day, "活动名称": "2021年春节送温暖"} for day in days)), *YUANJIANG)
    assert ran.verdicts("D01") == {5: "violation"}
    assert ran.counts("D01") == {"compliant": 3, "violation": 1}


def test_m65_another_campaign_has_a_festival_of_its_own(tmp_path: Path) -> None:
    """The shipped campaign is that of 2021; for 2020 its day is a parameter, and the report names it."""
    path = aid(
        tmp_path, {"发放日期": "2020.12.26", "活动名称": "2020年春节"}, {"发放日期": "2020.12.24", "活动名称": "2020年春节"}
    )
    ran = check(path, *YUANJIANG, "--param", "D01.festival=2020-12-25")
    assert ran.verdicts("D01") == {2: "violation"}
    assert ran.report["run"]["parameters"] == {"D01.festival": "2020-12-25"}


def test_m66_money_of_a_row_is_counted_once_however_many_policies_it_breaks(tmp_path: Path) -> None:
    ran = check(
        aid(tmp_path, {"姓名": "测试甲等3人", "人员类别": "困难职工", "金额": "800"}),
        archive(tmp_path, {"身份证号": identity(9)}),
        *YUANJIANG,
    )
    broken = {found["code"] for found in ran.report["findings"] if found["verdict"] == "violation"}
    assert {"A01", "A03", "C01"} <= broken
    assert ran.report["summary"]["amount_involved"] == "800.00"


# ---- Big files are read in another way, and mean the same.


def test_m19_m20_m53_big_files_are_read_like_small_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    periods = ["2021.1.25-1.27", "公示3天", "1月25日至27日", "2021.1.25", "2021-01-25", ""]
    person = {"姓名": "测试甲", "身份证号": identity(1), "活动名称": "春节"}
    amounts = ["500", "-500（冲销）", "500", "（500）", "壹佰元整", "约40万"]
    rows = [{**person, "公示时间": text, "金额": amount} for text, amount in zip(periods, amounts, strict=True)]
    small = aid(tmp_path, *rows, name="2021年春节.csv")
    columns = ("publicity_start", "publicity_end", "publicity_days", "amount", "name")
    expected = [cells(small, column) for column in columns]
    with monkeypatch.context() as patched:
        patched.setattr(bulk, "BIG_CSV", 0)
        assert [cells(small, column) for column in columns] == expected
        assert cells(small, "coalesce(_netted, 0)") == [2, 2, 0, 0, 0, 0]
    header, *below = lay_out(payments(*rows))
    table = {str(name): [str(row[index]) for row in below] for index, name in enumerate(header)}
    pq.write_table(pa.table(table), tmp_path / "2021年春节.parquet")
    assert [cells(tmp_path / "2021年春节.parquet", column) for column in columns] == expected
    assert expected[0] == [date(2021, 1, 25), None, date(2021, 1, 25), None, None, None]
    assert expected[3] == [Decimal(500), Decimal(-500), Decimal(500), None, Decimal(100), None]


def test_m19_a_column_of_days_in_a_parquet_file_is_no_period(tmp_path: Path) -> None:
    days = [date(2021, 1, 25), date(2021, 1, 26)]
    pq.write_table(pa.table({"姓名": ["测试甲", "测试乙"], "金额": [500, 500], "公示时间": days}), tmp_path / "aid.parquet")
    assert cells(tmp_path / "aid.parquet", "publicity_start") == [None, None]
    assert len(check("--ledger", f"aid_payment={tmp_path / 'aid.parquet'}").notes("Q03")) == 2
