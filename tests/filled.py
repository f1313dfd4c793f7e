"""Fill templates with checks, let LibreOffice reckon them, and read what their formulas say. Fast: cells are put into the XML."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import python_calamine

from engine.spreadsheet import serial
from ledgers.checks import MARK
from ledgers.sheets import column_letters
from ledgers.template import HEAD, LEDGER

SHEET = "xl/worksheets/sheet1.xml"


def fill(book: bytes, path: Path, rows: Sequence[Sequence[object]]) -> Path:
    """Write rows into a template, as if typed, and leave no result in its formulas."""
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            if part.startswith("xl/worksheets/sheet"):
                content = re.sub(b"(</f>|<f [^>]*/>)<v>[^<]*</v>", rb"\1", content)
            new.writestr(part, _typed(content.decode(), rows) if part == SHEET else content)
    return path


def delete_column(book: bytes, place: int) -> bytes:
    """Leave a broken reference in place of a column, as Excel does where it is deleted; its cells stay blank."""
    letters, out = column_letters(place), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            text = old.read(part).decode() if part.startswith("xl/worksheets/sheet") else ""
            if text:
                text = re.sub(rf"(?<![A-Z$:\"])(?:台账!)?\$?{letters}\$?[0-9]+(?![0-9:])(?=[^<]*</f>)", "#REF!", text)
                text = re.sub(rf'<c r="{letters}{HEAD}"[^>]*?>.*?</c>', "", text, flags=re.DOTALL) if part == SHEET else text
            new.writestr(part, text or old.read(part))
    return out.getvalue()


def _typed(sheet: str, rows: Sequence[Sequence[object]]) -> str:
    found = re.findall('<col min="([0-9]+)" max="[0-9]+" [^>]*?style="([0-9]+)"', sheet)
    styles = {int(number) - 1: style for number, style in found}
    return re.sub('(<row r="([0-9]+)"[^>]*>)', lambda match: match[1] + _cells(int(match[2]), rows, styles), sheet)


def _cells(number: int, rows: Sequence[Sequence[object]], styles: Mapping[int, str]) -> str:
    if not HEAD < number <= HEAD + len(rows):
        return ""
    return "".join(
        _cell(f"{column_letters(place)}{number}", value, styles.get(place, "0"))
        for place, value in enumerate(rows[number - HEAD - 1])
    )


def _cell(at: str, value: object, style: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{at}" s="{style}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, date):
        value = serial(value)
    if isinstance(value, int | float):
        return f'<c r="{at}" s="{style}"><v>{value!r}</v></c>'
    return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def office() -> None:
    """Go on only where LibreOffice is installed; where everything must be, its absence is a failure."""
    if shutil.which("soffice") is None:
        assert not os.environ.get("CI"), "soffice is not installed"
        pytest.skip("needs LibreOffice (soffice)")


def reckon(paths: Sequence[Path], folder: Path, form: str = "xlsx:Calc MS Excel 2007 XML") -> list[Path]:
    """Let LibreOffice reckon every formula of some workbooks, and write them in a form of its own making."""
    office()
    words = ["soffice", f"-env:UserInstallation={(folder / 'office').as_uri()}", "--headless"]
    words += ["--convert-to", form, "--outdir", str(folder / "reckoned"), *map(str, paths)]
    subprocess.run(words, check=True, capture_output=True, timeout=1500)
    return [folder / "reckoned" / f"{path.stem}.{form.partition(':')[0]}" for path in paths]


def said(path: Path) -> list[dict[str, object]]:
    """Read the check columns of every filled row, by header without its mark."""
    rows = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name(LEDGER).to_python(skip_empty_area=False)
    heads = {place: str(text) for place, text in enumerate(rows[HEAD - 1])}
    found = ({heads[place].removeprefix(MARK): cell for place, cell in enumerate(row) if heads[place]} for row in rows[HEAD:])
    return [row for row in found if row["行"] != ""]
