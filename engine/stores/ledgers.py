"""Recognise the relations of a store as ledgers, by the names of their columns, and note what cannot be read in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.stores.columns import type_relation
from engine.stores.shelf import Shelf
from engine.stores.store import Relation
from ledgers.doubts import doubt_units_of, plausible, telling_texts
from ledgers.headers import Layout, NotRecognised, recognise, unread_capitals
from ledgers.intake import Input, Intake, Note
from ledgers.kinds import Kind
from ledgers.openings import open_questions
from ledgers.reversals import pair_reversals, reversals, say_reversals, select_reversals
from ledgers.senders import Sender
from ledgers.sources import refusal
from ledgers.tables import Table, describe_table, lay_out_notes
from ledgers.typed import FREE_TEXT, Raw, Typed, find_blank, find_unread, quote, select

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def take_ledgers(
    con: DuckDBPyConnection,
    shelf: Shelf,
    kinds: Mapping[str, Kind],
    wanted: Mapping[str, set[str]],
    said: Mapping[str, str | None],
) -> Intake:
    """Take the relations of a store for ledgers, typed where they lie.

    Shapes:  `said` names the relations to read, as reports show them, with their kind or None; where it is empty, all that are
             recognised. Notes of single cells go into the table `cell_notes`, as those of files do.
    Raises:  StoreFailed.
    """
    lay_out_notes(con)
    inputs: list[Input] = []
    notes: list[Note] = []
    parts: dict[str, list[Typed]] = {}
    there = {relation.shown: relation for relation in shelf.store.relations()}
    notes += [refusal(shown, "数据库中没有这张表，或没有读取权限。请核对名称。") for shown in said if shown not in there]
    for relation in (there[shown] for shown in (said or there) if shown in there):
        try:
            layout = unread_capitals(recognise([list(relation.columns)], kinds, said.get(relation.shown)))
        except NotRecognised as error:
            notes.append(_not_a_ledger(relation, str(error), asked=relation.shown in said))
            continue
        kind, number = kinds[layout.kind], len(inputs)
        raw = _take(shelf, relation, layout, number)
        layout = _doubt_units(shelf, raw, layout, kind)
        raw = raw._replace(doubled=layout.unreadable)
        rows = shelf.ask(f"SELECT count(*) FROM {raw.relation}")[0][0]
        inputs.append(_input(relation, layout, number, rows))
        notes += open_questions(layout, kind, relation.shown, None)
        if rows == 0:
            notes.append(refusal(relation.shown, "表中没有数据行（0 行）。请确认数据是否已导入。", None, "Q01"))
        parts.setdefault(kind.kind, []).append(type_relation(shelf, raw, kind, _columns(kind, raw, wanted.get(kind.kind, set()))))
    tables = {name: _table(con, shelf, kinds[name], own, inputs) for name, own in parts.items()}
    _note_cells(con, shelf, tables)
    senders = tuple(Sender(one.unit_name, one.unit_from) for one in inputs)
    return Intake(tuple(inputs), tables, tuple(notes), senders=senders)


def list_units_there(shelf: Shelf, table: Table) -> set[str]:
    """List the units that stand in the rows of a ledger."""
    column = table.kind.unit
    if not column or not any(column in part.raw.sql_types for part in table.parts):
        return set()
    parts = [part.raw for part in table.parts if column in part.raw.sql_types]
    texts = {
        text for raw in parts for (text,) in shelf.ask(f"SELECT DISTINCT CAST({quote(column)} AS VARCHAR) FROM {raw.relation}")
    }
    return {text.strip() for text in texts if text and text.strip()}


def _note_cells(con: DuckDBPyConnection, shelf: Shelf, tables: Mapping[str, Table]) -> None:
    cells = [
        cell for table in tables.values() for part in table.parts for query in find_unread(part) for cell in shelf.ask(query)
    ]
    cells += [cell for table in tables.values() for cell in _blank(shelf, table)]
    if cells:
        con.executemany("INSERT INTO cell_notes VALUES (?, ?, ?, ?, ?)", cells)


def _not_a_ledger(relation: Relation, why: str, *, asked: bool) -> Note:
    """Note a relation that is not judged: what was asked for by name cannot be passed over."""
    if asked:
        return refusal(relation.shown, why, None, "Q09")
    return Note("Q09", "low", relation.shown, None, None, None, None, "列名不像任何台账，未读取。")


def _take(shelf: Shelf, relation: Relation, layout: Layout, number: int) -> Raw:
    """Put the view of a relation on the shelf: place of each row, and the columns of the kind under their own names."""
    headers = list(relation.columns)
    picked = {field: relation.columns[headers[index]] for field, index in layout.fields.items()}
    columns = "".join(f", {sql} AS {quote(field)}" for field, (_, sql) in picked.items())
    name = f"raw_{number}"
    shelf.views[name] = f"SELECT CAST({number} AS INTEGER) AS _input, {relation.row} AS _row{columns} FROM {relation.name} t"
    types = {field: own for field, (own, _) in picked.items()}
    return Raw(name, (number,), layout.factors, types, layout.unreadable, year=layout.year, parts=layout.parts)


def _doubt_units(shelf: Shelf, raw: Raw, layout: Layout, kind: Kind) -> Layout:
    """Hold the unit of amounts against them."""

    def texts(name: str) -> list[str]:
        text = f"CAST(r.{quote(name)} AS VARCHAR)"
        number = f"CASE WHEN regexp_matches({text}, '^[0-9]{{1,12}}([.][0-9]{{1,6}})?$') THEN CAST({text} AS DECIMAL(18,6)) END"
        fits = plausible(number, name, layout, kind)
        return telling_texts(shelf.ask, f"{raw.relation} r WHERE TRUE", text, fits, stated=bool(layout.units.get(name)))

    return doubt_units_of(layout, kind, texts)


def _input(relation: Relation, layout: Layout, number: int, rows: int) -> Input:
    return Input(
        number, relation.shown, None, layout.kind, rows, "", None, relation.unit, "schema", None, layout.headers, {},
        layout.unit_from if layout.factors else "", layout,
    )  # fmt: skip


def _columns(kind: Kind, raw: Raw, wanted: set[str]) -> list[str]:
    """Name the columns to type: dates, amounts, codes, identities always; free text only where a policy reads it."""
    return [name for name in raw.sql_types if name in wanted or kind.columns[name].type not in FREE_TEXT]


def _table(con: DuckDBPyConnection, shelf: Shelf, kind: Kind, parts: list[Typed], inputs: Sequence[Input]) -> Table:
    present = tuple(name for name in kind.columns if any(name in part.raw.sql_types for part in parts))
    parts = [part._replace(columns=present) for part in parts]
    view = f"ledger_{kind.kind}"
    union = " UNION ALL ".join(select(part, kind, part.raw.relation) for part in parts)
    netted = _net_reversals(con, shelf, kind, parts, union)
    shelf.define(view, netted or union)
    rows = sum(inputs[number].rows for part in parts for number in part.raw.inputs)
    return describe_table(kind, view, parts, rows, netted=bool(netted))


def _net_reversals(con: DuckDBPyConnection, shelf: Shelf, kind: Kind, parts: Sequence[Typed], union: str) -> str:
    """Write the view of a ledger with the marks of rows in red ink, and of those that they cancel; nothing where there are none."""
    if not any(piece.negative for part in parts for name, piece in part.pieces.items() if name == kind.nets):
        return ""
    present = {name for part in parts for name in part.pieces}
    whole = shelf._replace(views={**shelf.views, "unnetted": union})
    marked = pair_reversals(whole.ask(select_reversals(kind, "unnetted", present)))
    if not marked:
        return ""
    columns = zip(*((str(place), str(row), str(mark)) for (place, row), mark in marked.items()), strict=True)
    shelf.lent[reversals(kind)] = dict(zip(("_input", "_row", "_netted"), map(list, columns), strict=True))
    con.executemany("INSERT INTO cell_notes VALUES ('Q05', ?, NULL, ?, ?)", say_reversals(kind, marked))
    same = "CAST(n._input AS INTEGER) = v._input AND CAST(n._row AS BIGINT) = v._row"
    return f"SELECT v.*, CAST(n._netted AS INTEGER) AS _netted FROM ({union}) v LEFT JOIN {reversals(kind)} n ON {same}"


def _blank(shelf: Shelf, table: Table) -> Iterator[tuple[str, int, int, str, str]]:
    """Yield the rows in which none of the alternatives of a required column stands."""
    for need in table.kind.required:
        names = [name for name in ([need] if isinstance(need, str) else need) if name in table.columns]
        typed = names and all(name in part.pieces or name not in part.raw.sql_types for part in table.parts for name in names)
        if typed:
            yield from shelf.ask(find_blank(table.view, table.kind, names, list(table.inputs)))
