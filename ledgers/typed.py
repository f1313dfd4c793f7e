"""Type a raw relation of texts: one SQL expression a column, each distinct odd text read once in Python and joined back.

Spreadsheets and bulk files meet here: whatever form the texts came in, one parser reads them. Files are unknown here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ledgers.amounts import TOO_MUCH
from ledgers.arrays import keep, text_array
from ledgers.dates import Year
from ledgers.identities import OTHER, SOUND, list_odd_forms
from ledgers.kinds import Column, Kind, Part
from ledgers.other_years import has_other_years, is_of_other_years
from ledgers.papers import LENGTHENED, PLACEHOLDERS
from ledgers.plain_names import names_to_read
from ledgers.readings import Reading
from ledgers.values import LAST_YEAR, read_texts
from ledgers.void_rows import doubts_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SQL_TYPES = {
    "text": "VARCHAR", "name": "VARCHAR", "identity": "VARCHAR", "account": "VARCHAR", "code": "VARCHAR",
    "date": "DATE", "year": "INTEGER", "integer": "BIGINT", "amount": "DECIMAL(18,2)", "percent": "DECIMAL(18,6)",
    "flag": "BOOLEAN",
}  # fmt: skip
# Texts whose meaning is the text itself: SQL takes them as they are. `read_text` gives the same value for each of them.
PLAIN = {
    # A number of 18 digits needs no slower look: in 18 bytes that are one there is room for nothing else but an exponent.
    "identity": "CASE WHEN TRY_CAST({0} AS BIGINT) >= 100000000000000000 AND strlen({0}) = 18 THEN NOT contains({0}, 'e')"
    " AND NOT contains({0}, 'E') ELSE regexp_full_match({0}, '[0-9]{{17}}[0-9X]') END AND NOT suffix({0}, '000')"
    f" AND {{0}} NOT IN ({', '.join(map(repr, sorted(PLACEHOLDERS)))})",
    "date": "regexp_full_match({0}, '(19[1-9]|20[0-4])[0-9]-[01][0-9]-[0-3][0-9]') AND TRY_CAST({0} AS DATE) IS NOT NULL",
    "amount": "regexp_full_match({0}, '(0|[1-9][0-9]{{0,9}})(\\.[0-9]{{1,2}})?')",
    "year": "regexp_full_match({0}, '(19|20)[0-9]{{2}}')",
    "integer": "regexp_full_match({0}, '0|[1-9][0-9]{{0,8}}')",
    "text": "regexp_full_match({0}, '[A-WYZa-wyz0-9]{{0,12}}[0-9]{{1,18}}')",
}
FREE_TEXT = ("text", "name", "account")
COMPANION = {"date": ("__to", "DATE"), "percent": ("__unit", "DECIMAL(18,6)"), "identity": ("__form", "VARCHAR")}

UNEVEN, TOTAL_LIKE, PART_LIKE = 1, 2, 3
COUNTED = ("amount", "integer", "percent")
YEAR = "year"  # the column, of many kinds, that says of which year a row is
REPEATS = 5  # times that each text of a column that repeats itself stands there
NEGATIVE = "负数金额，未注明冲销或红字"
FRACTION = "不到一元，疑为以万元等为单位，金额不明"
_BACK = "(冲|沖|红字|紅字|退回)"
# A cell or a note with one of these says that something was reversed; 未冲销 and 没有退回 say that nothing was.
REVERSAL = f"(^|[^未没沒不非无無需予有曾能]){_BACK}|(^|[^未没沒不非无無需])[予有曾能]{_BACK}"


class Seen(NamedTuple):
    """Say what was seen of the columns of a relation while it was written.

    `plain` names for some of them a column that says of each cell whether SQL takes it as it is, `distinct` gives the SQL of a relation
    of the distinct texts of those that repeat themselves, `odd` of others that of the distinct texts that are not plain.
    """

    plain: Mapping[str, str] = {}
    distinct: Mapping[str, str] = {}
    odd: Mapping[str, str] = {}

    def few(self, column: str) -> str:
        """Give the relation of the distinct texts of a column, but for plain ones of which few repeat themselves; blank where none was laid down."""
        return self.distinct.get(column) or self.odd.get(column, "")


UNSEEN = Seen()


class Raw(NamedTuple):
    """Name a raw relation: its columns with their SQL types, the unit of each amount column, what is known to be wrong.

    `doubled` columns stand twice in the header and cannot be read; with `spoilt`, a column `_spoilt` marks rows that
    cannot be trusted: UNEVEN ones not at all, TOTAL_LIKE and PART_LIKE ones in their amounts. `year` is that of days written without
    one; `parts` columns are read out of a cell that holds several things. With `headed`, a column `_head` gives the row in
    which stands what this one leaves blank.
    """

    relation: str
    inputs: tuple[int, ...]
    factors: Mapping[str, Decimal]
    sql_types: Mapping[str, str]
    doubled: frozenset[str] = frozenset()
    spoilt: bool = False
    year: Year | None = None
    parts: Mapping[str, Part] = {}
    headed: bool = False
    seen: Seen = UNSEEN


class Piece(NamedTuple):
    """Hold one typed column: its value, its companion, the join to its map of odd texts, the test of an unread cell, those by which its row
    makes an amount doubtful, with the reason for each, the other columns that these ask, whether its readings carry remarks and mark
    numbers as lengthened, and whether every cell is known to have a value."""

    value: str
    also: str | None
    join: str
    unread: str | None
    doubts: tuple[tuple[str, str], ...] = ()
    beside: frozenset[str] = frozenset()
    remarks: bool = False
    lengthened: bool = False
    full: bool = False

    @property
    def negative(self) -> bool:
        """Say whether there are negative amounts that nothing calls a reversal."""
        return any(why == NEGATIVE for _, why in self.doubts)


class Typed(NamedTuple):
    """Hold the typed form of a raw relation: one piece a column, and what policies must know before they read them."""

    raw: Raw
    columns: tuple[str, ...]
    pieces: Mapping[str, Piece]
    unread: frozenset[str]
    months: frozenset[str]


def quote(name: str) -> str:
    """Quote a column name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def written(cell: str, own: str | None) -> str:
    """Write the SQL of the text that a cell of a raw relation shows: a binary number with the digits that a spreadsheet shows."""
    if own is None:
        return "CAST(NULL AS VARCHAR)"
    if own == "DOUBLE":
        return f"printf('%.15g', {cell})"
    return cell if own == "VARCHAR" else f"CAST({cell} AS VARCHAR)"


