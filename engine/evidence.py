"""Gather the evidence of flagged rows: facts, what was written, amounts, readings, the reason where nothing could be judged.

Flagged rows are few, so they are fetched once, late, with all their columns; the bulk of the ledger is not touched again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from engine.conditions import parse
from engine.frames import aggregate, frame
from engine.judge import UNKNOWN
from engine.mistyped import doubt_mistyped
from engine.plan import PLACEHOLDER, Plan
from ledgers.bulk import text_literal
from ledgers.intake import Input, Intake
from ledgers.kinds import Column, Kind
from ledgers.tables import Table
from ledgers.typed import complete, only, quote, select

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FACT = "STRUCT(value VARCHAR, raw VARCHAR, header VARCHAR, matched_by VARCHAR)"
FOUND = f"""
    code VARCHAR, digit TINYINT, unit VARCHAR, citations BIGINT,
    rows STRUCT(i INTEGER, r BIGINT, amount DECIMAL(18,2))[], joined STRUCT(j VARCHAR, i INTEGER, r BIGINT)[],
    facts MAP(VARCHAR, {FACT}), missing VARCHAR[], readings MAP(VARCHAR, BOOLEAN),
    involved DECIMAL(38,2), recover DECIMAL(38,2), short DECIMAL(38,2), key VARCHAR, plain_key VARCHAR, person VARCHAR,
    owed DECIMAL(38,2), due DATE, settle_key VARCHAR
