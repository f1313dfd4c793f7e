"""Write the findings as a CSV table to be opened in a spreadsheet program: a row a finding, then the leads and what was not judged."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

from engine.formats.terminal import WORDS, say_place, word_of
from engine.report import Report, stream_findings

MOST_PLACES = 50  # further rows of one finding that are named; the rest is counted
# A spreadsheet program takes a text that begins so for a formula, even behind blanks, and runs it.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_HEADERS = {
    "zh": ("结论", "严重程度", "编号", "政策", "类别", "单位", "文件", "工作表", "行", "单元格", "其他位置", "说明", "涉及金额", "建议退回", "少发金额",
           "依据文件", "条款", "引文", "建议", "指纹"),
    "en": ("verdict", "severity", "code", "policy", "category", "unit", "file", "sheet", "row", "cell", "other places", "message",
           "amount involved", "proposed to return", "amount short", "document", "section", "quote", "remedy", "fingerprint"),
}  # fmt: skip
_MORE = {"zh": "另有 {n} 处", "en": "{n} more"}


def write(report: Report, out: BinaryIO) -> None:
    """Write UTF-8 with a byte-order mark and headers in the report's language.

    Shapes:  amounts and rows are numbers, everything else quoted text; several clauses are joined by line breaks. The
             findings, then the leads, which name themselves and no amount; then a row without a fingerprint for each file, sheet and policy that was not judged, and each reason of the
             exit codes 3 and 4: no table looks clean because nothing was read.
    """
    text = io.TextIOWrapper(out, "utf-8-sig", newline="")
    table = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    table.writerow(_HEADERS[report.lang])
    titles = {own.code: own.title for own in report.coverage}
    for leads in (False, True):
        for finding in stream_findings(report, leads=leads):
            table.writerow([_guarded(value) for value in _row(report, finding, titles)])
    for values in _not_judged(report):
        table.writerow([_guarded(value) for value in values])
    text.detach()


def _guarded(value: str | int | Decimal | None) -> str | int | Decimal:
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return "" if value is None else value


def _row(report: Report, finding: dict[str, Any], titles: dict[str, str]) -> tuple[str | int | Decimal | None, ...]:
    words: dict[str, Any] = WORDS[report.lang]
    first, *others = finding["locations"]
    further = [say_place(place) for place in others[:MOST_PLACES]]
    further += [_MORE[report.lang].format(n=len(others) - MOST_PLACES)] if len(others) > MOST_PLACES else []
    citations = finding["citations"]
    marks = {"seen": "", "second-hand": "", "unverified": f"（{words['unverified']}）"}
    amounts = (finding[name] for name in ("amount_involved", "amount_to_recover", "amount_short"))
    return (
        words[word_of(finding)], finding["severity"], finding["code"], titles[finding["code"]], finding["category"], finding["unit"],
        first["path"], first["sheet"], first["row"], first["cell"], "、".join(further), finding["message"],
        *(None if amount is None or finding["basis"] == "lead" else Decimal(amount) for amount in amounts),
        "\n".join(f"《{one['document']}》{marks[one['evidence']]}" for one in citations), "\n".join(one["section"] for one in citations),
        "\n".join(one["quote"] or f"{one['paraphrase']}（{words['paraphrase']}）" for one in citations),
        finding["remedy"]["text"], finding["fingerprint"],
    )  # fmt: skip


def _not_judged(report: Report) -> Iterator[tuple[str | None, ...]]:
    words: dict[str, Any] = WORDS[report.lang]
    reasons = [reason["reason"] for reason in report.summary["exit_reasons"] if reason["code"] != 1 and not reason["paths"]]
    reasons += [report.run["cases"]] if report.run["cases"] != "judged" else []
    for reason in reasons:
        yield _unjudged(report, "", "", reason)
    for own in report.coverage:
        if own.reason:
            prefix = words["status"].get(own.status, words["status"]["column_missing"])
            yield _unjudged(report, own.code, own.title, f"{prefix}{own.reason}")
    for note in report.notes:
        if note.fatal:
            yield _unjudged(report, note.code, words["intake"], note.message, note.path, note.sheet)


def _unjudged(
    report: Report, code: str, title: str, reason: str, path: str = "", sheet: str | None = None
) -> tuple[str | None, ...]:
    words: dict[str, Any] = WORDS[report.lang]
    known = (words["not_evaluable"], "", code, title, "", "", path, sheet, "", "", "", reason)
    return (*known, *[""] * (len(_HEADERS[report.lang]) - len(known)))