def in_china(cell: str, own: str) -> str:
    """Write the SQL of a moment as the clocks of China show it, whatever the machine's zone."""
    return f"({cell} AT TIME ZONE 'Asia/Shanghai')" if own.endswith("TIME ZONE") else cell


def type_relation(con: DuckDBPyConnection, raw: Raw, kind: Kind, columns: Iterable[str], wanted: set[str]) -> Typed:
    """Type the columns of a raw relation. Free text is read only where `wanted`; dates, amounts, codes, identities always."""
    pieces: dict[str, Piece] = {}
    types = {name: kind.columns[name].type for name in columns if name in raw.sql_types}
    read = [name for name, of_type in types.items() if name in wanted or of_type not in FREE_TEXT]
    days = {name: written(f"r.{quote(name)}", raw.sql_types[name]) for name in read if types[name] in ("date", "year")}
    if raw.year is not None and is_of_other_years(con, raw.relation, days.pop(YEAR, ""), days.values(), raw.year):
        raw = raw._replace(year=None)
    repeated = _find_repeated(con, raw, {name: types[name] for name in read})
    for name in read:
        column = kind.columns[name]
        pieces[name] = _piece(con, raw, name, column, repeats=name in repeated)
        if column.type == "amount":
            pieces[name] = _doubted(con, raw, kind, name, _unlikely(con, raw, name, column, pieces[name]))
        if column.type == "identity":
            pieces[name] = _with_form(con, raw, name, pieces[name], asked=f"{name}__form" in wanted)
    unread = frozenset(columns if raw.spoilt else (name for name, piece in pieces.items() if piece.unread))
    months = frozenset(n for n, piece in pieces.items() if piece.also and kind.columns[n].type == "date")
    return Typed(raw, tuple(columns), pieces, unread, months)


