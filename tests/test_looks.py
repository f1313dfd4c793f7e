"""What a cell looks like belongs to what it says, in old, binary and open workbooks too: units, struck and raised characters."""

from __future__ import annotations

import html
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from ledgers.files import read_sheets
from ledgers.shown import as_displayed
from tests.filled import office, reckon
from tests.ledger_files import ODF, Look, write_xlsb
from tests.test_intake import Brought, bring, identity
from tests.test_messy_layouts import FORMATS, HEADER, LI, WANG, ZHANG, paid

ZHAO = ["赵六", identity(4), "2021-02-06", "400"]
SUN = ["孙七", identity(5), "2021-02-07", 700]
ROWS = [HEADER, ZHANG, LI, [*WANG[:3], 800], ZHAO, SUN]
LOOKED = [(2, "张三", None), (3, "李四", None), (4, "王五", None), (5, "赵六", 400), (6, "孙七", 700)]


def says_what_it_shows(brought: Brought) -> None:
    assert paid(brought) == LOOKED
    assert brought.places("Q02") == [(2, "D2"), (4, "D4")]
    assert brought.places("Q04") == [(3, "D3")]


def write_looks(path: Path) -> Path:
    """Write a struck 500 before 600, 300 with a raised 1, a struck 800, and rows that look bold and plain."""
    with xlsxwriter.Workbook(path) as book:
        sheet, struck = book.add_worksheet(), book.add_format({"font_strikeout": True})
        raised, bold = book.add_format({"font_script": 1}), book.add_format({"bold": True})
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
        sheet.write_rich_string(1, 3, struck, "500", bold, "600")
        sheet.write_rich_string(2, 3, "300", raised, "1")
        sheet.write(3, 3, 800, struck)
        sheet.write_rich_string(4, 0, "赵", bold, "六")
    return path


@pytest.mark.parametrize("form", ["ods", "fods", "xls"])
def test_what_another_program_writes_as_struck_or_raised_is_not_taken_as_it_stands(form: str, tmp_path: Path) -> None:
    """A struck 800 was read as 800."""
    office()
    [path] = reckon([write_looks(tmp_path / "a.xlsx")], tmp_path, form)
    says_what_it_shows(bring(path))


def test_an_old_workbook_says_what_is_struck_or_raised(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet, struck = book.add_sheet("S"), xlwt.easyxf("font: struck_out on")
    raised, bold = xlwt.easyfont("escapement superscript"), xlwt.easyfont("bold on")
    for number, row in enumerate(ROWS):
        for column, cell in enumerate(row):
            if (number, column) not in ((1, 3), (2, 3), (3, 3), (4, 0)):
                sheet.write(number, column, cell)
    sheet.write_rich_text(1, 3, (("500", xlwt.easyfont("struck_out on")), ("600", bold)))
    sheet.write_rich_text(2, 3, ("300", ("1", raised)))
    sheet.write(3, 3, 800, struck)
    sheet.write_rich_text(4, 0, ("赵", ("六", bold)))
    book.save(str(tmp_path / "a.xls"))
    says_what_it_shows(bring(tmp_path / "a.xls"))


def test_a_binary_workbook_says_what_is_struck_or_raised(tmp_path: Path) -> None:
    rows = [*ROWS[:1], [*ZHANG[:3], "500600"], [*LI[:3], "3001"], *ROWS[3:]]
    looks = [Look(struck=True), Look(raised=True), Look()]
    runs = {(1, 3): [(0, 0), (3, 2)], (2, 3): [(3, 1)], (4, 0): [(1, 2)]}
    path = write_xlsb(tmp_path / "a.xlsb", rows, looks=looks, looking={(3, 3): 0, (5, 3): 2}, runs=runs)
    says_what_it_shows(bring(path))


@pytest.mark.parametrize(("code", "amount"), FORMATS)
def test_a_number_of_a_binary_workbook_is_read_with_the_unit_that_its_format_shows(
    tmp_path: Path, code: str, amount: Decimal | None
) -> None:
    path = write_xlsb(tmp_path / "a.xlsb", [HEADER, [*ZHANG[:3], 500]], looks=[Look(code)], looking={(1, 3): 0})
    brought = bring(path)
    assert [each for _, _, each in paid(brought)] == [amount]
    assert brought.places("Q04") == ([] if amount else [(2, "D2")])


def write_2003(path: Path, styles: str, rows: Sequence[str]) -> Path:
    """Write a workbook of 2003: styles and rows are XML."""
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><Workbook xmlns="{space}" xmlns:ss="{space}" xmlns:h="http://www.w3.org/TR/REC-html40">'
        f'<Styles>{styles}</Styles><Worksheet ss:Name="S"><Table><Column/><Column/><Column/><Column ss:StyleID="kin"/>'
        f"{''.join(f'<Row>{row}</Row>' for row in rows)}</Table></Worksheet></Workbook>",
        encoding="utf-8",
    )
    return path


