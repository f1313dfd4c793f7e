"""Write the report as SARIF 2.1.0, for code scanning hosts and viewers: policies are rules, clauses taxa, findings results."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, BinaryIO
from urllib.parse import quote

from engine.formats.json_document import as_text
from engine.formats.terminal import WORDS, say_clause
from engine.plan import Plan
from engine.report import Report, cite, stream_findings

MOST_RESULTS = 25_000  # hosts refuse a run with more, and show 5,000 of them
MOST_NOTES = 5_000
MOST_PLACES = 100  # rows that one result points at beside its first
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"critical": "error", "high": "error", "medium": "warning"}
_KINDS = {"suspect": "review", "not_evaluable": "open"}  # a result of a kind other than fail has the level none
_PROPERTIES = ("policy", "verdict", "severity", "basis", "category", "ledger", "unit", "facts", "missing", "amount_involved",
               "amount_to_recover", "amount_short", "readings", "remedy", "cleared_by", "disposition", "case")  # fmt: skip
_WORDS = {
    "zh": {"left": "另有 {n} 条发现未列入：{counts}。全部见 --format json 或 parquet。", "notes": "另有 {n} 条数据问题未列入，全部见 --format json。",
           "leads": "线索 {n} 条，不作结论，未列入；见 --format json。", "places": "（另有 {n} 处未列出）", "language": "zh-CN"},
    "en": {"left": "{n} more findings are left out: {counts}. All of them with --format json or parquet.",
           "notes": "{n} more data problems are left out; all of them with --format json.",
           "leads": "{n} leads conclude nothing and are left out; see --format json.", "places": " ({n} more places not listed)",
           "language": "en-US"},
}  # fmt: skip
_Clauses = dict[str, dict[str, list[dict[str, Any]]]]  # document -> section -> citations
_References = Mapping[tuple[str, str], Mapping[str, Any]]


def write(report: Report, out: BinaryIO) -> None:
    """Write one run, the gravest results first; what does not fit is counted by verdict in a notification and in `properties`.

    Leads are no results, since a host would count them; a notification says how many there are.

    Shapes:  a violation has the level of its severity, a suspect is for review, a row that cannot be judged is open.
             `startLine` is the row and `startColumn` the column of the cell, as the spreadsheet program counts them.
    """
    clauses = _collect_clauses(report)
    references = _refer_to_clauses(clauses)
    rules = {plan.policy.code: number for number, plan in enumerate(report.plans)}
    files = {path: number for number, path in enumerate(dict.fromkeys(one.path for one in report.inputs))}
    head = {
        "tool": {"driver": _describe_tool(report, clauses, references)},
        "language": _WORDS[report.lang]["language"],
        "columnKind": "unicodeCodePoints",
        "artifacts": [_describe_file(report, path, number) for path, number in files.items()],
        "taxonomies": [_describe_document(report, source, sections) for source, sections in clauses.items()],
    }
    out.write(f'{{\n"$schema": "{SCHEMA}",\n"version": "2.1.0",\n"runs": [\n{{\n{_members(head)},\n"results": ['.encode())
    shown: Counter[str] = Counter()
    for finding in stream_findings(report, most=MOST_RESULTS, each=(), gravest_first=True):
        result = _write_result(report, finding, rules, files, references)
        out.write(((",\n" if shown else "\n") + as_text(result)).encode())
        shown[finding["verdict"]] += 1
    left_out = {verdict: count - shown[verdict] for verdict, count in report.summary["verdicts"].items()}
    tail = {
        "invocations": [_describe_invocation(report, rules, files, left_out)],
        "properties": {
            "run": {name: value for name, value in report.run.items() if name != "inputs"},
            "summary": report.summary,
            "left_out": left_out,
        },
    }
    out.write(f"\n],\n{_members(tail)}\n}}\n]\n}}\n".encode())


def _members(values: Mapping[str, Any]) -> str:
    return ",\n".join(f'"{name}": {as_text(value)}' for name, value in values.items())


# -- policies and clauses ----------------------------------------------------------------------------------------------


def _collect_clauses(report: Report) -> _Clauses:
    clauses: _Clauses = {}
    for plan in report.plans:
        for citation in cite(report, plan, 0):
            clauses.setdefault(citation["source"], {}).setdefault(citation["section"], []).append(citation)
    return clauses


def _refer_to_clauses(clauses: _Clauses) -> _References:
    return {
        (source, section): {"id": section, "index": place, "toolComponent": {"name": source, "index": number}}
        for number, (source, sections) in enumerate(clauses.items())
        for place, section in enumerate(sections)
    }


def _describe_tool(report: Report, clauses: _Clauses, references: _References) -> dict[str, Any]:
    return {
        "name": "fundcheck",
        "version": report.run["tool_version"],
        "language": _WORDS[report.lang]["language"],
        "rules": [_describe_policy(report, plan, references) for plan in report.plans],
        "supportedTaxonomies": [{"name": source, "index": number} for number, source in enumerate(clauses)],
    }


def _describe_policy(report: Report, plan: Plan, references: _References) -> dict[str, Any]:
    policy, words = plan.policy, WORDS[report.lang]
    citations = cite(report, plan, 0)
    said = [say_clause(citation, words) for citation in citations]
    remedy = policy.remedy.en if report.lang == "en" else policy.remedy.zh
    targets = {(one["source"], one["section"]): references[one["source"], one["section"]] for one in citations}
    return {
        "id": policy.code,
        "name": policy.id,
        "shortDescription": {"text": f"{policy.title.zh} · {policy.title.en}"},
        "fullDescription": {"text": f"{policy.why.zh} {policy.why.en}"},
        "help": {
            "text": "\n".join([*said, f"{words['remedy']}：{remedy}"]),
            "markdown": "\n\n".join([*(f"> {clause}" for clause in said), f"**{words['remedy']}**：{remedy}"]),
        },
        "defaultConfiguration": {"level": _LEVELS.get(policy.severity, "note")},
        "relationships": [{"target": target, "kinds": ["relevant"]} for target in targets.values()],
        "properties": {
            "category": policy.category,
            "severity": policy.severity,
            "basis": policy.basis,
            "pack": plan.loaded.pack,
            "ledger": policy.ledger,
        },
    }


def _describe_document(report: Report, source: str, sections: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    document = report.library.documents[source]
    known = {"informationUri": document.address, "releaseDateUtc": document.issued.isoformat() if document.issued else None}
    return {
        "name": source,
        "fullName": f"《{document.title}》{f'（{document.number}）' if document.number else ''}",
        "organization": document.issuer,
        **{name: value for name, value in known.items() if value},
        "isComprehensive": False,
        "taxa": [
            {
                "id": section,
                "fullDescription": {"text": "\n".join(dict.fromkeys(one["quote"] or one["paraphrase"] for one in citations))},
                "properties": {"quote_found": all(one["quote_found"] for one in citations)},
            }
            for section, citations in sections.items()
        ],
        "properties": {"rank": document.rank, "evidence": document.evidence},
    }


# -- files and findings ------------------------------------------------------------------------------------------------


def _describe_file(report: Report, path: str, number: int) -> dict[str, Any]:
    inputs = [one for one in report.run["inputs"] if one["path"] == path]
    sha256 = next(one.sha256 for one in report.inputs if one.path == path)
    hashes = {"hashes": {"sha-256": sha256}} if sha256 else {}
    sheets = [{name: one[name] for name in ("sheet", "ledger", "rows", "encoding", "unit")} for one in inputs]
    location = {"uri": _uri(path), "index": number}
    return {"location": location, "roles": ["analysisTarget"], **hashes, "properties": {"sheets": sheets}}


def _write_result(
    report: Report, finding: dict[str, Any], rules: Mapping[str, int], files: Mapping[str, int], references: _References
) -> dict[str, Any]:
    first, *others = finding["locations"]
    more = len(others) - MOST_PLACES
    # A cell's text must not become a link in a viewer.
    text = finding["message"].replace("](", "] (") + (_WORDS[report.lang]["places"].format(n=more) if more > 0 else "")
    kind = _KINDS.get(finding["verdict"], "fail")
    taxa = {(one["source"], one["section"]): references[one["source"], one["section"]] for one in finding["citations"]}
    suppressed = [{"kind": "external", "status": "accepted"}] if finding["verdict"] == "waived" else []
    return {
        "ruleId": finding["code"],
        "ruleIndex": rules[finding["code"]],
        "kind": kind,
        "level": _LEVELS.get(finding["severity"], "note") if kind == "fail" else "none",
        "message": {"text": text},
        "locations": [_locate(first, files)],
        "relatedLocations": [{"id": n, **_locate(place, files)} for n, place in enumerate(others[:MOST_PLACES], start=1)],
        "partialFingerprints": {"fundcheck/v1": finding["fingerprint"]},
        "taxa": list(taxa.values()),
        "suppressions": suppressed,
        "properties": {name: finding[name] for name in _PROPERTIES},
    }


def _locate(place: Mapping[str, Any], files: Mapping[str, int]) -> dict[str, Any]:
    """Point at a cell, a row, a sheet or a whole file, whatever is known; the header stands as the location's message."""
    path, sheet, row, cell = place["path"], place["sheet"], place["row"], place["cell"]
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(path), **({"index": files[path]} if path in files else {})}}
    if row:
        column = re.match("[A-Z]+", cell or "")
        physical["region"] = {"startLine": row, **({"startColumn": _column_number(column[0])} if column else {})}
    kind, name = ("cell", cell) if cell else ("row", str(row)) if row else ("sheet", sheet)
    whole = f"{sheet}!{name}" if sheet and kind != "sheet" else name
    return {
        "physicalLocation": physical,
        **({"logicalLocations": [{"name": name, "fullyQualifiedName": whole, "kind": kind}]} if name else {}),
        **({"message": {"text": place["column"]}} if place["column"] else {}),
    }


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _uri(path: str) -> str:
    pure = PurePath(path)
    return pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())


