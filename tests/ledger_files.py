"""Write one table in every form in which unions send it. Rows of texts, numbers, days, flags and errors go in, a file comes out."""

from __future__ import annotations

import csv
import html
import io
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
import xlwt

EPOCH = date(1899, 12, 30)
CODES = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}


class Error(NamedTuple):
    """Stand for the error value of a cell."""

    text: str


class Formula(NamedTuple):
    """Stand for a formula that nobody has computed, or whose result is the empty text."""

    computed: bool = False


Cell = str | int | float | bool | date | Error | Formula | None
Rows = Sequence[Sequence[Cell]]


def shown(cell: Cell) -> str:
    """Write a cell as a spreadsheet shows it."""
    if isinstance(cell, Error):
        return cell.text
    if isinstance(cell, bool):
        return "是" if cell else "否"
    return "" if cell is None or isinstance(cell, Formula) else str(cell)


def write_xlsx(path: Path, rows: Rows, hidden_row: int = -1, hidden_column: int = -1) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet, day = book.add_worksheet("表"), book.add_format({"num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, Error):
                sheet.write_formula(number, column, "=1/0", None, cell.text)
            elif isinstance(cell, bool):
                sheet.write_boolean(number, column, cell)
            elif isinstance(cell, date):
                sheet.write_datetime(number, column, cell, day)
            elif isinstance(cell, str):
                sheet.write_string(number, column, cell)
            elif cell is not None and not isinstance(cell, Formula):
                sheet.write_number(number, column, cell)
    if hidden_row >= 0:
        sheet.set_row(hidden_row, None, None, {"hidden": True})
    if hidden_column >= 0:
        sheet.set_column(hidden_column, hidden_column, None, None, {"hidden": True})
    book.close()
    return path


def write_xls(
    path: Path, rows: Rows, hidden_row: int = -1, hidden_column: int = -1, *, from_1904: bool = False, day: str = "yyyy-mm-dd"
) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = from_1904
    sheet, style = book.add_sheet("表"), xlwt.easyxf(num_format_str=day)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, Error):
                sheet.row(number).set_cell_error(column, "#N/A!" if cell.text == "#N/A" else cell.text)
            elif isinstance(cell, Formula):
                sheet.write(number, column, xlwt.Formula("1+1"))
            elif isinstance(cell, date):
                sheet.write(number, column, cell, style)
            elif cell is not None and cell != "":
                sheet.write(number, column, cell)
    if hidden_row >= 0:
        sheet.row(hidden_row).hidden = True
    if hidden_column >= 0:
        sheet.col(hidden_column).hidden = True
    book.save(str(path))
    return path


def _record(code: int, data: bytes = b"") -> bytes:
    head = bytes([code]) if code < 128 else bytes([code & 0x7F | 0x80, code >> 7])
    length, size = len(data), b""
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 127 else 0)])
        length >>= 7
        if not length:
            return head + size + data