def only(typed: Typed, names: set[str]) -> Typed:
    """Leave some columns of a typed relation; the others stay as columns without values."""
    names = names.union(*(piece.beside for name, piece in typed.pieces.items() if name in names))
    types = {name: own for name, own in typed.raw.sql_types.items() if name in names}
    pieces = {name: piece for name, piece in typed.pieces.items() if name in names}
    return typed._replace(raw=typed.raw._replace(sql_types=types), pieces=pieces)


def complete(con: DuckDBPyConnection, typed: Typed, kind: Kind, source: str) -> Typed:
    """Type the free text as well, out of a small table that holds a few rows of the raw relation."""
    few = typed.raw._replace(relation=source, seen=UNSEEN)
    missing = [name for name in typed.columns if name in few.sql_types and name not in typed.pieces]
    return typed._replace(
        pieces={**typed.pieces, **{name: _piece(con, few, name, kind.columns[name], repeats=True) for name in missing}}
    )


def select(typed: Typed, kind: Kind, source: str, *, texts: bool = False) -> str:
    """Write the SELECT of a typed relation over its raw relation, or over a small table with some of its rows.

    Shapes:  n rows -> n rows of _input, _row, _problems and every column (NULL where the relation lacks it), with `__to`
             for dates, `__unit` for rates, `__form` for identity numbers; with `texts`, also what was written, as "raw.column", and in `_head` the row where it stands, if that is another one.
    """
    raw = typed.raw
    picked, bits = [], []
    for name in typed.columns:
        column = kind.columns[name]
        sql_type, piece = SQL_TYPES[column.type], typed.pieces.get(name)
        picked.append(f"{piece.value if piece else f'CAST(NULL AS {sql_type})'} AS {quote(name)}")
        suffix, also_type = COMPANION.get(column.type, ("", ""))
        if suffix:
            also = (piece.also or piece.value) if piece else f"CAST(NULL AS {also_type})"
            picked.append(f"{also} AS {quote(name + suffix)}")
        if piece and piece.unread:
            bits.append(f"CASE WHEN {piece.unread} THEN {kind.bit(name)} ELSE 0 END")
        if texts:
            shown = written(f"r.{quote(name)}", raw.sql_types.get(name))
            picked.append(f"{shown} AS {quote(f'raw.{name}')}")
    if texts:
        picked.append(f"{'nullif(r._head, 0)' if raw.headed else 'CAST(NULL AS BIGINT)'} AS _head")
    problems = " + ".join(bits) or "0"
    if raw.spoilt:
        money = {name for name, column in kind.columns.items() if column.type in COUNTED}  # of what may be a total or a part
        picked = [f"CASE WHEN r._spoilt > 0 THEN NULL ELSE {p.rpartition(' AS ')[0]} END AS {quote(n)}" if n in money else p
                  for p in picked for n in [p.rpartition(" AS ")[2].strip('"')]]  # fmt: skip
        every, amounts = sum(map(kind.bit, kind.columns)), sum(map(kind.bit, money))
        problems = f"CASE WHEN r._spoilt = {UNEVEN} THEN {every} WHEN r._spoilt > 0 THEN {amounts} ELSE {problems} END"
    joins = " ".join(piece.join for piece in typed.pieces.values() if piece.join)
    return f"SELECT r._input, r._row, CAST({problems} AS BIGINT) AS _problems, {', '.join(picked)} FROM {source} r {joins}"


