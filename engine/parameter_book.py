"""Write the parameters of a pack into a workbook: a row a value, the clauses that they cite by number, and how to fill it in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from ledgers.written import new_book
from policies.load import PACKS, Library, Loaded, load_library, shipped_packs
from policies.parameters import COLUMNS, lines_of

SHEET, CLAUSES, GUIDE = "参数", "依据", "说明"
OWN = "自定"  # a limit of one's own, that no clause set
TITLES = dict(
    zip(COLUMNS, ("规则编号", "参数", "序号", "含义", "计量单位", "分类", "地区", "起", "止", "值", "依据序号"), strict=True)
)
_GUIDE = (
    "每行是一个参数的一个值。可以改：分类、地区、起、止、值、依据序号；规则编号、参数、序号、含义、计量单位只供对照，请不要改。",
    "增加一个值：插入一行，填规则编号、参数和值，序号留空；地区、起、止为空表示不限，依据序号见工作表“依据”，自己定的写“自定”。",
    "不要删除行。一个值到某天为止不再适用，请填“止”。分类写成 名称=取值，几个之间用分号。",
    "日期写成 2021-01-01；值只写数字，不带单位、千分位，不写汉字。改好后运行 fundcheck policies parameters --from 本文件。",
)


class Pack(NamedTuple):
    """Hold a pack that is at hand as a folder: its own policies by code, and the register they cite."""

    folder: Path
    library: Library
    own: dict[str, Loaded]

    def file(self, code: str) -> Path:
        """Give the file of a policy."""
        return self.folder / f"{self.own[code].policy.id}.yaml"


def open_pack(name: str) -> Pack:
    """Load a pack by its folder, or by name if it is shipped.

    Raises:  Refused.
    """
    folder = PACKS / name if name in shipped_packs() else Path(name)
    library = load_library([name], core=folder.resolve().name != "core")
    own = {loaded.policy.code: loaded for loaded in library.layers if loaded.pack == folder.resolve().name}
    return Pack(folder, library, own)


def write_book(pack: Pack) -> bytes:
    """Write the workbook: the parameters, the clauses that they cite by number, and how to fill it in."""
    out = io.BytesIO()
    book = new_book(out)
    styles = {"head": book.add_format({"bold": True, "bg_color": "#DDEBF7"}), "date": book.add_format({"num_format": "yyyy-mm-dd"}),
              "text": book.add_format({"num_format": "@"}), "fixed": book.add_format({"font_color": "#7F7F7F", "num_format": "@"})}  # fmt: skip
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 0)
    widths = (9, 12, 6, 30, 9, 26, 14, 12, 12, 14, 9)
    for place, (column, width) in enumerate(zip(COLUMNS, widths, strict=True)):
        own = {"from": "date", "to": "date", "by": "text", "region": "text"}.get(column)
        sheet.set_column(place, place, width, styles[own] if own else None)
        sheet.write_string(0, place, TITLES[column], styles["head"])
    for number, values in enumerate(_table(pack), start=1):
        for place, (column, value) in enumerate(zip(COLUMNS, values, strict=True)):
            _write(sheet, number, place, value, styles["date" if isinstance(value, date) else _style(column)])
    _list_clauses(book, pack, styles["head"])
    guide = book.add_worksheet(GUIDE)
    for place, line in enumerate(_GUIDE):
        guide.write_string(place, 0, line)
    book.close()
    return out.getvalue()


def _style(column: str) -> str:
    return "fixed" if column in COLUMNS[:5] else "text"


def _table(pack: Pack) -> Iterator[tuple[object, ...]]:
    for code, loaded in pack.own.items():
        for name, parameter in loaded.own_parameters.items():
            head = (code, name)
            if not parameter.values:
                classes = "；".join(f"{one}=" for one in parameter.by)
                yield *head, None, parameter.zh, parameter.unit, classes, None, None, None, None, None
            for line in lines_of(parameter):
                classes = "；".join(f"{one}={value}" for one, value in line.classes)
                rest = (classes, line.region, line.start, line.end, line.value, OWN if line.citation == "own" else line.citation)
                yield *head, line.number, parameter.zh, parameter.unit, *rest


def _write(sheet: Any, row: int, column: int, value: object, style: Any) -> None:
    """Write a cell so that it is read as the same value: a number that a spreadsheet would round goes as text."""
    if value is None:
        return
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    elif isinstance(value, int | Decimal) and Decimal(f"{float(value):.15g}") == value:
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value), style)


def _list_clauses(book: Any, pack: Pack, head: Any) -> None:
    sheet = book.add_worksheet(CLAUSES)
    sheet.set_column(2, 4, 40)
    sheet.write_row(0, 0, ["规则编号", "依据序号", "文件", "条款", "原文或大意"], head)
    row = 0
    for code, loaded in pack.own.items():
        for number, citation in enumerate(loaded.policy.citations) if loaded.own_parameters else ():
            row += 1
            words = citation.quote or (citation.paraphrase.zh if citation.paraphrase else "")
            title = pack.library.documents[citation.source].title
            sheet.write_row(row, 0, [code, number])
            for place, text in enumerate((title, citation.section, words), start=2):
                sheet.write_string(row, place, text)
