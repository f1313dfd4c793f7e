"""Hold amounts against what is written out beside them, in a column of its own: 500 and 伍佰元整."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from ledgers.amounts import read_amount
from ledgers.fold import fold
from ledgers.headers import Layout
from ledgers.kinds import Column, Kind
from ledgers.telling import DATA, HEAD, SUM, TOTAL, look_of, tell_apart
from ledgers.values import read_texts

UNREADABLE = "无法识别"  # in place of a text that is no amount: it may be a name
_NOTHING = re.compile(r"[-—–―_/\\无]*\Z")
_LABEL = re.compile(r"\A(?:人民币|大写|金额|[()\[\]:为])+")
_LEADING = re.compile("\\A(?:[⊗×xX*￥¥零][亿万仟佰拾]?)+(?=.)")  # the printed grid of a receipt: 零仟伍佰零拾零元零角零分
_NO_FEN = re.compile("(?:零角)?零分")
_EMPTY_PLACES = re.compile("(?:零[仟佰拾]|零)+")


def hold_capitals(rows: Sequence[list[str]], layout: Layout, kind: Kind) -> None:
    """Write beside each amount of a row of data or a total what is written out elsewhere in the row, where the two do not agree.

    In a row of data what is written out alone is the amount, and what nobody can read is said; beside a total it may be anything.
    """
    if not layout.capitals:
        return
    look, seen = look_of(rows[layout.header_row : layout.below], layout, kind), dict[tuple[str, str, str], str]()
    for row in rows[layout.below :]:
        what = tell_apart(row, look)
        for field, index in layout.capitals.items() if what in (DATA, HEAD, SUM, TOTAL) else ():
            own = layout.fields[field]
            if index >= len(row) or _NOTHING.match(fold(row[index])):
                continue
            row.extend([""] * (own + 1 - len(row)))
            if what == TOTAL and not (row[own].strip() and read_capitals(row[index])):
                continue
            key = field, row[own], row[index]
            if key not in seen:
                seen[key] = _both(row[own], row[index], kind.columns[field], layout.factors[field])
            row[own] = seen[key]


def _both(text: str, capitals: str, column: Column, factor: Decimal) -> str:
    """Give the text of an amount: as it is where it agrees, with what is written out where it does not."""
    value, written = read_texts(column, [text], factor)[text].value, read_capitals(capitals)
    if text.strip() and (value is None or (written is not None and written == Decimal(value))):
        return text
    shown = UNREADABLE if written is None else capitals.strip()
    return f"{text}(大写:{shown})" if text.strip() else "" if written is None else f"{written:f}元"


def read_capitals(text: str) -> Decimal | None:
    """Read an amount that is written out, however the form spells its empty places.

    >>> read_capitals("人民币（大写）零仟伍佰零拾零元零角零分"), read_capitals("负伍佰"), read_capitals("张三")
    (Decimal('500'), Decimal('-500'), None)
    """
    folded = _LABEL.sub("", fold(text))
    sign, folded = (-1, folded[1:]) if folded.startswith("负") else (1, folded)
    plain = _EMPTY_PLACES.sub("零", _NO_FEN.sub("", _LEADING.sub("", folded)))
    for way in (folded, f"{folded}元", plain, f"{plain}元"):
        if (value := read_amount(way).value) is not None:
            return sign * Decimal(value)
    return None