def _wide(text: str) -> bytes:
    data = text.encode("utf-16-le")
    return struct.pack("<I", len(data) // 2) + data


def _binary_cell(column: int, cell: Cell, style: int) -> bytes:
    place = struct.pack("<II", column, style if isinstance(cell, date) else 0)
    if isinstance(cell, Error):
        return _record(3, place + bytes([CODES[cell.text]]))
    if isinstance(cell, Formula):
        return _record(8, place + _wide("") + struct.pack("<HII", 0, 0, 0))
    if isinstance(cell, bool):
        return _record(4, place + bytes([cell]))
    if isinstance(cell, date):
        return _record(5, place + struct.pack("<d", (cell - EPOCH).days))
    if isinstance(cell, str):
        return _record(6, place + _wide(cell)) if cell else b""
    return _record(5, place + struct.pack("<d", cell)) if cell is not None else b""


class Look(NamedTuple):
    """Say what a cell looks like; of a text, in which of these looks it goes on from each of its characters."""

    code: str = "General"
    struck: bool = False
    raised: bool = False


def _font(look: Look) -> bytes:
    return _record(43, struct.pack("<HHHHBBBB8xB", 220, 8 * look.struck, 400, look.raised, 0, 2, 0, 0, 0) + _wide("宋体"))


def write_xlsb(
    path: Path,
    rows: Rows,
    hidden_row: int = -1,
    hidden_column: int = -1,
    *,
    day: str = "yyyy-mm-dd",
    looks: Sequence[Look] = (),
    looking: Mapping[tuple[int, int], int] = MappingProxyType({}),
    runs: Mapping[tuple[int, int], Sequence[tuple[int, int]]] = MappingProxyType({}),
) -> Path:
    """Write a binary workbook record by record ([MS-XLSB] 2.1): no library does.

    Shapes:  `looking` says the look of cells, by its place in `looks`; `runs` from which characters on texts look how.
    """
    width = max(map(len, rows))
    body = [_record(129), _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, width - 1))]
    if hidden_column >= 0:
        body += [_record(390), _record(60, struct.pack("<IIIIH", hidden_column, hidden_column, 2560, 0, 1)), _record(391)]
    body.append(_record(145))
    for number, row in enumerate(rows):
        flags = 0x10 if number == hidden_row else 0
        body.append(_record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, flags, 0, 0)))
        for column, cell in enumerate(row):
            if (number, column) in runs:
                body.append(_record(7, struct.pack("<III", column, 0, list(runs).index((number, column)))))
            elif (own := looking.get((number, column))) is not None and isinstance(cell, (int, float)):
                body.append(_record(5, struct.pack("<IId", column, 2 + own, cell)))
            else:
                body.append(_binary_cell(column, cell, 1))
    body += [_record(146), _record(130)]
    sheets = _record(143) + _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("表")) + _record(144)
    book = _record(131) + _record(153, struct.pack("<II", 0, 0) + _wide("")) + sheets + _record(132)
    codes = b"".join(
        _record(44, struct.pack("<H", number) + _wide(code))
        for number, code in enumerate((day, *(look.code for look in looks)), 164)
    )
    formats = _record(615, struct.pack("<I", 1 + len(looks))) + codes + _record(616)
    fonts = _record(611, struct.pack("<I", 1 + len(looks))) + b"".join(map(_font, (Look(), *looks))) + _record(612)
    used = [(0, 0), (164, 0), *((165 + number, 1 + number) for number in range(len(looks)))]
    cells = b"".join(_record(47, struct.pack("<HHHHH", 0, code, font, 0, 0) + bytes(6)) for code, font in used)
    styles = _record(278) + formats + fonts + _record(617, struct.pack("<I", len(used))) + cells + _record(618) + _record(279)
    shared = [
        b"\x01"
        + _wide(str(rows[row][column]))
        + struct.pack("<I", len(own))
        + b"".join(struct.pack("<HH", at, 1 + look) for at, look in own)
        for (row, column), own in runs.items()
    ]
    texts = (
        _record(159, struct.pack("<II", len(shared), len(shared))) + b"".join(_record(19, own) for own in shared) + _record(160)
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>',
        )
        for name, targets in (
            ("_rels/.rels", {"officeDocument": "xl/workbook.bin"}),
            (
                "xl/_rels/workbook.bin.rels",
                {"worksheet": "worksheets/sheet1.bin", "styles": "styles.bin", "sharedStrings": "sharedStrings.bin"},
            ),
        ):
            lines = "".join(
                f'<Relationship Id="rId{n}" Type="{kind}/{own}" Target="{target}"/>'
                for n, (own, target) in enumerate(targets.items(), 1)
            )
            archive.writestr(name, f'<Relationships xmlns="{package}/relationships">{lines}</Relationships>')
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/styles.bin", styles)
        archive.writestr("xl/sharedStrings.bin", texts)
        archive.writestr("xl/worksheets/sheet1.bin", b"".join(body))
    return path


ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def _open_cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, Formula):
        return f'<table:table-cell table:formula="of:=1">{"<text:p/>" if cell.computed else ""}</table:table-cell>'
    text = "".join(f"<text:p>{html.escape(line)}</text:p>" for line in shown(cell).split("\n"))
    if isinstance(cell, Error):
        return f'<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="">{text}</table:table-cell>'
    if isinstance(cell, bool):
        return (
            f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(cell).lower()}">{text}</table:table-cell>'
        )
    if isinstance(cell, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell}">{text}</table:table-cell>'
    if isinstance(cell, str):
        return f'<table:table-cell office:value-type="string">{text.replace("  ", " <text:s/>")}</table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{cell!r}">{text}</table:table-cell>'


