"""Write a receipt of electronic data: for the screen, for programs, as a workbook, and as a document to be signed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from engine import VERSION
from engine.delivery import NO_CONTROL
from engine.receipt import Receipt, Received, Sheet, Sum

SCHEMA = "fundcheck-receipt/1"
WORDS = {
    "zh": {
        "title": "电子数据接收单", "list": "接收清单", "totals": "合计", "versions": "版本",
        "columns": ("序号", "文件", "大小（字节）", "SHA-256", "工作表", "台账", "行数", "金额合计（元）", "单位", "单位来源", "旧版或副本", "备注"),
        "count": ("台账", "工作表数", "行数", "金额合计（元）"),
        "changes": ("旧版", "工作表", "新版", "依据", "相同", "改动（旧版行号）", "新版中没有（旧版行号）", "新增（新版行号）"),
        "from": {"column": "单位列", "title": "标题", "file": "文件名", "sheet": "工作表名", "folder": "目录"},
        "grounds": {"file_name": "文件名", "modified": "工作簿记录的修改时间", "mtime": "文件的修改时间", "project": "项目文件"},
        "of": "{path} 的旧版或副本", "not_read": "未读取", "unread": "{n} 格无法读取", "blank": "{n} 格为空", "without": "{amount}（未计入：{what}）",
        "sum": "{title} {amount}", "bytes": "{n} 字节", "rows": "{n} 行", "sheets": "{n} 个工作表",
        "files": "共 {n} 个文件，{size} 字节；其中 {unread} 个有内容未能读取，{none} 个没有作为台账读取的内容。",
        "counted": "合计只含最新版本；旧版和副本列在清单中，不计入。", "none": "没有可计入的台账。",
        "given": "移交单位（盖章）：", "taken": "接收单位（盖章）：", "giver": "移交人（签字）：", "taker": "接收人（签字）：",
        "day": "日期：　　　　年　　月　　日",
        "promise": "移交单位对所交电子数据的真实性、完整性负责。双方核对文件名、SHA-256、行数和金额合计后签字。",
        "roster": {"sent_nothing": "未报送", "sent_unread": "报送的文件均未能读取", "not_on_roster": "不在名单中", "ambiguous": "名单中有几个符合"},
    },
    "en": {
        "title": "Receipt of electronic data", "list": "List", "totals": "Totals", "versions": "Versions",
        "columns": ("No.", "File", "Size (bytes)", "SHA-256", "Sheet", "Ledger", "Rows", "Sum of amounts (yuan)", "Unit", "Read from", "Version or copy", "Remarks"),
        "count": ("Ledger", "Sheets", "Rows", "Sum of amounts (yuan)"),
        "changes": ("Older", "Sheet", "Newest", "Decided by", "Same", "Changed (rows of the older)", "Vanished (rows of the older)", "Added (rows of the newest)"),
        "from": {"column": "column", "title": "title", "file": "file name", "sheet": "sheet name", "folder": "folder"},
        "grounds": {"file_name": "file name", "modified": "change recorded in the workbook", "mtime": "time of the file", "project": "project file"},
        "of": "older version or copy of {path}", "not_read": "not read", "unread": "{n} cells cannot be read", "blank": "{n} cells blank",
        "without": "{amount} (not in it: {what})", "sum": "{title} {amount}", "bytes": "{n} bytes", "rows": "{n} rows", "sheets": "{n} sheets",
        "files": "{n} files, {size} bytes; {unread} hold something that could not be read, {none} nothing that was read as a ledger.",
        "counted": "Only newest versions are counted; older ones and copies stand in the list.", "none": "No ledger to be counted.",
        "given": "Handed over by (seal):", "taken": "Received by (seal):", "giver": "Signature:", "taker": "Signature:", "day": "Date:",
        "promise": "Who hands over answers for the data being true and complete. Both compare names, SHA-256, rows and sums, and sign.",
        "roster": {"sent_nothing": "sent nothing", "sent_unread": "sent nothing that could be read", "not_on_roster": "not on the roster", "ambiguous": "fits several of the roster"},
    },
}  # fmt: skip


def write_json(receipt: Receipt, out: BinaryIO) -> None:
    """Write the receipt for programs; amounts are strings in yuan."""
    files = [
        {
            "path": file.path,
            "size": file.size,
            "sha256": file.sha256,
            "sheets": [_sheet(sheet) for sheet in file.sheets],
            "failed": file.failed,
            "remarks": list(file.remarks),
        }
        for file in receipt.files
    ]
    totals = [
        {"ledger": own.kind, "sheets": own.sheets, "rows": own.rows, "sums": [_sum(one) for one in own.sums]}
        for own in receipt.totals
    ]
    document = {
        "schema": SCHEMA,
        "tool_version": VERSION,
        "exit_code": receipt.exit_code,
        "files": files,
        "totals": totals,
        "versions": list(receipt.versions),
        "roster": receipt.roster,
    }
    out.write(json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")


def _sheet(sheet: Sheet) -> dict[str, Any]:
    code, name, origin = sheet.unit
    return {
        "sheet": sheet.sheet,
        "ledger": sheet.kind,
        "rows": sheet.rows,
        "sums": [_sum(own) for own in sheet.sums],
        "unit": {"code": code, "name": name, "from": origin},
        "version_of": sheet.version_of,
    }


def _sum(own: Sum) -> dict[str, Any]:
    return {"column": own.column, "amount": f"{own.amount:.2f}", "unread": own.unread, "blank": own.blank}


def _lines(receipt: Receipt) -> Iterator[list[str | int]]:
    """Yield the lines of the list: one a sheet, and one for a file of which nothing was read."""
    words: dict[str, Any] = WORDS[receipt.lang]
    number = 0
    for file in receipt.files:
        for place, sheet in enumerate(file.sheets or (None,)):
            number += 1
            yield [number, *_file(file), *_read(sheet, words), _plain("；".join(file.remarks) if not place else "")]


def _file(file: Received) -> list[str | int]:
    return [_plain(file.path), "" if file.size is None else file.size, file.sha256]


def _read(sheet: Sheet | None, words: dict[str, Any]) -> list[str | int]:
    if sheet is None:
        return ["", words["not_read"], "", "", "", "", ""]
    code, name, origin = sheet.unit
    unit = " ".join(filter(None, (code, name)))
    of = words["of"].format(path=sheet.version_of) if sheet.version_of else ""
    sums = say_sums(sheet.sums, words)
    return [
        _plain(sheet.sheet or ""),
        sheet.title,
        sheet.rows,
        sums,
        _plain(unit),
        words["from"][origin] if name else "",
        _plain(of),
    ]


def say_sums(sums: Sequence[Sum], words: dict[str, Any]) -> str:
    """Write sums, each with what is not in it; a single one without its title."""
    said = []
    for own in sums:
        missing = [words[name].format(n=n) for name, n in (("unread", own.unread), ("blank", own.blank)) if n]
        amount = f"{own.amount:,.2f}"
        amount = words["without"].format(amount=amount, what="、".join(missing)) if missing else amount
        said.append(amount if len(sums) == 1 else words["sum"].format(title=own.title, amount=amount))
    return "；".join(said)


def _plain(text: str) -> str:
    return text.translate(NO_CONTROL)


def _overview(receipt: Receipt) -> list[str]:
    """Write what holds for the whole: files and bytes, what was not read, what counts, which units are missing."""
    words: dict[str, Any] = WORDS[receipt.lang]
    size = sum(file.size or 0 for file in receipt.files)
    unread, none = (
        sum(map(bool, column)) for column in zip(*((file.failed, not file.sheets) for file in receipt.files), strict=True)
    )
    said = [words["files"].format(n=len(receipt.files), size=size, unread=unread, none=none), words["counted"]]
    for key, word in words["roster"].items():
        units = receipt.roster[key] if receipt.roster else ()
        named = [unit if isinstance(unit, str) else " ".join(filter(None, (unit["code"], unit["name"]))) for unit in units]  # type: ignore[attr-defined]
        said += [_plain(f"{word} {len(named)}：{'、'.join(named)}")] if named else []
    return said


def _counts(receipt: Receipt) -> list[list[str | int]]:
    words: dict[str, Any] = WORDS[receipt.lang]
    return [[own.title, own.sheets, own.rows, say_sums(own.sums, words)] for own in receipt.totals]


def _changes(receipt: Receipt) -> Iterator[list[str | int]]:
    words: dict[str, Any] = WORDS[receipt.lang]
    for version in receipt.versions:
        own: dict[str, Any] = dict(version)
        changed = "、".join(f"{row['row']}（{'、'.join(row['columns'])}）" for row in own["changed"])
        rows = ["、".join(map(str, own[name])) for name in ("vanished", "added")]
        known = own["older"]["path"], own["older"]["sheet"] or "", own["newest"]["path"], words["grounds"][own["decided_by"]]
        yield [*map(_plain, known), own["same"], _plain(changed), *rows]


def write_terminal(receipt: Receipt, out: BinaryIO) -> None:
    """Write the receipt for the screen, a block a file."""
    words: dict[str, Any] = WORDS[receipt.lang]
    lines = [words["title"], ""]
    for file in receipt.files:
        lines += [_plain(file.path), f"  {'—' if file.size is None else words['bytes'].format(n=file.size)}  {file.sha256}"]
        for sheet in file.sheets:
            name, title, rows, sums, unit, origin, of = _read(sheet, words)
            facts = [
                f"[{name}]" if name else "",
                title,
                words["rows"].format(n=rows),
                sums,
                f"{unit}（{origin}）" if unit else "",
                of,
            ]
            lines.append("  " + "  ".join(str(fact) for fact in facts if fact))
        lines += [] if file.sheets else [f"  {words['not_read']}"]
        lines += [f"  {_plain(remark)}" for remark in file.remarks]
    lines += ["", words["totals"]]
    for title, sheets, rows, sums in _counts(receipt):
        lines.append(f"  {title}  {words['sheets'].format(n=sheets)}  {words['rows'].format(n=rows)}  {sums}")
    lines += [] if receipt.totals else [f"  {words['none']}"]
    lines += [f"  {said}" for said in _overview(receipt)]
    out.write("".join(f"{line}\n" for line in lines).encode())


def write_xlsx(receipt: Receipt, out: BinaryIO) -> None:
    """Write the receipt as a workbook: list, totals, versions. Every text stays a text, whatever it begins with."""
    from ledgers.written import new_book

    words: dict[str, Any] = WORDS[receipt.lang]
    book = new_book(out)
    bold = book.add_format({"bold": True, "border": 1, "bg_color": "#DDEBF7", "text_wrap": True, "valign": "top"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    tables: list[tuple[str, Sequence[str], list[list[str | int]], Sequence[int]]] = [
        (words["list"], words["columns"], list(_lines(receipt)), (6, 40, 12, 68, 14, 18, 8, 26, 22, 10, 30, 60)),
        (words["totals"], words["count"], _counts(receipt), (24, 10, 10, 60)),
        (words["versions"], words["changes"], list(_changes(receipt)), (40, 14, 40, 20, 8, 30, 24, 24)),
    ]
    for name, header, rows, widths in tables if receipt.versions else tables[:2]:
        sheet = book.add_worksheet(name)
        for place, (title, width) in enumerate(zip(header, widths, strict=True)):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, title, bold)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(number, place, value, cell)
                else:
                    sheet.write_string(number, place, value, cell)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        if name == words["totals"]:
            for number, said in enumerate(_overview(receipt), start=len(rows) + 2):
                sheet.write_string(number, 0, said)
    book.close()


def write_docx(receipt: Receipt, out: BinaryIO) -> None:
    """Write the receipt as a document with lines to sign; equal receipts give equal bytes."""
    import docx
    from docx.enum.section import WD_ORIENT
    from docx.oxml.ns import qn
    from docx.shared import Pt

    words: dict[str, Any] = WORDS[receipt.lang]
    document = docx.Document()
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(9)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    section.left_margin = section.right_margin = Pt(36)
    title = document.add_paragraph()
    title.alignment, run = 1, title.add_run(words["title"])  # type: ignore[assignment]
    run.bold, run.font.size = True, Pt(16)
    document.add_paragraph(f"{words['given']}{'　' * 20}{words['taken']}")
    _add_table(document, words["columns"], list(_lines(receipt)))
    document.add_paragraph()
    _add_table(document, words["count"], _counts(receipt) or [[words["none"], "", "", ""]])
    for said in [*_overview(receipt), words["promise"]]:
        document.add_paragraph(said)
    signed = document.add_table(rows=2, cols=2)
    for column, who in enumerate(("giver", "taker")):
        signed.cell(0, column).text, signed.cell(1, column).text = words[who], words["day"]
    packed = io.BytesIO()
    document.save(packed)
    _without_clock(packed, out)


def _add_table(document: Any, header: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
    table = document.add_table(rows=1, cols=len(header))
    table.style = "Table Grid"
    for row in [header, *rows]:
        cells = table.rows[0].cells if row is header else table.add_row().cells
        for cell, value in zip(cells, row, strict=True):
            cell.text = str(value)


def _without_clock(packed: io.BytesIO, out: BinaryIO) -> None:
    """Copy a packed document without the hour at which it was packed."""
    with zipfile.ZipFile(packed) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            copy.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), archive.read(name), zipfile.ZIP_DEFLATED)
