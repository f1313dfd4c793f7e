"""Type a relation where it lies: what SQL takes as it is, and a lent table with the readings of all other distinct texts.

It gives what `ledgers.typed` gives for a file, and the same value for every cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from engine.stores.shelf import Shelf
from ledgers.amounts import TOO_MUCH
from ledgers.bulk import text_literal
from ledgers.fold import fold
from ledgers.identities import OTHER, SOUND, UNSOUND
from ledgers.kinds import Column, Kind
from ledgers.papers import LENGTHENED
from ledgers.readings import Reading
from ledgers.typed import COMPANION, NEGATIVE, REVERSAL, SQL_TYPES, Piece, Raw, Typed, disbelieve, doubt, doubt_fractions, quote
from ledgers.values import LAST_YEAR, WEIGHTS, read_texts
from ledgers.void_rows import doubts_of

# Texts whose meaning is the text itself, by type. Only these stay in the store unseen; a test holds them against `read_text`.
PLAIN = {
    "identity": "regexp_matches({0}, '^[0-9]{{17}}[0-9X]$') AND NOT {0} LIKE '%000'",
    "amount": "regexp_matches({0}, '^(0|[1-9][0-9]{{0,9}})([.][0-9]{{1,2}})?$')",
    "integer": "regexp_matches({0}, '^(0|[1-9][0-9]{{0,8}})$')",
    "text": "(regexp_matches({0}, '^[A-WYZa-wyz0-9]{{0,12}}[0-9]{{1,18}}$') OR {1})",
    "name": "{1}",
}
_SAID = "无待补定核实保密某代等人约近多余户名个次元年月日空缺略同上未知不详厂会部门委局校院司队组村街镇"  # what may say something else than a name
_WHOLE = re.compile(r"(TINYINT|SMALLINT|INTEGER|BIGINT|DECIMAL\([0-9]+,(0|1|2)\))\Z")


def type_relation(shelf: Shelf, raw: Raw, kind: Kind, columns: Sequence[str]) -> Typed:
    """Type the columns of a relation; the readings of odd texts are lent to the store."""
    present = [name for name in columns if name in raw.sql_types]
    pieces = {}
    for name in present:
        column = kind.columns[name]
        piece = _piece(shelf, raw, name, column)
        if column.type == "amount":
            value = piece.value
            piece = piece if column.signed else _unreversed(shelf, raw, name, piece)
            fraction = f"SELECT 1 FROM {raw.relation} r {piece.join} WHERE {value} > 0 AND {value} < 1 LIMIT 1"
            piece = doubt_fractions(piece, value) if column.plausible and shelf.ask(fraction) else piece
            piece = _doubted(shelf, raw, kind, name, piece)
        if column.type == "identity":
            form = _form(piece.value)
            form = f"CASE WHEN m_{name}.also IS NOT NULL THEN {text_literal(OTHER)} ELSE {form} END" if piece.lengthened else form
            piece = piece._replace(also=form)
        pieces[name] = piece
    unread = frozenset(columns if raw.spoilt else (name for name, piece in pieces.items() if piece.unread))
    months = frozenset(n for n, piece in pieces.items() if piece.also and kind.columns[n].type == "date")
    return Typed(raw, tuple(columns), pieces, unread, months)


def _piece(shelf: Shelf, raw: Raw, name: str, column: Column) -> Piece:
    cell, sql_type, own, part = f"r.{quote(name)}", SQL_TYPES[column.type], raw.sql_types[name], raw.parts.get(name)
    if name in raw.doubled:
        return Piece(f"CAST(NULL AS {sql_type})", None, "", "TRUE")
    factor = raw.factors.get(name, Decimal(1))
    direct = None if part else _direct(cell, own, column.type, factor)
    if direct is not None and not _beyond(shelf, raw, cell, column.type):
        return Piece(direct, None, "", None)
    text = cell if own == "VARCHAR" else f"CAST({cell} AS VARCHAR)"
    plain = (
        PLAIN[column.type].format(text, _is_plain_name(text))
        if column.type in PLAIN and factor == 1 and own != "DOUBLE" and not part
        else "FALSE"
    )
    shown = ", " + cell if own == "DOUBLE" else ""
    found = shelf.ask(f"SELECT DISTINCT {text}{shown} FROM {raw.relation} r WHERE {cell} IS NOT NULL AND NOT ({plain})")
    # A spreadsheet shows 15 digits of a binary number, and so do we.
    written = {row[0]: f"{row[1]:.15g}" if shown else row[0] for row in found}
    readings = read_texts(column, list(dict.fromkeys(written.values())), factor, raw.year, part)
    return _mapped(shelf, raw, name, column, {text: readings[own] for text, own in written.items()}, text, plain)


def _mapped(shelf: Shelf, raw: Raw, name: str, column: Column, readings: dict[str, Reading], text: str, plain: str) -> Piece:
    sql_type = SQL_TYPES[column.type]
    taken = f"CAST(NULL AS {sql_type})" if plain == "FALSE" else f"CASE WHEN {plain} THEN CAST({text} AS {sql_type}) END"
    if not readings:
        return Piece(taken, None, "", None)
    table, alias = f"{raw.relation}__{name}", f"m_{name}"
    columns: dict[str, list[str | None]] = {"raw": list(readings)}
    for field in ("value", "also", "problem", "what", "remark"):
        columns[field] = [getattr(reading, field) for reading in readings.values()]
    shelf.lent[table] = columns
    value = f"CASE WHEN {alias}.raw IS NOT NULL THEN CAST({alias}.value AS {sql_type}) ELSE {taken} END"
    inexact = column.type == "percent" or any(r.also != r.value for r in readings.values() if column.type == "date")
    also_type = COMPANION.get(column.type, ("", "VARCHAR"))[1]
    also = f"CASE WHEN {alias}.raw IS NOT NULL THEN CAST({alias}.also AS {also_type}) ELSE {taken} END" if inexact else None
    unread = f"coalesce({alias}.problem <> '', FALSE)" if any(reading.problem for reading in readings.values()) else None
    remarks = any(reading.remark for reading in readings.values())
    lengthened = any(reading.also == LENGTHENED for reading in readings.values())
    join = f"LEFT JOIN {table} {alias} ON {text} = {alias}.raw"
    return Piece(value, also, join, unread, remarks=remarks, lengthened=lengthened)


def _unreversed(shelf: Shelf, raw: Raw, name: str, piece: Piece) -> Piece:
    """Do not believe negative amounts, unless their own cell or the row's note says that something was reversed."""
    if not shelf.ask(f"SELECT 1 FROM {raw.relation} r {piece.join} WHERE {piece.value} < 0 LIMIT 1"):
        return piece
    texts = [f"CAST(r.{quote(column)} AS VARCHAR)" for column in (name, "note") if column in raw.sql_types]
    said = " OR ".join(f"coalesce(regexp_matches({text}, '{REVERSAL}'), FALSE)" for text in texts)
    return disbelieve(piece, f"(coalesce({piece.value} < 0, FALSE) AND NOT ({said}))", NEGATIVE, {"note"})


