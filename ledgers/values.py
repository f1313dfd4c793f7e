"""Read the text of a cell as the type of its column. Whatever cannot be read is a problem with a code, never a silent null.

It parses each distinct text once; where the text stands in a file is unknown here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from functools import cache

from ledgers import readings
from ledgers.amounts import MOST_IN_TEN_THOUSANDS, in_yuan, read_amount
from ledgers.dates import CENTURY, Year, is_born_in_either_century, lost_zeros, read_date
from ledgers.dates import LAST_YEAR as LAST_YEAR
from ledgers.dates import SERIAL_EPOCH as SERIAL_EPOCH
from ledgers.dates import from_1904 as from_1904
from ledgers.fold import fixed_characters, fold
from ledgers.kinds import Column, Part
from ledgers.papers import WEIGHTS as WEIGHTS
from ledgers.papers import check_digit as check_digit
from ledgers.papers import read_account, read_identity
from ledgers.persons import has_two_names, is_garbled, read_name
from ledgers.pieces import read_piece
from ledgers.rates import read_percents
from ledgers.readings import ABSENT as ABSENT
from ledgers.readings import Reading as Reading
from ledgers.readings import patterns_of, read_nothing, spoken_of

FEW = 1000  # texts, for which it does not pay to list the characters that need no look
LONGEST_READ = 300  # characters; no name, number, day or code is longer, and every reader may take its time with each
_CODES = {  # of what cannot be read
    "amount": "Q04",
    "percent": "Q04",
    "integer": "Q04",
    "date": "Q03",
    "year": "Q03",
    "identity": "Q07",
    "account": "Q07",
}


def read_texts(
    column: Column, texts: Iterable[str], factor: Decimal = Decimal(1), year: Year | None = None, part: Part | None = None
) -> dict[str, Reading]:
    """Read every distinct text of one column.

    Shapes:  amounts come out in yuan, `factor` being the unit of the column; `year` is that of days without one, `part`
             what of a period is asked for. Percentages are read together: whether 0.97 means 97 % depends on its neighbours.
    """
    given = list(texts)
    if column.type == "text" and part is None:
        ordinary = ordinary_characters() if len(given) > FEW else frozenset()
        return {text: Reading(text) if text and ordinary.issuperset(text) else read_text(column, text) for text in given}
    long = {
        text: Reading(problem=_CODES.get(column.type, "Q09"), what=f"超过 {LONGEST_READ} 字，不是一个值")
        for text in given
        if len(text) > LONGEST_READ
    }
    short = [text for text in given if text not in long]
    if column.type == "percent":
        odd = {text: odd for text in short if (odd := _read_odd(column, text, unicodedata.normalize("NFKC", text)))}
        return read_percents([text for text in short if text not in odd]) | odd | long
    if column.type == "amount":
        most = column.plausible[1] + 1 if column.plausible else MOST_IN_TEN_THOUSANDS
        return {text: in_yuan(read_text(column, text), factor, most) for text in short} | long
    doubtful = dict[str, Reading]()
    if column.type == "date":
        doubtful = dict.fromkeys(lost_zeros(short), Reading(problem="Q03", what="可能是 1 月，也可能是 10 月少了末位的 0"))
    return {text: read_text(column, text, year, part) for text in short} | doubtful | long


@cache
def ordinary_characters() -> frozenset[str]:
    """List the characters that folding leaves alone and no pattern of `readings` speaks of: a text of nothing else means itself."""
    return (fixed_characters() - spoken_of(patterns_of(readings))) | set("0123456789")


def read_text(column: Column, text: str, year: Year | None = None, part: Part | None = None) -> Reading:
    """Read one text as the column's type.

    >>> read_text(Column(type="amount", zh="金额", en="amount"), "１，５００元").value
    '1500'
    """
    if text.startswith('="'):
        text = _KEPT_AS_TEXT.sub(r"\1", text)
    # The hour goes before white space does: 2021-1-1 12:30 must not become the 11th.
    spaced = _HOUR.sub("", unicodedata.normalize("NFKC", text)) if column.type in _SINGLE else text
    if odd := _read_odd(column, text, "" if part else spaced):
        return odd
    if column.type == "name" and is_garbled(text):
        return Reading(problem="Q13", what="像乱码，编码有误，看不出是谁")
    if column.type == "name" and has_two_names(text):
        return Reading(problem="Q09", what="空格前后可能是两个姓名")
    folded = fold(spaced if column.type == "date" else text)
    if column.type == "flag":
        return _read_flag(folded)
    if (nothing := read_nothing(folded)) and folded not in column.aliases:  # 无 may be a code: no model worker at all
        return nothing
    if column.type == "code":
        return _read_code(column, folded)
    if part:
        return read_piece(column, folded, part, year)
    if column.type == "date" and "出生" in column.zh and is_born_in_either_century(folded):
        return Reading(problem="Q03", what=CENTURY)
    if column.type == "date":
        return read_date(folded, year)
    if column.type == "integer":
        return _read_integer(column, folded)
    return _READERS[column.type](folded)


def _read_odd(column: Column, text: str, spaced: str) -> Reading | None:
    """Read what would turn into another number once it is folded: several numbers, or one with a note's mark behind it."""
    if column.type in _CODES and _NOTE_MARK.search(text):
        return Reading(problem=_CODES[column.type], what="数字旁有上标或带圈的数字，可能是注号")
    several = _TWO_ACCOUNTS if column.type == "account" else _TWO_NUMBERS if column.type in _SINGLE else None
    if several is not None and several.search(spaced):
        return Reading(problem=_CODES[column.type], what="一格中有两个数")
    return None