"""


def gather(con: DuckDBPyConnection, plans: Sequence[Plan], intake: Intake, lang: str) -> dict[tuple[str, int], int]:
    """Write the table `found`: one row a finding, from the table `flagged`.

    Shapes:  a flagged row is a finding; the flagged rows of one group are one finding together. Gives the number of rows
             that turned out to rest on a mistyped number, by policy code and input.
    """
    con.execute(f"CREATE TABLE found ({FOUND})")
    _describe_inputs(con, intake.inputs)
    judged = [plan for plan in plans if plan.table is not None and plan.status == "judged"]
    wide = _fetch(con, judged, intake.tables)
    mistyped = doubt_mistyped(con, judged, wide)
    for plan in judged:
        if _any(con, f"SELECT 1 FROM flagged WHERE code = '{plan.policy.code}'"):
            con.execute(f"INSERT INTO found {_single(plan, wide, lang)}")
            if plan.policy.group is not None:
                con.execute(f"INSERT INTO found {_grouped(plan, wide, lang)}")
    return mistyped


def _any(con: DuckDBPyConnection, query: str) -> bool:
    return con.execute(f"{query} LIMIT 1").fetchone() is not None


def _describe_inputs(con: DuckDBPyConnection, inputs: Sequence[Input]) -> None:
    con.execute("CREATE TABLE inputs (_input INTEGER, path VARCHAR, sheet VARCHAR, unit VARCHAR, headers MAP(VARCHAR, VARCHAR))")
    for one in inputs:
        names, texts = list(one.headers), list(one.headers.values())
        con.execute(
            "INSERT INTO inputs VALUES (?, ?, ?, ?, map(?::VARCHAR[], ?::VARCHAR[]))",
            [one.number, one.path, one.sheet, one.unit_name, names, texts],
        )


def _fetch(con: DuckDBPyConnection, plans: Sequence[Plan], tables: Mapping[str, Table]) -> dict[str, str]:
    """Fetch flagged rows with all their columns, then the rows they are joined with; give the small table of each kind."""
    con.execute("CREATE TEMP TABLE picked (kind VARCHAR, _input INTEGER, _row BIGINT)")
    wide = {kind: f"wide_{kind}" for kind in tables}
    codes: dict[str, list[str]] = {}
    for plan in plans:
        codes.setdefault(plan.policy.ledger, []).append(f"'{plan.policy.code}'")
    for kind, own in codes.items():
        con.execute(f"INSERT INTO picked SELECT DISTINCT '{kind}', _input, _row FROM flagged WHERE code IN ({', '.join(own)})")
        _fetch_kind(con, tables[kind], wide[kind], _named(plans, tables[kind]))
    looked_up = {(plan.policy.ledger, join.ledger, *key) for plan in plans for join in plan.joins.values() for key in join.keys}
    for ledger, other, left, right in sorted(looked_up):
        con.execute(
            f"INSERT INTO picked SELECT '{other}', r._input, r._row FROM {tables[other].view} r"
            f" WHERE r.{quote(right)} IN (SELECT {quote(left)} FROM {wide[ledger]})"
        )
    for kind in {join.ledger for plan in plans for join in plan.joins.values()}:
        _fetch_kind(con, tables[kind], wide[kind], _named(plans, tables[kind]))
    return wide


def _named(plans: Iterable[Plan], table: Table) -> set[str]:
    """Name the columns of a ledger that its policies speak of in any way, with those that make a row that row.

    Of a ledger that is only looked up, those that the join carries are enough.
    """
    kind = table.kind
    words = {kind.unit or ""}
    for plan in plans:
        if kind.kind == plan.policy.ledger:
            words |= {"amount", *kind.person, *kind.business_key}
            words |= set(re.findall("[a-z_]+", plan.policy.model_dump_json(exclude={"cases"})))
        for j, join in plan.joins.items():
            if kind.kind == join.ledger:
                asked = plan.policy.joins[j]
                words |= {*join.columns, *(right for _, right in join.keys)}
                words |= set(re.findall("[a-z_]+", " ".join([*asked.total.values(), asked.where or ""])))
    return words & set(kind.columns)


def _fetch_kind(con: DuckDBPyConnection, table: Table, name: str, named: set[str]) -> None:
    """Write the small table of one kind: typed columns, what was written as "raw.column", the unit of each row."""
    kind = table.kind
    selects = []
    for number, part in enumerate(table.parts):
        few, part = f"{name}_{number}", only(part, named)
        columns = ", ".join(["_input", "_row", *(["_spoilt"] if part.raw.spoilt else []), *map(quote, part.raw.sql_types)])
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {few} AS SELECT {columns} FROM {part.raw.relation} r WHERE (_input, _row) IN"
            f" (SELECT (_input, _row) FROM picked WHERE kind = '{kind.kind}')"
        )
        selects.append(select(complete(con, part, kind, few), kind, few, texts=True))
    unit = f"nullif(trim(t.{quote(f'raw.{kind.unit}')}), '')" if kind.unit in table.parts[0].columns else "NULL"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT t.*, coalesce({unit}, i.unit) AS _unit, i.headers AS _headers"
        f" FROM ({' UNION ALL '.join(selects)}) t JOIN inputs i USING (_input)"
    )


# -- one finding a row -------------------------------------------------------------------------------------------------


def _single(plan: Plan, wide: Mapping[str, str], lang: str) -> str:
    """Write the SELECT of findings that rest on one row (all but the groups)."""
    whole = plan.policy.group is None
    joined = [
        f"list_transform(coalesce(p.{quote(f'{j}._places')}, []), lambda x: {{'j': '{j}', 'i': x.i, 'r': x.r}})"
        for j, join in plan.joins.items()
        if join.pick
    ]
    return (
        f"SELECT f.code, f.digit, p._unit, {_citations(plan)}, [{_place(plan)}],"
        f" flatten([{', '.join(joined)}]::STRUCT(j VARCHAR, i INTEGER, r BIGINT)[][]),"
        f" {_facts(plan, whole)}, CASE WHEN f.digit = {UNKNOWN} THEN {_unknown(plan, lang)} END, {_readings(plan) if whole else 'MAP {}'},"
        f" {_amounts(plan) if whole else _row_amount(plan) + ', 0, 0'}, {_key(plan, 'key')}, {_key(plan, 'plain')}, {_person(plan)},"
        f" {_settlement(plan) if whole else _UNSETTLED} FROM flagged f JOIN {_wide_frame(plan, wide)} ON p._input = f._input AND p._row = f._row"
        f" WHERE f.code = '{plan.policy.code}' AND f.grp IS NULL"
    )


def _wide_frame(plan: Plan, wide: Mapping[str, str]) -> str:
    if plan.table is None:
        raise ValueError(f"{plan.policy.code} was planned without its ledger")
    return frame(plan.table, plan.joins, {}, wide=wide)


def _place(plan: Plan) -> str:
    return f"{{'i': p._input, 'r': p._row, 'amount': {_row_amount(plan)}}}"


def _row_amount(plan: Plan) -> str:
    """Refer to the money of a row, which bounds what is counted of it in a summary."""
    if plan.table is not None and "amount" in plan.table.kind.columns and "amount" in plan.table.parts[0].columns:
        return f"CAST({plan.scope['amount'].sql} AS DECIMAL(18,2))"
    return "CAST(NULL AS DECIMAL(18,2))"


def _citations(plan: Plan) -> str:
    """Sum a bit for each citation that is in force for the row."""
    terms = [f"CASE WHEN {clause.sql} THEN {1 << n} ELSE 0 END" for n, clause in enumerate(plan.citations)]
    return f"CAST({' + '.join(terms)} AS BIGINT)"


def _amounts(plan: Plan) -> str:
    policy = plan.policy
    texts = (policy.involved or "0", policy.recover, policy.short)
    return ", ".join(f"CAST({_expression(plan, text)} AS DECIMAL(38,2))" for text in texts)


_UNSETTLED = "NULL, NULL, NULL"


def _settlement(plan: Plan) -> str:
    """Write what a refund case needs of its row: the amount owed, the day due, the number that refunds name."""
    settled = plan.policy.remedy.settled_by
    if settled is None or plan.table is None or settled.own not in plan.table.parts[0].columns:
        return _UNSETTLED
    due = f"CAST({_last_day(plan, settled.due)} AS DATE)" if settled.due else "NULL"
    return f"CAST({_expression(plan, settled.owed)} AS DECIMAL(38,2)), {due}, CAST(p.{quote(settled.own)} AS VARCHAR)"


def _expression(plan: Plan, text: str) -> str:
    from engine.conditions import value

    return value(text, plan.scope).sql


def _last_day(plan: Plan, text: str) -> str:
    """Write a day that may be known to the month only as its last day: nothing is overdue before."""
    from engine.conditions import value

    found = value(text, plan.scope)
    return found.upper or found.sql


def _readings(plan: Plan) -> str:
    """Map each reading to what it gives; the policy's own stands under the empty name."""
    found = [(reading.name, reading.clause.sql) for reading in plan.readings if reading.clause is not None]
    names, results = ", ".join(f"'{name}'" for name, _ in found), ", ".join(f"({sql})" for _, sql in found)
    return f"map([{names}]::VARCHAR[], [{results}]::BOOLEAN[])"


