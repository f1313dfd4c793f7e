"""Write formulas that read a cell as the type of its column, and read nothing that intake would read otherwise.

A formula gives the value, BLANK where the cell says nothing, and UNREAD for whatever it is not sure of: spellings that only intake
reads (伍佰元整, 44230 as a text) and what nobody can read look the same here. Sheets are laid out elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from ledgers.amounts import TOO_MUCH
from ledgers.dates import LAST_YEAR
from ledgers.fold import fixed_characters, fold
from ledgers.identities import OTHER, SOUND, UNSOUND
from ledgers.kinds import Column
from ledgers.papers import PLACEHOLDERS, WEIGHTS

BLANK, UNREAD = '""', '"!"'
ROW = "§"  # stands for the number of the row
LONGEST_TEXT = 80  # characters that are looked at one by one
SHORT = 14  # no word that stands for a value which is not there is longer
FIRST_SERIAL, LAST_SERIAL = 20500, 54788  # days from 1956 to 2049: below may be a month without its point
DIGITS = "0123456789"
PLAIN = "()-,:;/&@%、《》" + DIGITS + "".join(map(chr, range(ord("A"), ord("Z") + 1))).replace("X", "")
PLAIN += "".join(map(chr, range(ord("a"), ord("z") + 1))).replace("x", "")
# In a short text each of these may say that the value is not known.
DOUBTFUL = (
    "待", "保密", "不详", "不明", "不清", "未知", "未填", "缺", "略", "附件", "附表", "附页", "见备注", "见明细", "见清单", "见名单", "TBD", "Err", "仝",
    *(f"{same}{where}" for same in "同如" for where in "上左前右下"), "上同", "ditto", "Ditto", "DITTO", "nan", "null", "NULL",
)  # fmt: skip
# A name with one of these may be several persons, or none.
NOT_ONE_PERSON = (
    *DOUBTFUL, "等", "夫妇", "夫妻", "一家", "全家", "家属", "遗属", "全体", "之妻", "之夫", "之子", "之女", "之父", "之母", "职工", "人员", "代表", "本人",
    "户主", "先生", "女士", "小姐", "师傅", "烫烫", "屯屯", "锟斤拷",
)  # fmt: skip
UNITS = ("公司", "工会", "单位", "车间", "班组", "学校", "医院", "社区")
_GARBLED_FIRST = range(0xE4, 0xEA)  # first bytes of common characters in UTF-8


class Lists(NamedTuple):
    """Say where on the sheet of settings stand the texts that formulas look up; `codes` gives the ranges of spellings and codes of a column."""

    absent: str
    doubtful: str
    not_one: str
    characters: str
    name_characters: str
    garbled: str
    flags: tuple[str, str]
    codes: Mapping[str, tuple[str, str]]


def plain_characters() -> str:
    """List the characters that folding leaves alone and no reader of texts takes for a mark; the common ones first."""
    fixed = fixed_characters() - set("某仝")
    common = [one for one in sorted(fixed) if len(one.encode("gb2312", errors="ignore")) == 2]
    common.sort(key=lambda one: one.encode("gb2312"))
    return PLAIN + "".join([*common, *sorted(fixed - set(common))])


def name_characters() -> str:
    """List the characters of which names consist."""
    return "()·" + plain_characters().removeprefix(PLAIN)


def garbled_characters() -> str:
    """List the characters that begin a name in UTF-8 which somebody read as GBK."""
    pairs = (bytes((first, second)) for first in _GARBLED_FIRST for second in range(0x80, 0xC0))
    return "".join(pair.decode("gb18030") for pair in pairs)


def spellings(column: Column) -> dict[str, str]:
    """Map what may be chosen or typed for a code to the code."""
    written = {spelling: code for code, more in column.codes.items() for spelling in (code, *more)}
    return {text: column.aliases[fold(text)] for text in {**written, **column.aliases} if fold(text) in column.aliases}


def read_cell(name: str, column: Column, cell: str, lists: Lists, at: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield the formulas that a column needs, each with its name; `at` gives the cell of one that was yielded before."""
    if column.type == "date":
        text = f"{name}__text"
        yield text, _date_text(cell)
        yield name, _date(cell, at(text), lists)
        yield f"{name}__to", _last_day(at(name), at(text))
    elif column.type == "identity":
        yield name, _identity(cell, lists)
        yield f"{name}__form", _form(at(name))
    elif column.type == "percent":
        yield name, _percent(cell, lists, value=True)
        yield f"{name}__unit", _percent(cell, lists, value=False)
    elif column.type == "text":
        text = f"{name}__text"
        yield text, f"IF(ISTEXT({cell}),{_folded(cell, spaces=True)},{UNREAD})"
        yield name, _text(at(text), lists)
    else:
        yield name, _simple(name, column, cell, lists)


