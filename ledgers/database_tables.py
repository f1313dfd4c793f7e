"""Lay the tables of a database file that are ledgers, and name the others. A child process reads the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledgers.guarded import Question
from ledgers.headers import NotRecognised
from ledgers.limits import Unreadable
from ledgers.sources import Note, Source, refusal

if TYPE_CHECKING:
    from ledgers.desk import Desk


def lay_database(desk: Desk, source: Source, sha256: str, form: str) -> None:
    """Read every table whose columns are those of a ledger; the others of a database that holds one are named.

    Raises:  Unreadable.
    """
    tables, views = desk.readers.ask(Question(str(source.path), form))
    if source.sheet is not None and source.sheet not in [name for name, _ in tables]:
        raise Unreadable(f"数据库中没有数据表 `{source.sheet}`。请核对 # 后的名称。")
    failures, recognised = list[tuple[str, list[str], NotRecognised]](), 0
    for number, (name, columns) in enumerate(tables):
        if name in source.besides or source.sheet not in (None, name):
            continue
        try:
            layout = desk.recognise([columns], source)
        except NotRecognised as error:
            failures.append((name, columns, error))
            continue
        recognised += 1
        out = desk.scratch / f"{sha256}.{number}.parquet"
        desk.readers.ask(Question(str(source.path), form, name, str(out)))
        desk.lay_parquet(source, sha256, out, name, layout)
    for name, columns, failure in failures:
        if recognised and not desk.is_like_a_ledger(columns):
            what = f"数据表 {name} 的列不像台账，未读取。"
            desk.notes.append(Note("Q11", "low", source.shown, name, None, None, None, what))
        else:
            desk.notes.append(refusal(source.shown, str(failure), name, "Q09"))
    if views:
        what = f"数据库中的 {views} 个视图未读取；如需判断，请导出为数据表或 .csv。"
        desk.notes.append(Note("Q11", "low", source.shown, None, None, None, None, what))