# -- facts -------------------------------------------------------------------------------------------------------------


def fact_names(plan: Plan) -> list[str]:
    """List the names whose values are evidence: the person, everything a clause reads, everything the message says."""
    policy = plan.policy
    names = list(plan.table.kind.person) if plan.table is not None else []
    names += policy.group.per if policy.group else []
    for clause in (plan.applies, plan.in_force, *plan.admissible):
        names += sorted(clause.reads)
    for lang in ("zh", "en"):
        names += PLACEHOLDER.findall(policy.message.in_(lang))
    return [name for name in dict.fromkeys(names) if name != "as_of" and not name.endswith((".found", ".unknown"))]


def _facts(plan: Plan, whole: bool) -> str:
    names = [name for name in fact_names(plan) if whole or "g." not in plan.scope[name].sql]
    structs = [_fact(plan, name) for name in names]
    return f"map([{', '.join(text_literal(name) for name in names)}]::VARCHAR[], [{', '.join(structs)}]::{FACT}[])"


def _fact(plan: Plan, name: str) -> str:
    known = plan.scope[name]
    shown = f"CAST({known.sql} AS VARCHAR)"
    own = plan.table.kind.columns.get(name) if plan.table is not None else None
    if known.type == "decimal" and known.scale > 2:
        short = f"rtrim(rtrim({shown}, '0'), '.')"
        money = f"CAST({known.sql} AS DECIMAL(38,2))"
        rate = own is not None and own.type == "percent"
        shown = short if rate else f"CASE WHEN {known.sql} = {money} THEN CAST({money} AS VARCHAR) ELSE {short} END"
    if known.upper:
        shown = f"CASE WHEN {known.sql} = {known.upper} THEN {shown} ELSE {shown} || '..' || CAST({known.upper} AS VARCHAR) END"
    j, _, column = name.partition(".")
    raw, header, matched = "NULL", "NULL", "NULL"
    if plan.table is not None and name in plan.table.kind.columns and name in plan.table.parts[0].columns:
        raw, header = f"p.{quote(f'raw.{name}')}", f"p._headers[{text_literal(name)}]"
    elif column and plan.policy.joins[j].pick:
        other = plan.joins[j].table
        if other is not None and column in other.parts[0].columns:
            raw, header = f"p.{quote(f'{j}.raw.{column}')}", f"p.{quote(f'{j}._headers')}[{text_literal(column)}]"
        matched = f"p.{quote(f'{j}._matched_by')}"
    return f"{{'value': {shown}, 'raw': {raw}, 'header': {header}, 'matched_by': {matched}}}"


