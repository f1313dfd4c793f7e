"""Write what a cell shows where it says more than the value that is stored: a unit or % of its number format, struck or raised characters.

It sees the parts of a workbook of XML and number formats; sheets and kinds of ledger are unknown here.
"""

from __future__ import annotations

import html
import operator
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from ledgers.readings import STRUCK
from ledgers.xml_parts import parse_xml

_LITERAL = re.compile(r'"([^"]*)"|[\\!](.)|\[\$([^]-]*)[^]]*\]|[_*].|\[[^]]*\]')  # what a format writes, what it only arranges
# What a format writes among digits, 0!.0000 or 0"万"0000, and the digits behind it.
_INSIDE = re.compile("[0#?],*\0([^\0]+)\0([0#?,]*[0#?])")
_SCALED = re.compile(r"[0#?],+(?![0#?,])")  # each comma behind the digits divides by a thousand
_UNIT = re.compile("([百千万亿佰仟萬億]+[元圆圓]?|[元圆圓])")
_DIGIT_WORDS = re.compile("[百千佰仟]+")  # parts of a number in words, and no unit of its own
_FOREIGN = re.compile(
    r"[$€£₩]|US|HK|美元|港[元币幣]|欧元|歐元|英镑|英鎊|日[元圆圓]|澳[元门門]|(?:EUR|GBP|JPY|KRW|MOP|TWD|AUD|CAD|CHF|SGD|RUB|THB|VND|INR)(?![A-Z])"
)
_YEN = re.compile(r"\[\$[^]]*-(?:0x)?[0-9A-F]*411\]", re.IGNORECASE)  # the sign of yuan, as Japan writes it
_SECTION = re.compile(r'((?:"[^"]*"|\\.|\[[^]]*\]|[^;"\\])*)(?:;|\Z)')
_LESS = re.compile("[\\s¥￥]*(?:[-－(（]|[^0#?]*[退负負減减红紅][^0#?]*)[\\s¥￥]*[0#?]")  # -0, (0), "退"0
_ABOUT = re.compile("大?约|約|近|余$|餘$|多$|左右|以上|以下|起$|[≈~～><＞＜≥≤]")
_DIGITS_BEHIND = re.compile("(?:[0#?]|General)\0([0-9]+)", re.IGNORECASE)  # 0"00" shows 5 as 500
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]+)?)\]")
_HOLDS = {"<": operator.lt, ">": operator.gt, "=": operator.eq, "<=": operator.le, ">=": operator.ge, "<>": operator.ne}
_YUAN = re.compile("[元圆圓]+")
_PLACES = {"千": 3, "仟": 3, "万": 4, "萬": 4, "百万": 6, "亿": 8, "億": 8}  # by which a unit divides
GROUP = 3  # digits
_MARKED_POINT = re.compile("-?([0-9]+)![.]([0-9]+)([百千万亿佰仟萬億]*[元圆圓]?)")  # as LibreOffice shows 0!.0000"万元"
_PARTED = re.compile("[0-9]+[万萬][0-9]{4}(?:[.][0-9]+)?[元圆圓]?")  # as 0"万"0000"元" shows it
DIVIDED = (1000, 10_000, 1_000_000, 100_000_000)  # by which numbers are shown divided
_DATE = re.compile("[ymdhs]", re.IGNORECASE)
_CODE = re.compile("\0*(0{2,})\0*")  # digits of a format that writes numbers of a fixed length: 00012
_SHOWN_CODE = re.compile(r"[^0-9.,%]*(0[0-9]+)[^0-9.,%]*")  # and what it shows
_DISPLAYED = re.compile("(?:[0-9]{1,3}(?:[, \u00a0\u202f'][0-9]{3})+(?![0-9])|[0-9]+)(?:[.][0-9]+)?")
_APART = str.maketrans("", "", ", \u00a0\u202f'")  # between thousands
PERCENT_BUILT_IN = (9, 10)
OF_THE_PLACE = (*range(5, 9), *range(37, 45))  # built-in formats of money, which show the currency of whoever looks
REDS = ("FF0000", "C00000")
OLD_REDS = ("2", "10")
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

