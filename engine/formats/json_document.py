"""Write the report as one JSON document, the findings streamed into it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

from engine.report import SCHEMA, Report, stream_findings


def as_text(value: object) -> str:
    """Write a value as JSON on one line, keys in the order of the contract, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def head(report: Report) -> dict[str, Any]:
    """Give everything but the findings and leads."""
    return {
        "schema": SCHEMA,
        "run": report.run,
        "summary": report.summary,
        "coverage": [_without_title(own._asdict()) for own in report.coverage],
    }


def intake(report: Report) -> list[dict[str, Any]]:
    """Give the notes of the intake."""
    return [note._asdict() for note in report.notes]


def _without_title(own: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in own.items() if name != "title"}


def write(report: Report, out: BinaryIO) -> None:
    """Write the document; a finding a line, so that a difference of two reports is readable."""

    def listed(*, leads: bool) -> None:
        for number, finding in enumerate(stream_findings(report, leads=leads)):
            out.write(((",\n" if number else "\n") + as_text(finding)).encode())

    parts = [f'"{name}": {as_text(value)}' for name, value in head(report).items()]
    out.write(("{\n" + ",\n".join(parts) + ',\n"findings": [').encode())
    listed(leads=False)
    out.write(b'\n],\n"leads": [')
    listed(leads=True)
    notes = ",\n".join(as_text(note) for note in intake(report))
    out.write(f'\n],\n"intake": [\n{notes}\n]\n}}\n'.encode())
