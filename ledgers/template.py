"""Write a workbook to fill in for one kind of ledger: headers, drop-downs and formats, and a sheet that explains each column."""

from __future__ import annotations

import io
from typing import Any

from ledgers import invented
from ledgers.kinds import Column, ColumnType, Kind
from ledgers.written import new_book

LEDGER, GUIDE = "台账", "说明"
LAST_ROW = 1048575  # of a worksheet, from 0
FLAGS = ["是", "否"]

# Everything else is text: numbers keep their leading zeros and last digits, rates the decimals that they were printed with.
_FORMATS: dict[ColumnType, str] = {"date": "yyyy-mm-dd", "year": "0", "integer": "0", "amount": "#,##0.00"}
_HOW: dict[ColumnType, str] = {
    "text": "文字 / text",
    "name": "姓名全称，不要遮蔽 / full name, not masked",
    "identity": "18位，按文本填写 / 18 characters, as text",
    "account": "完整账号，按文本填写 / whole number, as text",
    "date": "年-月-日；只知道月份的写年-月 / a day, or a month",
    "year": "四位数年份 / four digits",
    "integer": "整数 / whole number",
    "amount": "单位：元，最多两位小数 / in yuan",
    "percent": "带%，按所列小数位填写 / with %, as printed",
    "code": "从下拉列表选择 / choose from the list",
    "flag": "从下拉列表选择 / choose from the list",
}
_EXAMPLES: dict[ColumnType, str] = {
    "name": invented.name(0), "identity": invented.identity(0), "account": "9900000000000000001", "date": "2021-02-03",
    "year": "2021", "integer": "3", "amount": "500.00", "percent": "100.00%", "flag": FLAGS[0],
}  # fmt: skip


def template(kind: Kind) -> bytes:
    """Write the workbook; filled in, it is read back as this kind, and its guide is passed over with a note."""
    out = io.BytesIO()
    book = new_book(out)
    _add_ledger(book, kind)
    _add_guide(book, kind)
    book.close()
    return out.getvalue()


def header(column: Column) -> str:
    """Write the header of a column: its title, and the unit where it is an amount."""
    return f"{column.zh}（元）" if column.type == "amount" else column.zh


def allowed(column: Column) -> list[str]:
    """List the values to choose from; none where anything may be written."""
    return FLAGS if column.type == "flag" else list(column.codes)


def example(column: Column) -> str:
    """Make up a value of the column."""
    return next(iter(column.codes), None) or _EXAMPLES.get(column.type, f"测试{column.zh}")


def demand(kind: Kind, name: str) -> str:
    """Say whether a column is required, alone or as one of several; blank where it is not."""
    demands = []
    for need in kind.required:
        if need == name:
            demands.append("必填 / required")
        elif name in need and isinstance(need, list):
            demands.append(f"至少填一列 / one of: {'、'.join(kind.columns[one].zh for one in need)}")
    return "；".join(demands)


def _add_ledger(book: Any, kind: Kind) -> None:
    sheet = book.add_worksheet(LEDGER)
    plain, required = (book.add_format({"bold": True, "border": 1, "bg_color": colour}) for colour in ("#DDEBF7", "#FFE699"))
    for place, (name, column) in enumerate(kind.columns.items()):
        cells = book.add_format({"num_format": _FORMATS.get(column.type, "@")})
        sheet.set_column(place, place, 22 if column.type in ("identity", "account") else 14, cells)
        need = demand(kind, name)
        sheet.write_string(0, place, header(column), required if need else plain)
        if need:
            sheet.write_comment(0, place, need)
        if choices := allowed(column):
            # A warning, no ban: other spellings are read too.
            rule = {"validate": "list", "source": choices, "error_type": "warning", "error_message": _HOW[column.type]}
            sheet.data_validation(1, place, LAST_ROW, place, rule)
    sheet.freeze_panes(1, 0)


def _add_guide(book: Any, kind: Kind) -> None:
    sheet = book.add_worksheet(GUIDE)
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate((20, 24, 34, 34, 60, 26)):
        sheet.set_column(place, place, width, wrapped)
    told = (
        f"在工作表“{LEDGER}”中从第2行起填写，一行一笔；黄色表头为必填。不用的列请删去：留着空列，涉及它的规则会因缺数据而无法判断。"
        "示例均为虚构。"
    )
    sheet.write_string(0, 0, f"{kind.title.zh} {kind.title.en}", book.add_format({"bold": True, "text_wrap": False}))
    sheet.write_string(1, 0, told, book.add_format({"text_wrap": False}))
    sheet.write_row(
        3,
        0,
        ["列 / column", "含义 / meaning", "是否必填 / required", "怎样填 / how", "可选的值 / values", "示例 / example"],
        bold,
    )
    for place, (name, column) in enumerate(kind.columns.items(), start=4):
        # With 如 before it an example is no value: intake tells a guide from a ledger by values that stand alone.
        what = [column.en, demand(kind, name) or "可不填 / optional", _HOW[column.type], "、".join(allowed(column))]
        sheet.write_row(place, 0, [header(column), *what, f"如：{example(column)}"])
