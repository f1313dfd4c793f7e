"""Write the report as JSON Lines: the run first, then coverage, findings, leads and intake, each line naming what it is."""

from __future__ import annotations

from typing import BinaryIO

from engine.formats.json_document import as_text, head, intake
from engine.report import Report, stream_findings


def write(report: Report, out: BinaryIO) -> None:
    """Write one object a line with its `type`; findings are streamed."""
    whole = head(report)
    out.write((as_text({"type": "run", **{k: v for k, v in whole.items() if k != "coverage"}}) + "\n").encode())
    for own in whole["coverage"]:
        out.write((as_text({"type": "coverage", **own}) + "\n").encode())
    for leads in (False, True):
        for finding in stream_findings(report, leads=leads):
            out.write((as_text({"type": "lead" if leads else "finding", **finding}) + "\n").encode())
    for note in intake(report):
        out.write((as_text({"type": "intake", **note}) + "\n").encode())
