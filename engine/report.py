"""Hold what a run found, as data for every format: run, summary, coverage, findings, intake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.findings import VERDICTS, citation_basis
from engine.judge import COMPLIANT, DIFFERS, FAILS, NOT_APPLICABLE, NOT_IN_FORCE, NOT_JUDGED, UNKNOWN, Counts
from engine.plan import Plan
from ledgers.english import in_english
from ledgers.intake import Input, Note
from ledgers.total_rows import KIND as TOTAL_ROW
from policies.load import Library
from policies.model import SEVERITIES, Citation, Policy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCHEMA = "fundcheck-report/1"
UNITS = {
    "元": "yuan", "人": "persons", "户": "households", "次": "times", "倍": "times as much", "天": "days", "个月": "months", "周岁": "years old",
    "分": "points", "个百分点": "percentage points", "%": "%", "项": "items", "场": "sessions", "套": "homes",
}  # of parameters; a policy of one's own may have another, which stands as it is  # fmt: skip
COUNTED = ("compliant", "violation", "suspect", "not_evaluable", "not_applicable", "waived", "lead", "no_lead")


class Coverage(NamedTuple):
    """Say what one policy really judged: rows by verdict, in all and by input. The rows of a lead are leads or none."""

    code: str
    policy: str
    title: str
    basis: str
    status: str
    rows: int
    compliant: int
    violation: int
    suspect: int
    not_evaluable: int
    not_applicable: int
    waived: int
    lead: int
    no_lead: int
    reason: str | None
    assumed: tuple[str, ...]
    by_input: tuple[Mapping[str, Any], ...]


class Report(NamedTuple):
    """Hold a finished run. Findings and leads stay tables in the connection, which `rendered` shows."""

    con: DuckDBPyConnection
    library: Library
    plans: Sequence[Plan]
    inputs: Sequence[Input]
    notes: Sequence[Note]
    coverage: Sequence[Coverage]
    run: Mapping[str, Any]
    summary: Mapping[str, Any]
    cases: Mapping[int, Mapping[str, Any]]
    lang: str


def cover(con: DuckDBPyConnection, plans: Sequence[Plan], counts: Counts, inputs: Sequence[Input], lang: str) -> list[Coverage]:
    """Count for each policy what became of every row; fails are violations, suspects or leads by their basis."""
    told = "SELECT code, verdict, rows FROM findings UNION ALL SELECT code, verdict, rows FROM leads"
    query = f"SELECT code, verdict, row.i, count(*) FROM (SELECT code, verdict, unnest(rows) AS row FROM ({told})) GROUP BY ALL"
    flagged = {(code, verdict, place): n for code, verdict, place, n in con.execute(query).fetchall()}
    coverage = []
    for plan in plans:
        policy, table = plan.policy, plan.table
        rows = table.rows if table is not None else 0
        by_input = []
        for number in table.inputs if table is not None and plan.status == "judged" else ():
            found = {digit: counts.rows.get((policy.code, number, digit), 0) for digit in range(7)}
            own = {
                "path": inputs[number].path,
                "sheet": inputs[number].sheet,
                "status": "column_missing" if number in plan.lacking else "judged",
                "rows": inputs[number].rows if inputs[number].kind == policy.ledger else sum(found.values()),  # totals of a sheet
                "compliant": 0 if policy.is_lead else found[COMPLIANT],
                "violation": flagged.get((policy.code, "violation", number), 0),
                "suspect": flagged.get((policy.code, "suspect", number), 0),
                "not_evaluable": found[UNKNOWN],
                "not_applicable": found[NOT_APPLICABLE] + found[NOT_IN_FORCE],
                "waived": flagged.get((policy.code, "waived", number), 0),
                "lead": flagged.get((policy.code, "lead", number), 0),
                "no_lead": found[COMPLIANT] if policy.is_lead else 0,
                "not_in_force": found[NOT_IN_FORCE],
                "not_judged": found[NOT_JUDGED],
                "flagged": found[FAILS] + found[DIFFERS],
            }
            by_input.append(own)
        coverage.append(_covered(plan, rows, by_input, lang))
    return coverage


def _covered(plan: Plan, rows: int, by_input: list[dict[str, Any]], lang: str) -> Coverage:
    policy = plan.policy
    total = {name: sum(own[name] for own in by_input) for name in COUNTED}
    status, reason = plan.status, plan.reason or None
    if status == "judged" and rows and sum(own["not_in_force"] for own in by_input) == rows:
        status, reason = (
            "not_in_force",
            "所引条款在台账日期均未施行" if lang == "zh" else "no cited clause is in force on any row",
        )
    elif plan.lacking and status == "judged":
        reason = say_lacking(plan.lacking.values(), [own["path"] for own in by_input if own["status"] != "judged"], "zh")
    for own in by_input:
        for private in ("not_in_force", "flagged"):
            del own[private]
    reason = in_english(reason) if reason and lang == "en" else reason
    if status == "out_of_scope" and not reason:
        reason = ("；" if lang == "zh" else "; ").join(say_asked(policy, name, lang) for name in plan.asked)
    assumed = tuple(policy.assume[name].zh if lang == "zh" else policy.assume[name].en for name in dict.fromkeys(plan.assumed))
    place = {"code": policy.code, "policy": policy.id, "title": policy.title.in_(lang), "basis": policy.basis}
    return Coverage(**place, status=status, rows=rows, **total, reason=reason, assumed=assumed, by_input=tuple(by_input))  # type: ignore[arg-type]


def say_asked(policy: Policy, name: str, lang: str) -> str:
    """Say which parameter has no value that fits, what it is, and how to give one."""
    own, asked = f"{policy.code}.{name}", policy.parameters[name]
    if lang == "en":
        unit = f", {UNITS.get(asked.unit, asked.unit)}" if asked.unit else ""
        return f"it needs {own} ({asked.en}{unit}): --param {own}={asked.shown}, or parameters in the project file"
    unit = f"，{asked.unit}" if asked.unit else ""
    return f"需先给出参数 {own}（{asked.zh}{unit}）：--param {own}={asked.shown}，或写入项目文件 parameters"


def say_lacking(columns: Iterable[str], paths: Iterable[str], lang: str) -> str | None:
    """Say which columns are missing in which files, if any are."""
    if not (names := "、".join(sorted(set(columns)))):
        return None
    what = f"缺少列 {names}：{'、'.join(sorted(set(paths)))} 未判断"
    return in_english(what) if lang == "en" else what


_EXITS = {
    "zh": {"input": "{} 个文件或工作表未能判断", "nothing": "没有任何一行得到判断", "findings": "{} 条发现达到 --fail-on {}",
           "unknown": "未能判断占 {:.1f}%（{}/{}），超过 {}%"},
    "en": {"input": "{} files or sheets could not be judged", "nothing": "not a single row was judged",
           "findings": "{} findings at or above --fail-on {}", "unknown": "{:.1f} % not evaluable ({} of {}), more than {} %"},
}  # fmt: skip


def exit_code(
    coverage: Sequence[Coverage],
    notes: Sequence[Note],
    violations: Mapping[str, int],
    suspects: int,
    *,
    fail_on: str,
    most: Decimal,
    lang: str,
) -> tuple[int, list[dict[str, Any]]]:
    """Give the exit code and every reason for one, strongest first: 3 before 1 before 4. Leads have no part in it."""
    reasons: list[dict[str, Any]] = []

    def add(code: int, word: str, *values: object, paths: Sequence[str] = ()) -> None:
        reasons.append({"code": code, "reason": _EXITS[lang][word].format(*values), "paths": list(paths)})

    coverage = [own for own in coverage if own.basis != "lead"]
    fatal = [note for note in notes if note.fatal]
    if fatal:
        add(3, "input", len(fatal), paths=sorted({note.path for note in fatal}))
    if not sum(own.compliant + own.violation + own.suspect + own.not_evaluable + own.waived for own in coverage):
        add(3, "nothing")
    at_least = () if fail_on in ("suspect", "never") else SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    count = sum(violations.values()) + suspects if fail_on == "suspect" else sum(violations.get(name, 0) for name in at_least)
    if count:
        add(1, "findings", count, fail_on)
    pairs = sum(own["rows"] - own["not_judged"] for policy in coverage for own in policy.by_input)
    unknown = sum(policy.not_evaluable for policy in coverage)
    if pairs and Decimal(unknown) > most * pairs:
        add(4, "unknown", Decimal(unknown) * 100 / pairs, unknown, pairs, format((most * 100).normalize(), "f"))
    return (reasons[0]["code"] if reasons else 0), reasons


def stream_findings(
    report: Report,
    *,
    leads: bool = False,
    most: int | None = None,
    each: Sequence[str] = ("unit", "code"),
    gravest_first: bool = False,
    batch: int = 5000,
) -> Iterator[dict[str, Any]]:
    """Yield every finding as the contract writes it, in order; with `leads`, the leads in the same shape instead.

    Shapes:  `most` bounds them for each value of the columns `each`, in all where it is empty; `gravest_first` orders by
             verdict and severity before place.
    """
    plans = {plan.policy.code: plan for plan in report.plans}
    cited: dict[tuple[str, int], list[dict[str, Any]]] = {}
    columns = "n, code, verdict, severity, basis, message, ledger, unit, rows, joined, facts, missing, readings, involved, recover, short, fingerprint, citations, waiver"
    cursor = report.con.cursor()
    ranks = f"list_position({list(VERDICTS)}, verdict), list_position({list(SEVERITIES)}, severity), "
    order = f"{ranks if gravest_first else ''}n"
    part = f"PARTITION BY {', '.join(each)} " if each else ""
    table = "leads" if leads else "findings"
    few = f"WHERE n IN (SELECT n FROM {table} QUALIFY row_number() OVER ({part}ORDER BY {order}) <= {most})"
    result = cursor.execute(f"SELECT {columns} FROM rendered('{table}') {few if most is not None else ''} ORDER BY {order}")
    names = columns.split(", ")
    while found := result.fetchmany(batch):
        for values in found:
            row = dict(zip(names, values, strict=True))
            key = (row["code"], row["citations"])
            if key not in cited:
                cited[key] = cite(report, plans[row["code"]], row["citations"])
            yield _finding(report, plans[row["code"]], row, cited[key])


def _finding(report: Report, plan: Plan, row: Mapping[str, Any], citations: list[dict[str, Any]]) -> dict[str, Any]:
    policy = plan.policy
    return {
        "fingerprint": row["fingerprint"],
        "code": row["code"],
        "policy": policy.id,
        "verdict": row["verdict"],
        "severity": row["severity"],
        "basis": row["basis"],
        "category": policy.category,
        "message": row["message"],
        "ledger": row["ledger"],
        "unit": row["unit"] or "",
        "locations": _locations(report, plan, row),
        "facts": {
            name: {k: v for k, v in fact.items() if v is not None or k in ("value", "raw")} for name, fact in row["facts"].items()
        },
        "missing": row["missing"] or [],
        "amount_involved": _money(row["involved"]),
        "amount_to_recover": _money(row["recover"]),
        "amount_short": _money(row["short"]),
        "citations": citations,
        "readings": _readings(plan, row["readings"], report.lang),
        "remedy": {"action": policy.remedy.action, "text": policy.remedy.en if report.lang == "en" else policy.remedy.zh},
        "cleared_by": policy.cleared_by,
        "explanation": _explained(row["waiver"]),
        "disposition": None,
        "case": report.cases.get(row["n"]),
    }


def _explained(waiver: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Say why a finding stands as it does: the waiver, with the verdict that it waives."""
    return None if waiver is None else {"waiver": {**waiver, "until": waiver["until"].isoformat()}}


