"""Hide identity, account and mobile numbers that stand in a text where none belongs. Amounts and dates stay.

The patterns are plain enough for Python and RE2, so that SQL hides set at a time what this hides text by text.
"""

from __future__ import annotations

import re

FULL_WIDTH, ASCII = "０１２３４５６７８９Ｘｘ－　", "0123456789Xx- "
D, S = "[0-9]", "[- \t\r\n\u00a0\u2000-\u200b\u2010-\u2015]{1,3}"
SOME = f"{D}(?:(?:{S})?{D}){{10}}"  # stands in every text in which there is something to hide
LONGEST_SHAPE = 24
RUNS = f"{D}+[Xx]?|[^0-9]+"  # a text, cut into unbroken runs of digits and what stands between
RUN = f"{D}{{15,}}[Xx]?|(?:0|86|0086)?1[3-9]{D}{{9}}"
_DAY = f"(?:19|20){D}{{2}}[-./年]{D}{{1,2}}[-./月]{D}{{1,2}}"
_BORN = f"{D}{{6}}{S}(?:19|20){D}{{2}}{S}{D}{{1,2}}{S}{D}{{1,2}}{S}{D}{{3}}[0-9Xx]"
_MOBILE = f"1[3-9]{D}(?:{S}{D}{{4}}{S}{D}{{4}}|{S}{D}{{8}}|{S}{D}{{3}}{S}{D}{{5}})|1[3-9]{D}{{5}}{S}{D}{{4}}"
_SINGLES = f"{D}(?:{S}{D}){{14,18}}(?:{S}[Xx])?|1{S}[3-9](?:{S}{D}){{9}}"
_PARTS = f"{D}{{3,}}(?:{S}{D}{{3,}})+(?:(?:{S})?[Xx])?"
PIECES = f"{_DAY}|{_BORN}|{_MOBILE}|{_SINGLES}|{_PARTS}|{D}+|[^0-9]+"  # the same with what blanks and dashes part
PIECE = f"{_BORN}|{_MOBILE}|{_SINGLES}"
PARTED = f"{D}(?:(?:{S})?{D}){{14,}}(?:(?:{S})?[Xx])?"
_DAYS = f"(?:19|20){D}{{2}}(?:{D}{{2}}){{0,2}}"
DAYS = f"{_DAYS}(?:{S}{_DAYS})*"  # 20210203-20210205, 2019 2020 2021 2022


_TO_ASCII = str.maketrans(FULL_WIDTH, ASCII)


def hide_numbers(text: str) -> str:
    """Hide every number of a person in a text.

    >>> hide_numbers("补助 990000 19880101 0010，电话１３９００００００００"), hide_numbers("2021-02-03 1500.00元")
    ('补助 ****，电话****', '2021-02-03 1500.00元')
    """
    plain = text.translate(_TO_ASCII)
    runs = "".join("****" if re.fullmatch(RUN, run) else run for run in re.findall(RUNS, plain))
    hidden = "".join("****" if _is_number(piece) else piece for piece in re.findall(PIECES, runs))
    return text if hidden == plain else hidden


def _is_number(piece: str) -> bool:
    return bool(re.fullmatch(PIECE, piece) or (re.fullmatch(PARTED, piece) and not re.fullmatch(DAYS, piece)))


def shape_of(text: str) -> str:
    """Show the shape of a text and nothing else.

    >>> shape_of("张三"), shape_of("99000019800101001X"), shape_of("2021-02-03")
    ('□□', '99999999999999999A', '9999-99-99')
    """
    shape = (
        "9"
        if character.isdigit()
        else "A"
        if character.isascii() and character.isalpha()
        else "□"
        if character.isalpha()
        else character
        for character in text.strip()
    )
    return "".join(shape)[:LONGEST_SHAPE]
