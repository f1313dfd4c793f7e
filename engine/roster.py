"""Read the roster of units expected, hold it against what was sent, and call units by their names on it. Policies are unknown here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from declared import Declared, Problem, Refused, check, read
from ledgers.files import read_sheets
from ledgers.fold import fold
from ledgers.headers import NotRecognised, recognise
from ledgers.intake import Intake, Note
from ledgers.kinds import Kind
from ledgers.limits import Unreadable
from ledgers.rows import sort_rows
from ledgers.senders import Expected, Roster, Sender, find_sender
from ledgers.tables import Table, read_more
from ledgers.typed import quote
from policies.model import Strict
from policies.values import Text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = {
    "code": {"zh": "单位代码", "headers": ["代码", "编码", "编号", "单位编码", "单位编号", "工会代码", "工会编码", "工会编号", "组织机构代码", "统一社会信用代码"]},
    "name": {"zh": "单位名称", "headers": ["名称", "单位", "全称", "单位全称", "工会名称", "工会", "基层工会", "基层工会名称", "填报单位", "报送单位"]},
    "aliases": {"zh": "简称", "headers": ["别名", "单位简称", "工会简称", "曾用名", "其他名称", "俗称"]},
}  # fmt: skip
_BETWEEN = re.compile(r"[、,，;；/\n]+")


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str | int) else value


class Unit(Strict):
    """Name a unit that is expected to send ledgers, with other names that it goes by."""

    name: Annotated[Text, Field(min_length=1)]
    code: Text | None = None
    aliases: tuple[Annotated[Text, Field(min_length=1)], ...] = ()


Units = tuple[Annotated[Unit, BeforeValidator(_named, json_schema_input_type=str | Unit)], ...]


class _File(Strict):
    units: Units


def expect(units: Iterable[Unit]) -> Roster:
    """Make a roster that names can be looked up in."""
    return Roster(units=tuple(Expected(unit.name, unit.code, unit.aliases) for unit in units))


def find_repeated(units: Sequence[Unit], place: Declared, key: str = "units") -> Iterator[Problem]:
    """Yield a problem for each code and each whole name that two units of a roster share."""
    seen: set[tuple[str, str]] = set()
    for number, unit in enumerate(units):
        own = ("code", fold(unit.code)) if unit.code else ("name", fold(unit.name))
        if own in seen:
            yield place.problem((key, number), f"{key}: `{unit.code or unit.name}` 写了两次。每个单位只写一次，代码不能相同。")
        seen.add(own)


def read_roster(path: Path) -> tuple[Unit, ...]:
    """Read a roster from YAML (a list under `units`), or from a table with the names, and codes and other names if it has them.

    Raises:  Refused.
    """
    try:
        declared = _read_list(path) if path.suffix.lower() in (".yaml", ".yml") else _read_table(path)
    except OSError as error:
        raise Refused([Problem(str(path), 1, 1, f"单位名单读不了（{error.strerror}）。请检查 --roster 的路径。")]) from error
    except (Unreadable, NotRecognised) as error:
        raise Refused([Problem(str(path), 1, 1, f"单位名单读不了：{error}")]) from error
    units = check(_File, declared).units
    problems = list(find_repeated(units, declared))
    if not units:
        problems.append(Problem(str(path), 1, 1, "单位名单中没有单位。请至少写一个单位名称。"))
    if problems:
        raise Refused(problems)
    return units


def _read_list(path: Path) -> Declared:
    declared = read(path)
    if not isinstance(declared.data, list):
        return declared
    return declared._replace(
        data={"units": declared.data}, places={("units", *key): place for key, place in declared.places.items()}
    )


def _read_table(path: Path) -> Declared:
    """Read the first sheet of a table in which a header names the units; the place of a unit is its row."""
    failure: NotRecognised | None = None
    for sheet in read_sheets(path):
        for names in (("name", "code", "aliases"), ("name",)):
            kind = _kind(names)
            try:
                layout = recognise(sheet.rows, {"roster": kind}, "roster")
            except NotRecognised as error:
                failure = failure or error
                continue
            units, places = list[dict[str, Any]](), dict[tuple[str | int, ...], tuple[int, int]]()
            for row in sort_rows(sheet.rows, layout, kind)[0]:
                cells = {name: row.cells[index].strip() for name, index in layout.fields.items() if index < len(row.cells)}
                places["units", len(units)] = (row.number, 1)
                aliases = [word.strip() for word in _BETWEEN.split(cells.get("aliases", "")) if word.strip()]
                units.append({"name": cells.get("name", ""), "code": cells.get("code") or None, "aliases": aliases})
            return Declared(str(path), {"units": units}, places)
    raise failure or NotRecognised("没有工作表。")


def _kind(names: Sequence[str]) -> Kind:
    columns = {name: {"type": "text", "en": name, **_COLUMNS[name]} for name in names}
    title = {"zh": "单位名单", "en": "Roster of units"}
    return Kind.model_validate(
        {"kind": "roster", "title": title, "required": ["name"], "business_key": ["name"], "columns": columns}
    )


def call_roll(
    intake: Intake, units: Sequence[Unit], notes: Iterable[Note], in_rows: Callable[[Table], set[str]]
) -> Mapping[str, Any] | None:
    """Say which units of the roster sent nothing, or nothing that could be read, and which units sent something and stand on no roster.

    A unit has sent something if it is the unit of a file with rows, or of a version of one, or stands in a row's column of
    the unit, which `in_rows` lists. `notes` are those of the intake, with the files that could not be read.
    """
    if not units:
        return None
    roster = expect(units)
    named = {one.unit_name for one in intake.inputs if one.unit_from in ("title", "column")}
    sent = set(named)
    for one, sender in zip(intake.inputs, intake.senders, strict=True):
        sent |= {sender.name} if one.rows or one.version_of else set()
        named |= {sender.name} if sender.origin == "title" or fold(sender.name).endswith(("工会", "工会委员会")) else set()
    for table in intake.tables.values():
        found = in_rows(table)
        named, sent = named | found, sent | found
    there = set[Expected]().union(*(roster.find(name) for name in sent if name))
    unread = {sender.name for note in notes if note.fatal and (sender := sender_of_note(roster, note)).name}
    tried = set[Expected]().union(*(roster.find(name) for name in unread)) - there
    missing = [unit for unit in roster.units if unit not in there | tried]
    return {
        "expected": len(units),
        "sent_nothing": _listed(missing),
        "sent_unread": _listed(unit for unit in roster.units if unit in tried),
        "not_on_roster": sorted(name for name in named if name and not roster.find(name)),
        "ambiguous": sorted(name for name in named if len(roster.find(name)) > 1),
    }


def _listed(units: Iterable[Expected]) -> list[dict[str, str | None]]:
    return [{"code": unit.code, "name": unit.name} for unit in units]


def list_units(con: DuckDBPyConnection, table: Table) -> set[str]:
    """List the units that stand in the rows of a ledger."""
    column = table.kind.unit
    if not column or len(table.absent[column]) == len(table.inputs):
        return set()
    whole = read_more(con, table, {column})
    return {name for (name,) in con.execute(f"SELECT DISTINCT {quote(column)} FROM {whole.view}").fetchall() if name}


def sender_of_note(roster: Roster, note: Note) -> Sender:
    """Say who sent a file that could not be read, as far as its name and its folder say it."""
    return find_sender(roster, "", Path(note.path), note.sheet, str(Path(note.path).parent))


def name_units(con: DuckDBPyConnection, roster: Roster) -> None:
    """Call the units of the table `found` by their names on the roster, however they were written in the rows."""
    if not roster.units:
        return
    written = [unit for (unit,) in con.execute("SELECT DISTINCT unit FROM found WHERE unit IS NOT NULL").fetchall()]
    called = [(unit, name) for unit in written if (name := roster.called(unit)) != unit]
    con.execute("CREATE TEMP TABLE called (written VARCHAR, name VARCHAR)")
    if called:
        con.executemany("INSERT INTO called VALUES (?, ?)", called)
    con.execute("UPDATE found SET unit = c.name FROM called c WHERE found.unit = c.written")