_N = rb"(?:\w+:)?"
_SHARED = re.compile(rb"<" + _N + rb"si(?:\s[^>]*)?(?:/>|>(.*?)</" + _N + rb"si>)", re.DOTALL)
_RUN = re.compile(
    rb"<"
    + _N
    + rb"r>(?:<"
    + _N
    + rb"rPr>(.*?)</"
    + _N
    + rb"rPr>)?<"
    + _N
    + rb"t(?:\s[^>]*)?>([^<]*)</"
    + _N
    + rb"t></"
    + _N
    + rb"r>",
    re.DOTALL,
)
_IS_STRUCK, _IS_RAISED = (
    re.compile(rb"<" + _N + rb"strike(?![^>]*(?:\"0\"|false))"),
    re.compile(rb"vertAlign[^>]*su(?:per|b)script"),
)
_NUMBER = re.compile(rb"<" + _N + rb"v>([-+0-9.eE]+)</")
_TYPE = re.compile(rb"\bt=[\"'](\w+)[\"']")
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")


class Looks(NamedTuple):
    """Hold what cells look like: number formats that add something, and styles that strike through, by style; shared texts of several looks; red styles."""

    formats: Mapping[bytes, str]
    struck: frozenset[bytes]
    texts: Mapping[bytes, str]
    red: frozenset[bytes] = frozenset()


def find_looks(archive: zipfile.ZipFile) -> Looks:
    """Find the looks of a workbook that change what its cells say; mostly there are none."""
    names, formats, struck, red = set(archive.namelist()), dict[bytes, str](), set[bytes](), set[bytes]()
    if "xl/styles.xml" in names:
        styles = parse_xml(archive.read("xl/styles.xml"))
        codes = dict.fromkeys(map(str, PERCENT_BUILT_IN), "0%")
        codes |= {one.get("numFmtId", ""): one.get("formatCode", "") for one in styles.iterfind("{*}numFmts/{*}numFmt")}
        fonts = styles.findall("{*}fonts/{*}font")
        crossed = [
            (found := font.find("{*}strike")) is not None and found.get("val", "1") not in ("0", "false") for font in fonts
        ]
        coloured = [(found := font.find("{*}color")) is not None and _is_red(found.attrib) for font in fonts]
        for number, own in enumerate(styles.iterfind("{*}cellXfs/{*}xf")):
            code = codes.get(own.get("numFmtId", ""), "")
            if adds_something(code):
                formats[str(number).encode()] = code
            font = own.get("fontId", "0")
            for marked, found_in in ((crossed, struck), (coloured, red)):
                if font.isdecimal() and int(font) < len(fonts) and marked[int(font)]:
                    found_in.add(str(number).encode())
    shared = archive.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in names else b""
    return Looks(formats, frozenset(struck), dict(_shared_texts(shared)), frozenset(red))


def _is_red(colour: Mapping[str, str]) -> bool:
    """Say whether the colour of a font is one of the two reds that spreadsheets offer, or the first of old palettes."""
    return colour.get("rgb", "")[-6:].upper() in REDS or colour.get("indexed") in OLD_REDS


def adds_something(code: str) -> bool:
    """Say whether a number format says more of a number than its digits, of some numbers at least."""
    return any(_in_section("1", section) != "1" for section in _sections(code))


def _sections(code: str) -> list[str]:
    """Part a format into those of numbers; what is behind the third is for texts."""
    return (_SECTION.findall(code)[:3] or [code]) if ";" in code else [code]


