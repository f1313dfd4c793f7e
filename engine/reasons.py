"""Say why a row or a group could not be judged: what is blank, what cannot be read, which join stays open. Written as SQL, in words."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from engine.conditions import parse
from engine.plan import Plan
from ledgers.bulk import text_literal
from ledgers.kinds import Column, Kind
from ledgers.typed import quote

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


def unknown(plan: Plan, lang: str) -> str:
    """Say why a row could not be judged: its number was mistyped, or something is missing."""
    if not plan.joins:
        return _missing(plan, lang)
    places = f"SELECT (_input, _row) FROM mistyped WHERE code = '{plan.policy.code}'"
    return f"CASE WHEN (f._input, f._row) IN ({places}) THEN [{text_literal(_WORDS[lang]['mistyped'])}] ELSE {_missing(plan, lang)} END"


def unknown_group(plan: Plan, lang: str) -> str:
    """Say why a group could not be judged."""
    return f"list_concat([{text_literal(_WORDS[lang]['group'])}], {_missing(plan, lang)})"


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
    there = [
        f"list_filter([{', '.join(names)}]::VARCHAR[], lambda x: x IS NOT NULL)"
        for names in (strict, asked_about, strays)
        if names
    ]
    tiers = [*(f"nullif({names}, [])" for names in there), f"[{text_literal(_WORDS[lang]['some'])}]"]
    return f"list_sort(list_distinct(coalesce({', '.join(tiers)})))"


def _missing_limits(plan: Plan, lang: str) -> Iterator[str]:
    """Name the parameters that have no value for the row, where its day and classes are known."""
    texts = (plan.policy.applies_when, *plan.policy.questions)
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
    texts = (policy.applies_when, *policy.questions)
    columns = (node.this for text in texts for node in parse(text).find_all(exp.Is) if isinstance(node.this, exp.Column))
    return frozenset(f"{column.table}.{column.name}" if column.table else column.name for column in columns)


def _reasons(plan: Plan, name: str, lang: str) -> Iterator[str]:
    j, _, column = name.partition(".")
    if column:
        yield from _missing_joined(plan, j, column, lang)
    elif plan.table is not None and name in plan.table.columns:
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
    if plan.joins[j].pick and column in other.columns:
        raw = f"p.{quote(f'{j}.raw.{column}')}"
        own = other.kind.columns[column]
        differs = f"(p.{quote(f'{j}._differs')} & {other.kind.bit(column)}) <> 0"
        shown = f"{title}·{own.en if lang == 'en' else own.zh}{_WORDS[lang]['differs']}"
        cell = _missing_cell(plan.scope[f"{j}.{column}"].sql, raw, own, other.kind, lang)
        yield f"CASE WHEN {found} AND {differs} THEN {text_literal(shown)} WHEN {found} THEN {cell} END"
    elif column in plan.joins[j].totals:
        yield f"CASE WHEN {found} AND {plan.scope[f'{j}.{column}'].sql} IS NULL THEN {text_literal(title + _WORDS[lang]['total'])} END"