def _piece(con: DuckDBPyConnection, raw: Raw, name: str, column: Column, *, repeats: bool) -> Piece:
    """Type one column: what SQL can take as it is, and a map of the other distinct texts; where it `repeats` itself, those are found first."""
    cell, sql_type, part = f"r.{quote(name)}", SQL_TYPES[column.type], raw.parts.get(name)
    if name in raw.doubled:
        return Piece(f"CAST(NULL AS {sql_type})", None, "", "TRUE")
    own = raw.sql_types[name]
    factor = raw.factors.get(name, Decimal(1))
    direct = None if part else _direct(cell, own, column.type, factor)
    if direct is not None and not _beyond(con, raw, cell, column.type):
        return Piece(direct, None, "", None)
    text = written(cell, own)
    plain = PLAIN.get(column.type, "FALSE").format(text) if factor == 1 and not part else "FALSE"
    source, seen = raw.relation, None if part else raw.seen.plain.get(name)
    if few := raw.seen.few(name):
        source = few
    elif seen:
        plain = f"CASE WHEN r.{seen} THEN TRUE ELSE {plain} END"  # OR would test all
    elif plain != "FALSE" and repeats:
        source = f"(SELECT DISTINCT {cell} FROM {raw.relation} r LIMIT {1 << 62})"  # without a limit it is matched first
    if source != raw.relation and column.type == "text":  # cheaper to look at each distinct text than to match it
        plain = "FALSE"
    query = f"SELECT DISTINCT {text} FROM {source} r WHERE {cell} IS NOT NULL AND NOT ({plain})"
    of_persons = column.type == "name" and not part
    odd = names_to_read(con, query) if of_persons else [row[0] for row in con.execute(query).fetchall()]
    year = (
        raw.year
        if column.type == "date" and not part and not (odd and has_other_years(con, raw.relation, text, raw.year))
        else None
    )
    readings = read_texts(column, odd, factor, raw.year if part else year, part)
    blank = readings.pop("", None) is not None  # nothing, in every column
    filled = f"nullif({text}, '')" if blank else text
    taken = f"CAST({filled} AS {sql_type})" if plain == "FALSE" else f"TRY_CAST({filled} AS {sql_type})"
    if sql_type == "VARCHAR" and not part:  # what means itself needs no look into the map
        plain, taken = "TRUE", filled
        readings = {text: reading for text, reading in readings.items() if reading != Reading(text)}
    if not readings:
        return Piece(taken, None, "", None, full=not blank and (name in raw.seen.distinct or name in raw.seen.plain))
    looked_up = f"CASE WHEN NOT r.{seen} THEN {text} END" if seen else text
    return _mapped(con, raw, name, column, readings, looked_up, taken if plain != "FALSE" else f"CAST(NULL AS {sql_type})")


def _with_form(con: DuckDBPyConnection, raw: Raw, name: str, piece: Piece, *, asked: bool) -> Piece:
    """Add the form of identity numbers, where a policy asks for it: the few odd ones stand in a small table."""
    if not asked:
        return piece._replace(also="CAST(NULL AS VARCHAR)")
    table, alias = f"{raw.relation}__{name}__forms", f"f_{name}"
    keep(con, table, list_odd_forms(con, f"SELECT {piece.value} AS v FROM {raw.relation} r {piece.join}"))
    form = f"CASE WHEN {piece.value} IS NOT NULL THEN coalesce({alias}.form, '{SOUND}') END"
    if piece.lengthened:
        form = f"CASE WHEN m_{name}.also IS NOT NULL THEN '{OTHER}' ELSE {form} END"
    return piece._replace(also=form, join=f"{piece.join} LEFT JOIN {table} {alias} ON {piece.value} = {alias}.number")


def _unlikely(con: DuckDBPyConnection, raw: Raw, name: str, column: Column, piece: Piece) -> Piece:
    """Do not believe negative amounts, unless their own cell or the row's note says that something was reversed, and some below a yuan."""
    if column.signed and not column.plausible:
        return piece
    source, value = raw.seen.distinct.get(name, raw.relation), piece.value
    least = f"SELECT bool_or({value} < 0), bool_or({value} > 0) FROM {source} r {piece.join} WHERE {value} < 1"
    [(negative, fraction)] = con.execute(least).fetchall()
    if negative and not column.signed:
        texts = [written(f"r.{quote(other)}", raw.sql_types[other]) for other in (name, "note") if other in raw.sql_types]
        said = " OR ".join(f"coalesce(regexp_matches({text}, '{REVERSAL}'), FALSE)" for text in texts)
        piece = disbelieve(piece, f"({value} < 0 AND NOT ({said}))", NEGATIVE, {"note"})
    return doubt_fractions(piece, value) if fraction and column.plausible else piece


