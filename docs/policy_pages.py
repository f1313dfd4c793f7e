"""Write the page of each policy, what, why, an example and the words of its finding, and the index of them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from page_parts import code, head, table

from engine.manual import policy_sql
from engine.report import because
from policies.case import Case
from policies.load import Library, Loaded
from policies.model import Citation, Parameter, Policy

AS_OF = date(2021, 12, 31)  # the day of the printed SQL; any day will do, as long as it stays
FLAGGED = {"violation", "suspect", "lead"}

INDEX = """\
# Policies 规则

A page for each policy, as it stands with all shipped packs chosen: what it asks and why, an example with its message, clauses,
limits, readings, and the SQL. What the words mean: [architecture](architecture.md#glossary). The documents that are cited:
[sources](sources.md). What of each source is covered, and what is not: [coverage](coverage-of-sources.md). Clauses that can be read in
several ways: [open questions](open-questions.md).

The column *basis* says what a clause is worth: a `norm` orders, forbids or limits; a `target` is what a union set itself;
`reported` is a published figure; `inferred` is our conclusion. Norms and targets give violations, the others suspects. A policy of
the basis `lead` concludes nothing: its rows are leads or none, are listed apart and count nowhere, and it may cite nothing.
"""
SQL = """\
The same question of tables named like the [ledger kinds](../ledgers.md), with their columns and, where it mentions them, `_input` and
`_row` (place of a row) and `_problems` (0 where every cell could be read). `fundcheck policies sql {code}` prints it in other dialects.
"""


def page_name(policy: Policy) -> str:
    """Name the page of a policy, from the folder of the documentation."""
    return f"policies/{policy.code}-{policy.id}.md"


def write_policy_pages(library: Library) -> dict[str, str]:
    """Write the index and all pages: file name -> text."""
    pages = {"policies.md": head() + "\n".join([INDEX, *_packs(library), *_categories(library)])}
    for loaded in library.policies.values():
        layers = [layer for layer in library.layers if layer.policy.code == loaded.policy.code]
        pages[page_name(loaded.policy)] = head("sqlglot") + "\n".join(_page(library, loaded, layers))
    return pages


def link(policy: Policy, folder: str = "") -> str:
    """Link a policy by its code; `folder` leads from the linking page to the documentation."""
    return f"[{policy.code}]({folder}{page_name(policy)})"


# -- the index ---------------------------------------------------------------------------------------------------------


def _packs(library: Library) -> Iterator[str]:
    rows = []
    for pack in sorted(library.packs, key=lambda pack: pack.narrowness):
        own = {loaded.policy.code: loaded.policy for loaded in library.layers if loaded.pack == pack.pack}
        codes = ", ".join(link(own[code]) for code in sorted(own))
        rows.append((f"`{pack.pack}`", f"{pack.title.zh} · {pack.title.en}", f"{pack.scope.zh} · {pack.scope.en}", codes))
    yield "## By pack 按规则包\n\nFrom general to narrow; the narrower pack wins.\n"
    yield table(("pack", "title", "for whom", "policies"), rows)


def _categories(library: Library) -> Iterator[str]:
    found: dict[str, list[Loaded]] = {}
    for loaded in library.policies.values():
        found.setdefault(loaded.policy.category, []).append(loaded)
    yield f"## By category 按类别\n\n{len(library.policies)} policies.\n"
    for category, members in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        yield f"### {category}\n\n" + table(
            ("code", "policy", "ledger", "basis", "severity", "packs"), (_line(library, one) for one in members)
        )


def _line(library: Library, loaded: Loaded) -> tuple[str, ...]:
    policy = loaded.policy
    packs = ", ".join(f"`{layer.pack}`" for layer in library.layers if layer.policy.code == policy.code)
    return link(policy), f"{policy.title.zh} · {policy.title.en}", f"`{policy.ledger}`", policy.basis, policy.severity, packs


# -- a page ------------------------------------------------------------------------------------------------------------


def _page(library: Library, loaded: Loaded, layers: list[Loaded]) -> Iterator[str]:
    policy = loaded.policy
    yield f"# {policy.code} {policy.title.zh} · {policy.title.en}\n"
    packs = ", ".join(f"`{layer.pack}`" for layer in layers)
    yield f"[all policies](../policies.md) · `{policy.id}` · {policy.category} · severity {policy.severity} · basis {policy.basis} · packs {packs}\n"
    yield f"## Why 为什么\n\n{policy.why.zh}\n\n{policy.why.en}\n"
    yield from _example(layers)
    yield from _clauses(library, layers)
    yield from _question(policy)
    yield from _parameters(policy)
    yield from _readings(policy)
    yield from _words(policy)
    yield from _cases(layers)
    yield f"## SQL\n\n{SQL.format(code=policy.code)}\n{code(policy_sql(loaded, 'duckdb', AS_OF), 'sql')}"


def _example(layers: list[Loaded]) -> Iterator[str]:
    cases = [case for layer in layers for case in layer.policy.cases]
    shown = next((case for case in cases if case.says), next((case for case in cases if FLAGGED & set(case.verdicts)), cases[0]))
    yield f"## Example 举例\n\n{shown.title[0].upper()}{shown.title[1:]}:\n"
    yield from _rows(layers[0].policy, shown)
    if shown.says:
        yield f"> {shown.says}\n"


def _rows(policy: Policy, case: Case) -> Iterator[str]:
    for ledger, rows in sorted(case.written.items(), key=lambda pair: pair[0] != policy.ledger):
        names = list(dict.fromkeys(name for row in rows for name in row))
        verdicts = [f"**{verdict}**" for verdict in case.told] if ledger == policy.ledger else []
        cells = [[row.get(name, "") for name in names] + verdicts[n : n + 1] for n, row in enumerate(rows)]
        yield f"`{ledger}`:\n"
        yield table((*(f"`{name}`" for name in names), *(["verdict"] if verdicts else [])), cells)


def _clauses(library: Library, layers: list[Loaded]) -> Iterator[str]:
    rows: list[tuple[object, ...]] = []
    known = 0
    for layer in layers:
        for citation in layer.policy.citations[known:]:
            rows.append((len(rows), *_clause(library, layer.policy, citation), f"`{layer.pack}`"))
        known = len(layer.policy.citations)
    clauses = table(("", "document", "what it says", "basis", "evidence", "applies", "pack"), rows)
    yield "## Clauses 依据\n\n" + (clauses if rows else "None: a lead.\n")


def _clause(library: Library, policy: Policy, citation: Citation) -> tuple[str, str, str, str, str]:
    document = library.documents[citation.source]
    words = f"“{citation.quote}”" if citation.quote else ""
    if citation.paraphrase:
        words += f" In our words: {citation.paraphrase.zh} · {citation.paraphrase.en}"
    evidence = "quote proved" if library.is_proved(citation) else str(document.evidence)
    if citation.recited_in:
        evidence += f", recited in 《{library.documents[citation.recited_in].title}》"
    where = f"[《{document.title}》](../sources.md#{document.id}) {citation.section}"
    return where, words.strip(), citation.basis or policy.basis, evidence, because(citation, document.notice_no, "en")


def _question(policy: Policy) -> Iterator[str]:
    lines = [f"- ledger `{policy.ledger}`, judged as of `{policy.dated_by}`, the record's own day"]
    lines += [f"- applies when `{_one_line(policy.applies_when)}`"]
    for name, join in policy.joins.items():
        match = ", ".join(f"`{left}`" if left == right else f"`{left}` = `{right}`" for left, right in join.keys)
        what = join.pick or ", ".join(f"{total} = {text}" for total, text in join.total.items())
        where = f", where `{_one_line(join.where)}`" if join.where else ""
        lines.append(f"- `{name}`: `{join.ledger}` by {match}{where}: `{_one_line(what)}`")
    if policy.group is not None:
        measures = ", ".join(f"`{name} = {_one_line(text)}`" for name, text in policy.group.measures.items())
        books = ", each sheet by itself" if policy.group.apart else ""
        lines.append(f"- grouped by {', '.join(f'`{name}`' for name in policy.group.per)}{books}: {measures}")
    lines += [f"- shows `{name} = {_one_line(text)}`" for name, text in policy.shows.items()]
    lines.append(f"- **requires** `{_one_line(policy.requires)}`")
    yield "## What it asks 问什么\n\n" + "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _parameters(policy: Policy) -> Iterator[str]:
    if not policy.parameters:
        return
    yield "## Limits 参数\n\nSet your own with `--param CODE.NAME=VALUE` or in the project file; the report says so.\n"
    rows = (
        (f"`:{name}`", f"{own.zh} · {own.en}", *row) for name, own in policy.parameters.items() for row in _values(policy, own)
    )
    yield table(("", "what it limits", "value", "for", "clause"), rows)


def _values(policy: Policy, parameter: Parameter) -> Iterator[tuple[object, ...]]:
    least = "" if parameter.least is None else f"at least {parameter.least}"
    for dated in parameter.values:
        bounds = {"from": dated.start, "to": dated.end, "region": dated.region, **(dated.model_extra or {})}
        held = ", ".join(f"{name} {bound}" for name, bound in bounds.items() if bound is not None)
        clause = dated.citation if policy.citations else ""
        yield f"{dated.value} {parameter.unit}".strip(), "; ".join(filter(None, (held, least))), clause
    if parameter.ask:
        yield f"asked for, such as {parameter.shown} {parameter.unit}".strip(), "; ".join(filter(None, ("elsewhere", least))), ""


def _readings(policy: Policy) -> Iterator[str]:
    if policy.readings:
        yield "## Readings 其他理解\n\nA violation stands only if the requirement and every reading fail; if they differ, it is a suspect.\n"
        yield table(
            ("reading", "", "requires"),
            ((name, f"{one.zh} · {one.en}", f"`{_one_line(one.requires)}`") for name, one in policy.readings.items()),
        )
    if policy.assume:
        yield "## Assumptions 假定\n\nWhere a ledger lacks the column; the report lists what was assumed.\n"
        yield table(("without", ""), ((f"`{name}`", f"{own.zh} · {own.en}") for name, own in policy.assume.items()))


def _words(policy: Policy) -> Iterator[str]:
    remedy, settled = policy.remedy, policy.remedy.settled_by
    money = {"involved": policy.involved, "to recover": policy.recover, "short": policy.short}
    amounts = ", ".join(f"{name} `{_one_line(text)}`" for name, text in money.items() if text and text != "0")
    rows = [
        ("message", f"{policy.message.zh}<br>{policy.message.en}"),
        ("amount", amounts or "none"),
        (f"remedy: {remedy.action}", f"{remedy.zh}<br>{remedy.en}"),
        ("cleared by", policy.cleared_by.replace("_", " ")),
    ]
    if settled is not None:
        pair = " = ".join(f"`{name}`" for name in (settled.own, f"{settled.ledger}.{settled.match[settled.own]}"))
        followed = f"refunds where {pair}; owed `{settled.owed}`" + (f", due `{settled.due}`" if settled.due else "")
        rows.append(("followed as a case", followed))
    yield "## Finding 发现怎样说\n\n" + table(("", ""), rows)


def _cases(layers: Iterable[Loaded]) -> Iterator[str]:
    rows = ((case.title, case.expected, f"`{layer.pack}`") for layer in layers for case in layer.policy.cases)
    yield "## Cases 案例\n\n" + table(("case", "verdict of each row", "pack"), rows)
