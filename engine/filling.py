"""Compile the policies that ask one row of one ledger to formulas, for a template that says while it is filled in what to look at.

A policy is planned as for a check, with a column of its own in place of each input: `p._input IN (3)` asks whether the third column is
there. What the plan says in SQL becomes formulas; whatever has none is listed with the reason. Verdicts are those of `judge`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from engine.check import Request, find_region
from engine.choice import choose
from engine.judge import COMPLIANT, DIFFERS, FAILS, NOT_APPLICABLE, NOT_IN_FORCE, NOT_JUDGED, UNKNOWN
from engine.names import Ask
from engine.plan import Plan, plan
from engine.spreadsheet import AS_OF, NoFormula, Sheet, formula
from ledgers.cell_formulas import (
    BLANK,
    DOUBTFUL,
    NOT_ONE_PERSON,
    ROW,
    UNREAD,
    Lists,
    garbled_characters,
    guarded,
    name_characters,
    plain_characters,
    read_cell,
    spellings,
)
from ledgers.checks import DAY, MARK, NEGATIVE, NEGATIVE_TEXTS, Checks, Settings, flag_name
from ledgers.kinds import Kind, load_kinds
from ledgers.readings import ABSENT
from ledgers.sheets import column_letters
from ledgers.tables import Table
from ledgers.template import HEAD, LEDGER, header
from ledgers.values import FLAGS
from policies.load import Library, load_library

TEXTS = ("text", "name", "identity", "account", "code")
# A cell like one of these stands in a row of totals, of parts, or of signatures.
NO_ROW = ("*合计*", "*分计*", "*组计*", "*月计*", "*季计*", "*年计*", "求和*", "一共*", "*总计*", "*小计*", "*共计*", "*累计*", "*合?计*", "*总?计*", "*小?计*", "*总额*", "*总金额*", "*总数*", "*总和*", "*汇总*", "*本页*", "*承前*",
          "*承上*", "*过次*", "*转下*", "*转次*", "*接上*", "*接前*", "*total*", "sum", "*其中*", "总", "共", "合", "计", "制表*", "填表*", "审核*", "复核*",
          "审批*", "经办*", "负责*", "*签字*", "*签名*", "*签章*", "*盖章*", "续表", "以下空白", "第*页*", "总支付", "共支付", "总付", "统计", "页计", "总人数", "大写*", "实发*", "应发*",
          "平均*", "人均*", "占比", "比重", "比例", "*同期*", "*同比*", "*环比*", "增*", "上年*", "去年*", "完成*", "执行率", "*结存*", "库存*", "盘存*")  # fmt: skip
# What may say that the row is void, not paid or an example; that is read by the engine.
VOID = ("*作*", "*取消*", "*撤*", "*注*", "*不*", "*未*", "*没*", "*沒*", "*存*", "*批*", "*异*", "*異*", "*否*", "*无*", "*無*", "*停*", "*缓*", "*緩*", "*待*", "*拟*", "*擬*", "*放*", "*拒*", "*删*", "*刪*", "*剔*", "*重*",
        "*失败*", "*退*", "*例*", "*回*", "*冲*", "*沖*", "*红*", "*紅*", "*处理*", "*欠*", "*错*", "*錯*", "*误*", "*誤*", "*实*", "*實*", "*改*", "*整*", "*应*", "*應*",
        "*只*", "*仅*", "*僅*", "*多*", "*少*", "*扣*", "*减*", "*減*", "*半*")  # fmt: skip
VOID_NAMES = (
    *(f"*{word}*" for word in ("作废", "作廢", "取消", "示例", "样例", "樣例", "未", "不发", "不發", "无效", "無效", "退", "例")),
    *(f"*{end}" for end in ")）]】〕」>-.。"),
)
CALLED_VOID = ("*作废*", "*作廢*", "*取消*")
UNIT_NAMED = ("*元*", "*圆*", "*圓*")
INCOME = (
    "*收入*",
    *(
        f"*{word}*"
        for word in ("会费", "會費", "拨缴", "撥繳", "补助", "補助", "收益", "结余", "結餘", "结转", "結轉", "结存", "結存")
    ),
)
REVERSED = ("*冲*", "*沖*", "*红*", "*紅*", "*退*", "(*", "（*", "△*", "▲*", "－*")
MOST_ROWS = 20_000  # in which texts with a sign are looked for
WORDS = {FAILS: "请核对", DIFFERS: "存疑", UNKNOWN: "缺数据"}
LEAD = "线索"
FINE = "未见问题"


class _Bench:
    """Give each formula a column of its own to the right of the ledger, once."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.formulas: dict[str, str] = {}

    def at(self, header: str) -> str:
        """Give the cell of a column that was added before."""
        return f"${column_letters(self.first + list(self.formulas).index(MARK + header))}{ROW}"

    def add(self, header: str, formula: str) -> str:
        """Add a column, unless it is there, and give its cell."""
        self.formulas.setdefault(MARK + header, formula)
        return self.at(header)


