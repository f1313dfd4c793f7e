"""Read a workbook of parameters back into the policy files of its pack, and change nothing else there.

Every problem of every cell is said at once, and then nothing is written.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any, Literal, NamedTuple

from declared import Problem, Refused, nearest
from engine.names import parse_like
from engine.parameter_book import CLAUSES, OWN, SHEET, TITLES, Pack, open_pack
from ledgers.dates import read_date
from ledgers.files import read_sheets
from ledgers.fold import fold
from ledgers.limits import Unreadable
from ledgers.sheets import Sheet, column_letters
from policies.edit_values import edit_values
from policies.model import Parameter
from policies.parameters import Line, change, find_faults, lines_of


class _Row(NamedTuple):
    """Hold one row of the sheet: its number and the text of each column."""

    number: int
    cells: Mapping[str, str]


class _Place(NamedTuple):
    """Place problems at the cells of a sheet."""

    path: str
    letters: Mapping[str, int]

    def problem(self, row: int, column: str, what: str) -> Problem:
        """Say what is wrong with a cell, by its sheet and its name."""
        at = self.letters.get(column, 0)
        return Problem(self.path, row, at + 1, f"{SHEET}!{column_letters(at)}{row}（{TITLES[column]}）：{what}")


def read_book(pack: Pack, path: Path) -> dict[Path, str]:
    """Read a workbook back and give the new text of each file of the pack that changes.

    Raises:  Refused with every problem of every cell, or of the pack as it would be.
    """
    place, rows = _read_rows(path)
    problems: list[Problem] = []
    new: dict[tuple[str, str], list[tuple[int, Line]]] = {}
    spoilt = set[tuple[str, str]]()
    for row in rows:
        known = _parameter(pack, row, place, problems)
        if known is None:
            continue
        key, parameter = (row.cells["code"], row.cells["parameter"]), known
        before = len(problems)
        line = _read_line(row, parameter, len(pack.own[key[0]].policy.citations), place, problems)
        if line is not None:
            new.setdefault(key, []).append((row.number, line))
        if len(problems) > before:
            spoilt.add(key)
    changes: dict[str, dict[str, Any]] = {}
    for code, loaded in pack.own.items():
        for name, parameter in loaded.own_parameters.items():
            old, given = lines_of(parameter), new.get((code, name), [])
            lines = [line for _, line in given]
            found = (
                [*_repeated(given, place), *_as_a_whole(code, name, parameter, given, place)]
                if (code, name) not in spoilt
                else []
            )
            problems += found
            if not found and (changed := change(old, lines)) != ({}, {}):
                changes.setdefault(code, {})[name] = changed
    if problems:
        raise Refused(problems)
    texts = {pack.file(code): edit_values(_text(pack.file(code)), str(pack.file(code)), own) for code, own in changes.items()}
    _try_out(pack, texts)
    return texts


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")  # with its line ends and its mark, as they are


def _read_rows(path: Path) -> tuple[_Place, list[_Row]]:
    try:
        sheets = read_sheets(path)
    except (Unreadable, OSError) as error:
        raise Refused([Problem(str(path), 1, 1, str(error))]) from error
    sheet = next((one for one in sheets if one.name == SHEET), None)
    if sheet is None:
        what = f"没有工作表“{SHEET}”。请用 --output 写出的工作簿。 / no sheet `{SHEET}`: use a workbook written with --output."
        raise Refused([Problem(str(path), 1, 1, what)])
    return _laid_out(path, sheet)


def _laid_out(path: Path, sheet: Sheet) -> tuple[_Place, list[_Row]]:
    heads = [fold(cell) for cell in sheet.rows[0]] if sheet.rows else []
    letters = {column: heads.index(title) for column, title in TITLES.items() if title in heads}
    missing = [
        Problem(str(path), 1, 1, f"{SHEET}!第 1 行：没有列“{title}”。请恢复表头。 / the column is missing; restore the header.")
        for column, title in TITLES.items()
        if column not in letters
    ]
    if missing:
        raise Refused(missing)
    rows = []
    for number, cells in enumerate(sheet.rows[1:], start=2):
        own = {column: cells[at].strip() if at < len(cells) else "" for column, at in letters.items()}
        if any(own.values()):
            rows.append(_Row(number, own))
    return _Place(str(path), letters), rows


def _parameter(pack: Pack, row: _Row, place: _Place, problems: list[Problem]) -> Parameter | None:
    """Find the parameter of a row; what is only shown must be as it was written."""
    code, name = row.cells["code"], row.cells["parameter"]
    if code not in pack.own:
        hint = nearest(code, pack.own) or f"可用：{'、'.join(pack.own)}。"
        problems.append(place.problem(row.number, "code", f"这个包里没有规则“{code}”。{hint} / no such policy in the pack."))
        return None
    known = pack.own[code].own_parameters
    if name not in known:
        hint = nearest(name, known) or f"可用：{'、'.join(known) or '无'}。"
        problems.append(place.problem(row.number, "parameter", f"{code} 没有参数“{name}”。{hint} / no such parameter."))
        return None
    for column, shown in (("zh", known[name].zh), ("unit", known[name].unit)):
        if row.cells[column] not in ("", shown):
            what = f"只供对照，不能在这里改（应为“{shown}”）。请恢复，或改规则文件。 / shown only; change it in the policy file."
            problems.append(place.problem(row.number, column, what))
    return known[name]


def _read_line(row: _Row, parameter: Parameter, citations: int, place: _Place, problems: list[Problem]) -> Line | None:
    """Read the cells of a row; None for a row in which no value stands yet, and for one with a problem."""
    cells = row.cells
    if not any(cells[name] for name in ("number", "region", "from", "to", "value", "citation")):
        return None
    before = len(problems)

    def fault(column: str, what: str) -> None:
        problems.append(place.problem(row.number, column, what))

    number, values = None, parameter.values
    if cells["number"]:
        number = int(cells["number"]) if re.fullmatch("[0-9]{1,4}", cells["number"]) else 0
        if not 1 <= number <= len(values):
            fault(
                "number",
                f"没有第“{cells['number']}”个值，现有 {len(values)} 个。新增的行请把序号留空。 / no value of this number.",
            )
    days = {name: _read_day(cells[name]) for name in ("from", "to") if cells[name]}
    for name in (name for name, day in days.items() if day is None):
        fault(name, f"“{cells[name]}”不是一个确定的日期。请写成 2021-01-01。 / no day.")
    classes = _read_classes(cells["by"], parameter)
    if isinstance(classes, str):
        fault("by", classes)
    citation = _read_citation(cells["citation"])
    if citation == "" or (isinstance(citation, int) and citation >= max(citations, 1)):
        fault(
            "citation",
            f"没有依据“{cells['citation']}”。可用 0 至 {max(citations, 1) - 1}（见工作表“{CLAUSES}”）或“{OWN}”。 / no such citation.",
        )
    try:
        value = _read_value(cells["value"], parameter)
        if why := parameter.refuses(value):
            fault("value", f"{why}。 / this value does not do.")
    except ValueError as error:
        fault("value", str(error))
    if len(problems) > before or isinstance(classes, str) or citation == "":
        return None
    region = cells["region"] or None
    return Line(number, classes, region, days.get("from"), days.get("to"), value, citation)


def _read_day(text: str) -> date | None:
    folded = fold(text)
    read = read_date(folded)
    return (
        date.fromisoformat(read.value)
        if read.value and read.also in (None, read.value) and re.match("[0-9]{4}[-./年]", folded)
        else None
    )


def _read_citation(text: str) -> int | Literal["own", ""] | None:
    """Read which clause set a value; a blank text for what is none."""
    if text in (OWN, "own"):
        return "own"
    return None if not text else int(text) if re.fullmatch("[0-9]{1,3}", text) else ""


def _read_classes(text: str, parameter: Parameter) -> tuple[tuple[str, str], ...] | str:
    """Read the classes of a value, in the order of the parameter; a sentence where they are not those that it asks for."""
    pairs = [part.replace("＝", "=").partition("=") for part in re.split("[;；]", text) if part.strip()]
    found = {name.strip(): value.strip() for name, _, value in pairs}
    if found and len(found) == len(pairs) and set(found) == set(parameter.by) and all(found.values()):
        return tuple((name, found[name]) for name in parameter.by)
    if not pairs and not parameter.by:
        return ()
    wanted = "；".join(f"{name}=取值" for name in parameter.by) or "空"
    return f"“{text}”不是这个参数的分类。应为：{wanted}。 / not the classes of this parameter."


def _read_value(text: str, parameter: Parameter) -> Any:
    if not text:
        raise ValueError("没有填值。请填写；不需要的新增行请整行清空。 / the value is blank.")
    if isinstance(parameter.shown, date):
        day = _read_day(text)
        if day is None:
            raise ValueError(f"“{text}”不是一个确定的日期。请写成 2021-01-01。 / no day.")
        return day
    if isinstance(parameter.shown, str):
        return text
    try:
        return parse_like(parameter.shown, fold(text))
    except ValueError:
        what = f"“{text}”不是数字。请写成不带单位、千分位的阿拉伯数字，例如 {parameter.shown}。 / not a number in plain digits."
        raise ValueError(what) from None


def _repeated(given: Sequence[tuple[int, Line]], place: _Place) -> Iterator[Problem]:
    seen: dict[int, int] = {}
    for row, line in given:
        if line.number is not None and (first := seen.setdefault(line.number, row)) != row:
            what = f"序号 {line.number} 在第 {first} 行已经有了。新增的行请把序号留空。 / this number stands twice."
            yield place.problem(row, "number", what)


def _as_a_whole(
    code: str, name: str, parameter: Parameter, given: Sequence[tuple[int, Line]], place: _Place
) -> Iterator[Problem]:
    """Place what is wrong with a parameter as a whole; a row that is gone is told of at the sheet."""
    lines = [line for _, line in given]
    for line, column, what in find_faults(parameter, lines_of(parameter), lines):
        if line is None:
            yield Problem(place.path, given[0][0] if given else 1, 1, f"{SHEET}：{code}.{name} {what}")
        else:
            yield place.problem(next(row for row, own in given if own is line), column, what)


def _try_out(pack: Pack, texts: Mapping[Path, str]) -> None:
    """Load the pack as it would be, from a copy.

    Raises:  Refused.
    """
    if not texts:
        return
    with tempfile.TemporaryDirectory(prefix="fundcheck-") as scratch:
        copy = Path(scratch) / pack.folder.resolve().name
        copytree(pack.folder, copy)
        for path, text in texts.items():
            (copy / path.name).write_bytes(text.encode())
        try:
            open_pack(str(copy))
        except Refused as refused:
            own = (problem._replace(path=problem.path.replace(str(copy), str(pack.folder))) for problem in refused.problems)
            raise Refused(own) from refused


def write_texts(texts: Mapping[Path, str]) -> None:
    """Write the changed files, each as a whole.

    Raises:  Refused.
    """
    for path, text in texts.items():
        beside = path.with_name(f".{path.name}.new")
        try:
            beside.write_bytes(text.encode())
            beside.replace(path)
        except OSError as error:
            what = f"无法写入（{error.strerror}）。请检查权限后重试。 / cannot be written."
            raise Refused([Problem(str(path), 1, 1, what)]) from error
