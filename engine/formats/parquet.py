"""Write the findings as a Parquet table, straight from the table they are: one row a finding, run and summary as metadata."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import BinaryIO

import duckdb

from engine.by_code import by_code
from engine.delivery import Undeliverable
from engine.formats.json_document import as_text, head
from engine.render import ALL_RENDERED
from engine.report import Report
from ledgers.bulk import text_literal


def write(report: Report, out: BinaryIO) -> None:
    """Write the findings table.

    Shapes:  one row a finding in the order of the report, then one a lead (basis `lead`, no amounts); `locations` and `facts` nested; amounts decimal(38,2) in yuan.
             Run, summary and coverage stand in the file's key-value metadata as `fundcheck`.
    """
    policy = by_code("f.code", {plan.policy.code: f"'{plan.policy.id}'" for plan in report.plans})
    amounts = ", ".join(f"CASE WHEN basis <> 'lead' THEN {name} END AS {name}" for name in ("involved", "recover", "short"))
    findings = (
        f"WITH told AS (SELECT * REPLACE ({amounts}) FROM {ALL_RENDERED}),"
        " place AS (SELECT map(list(_input), list({'path': path, 'sheet': sheet})) AS of FROM inputs)"
        f" SELECT f.fingerprint, f.code, {policy} AS policy, f.verdict, f.severity, f.basis, f.message, f.ledger, f.unit,"
        " place.of[f.rows[1].i].path AS path, place.of[f.rows[1].i].sheet AS sheet, f.rows[1].r AS row,"
        " list_transform(f.rows, lambda x: {'path': place.of[x.i].path, 'sheet': place.of[x.i].sheet, 'row': x.r}) AS locations,"
        " list_transform(f.joined, lambda x: {'path': place.of[x.i].path, 'sheet': place.of[x.i].sheet, 'row': x.r}) AS joined,"
        " f.facts, f.missing, f.readings, f.involved AS amount_involved, f.recover AS amount_to_recover, f.short AS amount_short, f.waiver"
        " FROM told f, place ORDER BY f.basis = 'lead', f.n"
    )
    with TemporaryDirectory(prefix="fundcheck-") as folder:
        written = Path(folder) / "findings.parquet"
        told = f"FORMAT parquet, COMPRESSION zstd, KV_METADATA {{fundcheck: {text_literal(as_text(head(report)))}}}"
        cursor = report.con.cursor()
        try:  # by what it knows of values it would say of other columns in each report that they are never NULL
            cursor.execute("SET disabled_optimizers = 'statistics_propagation'")
            cursor.execute(f"COPY ({findings}) TO {text_literal(str(written))} ({told})")
        except duckdb.IOException as error:
            raise Undeliverable(
                f"cannot write in the temporary folder {folder}: {error}. make room there, or set TMPDIR."
            ) from error
        finally:
            cursor.execute("RESET disabled_optimizers")
        with written.open("rb") as file:
            copyfileobj(file, out)