def as_shown(number: str, code: str) -> str:
    """Write a number with the unit, the foreign currency or the % that its format shows.

    A format that divides leaves the value as it is: what it shows in ten thousands is stored in yuan.

    >>> as_shown("0.03", '0.00"万元"'), as_shown("500000", '0!.0,"万元"'), as_shown("0.98", "0.0%"), as_shown("500", "[$$-409]#,##0")
    ('0.03万元', '500000元', '98%', '500$')
    >>> as_shown("50", '[>=100]0"万元";0"元"'), as_shown("-5", '0"元";-0"千元"'), as_shown("0", '0"元";-0;"-"')
    ('50元', '-5千元', '0')
    >>> as_shown("12", "00000"), as_shown("1", '"记-"0000'), as_shown("0.5", '0.0"%"')
    ('00012', '记-0001', '0.5%')
    >>> as_shown("150000", '0!.0000"万元"'), as_shown("150000", '0"万"0000"元"'), as_shown("150000", '0!.00"万元"')
    ('150000元', '150000元', '150000（万元？）')
    >>> as_shown("5", '0"00"'), as_shown("5", 'General"00"'), as_shown("300", '"约"0"元"')
    ('5（00？）', '5（00？）', '约300元')
    >>> as_shown("500", "-0"), as_shown("500", '"退"0'), as_shown("500", "#,##0.00_);(#,##0.00)"), as_shown("-500", "0;-0")
    ('500（-？）', '500（-？）', '500', '-500')
    """
    return number if number.startswith("#") else _in_section(number, _section_for(number, _sections(code)))


def _section_for(number: str, sections: Sequence[str]) -> str:
    """Choose the section of a format for a number: by its own condition, or as positive, negative and zero."""
    if len(sections) == 1:
        return sections[0]
    value, conditions = Decimal(number), [_CONDITION.search(section) for section in sections]
    if any(conditions):
        held = (
            section
            for section, condition in zip(sections, conditions, strict=True)
            if condition is None or _HOLDS[condition[1]](value, Decimal(condition[2]))
        )
        return next(held, sections[-1])
    place = 1 if value < 0 else 2 if value == 0 else 0
    return sections[place] if place < len(sections) else sections[0]


class _Section(NamedTuple):
    """Hold a section of a format: its digits and signs alone, these with what it writes between two marks, all that it writes and they, and
    these with a mark for each text and each arrangement."""

    bare: str
    marked: str
    written: str
    slots: str


@lru_cache(maxsize=1024)
def _parse(section: str) -> _Section:
    """Take a section of a format apart; once, as all cells of a column have one."""
    bare, literals = _LITERAL.sub("", section), "".join("".join(found) for found in _LITERAL.findall(section))
    return _Section(bare, _LITERAL.sub(_marked, section), literals + bare, _LITERAL.sub("\0", section))


def _marked(literal: re.Match[str]) -> str:
    """Write what a format writes between two marks, and nothing for what it only arranges."""
    return f"\0{literal[1] or literal[2]}\0" if literal[1] or literal[2] else ""


def _in_section(number: str, section: str) -> str:
    bare, marked, written, slots = _parse(section)
    if _DATE.search(bare):
        return number
    if "%" in bare:
        return _in_hundredths(number)
    if "%" in written:
        return f"{number}%"
    if number.isdigit() and not _UNIT.search(written) and (code := _CODE.fullmatch(slots)):
        return marked.replace("\0", "").replace(code[1], number.zfill(len(code[1])))
    if foreign := _FOREIGN.search(written):
        return f"{number}{foreign[0]}"
    if _YEN.search(section):
        return f"{number}日元"
    if _SCALED.search(bare):
        return f"{number}元"
    unit = _UNIT.search(written)
    if inside := _INSIDE.search(marked):
        return _divided(number, unit[1] if unit else "", inside[1].strip(), len(inside[2].replace(",", "")))
    if not number.startswith("-") and number.strip("0.") and _LESS.match(marked.replace("\0", "")):
        return f"{number}（-？）"
    if behind := _DIGITS_BEHIND.search(marked):
        return f"{number}（{behind[1]}？）"
    about = "约" if any(map(_ABOUT.search, marked.split("\0")[1::2])) else ""
    return f"{about}{number}{unit[1] if unit else ''}"


