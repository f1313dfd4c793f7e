"""Write a workbook to fill in for one kind of ledger: headers, drop-downs and formats, and a sheet that explains each column."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Any

from ledgers import invented
from ledgers.cell_formulas import ROW
from ledgers.checks import DAY, NEGATIVE, NEGATIVE_TEXTS, RESULT, SETTINGS, SETTINGS_TITLE, Checks, flag_name
from ledgers.kinds import Column, ColumnType, Kind
from ledgers.sheets import column_letters
from ledgers.written import new_book

LEDGER, GUIDE = "台账", "说明"
LAST_ROW = 1048575  # of a worksheet, from 0
HEAD = 2  # row of the headers, from 1, in a template with checks; unit and campaign stand above
PREPARED = 2000  # rows with formulas
FIRST_LIST = 9  # column of the sheet of settings from which on stand texts that formulas look up
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


def template(kind: Kind, checks: Checks | None = None) -> bytes:
    """Write the workbook; filled in, it is read back as this kind, and its guide is passed over with a note.

    With `checks`, formulas to the right of the ledger say of each row what to look at.
    """
    out = io.BytesIO()
    book = new_book(out)
    head = HEAD - 1 if checks else 0
    sheet = _add_ledger(book, kind, head)
    if checks:
        _add_title(book, sheet)
        _add_checks(book, sheet, len(kind.columns), checks)
        _add_settings(book, kind, checks)
    _add_guide(book, kind, checks)
    book.close()
    return _share_formulas(out.getvalue()) if checks else out.getvalue()


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


def _add_ledger(book: Any, kind: Kind, head: int) -> Any:
    sheet = book.add_worksheet(LEDGER)
    plain, required = (book.add_format({"bold": True, "border": 1, "bg_color": colour}) for colour in ("#DDEBF7", "#FFE699"))
    for place, (name, column) in enumerate(kind.columns.items()):
        cells = book.add_format({"num_format": _FORMATS.get(column.type, "@")})
        sheet.set_column(place, place, 22 if column.type in ("identity", "account") else 14, cells)
        need = demand(kind, name)
        sheet.write_string(head, place, header(column), required if need else plain)
        if need:
            sheet.write_comment(head, place, need)
        if choices := allowed(column):
            # A warning, no ban: other spellings are read too.
            rule = {"validate": "list", "source": choices, "error_type": "warning", "error_message": _HOW[column.type]}
            sheet.data_validation(head + 1, place, LAST_ROW, place, rule)
    sheet.freeze_panes(head + 1, 0)
    return sheet


def _add_title(book: Any, sheet: Any) -> None:
    """Write above the headers whose ledger it is, as the settings say."""
    plain = book.add_format({"num_format": "General"})
    for column, cell, words in ((0, "$B$2", "填报单位："), (4, "$B$3", "活动名称：")):
        sheet.write_formula(0, column, f'=IF({SETTINGS}!{cell}="","","{words}"&{SETTINGS}!{cell})', plain, "")


def _add_checks(book: Any, sheet: Any, width: int, checks: Checks) -> None:
    """Write the column that is seen, the hidden ones in which formulas reckon, and the colours of rows."""
    bold, plain = book.add_format({"bold": True, "border": 1, "bg_color": "#E2EFDA"}), book.add_format({"num_format": "General"})
    sheet.set_column(width, width, 44, plain)
    sheet.set_column(width + 1, width + len(checks.helpers), 10, plain, {"hidden": True, "level": 1})
    for place, (title, formula) in enumerate([(RESULT, checks.result), *checks.helpers.items()], start=width):
        sheet.write_string(HEAD - 1, place, title, bold)
        first, last = f"{column_letters(place)}{HEAD + 1}", f"{column_letters(place)}{HEAD + PREPARED}"
        sheet.write_formula(HEAD, place, f"=FIRST{place}_{first}_{last}_{formula.replace(ROW, str(HEAD + 1))}", plain, "")
        # By its first word xlsxwriter takes a formula for ready; else it looks for thirty functions in each.
        for row in range(HEAD + 1, HEAD + PREPARED):
            sheet.write_formula(row, place, f"=_xlfn.SHARED{place}", plain, "")
    result, last = f"${column_letters(width)}{HEAD + 1}", f"${column_letters(width - 1)}{HEAD + 1}"
    colours = {
        f'LEFT({result},3)="请核对"': "#F8CBAD", f'ISNUMBER(FIND("存疑",{result}))': "#FCE4D6", f'ISNUMBER(FIND("缺数据",{result}))': "#FFF2CC",
        f'ISNUMBER(FIND("线索",{result}))': "#DDEBF7", f'AND(COUNTA($A{HEAD + 1}:{last})>0,{result}="")': "#D9D9D9",
    }  # fmt: skip
    for test, colour in colours.items():
        look = {"type": "formula", "criteria": f"={test}", "format": book.add_format({"bg_color": colour}), "stop_if_true": True}
        sheet.conditional_format(HEAD, 0, LAST_ROW, width, look)


def _add_settings(book: Any, kind: Kind, checks: Checks) -> None:
    """Write the cells that formulas read: whose ledger it is, as of which day, which columns are there, and the texts that are looked up."""
    sheet, settings = book.add_worksheet(SETTINGS), checks.settings
    text, day = (
        book.add_format({"num_format": "@", "bg_color": "#FFF2CC"}),
        book.add_format({"num_format": "yyyy-mm-dd", "bg_color": "#FFF2CC"}),
    )
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 60)
    sheet.set_column(FIRST_LIST, FIRST_LIST + len(checks.lists), 4, None, {"hidden": True})
    sheet.write_string("A1", SETTINGS_TITLE, book.add_format({"bold": True}))
    for row, (words, value) in enumerate((("单位", settings.unit), ("活动名称", settings.campaign)), start=2):
        sheet.write_row(f"A{row}", [words])
        sheet.write_string(f"B{row}", value, text)
    sheet.write_string("A4", "检查基准日")
    sheet.write_datetime("B4", date.fromisoformat(settings.as_of), day)
    sheet.write_column("A5", ["政策包", "政策版本"])
    sheet.write_column("B5", [settings.packs, settings.version])
    sheet.write_column("A8", ["红字金额（个）", "写成文字的红字金额（个）"])
    for row, name in enumerate((NEGATIVE, NEGATIVE_TEXTS), start=8):
        sheet.write_formula(f"B{row}", checks.counts.get(name, "=0"), None, 0)
        book.define_name(name, f"={SETTINGS}!$B${row}")
    book.define_name(DAY, f"={SETTINGS}!$B$4")
    sheet.write_string("A11", "列（0 已删去，1 在，2 表头改过或由其他列代替）")
    for place, (name, formula) in enumerate(checks.flags.items()):
        sheet.write_string(11 + place, 0, header(kind.columns[name]))
        sheet.write_formula(11 + place, 1, formula, None, 1)
        book.define_name(flag_name(place), f"={SETTINGS}!$B${12 + place}")
    for column, (name, texts) in enumerate(checks.lists.items(), start=FIRST_LIST):
        letters, numbers = column_letters(column), name in checks.numbers
        for row, one in enumerate(texts):
            sheet.write(row, column, int(one) if numbers else one)
        book.define_name(name, f"={SETTINGS}!${letters}$1:${letters}${len(texts)}")


def _share_formulas(book: bytes) -> bytes:
    """Let all rows of a column share the formula of the first: written out, thousands of long ones make a workbook slow to open."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.startswith("xl/worksheets/sheet"):
                content = re.sub(
                    rb"<f>FIRST([0-9]+)_([A-Z]+[0-9]+)_([A-Z]+[0-9]+)_", rb'<f t="shared" ref="\2:\3" si="\1">', content
                )
                content = re.sub(rb"<f>_xlfn[.]SHARED([0-9]+)</f>", rb'<f t="shared" si="\1"/>', content)
            new.writestr(part, content)
    return out.getvalue()


