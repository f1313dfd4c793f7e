"""Describe policies and ledger kinds in words and SQL, for readers and for auditors with a system of their own."""

from __future__ import annotations

from datetime import date

import sqlglot

from engine.frames import aggregate, frame
from engine.judge import digit, verdict
from engine.names import Ask
from engine.plan import Plan, plan
from ledgers.kinds import Kind, load_kinds
from ledgers.tables import Table
from ledgers.typed import quote
from policies.case import Case
from policies.load import Library, Loaded

NOT_RUN = ("oracle", "tsql")


def describe_kind(kind: Kind) -> str:
    """Describe a kind of ledger as a table of text."""
    need = "；".join(" 或 ".join([one] if isinstance(one, str) else one) for one in kind.required)
    lines = [
        f"{kind.kind}  {kind.title.zh}  {kind.title.en}",
        f"必需列 / required: {need}",
        f"单位列 / unit: {kind.unit or '—'}",
        "",
    ]
    for name, column in kind.columns.items():
        personal = "  *个人信息*" if column.personal else ""
        lines.append(f"{name}  [{column.type}]  {column.zh} / {column.en}{personal}")
        if column.headers:
            lines.append(f"    表头: {'、'.join(column.headers)}")
        if column.perhaps:
            lines.append(f"    别无所指时也认: {'、'.join(column.perhaps)}")
        if column.titled:
            lines.append(f"    标题说明是本类台账时也认: {'、'.join(column.titled)}")
        for code, aliases in column.codes.items():
            lines.append(f"    {code}{'：' + '、'.join(aliases) if aliases else ''}")
    return "\n".join(lines)


def describe_policy(library: Library, loaded: Loaded, lang: str) -> str:
    """Describe a policy: what, why, example, clauses, parameters, condition, remedy."""
    policy = loaded.policy
    lines = [f"{policy.code}  {policy.id}  {policy.title.in_(lang)}", f"  {policy.severity}  {policy.basis}  {loaded.pack}", ""]
    lines += [policy.why.in_(lang), ""]
    for number, citation in enumerate(policy.citations):
        document = library.documents[citation.source]
        said = f"“{citation.quote}”" if citation.quote else citation.paraphrase.in_(lang) if citation.paraphrase else ""
        recited = f"，转引自《{library.documents[citation.recited_in].title}》" if citation.recited_in else ""
        proved = "quote proved" if library.is_proved(citation) else document.evidence
        lines.append(
            f"[{number}] 《{document.title}》{citation.section}{recited}  {said}  ({citation.basis or policy.basis}, {proved})"
        )
    lines += ["", f"ledger        {policy.ledger}", f"applies when  {policy.applies_when}", f"requires      {policy.requires}"]
    lines += [
        f"or            {reading.requires}  ({reading.en if lang == 'en' else reading.zh})"
        for reading in policy.readings.values()
    ]
    for n, p in policy.parameters.items():
        least = "" if p.least is None else f"  (≥ {p.least})"
        asked = [f"--param {policy.code}.{n}={p.shown}"] if p.ask else []
        values = [f"{v.value}{p.unit}{f' ({v.region})' if v.region else ''}" for v in p.values]
        lines.append(f":{n}  {p.zh}  {', '.join([*values, *asked])}{least}")
    lines += [f"assumed       {name}: {assumed.en if lang == 'en' else assumed.zh}" for name, assumed in policy.assume.items()]
    lines += ["", f"remedy        {policy.remedy.zh if lang == 'zh' else policy.remedy.en}"]
    lines += ["", *(_example(case) for case in policy.cases)]
    return "\n".join(lines)


def _example(case: Case) -> str:
    return f"- {case.title}: {case.expected}"


def policy_sql(loaded: Loaded, dialect: str, as_of: date) -> str:
    """Write what a policy asks as one SELECT over tables named like the kinds: place of each row and its verdict digit."""
    kinds = load_kinds()
    tables = {name: Table(kind, name, 0, (0,), {}, frozenset(), frozenset(), ()) for name, kind in kinds.items()}
    planned = plan(loaded, kinds, tables, Ask(as_of))
    text = _group_sql(planned) if planned.policy.group else _row_sql(planned)
    written = sqlglot.transpile(text, read="duckdb", write=dialect, pretty=True)[0]
    sqlglot.parse_one(written, read=dialect)
    note = "-- parse-checked, not run by the authors\n" if dialect in NOT_RUN else ""
    note += "".join(f"-- without a value of your own for {name} every row is not evaluable\n" for name in planned.asked)
    digits = "0 compliant, 1 fails, 2 not evaluable, 3 not applicable, 4 readings differ, 6 not in force"
    group = "-- one line a group; rows with a blank key belong to none and are not evaluable\n" if planned.policy.group else ""
    head = (
        f"-- {loaded.policy.code} {loaded.policy.title.zh}\n-- verdict: {digits}\n{group}"
        "-- tables are named like the ledger kinds and their columns; _input and _row say where a row stands,\n"
        "-- _problems is 0 where every cell could be read (bits: fundcheck ledgers show)\n"
    )
    return f"{note}{head}{written};"


def _row_sql(planned: Plan) -> str:
    return f"SELECT p._input, p._row, {digit(planned)} AS verdict FROM {_frame(planned)}"


def _frame(planned: Plan) -> str:
    if planned.table is None:
        raise ValueError("planned without tables")
    return frame(planned.table, planned.joins, {}, wide={name: name for name in load_kinds()}, placed=False)


def _group_sql(planned: Plan) -> str:
    group = planned.policy.group
    if group is None:
        raise ValueError("no group")
    own = {name: planned.scope[name].sql for name in group.per} | ({"_input": "p._input"} if group.apart else {})
    keys = ", ".join(f"{sql} AS {quote(name)}" for name, sql in own.items())
    measures = ", ".join(f"{aggregate(found)} AS {quote(name)}" for name, found in planned.measures.items())
    known = " AND ".join(f"{sql} IS NOT NULL" for sql in own.values())
    where = f"({planned.applies.sql}) AND ({planned.in_force.sql}) AND {known}"
    inner = f"SELECT {keys}, {measures} FROM {_frame(planned)} WHERE {where} GROUP BY {', '.join(own.values())}"
    return f"SELECT g.*, CASE {verdict(planned)} END AS verdict FROM ({inner}) g"