def _simple(name: str, column: Column, cell: str, lists: Lists) -> str:
    if column.type == "amount":
        least = "" if column.signed else f"{cell}>=0,"
        figure = f"IF(AND({least}ABS({cell})<{TOO_MUCH},ROUND({cell},2)={cell}),ROUND({cell},2),{UNREAD})"
        return _number(cell, figure, _figure(cell), lists)
    if column.type == "integer":
        whole = f"IF(AND({cell}=INT({cell}),ABS({cell})<1E9),{cell},{UNREAD})"
        return _number(cell, whole, f"IF(AND(LEN({cell})<=9,{only(cell, DIGITS, 9)}),VALUE({cell}),{UNREAD})", lists)
    if column.type == "year":
        year = f"IF(AND({cell}=INT({cell}),{cell}>=1900,{cell}<=2099),{cell},{UNREAD})"
        digits = (
            f'IF(AND(LEN({cell})=4,{only(cell, DIGITS, 4)},OR(LEFT({cell},2)="19",LEFT({cell},2)="20")),VALUE({cell}),{UNREAD})'
        )
        return _number(cell, year, digits, lists)
    if column.type == "flag":
        found = _looked_up(cell, lists.flags, lists)
        number = f"IF(OR({cell}=0,{cell}=1),{cell},{UNREAD})"
        return f"IF(ISLOGICAL({cell}),IF({cell},1,0),IF(ISNUMBER({cell}),{number},{_of_text(cell, found)}))"
    if column.type == "code":
        return _of_text(cell, _looked_up(cell, lists.codes[name], lists))
    if column.type == "account":
        return _of_text(cell, _absent_or(cell, f"IF(AND(LEN({cell})>=8,LEN({cell})<=25,{only(cell, DIGITS, 25)},RIGHT({cell},4)<>\"0000\"),{cell},{UNREAD})", lists))  # fmt: skip
    return _of_text(cell, _name(cell, lists))


def guarded(flag: str, row: str, cell: str, formula: str, blank: str = BLANK) -> str:
    """Read a cell only where its row holds something and its column is there under its own header; `flag` is 0 where there is none."""
    return f"IF(OR({row}={BLANK},{flag}=0),{BLANK},IF(OR({flag}=2,ISERROR({cell})),{UNREAD},IF(LEN({cell})=0,{blank},{formula})))"


def only(text: str, characters: str, most: int) -> str:
    """Write the test that a text of no more than `most` characters has no others than these: a text of its own, or the name of a cell.

    The text is made long enough with a character that is one of them, as programs disagree on what FIND makes of nothing.
    """
    where, filler = (characters, "(") if characters.startswith("fc_") else (f'"{characters}"', characters[0])
    return f'SUMPRODUCT(--ISERROR(FIND(MID({text}&REPT("{filler}",{most}),{_counted(most)},1),{where})))=0'


def _counted(most: int) -> str:
    return "{" + ",".join(map(str, range(1, most + 1))) + "}"


def _of_text(cell: str, formula: str) -> str:
    return f"IF(ISTEXT({cell}),{formula},{UNREAD})"


def _absent_or(text: str, formula: str, lists: Lists) -> str:
    return f"IF(SUMPRODUCT(--EXACT({text},{lists.absent}))>0,{BLANK},{formula})"


def _number(cell: str, number: str, text: str, lists: Lists) -> str:
    """Take a number, or a text of digits; TRUE is a number in LibreOffice, and none here."""
    return f"IF(ISLOGICAL({cell}),{UNREAD},IF(ISNUMBER({cell}),{number},{_absent_or(cell, text, lists)}))"