_WORDS = {
    "zh": {"blank": "为空", "unread": "无法读取", "open": "中的对应记录无法确定（关键列为空或无法读取）", "total": "中有无法读取的内容，合计未知",
           "mistyped": "未找到此证件号码，而号码的校验码或出生日期不成立，疑为录入错误",
           "differs": "：几条记录先后不明而内容不同", "stray": "中有记录的{}为空或无法读取，可能属于本行",
           "limit": "政策的参数“{}”没有适用于该日期、地区或类别的数值（不是台账的问题）",
           "some": "条件所需的数据缺失或无法读取", "group": "组内有数据缺失，或另有关键内容无法读取的行可能属于同一组"},
    "en": {"blank": " is blank", "unread": " cannot be read", "open": ": the matching row is open (a key is blank or cannot be read)",
           "total": ": something cannot be read, the total is unknown",
           "mistyped": "this number was not found, and its check digit or birthday does not hold: it was probably mistyped",
           "differs": ": several rows may be meant, and they differ",
           "stray": ": a row whose {} is blank or cannot be read may belong to this one",
           "limit": "the policy has no value of its parameter “{}” for this day, region or class (the ledger is not at fault)",
           "some": "something that the question needs is missing or cannot be read",
           "group": "data is missing in the group, or a row whose key cannot be read may belong to it"},
}  # fmt: skip


def _unknown(plan: Plan, lang: str) -> str:
    """Say why a row could not be judged: its number was mistyped, or something is missing."""
    if not plan.joins:
        return _missing(plan, lang)
    places = f"SELECT (_input, _row) FROM mistyped WHERE code = '{plan.policy.code}'"
    return f"CASE WHEN (f._input, f._row) IN ({places}) THEN [{text_literal(_WORDS[lang]['mistyped'])}] ELSE {_missing(plan, lang)} END"


def _missing(plan: Plan, lang: str) -> str:
    """List in words what could not be judged: cells that are blank or could not be read, joins that stay open.

    A blank that the policy itself asks about (IS NULL) is named only where nothing else explains the verdict, and after that
    the rows that may belong to anybody.
    """
    reads = plan.applies.reads | plan.in_force.reads
    reads |= frozenset().union(*(clause.reads for clause in plan.admissible))
    reads |= frozenset(plan.policy.group.per if plan.policy.group else ())
    asked = _asked_about(plan)
    strict = [reason for name in sorted(reads - asked) for reason in _reasons(plan, name, lang)]
    strict += _missing_limits(plan, lang)
    asked_about = [reason for name in sorted(reads & asked) for reason in _reasons(plan, name, lang)]
    strays = [_stray(plan, j, lang) for j in sorted({name.partition(".")[0] for name in reads if "." in name})]
    tiers = [f"list_filter([{', '.join(names)}]::VARCHAR[], lambda x: x IS NOT NULL)" for names in (strict, asked_about, strays)]
    branches = " ".join(f"WHEN len({tier}) > 0 THEN {tier}" for tier in tiers)
    return f"list_sort(list_distinct(CASE {branches} ELSE [{text_literal(_WORDS[lang]['some'])}] END))"


