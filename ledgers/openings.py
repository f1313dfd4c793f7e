"""Say what a header leaves open: columns that nobody knows, columns that stand twice, units of money that are not known; and which cells have comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ledgers.brackets import narrowed
from ledgers.fold import fold_header
from ledgers.headers import Layout
from ledgers.kinds import Kind
from ledgers.rows import MOST_NAMED
from ledgers.sheets import Sheet, column_letters
from ledgers.sources import Note
from ledgers.units import FACTORS

_RELATION = re.compile("关系|關係|称谓|稱謂")  # beside which not every row is a person of the list
_STATE = re.compile("状态|狀態|结果|結果|是否.*[发發领領付缴繳到]")  # which may say of a payment that it was not made

_NET = re.compile("[实實](?:[际際].{0,2})?[付发發领領得到支]")  # what was paid, by its header
_PAID = re.compile(  # the amount that was paid, or what was taken off it
    "[实實][付发發领領得到]|[实實][际際].{0,2}[支付发發领領]|[本此]次[支付实實发發领領拨撥]|(?<!是否)已[付发發领領拨撥](?!.{0,3}[人户戶次])|扣[除款减減发發](?!.{0,2}[月期日因由])"
)


def open_questions(layout: Layout, kind: Kind, path: str, sheet: str | None) -> Iterator[Note]:
    """Yield a note for each question, at the cell of the header that raises it."""
    place = (path, sheet, layout.header_row + 1)
    for index, header in layout.unknown.items():
        what = f"表头“{header or '（空）'}”未识别，该列未读取。"
        paid = kind.nets or next(iter(kind.unpaid), "")
        if paid in layout.fields and _PAID.search(header) and not _NET.search(layout.headers[paid]):
            what = f"表头“{header}”未识别，可能与实际支付数有关；该列未读取，按“{layout.headers[paid]}”判断。请核实哪一列是实付金额。"
            yield Note("Q09", "high", *place, header, f"{column_letters(index)}{place[2]}", what)
            continue
        telling = ((kind.nets or kind.unpaid) and _STATE.search(header)) or (kind.person and _RELATION.search(header))
        severity = "medium" if telling else "low"
        yield Note("Q09", severity, *place, header, f"{column_letters(index)}{place[2]}", what)
    for field, header in layout.headers.items():
        if field in layout.fields and field not in (*kind.said, *layout.unreadable) and (said := narrowed(header, kind)):
            cell = f"{column_letters(layout.stands.get(field, layout.fields[field]))}{place[2]}"
            what = f"表头写明“{said}”，没有别的“{kind.columns[field].zh}”列，按“{kind.columns[field].zh}”读取；如口径不同，请改表头或补上该列。"
            yield Note("Q09", "medium", *place, header, cell, what)
    for total, (part, *_) in kind.sums.items():
        if kind.headers.get(fold_header(header := layout.headers.get(part, ""))) == total:
            what = f"没有单独的“{kind.columns[part].zh}”列，按“{header}”读取；如其中含实物或别的款项，请补上该列。"
            yield Note("Q09", "medium", *place, header, f"{column_letters(layout.fields[part])}{place[2]}", what)
    for field, index in layout.capitals.items():
        cell, own = (f"{column_letters(one)}{place[2]}" for one in (index, layout.stands.get(field, layout.fields[field])))
        what = f"{cell} 为大写金额，与 {own} 的小写逐行核对；不符的金额不采用。"
        yield Note("Q11", "info", *place, layout.texts[index], cell, what)
    for field, indexes in layout.doubled.items():
        cells = "、".join(f"{column_letters(index)}{place[2]}" for index in indexes)
        what = f"{cells} 都是“{kind.columns[field].zh}”，无法判断用哪一列；涉及该列的条款均未判断。"
        yield Note("Q09", "high", *place, layout.headers[field], cells, what)
    if "、" in layout.unit_name:
        what = f"表中写有几个填报单位（{layout.unit_name}），各行属于哪一个无法判断。请按单位分到不同的工作表。"
        yield Note("Q09", "high", path, sheet, None, None, None, what)
    for field, unit in layout.foreign.items():
        cell = f"{column_letters(layout.fields[field])}{place[2]}"
        if unit == "%":
            what = "表头写明 %，而各行数值都不大于 1，无法判断 0.5 是 0.5% 还是 50%；该列未读取，涉及该列的条款均未判断。请逐格写明 %，或改写表头。"
        elif unit in FACTORS:
            what = f"按“{unit}”换算，每笔金额都大得不合常理，该列未读取；涉及该列的条款均未判断。请核对单位，在表头或项目文件（unit）写明。"
        elif unit:
            what = f"金额单位“{unit}”无法识别或互相矛盾，该列未读取；涉及该列的条款均未判断。请写明元或万元。"
        else:
            what = "未写金额单位，而金额带小数又小得不像元，或其他列写明另一单位；该列未读取，涉及该列的条款均未判断。请在表头或项目文件（unit）写明元或万元。"
        yield Note("Q06", "high", *place, layout.headers[field], cell, what)
    if other := layout.called[0]:
        what = f"标题写有“{layout.called[1]}”，像 `{other}`；按表头读作 `{kind.kind}`（{kind.title.zh}）。如不对，请用 --ledger KIND=PATH 指明台账类型。"
        yield Note("Q09", "medium", path, sheet, None, None, None, what)
    elif layout.likelier:
        what = f"表头有更多列像 `{layout.likelier}`，只是缺少其必需列；按 `{kind.kind}`（{kind.title.zh}）读取。如不对，请用 --ledger KIND=PATH 指明台账类型。"
        yield Note("Q09", "medium", path, sheet, None, None, None, what)
    if layout.not_happened:
        what = f"标题或名称写有“{layout.not_happened}”，所列各行可能尚未发生、未支付或不属于本类；仍照常判断，请核实。"
        yield Note("Q12", "high", path, sheet, None, None, None, what)
    if layout.factors and layout.unit_from == "assumed" and not layout.foreign:
        yield Note("Q06", "info", *place, None, None, "表中未写金额单位，按元读取。")


def name_comments(sheet: Sheet, layout: Layout, path: str) -> Iterator[Note]:
    """Name the cells below the header that have a comment: it may correct what stands in them."""
    cells = [f"{column_letters(column)}{row + 1}" for row, column in sheet.comments if row >= layout.below]
    if cells:
        named = "、".join(cells[:MOST_NAMED]) + ("…" if len(cells) > MOST_NAMED else "")
        what = f"工作表有 {len(cells)} 条批注未读取（{named}）；批注可能更正格中所写，请核对。"
        yield Note("Q11", "low", path, sheet.name, None, None, None, what)