def compile_checks(request: Request, kind: Kind, unit: str = "", campaign: str = "") -> Checks:
    """Compile the policies of a request that judge one kind.

    Raises:  Refused if a policy or a pack does not load, or a parameter is unknown.
    """
    kinds = load_kinds()
    library = load_library(request.packs, core=request.core)
    chosen, off = choose(library, request, kinds)
    ask = Ask(AS_OF, request.region or find_region(library), request.parameters, off)
    tables = {name: _any_table(one) for name, one in kinds.items()}
    plans = [plan(loaded, kinds, tables, ask) for loaded in chosen if loaded.policy.ledger == kind.kind]
    bench, (lists, written, numbers) = _Bench(len(kind.columns) + 1), _lists(kind)
    cells = {name: f"${column_letters(place)}{ROW}" for place, name in enumerate(kind.columns)}
    row = bench.add("行", _row_state(kind, cells))
    compiled, left = list[Plan](), list[tuple[str, str, str]]()
    sheet = _sheet(kind, cells, lists, row)
    for one in plans:
        trial = _Bench(bench.first)
        trial.formulas.update(bench.formulas)
        try:
            if reason := _why_not(one, kinds):
                raise NoFormula(reason)
            _add_policy(one, trial, sheet(trial), row)
        except NoFormula as error:
            left.append((one.policy.code, one.policy.title.zh, str(error)))
            continue
        bench.formulas = trial.formulas
        compiled.append(one)
    result = _add_result(compiled, bench, row)
    return Checks(
        _settings(request, library, unit, campaign), bench.formulas, result, _flags(kind), written, numbers, _counts(kind),
        [(one.policy.code, one.policy.title.zh) for one in compiled], left,
    )  # fmt: skip


def _settings(request: Request, library: Library, unit: str, campaign: str) -> Settings:
    packs = "、".join(f"{pack.pack}（{pack.title.zh}）" for pack in library.packs)
    return Settings(unit, campaign, request.as_of.isoformat(), packs, f"sha256:{library.sha256}")


def _any_table(kind: Kind) -> Table:
    """Make up a ledger of which each column is there or not by itself, and any cell may be blank, unread, or a month."""
    days = frozenset(name for name, column in kind.columns.items() if column.type == "date")
    absent = {name: frozenset({place}) for place, name in enumerate(kind.columns, start=1)}
    return Table(kind, kind.kind, 0, tuple(range(len(absent) + 1)), absent, frozenset(kind.columns), days, ())


def _why_not(planned: Plan, kinds: Mapping[str, Kind]) -> str:
    """Say why a policy cannot be asked of one row; nothing if it can."""
    policy = planned.policy
    if policy.joins:
        others = "、".join(dict.fromkeys(kinds[join.ledger].title.zh for join in policy.joins.values()))
        return f"要与其他台账对照：{others}"
    if policy.group is not None:
        return "要看全部行（合计、重复或次数）"
    if planned.asked:
        return f"没有给出限额：{'、'.join(f'--param {policy.code}.{name}={policy.parameters[name].shown}' for name in planned.asked)}"
    return planned.reason if planned.status == "out_of_scope" else ""


def _sheet(kind: Kind, cells: Mapping[str, str], lists: Lists, row: str) -> Callable[[_Bench], Sheet]:
    """Say where clauses find what they read; the columns in which cells are read are added when they are first asked for."""

    # What intake puts together out of other cells is not blank where its own cell is.
    completed = {*kind.fills_down, *kind.dates, *(kind.sides.into.values() if kind.sides else ())}

    def on(bench: _Bench) -> Sheet:
        def cell(name: str) -> str:
            own = name.partition("__")[0]
            if MARK + own not in bench.formulas:
                column, flag = kind.columns[own], flag_name(list(kind.columns).index(own))
                blank = UNREAD if own in completed else BLANK
                for part, found in read_cell(own, column, cells[own], lists, bench.at):
                    derived = part.endswith(("__to", "__form"))
                    bench.add(part, found if derived else guarded(flag, row, cells[own], found, blank))
            return bench.at(name)

        def value(name: str) -> str:
            held = cell(name)
            return bench.add(f"{name}值", f"IF(OR({held}={BLANK},{held}={UNREAD}),NA(),{held})")

        truths = frozenset(name for name, column in kind.columns.items() if column.type == "flag")
        texts = frozenset(name for name, column in kind.columns.items() if column.type in TEXTS)
        return Sheet(tuple(kind.columns), cell, value, lambda place: flag_name(place - 1), DAY, truths, texts)

    return on


