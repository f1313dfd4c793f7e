"""Link the versions of one ledger that was sent again, so that only the newest is judged. Policies are unknown here.

A wrong link would hide payments: whatever is not certain stays apart, and a note says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ledgers.differences import Difference, Lines, find_differences, keys_of, list_lines
from ledgers.kinds import Kind
from ledgers.marks import Ground, find_newer, read_marks
from ledgers.sources import Note
from ledgers.tables import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from ledgers.desk import Input

_GROUNDS: dict[Ground, str] = {
    "file_name": "文件名中的日期或版本字样",
    "modified": "工作簿记录的修改时间",
    "mtime": "文件的修改时间",
    "project": "项目文件的约定",
}
MOST_ROWS = 20  # named in a note; all of them stand in the report


class Rules(NamedTuple):
    """Say what the user knows of versions: the newest file of an older one, files that are versions of nothing.

    With `judge_older` versions are linked, and their rows stay where they are.
    """

    newest: Mapping[Path, Path] = {}
    separate: frozenset[Path] = frozenset()
    judge_older: bool = False


class Version(NamedTuple):
    """Link an older input to the newest one, say what decided it, and how their rows differ."""

    older: int
    newest: int
    ground: Ground
    rows: tuple[int, int]
    difference: Difference


class _Pair(NamedTuple):
    older: int
    newer: int
    ground: Ground
    contrary: bool = False


def link_versions(
    con: DuckDBPyConnection,
    tables: Mapping[str, Table],
    inputs: Sequence[Input],
    files: Sequence[Path],
    units: Mapping[int, str],
    rules: Rules,
) -> tuple[list[Version], list[Note]]:
    """Find which inputs are older versions of others: same unit, kind, sheet and name, and most of the same rows.

    Shapes:  `files` names the file of each input, `units` the unit or else the folder of each that may be a version.
    """
    versions: list[Version] = []
    notes: list[Note] = []
    for name, table in tables.items():
        own = [one for one in inputs if one.kind == name and one.rows and files[one.number].is_file()]
        pairs, more = _find_forced(own, files, rules)
        notes += more
        apart = {pair.older for pair in pairs}
        free = [
            one.number
            for one in own
            if one.number in units and one.number not in apart and files[one.number].resolve() not in rules.separate
        ]
        places = _place(free, files, units, table)
        if not places and not pairs:
            continue
        lines = list_lines(
            con, table, {number: places.get(number, "") for number in {*places, *(n for pair in pairs for n in pair[:2])}}
        )
        found, more = _judge_overlaps(con, lines, places, inputs, files, table.kind)
        notes += more
        linked, more = _follow([*pairs, *found], inputs)
        notes += more
        for pair in linked:
            rows = inputs[pair.older].rows, inputs[pair.newer].rows
            difference = find_differences(con, table, lines, pair.older, pair.newer)
            versions.append(Version(pair.older, pair.newer, pair.ground, rows, difference))
            notes.append(_say(versions[-1], inputs, contrary=pair.contrary))
    return sorted(versions, key=lambda version: version.older), notes


def _find_forced(own: Sequence[Input], files: Sequence[Path], rules: Rules) -> tuple[list[_Pair], list[Note]]:
    """Pair the sheets of files of which the user said which is newest."""
    pairs, notes = [], []
    for one in own:
        newest = rules.newest.get(files[one.number].resolve())
        if newest is None:
            continue
        there = [other for other in own if files[other.number].resolve() == newest]
        same = [other for other in there if other.sheet == one.sheet] or (there if len(there) == 1 else [])
        pairs += [_Pair(one.number, other.number, "project") for other in same[:1]]
        if not same:
            what = f"项目文件写明 {newest.name} 是新版，但其中没有与本表对应的工作表；本表仍单独判断。请核对项目文件的 versions。"
            notes.append(_note("high", one, what))
    return pairs, notes


def _place(free: Sequence[int], files: Sequence[Path], units: Mapping[int, str], table: Table) -> dict[int, str]:
    """Place inputs by their unit, where it sent several files; of bulk files, only those whose names say that they are versions."""
    by_unit: dict[str, list[int]] = {}
    for number in free:
        by_unit.setdefault(units[number], []).append(number)
    places: dict[int, str] = {}
    for unit, group in by_unit.items():
        stems = [_stem(files[number], table.kind) for number in group]
        kept = [number for number, stem in zip(group, stems, strict=True) if number not in table.bulk or stems.count(stem) > 1]
        places |= dict.fromkeys(kept, unit) if len({files[number] for number in kept}) > 1 else {}
    return places


def _stem(file: Path, kind: Kind) -> str:
    """Give the name of a file without the marks of a version; of lists of persons as of two days, both are needed."""
    marks = read_marks(file.stem)
    return f"{marks.stem}{marks.day}" if keys_of(kind).persons and marks.stem else marks.stem


def _judge_overlaps(
    con: DuckDBPyConnection, lines: Lines, places: Mapping[int, str], inputs: Sequence[Input], files: Sequence[Path], kind: Kind
) -> tuple[list[_Pair], list[Note]]:
    """Pair inputs that share most of their rows, with the older first; where that is not certain, say why they stay apart."""
    pairs, notes = [], []
    for (a, b), same in sorted(lines.count_shared(con).items() if places else ()):
        one, other = inputs[a], inputs[b]
        if files[a] == files[b] or same * 2 < min(one.rows, other.rows) or not _alike(one, other):
            continue
        newer = find_newer(files[a], files[b])
        older, newest = (other, one) if newer.sign > 0 else (one, other)
        if why := _why_apart(newer.ground, _stem(files[a], kind), _stem(files[b], kind), same, older.rows):
            what = f"与 {one.path} 有 {same} 行相同，但{why}，未作为同一份台账的新旧版本，两份都判断。如确为新旧版本，请在项目文件的 versions 中写明。"
            notes.append(_note("medium", other, what))
        else:
            pairs.append(_Pair(older.number, newest.number, newer.ground, newer.contrary))
    return pairs, notes


def _alike(one: Input, other: Input) -> bool:
    """Say whether two inputs of one sender may be one sheet: no other name of the sheet, no other unit in every row."""
    columns = [own.unit_name for own in (one, other) if own.unit_from == "column"]
    return (one.sheet == other.sheet or None in (one.sheet, other.sheet)) and len(set(columns)) < 2


def _why_apart(ground: Ground, stem: str, other: str, same: int, older_rows: int) -> str:
    if not stem or stem != other:
        return "文件名不同"
    if ground == "contradiction":
        return "文件名中的日期与版本字样互相矛盾，不能确定哪份较新"
    if ground == "nothing":
        return "不能确定哪份较新"
    return "较新的一份缺少较旧一份的大部分行" if same * 2 < older_rows else ""


def _follow(pairs: Sequence[_Pair], inputs: Sequence[Input]) -> tuple[list[_Pair], list[Note]]:
    """Lead each older version to the newest one that it leads to; what leads round in a circle is linked to nothing."""
    newer: dict[int, list[_Pair]] = {}
    for pair in pairs:
        newer.setdefault(pair.older, []).append(pair)
    linked, notes = [], []
    for older, own in newer.items():
        ends, round_about = _ends(older, newer)
        if round_about or len(ends) != 1:
            what = "与几份台账互为新旧版本，不能确定哪份最新，都判断。请在项目文件的 versions 中写明。"
            notes.append(_note("medium", inputs[older], what))
            continue
        [newest] = ends
        direct = next((pair for pair in own if pair.newer == newest), own[0])
        linked.append(direct._replace(newer=newest))
    # A version whose newest is judged is left out; one that leads to an open question is not reached here.
    return linked, notes


def _ends(start: int, newer: Mapping[int, Sequence[_Pair]]) -> tuple[set[int], bool]:
    """Give the inputs that a chain of newer versions ends in, and whether it leads back to itself."""
    ends, seen, path = set[int](), set[int](), [start]
    while path:
        place = path.pop()
        onward = [pair.newer for pair in newer.get(place, ())]
        if start in onward:
            return set(), True
        ends |= set() if onward else {place}
        path += [number for number in onward if number not in seen]
        seen |= set(onward)
    return ends, not ends


def _say(version: Version, inputs: Sequence[Input], *, contrary: bool) -> Note:
    older, newest, found = inputs[version.older], inputs[version.newest], version.difference
    severity = "high" if found.vanished or contrary else "medium" if found.changed else "low"
    ground = _GROUNDS[version.ground]
    doubt = "工作簿记录的修改时间与此相反，请核实哪份是最后报送的。" if contrary else ""
    changed, vanished, added = (row for row, _, _ in found.changed), found.vanished, found.added
    what = (
        f"是 {newest.path} 的旧版（依据：{ground}），只判断新版。旧版 {version.rows[0]} 行，新版 {version.rows[1]} 行："
        f"相同 {found.same}，改动 {_count(changed)}，新版中没有 {_count(vanished)}，新增 {_count(added)}。{doubt}"
    )
    return _note(severity, older, what)


def _count(rows: Iterable[int]) -> str:
    listed = sorted(rows)
    named = "、".join([*map(str, listed[:MOST_ROWS]), *(["…"] if len(listed) > MOST_ROWS else [])])
    return f"{len(listed)}（第 {named} 行）" if listed else "0"


def _note(severity: str, one: Input, what: str) -> Note:
    return Note("Q16", severity, one.path, one.sheet, None, None, None, what)
