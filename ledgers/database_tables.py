"""Lay the tables and views of a database file that are ledgers, and name the others. A child process reads the file."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from ledgers.guarded import Question
from ledgers.headers import Layout, NotRecognised
from ledgers.limits import Unreadable
from ledgers.sources import Source, refusal
from ledgers.typed_tables import lay_parquet

if TYPE_CHECKING:
    from ledgers.desk import Desk


def lay_database(desk: Desk, source: Source, sha256: str, form: str) -> None:
    """Read every table whose columns are those of a ledger, and such views as no table stands for; the others are named.

    Raises:  Unreadable.
    """
    tables, views = desk.readers.ask(Question(str(source.path), form))
    if source.sheet is not None and source.sheet not in [name for name, *_ in (*tables, *views)]:
        raise Unreadable(f"数据库中没有数据表或视图 `{source.sheet}`。请核对 # 后的名称。")
    failures, kinds = list[tuple[str, list[str], NotRecognised]](), set[str]()
    for number, (name, columns) in enumerate(tables):
        if name in source.besides or source.sheet not in (None, name):
            continue
        try:
            layout = desk.recognise([columns], source)
        except NotRecognised as error:
            failures.append((name, columns, error))
            continue
        kinds.add(layout.kind)
        _lay(desk, source, sha256, form, name, number, layout)
    wanted = [view for view in views if view[0] not in source.besides and source.sheet in (None, view[0])]
    viewed = _lay_views(desk, source, sha256, form, wanted, kinds)
    for name, columns, failure in failures:
        if (kinds or viewed) and not desk.is_like_a_ledger(columns):
            desk.say(source, name, f"数据表 {name} 的列不像台账，未读取。", "low")
        else:
            desk.notes.append(refusal(source.shown, str(failure), name, "Q09"))


def _lay_views(
    desk: Desk, source: Source, sha256: str, form: str, views: Sequence[tuple[str, list[str], str]], taken: Set[str]
) -> bool:
    """Read the views that are ledgers, but of each kind only one that stands alone, as others may show the same payments; say if there are any."""
    found: dict[str, list[tuple[str, int, Layout]]] = {}
    for number, (name, columns, refused) in enumerate(views):
        if refused:
            desk.notes.append(refusal(source.shown, refused, name))
            continue
        try:
            layout = desk.recognise([columns], source)
        except NotRecognised as error:
            if source.sheet is not None or desk.is_like_a_ledger(columns):
                desk.notes.append(refusal(source.shown, str(error), name, "Q09"))
            else:
                desk.say(source, name, f"视图 {name} 的列不像台账，未读取。", "low")
            continue
        found.setdefault(layout.kind, []).append((name, number, layout))
    for kind, own in found.items():
        for name, number, layout in own:
            how = f"--ledger {kind}={source.shown}#{name}"
            if kind in taken:
                desk.say(source, name, f"视图 {name} 与数据表同为一类台账，为免重复未读取；如需判断，用 {how}。", "low")
            elif len(own) > 1:
                what = f"视图 {name} 与其他视图同为一类台账，行可能重复，未读取。请用 {how} 指明要判断的视图。"
                desk.notes.append(refusal(source.shown, what, name, "Q09"))
            else:
                try:
                    _lay(desk, source, sha256, form, name, f"view{number}", layout)
                except Unreadable as error:
                    desk.notes.append(refusal(source.shown, str(error), name))
                    continue
                desk.say(source, name, f"视图 {name} 按其查询结果读取，行号为结果中的顺序。")
    return bool(found)


def _lay(desk: Desk, source: Source, sha256: str, form: str, name: str, number: int | str, layout: Layout) -> None:
    out = desk.scratch / f"{sha256}.{number}.parquet"
    desk.readers.ask(Question(str(source.path), form, name, str(out)))
    desk.tables.add(lay_parquet(desk, source, sha256, out, name, layout))
