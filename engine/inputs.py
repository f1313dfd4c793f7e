"""Describe for a report what was read: each sheet with its unit, and how the older versions differ from the newest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledgers.intake import Input
from ledgers.versions import Version


def describe_input(one: Input) -> dict[str, Any]:
    """Describe one sheet."""
    return {
        "path": one.path,
        "sheet": one.sheet,
        "ledger": one.kind,
        "rows": one.rows,
        "sha256": one.sha256,
        "encoding": one.encoding,
        "unit": {"code": one.unit_code, "name": one.unit_name, "from": one.unit_from},
        "amounts_in": one.unit_of_amounts or None,
        "version_of": one.version_of,
    }


def describe_version(version: Version, inputs: Sequence[Input]) -> dict[str, Any]:
    """Say how an older version differs from the newest: by rows and headers, with nothing of what stands in the cells."""
    older, newest, found = inputs[version.older], inputs[version.newest], version.difference
    return {
        "older": {"path": older.path, "sheet": older.sheet, "rows": version.rows[0]},
        "newest": {"path": newest.path, "sheet": newest.sheet, "rows": version.rows[1]},
        "decided_by": version.ground,
        "same": found.same,
        "changed": [
            {"row": row, "newest_row": other, "columns": [newest.headers[name] for name in names]}
            for row, other, names in found.changed
        ],
        "vanished": list(found.vanished),
        "added": list(found.added),
    }
