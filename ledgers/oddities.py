"""Name what looks unlike the other rows of a ledger: remarks that may change a record, names that are none, rows with next to nothing in them.

What a row may be called, or a remark may say, no list of words foretells; so these are named wherever they are not plainly harmless, and
judged all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ledgers.persons import DOUBLE_SURNAME, UNITS
from ledgers.rows import MOST_NAMED
from ledgers.tables import HELD, Table, count_filled, list_inputs, unsaid
from ledgers.typed import Typed, quote, written

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# In a remark, what may change who was paid, how much, when, or whether; a number of seven digits or more is a telephone's or a paper's.
_CHANGES = (
    "(?:^|[^0-9])[0-9]{1,3}(?:[^0-9]|$)|(?:^|[^0-9])[0-9]{4,6}(?:[^0-9年]|$)|[一二两三四五六七八九十百千万半][元块塊户戶人份月次号號]"
    "|改|[错錯]|误[^餐工]|誤[^餐工]|重[复複]|重新|退[^休役伍]|退$|未|[没沒]|[无無]法|不|缺|欠|扣|[减減][半少发發]|[补補][发發交缴繳足退]|漏|另|[换換]|借|[垫墊]|预[支付发领]|預[支付發領]"
    "|[仅僅只]|先[给给付发领給發領]|一半|半[数數价價]|停|死|亡|病?故|去世|离世|[调調][走离離出]|[迁遷]|转[走出给]|轉[走出給]|含|其中|[应應][为為发發付是]|[实實][为為发發付际際]|待|[暂暫]|挂|掛|[缓緩]|拒|放[弃棄]|取消|作[废廢]|更正"
    "|撤|冲|沖|追|分[两兩三期次批]|首[付期]|尾款|剩|[余餘][款额額下]|差|按|同一|同上|[归歸还還]|弹回|彈回|交回|算|[为為]准|超|上限|免|反|[录錄]入[测測][试試]|[测測][试試][数數用]|[删刪]|少|多[发發交领領付缴繳]|合并|合併"
    "|捐|存|[转轉次明去上下][年月季]|年[后後]|[脱脫][贫貧困]|[续續]|升|降|[丢丟]|[遗遺]失|[注註][销銷]|[冻凍][结結]|名字|姓名|[编編][号號]|[账帐賬卡][号號]"
)
_SURNAMES = (
    "付肖闫芮蔚檀奕帖阚茅旷隽虎蹇仵雒揣宛仓闰王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚汤陶黎温莫易樊乔文安"
    "殷颜庄章鲁倪庞邢俞翟蓝聂齐向申葛柴伍覃骆关焦柳欧祝纪尚毕耿芦左季管符辛苗詹曲靳祁路涂兰甘裴梅童翁霍游阮尤岳柯牟滕谷舒卜成饶宁凌盛查单冉鲍华包屈房喻解蒲卫简时连车项闵邬吉党阳司费蒙席晏隋古强穆姬宫景米麦谈柏瞿艾沙鄢桂窦郁缪"
    "畅巩卓褚栾戚娄甄郎池丛边岑农苟迟保商臧佘卞虞刁冷应匡栗仇练楚揭师官佟封燕桑巫敖原植邝仲荆储宗楼干苑寇盖南屠鞠荣井乐银奚明麻雍花闻冼木郜廉衣蔺和冀占门帅利满但化晋浦鄂沃冒亓智税乌戈隆皮凤寻仝展习鹿来糜邸丰贝阴羿嵇滑宿湛禹狄"
    "伏竺蓟薄印胥邴松咸籍幸韶都莘贡劳逄冶昝濮寿通扈郏晁勾融那毋乜须巢蒯相红竹权逯益桓公牧隗山宓蓬全郗班仰秋伊暴钭厉戎祖束幽堵赏扶璩尧从索苍双谯能郦阙哈笪靖墨诸宰郤尉茹訾撒伯冰历敬佐锁淡辜令粟才鄞丑伦洛承暨居终步弘国越夔厍殳缑"
    "亢况后有琴禄东母仉督年爱钮操线贯代区翦麴妫"
)
# Which no given name has, though one may be a surname.
_NO_NAME = "[计额款拨账贴总局]|共$|^[全年本上下前后][一-鿿]{0,3}[年月期日次初末今共计余]"
_ADDED = r"[(（][^()（）]{3,}[)）]|改[为為]|更名|曾用名|[★☆▲△◎※#→]"
_PERSON = f"^(?:{DOUBLE_SURNAME.pattern}|测试|[{_SURNAMES}])[一-鿿]{{1,3}}(?:[(（].*)?$"  # 测试甲 is nobody, and meant to be
_UNIT = f"(?:{UNITS})$"  # in place of a person; a policy asks for that
MOST_MONTHS = 36  # for which an allowance is paid at once
MOST_LOOKED = 50_000  # rows of a ledger that are held against each other
FEWEST_CELLS = 4  # that most rows of a list have, where one with half of them is unlike them


def find_oddities(con: DuckDBPyConnection, table: Table) -> Iterator[str]:
    """Give the SELECTs of notes on rows that are unlike the others of their list, of ledgers that are not long; of long ones on remarks only."""
    for part in table.parts:
        yield from _find_remarks(con, part)
        if part.raw.relation.startswith(HELD) and table.rows <= MOST_LOOKED:
            yield from _find_strangers(con, table, part)
            yield from _find_parts(table, part)
            yield from _find_long_spans(part)
            yield from _find_sparse(table, part)


def _find_remarks(con: DuckDBPyConnection, part: Typed) -> Iterator[str]:
    """Give the SELECT of one note for each input on its remarks that may change a record, of rows of which nothing of that kind is said yet."""
    if "note" not in part.raw.sql_types:
        return
    note = written('r."note"', part.raw.sql_types["note"])
    changes = f"SELECT DISTINCT {note} FROM {part.raw.seen.few('note') or part.raw.relation} r WHERE regexp_matches({note}, '{_CHANGES}')"
    if con.execute(f"{changes} LIMIT 1").fetchall():
        what = "备注有 {} 行（第 {} 行）写有可能改变金额、日期、对象或状态的话，未据此调整，请核对"
        yield _in_one_note(part, "'note'", what, f"{note} IN ({changes}) AND {unsaid('r', 'Q05')}")


def _find_strangers(con: DuckDBPyConnection, table: Table, part: Typed) -> Iterator[str]:
    """Give the SELECTs of rows of persons whose name is none, where no identity number stands either, or has something added to it."""
    columns = table.kind.columns
    keys = [name for name in table.kind.person if name in part.raw.sql_types]
    numbers = [_text(part, name) for name in keys if columns[name].type == "identity"]
    unnumbered = " AND ".join(f"coalesce(trim({number}), '') = ''" for number in numbers) or "TRUE"
    for name in (name for name in keys if columns[name].type == "name" and name in part.pieces):
        value, rows = (
            part.pieces[name].value,
            f"{part.raw.relation} r {part.pieces[name].join} WHERE r._input IN ({list_inputs(part)})",
        )
        plain = f"regexp_full_match({value}, '[一-鿿]{{1,12}}([(（].*)?') AND NOT regexp_matches({value}, '{_UNIT}')"
        strange = f"NOT regexp_matches({value}, '{_PERSON}') OR regexp_matches({value}, '{_NO_NAME}')"
        what = "不像姓名，又没有证件号码，可能是合计、结余或说明，请核实是否为一笔记录"
        if con.execute(f"SELECT 1 FROM {rows} AND {unnumbered} AND {plain} AND ({strange}) LIMIT 1").fetchall():
            yield (  # a list of other names than of persons has them in most rows
                f"SELECT 'Q09', _input, _row, '{name}', '{what}'"
                f" FROM (SELECT r._input, r._row, {unnumbered} AND {plain} AND ({strange}) AND {unsaid('r', 'Q12')} AS odd FROM {rows} AND {value} IS NOT NULL)"
                " QUALIFY odd AND 2 * sum(odd::INTEGER) OVER (PARTITION BY _input) < count(*) OVER (PARTITION BY _input)"
            )
        added = f"regexp_matches({_text(part, name)}, '{_ADDED}')"
        if con.execute(f"SELECT 1 FROM {part.raw.seen.few(name) or part.raw.relation} r WHERE {added} LIMIT 1").fetchall():
            yield f"SELECT 'Q09', r._input, r._row, '{name}', '姓名中夹有说明，按所写读取，请核实' FROM {rows} AND {added} AND {value} IS NOT NULL"


def _find_parts(table: Table, part: Typed) -> Iterator[str]:
    """Give the SELECT of one note for each input on rows that call themselves parts (其中) of another, in tables whose rows of all levels are records."""
    columns = {
        name: _text(part, name) for name in part.raw.sql_types if table.kind.columns[name].type == "text" and name != "note"
    }
    if columns and (table.kind.nests or table.kind.stepped):
        called = " OR ".join(f"regexp_matches({text}, '^[\\s\u3000]*其[\\s\u3000]*中')" for text in columns.values())
        what = "有 {} 行（第 {} 行）写有“其中”，是另一行的组成部分；仍各作一行判断，请勿重复计算"
        yield _in_one_note(part, "NULL", what, called)


def _find_long_spans(part: Typed) -> Iterator[str]:
    """Give the SELECT of rows that are said to be for more months than anybody pays at once: months and a standard may stand in each other's column."""
    if piece := part.pieces.get("months"):
        what = f"月数超过 {MOST_MONTHS}，像与别的列写反，请核实"
        rows = f"{part.raw.relation} r {piece.join} WHERE r._input IN ({list_inputs(part)})"
        yield f"SELECT 'Q09', r._input, r._row, 'months', '{what}' FROM {rows} AND {piece.value} > {MOST_MONTHS}"


