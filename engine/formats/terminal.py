"""Write the report for a screen: what was read, what was judged, findings by unit and policy, what could not be judged."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, BinaryIO

from engine.delivery import NO_CONTROL
from engine.report import Report, stream_findings

if TYPE_CHECKING:
    from rich.console import Console

MOST_ROWS = 20  # findings shown of one policy in one unit; the rest is counted
MOST_NOTES = 40
WORDS = {
    "zh": {
        "read": "已读取", "coverage": "判断范围", "findings": "发现", "intake": "数据问题", "summary": "汇总", "rows": "行", "policy": "政策",
        "compliant": "符合", "violation": "与要求不符", "target": "未达自定目标", "suspect": "疑点", "not_evaluable": "未能判断", "not_applicable": "不适用",
        "waived": "已豁免", "lead": "线索", "no_lead": "无线索", "leads": "线索（不作结论，不计入汇总和退出码）", "unit": "单位", "no_unit": "（未注明单位）", "clause": "依据", "remedy": "建议", "more": "……另有 {n} 条，全部见 --format json 或 parquet",
        "involved": "涉及金额", "recover": "建议退回", "not_judged": "未能判断的金额", "persons": "涉及人数", "exit": "退出码", "yuan": "元",
        "status": {"ledger_missing": "未判断：", "column_missing": "未判断：", "not_in_force": "未适用：", "out_of_scope": "未启用："},
        "recited": "转引自", "quote_found": "引文已核对", "quote_open": "引文未核对", "paraphrase": "条文大意（我们转述）", "none": "没有发现。",
        "seen": "原文已见", "second-hand": "二手来源", "unverified": "未核实", "assumed": "按约定判断：", "case": "清退", "as_of": "检查基准日",
        "project": "项目文件", "waiver": "豁免：{reason}（{by}，至 {until}）", "expected": "应报单位 {n} 个", "sent_nothing": "未报送", "sent_unread": "报送的文件均未能读取", "ambiguous": "名单中有几个符合，未认定",
        "not_on_roster": "不在名单中", "without": "已停用的政策", "set": "自定参数", "fail_on": "不通过的门槛",
        "off": "{reason}  未判断：{codes}", "words": "以上为核查发现和建议，最终结论由经费审查委员会认定。",
    },
    "en": {
        "read": "Read", "coverage": "Coverage", "findings": "Findings", "intake": "Data problems", "summary": "Summary", "rows": "rows", "policy": "Policy",
        "compliant": "compliant", "violation": "violation", "target": "below target", "suspect": "suspect", "not_evaluable": "not evaluable", "not_applicable": "not applicable",
        "waived": "waived", "lead": "lead", "no_lead": "no lead", "leads": "Leads (they conclude nothing and count nowhere)", "unit": "Unit", "no_unit": "(no unit named)", "clause": "Clause", "remedy": "Remedy", "more": "… {n} more; all of them with --format json or parquet",
        "involved": "amount involved", "recover": "proposed to return", "not_judged": "amount not judged", "persons": "persons", "exit": "exit code", "yuan": "yuan",
        "status": {"ledger_missing": "not judged: ", "column_missing": "not judged: ", "not_in_force": "not in force: ", "out_of_scope": "off: "},
        "recited": "recited in", "quote_found": "quote proved", "quote_open": "quote not proved", "paraphrase": "in our words", "none": "Nothing found.",
        "seen": "text seen", "second-hand": "second-hand", "unverified": "unverified", "assumed": "assumed: ", "case": "refund case", "as_of": "as of",
        "project": "project file", "waiver": "waived: {reason} ({by}, until {until})", "expected": "units expected: {n}", "sent_nothing": "sent nothing",
        "sent_unread": "sent nothing that could be read", "ambiguous": "fits several of the roster, assigned to none",
        "not_on_roster": "not on the roster", "without": "policies switched off", "set": "parameters of your own", "fail_on": "fails from",
        "off": "{reason}  not judged: {codes}", "words": "These are findings and proposals; the audit committee concludes.",
    },
}  # fmt: skip
_NO_CONTROL = {code: sign for code, sign in NO_CONTROL.items() if chr(code) not in "\n\t"}
_STYLES = {
    "violation": "bold red",
    "target": "magenta",
    "suspect": "yellow",
    "not_evaluable": "cyan",
    "waived": "dim",
    "lead": "blue",
}


def write(report: Report, out: BinaryIO) -> None:
    """Write the report as wide as the terminal; without one, 100 columns and no colour."""
    from rich.console import Console

    if out.isatty():
        console = Console(highlight=False)
        _write(report, console)
        return
    text = io.StringIO()
    _write(report, Console(file=text, width=100, color_system=None, highlight=False))
    out.write("".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines()).encode())


def _write(report: Report, console: Console) -> None:
    words: dict[str, Any] = WORDS[report.lang]
    _inputs(report, console, words)
    _coverage(report, console, words)
    _findings(report, console, words)
    _notes(report, console, words)
    _summary(report, console, words)
    _findings(report, console, words, leads=True)


def _inputs(report: Report, console: Console, words: dict[str, Any]) -> None:
    console.rule(
        f"[bold]{words['read']}[/]  {words['as_of']} {report.run['as_of']}  {'、'.join(report.run['packs'])}", align="left"
    )
    if unit := report.run.get("unit"):
        _print(console, f"{words['unit']}：{' '.join(filter(None, (unit['code'], unit['name'] or words['no_unit'])))}", 2, "bold")
    for one in report.run["inputs"]:
        facts = [one["ledger"], f"{one['rows']} {words['rows']}"]
        facts += [one["encoding"]] if one["encoding"] else []
        facts += [" ".join(filter(None, (one["unit"]["code"], one["unit"]["name"])))] if one["unit"]["name"] else []
        older = (one["path"], one["sheet"]) in {(own["older"]["path"], own["older"]["sheet"]) for own in report.run["versions"]}
        facts += [f"{'→' if older else '='} {one['version_of']}"] if one["version_of"] else []
        sheet = f" [{one['sheet']}]" if one["sheet"] else ""
        console.print(f"  {one['path']}{sheet}  {'  '.join(facts)}", markup=False, soft_wrap=True)

    if project := report.run["project"]:
        stated = [str(project[name]) for name in ("organisation", "year") if project[name]]
        _print(console, f"{words['project']}：{'  '.join([project['path'], *stated])}", 2)
    run = report.run
    lenient = [run["fail_on"]] if run["fail_on"] != "medium" else []
    settings = {
        "without": run["without"],
        "set": [f"{name}={value}" for name, value in run["parameters"].items()],
        "fail_on": lenient,
    }
    for word, values in settings.items():
        if values:
            _print(console, f"{words[word]}：{'、'.join(values)}", 2, "yellow")
    if roster := report.run["roster"]:
        _print(console, words["expected"].format(n=roster["expected"]), 2)
        for word in ("sent_nothing", "sent_unread", "not_on_roster", "ambiguous"):
            units = [own if isinstance(own, str) else " ".join(filter(None, (own["code"], own["name"]))) for own in roster[word]]
            if units:
                _print(console, f"{words[word]} {len(units)}：{'、'.join(units)}", 2, "yellow")


def _coverage(report: Report, console: Console, words: dict[str, Any]) -> None:
    from rich.table import Table

    console.rule(f"[bold]{words['coverage']}[/]", align="left")
    table = Table(box=None, pad_edge=True)
    table.add_column(words["policy"], overflow="fold")
    judged = [own for own in report.coverage if own.status == "judged"]
    names = ["rows", "compliant", "violation", "suspect", "not_evaluable", "not_applicable"]
    names += ["waived"] if any(own.waived for own in judged) else []
    names += ["lead", "no_lead"] if any(own.basis == "lead" for own in judged) else []
    for name in names:
        table.add_column(words[name], justify="right")
    for own in judged:
        counts = [getattr(own, name) for name in names]
        table.add_row(f"{own.code} {own.title}", *(str(count) if count else "·" for count in counts))
    if judged:
        console.print(table)
    without: dict[str, list[str]] = {}
    for own in report.coverage:
        if own.reason and own.status == "ledger_missing":
            without.setdefault(own.reason, []).append(own.code)
        elif own.reason:
            prefix = words["status"].get(own.status, words["status"]["column_missing"])
            _print(console, f"{own.code} {own.title}  {prefix}{own.reason}", 2, "cyan")
    for reason, codes in without.items():
        _print(console, words["off"].format(reason=reason, codes=" ".join(codes)), 2, "cyan")
    for assumed in dict.fromkeys(text for own in judged for text in own.assumed):
        _print(console, f"{words['assumed']}{assumed}", 2, "dim")


def _findings(report: Report, console: Console, words: dict[str, Any], *, leads: bool = False) -> None:
    table = "leads" if leads else "findings"
    shown = sorted(stream_findings(report, leads=leads, most=MOST_ROWS), key=_order)
    if leads and not shown:
        return
    console.rule(f"[bold]{words[table]}[/]", align="left")
    if not shown:
        console.print(f"  {words['none']}")
    counts = report.con.execute(f"SELECT coalesce(unit, ''), code, count(*) FROM rendered('{table}') GROUP BY ALL").fetchall()
    totals = {(unit, code): count for unit, code, count in counts}
    for unit, of_unit in groupby(shown, key=lambda finding: finding["unit"]):
        console.print(f"\n[bold]{words['unit']}：[/]", end="")
        console.print(unit or words["no_unit"], style="bold", markup=False)
        for code, of_policy in groupby(of_unit, key=lambda finding: finding["code"]):
            _policy(report, console, words, code, list(of_policy), totals[unit, code])


def _order(finding: dict[str, Any]) -> tuple[str, str]:
    return finding["unit"], finding["code"]


def _policy(
    report: Report, console: Console, words: dict[str, Any], code: str, findings: list[dict[str, Any]], total: int
) -> None:
    policy = next(plan.policy for plan in report.plans if plan.policy.code == code)
    _print(console, f"{code} {policy.title.in_(report.lang)}", 2, "bold")
    judged = [finding for finding in findings if finding["verdict"] != "not_evaluable"]
    cited = {(one["source"], one["section"], one["quote"]): one for finding in judged for one in finding["citations"]}
    for citation in cited.values():
        _print(console, f"{words['clause']}：{say_clause(citation, words)}", 4, "dim")
    for finding in findings:
        place = finding["locations"][0]
        others = "".join(
            f"、{other['cell'] or other['row']}" for other in finding["locations"][1:6] if other["path"] == place["path"]
        )
        _print(
            console,
            f"{words[word_of(finding)]}  {say_place(place)}{others}",
            4,
            _STYLES[word_of(finding)],
        )
        _print(console, finding["message"], 6)
        if finding["explanation"]:
            _print(console, words["waiver"].format(**finding["explanation"]["waiver"]), 6, "dim")
        if finding["case"]:
            _print(console, f"{words['case']}：{finding['case']['text']}", 6, "dim")
    if judged:
        _print(console, f"{words['remedy']}：{policy.remedy.en if report.lang == 'en' else policy.remedy.zh}", 4, "green")
    if total > len(findings):
        _print(console, words["more"].format(n=total - len(findings)), 4)


def say_place(place: Mapping[str, Any]) -> str:
    """Write where something stands: file, sheet, and the cell or else the row."""
    sheet = f"[{place['sheet']}]" if place["sheet"] else ""
    return f"{place['path']}{sheet} {place['cell'] or place['row'] or ''}".rstrip()


def word_of(finding: dict[str, Any]) -> str:
    """Choose the word for a verdict: nobody violates a target of their own."""
    below_target = finding["verdict"] == "violation" and finding["basis"] == "target"
    return "target" if below_target else str(finding["verdict"])


def _print(console: Console, text: str, indent: int, style: str = "") -> None:
    """Print a paragraph that keeps its indent on every line."""
    from rich.padding import Padding
    from rich.text import Text

    console.print(Padding(Text(text.translate(_NO_CONTROL), style=style), (0, 0, 0, indent), expand=False))


def say_clause(citation: dict[str, Any], words: dict[str, Any]) -> str:
    """Write a citation as one sentence: document, section, quote or paraphrase, and how far it is proved."""
    number = f"（{citation['number']}）" if citation["number"] else ""
    parts = [f"《{citation['document']}》{number}{citation['section']}："]
    if citation["quote"]:
        parts.append(f"“{citation['quote']}”")
        proved = words["quote_found"] if citation["quote_found"] else words["quote_open"]
        recited = f"{words['recited']}《{citation['recited_in']}》，" if citation["recited_in"] else ""
        unseen = f"，{words['unverified']}" if citation["evidence"] == "unverified" else ""
        parts.append(f"（{recited}{proved}{unseen}）")
    elif citation["paraphrase"]:
        parts.append(f"{citation['paraphrase']}（{words['paraphrase']}，{words[citation['evidence']]}）")
    if "转引，" in citation["applies_because"]:
        parts.append("（转引，原通知文号待补）")
    return "".join(parts)


def _notes(report: Report, console: Console, words: dict[str, Any]) -> None:
    if not report.notes:
        return
    console.rule(f"[bold]{words['intake']}[/]", align="left")
    for note in _worst_first(report.notes)[:MOST_NOTES]:
        # One line each, however long: a place that is broken in two cannot be copied.
        text = f"  {note.code}  {say_place(note._asdict())}  {note.message}"
        console.print(text, style="bold red" if note.fatal else None, markup=False, soft_wrap=True)
    if len(report.notes) > MOST_NOTES:
        console.print(f"  {words['more'].format(n=len(report.notes) - MOST_NOTES)}")


def _worst_first(notes: Iterable[Any]) -> list[Any]:
    return sorted(notes, key=lambda note: not note.fatal)


def _summary(report: Report, console: Console, words: dict[str, Any]) -> None:
    summary = report.summary
    console.rule(f"[bold]{words['summary']}[/]", align="left")
    counts = [f"{words[name]} {count}" for name, count in summary["verdicts"].items() if count or name != "waived"]
    counts += [f"{words['lead']} {summary['leads']}"] if summary["leads"] else []
    console.print("  " + "  ".join([*counts, f"{words['persons']} {summary['persons']}"]), markup=False)
    amounts = (("involved", "amount_involved"), ("recover", "amount_to_recover"), ("not_judged", "amount_not_judged"))
    console.print("  " + "  ".join(f"{words[word]} {summary[name]} {words['yuan']}" for word, name in amounts), markup=False)
    if report.run["cases"] != "judged":
        _print(console, report.run["cases"], 2, "yellow")
    for note in report.run["notes"]:
        _print(console, note, 2, "yellow")
    for reason in summary["exit_reasons"]:
        _print(console, f"{words['exit']} {reason['code']}：{reason['reason']}", 2)
        for path in reason["paths"]:
            _print(console, path, 4)
    if not summary["exit_reasons"]:
        console.print(f"  {words['exit']} 0")
    console.print(f"  {words['words']}", style="dim")