def _add_guide(book: Any, kind: Kind, checks: Checks | None) -> None:
    sheet = book.add_worksheet(GUIDE)
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate((20, 24, 34, 34, 60, 26)):
        sheet.set_column(place, place, width, wrapped)
    told = (
        f"在工作表“{LEDGER}”中从第{3 if checks else 2}行起填写，一行一笔；黄色表头为必填。不用的列请删去：留着空列，涉及它的规则会因缺数据而无法判断。"
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
    if checks:
        _add_policies(sheet, 5 + len(kind.columns), checks, bold, book.add_format({"text_wrap": False}))


def _add_policies(sheet: Any, place: int, checks: Checks, bold: Any, plain: Any) -> None:
    """List the policies that the formulas judge, and every other one with the reason."""
    told = [
        "表内核对：每行右侧“核对结果”列出要看的规则。请核对＝不符合；存疑＝按不同理解结论不同；缺数据＝有格空着、读不准或列已删去，不等于符合；未见问题＝表内能判断的规则均未发现问题。",
        f"整行变灰＝该行没有公式（预备了 {PREPARED} 行），请从上一行向下填充右侧各列。单位、活动名称和检查基准日在工作表“{SETTINGS}”中修改。",
        "公式认的写法比核查程序少：认不准的一律算缺数据。删除线、自定义数字格式（如只显示月份或万元）和合并的单元格公式看不见，请勿使用。",
        "表内核对不能代替 fundcheck check：下面第二部分的规则只在核查时判断。",
    ]
    lines = [
        *([line] for line in told),
        [],
        ["表内核对的规则", "名称"],
        *checks.compiled,
        [],
        ["核查时才判断的规则", "名称", "原因"],
        *checks.left,
    ]
    for row, line in enumerate(lines, start=place):
        sheet.write_row(row, 0, line, bold if line and line[0].endswith("的规则") else plain)