def _in_one_note(part: Typed, column: str, what: str, test: str) -> str:
    """Write the SELECT of one note for each input that counts and lists the rows for which a test holds."""
    listed = f"array_to_string(list(r._row ORDER BY r._row)[:{MOST_NAMED}], '、') || CASE WHEN count(*) > {MOST_NAMED} THEN '…' ELSE '' END"
    return (
        f"SELECT 'Q09', r._input, min(r._row), {column}, format('{what}', CAST(count(*) AS VARCHAR), {listed}) FROM {part.raw.relation} r"
        f" WHERE ({test}) AND r._input IN ({list_inputs(part)}) GROUP BY r._input"
    )


def _find_sparse(table: Table, part: Typed) -> Iterator[str]:
    """Give the SELECT of rows with at most half as many cells as most rows of their list, and neither a day nor a person's number, as most have.

    Lines of a record with one head, such as a voucher, leave blank what its first line says.
    """
    columns = {name: table.kind.columns[name].type for name in part.raw.sql_types if name not in ("seq", "note")}
    telling = [name for name, of_type in columns.items() if of_type in ("date", "identity")]
    if table.kind.fills_down or not telling:
        return
    filled, told = (count_filled(_text(part, name) for name in names) for names in (columns, telling))
    cells = f"SELECT r._input, r._row, {filled} AS filled, {told} > 0 AS told FROM {part.raw.relation} r WHERE r._input IN ({list_inputs(part)})"
    usual = "SELECT _input, CAST(median(filled) AS INTEGER) AS usual, avg(told::INTEGER) AS share FROM cells GROUP BY _input"
    what = "只有 {} 格有内容（其余各行多为 {} 格），没有日期和证件号码，可能是合计、结余或说明，请核实是否为一笔记录"
    yield (
        f"WITH cells AS ({cells}), lists AS ({usual})"
        f" SELECT 'Q12', _input, _row, NULL, format('{what}', CAST(filled AS VARCHAR), CAST(usual AS VARCHAR)) FROM cells JOIN lists USING (_input)"
        f" WHERE usual >= {FEWEST_CELLS} AND filled * 2 <= usual AND NOT told AND share > 0.5"
        f" AND {unsaid('cells', 'Q12')}"
    )


def _text(part: Typed, name: str) -> str:
    return written(f"r.{quote(name)}", part.raw.sql_types[name])
