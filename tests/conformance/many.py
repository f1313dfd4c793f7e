"""Make up the ledgers of many units at once: one run of an engine judges them all, each unit with people and papers of its own.

Only a row that nobody can tell apart touches another unit; in a clear run there is none, in the others there may be.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping

from ledgers.fold import fold
from ledgers.values import check_digit
from policies.load import Library
from tests.reference import Sheet
from tests.test_engine_agrees import GOOD, MOST, NEEDED, ODD, PEOPLE, Row

NUMBERED = ("archive_id", "subsidy_id")
NAMED = ("name", "paying_org", "employer", "parent", "district", "campaign")
SHARED = ("", "无", "XX", "测*", "#REF!", "D9", "S9", None)  # texts that mean the same, or nothing, in every unit
LABELS = [chr(n) for n in range(0x6500, 0x9000) if fold(chr(n)) == chr(n) and chr(n).encode("gb2312", "ignore") > b"\xb0"]


def ledgers_of_units(seed: int, units: int, library: Library) -> dict[str, list[Sheet]]:
    """Make up ledgers in one or two sheets a kind, with the rows of all units."""
    chance = random.Random(seed)
    kinds = ["aid_payment", *chance.sample(sorted(set(GOOD) - {"aid_payment"}), chance.randint(3, 7))]
    kept = telling_columns(library) if chance.random() < 0.8 else {}
    found = {}
    for kind in kinds:
        rows = [row for unit in range(units) for row in _rows(chance, kind, unit, kept.get(kind, ()))]
        cut = chance.choice((len(rows), len(rows) // 2))
        found[kind] = [_sheet(chance, kind, part) for part in (rows[:cut], rows[cut:]) if part]
    return found


def telling_columns(library: Library) -> Mapping[str, set[str]]:
    """Name the columns of each ledger by which one of its rows is told from another: keys and likenesses of joins and groups."""
    found: dict[str, set[str]] = {}
    for loaded in library.layers:
        for join in loaded.policy.joins.values():
            found.setdefault(join.ledger, set()).update([right for _, right in join.keys], join.alike)
        if loaded.policy.group:
            found.setdefault(loaded.policy.ledger, set()).update(loaded.policy.group.per, loaded.policy.group.alike)
    return {kind: names - {"id_no", *NUMBERED} for kind, names in found.items()}  # the name tells whose masked number it is


def _sheet(chance: random.Random, kind: str, rows: list[Row]) -> Sheet:
    every = list(ODD[kind])
    absent = set(chance.sample(every, min(len(every), chance.choice((0, 0, 0, 1, 2)))))
    columns = tuple(
        name for name in every if name not in absent or any(group <= absent and name in group for group in NEEDED[kind])
    )
    return Sheet(columns, [{name: row[name] for name in columns} for row in rows])


def _rows(chance: random.Random, kind: str, unit: int, kept: Iterable[str]) -> list[Row]:
    rows = []
    for _ in range(chance.randint(0, MOST.get(kind, 5))):
        row: Row = dict(chance.choice(PEOPLE))
        row |= {name: chance.choice(texts) for name, texts in GOOD[kind].items()}
        for name in chance.sample(list(ODD[kind]), min(len(ODD[kind]), chance.choice((0, 0, 1, 1, 2)))):
            if name not in kept:
                row[name] = chance.choice(ODD[kind][name])
        rows.append({name: own(name, row[name], unit) for name in ODD[kind]})
    return rows


def own(column: str, text: str | None, unit: int) -> str | None:
    """Give a unit its own people, papers and places: the same texts, written so that no other unit has them.

    >>> own("archive_id", "Ｄ３", 17), own("paying_org", "XX", 17)
    ('Ｄ３A17', 'XX')
    """
    if column == "id_no":
        return _number(text, unit)
    if text in SHARED or column not in (*NUMBERED, *NAMED):
        return text
    return f"{text}A{unit}" if column in NUMBERED else f"{LABELS[unit]}{text}"


def _number(text: str | None, unit: int) -> str | None:
    """Move a number to a region of its own, right or wrong as it is; leave what is no whole number."""
    if text is None or re.fullmatch("'?[0-9０-９]{17}[0-9０-９X]", text) is None:
        return text
    before, plain = ("'", text[1:]) if text[0] == "'" else ("", text)
    half = plain.translate({0xFF10 + n: 48 + n for n in range(10)})
    moved = f"99{unit:04}{half[6:17]}"
    wrong = int(half[17] != check_digit(half[:17]))
    last = "0123456789X"[("0123456789X".index(check_digit(moved)) + wrong) % 11]
    number = moved + last
    return before + (number if half == plain else number.translate({48 + n: 0xFF10 + n for n in range(10)}))