def _open_document(rows: Rows, hidden_row: int, hidden_column: int) -> str:
    unseen = " table:visibility='collapse'"
    width = max(map(len, rows))
    columns = "".join(f"<table:table-column{unseen if column == hidden_column else ''}/>" for column in range(width))
    lines = "".join(
        f"<table:table-row{unseen if number == hidden_row else ''}>{''.join(map(_open_cell, row))}"
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        for number, row in enumerate(rows)
    )
    tail = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    return f'<office:body><office:spreadsheet><table:table table:name="表">{columns}{lines}{tail}</table:table></office:spreadsheet></office:body>'


def write_ods(path: Path, rows: Rows, hidden_row: int = -1, hidden_column: int = -1) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        body = _open_document(rows, hidden_row, hidden_column)
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {ODF}>{body}</office:document-content>',
        )
    return path


def write_fods(path: Path, rows: Rows, hidden_row: int = -1, hidden_column: int = -1) -> Path:
    body = _open_document(rows, hidden_row, hidden_column)
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {ODF}>{body}</office:document>', encoding="utf-8")
    return path


def _cell_of_2003(cell: Cell) -> str:
    if isinstance(cell, Formula):
        return '<Cell ss:Formula="=1"/>' if not cell.computed else '<Cell ss:Formula="=1"><Data ss:Type="String"></Data></Cell>'
    if cell is None or cell == "":
        return "<Cell/>"
    if isinstance(cell, Error):
        return f'<Cell ss:Formula="=1/0"><Data ss:Type="Error">{cell.text}</Data></Cell>'
    if isinstance(cell, bool):
        return f'<Cell><Data ss:Type="Boolean">{int(cell)}</Data></Cell>'
    if isinstance(cell, date):
        return f'<Cell ss:StyleID="s1"><Data ss:Type="DateTime">{cell}T00:00:00.000</Data></Cell>'
    if isinstance(cell, str):
        text = html.escape(cell).replace("\n", "&#10;")
        return f'<Cell><Data ss:Type="String">{text}</Data></Cell>'
    return f'<Cell><Data ss:Type="Number">{cell!r}</Data></Cell>'


def write_2003(
    path: Path, rows: Rows, hidden_row: int = -1, hidden_column: int = -1, *, encoding: str = "utf-8", day: str = "yyyy-mm-dd"
) -> Path:
    unseen = ' ss:Hidden="1"'
    lines = "".join(
        f'<Row ss:Index="{number + 1}"{unseen if number == hidden_row else ""}>{"".join(map(_cell_of_2003, row))}</Row>'
        for number, row in enumerate(rows)
    )
    column = f'<Column ss:Index="{hidden_column + 1}" ss:Hidden="1"/>' if hidden_column >= 0 else ""
    style = f'<Styles><Style ss:ID="s1"><NumberFormat ss:Format="{html.escape(day)}"/></Style></Styles>'
    office = "urn:schemas-microsoft-com:office:spreadsheet"
    path.write_bytes(
        f'<?xml version="1.0" encoding="{encoding}"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="{office}" xmlns:ss="{office}">{style}'
        f'<Worksheet ss:Name="表"><Table>{column}{lines}</Table></Worksheet></Workbook>'.encode(encoding)
    )
    return path