def doubt_fractions(piece: Piece, value: str) -> Piece:
    """Do not believe less than a yuan, for a column of which ten at least are likely: 0.05 among 500 may be in ten thousands."""
    return disbelieve(piece, f"({value} > 0 AND {value} < 1)", FRACTION, frozenset())


def disbelieve(piece: Piece, test: str, why: str, asked: Set[str]) -> Piece:
    """Leave the values unread for which a test holds that asks other columns, too."""
    unread = f"coalesce({piece.unread}, FALSE) OR {test}" if piece.unread else test
    value, doubts = f"CASE WHEN NOT {test} THEN {piece.value} END", (*piece.doubts, (test, why))
    return piece._replace(value=value, unread=unread, doubts=doubts, beside=piece.beside | asked)


def _doubted(con: DuckDBPyConnection, raw: Raw, kind: Kind, name: str, piece: Piece) -> Piece:
    """Do not believe amounts of which their rows say that they are something else."""

    def says(column: str, test: str) -> bool:
        # What was seen to be a plain name or number says nothing else; of the others each is asked once.
        return bool(con.execute(f"SELECT 1 FROM {raw.seen.few(column) or raw.relation} r WHERE {test} LIMIT 1").fetchall())

    # Where a test of negative amounts was written, there are some, which may all be disbelieved.
    less = f"SELECT 1 FROM {raw.relation} r {piece.join} WHERE {piece.value} < 0 LIMIT 1"
    texts = {name: written(f"r.{quote(name)}", own) for name, own in raw.sql_types.items()}
    tests = doubts_of(kind, name, texts, raw.factors[name], lambda: not (piece.negative and con.execute(less).fetchall()))
    return doubt(piece, tests, says, signed=kind.columns[name].signed)


def doubt(
    piece: Piece, tests: Iterable[tuple[str, Mapping[str, str]]], says: Callable[[str, str], bool], *, signed: bool
) -> Piece:
    """Do not believe the positive amounts for whose rows a test holds, those with a sign of their own, all.

    Shapes:  `tests` by reason and by the column that they ask; `says` says whether one holds for any text of its column.
    """
    for why, by_column in tests:
        if holding := {name: test for name, test in by_column.items() if says(name, test)}:
            own = f"(coalesce({piece.value} {'<>' if signed else '>'} 0, FALSE) AND ({' OR '.join(holding.values())}))"
            piece = disbelieve(piece, own, why, holding.keys())
    return piece


def _find_repeated(con: DuckDBPyConnection, raw: Raw, types: Mapping[str, str]) -> set[str]:
    """Find the columns of texts that repeat themselves, by one look at the first rows; not those of which no text will be matched, nor
    those that were seen while they were written."""
    unseen = [
        name
        for name, of_type in types.items()
        if of_type in PLAIN
        and raw.factors.get(name, 1) == 1
        and _direct("", raw.sql_types[name], of_type, Decimal(1)) is None
        and not any(name in seen for seen in (*raw.seen, raw.parts, raw.doubled))
    ]
    if not unseen:
        return set()
    counts = ", ".join(f"approx_count_distinct({written(quote(name), raw.sql_types[name])})" for name in unseen)
    [(every, *different)] = con.execute(f"SELECT count(*), {counts} FROM (SELECT * FROM {raw.relation} LIMIT 50000)").fetchall()
    return {name for name, count in zip(unseen, different, strict=True) if count * REPEATS <= every}


def _beyond(con: DuckDBPyConnection, raw: Raw, cell: str, of_type: str) -> bool:
    """Say whether a typed column holds values that are refused as text; its least and greatest value say it."""
    limits = {
        "date": f"CAST(min({cell}) AS DATE) < DATE '1901-01-01' OR CAST(max({cell}) AS DATE) > DATE '{LAST_YEAR}-12-31'",
        "amount": f"min({cell}) <= -{TOO_MUCH} OR max({cell}) >= {TOO_MUCH}",
    }
    if of_type not in limits:
        return False
    [(beyond,)] = con.execute(f"SELECT coalesce({limits[of_type]}, FALSE) FROM {raw.relation} r").fetchall()
    return bool(beyond)


