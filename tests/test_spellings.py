"""Any value in any spelling reads back, and no text at all reads as another value than a slow and obvious reader gives."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ledgers.dates import SERIAL_EPOCH, Year, find_year
from ledgers.kinds import Column, ColumnType, Part
from ledgers.values import Reading, check_digit, read_text, read_texts

DAYS = st.dates(date(1956, 2, 15), date(2049, 12, 31))


def read(of_type: ColumnType, text: str, year: Year | None = None, part: Part | None = None) -> Reading:
    return read_texts(Column(type=of_type, zh="列", en="column"), [text], year=year, part=part)[text]


@st.composite
def slips(draw: st.DrawFn, good: st.SearchStrategy[str], alphabet: str) -> str:
    """Draw a text that reads well, with up to three slips of the finger."""
    text = draw(good)
    for _ in range(draw(st.integers(0, 3))):
        place, sign = draw(st.integers(0, len(text))), draw(st.sampled_from(alphabet))
        text = text[:place] + draw(st.sampled_from(["", sign])) + text[place + draw(st.integers(0, 1)) :]
    return text


def han(number: int) -> str:
    """Write a number below a hundred in Chinese: 二十一."""
    tens, ones = divmod(number, 10)
    return (
        ("" if tens < 2 else "一二三四五六七八九"[tens - 1])
        + ("十" if tens else "")
        + ("一二三四五六七八九"[ones - 1] if ones else "")
    )


def spelt_days(day: date) -> list[str]:
    year, month, number = day.year, day.month, day.day
    written = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(year))
    weekday = "一二三四五六日"[day.weekday()]
    return [
        f"{year}.{month}.{number}", f"{year}-{month:02}-{number:02}", f"{year}/{month}/{number} 8:30", f"{year}年{month}月{number}日",
        f"{year}年{month}月{number}号", f"{year} 年 {month} 月 {number} 日", f"{year}年{month}月{number}日（星期{weekday}）", f"{year}.{month}.{number}周{weekday}",
        f"{year}、{month}、{number}", f"{day:%Y%m%d}", f"{year}.{month}.{number}.", f"'{year}-{month}-{number}", f"{year}年{month}月{number}日 下午3:05",
        f"民国{year - 1911}年{month}月{number}日", f"民國{year - 1911}.{month}.{number}", f"{written}年{han(month)}月{han(number)}日",
        f"{written.replace('〇', '零')}年{han(month).replace('十', '拾')}月{han(number)}号", str((day - SERIAL_EPOCH).days),
        f"{year}年{month}月{number}日".translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        f"{year}年{'元' if month == 1 else month}月{number}日",
    ]  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(day=DAYS)
def test_any_day_reads_back_from_every_spelling(day: date) -> None:
    for text in spelt_days(day):
        assert read("date", text) == Reading(day.isoformat(), day.isoformat()), text


def test_no_slip_of_the_finger_makes_another_day_than_the_numbers_say() -> None:
    met = 0

    @settings(deadline=None, max_examples=600)
    @given(text=slips(DAYS.map(spelt_days).flatmap(st.sampled_from), "0123456789.-/、,年月日号 "))
    def look(text: str) -> None:
        nonlocal met
        reading = read("date", text)
        if reading.value is None or reading.value != reading.also or not text.isascii() or ":" in text:
            return
        runs = [int(run) for run in re.findall("[0-9]+", text.replace(" ", ""))]
        if len(runs) == 3:
            year = runs[0] if runs[0] > 99 else runs[0] + (2000 if runs[0] < 50 else 1900)
            assert reading.value == date(year, runs[1], runs[2]).isoformat()
        elif runs[0] > 9999999:
            assert reading.value.replace("-", "") == str(runs[0])
        else:
            assert date.fromisoformat(reading.value) == SERIAL_EPOCH + timedelta(days=runs[0])
        met += 1

    look()
    assert met > 20


def spelt_periods(first: date, last: date) -> list[str]:
    one, two = f"{first.year}.{first.month}.{first.day}", f"{last.year}.{last.month}.{last.day}"
    texts = [
        f"{one}-{two}", f"{one}—{two}", f"{one}至{two}", f"{one}~{two}", f"自{one}起至{two}止", f"公示时间：{one}到{two}",
        f"{first:%Y%m%d}-{last:%Y%m%d}", f"{first}至{last}", f"{first.year}-{first.month}-{first.day}-{last.year}-{last.month}-{last.day}",
        f"{one}-{two}（{(last - first).days + 1}天）", f"{one}-{two}，共{(last - first).days + 1}天", f"{one} - {two}",
    ]  # fmt: skip
    if first.year == last.year:
        texts += [f"{one}-{last.month}.{last.day}", f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日"]
        texts += [f"{first.year}-{first.month}-{first.day}-{last.month}-{last.day}"]
    if (first.year, first.month) == (last.year, last.month):
        texts += [f"{first.year}年{first.month}月{first.day}日-{last.day}日", f"{one}-{last.day}"]
    return texts


@settings(deadline=None, max_examples=60)
@given(first=DAYS, days=st.integers(1, 40))
def test_any_two_days_read_back_from_every_spelling_of_a_period(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    assume(last.year < 2050)
    for text in spelt_periods(first, last):
        assert read("date", text, part="first") == Reading(first.isoformat(), first.isoformat()), text
        assert read("date", text, part="last") == Reading(last.isoformat(), last.isoformat()), text


@settings(deadline=None, max_examples=60)
@given(first=DAYS, days=st.integers(1, 40), stated=st.integers(1, 60))
def test_a_stated_number_of_days_that_its_period_does_not_have_is_a_problem(first: date, days: int, stated: int) -> None:
    last = first + timedelta(days=days)
    assume(last.year < 2050)
    reading = read("integer", f"{first}至{last}（{stated}天）", part="days")
    assert (reading.value == str(stated)) == (stated in (days, days + 1))
    assert bool(reading.problem) == (reading.value is None)


@settings(deadline=None)
@given(day=st.dates(date(2000, 1, 1), date(2049, 12, 31)))
def test_a_day_without_a_year_is_that_of_its_title_or_a_problem(day: date) -> None:
    text = f"{day.month}月{day.day}日"
    assert read("date", text).problem == "Q03"
    plain, festival = find_year([f"{day.year}年帮扶资金"]), find_year([f"{day.year}年春节送温暖"])
    assert read("date", text, plain).value == day.isoformat()
    assert read("date", text, festival).value == (day.isoformat() if day.month < 10 else None)


@pytest.mark.parametrize(
    "texts", [[], ["发放表"], ["2020-2021年"], ["2020年", "2021年"], ["表20210105"], ["第12021号"], ["约2037元"], ["2030余元/人"]]
)
def test_titles_with_no_year_or_two_give_none(texts: list[str]) -> None:
    assert find_year(texts) is None


@pytest.mark.parametrize("title", ["2021元旦慰问", "2021元月台账", "2021元宵节"])
def test_a_year_before_a_feast_is_no_amount(title: str) -> None:
    year = find_year([title])
    assert year is not None
    assert year.year == 2021


FEN = st.integers(1, 99_999_999_99)


def spelt_amounts(fen: int) -> list[str]:
    yuan = Decimal(fen) / 100
    whole, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    texts = [
        f"{yuan:.2f}", f"{yuan:,.2f}元", f"￥{yuan:.2f}", f"¥ {yuan:,.2f}", f"RMB{yuan:.2f}", f"人民币{yuan:.2f}元", f"'{yuan:.2f}", f"+{yuan:.2f}",
        f"{yuan.scaleb(-4):f}万元", f"{yuan:.2f}块钱", f"{yuan:,.2f}".replace(",", "，"), f"{whole}元{jiao}角{rest}分",
        f"{yuan:.2f}".translate(str.maketrans("0123456789.", "０１２３４５６７８９．")),
    ]  # fmt: skip
    return texts + (
        [f"{whole // 10000}万{whole % 10000}元"] if not fen % 100 and 10000 <= whole < 10**8 and whole % 10000 > 99 else []
    )


@settings(deadline=None)
@given(fen=FEN)
def test_any_amount_reads_back_from_every_spelling(fen: int) -> None:
    for text in spelt_amounts(fen):
        reading = read("amount", text)
        assert (reading.value, reading.problem) == (f"{Decimal(fen) / 100:.2f}", ""), text


@settings(deadline=None)
@given(fen=FEN)
def test_any_amount_in_red_ink_reads_back_as_a_minus(fen: int) -> None:
    yuan = f"{Decimal(fen) / 100:.2f}"
    for text in (f"-{yuan}", f"（{yuan}）", f"红字{yuan}", f"{yuan}（红字）", f"-{yuan}（冲销）", f"-{yuan}紅字", f"△{yuan}"):
        assert read("amount", text).value == f"-{yuan}", text


UNITS = {
    "": 1,
    "元": 1,
    "圆": 1,
    "块": 1,
    "万": 10**4,
    "万元": 10**4,
    "千元": 1000,
    "千": 1000,
    "百元": 100,
    "百": 100,
    "百万": 10**6,
    "百万元": 10**6,
    "亿": 10**8,
    "亿元": 10**8,
    "角": "0.1",
    "分": "0.01",
}


def test_no_slip_of_the_finger_makes_another_amount_than_the_numbers_and_units_say() -> None:
    met = 0

    @settings(deadline=None, max_examples=600)
    @given(text=slips(FEN.map(spelt_amounts).flatmap(st.sampled_from), "0123456789,.元万千百亿角分整-+()eE约多红字冲销%至~/ "))
    def look(text: str) -> None:
        nonlocal met
        reading = read("amount", text)
        if reading.value is None:
            return
        plain = unicodedata.normalize("NFKC", text).replace(" ", "")
        runs = re.findall(r"([0-9][0-9,]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)((?:[元圆块万千百亿角分](?!字))*)", plain)
        total = sum(Decimal(number.replace(",", "")) * Decimal(UNITS[unit]) for number, unit in runs)
        minus = bool(re.search(r"(?<![eE])-|红字|\(", plain))
        assert Decimal(reading.value) == (-total if minus else total), text
        assert not re.search("[约多%至~/]|冲(?!销)|(?<!冲)销", text), text
        met += 1

    look()
    assert met > 100


def test_no_slip_of_the_finger_makes_another_number_of_a_paper_than_its_digits_say() -> None:
    met = 0
    numbers = st.integers(0, 999).map(lambda number: f"99000019800101{number:03}").map(lambda body: body + check_digit(body))
    papers = st.one_of(numbers, numbers.map(lambda number: number[:6] + number[8:17]), st.just("E12345678"))

    @settings(deadline=None, max_examples=400)
    @given(text=slips(papers, "0123456789Xx*●._-…ＸA "))
    def look(text: str) -> None:
        nonlocal met
        reading = read("identity", text)
        if reading.value is None:
            return
        kept = re.sub("[^0-9A-Z]", "", unicodedata.normalize("NFKC", text).upper())
        if reading.also:
            assert reading.value == f"{kept[:6]}19{kept[6:15]}{check_digit(f'{kept[:6]}19{kept[6:15]}')}"
        else:
            assert reading.value in (kept, kept[:-1] if ".0" in text else kept)
        assert not re.search(r"[*●…_]|\.{2,}", text), text
        met += 1

    look()
    assert met > 50


@pytest.mark.parametrize(
    "text",
    [
        "同上",
        "〃",
        "″",
        '"',
        "不详",
        "未知",
        "见附件",
        "？",
        "......",
        "……",
        "TBD",
        "########",
        "#SPILL!",
        "Err:502",
        "测\ufffd",
        "缺",
    ],
)
@pytest.mark.parametrize("of_type", ["text", "name", "identity", "account", "date", "integer", "amount", "percent", "year"])
def test_a_ditto_mark_a_word_for_unknown_or_a_lost_character_is_a_problem_in_every_type(of_type: ColumnType, text: str) -> None:
    reading = read(of_type, text)
    assert reading.value is None
    assert reading.problem in ("Q02", "Q10", "Q13")


@pytest.mark.parametrize(
    "text", ["现金", "尾号5678", "6222●●●●5678", "6222000012345670000", "6222000012345678；6222000012345679", "无卡"]
)
def test_what_several_persons_could_share_is_no_account(text: str) -> None:
    assert (read("account", text).value, read("account", text).problem != "") == (None, True)


@pytest.mark.parametrize("text", ["1.2E+15", "9.90000E+17"])
def test_a_number_of_a_file_that_lost_its_digits_is_no_key(text: str) -> None:
    assert read("text", text).problem == "Q07"
    assert read("text", "12.0") == read("text", "'12") == Reading("12")


@pytest.mark.parametrize(
    ("text", "year"), [("二〇二一年", "2021"), ("民国110年", "2021"), ("2021年度", "2021"), ("2021年上半年", None)]
)
def test_a_year_is_read_in_every_spelling_and_a_part_of_one_is_none(text: str, year: str | None) -> None:
    assert read("year", text).value == year


def test_a_text_is_read_alike_alone_and_with_others() -> None:
    column = Column(type="date", zh="列", en="column")
    texts = ["2021.1.5", "1月5日", "X月"]
    assert read_texts(column, texts) == {text: read_text(column, text) for text in texts}


@pytest.mark.parametrize("text", ["20211", "20211.5", "20210", "20412"])
def test_a_year_and_month_run_together_are_no_number_of_days(text: str) -> None:
    assert read("date", text).problem == "Q03"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("张三。", "张三"),
        ("张三，", "张三"),
        ("·张三.", "张三"),
        ("张和平", "张和平"),
        ("Max", "Max"),
    ],
)
def test_marks_around_a_name_are_no_part_of_it(text: str, name: str) -> None:
    assert read("name", text) == Reading(name)


@pytest.mark.parametrize(
    "text", ["张三和李四", "张三等", "12", "。", ".", "买买提-吐尔逊", "张三—李四", "张三夫妇", "全体职工", "5人", "五人"]
)
def test_what_may_be_several_persons_or_none_is_no_name(text: str) -> None:
    assert (read("name", text).value, read("name", text).problem in ("Q02", "Q09")) == (None, True)


@pytest.mark.parametrize(
    ("title", "year"),
    [
        ("沅工发〔2020〕15号", None), ("沅工发2020〔15〕号 2021年慰问", Year(2021)), ("沅工发2020年第15号", None), ("沅工发〔2020〕15号 2021年慰问", Year(2021)), ("2021学年助学金", None), ("填报日期：2022年1月10日", Year(2022, 1, 1)),
        ("名册2022-01-05", Year(2022, 1, 1)), ("2021年1月5日至2月10日", Year(2021)), ("2021年1-6月收支", Year(2021, 1, 9)),
        ("2021年1月25日春节慰问发放表", Year(2021, 1, 9)), ("2021年1月25日发放", Year(2021)), ("2021年市第一小学年终慰问名册", Year(2021, 4)),
        ("2020年第四季度发放表", Year(2020, 4)), ("2020年下半年发放表", Year(2020, 4)), ("2020年11月、12月慰问表", Year(2020, 4)), ("2018年以来困难职工慰问表", None),
        ("关于执行《2019年帮扶办法》的发放表", None), ("《2021年慰问金发放表》", Year(2021)),
        ("2021年1-12月发放表", Year(2021)), ("2021年四季送活动", Year(2021)), ("2021年1-4季度", Year(2021)), ("2021年上半年、下半年", Year(2021)), ("填报单位:甲 2022-01-05", Year(2022, 1, 1)),
    ],
)  # fmt: skip
def test_the_day_of_a_list_and_the_number_of_a_document_do_not_say_of_which_year_its_rows_are(
    title: str, year: Year | None
) -> None:
    """12月28日 in a list that was filled in on 10 January 2022 was a day after it."""
    assert find_year([title]) == year
