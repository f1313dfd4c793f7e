"""Part a report by unit: each part holds the findings, rows and notes of one unit, and all parts together hold everything once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.check import Request, say_unread_money, sum_up
from engine.inputs import describe_input
from engine.plan import Plan
from engine.render import TOLD
from engine.report import COUNTED, Coverage, Report, say_lacking
from engine.roster import expect, sender_of_note
from ledgers.hiding import hide_numbers
from ledgers.intake import Note

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NO_FILE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_NOBODY = {"zh": "_未注明单位", "en": "_no unit"}
_ELSEWHERE = {
    "zh": "另有 {n} 条发现涉及本单位的行，列在“{unit}”的报告中",
    "en": "{n} more findings concern rows of this unit; they stand in the report of “{unit}”",
}


class Part(NamedTuple):
    """Hold the report of one unit; without a name, of what belongs to none."""

    name: str
    code: str | None
    report: Report


class _Share(NamedTuple):
    """Say what belongs to one unit: its inputs, how findings call it, its notes."""

    inputs: set[int]
    written: list[str]
    notes: list[Note]


def part_by_unit(report: Report, request: Request) -> Iterator[Part]:
    """Yield the report of each unit in order of its name, that of nobody last. Each can be read until the next is asked for.

    The report must have been made with inputs divided by unit. The money of a row counts to the unit of the row, a finding to the
    unit that it names.
    """
    con = report.con
    codes = {one.unit_name: one.unit_code for one in report.inputs}
    shares = _share(report, request)
    for table in TOLD:
        con.execute(f"ALTER TABLE {table} RENAME TO all_{table}")
    try:
        for name in [*sorted(name for name in shares if name), ""]:
            _show(con, shares[name].written)
            yield Part(name, codes.get(name), _part(report, request, name, codes.get(name), shares))
    finally:
        for table in TOLD:
            con.execute(f"DROP VIEW IF EXISTS {table}")
            con.execute(f"ALTER TABLE all_{table} RENAME TO {table}")


def name_files(report: Report, request: Request) -> dict[str, str]:
    """Name a file, without its suffix, for each unit: by its code or else its name, in characters that every system takes."""
    codes = {one.unit_name: one.unit_code for one in report.inputs}
    names: dict[str, str] = {}
    for unit in sorted(_share(report, request)):
        plain = _NO_FILE.sub("_", codes.get(unit) or unit).strip(" .")[:80] or _NOBODY[request.lang]
        taken = {name.casefold() for name in names.values()}
        numbers = (f"{plain}{f'-{number}' if number > 1 else ''}" for number in count(1))
        names[unit] = next(name for name in numbers if name.casefold() not in taken)
    return names


def _show(con: DuckDBPyConnection, written: Sequence[str]) -> None:
    """Let formats see the findings and leads of one unit only."""
    con.execute("CREATE OR REPLACE TABLE shown_units (unit VARCHAR)")
    if written:
        con.executemany("INSERT INTO shown_units VALUES (?)", [[unit] for unit in written])
    shown = "coalesce(unit, '') IN (SELECT unit FROM shown_units)"
    for table in TOLD:
        con.execute(f"CREATE OR REPLACE VIEW {table} AS SELECT * FROM all_{table} WHERE {shown}")


def _share(report: Report, request: Request) -> Mapping[str, _Share]:
    shares: dict[str, _Share] = {"": _Share(set(), [], [])}

    def of(name: str) -> _Share:
        return shares.setdefault(name, _Share(set(), [], []))

    for one in report.inputs:
        of(one.unit_name).inputs.add(one.number)
    told = "SELECT unit FROM findings UNION ALL SELECT unit FROM leads"
    for (unit,) in report.con.execute(f"SELECT DISTINCT coalesce(unit, '') FROM ({told}) ORDER BY ALL").fetchall():
        of(hide_numbers(unit)).written.append(unit)
    rows: dict[tuple[str, str | None, int], int] = {}
    for number, row in report.con.execute("SELECT DISTINCT _input, _row FROM cell_notes").fetchall():
        rows[report.inputs[number].path, report.inputs[number].sheet, row] = number
    sheets = {(one.path, sheet): one.number for one in reversed(report.inputs) for sheet in (None, one.sheet)}
    roster = expect(request.roster)
    for note in report.notes:
        place = rows.get(
            (note.path, note.sheet, note.row or 0), sheets.get((note.path, note.sheet), sheets.get((note.path, None)))
        )
        name = report.inputs[place].unit_name if place is not None else sender_of_note(roster, note).name
        (shares.get(name) or shares[""]).notes.append(note)
    return shares


def _part(report: Report, request: Request, name: str, code: str | None, shares: Mapping[str, _Share]) -> Report:
    own = shares[name]
    rows = {one.number: one.rows for one in report.inputs if one.number in own.inputs}
    coverage = [_cover(whole, plan, rows, request.lang) for whole, plan in zip(report.coverage, report.plans, strict=True)]
    inputs = [one for one in report.inputs if one.number in own.inputs]
    paths = {one.path for one in inputs}
    shown, known = _fingerprints(report.con, "findings"), _fingerprints(report.con, "all_findings")
    fates = [fate for fate in report.run["waivers"] if (found := fate["fingerprint"]) in shown or not (name or found in known)]
    run = {
        **report.run,
        "unit": {"code": code, "name": name},
        "inputs": [describe_input(one) for one in inputs],
        "versions": [version for version in report.run["versions"] if version["older"]["path"] in paths],
        "roster": None if name else report.run["roster"],
        "waivers": fates,
        "notes": [*([] if name else report.run["notes"]), *say_unread_money(report.con, request.lang)],
    }
    run["notes"] = list(dict.fromkeys([*run["notes"], *_elsewhere(report, own, request.lang)]))
    summary = sum_up(report.con, coverage, own.notes, request, inputs=own.inputs, findings="all_findings")
    if not own.inputs:  # a part without ledgers is not one in which nothing was judged
        reasons = [reason for reason in summary["exit_reasons"] if reason["paths"]]
        summary |= {"exit_reasons": reasons, "exit_code": reasons[0]["code"] if reasons else 0}
    return report._replace(notes=own.notes, coverage=coverage, run=run, summary=summary)


def _fingerprints(con: DuckDBPyConnection, findings: str) -> set[str]:
    return {fingerprint for (fingerprint,) in con.execute(f"SELECT fingerprint FROM {findings}").fetchall()}


def _cover(whole: Coverage, plan: Plan, rows: Mapping[int, int], lang: str) -> Coverage:
    """Count what a policy judged of the rows of one unit."""
    numbers = plan.table.inputs if plan.table is not None else ()
    by_input = tuple(own for number, own in zip(numbers, whole.by_input, strict=False) if number in rows)
    counts: dict[str, Any] = {name: sum(own[name] for own in by_input) for name in COUNTED}
    # Of the totals of a sheet, which are judged too, only some are rows of it.
    counts["rows"] = sum(own["rows"] for own in by_input) if by_input else sum(rows.get(number, 0) for number in numbers)
    reason = whole.reason
    if whole.status == "judged":
        lacking = {number: column for number, column in plan.lacking.items() if number in rows}
        reason = say_lacking(lacking.values(), [own["path"] for own in by_input if own["status"] != "judged"], lang)
    return whole._replace(by_input=by_input, reason=reason, **counts)


def _elsewhere(report: Report, own: _Share, lang: str) -> Iterator[str]:
    """Say in the reports of which other units findings stand that concern rows of this one."""
    if not own.inputs:
        return
    query = (
        "SELECT coalesce(hide_numbers(unit), ''), count(DISTINCT n) FROM (SELECT n, unit, unnest(rows).i AS i FROM all_findings)"
        f" WHERE i IN ({', '.join(map(str, sorted(own.inputs)))}) AND coalesce(unit, '') NOT IN (SELECT unit FROM shown_units) GROUP BY ALL ORDER BY ALL"
    )
    for unit, findings in report.con.execute(query).fetchall():
        yield _ELSEWHERE[lang].format(n=findings, unit=unit or "—")
