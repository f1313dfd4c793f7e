"""Cells of every type: what a text means, what is a problem, and that Python and SQL never disagree about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers.fold import fold, fold_header
from ledgers.kinds import Column, ColumnType, load_kinds
from ledgers.papers import LENGTHENED
from ledgers.plain_names import names_to_read
from ledgers.typed import COMPANION, PLAIN, SQL_TYPES
from ledgers.values import ABSENT, FEW, SERIAL_EPOCH, Reading, check_digit, ordinary_characters, read_text, read_texts

TYPES: tuple[ColumnType, ...] = (
    "text",
    "name",
    "identity",
    "account",
    "date",
    "year",
    "integer",
    "amount",
    "percent",
    "code",
    "flag",
)
TIERS = {"特别困难": ["特困", "特别困难户"], "一般困难": [], "困难": ["困难户"], "账外": ["帳外资金"]}


def column(of_type: ColumnType) -> Column:
    return Column(type=of_type, zh="列", en="column", codes=TIERS if of_type == "code" else {})


def read(of_type: ColumnType, text: str, factor: int = 1) -> Reading:
    return read_texts(column(of_type), [text], Decimal(factor))[text]


def identity(body: str) -> str:
    return body + check_digit(body)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


# ---- Nothing there, masks, error values: the same in every type.


@pytest.mark.parametrize("of_type", TYPES)
@pytest.mark.parametrize("text", ["", " ", "\u3000", "-", "—", "——", "/", "NaN", "None", "\ufeff", "－"])
def test_a_blank_or_a_dash_is_absent_in_every_type(of_type: ColumnType, text: str) -> None:
    assert read(of_type, text) == Reading()


@pytest.mark.parametrize("of_type", [of_type for of_type in TYPES if of_type != "flag"])
def test_the_word_for_none_is_absent_in_every_type_but_a_flag(of_type: ColumnType) -> None:
    assert read(of_type, "无") == Reading()
    assert read("flag", "无") == Reading("false")


@pytest.mark.parametrize("of_type", TYPES)
@pytest.mark.parametrize("text", ["#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#NOVALUE!"])
def test_an_error_value_of_a_formula_is_a_problem_in_every_type(of_type: ColumnType, text: str) -> None:
    reading = read(of_type, text)
    assert (reading.value, reading.problem) == (None, "Q10")
    assert text in reading.what


@pytest.mark.parametrize("of_type", TYPES)
@pytest.mark.parametrize("text", ["XX", "**", "×××", "某某", "待定", "待补", "待核实", "保密", "ＸＸ"])
def test_a_mask_or_a_placeholder_is_a_problem_in_every_type(of_type: ColumnType, text: str) -> None:
    reading = read(of_type, text)
    assert (reading.value, reading.problem) == (None, "Q02")


@pytest.mark.parametrize("of_type", ["amount", "integer", "text"])
@pytest.mark.parametrize("text", ["X萬元", "XX萬元", "X多万", "XX元", "约XX万元", "XX人", "XX户"])
def test_a_masked_number_with_its_unit_is_a_mask(of_type: ColumnType, text: str) -> None:
    assert read(of_type, text).problem == "Q02"


# ---- Dates.


@pytest.mark.parametrize(
    "text",
    [
        "2021-01-05",
        "2021.1.5",
        "2021-1-5",
        "2021/01/05",
        "2021年1月5日",
        "2021年01月05日",
        "2021 年 1 月 5 日",
        "２０２１年１月５日",
        "20210105",
        "21.1.5",
        "44201",
        "44201.5",
        "二〇二一年一月五日",
        "二○二一年一月五日",
        "二零二一年一月五日",
        "貳零貳壹年一月五日",
        "民國110年1月5日",
        "民国110年1月5日",
        "2021-01-05 00:00:00",
        "2021-01-05T00:00:00",
        "2021-01-05 08:30",
        "2021-01-05 23:59:59.999",
        "2021/1/5 8:30",
        "2021/1/5 0:00:00",
    ],
)
def test_a_day_is_the_same_day_in_every_form_people_write(text: str) -> None:
    assert read("date", text) == Reading("2021-01-05", "2021-01-05")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-1-1 12:30", "2021-01-01"),
        ("2021/1/2 10:05:00", "2021-01-02"),
        ("2021.1.3 13:00", "2021-01-03"),
        ("2021/1/5 10:30", "2021-01-05"),
        ("2021-12-1 23:59:59", "2021-12-01"),
        ("2021年1月1日 12:30", "2021-01-01"),
    ],
)
def test_the_hour_after_a_day_of_one_digit_does_not_run_into_the_day(text: str, day: str) -> None:
    assert read("date", text) == Reading(day, day)


@pytest.mark.parametrize(
    ("text", "day"),
    [("二〇二一年十月十日", "2021-10-10"), ("二〇二一年十二月三十一日", "2021-12-31"), ("二〇二〇年二月廿九日", "2020-02-29")],
)
def test_chinese_numbers_above_nine_are_read_in_a_date(text: str, day: str) -> None:
    assert read("date", text) == Reading(day, day)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2021.1", "2021-01-01", "2021-01-31"),
        ("2021年2月", "2021-02-01", "2021-02-28"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2021/12", "2021-12-01", "2021-12-31"),
        ("二〇二一年十二月", "2021-12-01", "2021-12-31"),
        ("2021年", "2021-01-01", "2021-12-31"),
        ("2021年度", "2021-01-01", "2021-12-31"),
    ],
)
def test_a_month_or_a_year_has_an_earliest_and_a_latest_day(text: str, first: str, last: str) -> None:
    assert read("date", text) == Reading(first, last)


@pytest.mark.parametrize(
    "text",
    [
        "2021.2.30",
        "2021-13-01",
        "2021-00-05",
        "00/01/1900",
        "1900-01-00",
        "1900-01-01",
        "0000年",
        "1月5日",
        "1月25日至27日",
        "2021.1.25-1.27",
        "公示3天",
        "年底",
        "12:30",
        "202101",
        "123456",
        "19999",
        "70000",
        "-44201",
        "2021-01-05 25",
        # two digits may be a year, a month or a day; a year far off is a slip; two numbers are no date
        "12/1/20",
        "10-11-12",
        "01.02.21",
        "2109-02-08",
        "2050-01-01",
        "1900-12-31",
        "2021-2-1\n5",
    ],
)
def test_what_is_no_day_of_the_calendar_is_a_problem_not_a_guess(text: str) -> None:
    reading = read("date", text)
    assert (reading.value, reading.problem) == (None, "Q03")


@settings(deadline=None)
@given(day=st.dates(date(1901, 1, 1), date(2049, 12, 31)))
def test_any_day_formatted_with_four_digits_of_the_year_reads_back(day: date) -> None:
    forms = [
        day.isoformat(),
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y-%m-%d} 00:00:00",
        f"{day.year}/{day.month}/{day.day} 10:30",
        f"民国{day.year - 1911}年{day.month}月{day.day}日" if 1911 < day.year < 2911 else day.isoformat(),
        f"{day:%Y%m%d}" if 1901 <= day.year < 2100 else day.isoformat(),
    ]
    assert {text: read("date", text).value for text in forms} == dict.fromkeys(forms, day.isoformat())


def test_two_digits_of_a_year_beyond_the_present_belong_to_the_last_century() -> None:
    assert read("date", "98.5.1").value == "1998-05-01"
    assert read("date", "85年12月1日").value == "1985-12-01"


@settings(deadline=None)
@given(day=st.dates(date(2010, 1, 1), date(2049, 12, 31)))
def test_any_day_of_this_century_reads_back_from_a_serial_and_from_two_digits_that_no_old_person_has(day: date) -> None:
    serial = (day - SERIAL_EPOCH).days
    for text in (str(serial), f"{serial}.0", f"{serial}.75"):
        assert read("date", text) == Reading(day.isoformat(), day.isoformat())
    short = read("date", f"{day.year % 100:02}.{day.month}.{day.day}")
    assert short == Reading(day.isoformat(), day.isoformat()) if day.year <= 2030 else short.problem == "Q03"


@pytest.mark.parametrize(
    ("text", "read_as"),
    [("49.10.1", None), ("28.3.2", None), ("38年5月6日", None), ("55.1.2", "1955-01-02"), ("15.3.2", "2015-03-02")],
)
def test_the_century_of_a_birth_is_not_guessed(text: str, read_as: str | None) -> None:
    """A pensioner of 1949 was born in 2049."""
    assert read_texts(load_kinds()["hardship_archive"].columns["birth_date"], [text])[text].value == read_as


@pytest.mark.parametrize(
    ("texts", "unread"),
    [
        (["2021.8", "2021.9", "2021.1", "2021.11"], {"2021.1"}),
        (["2021.1", "2021.2", "2021.3"], set()),
        (["2021.9", "2021.10", "2021.1"], set()),
        (["2020.9", "2021.1"], set()),
    ],
)
def test_a_month_that_may_have_lost_its_last_zero_is_a_problem(texts: list[str], unread: set[str]) -> None:
    found = read_texts(Column(type="date", zh="日期", en="day"), texts)
    assert {text for text, reading in found.items() if reading.problem} == unread


@settings(deadline=None)
@given(day=st.dates(date(1901, 1, 1), date(2049, 12, 31)))
def test_any_day_written_out_in_chinese_reads_back(day: date) -> None:
    digits = "〇一二三四五六七八九"
    tens = ["", "十", "二十", "三十"]
    year = "".join(digits[int(digit)] for digit in str(day.year))
    small = [tens[number // 10] + (digits[number % 10] if number % 10 else "") for number in (day.month, day.day)]
    assert read("date", f"{year}年{small[0]}月{small[1]}日").value == day.isoformat()


@settings(deadline=None)
@given(first=st.dates(date(1901, 1, 1), date(2049, 12, 1)).map(lambda day: day.replace(day=1)))
def test_the_latest_day_of_a_month_is_the_day_before_the_next_month(first: date) -> None:
    following = (first + timedelta(days=31)).replace(day=1)
    assert read("date", f"{first.year}年{first.month}月") == Reading(
        first.isoformat(), (following - timedelta(days=1)).isoformat()
    )


# ---- Amounts.


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("500", "500.00"),
        ("0", "0.00"),
        ("500.00 ", "500.00"),
        ("￥500.00", "500.00"),
        ("¥500", "500.00"),
        ("500元", "500.00"),
        ("500元整", "500.00"),
        ("500圓", "500.00"),
        ("５００", "500.00"),
        ("５００．５", "500.50"),
        ("1,500", "1500.00"),
        ("1，500", "1500.00"),
        ("1,065,400.00", "1065400.00"),
        ("１，５００元", "1500.00"),
        ("-500", "-500.00"),
        ("－500", "-500.00"),
        ("700499.21元", "700499.21"),
        ("27.65万元", "276500.00"),
        ("27.65萬元", "276500.00"),
        ("0.05万", "500.00"),
        ("1千元", "1000.00"),
        ("5千", "5000.00"),
        ("3百", "300.00"),
        ("1.2百万元", "1200000.00"),
        ("5百元", "500.00"),
        ("3亿元", "300000000.00"),
        ("1E3", "1000.00"),
        ("999999999999.99", "999999999999.99"),
    ],
)
def test_an_amount_is_read_with_its_sign_commas_width_and_unit(text: str, yuan: str) -> None:
    assert read("amount", text) == Reading(yuan)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("伍佰元整", "500.00"),
        ("人民币伍佰元整", "500.00"),
        ("伍佰圓整", "500.00"),
        ("伍佰圆", "500.00"),
        ("壹仟贰佰叁拾肆元伍角", "1234.50"),
        ("壹仟貳佰叁拾肆圓伍角陸分", "1234.56"),
        ("壹仟零伍元", "1005.00"),
        ("拾元整", "10.00"),
        ("壹佰元零伍分", "100.05"),
        ("壹万元整", "10000.00"),
        ("壹拾万元整", "100000.00"),
        ("壹佰零陆万伍仟肆佰元整", "1065400.00"),
        ("壹亿元整", "100000000.00"),
        ("壹亿贰仟万元整", "120000000.00"),
        ("壹亿零伍拾万元整", "100500000.00"),
        ("500（伍佰元整）", "500.00"),
        ("￥1,234.50（壹仟贰佰叁拾肆元伍角）", "1234.50"),
    ],
)
def test_an_amount_written_out_in_capitals_is_read(text: str, yuan: str) -> None:
    assert read("amount", text) == Reading(yuan)


@pytest.mark.parametrize(
    "text",
    [
        "500（陆佰元整）",
        "-1（壹元人民币）",
        "壹贰叁元",
        "伍佰伍佰元",
        "约40万",
        "近304万",
        "500余元",
        "40多万",
        "1,50",
        "15,00",
        "1.5.0",
        "五百",
        "500/户",
        "300+200",
        "500-800",
        "=500",
        "现金500",
        "500.001",
        "1e400",
        "1e-400",
        "inf",
        "10000000000000",
        "--500",
    ],
)
def test_an_amount_that_is_approximate_contradictory_or_too_fine_is_a_problem(text: str) -> None:
    reading = read("amount", text)
    assert (reading.value, reading.problem) == (None, "Q04")


@pytest.mark.parametrize("text", ["1e9999999", "-1e9999999", "1" + "（壹元）" * 3000, "9" * 30000, "1" + ",000" * 5000])
def test_an_absurd_amount_is_a_problem_and_no_fault_of_the_program(text: str) -> None:
    reading = read("amount", text)
    assert (reading.value, reading.problem) == (None, "Q04")


@pytest.mark.parametrize(
    ("text", "factor", "yuan"),
    [
        ("0.05", 10000, "500.00"),
        ("1,150.50", 10000, "11505000.00"),
        ("3", 1000, "3000.00"),
        ("1149.49万元", 10000, "11494900.00"),
    ],
)
def test_a_figure_takes_the_unit_of_its_column_and_a_unit_in_the_cell_is_not_applied_twice(
    text: str, factor: int, yuan: str
) -> None:
    assert read("amount", text, factor) == Reading(yuan)


@pytest.mark.parametrize(("text", "factor"), [("1065400", 10000), ("500元", 10000), ("伍佰元整", 10000)])
def test_an_amount_that_contradicts_the_unit_of_its_column_is_not_converted_silently(text: str, factor: int) -> None:
    reading = read("amount", text, factor)
    assert (reading.value, reading.problem) == (None, "Q06")


AMOUNTS = st.decimals(Decimal("-99999999999.99"), Decimal("99999999999.99"), places=2, allow_nan=False)


@settings(deadline=None)
@given(number=AMOUNTS)
def test_any_amount_with_two_decimals_reads_back_from_every_form(number: Decimal) -> None:
    forms = [
        f"{number:.2f}",
        f"{number:,.2f}",
        f"{number:.2f}元",
        f"￥{number:,.2f}",
        f"{number:,.2f}".replace(",", "，"),
        f" {number:.2f} ",
        f"{number:.2f}".translate(str.maketrans("0123456789.-", "０１２３４５６７８９．－")),
        f"{number.scaleb(-4):f}万元",
    ]
    for text in forms:
        reading = read("amount", text)
        assert reading.problem == "", text
        assert Decimal(reading.value or "nan") == number, text


def in_capitals(fen: int) -> str:
    """Write an amount as a bank wants it: 壹仟零伍元零陆分."""
    digits, text = "零壹贰叁肆伍陆柒捌玖", ""
    yuan, rest = divmod(fen, 100)
    for power, place in zip(range(11, -1, -1), "仟佰拾亿仟佰拾万仟佰拾元", strict=True):
        digit = yuan // 10**power % 10
        if digit:
            text += digits[digit] + (place if place in "仟佰拾" else "")
        elif text and not text.endswith(("零", "亿", "万")):
            text += "零"
        if place in "亿万" and yuan // 10**power % 10000:
            text = text.rstrip("零") + place
    text = (text.rstrip("零") or "零") + "元"
    jiao, cents = divmod(rest, 10)
    text += f"{digits[jiao]}角" if jiao else "零" if cents else ""
    return text + (f"{digits[cents]}分" if cents else "整")


@settings(deadline=None)
@given(fen=st.integers(0, 99_999_999_99))
def test_any_amount_below_a_hundred_million_reads_back_from_capitals(fen: int) -> None:
    assert read("amount", in_capitals(fen)) == Reading(f"{Decimal(fen) / 100:.2f}")


@settings(deadline=None)
@given(fen=st.integers(100_000_000_00, 999_999_999_999_99))
def test_any_larger_amount_reads_back_from_capitals(fen: int) -> None:
    assert read("amount", in_capitals(fen)) == Reading(f"{Decimal(fen) / 100:.2f}")


# ---- Numbers of persons and of papers.


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", "3"), ("4人", "4"), ("２户", "2"), ("5.0", "5"), ("1,200", "1200"), ("-2", "-2"), ("12个月", "12"), ("3口人", None)],
)
def test_a_whole_number_may_carry_what_it_counts(text: str, number: str | None) -> None:
    reading = read("integer", text)
    assert (reading.value, reading.problem) == (number, "" if number else "Q04")


@pytest.mark.parametrize("text", ["3.5", "3,4", "1,2,3", "约25", "三", "3-4", "3或4", "1" * 13])
def test_what_is_no_whole_number_is_a_problem(text: str) -> None:
    assert read("integer", text) == Reading(problem="Q04", what=read("integer", text).what)


@pytest.mark.parametrize(
    ("text", "year"), [("2021", "2021"), ("2021年", "2021"), ("2021年度", "2021"), ("２０２１", "2021"), ("2021.0", "2021")]
)
def test_a_year_is_read_with_or_without_its_word(text: str, year: str) -> None:
    assert read("year", text) == Reading(year)


@pytest.mark.parametrize("text", ["21", "1821", "20211", "2021-2022", "去年", "2021.5"])
def test_what_is_no_year_is_a_problem(text: str) -> None:
    assert (read("year", text).value, read("year", text).problem) == (None, "Q03")


BODY = "99000019800101001"
NUMBER = identity(BODY)
ENDS_IN_X = identity("99000019800101008")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (NUMBER, NUMBER),
        (f" {NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]} ", NUMBER),
        (f"'{NUMBER}", NUMBER),
        (f"`{NUMBER}", NUMBER),
        (NUMBER.translate(str.maketrans("0123456789", "０１２３４５６７８９")), NUMBER),
        (ENDS_IN_X.lower(), ENDS_IN_X),
        (ENDS_IN_X.replace("X", "Ｘ"), ENDS_IN_X),
        (BODY + ("0" if NUMBER[-1] != "0" else "1"), BODY + ("0" if NUMBER[-1] != "0" else "1")),
        ("G12345678", "G12345678"),
    ],
)
def test_an_identity_number_is_read_in_every_spelling_and_a_wrong_check_digit_is_left_to_the_policies(
    text: str, number: str
) -> None:
    assert ENDS_IN_X.endswith("X")
    assert read("identity", text) == Reading(number)


@pytest.mark.parametrize(
    "text", ["9900****1234", "990000********0012", "99000019800101XXXX", "9900××××0012", "990000＊＊＊＊0012"]
)
def test_a_masked_identity_number_is_no_key(text: str) -> None:
    assert (read("identity", text).value, read("identity", text).problem) == (None, "Q02")


@pytest.mark.parametrize(
    "text",
    [
        "9.90000198801012E+17",
        "9.90000198801012e+17",
        "9.90000198801012E17",
        "990000198801012000",
        BODY,
        NUMBER + "1",
        "12345",
        "123X",
    ],
)
def test_an_identity_number_that_lost_digits_or_has_too_many_is_a_problem(text: str) -> None:
    assert (read("identity", text).value, read("identity", text).problem) == (None, "Q07")


@settings(deadline=None)
@given(body=st.from_regex(r"99[0-9]{4}19[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}", fullmatch=True))
def test_any_number_of_18_digits_with_a_right_check_digit_reads_as_itself_and_of_15_digits_as_the_longer_one(body: str) -> None:
    assert read("identity", identity(body)) == Reading(identity(body))
    assert read("identity", identity(body).lower()) == Reading(identity(body))
    shorter = read("identity", body[:6] + body[8:])
    assert (shorter.value, shorter.also, shorter.problem) == (identity(body), LENGTHENED, "")
    assert shorter.remark


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("6222000012345678901", "6222000012345678901"),
        ("6222 0000 1234 5678", "6222000012345678"),
        ("'6222-0000", "62220000"),
        ("６２２２", "6222"),
        ("6222000012345678.", "6222000012345678"),
    ],
)
def test_an_account_is_read_without_spaces_hyphens_and_apostrophes(text: str, number: str) -> None:
    assert read("account", text) == Reading(number)


@pytest.mark.parametrize(
    ("header", "text", "count"),
    [
        ("培训天数", "3天", "3"), ("培训天数", "3期", None), ("月数", "6个月", "6"), ("月数", "10天", None), ("课时", "2天", None), ("课时", "4节", "4"),
        ("培训人数", "30人次", "30"), ("培训人数", "20户", None), ("数量", "100袋", "100"), ("份数", "3月", "3"),
    ],
)  # fmt: skip
def test_a_count_of_something_else_than_its_header_says_is_a_problem(header: str, text: str, count: str | None) -> None:
    """10天 was ten months."""
    reading = read_text(Column(type="integer", zh=header, en="count"), text)
    assert (reading.value, bool(reading.problem)) == (count, count is None)


@pytest.mark.parametrize("text", ["99OOOO198OO1O1OO12", "9900001980010100l2", "99000019800101O"])
def test_a_letter_for_a_digit_is_no_number_of_another_paper(text: str) -> None:
    assert read("identity", text).problem == "Q07"


def test_a_number_of_a_mobile_phone_is_no_amount() -> None:
    """Two columns that changed places made payments of 13.9 billion yuan."""
    assert [read("amount", text).problem for text in ("13900000000", "13900000000.00", "139,0000,0000")] == ["Q04"] * 3
    assert [read("amount", text).value for text in ("13900000000元", "12900000000", "1390000000")] == [
        "13900000000.00", "12900000000.00", "1390000000.00"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("6222****5678", "Q02"),
        ("6222XXXX5678", "Q02"),
        ("6.22200001234568E+18", "Q07"),
        ("622200001234567000", "Q07"),
        ("6222000012345670000", "Q07"),
    ],
)
def test_an_account_that_is_masked_or_lost_its_digits_is_a_problem(text: str, problem: str) -> None:
    assert (read("account", text).value, read("account", text).problem) == (None, problem)


# ---- Names, codes, flags, free text.


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("张三", "张三"),
        (" 张 三 ", "张三"),
        ("张\u3000三", "张三"),
        ("張三", "张三"),
        ("欧阳娜娜", "欧阳娜娜"),
        ("买买提.吐尔逊", "买买提·吐尔逊"),
        ("買買提•吐爾遜", "买买提·吐尔逊"),
        ("买买提・吐尔逊", "买买提·吐尔逊"),
        ("张三等5人", "张三等5人"),
    ],
)
def test_a_name_is_folded_and_kept_whole(text: str, name: str) -> None:
    assert read("name", text) == Reading(name)


@pytest.mark.parametrize("text", ["张*", "张X", "张x明", "张某", "张某某", "张XX", "张×", "*三", "张＊＊"])
def test_a_masked_name_is_a_problem(text: str) -> None:
    assert (read("name", text).value, read("name", text).problem) == (None, "Q02")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("特困", "特别困难"),
        ("特別困難", "特别困难"),
        ("特別困難戶", "特别困难"),
        (" 困 难 户 ", "困难"),
        ("一般困难", "一般困难"),
        ("賬外", "账外"),
        ("帐外资金", "账外"),
    ],
)
def test_a_code_is_read_in_every_declared_spelling_and_in_traditional_characters(text: str, code: str) -> None:
    assert read("code", text) == Reading(code)


@pytest.mark.parametrize("text", ["深度困难", "困难农民", "困", "特困等", "1"])
def test_a_text_that_is_no_declared_code_is_a_problem_that_names_the_codes_and_not_the_text(text: str) -> None:
    reading = read("code", text)
    assert (reading.value, reading.problem) == (None, "Q09")
    assert "、".join(TIERS) in reading.what


def test_every_declared_spelling_of_every_code_of_every_kind_reads_as_its_code() -> None:
    spellings = [
        (own, spelling, code)
        for kind in load_kinds().values()
        for own in kind.columns.values()
        for code, more in own.codes.items()
        for spelling in (code, *more)
    ]
    lost = [
        (own.zh, spelling, code)
        for own, spelling, code in spellings
        if read_text(own, spelling) not in (Reading(code), Reading())
    ]
    assert len(spellings) > 500
    assert lost == []
    assert {spelling for own, spelling, _ in spellings if read_text(own, spelling) == Reading()} <= {"无"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("是", "true"), ("有", "true"), ("√", "true"), ("Y", "true"), ("yes", "true"), ("TRUE", "true"), ("1", "true"), ("１", "true"), ("违规", "true"),
     ("違規", "true"), ("否", "false"), ("N", "false"), ("False", "false"), ("0", "false"), ("不违规", "false")],
)  # fmt: skip
def test_a_flag_is_read_in_the_words_people_use(text: str, value: str) -> None:
    assert read("flag", text) == Reading(value)


@pytest.mark.parametrize("text", ["部分", "2", "是否", "也许"])
def test_a_flag_in_other_words_is_a_problem(text: str) -> None:
    assert (read("flag", text).value, read("flag", text).problem) == (None, "Q09")


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x.invalid","点击")', "+1+1", "@SUM(A1)", "-2+3"])
def test_a_formula_in_a_text_stays_a_text(text: str) -> None:
    assert read("text", text) == Reading(fold(text))


# ---- Rates are read together with their column.


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["100%"], ["100"]),
        (["99.99%", "１００％", "-3%", "0.5%"], ["99.99", "100", "-3", "0.5"]),
        (["1", "0.97", "0.5"], ["100", "97", "50"]),
        (["1.0"], ["100"]),
        (["100.00", "99.999", "45"], ["100.00", "99.999", "45"]),
        (["0", "0.97"], ["0", "97"]),
        (["0", "99.5"], ["0", "99.5"]),
        (["0.00", "100.00"], ["0", "100.00"]),
        (["97%", "0.98"], ["97", "98"]),
    ],
)
def test_a_column_of_rates_is_read_as_percent(texts: list[str], values: list[str]) -> None:
    readings = read_texts(column("percent"), texts)
    assert {text: readings[text].problem for text in texts} == dict.fromkeys(texts, "")
    assert [Decimal(readings[text].value or "nan") for text in texts] == [Decimal(value) for value in values]


@pytest.mark.parametrize(
    ("texts", "open_ones"),
    [(["1.02", "0.97"], ["1.02", "0.97"]), (["1", "99.5"], ["1"]), (["1.5"], ["1.5"]), (["0.5", "45"], ["0.5"])],
)
def test_a_rate_that_could_be_a_fraction_or_a_percentage_is_a_problem(texts: list[str], open_ones: list[str]) -> None:
    readings = read_texts(column("percent"), texts)
    assert [text for text in texts if readings[text].problem == "Q06"] == open_ones
    assert all(readings[text].value is None for text in open_ones)


@pytest.mark.parametrize(
    ("text", "unit"), [("100%", "1"), ("99.6%", "0.1"), ("0.996", "0.1"), ("0.9960", "0.01"), ("99.999%", "0.001")]
)
def test_a_rate_knows_the_unit_of_its_last_printed_digit(text: str, unit: str) -> None:
    assert Decimal(read("percent", text).also or "nan") == Decimal(unit)


@pytest.mark.parametrize("text", ["0.999991308", "0.0000000001", "99.123456789%", "0.999991308127"])
def test_a_rate_with_more_digits_than_are_kept_is_no_finer_than_what_is_kept(text: str) -> None:
    reading = read("percent", text)
    assert reading.problem == ""
    assert Decimal(reading.also or 0) >= Decimal("0.000001")


@pytest.mark.parametrize("text", ["约97%", "百分之九十", "97%左右", "%", "1/2"])
def test_what_is_no_rate_is_a_problem(text: str) -> None:
    assert (read("percent", text).value, read("percent", text).problem) == (None, "Q04")


def test_a_rate_that_a_spreadsheet_computed_is_read_with_all_its_digits() -> None:
    reading = read("percent", f"{1150.49 / 1150.5:.15g}")
    assert reading.problem == ""
    assert Decimal(reading.value or "nan").quantize(Decimal("0.000001")) == Decimal("99.999131")


# ---- Folding.


@pytest.mark.parametrize(
    ("header", "folded"),
    [
        ("职工\n姓名 ", "职工姓名"),
        ("金额 :", "金额"),
        ("金額：", "金额"),
        ("身份证号码（18位）", "身份证号码"),
        ("*姓名", "姓名"),
        ("发放金额[元]", "发放金额"),
        ("（空）", "(空)"),
    ],
)
def test_a_header_is_folded_without_blanks_colons_stars_and_brackets(header: str, folded: str) -> None:
    assert fold_header(header) == folded


def test_one_form_of_the_character_for_account_is_used_for_matching() -> None:
    assert {fold(text) for text in ("账", "帐", "賬", "帳")} == {"账"}


# ---- Any text at all.

SPEAKING = "0123456789.,，-+/:年月日元万亿千百角分整圆壹贰伍拾佰仟零〇一二十廿民国约近余多%％XxEe*某（）() '￥T٣无是否"
TEXTS = st.one_of(st.text(max_size=20), st.text(alphabet=SPEAKING, max_size=14))


@settings(max_examples=200, deadline=None)
@given(of_type=st.sampled_from(TYPES), text=TEXTS, factor=st.sampled_from([1, 1000, 10000]))
def test_no_text_raises_and_none_gives_a_value_together_with_a_problem(of_type: ColumnType, text: str, factor: int) -> None:
    reading = read(of_type, text, factor)
    assert not (reading.problem and (reading.value is not None or reading.also is not None))
    assert bool(reading.problem) == bool(reading.what)
    assert re.fullmatch(r"(Q[0-9]{2})?", reading.problem)


@settings(max_examples=200, deadline=None)
@given(of_type=st.sampled_from(TYPES), text=TEXTS)
def test_whatever_is_written_and_no_word_for_nothing_gives_a_value_or_a_problem(of_type: ColumnType, text: str) -> None:
    reading = read(of_type, text)
    silent = reading.value is None and not reading.problem
    assert silent == (fold(text) in ABSENT and reading.value is None)


@settings(max_examples=100, deadline=None)
@given(of_type=st.sampled_from(TYPES), texts=st.lists(TEXTS, max_size=20, unique=True))
def test_every_value_that_python_reads_fits_the_column_of_the_database(
    con: duckdb.DuckDBPyConnection, of_type: ColumnType, texts: list[str]
) -> None:
    stored = SQL_TYPES[of_type], COMPANION.get(of_type, ("", "VARCHAR"))[1]
    for text, reading in read_texts(column(of_type), texts).items():
        query = f"SELECT TRY_CAST(? AS {stored[0]}) IS NULL, TRY_CAST(? AS {stored[1]}) IS NULL"
        lost = con.execute(query, [reading.value, reading.also if of_type in COMPANION else None]).fetchone()
        assert lost == (reading.value is None, of_type not in COMPANION or reading.also is None), text


@pytest.mark.parametrize(
    ("of_type", "text"),
    [
        ("integer", "٣"),
        ("year", "20٢١"),
        ("percent", "99999999999999%"),
        ("integer", "-" + "9" * 12),
    ],
)
def test_a_value_that_the_database_could_not_hold_exactly_is_a_problem(
    con: duckdb.DuckDBPyConnection, of_type: ColumnType, text: str
) -> None:
    reading = read(of_type, text)
    exact = con.execute(
        f"SELECT TRY_CAST(? AS {SQL_TYPES[of_type]}) = CAST(? AS DECIMAL(38,18))", [reading.value, reading.value]
    ).fetchone()
    assert reading.problem or exact == (True,)


def plain_texts(of_type: str) -> st.SearchStrategy[str]:
    """Draw texts that the pattern in `PLAIN` takes; a further SQL condition is left to SQL."""
    pattern = re.search(r"regexp_full_match\(x, '([^']+)'\)", PLAIN[of_type].format("x"))
    assert pattern, of_type
    return st.from_regex(pattern[1], fullmatch=True)


@pytest.mark.parametrize("of_type", sorted(PLAIN))
def test_sql_and_python_take_every_plain_text_for_the_same_value(con: duckdb.DuckDBPyConnection, of_type: ColumnType) -> None:
    met = 0

    @settings(max_examples=40, deadline=None)
    @given(texts=st.lists(plain_texts(of_type), min_size=4, max_size=30))
    def compare(texts: list[str]) -> None:
        nonlocal met
        own, plain = SQL_TYPES[of_type], PLAIN[of_type].format("t")
        query = f"SELECT t, CAST(TRY_CAST(t AS {own}) AS VARCHAR) FROM (SELECT unnest(?::VARCHAR[]) AS t) WHERE {plain}"
        for text, by_sql in con.execute(query, [texts]).fetchall():
            reading = read_texts(column(of_type), [text])[text]
            by_python = con.execute(f"SELECT CAST(CAST(? AS {own}) AS VARCHAR)", [reading.value]).fetchone()
            assert (by_python, reading.problem) == ((by_sql,), ""), text
            assert by_sql is not None
            assert of_type != "date" or reading.also == reading.value, text
            met += 1

    compare()
    assert met > 50


# ---- What a careless eye would take for something else.


@pytest.mark.parametrize("text", ["500 600", "500\n600", "1 500", "５００　６００"])
def test_two_numbers_in_one_cell_are_no_amount(text: str) -> None:
    assert (read("amount", text).value, read("amount", text).problem) == (None, "Q04")


@pytest.mark.parametrize("text", ["-500（冲销）", "-500(红字)", "-500（退回多发部分）"])
def test_a_negative_amount_may_say_that_it_reverses_another(text: str) -> None:
    assert Decimal(read("amount", text).value or 0) == -500


NUMBER = "990001196102021076"


@pytest.mark.parametrize(
    "text", ["990001-19610202-1076", f"{NUMBER}.0", f"{NUMBER}（本人）", f"ID:{NUMBER}", f"身份证号：{NUMBER}"]
)
def test_an_identity_number_is_found_among_what_stands_around_it(text: str) -> None:
    assert read("identity", text).value == NUMBER


@pytest.mark.parametrize("text", ["99O001196102021076", "99000I196102021076", "9900011961O2O21076"])
def test_a_letter_typed_for_a_digit_makes_no_other_paper(text: str) -> None:
    assert (read("identity", text).value, read("identity", text).problem) == (None, "Q07")


def test_a_passport_is_another_paper() -> None:
    assert read("identity", "E12345678").value == "E12345678"


@pytest.mark.parametrize("name", ["测试乙等5人", "张某等5人", "测试丙等三名"])
def test_several_persons_in_one_cell_are_seen_though_the_first_is_masked(name: str) -> None:
    assert read("name", name).value == name


@given(
    st.lists(
        st.text(
            st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5) | st.sampled_from("张三等工会公司无某張龑覆沈 A9𠮷"),
            max_size=6,
        )
    )
)
def test_names_that_are_not_looked_at_mean_themselves(texts: list[str]) -> None:
    """Arrays pass plain names by; a word of any rule, a traditional character or one of a changing word must be read."""
    con = duckdb.connect()
    con.execute("CREATE TABLE names (name VARCHAR)")
    con.executemany("INSERT INTO names VALUES (?)", [[text] for text in [*texts, "测试甲"]])
    to_read = names_to_read(con, "SELECT name FROM names")
    assert "测试甲" not in to_read
    for text in set(texts) - set(to_read):
        assert read_text(column("name"), text) == Reading(text)


@pytest.mark.parametrize("mark", ["①", "²", "⑴", "₁"])
@pytest.mark.parametrize(
    ("of_type", "text"),
    [
        ("amount", "500"),
        ("integer", "3"),
        ("percent", "98"),
        ("date", "2021.2.1"),
        ("year", "202"),
        ("account", "62220000"),
        ("identity", BODY),
    ],
)
def test_the_mark_of_a_note_is_no_digit_of_the_number_beside_it(of_type: ColumnType, text: str, mark: str) -> None:
    """500① was read as 5001 yuan, 2021.2.1① as the eleventh."""
    found = read_texts(column(of_type), [text + mark])[text + mark]
    assert (found.value, bool(found.problem)) == (None, True)


@pytest.mark.parametrize(("of_type", "text"), [("integer", "3 2"), ("integer", "3\n2"), ("percent", "98 97"), ("year", "202 1")])
def test_two_numbers_in_one_cell_are_no_number_of_any_type(of_type: ColumnType, text: str) -> None:
    found = read_texts(column(of_type), [text])[text]
    assert (found.value, bool(found.problem)) == (None, True)


def test_two_accounts_in_one_cell_are_no_account() -> None:
    assert read("account", "6222000012345678\n6222000012345679").problem == "Q07"


@pytest.mark.parametrize("text", ["2021.1-2", "2021.1、2", "2021年1-2", "2021/1,2"])
def test_months_that_look_like_a_day_are_no_day(text: str) -> None:
    """2021.1-2, paid in January and February, was read as the second of January."""
    assert (read("date", text).value, read("date", text).problem) == (None, "Q03")


@pytest.mark.parametrize("text", ["张_三", "张＿＿", "本人", "张先生"])
def test_what_is_no_whole_name_is_a_problem(text: str) -> None:
    assert (read("name", text).value, read("name", text).problem) == (None, "Q02")


@pytest.mark.parametrize("text", ["1、张三", "1.张三", "(1)张三", "张三13900000000", "张三(2)"])
def test_a_name_with_digits_is_neither_one_person_nor_two(text: str) -> None:
    """1、张三 was taken for two persons, a violation."""
    assert (read("name", text).value, read("name", text).problem) == (None, "Q09")


@pytest.mark.parametrize("mark", ["\u202c", "\u2060", "\u00ad", "\u200e", "\ufe0f"])
def test_marks_that_nobody_sees_make_no_other_name_or_number(mark: str) -> None:
    """What is copied out of a chat or a web page carries such marks along."""
    assert read("name", f"张{mark}三") == Reading("张三")
    assert read("identity", f"{NUMBER}{mark}") == Reading(NUMBER)
    assert read("integer", f"{mark}500") == Reading("500")


@pytest.mark.parametrize("text", [*(str(digit) * 18 for digit in range(1, 10)), "123456789012345678"])
def test_a_number_that_fills_a_cell_is_nobodys_in_any_form(con: duckdb.DuckDBPyConnection, text: str) -> None:
    """Persons without a number were found to be one person, paid many times."""
    assert (read("identity", text).value, read("identity", text).problem) == (None, "Q02")
    assert con.execute(f"SELECT {PLAIN['identity'].format('t')} FROM (SELECT ? AS t)", [text]).fetchone() == (False,)


@pytest.mark.parametrize("remark", ["夫", "妻", "配偶", "旧", "有误", "990002196203031149"])
def test_a_number_whose_remark_says_that_it_may_be_another_persons_is_no_key(remark: str) -> None:
    assert (read("identity", f"{NUMBER}（{remark}）").value, read("identity", f"{NUMBER}（{remark}）").problem) == (None, "Q07")


def test_a_paper_is_the_same_with_its_kind_before_it_and_its_last_digit_in_brackets() -> None:
    assert read("identity", "护照：G12345678") == read("identity", "G12345678")
    assert read("identity", "H123456(7)") == read("identity", "H1234567")


@pytest.mark.parametrize("text", ["（同上）", "同上。", "仝上", "’’", "↑", "同上行", "ditto"])
def test_a_ditto_mark_is_no_text(text: str) -> None:
    assert (read("text", text).value, read("text", text).problem) == (None, "Q02")


@pytest.mark.parametrize("text", ["（略）", "【保密】", "■■■", "●●", "(待补)", "略。"])
def test_a_mask_in_brackets_or_of_signs_is_a_mask(text: str) -> None:
    assert (read("text", text).value, read("text", text).problem) == (None, "Q02")


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from(sorted(ordinary_characters())), min_size=1, max_size=30))
def test_a_text_of_ordinary_characters_means_itself(text: str) -> None:
    assert read_text(column("text"), text) == Reading(text)


def test_among_many_texts_each_means_what_it_means_alone() -> None:
    odd = ["待定", "〃", "無", "甲 乙", "#REF!", "２号", '="12"', "1E+17", "'12.0", "某某", ""]
    many = [*odd, *(f"测试{number}厂" for number in range(FEW))]
    assert read_texts(column("text"), many) == {text: read_text(column("text"), text) for text in many}


@pytest.mark.parametrize("word", ["甦醒", "甦生", "英哩", "海哩", "衹得", "沈船", "藉口"])
def test_a_character_that_some_words_change_is_no_ordinary_one(word: str) -> None:
    assert fold(word) != word
    assert not ordinary_characters().issuperset(word)