def _missing_limits(plan: Plan, lang: str) -> Iterator[str]:
    """Name the parameters that have no value for the row, where its day and classes are known."""
    texts = (plan.policy.applies_when, plan.policy.requires, *(reading.requires for reading in plan.policy.readings.values()))
    asked = {node.name for text in texts for node in parse(text).find_all(exp.Placeholder)}
    for name in sorted(asked & set(plan.policy.parameters)):
        known, parameter = plan.scope[f":{name}"], plan.policy.parameters[name]
        sides = [plan.scope[side] for side in sorted(known.reads or ()) if side in plan.scope]
        tests = [f"{side.sql} IS NOT NULL" for side in sides] + [f"{side.sql} = {side.upper}" for side in sides if side.upper]
        what = _WORDS[lang]["limit"].format(parameter.en if lang == "en" else parameter.zh)
        yield f"CASE WHEN {' AND '.join([f'{known.sql} IS NULL', *tests])} THEN {text_literal(what)} END"


def _stray(plan: Plan, j: str, lang: str) -> str:
    """Name a joined ledger in which a row has no key that can be read."""
    join = plan.joins[j]
    if join.table is None or not join.keys:
        return "NULL"
    kind, key = join.table.kind, join.keys[0][1]
    own = kind.columns[key]
    what = kind.title.in_(lang) + _WORDS[lang]["stray"].format(own.en if lang == "en" else own.zh)
    return f"CASE WHEN EXISTS (SELECT 1 FROM {join.table.view} r WHERE r.{quote(key)} IS NULL) THEN {text_literal(what)} END"


def _asked_about(plan: Plan) -> frozenset[str]:
    policy = plan.policy
    texts = (policy.applies_when, policy.requires, *(reading.requires for reading in policy.readings.values()))
    columns = (node.this for text in texts for node in parse(text).find_all(exp.Is) if isinstance(node.this, exp.Column))
    return frozenset(f"{column.table}.{column.name}" if column.table else column.name for column in columns)


def _reasons(plan: Plan, name: str, lang: str) -> Iterator[str]:
    j, _, column = name.partition(".")
    if column:
        yield from _missing_joined(plan, j, column, lang)
    elif plan.table is not None and name in plan.table.parts[0].columns:
        own = plan.table.kind.columns[name]
        yield _missing_cell(plan.scope[name].sql, f"p.{quote(f'raw.{name}')}", own, plan.table.kind, lang)


def _missing_cell(value: str, raw: str, column: Column, kind: Kind, lang: str) -> str:
    shown = f"{kind.title.in_(lang)}·{column.en if lang == 'en' else column.zh}"
    return (
        f"CASE WHEN {value} IS NULL AND coalesce(trim({raw}), '') = '' THEN {text_literal(shown + _WORDS[lang]['blank'])}"
        f" WHEN {value} IS NULL THEN {text_literal(shown + _WORDS[lang]['unread'])} END"
    )