def _divided(number: str, unit: str, inside: str, places: int) -> str:
    """Write a number before whose last places a format writes a point, or a unit: it shows ten thousands of what is stored.

    Where the unit is another one, nobody can tell what the number means.
    """
    if inside != "." and not _UNIT.search(inside):
        return f"{number}{unit}"
    if not unit and places == GROUP:  # as some write thousands
        return number
    value = _PLACES.get(_YUAN.sub("", unit if inside == "." else inside) or "万")
    return f"{number}元" if value == places else f"{number}（{unit}？）"


def _in_hundredths(number: str) -> str:
    return f"{(Decimal(number) * 100).normalize():f}%"


def as_displayed(number: str, text: str) -> str:
    """Write a number with the unit, the foreign currency or the % beside which it is displayed.

    Displayed divided, it is stored in yuan. Where nobody can tell what a unit belongs to, the display stands behind it, as behind no amount.

    >>> as_displayed("500.256", "500.26万元"), as_displayed("300000", "30万元"), as_displayed("500", "$500.00"), as_displayed("500", "伍佰元整")
    ('500.256万元', '300000元', '500$', '伍佰元整')
    >>> as_displayed("0", "-"), as_displayed("500.26", "第3批500.26万元"), as_displayed("12", "记-0012")
    ('0', '500.26（第3批500.26万元）', '记-0012')
    """
    if number.startswith("#"):  # an error, such as a number that is none
        return number
    text = text.strip()
    if _PARTED.fullmatch(text):
        return f"{number}元"
    if number.isdigit() and (code := _SHOWN_CODE.fullmatch(text)) and int(code[1]) == int(number):
        return text
    if (marked := _MARKED_POINT.match(text)) and Decimal(marked[1]) == abs(Decimal(number)):
        return _divided(number, marked[3] or "", ".", len(marked[2]))
    text = text.replace("!", "")  # LibreOffice writes the mark that other programs take for a sign
    digits, unit, value = _DISPLAYED.search(text), _UNIT.search(text), abs(Decimal(number))
    if digits is None:
        return text if unit and not _DIGIT_WORDS.fullmatch(unit[1]) and value else number
    if foreign := _FOREIGN.search(text):
        return f"{number}{foreign[0]}"
    if text[digits.end() :].lstrip().startswith("%"):
        return _in_hundredths(number)
    shown = Decimal(digits[0].translate(_APART))
    half = Decimal(5).scaleb(int(shown.as_tuple().exponent) - 1)
    if text[: digits.start()].strip(" \u00a0¥￥") in ("-", "(", "（") and not number.startswith("-") and shown:
        return f"{number}（{text}）"
    about = "约" if _ABOUT.search(text) else ""
    if abs(shown - value) <= half:
        return f"{about}{number}{unit[1] if unit else ''}"
    if any(abs(shown * by - value) <= half * by for by in DIVIDED):
        return f"{number}元"
    in_hundredths = shown.as_tuple().exponent == -2 and value and abs(shown * 100 - value) <= half * 100
    longer = value and shown in (value * 10, value * 100, value * 1000)  # as 0"00" shows it
    return f"{number}（{text}）" if unit or in_hundredths or longer else number