def _read_code(column: Column, folded: str) -> Reading:
    code = column.aliases.get(folded)
    if code is None:
        return Reading(problem="Q09", what=f"未识别的取值；可用：{'、'.join(column.codes)}")
    return Reading(code)


FLAGS = {"是": "true", "有": "true", "y": "true", "yes": "true", "true": "true", "1": "true", "√": "true", "✓": "true", "✔": "true", "☑": "true",
          "对": "true", "违规": "true"}  # fmt: skip
FLAGS |= {"否": "false", "无": "false", "n": "false", "no": "false", "false": "false", "0": "false", "没有": "false", "不是": "false",
           "不违规": "false"}  # fmt: skip


def _read_flag(folded: str) -> Reading:
    if folded.lower() in FLAGS:
        return Reading(FLAGS[folded.lower()])
    if nothing := read_nothing(folded):
        return nothing._replace(what="占位或遮蔽内容，是否未知") if nothing.problem == "Q02" else nothing
    return Reading(problem="Q09", what="未识别的取值；可用：是、否")


_AS_KEPT = re.compile(r"\A['`]?([0-9]{1,18})(?:\.0+)?\Z")
_AS_NUMBER = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]+\Z")


def _read_plain(folded: str) -> Reading:
    """Read a text as it is; a number of a file or voucher that a program stored as a number is no key."""
    if _AS_NUMBER.match(folded):
        return Reading(problem="Q07", what="编号被存为数值，末位已丢失")
    return Reading(_AS_KEPT.sub(r"\1", folded))


_KEPT_AS_TEXT = re.compile(r'\A="([^"]*)"\Z')  # as systems write numbers that no spreadsheet may round
_SINGLE = ("amount", "date", "percent", "integer", "year")  # of numbers that nobody parts by white space
_TWO_NUMBERS = re.compile(r"[0-9]\s+[0-9]")
_TWO_ACCOUNTS = re.compile(r"[0-9]{12}\s+[0-9]{12}")
_NOTE_MARK = re.compile("[²³¹\u2070-\u2079\u2080-\u2089①-⒛⓪-⓿❶-➓㈠-㈩㉈-㉏㉑-㉟㊀-㊉㊱-㊿]")
_HOUR = re.compile(r"(?<=[0-9日号])(?:[T\s]|(?<=[日号]))\s*(?:[上下]午)?[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?\s*\Z")


_YEAR = re.compile(r"((?:19|20)[0-9]{2})(?:\.0)?(年度?)?\Z")


def _read_year(folded: str) -> Reading:
    if match := _YEAR.match(folded):
        return Reading(match[1])
    whole = read_date(folded)  # 二〇二一年, 民国110年
    if whole.value and whole.also and whole.value[5:] == "01-01" and whole.also == f"{whole.value[:4]}-12-31":
        return Reading(whole.value[:4])
    return Reading(problem="Q03", what="无法识别的年度")


_INTEGER = re.compile(
    r"(-?(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12}))(?:\.0+)?([人户次名个月口位岁天份套节期场件项笔袋瓶箱盒包桶条支双把台张块只本册辆桌家批组]|人次|个月|学时|课时)?\Z"
)
_ABOUT = re.compile("[约近]|将近|左右|上下|以[上下内]|不[到足]|超过|[余多几数]|~|≈")


# Counts of one of these are none of another: 10天 is no number of months.
_COUNTED = ("月", "天日", "课学节", "人名位口", "户家", "期", "岁")


def _read_integer(column: Column, folded: str) -> Reading:
    if match := _INTEGER.match(folded):
        other = {of for of in _COUNTED if match[2] and any(word in match[2].removeprefix("个") for word in of)}
        asked = {of for of in _COUNTED if any(word in column.zh for word in of)}
        if other and asked and not other & asked:
            return Reading(problem="Q04", what="写明的单位与表头所计的不同")
        return Reading(match[1].replace(",", ""))
    about = _ABOUT.search(folded) and re.search("[0-9]", folded)
    return Reading(problem="Q04", what="约数，不是确定数" if about else "无法识别的整数")


_READERS = {
    "text": _read_plain,
    "name": read_name,
    "identity": read_identity,
    "account": read_account,
    "year": _read_year,
    "amount": read_amount,
}
