"""Gather the evidence of flagged rows: facts, what was written, amounts, readings, the reason where nothing could be judged.

Flagged rows are few, so they are fetched once, late, with all their columns; the bulk of the ledger is not touched again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from engine.by_code import by_code
from engine.conditions import value
from engine.frames import aggregate, frame
from engine.judge import UNKNOWN
from engine.mistyped import doubt_mistyped
from engine.plan import PLACEHOLDER, Plan
from engine.reasons import unknown, unknown_group
from ledgers.bulk import text_literal
from ledgers.intake import Input, Intake
from ledgers.tables import Table
from ledgers.typed import complete, only, quote, select

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FACT = "STRUCT(value VARCHAR, raw VARCHAR, header VARCHAR, matched_by VARCHAR, row BIGINT)"  # row: if it stands in another one
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
    found = con.execute(f"SELECT code, bool_or(digit = {UNKNOWN}) FROM flagged GROUP BY code").fetchall()
    flagged, open_codes = {code for code, _ in found}, {code for code, is_open in found if is_open}
    frames: dict[str, list[Plan]] = {}
    for plan in (plan for plan in judged if plan.policy.code in flagged):
        frames.setdefault(_wide_frame(plan, wide), []).append(plan)
        if plan.policy.group is not None:
            con.execute(f"INSERT INTO found {_grouped(plan, wide, open_codes, lang)}")
    for source, together in frames.items():
        con.execute(f"INSERT INTO found {_single(together, source, open_codes, lang)}")
    return mistyped


def _describe_inputs(con: DuckDBPyConnection, inputs: Sequence[Input]) -> None:
    """Write the table `inputs` in one statement, as there may be thousands; lists go in without pyarrow, which would load pandas."""
    con.execute("CREATE TABLE inputs (_input INTEGER, path VARCHAR, sheet VARCHAR, unit VARCHAR, headers MAP(VARCHAR, VARCHAR))")
    rows = [(one.number, one.path, one.sheet, one.unit_name, list(one.headers), list(one.headers.values())) for one in inputs]
    columns = list(map(list, zip(*rows, strict=True))) if rows else [[]] * 6
    con.execute(
        "INSERT INTO inputs SELECT n, path, sheet, unit, map(names, texts) FROM (SELECT unnest(?::INTEGER[]) AS n, unnest(?::VARCHAR[]) AS path,"
        " unnest(?::VARCHAR[]) AS sheet, unnest(?::VARCHAR[]) AS unit, unnest(?::VARCHAR[][]) AS names, unnest(?::VARCHAR[][]) AS texts)",
        columns,
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
            words |= set(re.findall("[a-z_][a-z_0-9]*", plan.policy.model_dump_json(exclude={"cases"})))
        for j, join in plan.joins.items():
            if kind.kind == join.ledger:
                asked = plan.policy.joins[j]
                words |= {*join.columns, *(right for _, right in join.keys)}
                words |= set(re.findall("[a-z_][a-z_0-9]*", " ".join([*asked.total.values(), asked.where or ""])))
    return words & set(kind.columns)


def _fetch_kind(con: DuckDBPyConnection, table: Table, name: str, named: set[str]) -> None:
    """Write the small table of one kind: typed columns, what was written as "raw.column", the unit of each row."""
    kind = table.kind
    selects = []
    for number, part in enumerate(table.parts):
        few, part = f"{name}_{number}", only(part, named)
        marks = [*(["_spoilt"] if part.raw.spoilt else []), *(["_head"] if part.raw.headed else [])]
        columns = ", ".join(["_input", "_row", *marks, *part.raw.seen.plain.values(), *map(quote, part.raw.sql_types)])
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {few} AS SELECT {columns} FROM {part.raw.relation} r WHERE (_input, _row) IN"
            f" (SELECT (_input, _row) FROM picked WHERE kind = '{kind.kind}')"
        )
        selects.append(select(complete(con, part, kind, few), kind, few, texts=True))
    unit = f"nullif(trim(t.{quote(f'raw.{kind.unit}')}), '')" if kind.unit in table.columns else "NULL"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT t.*, coalesce({unit}, i.unit) AS _unit, i.headers AS _headers"
        f" FROM ({' UNION ALL '.join(selects)}) t JOIN inputs i USING (_input)"
    )


# -- one finding a row -------------------------------------------------------------------------------------------------


def _single(plans: Sequence[Plan], source: str, open_codes: Set[str], lang: str) -> str:
    """Write the SELECT of findings that rest on one row (all but the groups), for policies that see their rows in one frame."""
    codes = [plan.policy.code for plan in plans]
    columns = zip(*(_row_columns(plan, open_codes, lang) for plan in plans), strict=True)
    return (
        f"SELECT f.code, f.digit, p._unit, {', '.join(by_code('f.code', dict(zip(codes, texts, strict=True))) for texts in columns)}"
        f" FROM flagged f JOIN {source} ON p._input = f._input AND p._row = f._row"
        f" WHERE f.code IN ({', '.join(map(text_literal, codes))}) AND f.grp IS NULL"
    )


def _row_columns(plan: Plan, open_codes: Set[str], lang: str) -> list[str]:
    """Write what a finding on one row holds after its code, its digit and its unit, column by column."""
    reasons = f"CASE WHEN f.digit = {UNKNOWN} THEN {unknown(plan, lang)} END" if plan.policy.code in open_codes else "NULL"
    whole = plan.policy.group is None
    joined = [
        f"list_transform(coalesce(p.{quote(f'{j}._places')}, []), lambda x: {{'j': '{j}', 'i': x.i, 'r': x.r}})"
        for j, join in plan.joins.items()
        if join.pick
    ]
    return [
        _citations(plan),
        f"[{_place(plan)}]",
        f"flatten([{', '.join(joined)}]::STRUCT(j VARCHAR, i INTEGER, r BIGINT)[][])",
        _facts(plan, whole),
        reasons,
        _readings(plan) if whole else "MAP {}::MAP(VARCHAR, BOOLEAN)",
        *(_amounts(plan) if whole else [_row_amount(plan), "0", "0"]),
        _key(plan, "key"),
        _key(plan, "plain"),
        _person(plan),
        *(_settlement(plan) if whole else _UNSETTLED),
    ]


def _wide_frame(plan: Plan, wide: Mapping[str, str]) -> str:
    if plan.table is None:
        raise ValueError(f"{plan.policy.code} was planned without its ledger")
    return frame(plan.table, plan.joins, {}, wide=wide)


def _place(plan: Plan) -> str:
    return f"{{'i': p._input, 'r': p._row, 'amount': {_row_amount(plan)}}}"


def _row_amount(plan: Plan) -> str:
    """Refer to the money of a row, which bounds what is counted of it in a summary."""
    if plan.table is not None and "amount" in plan.table.columns:
        return f"CAST({plan.scope['amount'].sql} AS DECIMAL(18,2))"
    return "CAST(NULL AS DECIMAL(18,2))"


def _citations(plan: Plan) -> str:
    """Sum a bit for each citation that is in force for the row."""
    terms = [f"CASE WHEN {clause.sql} THEN {1 << n} ELSE 0 END" for n, clause in enumerate(plan.citations)]
    return f"CAST({' + '.join(terms) or '0'} AS BIGINT)"


def _amounts(plan: Plan) -> list[str]:
    policy = plan.policy
    texts = (policy.involved or "0", policy.recover, policy.short)
    return [f"CAST({_expression(plan, text)} AS DECIMAL(38,2))" for text in texts]


_UNSETTLED = ["NULL", "CAST(NULL AS DATE)", "NULL"]


def _settlement(plan: Plan) -> list[str]:
    """Write what a refund case needs of its row: the amount owed, the day due, the number that refunds name."""
    settled = plan.policy.remedy.settled_by
    if settled is None or plan.table is None or settled.own not in plan.table.columns:
        return _UNSETTLED
    due = f"CAST({_last_day(plan, settled.due)} AS DATE)" if settled.due else "CAST(NULL AS DATE)"
    return [f"CAST({_expression(plan, settled.owed)} AS DECIMAL(38,2))", due, f"CAST(p.{quote(settled.own)} AS VARCHAR)"]


def _expression(plan: Plan, text: str) -> str:
    return value(text, plan.scope).sql


def _last_day(plan: Plan, text: str) -> str:
    """Write a day that may be known to the month only as its last day: nothing is overdue before."""
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
    said = [name for lang in ("zh", "en") for name in PLACEHOLDER.findall(policy.message.in_(lang))]
    unsaid = {"as_of"}.difference(said)  # the day of the check is no cell: it is shown where the message tells it
    return [name for name in dict.fromkeys([*names, *said]) if name not in unsaid and not name.endswith((".found", ".unknown"))]


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
    raw, header, matched, row = "NULL", "NULL", "NULL", "NULL"
    if plan.table is not None and name in plan.table.columns:
        raw, header = f"p.{quote(f'raw.{name}')}", f"p._headers[{text_literal(name)}]"
        row = "p._head" if name in plan.table.kind.fills_down else row
    elif column and plan.policy.joins[j].pick:
        other = plan.joins[j].table
        if other is not None and column in other.columns:
            raw, header = f"p.{quote(f'{j}.raw.{column}')}", f"p.{quote(f'{j}._headers')}[{text_literal(column)}]"
        matched = f"p.{quote(f'{j}._matched_by')}"
    return f"{{'value': {shown}, 'raw': {raw}, 'header': {header}, 'matched_by': {matched}, 'row': {row}}}"


# -- keys --------------------------------------------------------------------------------------------------------------


def _key(plan: Plan, form: str) -> str:
    """Write a row's business key as text; the plain form leaves out everything personal."""
    if plan.table is None:
        return "NULL"
    kind = plan.table.kind
    names = [n for n in kind.business_key if n in plan.table.columns and (form == "key" or not kind.columns[n].personal)]
    parts = ", ".join(f"coalesce(CAST(p.{quote(name)} AS VARCHAR), p.{quote(f'raw.{name}')}, '')" for name in names)
    return f"concat_ws(chr(31), '', {parts})" if parts else "''"


def _person(plan: Plan) -> str:
    if plan.table is None:
        return "NULL"
    names = [name for name in plan.table.kind.person if name in plan.table.columns]
    return f"coalesce({', '.join(f'CAST(p.{quote(name)} AS VARCHAR)' for name in names)})" if names else "NULL"


# -- one finding a group -----------------------------------------------------------------------------------------------


def _grouped(plan: Plan, wide: Mapping[str, str], open_codes: Set[str], lang: str) -> str:
    """Write the SELECT of findings that rest on a group: facts of its first row, measures over all its rows."""
    code = plan.policy.code
    reasons = f"CASE WHEN p._digit = {UNKNOWN} THEN {unknown_group(plan, lang)} END" if code in open_codes else "NULL"
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
        f" {_facts(plan, whole=True)}, {reasons}, {_readings(plan)}, {', '.join(_amounts(plan))},"
        f" g._keys, g._plains, {_person(plan)}, {', '.join(_UNSETTLED)} FROM members p JOIN totals g ON g._grp = p._grp WHERE p._speaker = 1"
    )