def _figure(cell: str) -> str:
    point, decimals = f'FIND(".",{cell}&".")', f'MAX(0,LEN({cell})-FIND(".",{cell}&"."))'
    tests = f'LEN({cell})<=15,{only(cell, DIGITS + ".", 15)},LEN({cell})-LEN(SUBSTITUTE({cell},".",""))<=1,{point}>1,RIGHT({cell})<>".",{decimals}<=2'
    return f'IF(AND({tests}),ROUND(VALUE(SUBSTITUTE({cell},".",""))/10^{decimals},2),{UNREAD})'


def _percent(cell: str, lists: Lists, *, value: bool) -> str:
    """Read a rate that is written with its %; of one without, its neighbours say what it means."""
    bare = f"LEFT({cell},LEN({cell})-1)"
    point, decimals = f'FIND(".",{bare}&".")', f'MAX(0,LEN({bare})-FIND(".",{bare}&"."))'
    tests = f'LEN({cell})>=2,LEN({cell})<=12,RIGHT({cell})="%",{only(bare, DIGITS + ".", 12)},LEN({bare})-LEN(SUBSTITUTE({bare},".",""))<=1,{point}>1,RIGHT({bare})<>".",{decimals}<=6'
    read = f'VALUE(SUBSTITUTE({bare},".",""))/10^{decimals}' if value else f"10^-{decimals}"
    return _of_text(cell, _absent_or(cell, f"IF(AND({tests}),ROUND({read},6),{UNREAD})", lists))


def _looked_up(cell: str, where: tuple[str, str], lists: Lists) -> str:
    """Look a text up; what MATCH finds is held against it, as it takes a for A and * for anything."""
    texts, meanings = where
    place = f"MATCH({cell},{texts},0)"
    found = f"IF(EXACT(INDEX({texts},{place}),{cell}),INDEX({meanings},{place}),{UNREAD})"
    return f"IF(LEN({cell})>60,{UNREAD},IFERROR({found},{_absent_or(cell, UNREAD, lists)}))"


def _folded(cell: str, *, spaces: bool) -> str:
    """Fold what stands in many texts: full-width brackets and commas, and spaces where they mean nothing."""
    for wide, narrow in (("（", "("), ("）", ")"), ("，", ","), ("：", ":"), *(((" ", ""), ("　", "")) if spaces else ())):
        cell = f'SUBSTITUTE({cell},"{wide}","{narrow}")'
    return cell


def _text(text: str, lists: Lists) -> str:
    """Take a folded text of plain characters, unless it may be a word for what is not known, or marks only."""
    doubtful = f"AND(LEN({text})<={SHORT},SUMPRODUCT(--ISNUMBER(FIND({lists.doubtful},{text})))>0)"
    tests = f'LEN({text})<={LONGEST_TEXT},{only(text, lists.characters, LONGEST_TEXT)},ISERROR(FIND(LEFT({text}),"-、,:;/")),NOT({doubtful})'
    return _absent_or(text, f"IF(AND({tests}),{text},{UNREAD})", lists)


def _name(cell: str, lists: Lists) -> str:
    text = _folded(cell, spaces=False)
    units = ",".join(f'"{unit}"' for unit in UNITS)
    unit = f'OR(SUMPRODUCT(--EXACT(RIGHT({cell},2),{{{units}}}))>0,EXACT(RIGHT({cell},1),"厂"),EXACT(RIGHT({cell},3),"委员会"))'
    person = (
        f'AND(SUMPRODUCT(--ISNUMBER(FIND({lists.not_one},{cell})))=0,ISERROR(FIND(RIGHT({cell}),"人名户")),'
        f'OR(LEN({cell})<5,SUMPRODUCT(--ISNUMBER(FIND({{"和","与","及"}},{cell})))=0))'
    )
    tests = (
        f"LEN({cell})<=30,{only(text, lists.name_characters, 30)},ISERROR(FIND(LEFT({cell}),{lists.garbled})),"
        f'ISERROR(FIND(LEFT({text}),"·(")),RIGHT({text})<>"·",OR({unit},{person})'
    )
    return _absent_or(text, f"IF(AND({tests}),{text},{UNREAD})", lists)


