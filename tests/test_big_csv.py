"""Rows of a big CSV that Arrow reads are those that the records tell, or are read record by record."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import duckdb
import pyarrow as pa
import pytest

from ledgers import bulk, utf8_lines
from ledgers.arrays import are_digits, text_array
from ledgers.headers import recognise
from ledgers.identities import are_plain_numbers
from ledgers.kinds import Column
from ledgers.limits import Limits, Unreadable
from ledgers.papers import PLACEHOLDERS
from ledgers.plain_names import are_plain_names, names_to_read
from ledgers.readings import Reading
from ledgers.separated import NO_TEXT, records
from ledgers.strays import find_strays
from ledgers.values import read_text
from tests.test_intake import HEADER, KINDS, both_ways, identity, write_csv

HEAD = [["甲", "乙", "丙"]]
PIECES = ("a", '"', '""', ",", " ", "测", "\\", "\x00", "\r")


def held(
    path: Path, out: Path, encoding: str = "utf-8", looks: Mapping[int, bulk.Look] | None = None
) -> list[tuple[object, ...]]:
    """Give the rows as they are held in memory, and see that they are held alike in a file."""
    tables = []
    for most in (1 << 40, 0):
        with mock.patch.object(bulk, "IN_MEMORY", most):
            tables.append(bulk.hold_csv(path, out, HEAD, encoding=encoding, delimiter=",", limits=Limits(), looks=looks or {}))
    in_memory, in_a_file = (table.to_pylist() for table in tables)
    assert in_memory == in_a_file
    return [tuple(row.values()) for row in in_memory]


def made_up(chance: random.Random) -> str:
    def cell() -> str:
        text = "".join(chance.choices(PIECES, (8, 1, 1, 0, 2, 4, 1, 1, 1), k=chance.randrange(5)))
        quoted = text.replace('"', '""') if chance.random() < 0.8 else text
        return f'"{quoted}"' if chance.random() < 0.4 else text

    end = chance.choice(("\n", "\r\n"))
    lines = [",".join(cell() for _ in range(chance.choice((3, 3, 3, 3, 3, 3, 2, 4)))) for _ in range(chance.randrange(1, 6))]
    return "甲,乙,丙\n" + end.join(lines) + chance.choice(("", end, end + end))


@pytest.mark.parametrize("block", [64, 1 << 20])
def test_lines_are_copied_only_where_they_are_the_records(block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With stray, doubled and open quotation marks, uneven lines and blocks that end anywhere."""
    monkeypatch.setattr(utf8_lines, "PIECE", block)
    chance, slow, copied = random.Random(block), 0, 0

    def give_up(*_: object, **__: object) -> None:
        raise Unreadable("slow")

    monkeypatch.setattr(bulk, "_records", give_up)
    for _ in range(600):
        text, path = made_up(chance), tmp_path / "a.csv"
        path.write_bytes(text.encode())
        try:
            rows = held(path, tmp_path / "a.arrow")
        except Unreadable:
            slow += 1
            continue
        told = enumerate(records(io.StringIO(text, newline=""), ",", Limits()), start=1)
        assert [row for row in rows if any(row[2:])] == [(n, 0, *cells) for n, cells in told if n > 1 and any(cells)], text
        copied += 1
    assert slow > 50
    assert copied > 50