def write_page(path: Path, rows: Rows, hidden_row: int = -1, encoding: str = "utf-8") -> Path:
    unseen = ' style="display:none"'
    lines = "\n".join(
        f"<tr{unseen if number == hidden_row else ''}>"
        + "".join(f"<td>{html.escape(shown(cell)).replace(chr(10), '<br/>')}</td>" for cell in row)
        for number, row in enumerate(rows)
    )
    said = {"utf-8": "utf-8", "gb18030": "gb2312", "big5": "big5"}[encoding]
    page = f'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="{said}"><title>x</title><style>td {{}}</style></head><body><table>{lines}</table></body></html>'
    path.write_bytes(page.encode(encoding))
    return path


def write_tabs(path: Path, rows: Rows, encoding: str = "gb18030") -> Path:
    lines = ("\t".join('"' + shown(cell).replace('"', '""') + '"' for cell in row) for row in rows)
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def write_separated(path: Path, rows: Rows, encoding: str = "utf-8", mark: str = ",") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows([shown(cell) for cell in row] for row in rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsm(path: Path, rows: Rows) -> Path:
    """Write a workbook that says it holds macros."""
    write_xlsx(path, rows)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    plain, macros = b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main", b"vnd.ms-excel.sheet.macroEnabled.main"
    assert plain in parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(plain, macros)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def write_parquet(path: Path, rows: Rows) -> Path:
    header, *body = rows
    columns = {shown(name): pa.array([shown(row[n]) for row in body], pa.string()) for n, name in enumerate(header)}
    pq.write_table(pa.table(columns), path)
    return path


def write_sqlite(path: Path, rows: Rows) -> Path:
    header, *body = rows
    with sqlite3.connect(path) as con:
        names = ", ".join(f'"{shown(name)}"' for name in header)
        con.execute(f"CREATE TABLE 表 ({names})")
        cells = [
            [None if cell is None else cell if isinstance(cell, str | int | float) else shown(cell) for cell in row]
            for row in body
        ]
        con.executemany(f"INSERT INTO 表 VALUES ({', '.join('?' * len(header))})", cells)
    con.close()
    return path


def write_duckdb(path: Path, rows: Rows) -> Path:
    header, *body = rows
    with duckdb.connect(str(path)) as con:
        con.register(
            "body",
            pa.table({shown(name): pa.array([shown(row[n]) for row in body], pa.string()) for n, name in enumerate(header)}),
        )
        con.execute("CREATE TABLE 表 AS SELECT * FROM body")
    return path


WRITERS: dict[str, Callable[[Path, Rows], Path]] = {
    "a.xlsx": write_xlsx,
    "b.xls": write_xls,
    "c.xlsb": write_xlsb,
    "d.ods": write_ods,
    "e.fods": write_fods,
    "f.xml": write_2003,
    "g.html": write_page,
    "h.xls": write_tabs,  # as many systems export
    "i.et": write_xls,
    "j.et": write_xlsx,
    "k.xls": write_page,
    "l.xls": write_2003,
    "m.xls": write_xlsx,
    "n.xlsx": write_xls,
    "o.db": write_sqlite,
    "p.duckdb": write_duckdb,
    "q.sqlite3": write_sqlite,
}
# Forms whose end cannot be told from where they were cut off, and such as differ from another in little.
PLAIN: dict[str, Callable[[Path, Rows], Path]] = {
    "r.csv": write_separated,
    "s.csv": partial(write_separated, encoding="utf-8-sig", mark=";"),
    "t.tsv": partial(write_separated, mark="\t"),
    "u.csv": partial(write_separated, encoding="utf-16", mark="\t"),
    "v.csv": partial(write_separated, encoding="gb18030"),
    "w.txt": partial(write_separated, encoding="gb18030", mark="\t"),
    "x.parquet": write_parquet,
    "y.xlsm": write_xlsm,
}