def _direct(cell: str, own: str, wanted: str, factor: Decimal) -> str | None:
    """Take a typed bulk column as it is, where its type already says what the column's type says."""
    if wanted == "date" and (own == "DATE" or own.startswith("TIMESTAMP")):
        return cell if own == "DATE" else f"CAST({in_china(cell, own)} AS DATE)"
    if wanted == "amount" and factor == 1 and own in ("DECIMAL(18,2)", "DECIMAL(10,2)", "DECIMAL(12,2)", "DECIMAL(15,2)"):
        return f"CAST({cell} AS DECIMAL(18,2))"
    if wanted == "flag" and own == "BOOLEAN":
        return cell
    if wanted in ("integer", "year") and own in ("TINYINT", "SMALLINT", "INTEGER") and wanted == "integer":
        return f"CAST({cell} AS BIGINT)"
    return None


def _mapped(
    con: DuckDBPyConnection, raw: Raw, name: str, column: Column, readings: dict[str, Reading], text: str, plain: str
) -> Piece:
    import pyarrow as pa

    table, alias, sql_type = f"{raw.relation}__{name}", f"m_{name}", SQL_TYPES[column.type]
    found: dict[str, Any] = {"raw": text_array(list(readings))}
    for field in ("value", "also", "problem", "what", "remark"):
        found[field] = text_array([getattr(reading, field) for reading in readings.values()])
    con.register("odd_texts", pa.table(found))
    also_type = COMPANION.get(column.type, ("", "VARCHAR"))[1]
    con.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT raw, CAST(value AS {sql_type}) AS value,"
        f" CAST({'also' if column.type in COMPANION else 'NULL'} AS {also_type}) AS also, problem, what, remark FROM odd_texts"
    )
    con.unregister("odd_texts")
    value = f"CASE WHEN {alias}.raw IS NOT NULL THEN {alias}.value ELSE {plain} END"
    inexact = column.type == "percent" or any(r.also != r.value for r in readings.values() if column.type == "date")
    also = f"CASE WHEN {alias}.raw IS NOT NULL THEN {alias}.also ELSE {plain} END" if inexact else None
    unread = f"{alias}.problem <> ''" if any(reading.problem for reading in readings.values()) else None
    remarks = any(reading.remark for reading in readings.values())
    lengthened = any(reading.also == LENGTHENED for reading in readings.values())
    join = f"LEFT JOIN {table} {alias} ON {text} = {alias}.raw"
    return Piece(value, also, join, unread, remarks=remarks, lengthened=lengthened)


def find_unread(typed: Typed) -> Iterator[str]:
    """Give one SELECT for each column with unread cells, code, _input, _row, column, sentence; a remark has no row."""
    raw = typed.raw
    for name, piece in sorted(typed.pieces.items()):
        for test, what in piece.doubts:
            yield f"SELECT 'Q05', r._input, r._row, '{name}', '{what}' FROM {raw.relation} r {piece.join} WHERE {test}"
        if piece.remarks:
            code = "Q07" if piece.lengthened else "Q03"
            yield (
                f"SELECT DISTINCT '{code}', r._input, CAST(NULL AS BIGINT), '{name}', m_{name}.remark FROM {raw.relation} r {piece.join}"
                f" WHERE m_{name}.remark <> ''"
            )
        if piece.unread and piece.join:
            yield (
                f"SELECT m_{name}.problem, r._input, r._row, '{name}', m_{name}.what FROM {raw.relation} r {piece.join}"
                f" WHERE m_{name}.problem <> ''"
            )


def find_blank(view: str, kind: Kind, need: list[str], inputs: list[int]) -> str:
    """Give the SELECT of rows in which none of the alternatives of a required column stands (Q01)."""
    blank = " AND ".join(f"{quote(name)} IS NULL AND _problems & {kind.bit(name)} = 0" for name in need)
    which = ", ".join(map(str, inputs))
    return f"SELECT 'Q01', _input, _row, '{need[0]}', '必填项为空' FROM {view} WHERE _input IN ({which}) AND {blank}"
