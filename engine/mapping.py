"""Write what was seen of ledgers: as a page to read, as a document, and as a mapping to paste into the project file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.check import connect
from engine.project import ask, find_project
from ledgers.bulk import open_scratch
from ledgers.english import in_english
from ledgers.inspect import CAPITALS, Seen, Shape, inspect
from ledgers.kinds import Kind, load_kinds
from ledgers.sources import Note, find_sources

MOST_FILES = 5  # named for each layout on the screen


def look_into(project: str | None, given: Mapping[str, Any]) -> tuple[list[Shape], list[Note], Mapping[str, Kind]]:
    """Look into ledgers as a check would read them by the same project file; give what was seen, notes, the kinds.

    Raises:  Refused with every problem of the project file.
    """
    kinds = load_kinds()
    request = ask(Path(project) if project else find_project(str(_named(given)[0])), given, None)
    sources, passed_over = find_sources(request.paths, request.said, request.mapped)
    con = connect()
    try:
        with open_scratch(con) as scratch:
            shapes, notes = inspect(con, sources, kinds, known=request.known, encoding=request.encoding, scratch=scratch)
    finally:
        con.close()
    return shapes, sorted([*passed_over, *notes], key=lambda note: (note.path, note.sheet or "", note.row or 0, note.code)), kinds


def _named(given: Mapping[str, Any]) -> list[Any]:
    return [*given["paths"], *(place.partition("#")[0] for _, place in given["said"])]


def understood(shapes: Sequence[Shape], notes: Sequence[Note]) -> bool:
    """Say whether all of it was read."""
    return bool(shapes) and all(shape.understood for shape in shapes) and not any(note.fatal for note in notes)


def write_mapping(shapes: Iterable[Shape], kinds: Mapping[str, Kind]) -> str:
    """Write the `ledgers` of a project file: an entry for each layout, which serves every sheet with these headers.

    What is a guess and not needed stands in comments; a guess without which nothing is read is written out, to be verified.
    """
    return "".join(["ledgers:\n", *(line for shape in shapes for line in _entry(shape, kinds))])


def _entry(shape: Shape, kinds: Mapping[str, Kind]) -> Iterator[str]:
    """Write the entry of a layout; where several kinds fit, all of it stands in comments, as nobody but the user can choose."""
    lines = _lines(shape, kinds)
    yield from (f"  # {line[2:]}" for line in lines) if len(shape.kinds) > 1 else lines


def _lines(shape: Shape, kinds: Mapping[str, Kind]) -> Iterator[str]:
    kind = kinds[shape.kinds[0]]
    texts = list(shape.texts)
    while texts and not texts[-1]:
        texts.pop()
    yield f"  - layout: [{', '.join(map(_quoted, texts))}]\n"
    others = (
        f"  # 或 / or: {', '.join(shape.kinds[1:])}；选定后去掉各行的 # / choose, then uncomment" if len(shape.kinds) > 1 else ""
    )
    yield f"    kind: {kind.kind}{others}\n"
    if shape.unsure:
        yield "    # unit: 元  # 金额单位未写明，核对后去掉行首的 # / verify the unit of money, then uncomment\n"
    lines = [line for column in shape.columns for line in _header_line(shape, column, kind)]
    if lines:
        yield "    headers:\n" if any(line.strip()[0] != "#" for line in lines) else "    # headers:\n"
        yield from lines
    else:
        known = ", ".join(f"{_key(shape, column)}: {column.field}" for column in shape.columns if column.field)
        yield f"    # headers: {{{known}}}\n"


def _header_line(shape: Shape, column: Seen, kind: Kind) -> Iterator[str]:
    """Write what is open about a column: which one is meant of several, or what an unknown one may be."""
    key = _key(shape, column)
    if column.field in shape.doubled:
        yield f"      # {key}: {column.field}  # 重复，选一列 / twice: choose one\n"
    elif column.proposed:
        others = f" / 或 or: {', '.join(column.proposed[1:])}" if column.proposed[1:] else ""
        mark = "# " if shape.recognised else ""
        yield f"      {mark}{key}: {column.proposed[0]}  # 请核对 verify: {kind.columns[column.proposed[0]].zh}{others}\n"


def _key(shape: Shape, column: Seen) -> str:
    """Name a column by its header, or by its letter where it has none of its own."""
    return _quoted(column.header if column.header and shape.texts.count(column.header) == 1 else f"{column.letter}列")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def describe(shapes: Sequence[Shape], notes: Sequence[Note], kinds: Mapping[str, Kind], lang: str) -> str:
    """Write a page: each layout with its sheets and columns, then what could not be read, then the mapping."""
    return "\n".join(
        [line for number, shape in enumerate(shapes, start=1) for line in _page(number, shape, kinds, lang)]
        + _problems(notes, lang)
        + (_to_paste(shapes, kinds, lang) if shapes else [])
    )


def _page(number: int, shape: Shape, kinds: Mapping[str, Kind], lang: str) -> Iterator[str]:
    english = lang == "en"
    names = " / ".join(f"{name} {kinds[name].title.in_(lang)}" for name in shape.kinds)
    state = (
        ("" if shape.recognised else "not recognised, perhaps: ") if english else ("" if shape.recognised else "未识别，可能是：")
    )
    rows = sum(rows for _, _, rows in shape.sheets)
    counted = f"{len(shape.sheets)} sheets, {rows} rows" if english else f"{len(shape.sheets)} 个工作表，{rows} 行"
    yield f"[{number}] {state}{names}  ({counted})"
    for path, sheet, _ in shape.sheets[:MOST_FILES]:
        yield f"    {path}{f'#{sheet}' if sheet else ''}"
    if len(shape.sheets) > MOST_FILES:
        yield f"    … +{len(shape.sheets) - MOST_FILES}"
    for column in shape.columns:
        yield f"  {column.letter:>3}  {' '.join(column.header.split()) or '—'}  →  {_taken_for(column, kinds[shape.kinds[0]], lang)}"
        if column.examples:
            yield f"         {'such as' if english else '例'}: {' | '.join(column.examples)}"
        if column.blank or column.unread:
            blank, unread = ("blank", "not understood") if english else ("空", "未读懂")
            yield f"         {blank} {column.blank}, {unread} {column.unread} / {column.cells}"
        if column.odd:
            shown = " | ".join(f"{text} ×{count}" for text, count in column.odd)
            yield f"         {'not understood' if english else '未读懂'}: {shown}"
    yield ""


def _taken_for(column: Seen, kind: Kind, lang: str) -> str:
    if column.field:
        unit = f", {column.unit}" if column.unit else ""
        own = kind.columns[column.field]
        return f"{column.field} ({own.en if lang == 'en' else own.zh}, {column.type}{unit})"
    if column.type == CAPITALS:
        return "held against the figures" if lang == "en" else "大写金额，与小写核对"
    nothing = "not read" if lang == "en" else "未读取"
    near = ", ".join(column.proposed)
    return f"{nothing}; {'near to' if lang == 'en' else '接近'} {near}" if near else nothing


def _problems(notes: Sequence[Note], lang: str) -> list[str]:
    """List notes of whole files, sheets and headers; those of single cells are counted with their columns."""
    loud = [note for note in notes if note.fatal or (note.code in ("Q06", "Q09", "Q12") and note.severity in ("high", "medium"))]
    lines = []
    for note in loud:
        place = "".join((note.path, f"#{note.sheet}" if note.sheet else "", f" {note.cell}" if note.cell else ""))
        lines.append(f"{note.code} {place}: {in_english(note.message) if lang == 'en' else note.message}")
    title = "Could not be read, or is in doubt:" if lang == "en" else "读不了或有疑问："
    return [title, *lines, ""] if lines else []


def _to_paste(shapes: Sequence[Shape], kinds: Mapping[str, Kind], lang: str) -> list[str]:
    told = "# Verify, and paste into fundcheck.yaml:" if lang == "en" else "# 核对后粘贴到 fundcheck.yaml："
    return [told, write_mapping(shapes, kinds)]


def document(shapes: Sequence[Shape], notes: Sequence[Note], kinds: Mapping[str, Kind], lang: str) -> str:
    """Write the same as a JSON document."""
    whole = {
        "layouts": [
            {
                "kinds": list(shape.kinds),
                "recognised": shape.recognised,
                "understood": shape.understood,
                "headers": list(shape.texts),
                "sheets": [{"path": path, "sheet": sheet, "rows": rows} for path, sheet, rows in shape.sheets],
                "columns": [
                    {**column._asdict(), "odd": [{"text": text, "count": count} for text, count in column.odd]}
                    for column in shape.columns
                ],
            }
            for shape in shapes
        ],
        "notes": [{**note._asdict(), "message": in_english(note.message) if lang == "en" else note.message} for note in notes],
        "mapping": write_mapping(shapes, kinds) if shapes else "",
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)