# -- what was not judged -----------------------------------------------------------------------------------------------


def _describe_invocation(
    report: Report, rules: Mapping[str, int], files: Mapping[str, int], left_out: Mapping[str, int]
) -> dict[str, Any]:
    """Say how the run ended: an input that could not be judged makes it unsuccessful, since a host may read no exit code."""
    reasons = report.summary["exit_reasons"]
    return {
        "executionSuccessful": all(reason["code"] != 3 for reason in reasons),
        "exitCode": report.summary["exit_code"],
        "exitCodeDescription": "；".join(reason["reason"] for reason in reasons),
        "toolExecutionNotifications": [*_tell_of_the_run(report, left_out), *_tell_of_inputs(report, files)],
        "toolConfigurationNotifications": list(_tell_of_policies(report, rules)),
    }


def _notify(level: str, code: str, text: str) -> dict[str, Any]:
    return {"level": level, "descriptor": {"id": code}, "message": {"text": text.replace("](", "] (")}}


def _tell_of_the_run(report: Report, left_out: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    words = WORDS[report.lang]
    for reason in report.summary["exit_reasons"]:
        if reason["code"] != 1:
            yield _notify("error" if reason["code"] == 3 else "warning", f"exit-{reason['code']}", reason["reason"])
    if sum(left_out.values()):
        counts = "、".join(f"{words[verdict]} {count}" for verdict, count in left_out.items() if count)
        yield _notify("warning", "left-out", _WORDS[report.lang]["left"].format(n=sum(left_out.values()), counts=counts))
    if leads := report.summary["leads"]:
        yield _notify("note", "leads", _WORDS[report.lang]["leads"].format(n=leads))
    if report.run["cases"] != "judged":
        yield _notify("warning", "cases", report.run["cases"])


def _tell_of_inputs(report: Report, files: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    notes = sorted(report.notes, key=lambda note: (not note.fatal, note.severity in ("low", "info")))
    for note in notes[:MOST_NOTES]:
        level = "error" if note.fatal else "note" if note.severity in ("low", "info") else "warning"
        yield {**_notify(level, note.code, note.message), "locations": [_locate(note._asdict(), files)]}
    if len(notes) > MOST_NOTES:
        yield _notify("warning", "left-out", _WORDS[report.lang]["notes"].format(n=len(notes) - MOST_NOTES))


def _tell_of_policies(report: Report, rules: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    words: dict[str, Any] = WORDS[report.lang]
    for own in report.coverage:
        rule = {"associatedRule": {"id": own.code, "index": rules[own.code]}}
        if own.reason:
            level = "note" if own.status in ("not_in_force", "out_of_scope") else "warning"
            text = f"{own.code} {own.title}  {words['status'].get(own.status, words['status']['column_missing'])}{own.reason}"
            yield {**_notify(level, own.status, text), **rule}
        for assumed in own.assumed if own.status == "judged" else ():
            yield {**_notify("note", "assumed", f"{own.code} {own.title}  {words['assumed']}{assumed}"), **rule}
