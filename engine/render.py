"""Render findings for readers: messages from templates, personal data masked. It is done once, in SQL, for every format."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from engine.by_code import by_code
from engine.evidence import FACT, fact_names
from engine.plan import PLACEHOLDER, Plan
from ledgers import hiding
from ledgers.bulk import text_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Privacy = Literal["public", "working", "full"]
TOLD = ("findings", "leads")  # the tables that are shown to readers, by `rendered`
ALL_RENDERED = f"rendered({[*TOLD]})"
_MASKS = {
    "public": {"name": "left({0}, 1) || '**'", "identity": "'****'", "account": "'****'", "other": "'****'"},
    "working": {"name": "{0}", "identity": "'****' || right({0}, 4)", "account": "'****' || right({0}, 4)", "other": "'****'"},
}
_LAST = {"public": "", "working": " || right(x, 4)"}
_UNJUDGED = {"zh": "未能判断：", "en": "Not evaluable: "}
_DIFFERS = {"zh": "（各种理解结论不一，列为疑点）", "en": " (admissible readings differ: a suspect)"}


def render(con: DuckDBPyConnection, plans: Sequence[Plan], *, privacy: Privacy, lang: str) -> None:
    """Write what shows the findings or leads of a table, or of both, as `rendered(table)`: with their message, and facts as they may be shown."""
    con.execute(f"CREATE OR REPLACE MACRO hide_numbers(t) AS {_hidden(privacy)}")
    told = {code for (code,) in con.execute("SELECT code FROM findings UNION SELECT code FROM leads").fetchall()}
    facts, message = _masked_facts(plans, privacy), _message([plan for plan in plans if plan.policy.code in told], lang)
    con.execute(  # a view would be understood anew where it is made, and for each table; a macro where it is used
        f"CREATE OR REPLACE MACRO rendered(told) AS TABLE SELECT f.*, {message} AS message"
        f" FROM (SELECT f.* REPLACE ({facts} AS facts, hide_numbers(f.unit) AS unit) FROM query_table(told) f) f"
    )


def _hidden(privacy: Privacy) -> str:
    """Write what `ledgers.hiding` does as SQL over a text `t`: the few texts with enough digits are taken apart."""
    if privacy == "full":
        return "t"
    plain = f"translate(t, '{hiding.FULL_WIDTH}', '{hiding.ASCII}')"
    runs = _hidden_pieces(plain, hiding.RUNS, f"regexp_full_match(x, '{hiding.RUN}')", privacy)
    parted = f"regexp_full_match(x, '{hiding.PARTED}') AND NOT regexp_full_match(x, '{hiding.DAYS}')"
    pieces = _hidden_pieces(runs, hiding.PIECES, f"regexp_full_match(x, '{hiding.PIECE}') OR ({parted})", privacy)
    found = f"list_transform([{pieces}], lambda h: CASE WHEN h = {plain} THEN t ELSE h END)[1]"
    return f"CASE WHEN regexp_matches({plain}, '{hiding.SOME}') THEN {found} ELSE t END"


def _hidden_pieces(text: str, pieces: str, test: str, privacy: Privacy) -> str:
    shown = f"CASE WHEN {test} THEN '****'{_LAST[privacy]} ELSE x END"
    return f"array_to_string(list_transform(regexp_extract_all({text}, '{pieces}'), lambda x: {shown}), '')"


def _personal(plans: Iterable[Plan]) -> dict[str, list[str]]:
    """Group the fact names that hold personal data by how they are masked."""
    groups: dict[str, list[str]] = {"name": [], "identity": [], "account": [], "other": []}
    for plan in plans:
        for name in fact_names(plan):
            for behind in _columns_behind(plan, name):
                j, _, column = behind.partition(".")
                table = plan.joins[j].table if column and j in plan.joins else plan.table
                own = table.kind.columns.get(column or behind) if table else None
                if own is not None and own.personal:
                    groups[own.type if own.type in groups else "other"].append(name)
    return {kind: sorted(set(names)) for kind, names in groups.items()}


def _columns_behind(plan: Plan, name: str) -> Iterable[str]:
    """Name the column that a fact is, or those that a text made by the policy may show."""
    known = plan.scope[name]
    return [name] if known.reads is None or known.type != "text" else known.reads


def _numeric(plans: Iterable[Plan]) -> list[str]:
    """List the facts that are numbers or days in every policy."""
    types: dict[str, set[str]] = {}
    for plan in plans:
        for name in fact_names(plan):
            types.setdefault(name, set()).add(plan.scope[name].type)
    return [name for name, of_name in types.items() if of_name <= {"integer", "decimal", "date", "boolean"}]


def _masked(text: str, groups: dict[str, list[str]], numeric: str, privacy: Privacy) -> str:
    branches = [
        f"WHEN e.key IN ({', '.join(text_literal(name) for name in names)}) AND {text} IS NOT NULL THEN {_MASKS[privacy][kind].format(text)}"
        for kind, names in groups.items()
        if names
    ]
    # What was read as a number or a day is none of a person, unless no amount has so many digits.
    branches += [f"WHEN {numeric} AND e.value.value IS NOT NULL AND NOT regexp_matches({text}, '[0-9]{{15}}') THEN {text}"]
    return f"CASE {' '.join(branches)} ELSE hide_numbers({text}) END"


def _masked_facts(plans: Sequence[Plan], privacy: Privacy) -> str:
    if privacy == "full":
        return "f.facts"
    groups = _personal(plans)
    numeric = f"e.key IN ({', '.join(text_literal(name) for name in ['', *_numeric(plans)])})"
    value, raw = (_masked(f"e.value.{field}", groups, numeric, privacy) for field in ("value", "raw"))
    fact = f"{{'value': {value}, 'raw': {raw}, 'header': e.value.header, 'matched_by': e.value.matched_by, 'row': e.value.row}}::{FACT}"
    return f"map_from_entries(list_transform(map_entries(f.facts), lambda e: {{'key': e.key, 'value': {fact}}}))"


def _message(plans: Sequence[Plan], lang: str) -> str:
    own = by_code(
        "f.code", {plan.policy.code: _template(plan.policy.message.in_(lang), _personal([plan])["name"]) for plan in plans}
    )
    unjudged = f"{text_literal(_UNJUDGED[lang])} || array_to_string(f.missing, '；')"
    differs = f"CASE WHEN f.verdict = 'suspect' AND len(list_distinct(map_values(f.readings))) > 1 THEN {text_literal(_DIFFERS[lang])} ELSE '' END"
    return f"CASE WHEN f.verdict = 'not_evaluable' THEN {unjudged} ELSE {own} || {differs} END"


def _template(text: str, names: Collection[str]) -> str:
    """Write a message template as SQL over the facts of a finding; `names` are shown as written, as what is read of them is simplified."""
    pieces, end = [], 0
    for match in PLACEHOLDER.finditer(text):
        fact = f"f.facts[{text_literal(match[1])}]"
        forms = ("raw", "value") if match[1] in names else ("value", "raw")
        shown = ", ".join(f"{fact}.{form}" for form in forms)
        pieces += [text_literal(text[end : match.start()]), f"coalesce({shown}, '（空）')"]
        end = match.end()
    return "concat(" + ", ".join([*pieces, text_literal(text[end:])]) + ")"