def in_fonts(text: str, starts: Sequence[tuple[int, int]], fonts: Mapping[int, tuple[bool, bool]]) -> str:
    """Write a text whose runs begin at so many units of UTF-16, each in a font that is struck or not, and raised or not, as `of_several_looks`."""
    units, plain = text.encode("utf-16-le"), (False, False)
    ends = [start for start, _ in starts[1:]] + [len(units) // 2]
    runs = ((units[2 * start : 2 * end], fonts.get(font, plain)) for (start, font), end in zip(starts, ends, strict=True))
    return of_several_looks([(run.decode("utf-16-le", "replace"), *look) for run, look in runs])


def of_several_looks(runs: Sequence[tuple[str, bool, bool]]) -> str:
    """Write a text of several runs, each with whether it is struck and whether it is raised; nothing if none is either.

    >>> of_several_looks([("300", False, False), ("1", False, True)]), of_several_looks([("300", False, False)])
    ('300¹', '')
    """
    runs = [run for run in runs if run[0]]
    if not any(struck or raised for _, struck, raised in runs):
        return ""
    text = "".join(text.translate(RAISED) if raised else text for text, _, raised in runs)
    return text + (STRUCK if any(struck for _, struck, _ in runs) else "")


def _shared_texts(xml: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield the shared texts of which some characters are struck through or raised, by their number."""
    if b"strike" not in xml and b"vertAlign" not in xml:
        return
    for number, match in enumerate(_SHARED.finditer(xml)):
        if text := _of_runs(match[1] or b""):
            yield str(number).encode(), text


def _of_runs(xml: bytes) -> str:
    found = [(looks or b"", html.unescape(text.decode())) for looks, text in _RUN.findall(xml)]
    return of_several_looks([(text, bool(_IS_STRUCK.search(looks)), bool(_IS_RAISED.search(looks))) for looks, text in found])


def shown_cells(xml: bytes, looks: Looks) -> Iterator[tuple[int, bytes, str | None]]:
    """Yield the cells of a sheet that look otherwise than they are: row from 1, letters, text; no text if all of it is struck through.

    Raises:  ValueError if such a cell does not say where it stands.
    """
    styles = b"|".join(sorted({*looks.formats, *looks.struck}))
    if not styles and not looks.texts and b"<strike" not in xml and b"vertAlign" not in xml:
        return
    head = rb"\bs=[\"'](?:" + styles + rb")[\"']" if styles else rb"(?!)"
    shared = rb"|\bt=[\"'](?:s|inlineStr)[\"']" if looks.texts or b"<strike" in xml or b"vertAlign" in xml else b""
    cell = re.compile(rb"<" + _N + rb"c (?=[^>]*(?:" + head + shared + rb"))([^>]*[^>/])>(.*?)</" + _N + rb"c>", re.DOTALL)
    for match in cell.finditer(xml):
        attributes, inside = match[1], match[2]
        style, place, kind = (
            re.search(rb"\bs=[\"']([0-9]+)[\"']", attributes),
            _PLACE.search(attributes),
            _TYPE.search(attributes),
        )
        own, of_type = style[1] if style else b"", kind[1] if kind else b"n"
        number = _NUMBER.search(inside)
        text: str | None = ""
        if of_type == b"n" and own in looks.formats and number:
            text = as_shown(_digits(float(number[1])), looks.formats[own])
        elif of_type == b"s" and number:
            text = looks.texts.get(number[1], "")
        elif of_type == b"inlineStr":
            text = _of_runs(inside)
        if own in looks.struck:
            text = text + STRUCK if text else None
        if text != "":
            if place is None:
                raise ValueError("a cell that looks otherwise than it is does not say where it stands")
            yield int(place[2]), place[1], text


def red_cells(xml: bytes, red: frozenset[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the cells of a sheet that hold a number in a red style: row from 1, letters."""
    if not red:
        return
    head = rb"\bs=[\"'](?:" + b"|".join(sorted(red)) + rb")[\"']"
    for match in re.finditer(rb"<" + _N + rb"c (?=[^>]*" + head + rb")([^>]*[^>/])>(?=<" + _N + rb"[vf][ >])", xml):
        place, kind = _PLACE.search(match[1]), _TYPE.search(match[1])
        if place and (kind is None or kind[1] == b"n"):
            yield int(place[2]), place[1]


def _digits(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:.15g}"