def _doubted(shelf: Shelf, raw: Raw, kind: Kind, name: str, piece: Piece) -> Piece:
    """Do not believe amounts of which their rows say that they are something else."""
    less = f"SELECT 1 FROM {raw.relation} r {piece.join} WHERE {piece.value} < 0 LIMIT 1"
    texts = {name: f"CAST(r.{quote(name)} AS VARCHAR)" for name in raw.sql_types}
    tests = doubts_of(kind, name, texts, raw.factors[name], lambda: not (piece.negative and shelf.ask(less)))

    def says(_: str, test: str) -> bool:
        return bool(shelf.ask(f"SELECT 1 FROM {raw.relation} r WHERE {test} LIMIT 1"))

    return doubt(piece, tests, says, signed=kind.columns[name].signed)


def _direct(cell: str, own: str, wanted: str, factor: Decimal) -> str | None:
    """Take a typed column as it is, where its type already says what the column's type says."""
    if wanted == "date" and own in ("DATE", "TIMESTAMP"):
        return cell if own == "DATE" else f"CAST({cell} AS DATE)"
    if wanted == "amount" and factor == 1 and _WHOLE.match(own):
        return f"CAST({cell} AS DECIMAL(18,2))"
    if wanted == "flag" and own == "BOOLEAN":
        return cell
    if wanted == "integer" and own in ("TINYINT", "SMALLINT", "INTEGER"):
        return f"CAST({cell} AS BIGINT)"
    return None


def _beyond(shelf: Shelf, raw: Raw, cell: str, of_type: str) -> bool:
    """Say whether a typed column holds values that are refused as text."""
    limits = {
        "date": f"min({cell}) < DATE '1901-01-01' OR max({cell}) > DATE '{LAST_YEAR}-12-31'",
        "amount": f"min({cell}) <= -{TOO_MUCH} OR max({cell}) >= {TOO_MUCH}",
    }
    return of_type in limits and bool(shelf.ask(f"SELECT coalesce({limits[of_type]}, FALSE) FROM {raw.relation} r")[0][0])


def _is_plain_name(text: str) -> str:
    """Write the test of two to four Chinese characters of which none has another form, nor says something else than a name."""
    return (
        f"(regexp_matches({text}, '^[\u4e00-\u9fff]{{2,4}}$') AND NOT regexp_matches({text}, '[{_SAID}{_folded_otherwise()}]'))"
    )


@cache
def _folded_otherwise() -> str:
    return "".join(c for c in map(chr, range(0x4E00, 0xA000)) if fold(c) != c)


def _form(number: str) -> str:
    """Write the form of an identity number (GB 11643-1999): its birthday and its check digit, as arithmetic."""
    digits = [f"CAST(substr({number}, {n}, 1) AS INTEGER)" for n in range(1, 18)]
    weighted = " + ".join(f"{digit} * {weight}" for digit, weight in zip(digits, WEIGHTS, strict=True))
    right = f"substr('10X98765432', ({weighted}) % 11 + 1, 1) = substr({number}, 18, 1)"
    year, month, day = (f"CAST(substr({number}, {at}, {length}) AS INTEGER)" for at, length in ((7, 4), (11, 2), (13, 2)))
    leap = f"({year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0))"
    last = f"CASE WHEN {month} IN (4, 6, 9, 11) THEN 30 WHEN {month} <> 2 THEN 31 WHEN {leap} THEN 29 ELSE 28 END"
    is_day = f"{year} >= 1900 AND {month} BETWEEN 1 AND 12 AND {day} BETWEEN 1 AND {last}"
    resident = f"regexp_matches({number}, '^[0-79][0-9]{{16}}[0-9X]$')"
    judged = f"CASE WHEN ({is_day}) AND {right} THEN {text_literal(SOUND)} ELSE {text_literal(UNSOUND)} END"
    return f"CASE WHEN {number} IS NULL THEN NULL WHEN {resident} THEN {judged} ELSE {text_literal(OTHER)} END"