def cells_of_2003(row: Sequence[object]) -> str:
    return "".join(f'<Cell ss:StyleID="not"><Data ss:Type="String">{cell}</Data></Cell>' for cell in row)


@pytest.mark.parametrize(("code", "amount"), [*FORMATS, ("Percent", None), ("Euro Currency", None), ("Standard", Decimal(500))])
def test_a_number_of_a_workbook_of_2003_is_read_with_the_unit_that_its_format_shows(
    tmp_path: Path, code: str, amount: Decimal | None
) -> None:
    style = f'<Style ss:ID="s"><NumberFormat ss:Format="{html.escape(code)}"/></Style><Style ss:ID="kin" ss:Parent="s"/>'
    row = cells_of_2003(ZHANG[:3]) + '<Cell><Data ss:Type="Number">500</Data></Cell>'
    brought = bring(write_2003(tmp_path / "a.xls", style, [cells_of_2003(HEADER), row]))
    assert [each for _, _, each in paid(brought)] == [amount]
    assert brought.places("Q04") == ([] if amount else [(2, "D2")])


def test_a_workbook_of_2003_says_what_is_struck_or_raised(tmp_path: Path) -> None:
    styles = (
        '<Style ss:ID="s"><Font ss:StrikeThrough="1"/></Style><Style ss:ID="kin" ss:Parent="s"/>'
        '<Style ss:ID="not" ss:Parent="s"><Font ss:StrikeThrough="0"/></Style>'
    )
    runs = ('<h:S>500</h:S><h:B><h:Font h:Size="9">600</h:Font></h:B>', "300<h:Sup>1</h:Sup>")
    rows = [cells_of_2003(HEADER)]
    for row, text in zip((ZHANG, LI), runs, strict=True):
        rows.append(cells_of_2003(row[:3]) + f'<Cell ss:StyleID="not"><Data ss:Type="String">{text}</Data></Cell>')
    rows += [cells_of_2003(WANG[:3]) + '<Cell><Data ss:Type="Number">800</Data></Cell>', cells_of_2003(ZHAO), cells_of_2003(SUN)]
    says_what_it_shows(bring(write_2003(tmp_path / "a.xls", styles, rows)))


def test_numbers_are_read_with_the_unit_beside_which_another_program_displays_them(tmp_path: Path) -> None:
    """500.00万元 was read as 500 yuan."""
    office()
    rows = [
        [f"测{name}", identity(number), "2021-02-03"]
        for number, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"[: len(FORMATS)])
    ]
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for number, (row, (code, _)) in enumerate(zip(rows, FORMATS, strict=True), start=1):
            sheet.write_row(number, 0, row)
            sheet.write(number, 3, 500, book.add_format({"num_format": code}))
    [path] = reckon([tmp_path / "a.xlsx"], tmp_path, "ods")
    brought = bring(path)
    assert [each for _, _, each in paid(brought)] == [amount for _, amount in FORMATS]
    assert brought.places("Q04") == [(n, f"D{n}") for n, (_, amount) in enumerate(FORMATS, start=2) if amount is None]


