"""Write the report as JUnit XML, for build servers: a suite a pack, a case a policy, and a suite for what was read."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import chain
from typing import Any, BinaryIO, NamedTuple

from engine.formats.terminal import WORDS, say_clause, say_place, word_of
from engine.plan import Plan
from engine.report import Coverage, Report, stream_findings
from ledgers.intake import Note

MOST_PLACES = 6  # rows that are named of one finding
MOST_ROWS = 500  # findings listed of one policy and verdict, and notes of one sheet; the rest is counted
# What XML 1.0 has no way to write, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS = {
    "zh": {"nothing": "没有一行能够判断", "judged": "判断是否完整"},
    "en": {"nothing": "not a single row could be judged", "judged": "enough was judged"},
}


class _Listed(NamedTuple):
    """Hold the lines of one policy's findings of one verdict, and the clauses they rest on."""

    lines: list[str]
    clauses: dict[str, None]


def write(report: Report, out: BinaryIO) -> None:
    """Write a case for each policy: failed by violations, skipped where nothing was judged; suspects and leads go to its output.

    Shapes:  the suite `intake` has a case for each sheet, failed by problems of high severity, and one that fails where an
             input, all rows or too many rows could not be judged: an unreadable file is never green.
    """
    listed = _list_findings(report)
    told = "SELECT code, verdict FROM findings UNION ALL SELECT code, verdict FROM leads"
    counts = report.con.execute(f"SELECT code, verdict, count(*) FROM ({told}) GROUP BY ALL").fetchall()
    totals = {(code, verdict): count for code, verdict, count in counts}
    root = ET.Element("testsuites", name="fundcheck")
    _add_intake(root, report)
    coverage = {own.code: own for own in report.coverage}
    suites = {pack: _add(root, "testsuite", name=pack) for pack in dict.fromkeys(plan.loaded.pack for plan in report.plans)}
    for plan in report.plans:
        _add_policy(suites[plan.loaded.pack], report, plan, coverage[plan.policy.code], listed, totals)
    for element in (*root.findall("testsuite"), root):
        for name, tag in {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}.items():
            element.set(name, str(len(element.findall(f".//{tag}"))))
    ET.indent(root)
    out.write(ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, {name: _writable(value) for name, value in attributes.items()})
    element.text = _writable(text) if text else None
    return element


def _writable(text: str) -> str:
    """Write a character that XML cannot hold as its number, so that it is seen."""
    return _FORBIDDEN.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def _list_findings(report: Report) -> dict[tuple[str, str], _Listed]:
    words = WORDS[report.lang]
    listed: dict[tuple[str, str], _Listed] = {}
    told = (stream_findings(report, leads=leads, most=MOST_ROWS, each=("code", "verdict")) for leads in (False, True))
    for finding in chain.from_iterable(told):
        own = listed.setdefault((finding["code"], finding["verdict"]), _Listed([], {}))
        places = "、".join(say_place(place) for place in finding["locations"][:MOST_PLACES])
        rest = len(finding["locations"]) - MOST_PLACES
        more = f" (+{rest})" if rest > 0 else ""
        own.lines.append(f"{words[word_of(finding)]}  {places}{more}  {finding['message']}  #{finding['fingerprint']}")
        own.clauses.update(dict.fromkeys(f"{words['clause']}：{say_clause(one, words)}" for one in finding["citations"]))
    return listed


def _add_policy(
    suite: ET.Element,
    report: Report,
    plan: Plan,
    own: Coverage,
    listed: dict[tuple[str, str], _Listed],
    totals: dict[tuple[str, str], int],
) -> None:
    words: dict[str, Any] = WORDS[report.lang]
    case = _add(suite, "testcase", classname=plan.policy.ledger, name=f"{own.code} {own.title}")
    remedy = plan.policy.remedy.en if report.lang == "en" else plan.policy.remedy.zh
    if (count := totals.get((own.code, "violation"), 0)) > 0:
        found = listed[own.code, "violation"]
        lines = [*_with_rest(found.lines, count, words), *found.clauses, f"{words['remedy']}：{remedy}"]
        _add(case, "failure", "\n".join(lines), type=plan.policy.severity, message=f"{own.title}：{count}")
    elif own.status != "judged":
        _add(case, "skipped", message=own.reason or own.status)
    elif own.not_evaluable and not own.compliant + own.suspect + own.lead + own.no_lead:
        _add(case, "skipped", message=own.reason or _WORDS[report.lang]["nothing"])
    output = [f"{words['status']['column_missing']}{own.reason}"] if own.reason and own.status == "judged" else []
    output += [f"{words['assumed']}{assumed}" for assumed in own.assumed]
    for verdict in ("suspect", "not_evaluable", "waived", "lead"):
        if (own.code, verdict) in listed:
            found = listed[own.code, verdict]
            output += [*_with_rest(found.lines, totals[own.code, verdict], words), *found.clauses]
    if output:
        _add(case, "system-out", "\n".join(output))


def _with_rest(lines: list[str], total: int, words: dict[str, Any]) -> list[str]:
    return [*lines, words["more"].format(n=total - len(lines))] if total > len(lines) else lines


def _add_intake(root: ET.Element, report: Report) -> None:
    words: dict[str, Any] = WORDS[report.lang]
    suite = _add(root, "testsuite", name="intake")
    properties = _add(suite, "properties")
    for name in ("tool_version", "as_of", "packs", "policies_sha256", "privacy"):
        value = report.run[name]
        _add(properties, "property", name=name, value="、".join(value) if isinstance(value, list) else str(value))
    kinds = {(one.path, one.sheet): one.kind for one in report.inputs}
    notes: dict[tuple[str, str | None], list[Note]] = {place: [] for place in kinds}
    for note in report.notes:
        notes.setdefault((note.path, note.sheet), []).append(note)
    for (path, sheet), of_sheet in notes.items():
        case = _add(suite, "testcase", classname=kinds.get((path, sheet), "intake"), name=f"{path}[{sheet}]" if sheet else path)
        for tag, grave in (("failure", True), ("system-out", False)):
            own = [note for note in of_sheet if (note.fatal or note.severity in ("critical", "high")) == grave]
            lines = [f"{note.code}  {say_place(note._asdict())}  {note.message}" for note in own[:MOST_ROWS]]
            attributes = {"type": own[0].code, "message": own[0].message} if own and grave else {}
            if own:
                _add(case, tag, "\n".join(_with_rest(lines, len(own), words)), **attributes)
    reasons = [reason for reason in report.summary["exit_reasons"] if reason["code"] != 1]
    case = _add(suite, "testcase", classname="intake", name=_WORDS[report.lang]["judged"])
    if reasons:
        text = "\n".join(f"{words['exit']} {reason['code']}：{reason['reason']}" for reason in reasons)
        _add(case, "failure", text, type=f"exit {reasons[0]['code']}", message=reasons[0]["reason"])
    if report.run["cases"] != "judged":
        _add(case, "system-out", report.run["cases"])
