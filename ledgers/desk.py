"""Lay what was read side by side: sheets of one layout become one raw relation, bulk files a view each, and each input is registered.

What a file type is read by stands in `sheets` and `bulk`; which files there are is the business of `intake`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ledgers import bulk
from ledgers.blocks import Merged
from ledgers.checks import is_settings, leave_out_checks
from ledgers.database_tables import lay_database
from ledgers.disguises import ACCOUNTS, DATABASES, HTML, PARQUET, TEXT, another_form
from ledgers.doubts import doubt_units_in
from ledgers.files import form_to_read, open_small
from ledgers.fold import fold, fold_header
from ledgers.frames import keep_frame
from ledgers.guarded import Readers
from ledgers.headers import Known, Layout, NotRecognised, recognise, unread_capitals
from ledgers.kinds import Kind
from ledgers.limits import Unreadable
from ledgers.lines import read_big_csv, read_long_sheet
from ledgers.openings import name_comments, open_questions
from ledgers.piles import lay_down, note_doubts
from ledgers.quality import question_rows
from ledgers.reader import read_rows
from ledgers.repeats import Page, part_repeats
from ledgers.rows import DOUBTS, DataRow, holds_texts_only
from ledgers.senders import Roster, Sender, doubtful, find_sender, name_by_column, name_place
from ledgers.sheets import Sheet, column_letters, unpacked
from ledgers.sources import Note, Source, printable, refusal
from ledgers.summaries import name_summaries
from ledgers.tables import HELD, Table, build_table, leave_out, net_reversals
from ledgers.total_rows import KIND as TOTAL_ROW
from ledgers.total_rows import TotalRow, lay_totals
from ledgers.typed import UNEVEN, UNSEEN, Raw, Seen
from ledgers.typed_tables import lay_parquet
from ledgers.unmasking import point_out_masked
from ledgers.versions import Rules, Version, link_versions

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LIKE_A_LEDGER = 2  # known headers
GUIDES = ("说明", "填表说明", "备注")  # sheets of texts that stand beside a ledger


class Input(NamedTuple):
    """Describe one sheet that was read as a ledger."""

    number: int
    path: str
    sheet: str | None
    kind: str
    rows: int
    sha256: str
    encoding: str | None
    unit_name: str
    unit_from: str
    version_of: str | None
    headers: Mapping[str, str]
    letters: Mapping[str, str]
    unit_of_amounts: str
    layout: Layout
    unit_code: str | None = None


class Intake(NamedTuple):
    """Hold everything that was brought in. Notes of single cells stand in the table `cell_notes`, the others in `notes`."""

    inputs: tuple[Input, ...]
    tables: Mapping[str, Table]
    notes: tuple[Note, ...]
    versions: tuple[Version, ...] = ()
    senders: tuple[Sender, ...] = ()  # of each input, by what stands around its rows


class Damaged(Exception):
    """Name the files that could not be read to their end."""

    def __init__(self, paths: set[str]) -> None:
        self.paths = paths
        super().__init__("、".join(sorted(paths)))


class Desk:
    """Collect sheets of one layout into one raw relation, so that forty layouts need forty relations, not a thousand."""

    def __init__(
        self,
        con: DuckDBPyConnection,
        kinds: Mapping[str, Kind],
        scratch: Path | None,
        roster: Roster,
        rules: Rules,
        readers: Readers,
        known: Sequence[Known] = (),
    ) -> None:
        self.con, self.kinds, self.roster, self.rules, self.readers, self.known = con, kinds, roster, rules, readers, known
        self.words = frozenset(word for kind in kinds.values() for word in kind.headers)
        self.scratch = scratch or Path(tempfile.gettempdir())
        self.inputs: list[Input] = []
        self.files: list[Path] = []  # of each input, as the next
        self.senders: list[Sender] = []
        self.alone: set[int] = set()  # inputs that were named one by one
        self.notes: list[Note] = []
        self.piles: dict[tuple[Any, ...], list[tuple[int, Layout, list[DataRow]]]] = {}
        self.totals: list[tuple[int, TotalRow]] = []
        self.bulk: list[tuple[str, Raw]] = []
        self.added_up: set[int] = set()  # inputs whose totals are known
        self.tables: set[int] = set()  # inputs that are tables of databases

    def read(self, source: Source, digest: Future[str], encoding: str | None) -> None:
        """Read a file by what it is, whatever its name says; a big CSV is hashed meanwhile.

        Raises:  Unreadable, NotRecognised.
        """
        if source.kind is not None and source.kind not in self.kinds:
            raise Unreadable(f"不认识的台账类型 `{source.kind}`。可用：{'、'.join(self.kinds)}。")
        form = form_to_read(source.path)
        if form == PARQUET:
            path = bulk.nameable(source.path, self.scratch)
            layout = self.recognise([list(bulk.parquet_columns(self.con, path))], source)
            lay_parquet(self, source, digest.result(), path, None, layout)
        elif form in DATABASES:
            lay_database(self, source, digest.result(), form)
        elif form == TEXT and source.path.stat().st_size > bulk.BIG_CSV:
            read_big_csv(self, source, digest, encoding)
        else:
            form, sheets = open_small(source.path, form, self.readers, encoding, self.words)
            self._read_small(source, digest.result(), sheets, form)
        if what := another_form(source.path.suffix.lower(), form):
            self.say(source, None, what)

    def say(self, source: Source, sheet: str | None, what: str, severity: str = "info") -> None:
        """Note something of a whole sheet, or of a whole file."""
        self.notes.append(Note("Q11", severity, source.shown, sheet, None, None, None, what))

    def _read_small(self, source: Source, sha256: str, sheets: list[Sheet], form: str) -> None:
        sheets = [sheet._replace(name=sheet.name and printable(sheet.name)) for sheet in sheets]
        if source.sheet is not None:
            sheets = [sheet._replace(hidden=False) for sheet in sheets if sheet.name == source.sheet]
            if not sheets:
                raise Unreadable(f"工作簿中没有工作表 `{source.sheet}`。请核对 # 后的名称。")
        sheets = [sheet for sheet in sheets if sheet.name not in source.besides]
        for sheet in filter(is_settings, sheets):
            self.say(source, sheet.name, f"工作表 {sheet.name} 是模板的核对设置，未作为台账读取。")
        sheets = [sheet for sheet in sheets if not is_settings(sheet)]
        failures: list[tuple[Sheet, NotRecognised]] = []
        found: list[tuple[Sheet, Layout]] = []
        for sheet in sheets:
            sheet, checks = leave_out_checks(sheet)
            if checks:
                self.say(source, sheet.name, f"模板的核对栏（共 {checks} 列）由公式算出，不是台账内容，未读取。")
            if sheet.hidden:
                what = f"隐藏工作表 {sheet.name} 未读取；如需判断，用 --ledger KIND={source.shown}#{sheet.name}。"
                self.say(source, sheet.name, what, "low")
                continue
            try:
                layout = self._recognise(sheet, source)
            except NotRecognised as error:
                failures.append((unpacked(sheet), error))
                continue
            if sheet.hidden_rows or sheet.hidden_columns:
                self.say(source, sheet.name, f"工作表有隐藏的 {sheet.hidden_rows} 行、{sheet.hidden_columns} 列，已照常读取。")
            self.notes += name_comments(sheet, layout, source.shown)
            found.append((sheet, layout))
        others = [(sheet, failure) for sheet, failure in failures if not failure.nothing]
        self._name_others(source, form, others, bool(found))
        if failures and not found and not others:
            raise Unreadable("没有任何内容。请确认导出是否成功。")
        if len(found) == 1 and found[0][0].packed and read_long_sheet(self, source, sha256, *found[0]):
            return
        pages = [self.read_page(sheet, layout, source) for sheet, layout in found]
        kept, more = part_repeats(pages, self.kinds, source.shown)
        self.notes += more
        apart = self.rules.judge_older or source.path.resolve() in self.rules.separate
        for page in pages if apart else kept:
            self.take_page(page, source, sha256)

    def take_page(self, page: Page, source: Source, sha256: str) -> int:
        """Put the rows of a sheet on the pile of those that are read alike; give its number."""
        sheet, layout, rows, totals, notes = page
        number = self.admit(layout, source, sheet.name, sheet.encoding, sha256, len(rows))
        self.add_totals(number, totals)
        self.notes += [note._replace(path=source.shown) for note in notes]
        read_like = frozenset(layout.parts), layout.year
        key = (layout.kind, frozenset(layout.fields), frozenset(layout.factors.items()), layout.unreadable, read_like)
        self.piles.setdefault(key, []).append((number, layout, rows))
        return number

    def _recognise(self, sheet: Sheet, source: Source) -> Layout:
        """Recognise a sheet, a long one by its first rows if every column has a header: else the rows below tell what it is."""
        try:
            layout = self.recognise(sheet.rows, source, sheet.merged, sheet.name)
            if not sheet.packed or all(layout.texts):
                return layout
        except NotRecognised:
            if not sheet.packed:
                raise
        return self.recognise(unpacked(sheet).rows, source, sheet.merged, sheet.name)

    def read_page(self, sheet: Sheet, layout: Layout, source: Source) -> Page:
        """Read the rows of a sheet one by one; the first rows of a long one may have told too little of its layout."""
        if sheet.packed:
            sheet = unpacked(sheet)
            layout = self._recognise(sheet, source)
        return Page(sheet, *read_rows(sheet, layout._replace(delimiter=sheet.delimiter), self.kinds))

    def _name_others(self, source: Source, form: str, others: Sequence[tuple[Sheet, NotRecognised]], recognised: bool) -> None:
        """Name the sheets that are no ledgers; what should have been one is refused."""
        for sheet, failure in others:
            beside = recognised or source.besides  # where nothing of a workbook is a ledger, its guide may be one gone wrong
            if recognised and form == ACCOUNTS:
                self.say(source, sheet.name, f"数据接口文件中的 {sheet.name} 不像台账，未读取。", "low")
            elif recognised and form == HTML and not any(map(self.is_like_a_ledger, sheet.rows)):
                self.say(source, sheet.name, f"网页中的 {sheet.name} 不像台账，未读取。", "low")
            elif beside and fold(sheet.name or "") in GUIDES and holds_texts_only(sheet.rows):
                self.say(source, sheet.name, f"工作表 {sheet.name} 只有说明文字，未作为台账读取。")
            else:
                self.notes.append(refusal(source.shown, str(failure), sheet.name, "Q09"))

    def recognise(self, rows: Sequence[Sequence[str]], source: Source, merged: Merged = (), sheet: str | None = None) -> Layout:
        """Recognise a table by its headers, or by what the user said of it.

        Raises:  NotRecognised.
        """
        # The names may say the year of a ledger; bytes of another encoding in them are left out.
        names = (source.path.stem.encode(errors="ignore").decode(), sheet or "")
        return recognise(
            rows, self.kinds, source.kind, source.headers, merged=merged, unit=source.unit, known=self.known, names=names
        )

    def is_like_a_ledger(self, row: Sequence[str]) -> bool:
        """Say whether a row has known headers, so that its table should have been recognised."""
        return sum(fold_header(cell) in self.words for cell in row if len(cell) <= 60) >= LIKE_A_LEDGER

    def doubt(
        self, layout: Layout, relation: str, types: Mapping[str, str], *, spoilt: bool, distinct: Mapping[str, str] = {}
    ) -> Layout:
        """Hold the unit of amounts against them; `distinct` is as in `Seen`.

        Raises:  Unreadable if the file proves damaged.
        """
        with bulk.read_to_its_end():
            where = "_spoilt = 0" if spoilt else "TRUE"
            return doubt_units_in(self.con, relation, types, layout, self.kinds[layout.kind], where, distinct)

    def add_frame(self, kind: Kind, frame: Any) -> None:
        """Take a pandas DataFrame as one input; its rows, all of them records, count from 2, as under a header."""
        layout = unread_capitals(recognise([[str(name) for name in frame.columns]], {kind.kind: kind}, kind.kind))
        source, number = Source(Path(), f"<{kind.kind}>", ""), len(self.inputs)
        relation = f"{HELD}frame_{number}"
        types = keep_frame(self.con, relation, number, frame, layout.fields)
        layout = self.doubt(layout, relation, types, spoilt=False)
        self.admit(layout, source, None, None, "", len(frame))
        raw = Raw(relation, (number,), layout.factors, types, layout.unreadable, year=layout.year, parts=layout.parts)
        self.bulk.append((kind.kind, raw))

    def add_bulk(
        self,
        relation: str,
        number: int,
        layout: Layout,
        select: str,
        types: Mapping[str, str],
        seen: Seen = UNSEEN,
        *,
        spoilt: bool = False,
        doubted: Sequence[DataRow] = (),
    ) -> None:
        """Take an input whose rows a SELECT gives; of those that are `doubted` it is known why."""
        self.con.execute(f"CREATE OR REPLACE VIEW {relation} AS {select}")
        raw = Raw(relation, (number,), layout.factors, types, layout.unreadable, spoilt, layout.year, layout.parts, seen=seen)
        self.bulk.append((layout.kind, raw))
        note_doubts(self.con, number, doubted)
        if spoilt:
            said = " ".join(f"WHEN {doubt} THEN '{what}'" for doubt, what in DOUBTS.items())
            others = f"_spoilt = {UNEVEN}" if doubted else "_spoilt > 0"
            self.con.execute(
                f"INSERT INTO cell_notes SELECT 'Q12', _input, _row, NULL, CASE _spoilt {said} END FROM {relation} WHERE {others}"
            )

    def add_totals(self, number: int, totals: Iterable[TotalRow]) -> None:
        """Take the totals of an input, all there are."""
        self.added_up.add(number)
        self.totals += [(number, total) for total in totals]

    def add_copy(self, source: Source, first: Source) -> None:
        """Take a file that another one equals byte by byte: it is not judged, but named, the louder the further apart they lie."""
        judged = [one for one in self.inputs if one.path == first.shown]
        folder, other = source.path.resolve().parent, first.path.resolve().parent
        severity, apart = "low" if source.path.resolve() == first.path.resolve() else "medium", ""
        if folder != other:
            severity = "high"
            apart = f"两份分别来自“{other.name}”和“{folder.name}”，请核实是否两个单位列支了同一笔款项。"
        what = f"与 {first.shown} 内容完全相同，只判断一次。{apart}"
        self.notes.append(Note("Q16", severity, source.shown, None, None, None, None, what))
        for one in judged if severity != "low" else ():
            sender = self.senders[one.number]
            if sender.origin != "title":
                sender = find_sender(self.roster, "", Path(source.shown), one.sheet, source.folder or folder.name)
            self.inputs.append(one._replace(number=len(self.inputs), path=source.shown, rows=0, version_of=first.shown))
            self.files.append(source.path)
            self.senders.append(sender)

    def admit(self, layout: Layout, source: Source, sheet: str | None, encoding: str | None, sha256: str, rows: int) -> int:
        """Register an input and note what its header leaves open."""
        number = len(self.inputs)
        letters = {field: column_letters(layout.stands.get(field, index)) for field, index in layout.fields.items()}
        sender = find_sender(self.roster, layout.unit_name, Path(source.shown), sheet, source.folder)
        self.inputs.append(
            Input(
                number, source.shown, sheet, layout.kind, rows, sha256, encoding, "", "", None,
                layout.headers, letters, layout.unit_from if layout.factors else "", layout,
            )
        )  # fmt: skip
        self.files.append(source.path)
        self.senders.append(sender)
        self.alone |= {number} if source.alone else set()
        self.notes += open_questions(layout, self.kinds[layout.kind], source.shown, sheet)
        if rows == 0:
            self.notes.append(refusal(source.shown, "只有表头，没有数据行（0 行）。请确认导出是否完整。", sheet, "Q01"))
        return number

    def finish(self, wanted: Mapping[str, set[str]]) -> Intake:
        """Type everything that was read.

        Raises:  Damaged if a Parquet file proves damaged inside.
        """
        import duckdb

        raws: dict[str, list[Raw]] = {}
        for pile in self.piles.values():
            kind = self.kinds[pile[0][1].kind]
            raws.setdefault(kind.kind, []).append(lay_down(self.con, pile, f"held_pile_{pile[0][0]}"))
        for name, raw in self.bulk:
            raws.setdefault(name, []).append(raw)
        units = {n: name_place(self.senders[n], path) for n, path in enumerate(self.files) if n not in self.alone}
        self._name_units(raws)
        tables = {}
        for name, parts in raws.items():
            rows = sum(one.rows for one in self.inputs if one.kind == name)
            ordered = sorted(parts, key=lambda raw: raw.inputs)
            try:
                tables[name] = build_table(self.con, self.kinds[name], ordered, wanted.get(name, set()), rows)
            except duckdb.Error as error:
                if not (paths := {self.inputs[raw.inputs[0]].path for raw in parts if bulk.is_damaged(self.con, raw.relation)}):
                    raise
                raise Damaged(paths) from error
        versions, notes = link_versions(self.con, tables, self.inputs, self.files, units, self.rules)
        self.notes += notes
        self._leave_out(versions, tables)
        tables |= self._lay_totals(versions, raws.get(TOTAL_ROW, []))
        tables = {name: net_reversals(self.con, table) for name, table in tables.items()}
        question_rows(self.con, tables.values())
        self.notes += name_summaries(self.con, tables.values(), self.inputs, self.tables)
        point_out_masked(self.con, tables, [Path(one.path).name for one in self.inputs])
        return Intake(tuple(self.inputs), tables, tuple(self.notes), tuple(versions), tuple(self.senders))

    def _leave_out(self, versions: Sequence[Version], tables: dict[str, Table]) -> None:
        """Name the newest version in the inputs of the older ones, and take their rows out unless they are to be kept."""
        for version in versions:
            one = self.inputs[version.older]
            rows = one.rows if self.rules.judge_older else 0
            self.inputs[version.older] = one._replace(version_of=self.inputs[version.newest].path, rows=rows)
        for kind in {self.inputs[version.older].kind for version in versions} if not self.rules.judge_older else ():
            numbers = {version.older for version in versions if self.inputs[version.older].kind == kind}
            rows = sum(one.rows for one in self.inputs if one.kind == kind)
            tables[kind] = leave_out(self.con, tables[kind], numbers, rows)

    def _lay_totals(self, versions: Sequence[Version], given: Sequence[Raw]) -> dict[str, Table]:
        """Lay the totals of the sheets that are judged beside the ledgers; those of Parquet files and databases are not added up."""
        older = set() if self.rules.judge_older else {version.older for version in versions}
        numbers = self.added_up - older
        if TOTAL_ROW not in self.kinds or not numbers:
            return {}
        count = sum(one.rows for one in self.inputs if one.kind == TOTAL_ROW)
        return {TOTAL_ROW: lay_totals(self.con, self.kinds[TOTAL_ROW], numbers, self.totals, given, count)}

    def _name_units(self, raws: Mapping[str, Sequence[Raw]]) -> None:
        """Write into each input who sent it: what stands in every row wins over what stands around the rows."""
        units = dict(enumerate(self.senders))
        for name, parts in raws.items():
            if (column := self.kinds[name].unit) is not None:
                units |= {n: own for raw in parts for n, own in name_by_column(self.con, self.roster, raw, column)}
        for number, sender in units.items():
            one = self.inputs[number]
            self.notes += doubtful(sender, one.path, one.sheet)
            self.inputs[number] = one._replace(unit_name=sender.name, unit_from=sender.origin, unit_code=sender.code)