def write_document(path: Path, styles: str, table: str) -> Path:
    """Write an open document; styles and what stands in its table are XML."""
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {ODF}><office:automatic-styles>{styles}</office:automatic-styles><office:body>'
        f'<office:spreadsheet><table:table table:name="S">{table}</table:table></office:spreadsheet></office:body></office:document>',
        encoding="utf-8",
    )
    return path


def text_cell(text: object, own: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{own}><text:p>{text}</text:p></table:table-cell>'


def test_a_column_and_a_row_of_an_open_document_may_strike_through_their_cells(tmp_path: Path) -> None:
    style = '<style:style style:name="{}" style:family="table-cell" style:parent-style-name="{}">{}</style:style>'
    line = '<style:text-properties style:text-line-through-style="{}"/>'
    styles = (
        style.format("out", "", line.format("solid"))
        + style.format("kin", "out", "")
        + style.format("not", "out", line.format("none"))
    )
    columns = '<table:table-column table:number-columns-repeated="3"/><table:table-column table:default-cell-style-name="kin"/>'
    own, lines = ' table:style-name="not"', ""
    for row, look, of_row in (
        (HEADER, own, ""),
        (ZHANG, "", ""),
        (LI, own, ""),
        (WANG, "", ' table:default-cell-style-name="not"'),
    ):
        lines += f"<table:table-row{of_row}>{''.join(map(text_cell, row[:3]))}{text_cell(row[3], look)}</table:table-row>"
    path = write_document(tmp_path / "a.fods", styles, columns + lines)
    assert paid(bring(path)) == [(2, "张三", None), (3, "李四", 300), (4, "王五", 800)]


def open_document(path: Path, styles: str, cells: Sequence[str]) -> Path:
    """Write an open document with styles as XML, and for three persons what stands in 金额."""
    lines = ["".join(map(text_cell, row[:3])) + cell for row, cell in zip((ZHANG, LI, WANG), cells, strict=True)]
    rows = ["".join(map(text_cell, HEADER)), *lines]
    return write_document(path, styles, "".join(f"<table:table-row>{row}</table:table-row>" for row in rows))


LINE = '<style:style style:name="{}" style:family="{}" style:parent-style-name="{}"><style:text-properties style:text-line-through-style="{}"/></style:style>'
FIVE = '<table:table-cell{} office:value-type="float" office:value="500"><text:p{}>500</text:p></table:table-cell>'


def test_styles_of_an_open_document_may_stand_before_those_that_they_are_made_from(tmp_path: Path) -> None:
    kin = '<style:style style:name="kin" style:family="table-cell" style:parent-style-name="out"/>'
    styles = (
        kin
        + LINE.format("out", "table-cell", "", "solid")
        + LINE.format("out", "text", "", "none")
        + LINE.format("line", "paragraph", "", "solid")
    )
    looks = [(' table:style-name="kin"', ""), ("", ' text:style-name="line"'), (' table:style-name="line"', "")]
    path = open_document(tmp_path / "a.fods", styles, [FIVE.format(*look) for look in looks])
    assert paid(bring(path)) == [(2, "张三", None), (3, "李四", None), (4, "王五", 500)]


@pytest.mark.parametrize("name", ["Default", ""])
def test_a_cell_of_an_open_document_without_a_style_has_that_of_all(name: str, tmp_path: Path) -> None:
    style = LINE.format("Default", "table-cell", "", "solid")
    style = (
        style
        if name
        else style.replace("style:style ", "style:default-style ")
        .replace("</style:style>", "</style:default-style>")
        .replace(' style:name="Default"', "")
    )
    plain = LINE.format("plain", "table-cell", "Default", "none")
    cells = [FIVE.format("", ""), FIVE.format(' table:style-name="plain"', ""), FIVE.format("", "")]
    path = open_document(tmp_path / "a.fods", style + plain, cells)
    assert [amount for _, _, amount in paid(bring(path))] == [None, 500, None]


@pytest.mark.parametrize("place", ["Table", "Default"])
def test_a_workbook_of_2003_may_say_the_look_of_a_whole_table(place: str, tmp_path: Path) -> None:
    own = "Default" if place == "Default" else "s"
    style = (
        f'<Style ss:ID="{own}"><NumberFormat ss:Format="0&quot;万元&quot;"/></Style><Style ss:ID="t"><Font ss:Bold="1"/></Style>'
    )
    row = cells_of_2003(ZHANG[:3]) + '<Cell><Data ss:Type="Number">500</Data></Cell>'
    path = write_2003(tmp_path / "a.xls", style, [cells_of_2003(HEADER), row])
    text = path.read_text(encoding="utf-8").replace(' ss:StyleID="kin"', "").replace(' ss:StyleID="not"', ' ss:StyleID="t"')
    path.write_text(text.replace("<Table>", f'<Table ss:StyleID="{own}">') if place == "Table" else text, encoding="utf-8")
    assert [amount for _, _, amount in paid(bring(path))] == [5_000_000]


@pytest.mark.parametrize(
    ("code", "number", "amount"),
    [
        ('[>=100]0"万元";0"元"', 50, Decimal(50)), ('[>=100]0"万元";0"元"', 500, Decimal(5_000_000)), ('0"元";-0;"免"', 0, Decimal(0)),
        ('0.00"萬元"', 500, Decimal(5_000_000)), ("[$EUR] #,##0.00", 500, None), ("[$¥-411]#,##0", 500, None), ("[$¥-804]#,##0", 500, Decimal(500)),
        ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 0, Decimal(0)), ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', 500, Decimal(500)),
    ],
)  # fmt: skip
def test_of_a_format_in_parts_the_one_counts_that_the_number_is_shown_by(
    code: str, number: int, amount: Decimal | None, tmp_path: Path
) -> None:
    path = write_xlsb(tmp_path / "a.xlsb", [HEADER, [*ZHANG[:3], number]], looks=[Look(code)], looking={(1, 3): 0})
    assert [each for _, _, each in paid(bring(path))] == [amount]