def _add_policy(planned: Plan, bench: _Bench, sheet: Sheet, row: str) -> None:
    """Add the column of a policy, which gives the digit of `judge`, and those of its clauses, which policies may share."""

    def clause(sql: str) -> str:
        written = formula(sql, sheet)
        if written in ("0", "0.5", "1"):
            return written
        inside = _in_row(row, written)
        known = next((head.removeprefix(MARK) for head, own in bench.formulas.items() if own == inside), None)
        return bench.add(known or f"条款{len(bench.formulas)}", inside)

    applies, in_force = clause(planned.applies.sql), clause(planned.in_force.sql)
    readings = ",".join(clause(one.sql) for one in planned.admissible)
    differs = f"IF(MIN({readings})=0,{DIFFERS},{UNKNOWN})" if len(planned.admissible) > 1 else str(UNKNOWN)
    digit = f"IF(MIN({readings})=1,{COMPLIANT},IF(MAX({readings})=0,{FAILS},{differs}))"
    for stands, otherwise in ((in_force, NOT_IN_FORCE), (applies, NOT_APPLICABLE)):
        digit = digit if stands == "1" else f"IF({stands}=0,{otherwise},IF({stands}=0.5,{UNKNOWN},{digit}))"
    if planned.lacking:
        absent = ",".join(f"{sheet.absent(place)}=0" for place in sorted(planned.lacking))
        digit = f"IF(OR({absent}),{NOT_JUDGED},{digit})"
    bench.add(planned.policy.code, _in_row(row, f"IF({row}=2,{UNKNOWN},IFERROR({digit},{UNKNOWN}))"))


def _in_row(row: str, formula: str) -> str:
    return f"IF({row}={BLANK},{BLANK},{formula})"


def _add_result(compiled: Iterable[Plan], bench: _Bench, row: str) -> str:
    """Add the columns that list the codes of each outcome, and write the formula of the one that is seen."""
    listed: dict[str, list[str]] = {WORDS[FAILS]: [], WORDS[DIFFERS]: [], WORDS[UNKNOWN]: [], LEAD: []}
    for one in compiled:
        cell, code = bench.at(one.policy.code), one.policy.code
        listed[LEAD if one.policy.is_lead else WORDS[FAILS]].append(f'IF({cell}={FAILS},"{code}、","")')
        listed[WORDS[DIFFERS]].append(f'IF({cell}={DIFFERS},"{code}、","")')
        listed[WORDS[UNKNOWN]].append(f'IF(OR({cell}={UNKNOWN},{cell}={NOT_JUDGED}),"{code}、","")')
    said, blank = list[str](), list[str]()
    for word, codes in listed.items():
        if codes:
            cell = bench.add(word, _in_row(row, "&".join(codes)))
            said.append(f'IF({cell}="","","{word}："&LEFT({cell},LEN({cell})-1)&"；")')
            blank.append(cell)
    if not said:
        return _in_row(row, '"没有可在表内核对的规则"')
    return _in_row(row, f'IF({"&".join(blank)}="","{FINE}",{"&".join(said)})')


