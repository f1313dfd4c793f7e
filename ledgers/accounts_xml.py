"""Read data of accounting software that is one XML file (the interface of GB/T 24589.1) into sheets, one for each table of records.

Elements are known by their names alone: a record is an element that holds texts, a table all records of one name. In which
order they stand, how deep, and in which namespace, does not matter; what a record lacks, the elements around it may say.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ledgers.limits import Limits, Unreadable, overstepped, refuse_wide
from ledgers.sheets import Sheet
from ledgers.xml_parts import open_text, walk_xml

ACCOUNT, ACCOUNT_NAME = "科目编号", "科目名称"  # lines name their account by its number, a table of its own says what it is


def read_accounts(path: Path, limits: Limits) -> list[Sheet]:
    """Read every table of records.

    Raises:  Unreadable if there is none or a limit is overstepped; ExpatError if the file is damaged.
    """
    tables = _Tables(limits)
    walk_xml(open_text(path), tables.start, tables.end, tables.text)
    if not tables.records:
        raise Unreadable("XML 中没有成行的记录。请确认导出是否正确。")
    names = {one.get(ACCOUNT): one[ACCOUNT_NAME] for own in tables.records.values() for one in own if ACCOUNT_NAME in one}
    sheets = []
    for name, records in tables.records.items():
        if names and any(ACCOUNT in one and ACCOUNT_NAME not in one for one in records):
            records = [{**one, ACCOUNT_NAME: one.get(ACCOUNT_NAME) or names.get(one.get(ACCOUNT), "")} for one in records]
        header = list(dict.fromkeys(field for one in records for field in one))
        refuse_wide(len(header), f"表 {name} ", limits)
        if len(header) * len(records) > limits.cells:
            raise overstepped(f"表 {name} 有 {len(header)} 列 {len(records)} 行", "cells", limits.cells)
        sheets.append(Sheet(path, name, [header, *([one.get(field, "") for field in header] for one in records)]))
    return sheets


class _Element:
    """Gather what one element holds: its texts by name, and whether other records stand in it."""

    def __init__(self, name: str) -> None:
        self.name, self.said = name, list[str]()
        self.texts, self.is_record, self.holds_records = dict[str, str](), False, False


class _Tables:
    """Gather records while the document goes by."""

    def __init__(self, limits: Limits) -> None:
        self.records: dict[str, list[dict[str, str]]] = {}
        self._limits, self._cells = limits, 0
        self._open = [_Element("")]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._open[-1].said.clear()
        self._open.append(_Element(name))

    def text(self, text: str) -> None:
        self._open[-1].said.append(text)

    def end(self, name: str) -> None:
        own, around = self._open.pop(), self._open[-1]
        if not own.is_record and not own.holds_records:
            text = "".join(own.said).strip()
            around.is_record = True
            # A field that stands twice in a record with two values has neither.
            around.texts[name] = text if around.texts.get(name) in (None, "", text) else f"{around.texts[name]} / {text}"
            return
        around.holds_records = True
        if not own.holds_records:
            whole: dict[str, str] = {}
            for element in (*self._open, own):
                whole |= element.texts
            self._cells += len(whole)
            if self._cells > self._limits.cells:
                raise overstepped(f"XML 中有 {self._cells} 项", "cells", self._limits.cells)
            self.records.setdefault(name, []).append(whole)