def test_nothing_in_the_accounts_of_another_program_is_zero(tmp_path: Path) -> None:
    """A zero that the format of accounting shows as - was taken for a blank."""
    office()
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((HEADER, [*ZHANG[:3], 0], LI)):
            sheet.write_row(number, 0, row)
        sheet.write(1, 3, 0, book.add_format({"num_format": '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '}))
    [path] = reckon([tmp_path / "a.xlsx"], tmp_path, "ods")
    assert paid(bring(path)) == [(2, "张三", 0), (3, "李四", 300)]


def test_a_run_that_begins_behind_a_rare_character_is_its_own(tmp_path: Path) -> None:
    rows = [HEADER, ["𠮷测三1", *ZHANG[1:]]]
    path = write_xlsb(tmp_path / "a.xlsb", rows, looks=[Look(raised=True)], runs={(1, 0): [(4, 0), (9, 7)]})
    assert "𠮷测三¹" in str([sheet.rows for sheet in read_sheets(path)])


@pytest.mark.parametrize(
    ("number", "text", "meant"),
    [
        ("-500.256", "-500.26万元", "-500.256万元"), ("500.256", "0.05万元", "500.256元"), ("500", "", "500"), ("500", "500人", "500"),
        ("0.5", "50.00%", "50%"), ("1234567.5", "1,234,567.50元", "1234567.5元"), ("500", "500元(含税3%)", "500元"),
        ("0", "-", "0"), ("0", "¥ -", "0"), ("0", "无", "0"), ("500", "伍佰", "500"), ("500", "五百", "500"), ("500", "伍佰元整", "伍佰元整"),
        ("500000", "50.00", "500000元"), ("12345678", "1234!.6万元", "12345678元"), ("500", "5E+02", "500"), ("1234", "1 234", "1234"),
        ("500", "500萬元", "500萬元"), ("500", "EUR 500", "500EUR"), ("#NUM!", "3万元", "#NUM!"), ("500.26", "500,26万元", "500.26万元"),
        ("500", "第3批500万元", "500（第3批500万元）"), ("1234.5", "1'234.50万元", "1234.5万元"),
    ],
)  # fmt: skip
def test_a_displayed_number_keeps_its_digits(number: str, text: str, meant: str) -> None:
    assert as_displayed(number, text) == meant