@pytest.mark.parametrize("last", ['x,y,"z', '"x,y,z', 'x,a"b,"z'])
def test_a_quote_that_is_still_open_at_the_end_is_refused(last: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("甲,乙,丙\n1,2,3\n" + last, encoding="utf-8")
    with pytest.raises(Unreadable, match="引号"):
        held(path, tmp_path / "a.arrow")


@pytest.mark.parametrize("piece", [20, 64])
def test_the_mark_of_a_file_that_stands_before_a_line_is_kept(
    piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that were put together keep it; where a piece began with it, it would go."""
    monkeypatch.setattr(utf8_lines, "PIECE", piece)
    path = tmp_path / "a.csv"
    path.write_text("甲,乙,丙\n" + "\ufeff1,2,3\n" * 200, encoding="utf-8")
    assert held(path, tmp_path / "a.arrow") == [(n, 0, "\ufeff1", "2", "3") for n in range(2, 202)]


@pytest.mark.parametrize("lines", [["1,2,3"] * 9, ["1,2,3" + "长" * 50] + ["1,2,3"] * 9, ["1,2,3", "4,5," + "长" * 99]])
def test_a_line_longer_than_a_piece_is_read_whole(lines: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utf8_lines, "PIECE", 16)
    path = tmp_path / "a.csv"
    path.write_text("\n".join([*(",".join(row) for row in HEAD), *lines]), encoding="utf-8")
    assert [row[2:] for row in held(path, tmp_path / "a.arrow")] == [tuple(line.split(",")) for line in lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16"])
def test_every_encoding_gives_the_same_rows(encoding: str, tmp_path: Path) -> None:
    rows = [[f"測試{number % 3}", str(number), f"第{number}行"] for number in range(5000)]
    text = io.StringIO()
    csv.writer(text).writerows([*HEAD, *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    assert held(path, tmp_path / "a.arrow", encoding) == [(n, 0, *row) for n, row in enumerate(rows, start=2)]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_the_head_of_a_big_file_in_utf_16_without_a_mark_ends_with_a_whole_line(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("甲,乙,丙\n" + "一丁,1,Ċ上\n" * 40_000).encode(encoding))  # Ċ上: a line break in bytes, in either order
    rows, used, delimiter = bulk.csv_head(path, None, frozenset())
    assert (used, delimiter, rows[0], rows[1], len(rows)) == (
        encoding,
        ",",
        ["甲", "乙", "丙"],
        ["一丁", "1", "Ċ上"],
        bulk.HEAD_ROWS,
    )


def test_lines_that_are_said_to_be_shorter_are_shorter() -> None:
    chance, said = random.Random(1), list[bool]()
    for _ in range(3000):
        lines = bytes(chance.choices(b"a\n", (chance.randrange(1, 6), 1), k=chance.randrange(30)))
        most, longest = chance.randrange(2, 9), max(map(len, lines.split(b"\n")))
        said.append(utf8_lines.are_shorter(lines, most))
        assert said[-1] <= (longest < most)
        assert said[-1] >= (longest < most // 2)
    assert 500 < sum(said) < 2500


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_the_first_byte_that_does_not_fit_is_named(
    piece: int, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a file that is read record by record, and of a character that the end of a piece cuts in two."""
    monkeypatch.setattr(utf8_lines, "PIECE", piece)
    path, good = tmp_path / "a.csv", ("甲,乙,丙\n" + "测试,1,2\n" * 9000).encode(encoding)
    bad = {"utf-8": b"\xe6\x35", "gb18030": b"\xff", "utf-16-le": b"\x00\xdc"}[encoding]
    for last in (b"", "\n".encode(encoding)):
        path.write_bytes(good + bad + last)
        with pytest.raises(Unreadable, match=f"第 {len(good) + 1} 字节"):
            held(path, tmp_path / "a.arrow", encoding)


@pytest.mark.parametrize("look", [are_plain_numbers, are_plain_names, are_digits])
@pytest.mark.parametrize(
    "bad", [b"\xed\xa0\x80\xe6\xb5\x8b", b"\xe6\x35\x8b\xe6\xb5\x8b", b"\xe0\x80\xb1" * 2, b"9900001980010200\xc3\x31", b"1\xff"]
)
def test_what_is_no_utf8_is_never_plain(look: bulk.Look, bad: bytes, tmp_path: Path) -> None:
    """Of what was seen to be plain nobody looks at the encoding."""
    path, good = (
        tmp_path / "a.csv",
        "甲,乙,丙\n".encode() + "".join(f"测试,990000198001020018,{n}\n" for n in range(900)).encode(),
    )
    path.write_bytes(good + bad + b"," + bad + b"," + bad + b"\n")
    with pytest.raises(Unreadable, match="不符合 utf-8"):
        held(path, tmp_path / "a.arrow", looks=dict.fromkeys(range(3), look))


def test_a_cell_beyond_the_limit_is_refused_in_a_big_file_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"甲,乙,丙\n1,2,{'长' * (Limits().cell_characters + 1)}\n", encoding="utf-8")
    with pytest.raises(Unreadable, match="字数"):
        held(path, tmp_path / "a.arrow")


def test_nothing_reads_the_rows_any_more_when_their_folder_goes() -> None:
    with duckdb.connect() as con, bulk.open_scratch(con) as scratch:
        path = scratch / "a.csv"
        path.write_text("甲,乙,丙\n1,2,3\n", encoding="utf-8")
        with mock.patch.object(bulk, "IN_MEMORY", 0):
            rows = bulk.hold_csv(path, scratch / "a.arrow", HEAD, encoding="utf-8", delimiter=",", limits=Limits())
        con.register(f"{bulk.LINES}0", rows)
        bulk.register_texts(con, f"{bulk.LINES}0", rows)
        del rows
        assert con.execute(f"SELECT * FROM {bulk.LINES}0").fetchall() == [(2, 0, "1", "2", "3")]
        bulk.let_go(con)
        with pytest.raises(duckdb.CatalogException):
            con.execute(f"SELECT * FROM {bulk.LINES}0")
    assert not scratch.exists()


@pytest.mark.parametrize("texts", [[], [""], ["a", ""], ["甲\x00乙", "丙"], [None, "甲"], ["\x00", None], ["", "\x00"]])
def test_a_column_of_texts_keeps_every_text(texts: list[str | None]) -> None:
    assert text_array(texts).to_pylist() == texts


def test_names_that_are_passed_over_are_read_as_they_are() -> None:
    characters = "测试张李王三等和与及夫妇妻一家全体遗属代表本人户主先生女士师傅不详清楚无暂缺待补定同上仝如见附件表公司厂工会单位某方东欧阳"
    chance = random.Random(1)
    names = {"".join(chance.choices(characters, k=chance.choice((2, 2, 3, 4)))) for _ in range(20_000)}
    names |= {"张三夫妇", "不详", "待补充", "全家", "李女士", "十二人", "同上", "王某某", "寮犱笁", "烫烫"}
    con = duckdb.connect()
    con.register("made_up", pa.table({"name": text_array(sorted(names))}))
    looked_at = set(names_to_read(con, "SELECT name FROM made_up"))
    column = Column(type="name", zh="姓名", en="name")
    assert len(names - looked_at) > 10_000
    assert [name for name in names - looked_at if read_text(column, name) != Reading(name)] == []


def test_texts_that_are_seen_to_be_plain_are_read_as_they_are() -> None:
    chance = random.Random(2)
    bodies = {"".join(chance.choices("0129X", (3, 5, 3, 5, 1), k=chance.choice((17, 18, 18, 18, 19)))) for _ in range(20_000)}
    others = {
        "99000119600101000X",
        "990001196001010003",
        "99000119600101003x",
        "９９０００１１９６００１０１００３Ｘ",
        "",
        "测测测测测测",
        "0" * 18,
    }
    for kind, own, texts in (
        ("identity", are_plain_numbers, bodies | others | PLACEHOLDERS),
        ("text", are_digits, {"0", "007", "1" * 18}),
    ):
        column, written = Column(type=kind, zh="号", en="number"), sorted(texts)  # type: ignore[arg-type]
        plain = [text for text, seen in zip(written, own(text_array(written)).tolist(), strict=True) if seen]
        assert len(plain) > 2
        assert [text for text in plain if read_text(column, text) != Reading(text)] == []
    assert not are_digits(text_array(["1", "甲", "2"])).any()
    assert are_digits(text_array(["1", "", "1" * 19])).tolist() == [True, False, False]


@pytest.mark.parametrize("uneven", [False, True])
def test_what_is_seen_of_cells_stands_beside_them_however_they_are_read(uneven: bool, tmp_path: Path) -> None:
    rows = [("测试三", "1", "重复"), ("李女士", "甲", "重复")] * 20
    path = tmp_path / "a.csv"
    path.write_text("\n".join(map(",".join, [*HEAD, *rows])) + "\n甲\n" * uneven, encoding="utf-8")
    looks = {0: are_plain_names, 1: are_digits, 2: are_plain_names}
    found = held(path, tmp_path / "a.arrow", looks=looks)
    seen = {(row[2], row[-3:]) for row in found[: len(rows)]}
    assert len(found) == len(rows) + uneven
    assert seen == {("测试三", (True, False, True)), ("李女士", (False, False, True))}


@pytest.mark.parametrize("look", [are_plain_numbers, are_plain_names, are_digits])
@pytest.mark.parametrize("texts", [["990000198001020018"], ["990000198001020018"] * 3, ["测试三"], ["", "12"], []])
def test_a_look_changes_nothing(look: bulk.Look, texts: list[str]) -> None:
    """One number alone was overwritten where it stood."""
    for made in (text_array(texts), pa.array(texts, pa.string()), text_array(["0", *texts])[1:]):
        assert len(look(made)) == len(texts)
        assert made.to_pylist() == texts


def messy(chance: random.Random) -> list[list[str]]:
    """Make up rows of payments: most plain, some odd, in two years' worth of blanks, placeholders, repeated headers and footers."""
    numbers = [identity(n) for n in range(1, 9)] + [
        "",
        "1" * 18,
        "123456789012345678",
        identity(9).lower(),
        "99000119600101x",
        "990001196001010***",
    ]
    names = ["测试三", "李女士", "王五丁", "", "不详", "测试四等2人", "全家"]
    amounts = ["500", "500.00", "0", "-300", "三百元", "1.5万", "X元", "", "1,200"]
    days = ["2021-02-03", "2021年3月", "20210405", "2021.1.5", "", "2021-13-01"]
    odd = chance.choice((0.0, 0.02, 0.3))

    def cell(texts: list[str]) -> str:
        return chance.choice(texts) if chance.random() < odd else chance.choice(texts[:3])

    rows = [
        [cell(names), cell(numbers), cell(days), cell(amounts), chance.choice(("", "冲销", "补发"))]
        for _ in range(chance.randrange(1, 60))
    ]
    for extra in (["姓名", "身份证号", "发放日期", "金额", "备注"], ["制表人：测试", "", "", "", ""], ["", "", "", "", ""]):
        if chance.random() < 0.2:
            rows.insert(chance.randrange(len(rows) + 1), extra)
    return rows


UNLIKE = "是否为一笔记录"  # in notes on rows that are unlike the others, which are looked for in what is small


@pytest.mark.parametrize("seed", range(40))
def test_a_big_csv_is_read_as_a_small_one(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(utf8_lines, "PIECE", chance.choice((512, 4096, utf8_lines.PIECE)))
    monkeypatch.setattr(bulk, "CHUNK", chance.choice((1, 7, bulk.CHUNK)))
    rows = [["姓名", "身份证号", "发放日期", "金额", "备注"], *messy(chance)]
    rows[1][4] = chance.choice(("", "两行\n备注"))  # a cell of two lines is read record by record
    path = write_csv(tmp_path / "a.csv", rows, chance.choice(("utf-8", "gb18030", "utf-16-le")))
    small, big = both_ways(path)
    assert big.aid == small.aid
    told = [
        {note._replace(code="") for note in one.notes if note.code not in ("Q08", "Q16") and UNLIKE not in note.message}
        for one in (big, small)
    ]
    assert told[0] == told[1]


PIECES_OF_ROWS = ["", " ", "\u3000", "测试甲", "500", "2021-02-03", "春节", "总公司", "合作社", "共青团", "审计局", "总额", "合 计", "合\u200b计", "小計", "TOTAL", "ｓｕｍ", "∑", "本页",
                  "承前页", "过次页", "春节汇总", "其中", "其 中：", "一、退休", "（二）在职", "2人", "共3户", "——", "制表人", "製表：甲", "审核", "领导签字", "盖章", "（公章）",
                  "说明：", "注：", "日期：", "联系人:", "单位：万元", "续表", "以下空白", "第2页", "2021年3月4日", "姓名", "金额", "期初余额", "结转下页", "本月合计", "X元",
                  "接上", "上页结转", "上年结余", "续上页", "转入", "小结", "合记", "本页小记", "以上各户", "各单位", "全 区", "汇总", "甲局 汇总", "累积"]  # fmt: skip


@pytest.mark.parametrize("kind", ["aid_payment", "budget_execution", "voucher_line", "transfer_down"])
def test_the_tests_for_rows_that_are_no_data_find_all_that_a_look_at_each_finds(kind: str) -> None:
    """总额, Total and many others passed them by, and were payments."""
    header = {
        "aid_payment": HEADER, "budget_execution": ["预算科目", "年度", "预算数", "执行数", "备注"],
        "voucher_line": ["日期", "凭证号", "摘要", "科目名称", "借方金额", "贷方金额"], "transfer_down": ["收款单位", "下拨日期", "金额", "用途", "下拨单位"],
    }[kind]  # fmt: skip
    layout, chance = recognise([header], KINDS, kind), random.Random(kind)
    rows = [tuple(chance.choice(PIECES_OF_ROWS) for _ in header) for _ in range(1500)]
    rows += [
        tuple(chance.choice(PIECES_OF_ROWS) if n == place else "" for n in range(len(header)))
        for place in range(len(header))
        for _ in range(60)
    ]
    with duckdb.connect() as con:
        con.register("lines_0", bulk.lay_columns(list(map(text_array, zip(*rows, strict=True))), 2, {}))
        found, told = (find_strays(con, "lines_0", [header], layout, KINDS, most).what for most in (0, len(rows)))
    assert len(told) > 500
    assert {number: rows[number - 2] for number in told.keys() - found.keys()} == {}
    assert found == told


@pytest.mark.parametrize("most", [0, 1000])
@pytest.mark.parametrize("label", ["总额", "Total", "春节汇总", "合\u00ad计", "其 中：困难职工", "测试己", ""])
@pytest.mark.parametrize("amount", ["800", "900"])
def test_a_row_of_a_big_csv_is_a_total_where_one_of_a_small_one_is(
    label: str, amount: str, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find_strays, "__defaults__", (most,))
    persons = [["测试甲", identity(1), "2021-02-03", "500"], ["测试乙", identity(2), "2021-02-03", "三百元"]]
    path = write_csv(tmp_path / "a.csv", [HEADER, *persons, [label, "", "", amount], [*persons[0][:3], "1"]])
    small, big = ({row["_row"]: row["amount"] for row in one.aid} for one in both_ways(path))
    assert {row: one for row, one in big.items() if one is not None} == {
        row: one for row, one in small.items() if one is not None
    }


ROW_OF_A, ROW_OF_B = ["测试甲", identity(1), "2021-02-03", "500"], ["测试乙", identity(2), "2021-02-04", "400"]
LEVELS = [
    ["一、春节慰问", *ROW_OF_A[:3], "1000"], ["(一)困难职工", *ROW_OF_B[:3], "400"], ["(二)农民工", *ROW_OF_A[:3], "600"], ["二、中秋", *ROW_OF_B[:3], "300"],
]  # fmt: skip
MIXED = {
    "a bare sum of one level": [*LEVELS, ["", "", "", "", "1300"]],
    "somebody whose amount is the sum of one level": [*LEVELS, ["某项", "张三", "", "", "1300"]],
    "a total of all but parts": [["", *ROW_OF_A], ["其中：配偶", *ROW_OF_B], ["", *ROW_OF_A], ["合计", "", "", "", "1000"]],
    "a total beside a slipped row": [["", *ROW_OF_A], ["", *ROW_OF_B, "9"], ["", *ROW_OF_A], ["合计", "", "", "", "900"]],
    "the second part of a total": [["", *ROW_OF_A], ["其中：困难职工", "", "", "2021-02-03", "200"], ["农民工", "", "", "2021-02-03", "300"], ["", *ROW_OF_B]],
    "nobody far below a part": [["其中：困难职工", "", "", "2021-02-03", "200"], ["", *ROW_OF_A], ["", "", "", "", "777"], ["", *ROW_OF_B]],
    "a total of another table": [
        ["", *ROW_OF_A], ["", *ROW_OF_B], ["单位名称", "收入项目", "金额", "年度", ""], ["测试工会", "拨款", "1", "2021", ""], ["合计", "", "1", "", ""],
    ],
    "a total with a cell beyond the header": [["合计", "", "", "", "0", "7"], ["", *ROW_OF_A], ["小计", "", "", "", "500"]],
    "a total below an amount that is parted at its comma": [
        ["", *ROW_OF_A[:3], "1", "500"], ["", *ROW_OF_B[:3], "300", "无"], ["合计", "", "", "", "1800"],
    ],
    "a wrong total": [["", *ROW_OF_A], ["", *ROW_OF_B], ["合计", "", "", "", "900"]],
    "a count of 4500 digits": [["", *ROW_OF_A], ["", *ROW_OF_B], [f"合计{'9' * 4500}人", "", "", "", ""]],
}  # fmt: skip


def mixed(chance: random.Random) -> list[list[str]]:
    """Make up persons among totals that may fit, bare sums, parts, steps of an outline, rows that slipped, blanks and headers."""
    rows, since, every = list[list[str]](), 0, 0

    def put(label: str, amount: object = "", place: int = 0) -> None:
        rows.append([label if index == place else str(amount) if index == 4 else "" for index in range(5)])

    for number in range(chance.randrange(3, 14)):
        kind, amount = chance.randrange(20), chance.choice((100, 200, 300, 7))
        if kind < 10:
            since, every = since + amount, every + amount
            step = chance.choice(("", "", "", "", "一、春节", "(一)", "其中：配偶"))
            who = [chance.choice(("测试甲", "张三", "合计")), identity(number) if chance.random() < 0.8 else "无", "2021-02-03"]
            rows.append([step, *who, str(amount) if chance.random() < 0.9 else chance.choice(("不详", "1,000", "-100", ""))])
        elif kind < 14:
            sums = (since, since, every, since + 1, "不详", "", 0)
            put(chance.choice(("小计", "合计", "本页合计", "累计", "总计")), chance.choice(sums), chance.choice((0, 1)))
            since = 0 if chance.random() < 0.9 else since
        elif kind < 16:
            put("", chance.choice((since, every, 100)))
        elif kind < 18:
            put(
                chance.choice(("其中：困难职工", "农民工", "一、困难职工", "备注：无", "合计2人")),
                chance.choice((100, "")),
                chance.choice((0, 1)),
            )
        else:
            rows.append(chance.choice(([""] * 5, ["项目", *HEADER])))
        if chance.random() < 0.05:
            rows[-1].append("500")
    return rows


RANDOM = {f"made up {seed}": mixed(random.Random(seed)) for seed in range(30)}


@pytest.mark.parametrize("rows", (every := MIXED | RANDOM).values(), ids=every)
def test_a_big_csv_believes_and_accuses_no_more_than_a_small_one(rows: list[list[str]], tmp_path: Path) -> None:
    """A sum of one level was a payment, and a right total was held against its parts, too."""
    small, big = both_ways(write_csv(tmp_path / "a.csv", [["项目", *HEADER], *rows]))
    believed = [{row["_row"]: row["amount"] for row in one.aid if row["amount"] is not None} for one in (small, big)]
    of_persons = [{row["_row"]: row["amount"] for row in one.aid if row["id_no"]} for one in (small, big)]
    wrong = [
        {row["_row"] for row in one.rows["total_row"] if row["details_total"] not in (None, row["printed_total"])}
        for one in (small, big)
    ]
    assert of_persons[0] == of_persons[1]
    assert believed[1].items() <= believed[0].items()
    assert wrong[1] <= wrong[0]
    kept = {row["_row"] for row in big.aid}
    assert kept & {note.row for note in small.coded("Q12") if UNLIKE not in note.message} <= {
        note.row for note in big.coded("Q12")
    }


PARTED = {
    "before a blank note": ("备注", "1,500,"), "in a row that lacks its note": ("备注", "1,500"), "with fen": ("签名,备注", "1,500.00,,"),
    "before a bank": ("开户行,备注", "1,500.00,农行,"), "under a header that ends with a comma": ("", "12,500"), "of millions": ("签名,备注", "1,234,567.00"),
    "with a blank behind it": ("备注", "1, 500"), "with a tab behind it": ("备注", "1,\t500"), "with a wide blank": ("备注", "1,\u3000500"),
}  # fmt: skip


@pytest.mark.parametrize(("headers", "cells"), PARTED.values(), ids=PARTED)
def test_an_amount_that_is_parted_at_its_comma_is_not_read(headers: str, cells: str, tmp_path: Path) -> None:
    """1,500 was one yuan, with 500 for a note."""
    rows = [
        f"测试甲,{identity(1)},2021-02-03,{cells}",
        f"测试乙,{identity(2)},2021-02-04,300,无",
        f"测试丙,{identity(3)},2021-02-04,101",
    ]
    (tmp_path / "a.csv").write_text("\n".join([f"姓名,身份证号,发放日期,金额,{headers}", *rows, ""]), encoding="utf-8")
    for one in both_ways(tmp_path / "a.csv"):
        assert {row["_row"]: row["amount"] for row in one.aid if row["amount"] is not None} == {3: 300, 4: 101}
        assert [note.row for note in one.coded("Q12")] == [2]


@pytest.mark.parametrize(("header", "mark"), [("科室编号", ","), ("支出功能分类", ","), ("备注", "\t"), ("备注", ";")])
def test_a_number_of_three_digits_beside_an_amount_is_no_part_of_it(header: str, mark: str, tmp_path: Path) -> None:
    text = f"姓名,身份证号,发放日期,金额,{header}\n测试甲,{identity(1)},2021-02-03,500,101\n"
    (tmp_path / "a.csv").write_text(text.replace(",", mark), encoding="utf-8")
    assert [[row["amount"] for row in one.aid] for one in both_ways(tmp_path / "a.csv")] == [[500]] * 2


def test_a_big_csv_with_a_nul_byte_is_no_text_either(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"姓名,身份证号,发放日期,金额\n测\0甲,{identity(1)},2021-02-03,500\n", encoding="utf-8")
    assert [[note.message for note in one.notes] for one in both_ways(tmp_path / "a.csv")] == [[NO_TEXT]] * 2