def _date_text(cell: str) -> str:
    """Bring a day or month that is written with one kind of mark to the form 2021-2-3 or 2021-2; a number gives nothing."""
    bare = f'IF(RIGHT({cell})="日",LEFT({cell},LEN({cell})-1),{cell})'
    words = f'SUBSTITUTE(SUBSTITUTE({bare},"年","-",1),"月","-",1)'
    marks = f'SUMPRODUCT(--ISNUMBER(FIND({{"-","/","."}},{cell})))'
    month = f'IF(RIGHT({cell})="月",SUBSTITUTE(LEFT({cell},LEN({cell})-1),"年","-",1),{words})'
    chinese = f'IF(AND(MID({cell},5,1)="年",{marks}=0),{month},"")'
    plain = f'IF({marks}=1,SUBSTITUTE(SUBSTITUTE({cell},"/","-"),".","-"),{chinese})'
    return f'IF(ISTEXT({cell}),IF(RIGHT({cell})="-","",{plain}),"")'


def _date(cell: str, text: str, lists: Lists) -> str:
    end = f'FIND("-",{text}&"-",6)'
    year, month, day = f"VALUE(LEFT({text},4))", f"MID({text},6,{end}-6)", f"MID({text},{end}+1,9)"
    formed = f'LEN({text})<=10,IFERROR(FIND("-",{text}),0)=5,LEN({text})-LEN(SUBSTITUTE({text},"-",""))<=2,{only(text, DIGITS + "-", 10)}'
    whole = f"DATE({year},VALUE({month}),VALUE({day}))"
    exact = f"IF(AND(LEN({day})<=2,MONTH({whole})=VALUE({month}),DAY({whole})=VALUE({day})),{whole},{UNREAD})"
    # 2021-2- is no month
    of_month = f'IF(LEN({text})-LEN(SUBSTITUTE({text},"-",""))=1,DATE({year},VALUE({month}),1),{UNREAD})'
    likely = f"AND({year}>=1901,{year}<={LAST_YEAR},LEN({month})<=2,VALUE({month})>=1,VALUE({month})<=12)"
    read = f'IFERROR(IF(AND({formed}),IF({likely},IF({day}="",{of_month},{exact}),{UNREAD}),{UNREAD}),{UNREAD})'
    number = f"IF(AND({cell}>={FIRST_SERIAL},{cell}<{LAST_SERIAL + 1}),INT({cell}),{UNREAD})"
    return _number(cell, number, read, lists)


def _last_day(first: str, text: str) -> str:
    of_month = f'LEN({text})-LEN(SUBSTITUTE({text},"-",""))=1'
    return f"IF(ISNUMBER({first}),IF({of_month},DATE(YEAR({first}),MONTH({first})+1,0),{first}),{first})"


def _identity(cell: str, lists: Lists) -> str:
    placeholders = ",".join(f'"{one}"' for one in sorted(PLACEHOLDERS))
    number = f"UPPER({cell})"
    tests = (
        f'LEN({cell})=18,{only(f"LEFT({cell},17)", DIGITS, 17)},ISNUMBER(FIND(RIGHT({number}),"{DIGITS}X")),RIGHT({cell},3)<>"000",'
        f"SUMPRODUCT(--EXACT({cell},{{{placeholders}}}))=0"
    )
    return _of_text(cell, _absent_or(cell, f"IF(AND({tests}),{number},{UNREAD})", lists))


def _form(number: str) -> str:
    weighed = f"SUMPRODUCT(MID({number},{_counted(17)},1)*{{{','.join(map(str, WEIGHTS))}}})"
    right = f'EXACT(MID("10X98765432",MOD({weighed},11)+1,1),RIGHT({number}))'
    year, month, day = f"VALUE(MID({number},7,4))", f"VALUE(MID({number},11,2))", f"VALUE(MID({number},13,2))"
    leap = f"IF(AND({month}=2,OR(AND(MOD({year},4)=0,MOD({year},100)<>0),MOD({year},400)=0)),1,0)"
    days = f"IFERROR(CHOOSE({month},31,28,31,30,31,30,31,31,30,31,30,31)+{leap},0)"
    sound = f"AND({year}>=1900,{day}>=1,{day}<={days},{right})"
    form = f'IF(LEFT({number})="8","{OTHER}",IF({sound},"{SOUND}","{UNSOUND}"))'
    return f"IF(OR({number}={BLANK},{number}={UNREAD}),{number},{form})"