def _missing_joined(plan: Plan, j: str, column: str, lang: str) -> Iterator[str]:
    other = plan.joins[j].table
    if other is None:
        return
    title, found = other.kind.title.in_(lang), f"p.{quote(f'{j}.found')}"
    yield f"CASE WHEN {found} IS NULL THEN {text_literal(title + _WORDS[lang]['open'])} END"
    if plan.joins[j].pick and column in other.parts[0].columns:
        raw = f"p.{quote(f'{j}.raw.{column}')}"
        own = other.kind.columns[column]
        differs = f"(p.{quote(f'{j}._differs')} & {other.kind.bit(column)}) <> 0"
        shown = f"{title}·{own.en if lang == 'en' else own.zh}{_WORDS[lang]['differs']}"
        cell = _missing_cell(plan.scope[f"{j}.{column}"].sql, raw, own, other.kind, lang)
        yield f"CASE WHEN {found} AND {differs} THEN {text_literal(shown)} WHEN {found} THEN {cell} END"
    elif column in plan.joins[j].totals:
        yield f"CASE WHEN {found} AND {plan.scope[f'{j}.{column}'].sql} IS NULL THEN {text_literal(title + _WORDS[lang]['total'])} END"


# -- keys --------------------------------------------------------------------------------------------------------------


def _key(plan: Plan, form: str) -> str:
    """Write a row's business key as text; the plain form leaves out everything personal."""
    if plan.table is None:
        return "NULL"
    kind = plan.table.kind
    names = [n for n in kind.business_key if n in plan.table.parts[0].columns and (form == "key" or not kind.columns[n].personal)]
    parts = ", ".join(f"coalesce(CAST(p.{quote(name)} AS VARCHAR), p.{quote(f'raw.{name}')}, '')" for name in names)
    return f"concat_ws(chr(31), '', {parts})" if parts else "''"


def _person(plan: Plan) -> str:
    if plan.table is None:
        return "NULL"
    names = [name for name in plan.table.kind.person if name in plan.table.parts[0].columns]
    return f"coalesce({', '.join(f'CAST(p.{quote(name)} AS VARCHAR)' for name in names)})" if names else "NULL"


# -- one finding a group -----------------------------------------------------------------------------------------------


def _grouped(plan: Plan, wide: Mapping[str, str], lang: str) -> str:
    """Write the SELECT of findings that rest on a group: facts of its first row, measures over all its rows."""
    code = plan.policy.code
    members = (
        f"SELECT p.*, f.grp AS _grp, f.digit AS _digit, row_number() OVER (PARTITION BY f.grp ORDER BY i.path, i.sheet, p._row) AS _nth,"
        f" row_number() OVER (PARTITION BY f.grp ORDER BY p._unit, {_key(plan, 'key')}, i.path, i.sheet, p._row) AS _speaker,"
        f" {_row_amount(plan)} AS _amount, {_key(plan, 'key')} AS _key, {_key(plan, 'plain')} AS _plain"
        f" FROM flagged f JOIN {_wide_frame(plan, wide)} ON p._input = f._input AND p._row = f._row JOIN inputs i ON i._input = p._input"
        f" WHERE f.code = '{code}' AND f.grp IS NOT NULL"
    )
    measures = ", ".join(f"{aggregate(found)} AS {quote(name)}" for name, found in plan.measures.items())
    totals = (
        f"SELECT _grp, {measures}, bit_and({_citations(plan)}) AS _cited, list({{'i': _input, 'r': _row, 'amount': _amount}} ORDER BY _nth) AS _rows,"
        " string_agg(_key, chr(30) ORDER BY _key) AS _keys, string_agg(_plain, chr(30) ORDER BY _plain) AS _plains"
        " FROM members p GROUP BY _grp"
    )
    return (
        f"WITH members AS ({members}), totals AS ({totals})"
        f" SELECT '{code}', p._digit, p._unit, g._cited, g._rows, []::STRUCT(j VARCHAR, i INTEGER, r BIGINT)[],"
        f" {_facts(plan, whole=True)}, CASE WHEN p._digit = {UNKNOWN} THEN list_concat([{text_literal(_WORDS[lang]['group'])}], {_missing(plan, lang)}) END, {_readings(plan)}, {_amounts(plan)},"
        f" g._keys, g._plains, {_person(plan)}, {_UNSETTLED} FROM members p JOIN totals g ON g._grp = p._grp WHERE p._speaker = 1"
    )