def _row_state(kind: Kind, cells: Mapping[str, str]) -> str:
    """Write what a row is: nothing, 1 for one to be judged, 2 where it may be a total, a signature, or in red ink, which other rows decide."""
    every = list(cells.values())
    area = f"{every[0]}:{every[-1]}"
    typed = [cells[name] for name, column in kind.columns.items() if column.type not in ("text", "name", "amount")]
    filled = "+".join(f"IFERROR(LEN({cell}),0)" for cell in typed) or "1"
    doubts = [f"COUNTA({area})=1", f"{_count_like(area, NO_ROW)}>0", f"{filled}=0"]
    if kind.nets:
        amount = cells[kind.nets]
        whole = f"{amount.removesuffix(ROW)}:{amount.removesuffix(ROW)}"
        cancelled = f'IF({NEGATIVE}=0,FALSE,OR(LEFT({amount})="-",COUNTIF({whole},"-"&{amount})>0))'
        doubts += [f"IFERROR({cancelled},FALSE)", f"{NEGATIVE_TEXTS}>0"]
        names = [cells[name] for name in kind.person if kind.columns[name].type == "name"]
        said = [cells[name] for name in ("seq", "pay_status", "signed_by", "note") if name in cells]
        doubts += [_says(cell, words) for words, where in ((VOID, said), (VOID_NAMES, names)) for cell in where]
    doubts += [_says(cells[name], CALLED_VOID) for name in sorted(set(chain.from_iterable(kind.void.values())))]
    doubts += [_says(cells[name], VOID) for name in sorted({*kind.unpaid.values()})]
    doubts += [_says(cells[name], INCOME) for name in kind.income.values()]
    doubts += [_says(cells[name], UNIT_NAMED) for name in kind.labels if name in cells]
    likely = [cells[name] for name, column in kind.columns.items() if column.plausible and name in cells]
    doubts += [f"IFERROR(AND(1*{cell}>0,1*{cell}<1),FALSE)" for cell in likely]
    return f"IF(COUNTA({area})=0,{BLANK},IF(OR({','.join(doubts)}),2,1))"


def _says(cell: str, words: Iterable[str]) -> str:
    """Write whether a cell is like one of some words."""
    return f"IFERROR({_count_like(cell, words)}>0,FALSE)"


def _count_like(area: str, words: Iterable[str]) -> str:
    """Write how many cells are like one of some words."""
    listed = ",".join(f'"{word}"' for word in words)
    return f"SUMPRODUCT(COUNTIF({area},{{{listed}}}))"


def _flags(kind: Kind) -> dict[str, str]:
    """Write of each column whether it is there: 0 no, 1 yes, 2 under another header, or where its values may stand in another column."""
    letters = {name: f"{LEDGER}!{column_letters(place)}${HEAD}" for place, name in enumerate(kind.columns)}
    flags = {}
    for name, column in kind.columns.items():
        holders = [letters[one] for one, other in kind.columns.items() if name in (*other.holds.values(), *other.items)]
        held = f"IF(AND({','.join(f'ISERROR(ROWS({one}))' for one in holders)}),0,2)" if holders else "0"
        flags[name] = f'=IF(ISERROR(ROWS({letters[name]})),{held},IF(EXACT({letters[name]},"{header(column)}"),1,2))'
    return flags


def _counts(kind: Kind) -> dict[str, str]:
    """Write how many amounts are in red ink: numbers below zero, and texts that say so, by the names of the cells."""
    if not kind.nets:
        return {}
    place = column_letters(list(kind.columns).index(kind.nets))
    column = f"{LEDGER}!${place}:${place}"
    cells = f"{LEDGER}!${place}${HEAD + 1}:${place}${MOST_ROWS}"
    signed = f'SUMPRODUCT(ISTEXT({cells})*(LEFT({cells})="-")*(LEN({cells})>1))'  # LibreOffice finds numbers by "-*" too
    return {
        NEGATIVE: f'=IFERROR(COUNTIF({column},"<0"),0)',
        NEGATIVE_TEXTS: f"=IFERROR({_count_like(column, REVERSED)}+{signed},0)",
    }


def _lists(kind: Kind) -> tuple[Lists, dict[str, list[str]], frozenset[str]]:
    """Lay the texts that formulas look up beside each other on the sheet of settings."""
    written: dict[str, list[str]] = {}

    def lay(texts: Iterable[str]) -> str:
        name = f"fc_list{len(written)}"
        written[name] = list(texts)
        return name

    def pair(found: Mapping[str, str]) -> tuple[str, str]:
        return lay(found), lay(found.values())

    absent, doubtful, not_one = lay(sorted(ABSENT)), lay(DOUBTFUL), lay(NOT_ONE_PERSON)
    characters, of_names, garbled = lay([plain_characters()]), lay([name_characters()]), lay([garbled_characters()])
    codes = {name: pair(spellings(column)) for name, column in kind.columns.items() if column.type == "code"}
    flags = pair({text: {"true": "1", "false": "0"}[meant] for text, meant in FLAGS.items()})
    return Lists(absent, doubtful, not_one, characters, of_names, garbled, flags, codes), written, frozenset(list(written)[-1:])