def _money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _locations(report: Report, plan: Plan, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Point at the judged rows, then at the joined ones: at the cell of the column that the policy is dated by.

    The total of a sheet is a row of a ledger that has no columns there: it says itself in which cell it stands.
    """
    first = report.inputs[row["rows"][0]["i"]]
    reads = [name for name in fact_columns(plan) if name in first.letters]
    places = [_place(report.inputs[place["i"]], place["r"], reads[0] if reads else None) for place in row["rows"]]
    if row["ledger"] == TOTAL_ROW and first.kind != TOTAL_ROW:
        places[0] |= {"column": row["facts"]["total_column"]["value"], "cell": row["facts"]["total_cell"]["value"]}
    for place in row["joined"] or []:
        join = plan.policy.joins[place["j"]]
        column = join.pick.split()[1] if join.pick else None
        places.append(_place(report.inputs[place["i"]], place["r"], column))
    return places


def fact_columns(plan: Plan) -> list[str]:
    """List the ledger's own columns that the question itself reads, the one in question first."""
    reads = [name for clause in plan.admissible for name in sorted(clause.reads) if "." not in name]
    return list(dict.fromkeys([*reads, *(plan.policy.group.per if plan.policy.group else []), plan.policy.dated_by]))


def _place(own: Input, row: int, column: str | None) -> dict[str, Any]:
    known = column if column in own.letters else None
    return {
        "path": own.path,
        "sheet": own.sheet,
        "row": row,
        "column": own.headers.get(known) if known else None,
        "cell": f"{own.letters[known]}{row}" if known else None,
    }


def _readings(plan: Plan, results: Mapping[str, bool | None], lang: str) -> list[dict[str, Any]]:
    if len(plan.readings) == 1:
        return []
    own = {"zh": "条款本身", "en": "the policy's own"}[lang]
    return [
        {
            "name": reading.name or "own",
            "text": (reading.en if lang == "en" else reading.zh) or own,
            "holds": results.get(reading.name),
            "left_out": reading.left_out or None,
        }
        for reading in plan.readings
    ]


def cite(report: Report, plan: Plan, bits: int) -> list[dict[str, Any]]:
    """Write the citations in force for a finding; where the day is unknown, all of the policy."""
    policy = plan.policy
    numbers = [n for n in range(len(policy.citations)) if bits >> n & 1] or range(len(policy.citations))
    return [_citation(report, policy.citations[n], citation_basis(policy, n)) for n in numbers]


def _citation(report: Report, citation: Citation, basis: str) -> dict[str, Any]:
    document = report.library.documents[citation.source]
    reciting = report.library.documents.get(citation.recited_in or "")
    return {
        "source": citation.source,
        "document": document.title,
        "number": document.number,
        "section": citation.section,
        "quote": citation.quote,
        "paraphrase": citation.paraphrase.in_(report.lang) if citation.paraphrase else None,
        "recited_in": reciting.title if reciting else None,
        "basis": basis,
        "authority": document.issuer,
        "evidence": document.evidence,
        "quote_found": report.library.is_proved(citation),
        "applies_because": because(citation, document.notice_no, report.lang),
    }


def because(citation: Citation, notice_no: str | None, lang: str) -> str:
    """Say why a citation applies to a record: its time in force, its campaign, its own condition."""
    start, end = citation.in_force.start, citation.in_force.end
    parts = []
    if lang == "en":
        parts += [f"in force on the record's day ({_span(start, end)})"] if start or end else ["not bounded in time"]
        parts += [f"campaign {citation.campaign}"] if citation.campaign else []
        parts += [f"where {citation.when}"] if citation.when else []
        parts += ["passed on by a later report, the number of the notice is not known"] if notice_no == "unknown" else []
        return "; ".join(parts)
    parts += [f"记录日期在施行期内（{_span(start, end)}）"] if start or end else ["不限期间"]
    parts += [f"活动：{citation.campaign}"] if citation.campaign else []
    parts += [f"条件：{citation.when}"] if citation.when else []
    parts += ["转引，原通知文号待补"] if notice_no == "unknown" else []
    return "；".join(parts)


def _span(start: date | None, end: date | None) -> str:
    return f"{start or '…'} – {end or '…'}"
