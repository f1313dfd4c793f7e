"""Write the reference pages from what they describe: commands from `--help`, policies and ledgers from their YAML.

Usage:  python docs/generate.py [--check]

With --check nothing is written, and the exit code is 1 if a page is stale. Other libraries lay out the fenced code of a
page (click, sqlglot): where the page names another version of them than the installed one, its code is not compared.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

import click
from click.testing import CliRunner

from cli import main as fundcheck
from engine.lint.explain import entry, explained
from engine.manual import policy_sql
from engine.operators import MEASURES, OPERATORS
from engine.report import because
from ledgers.kinds import Kind, load_kinds
from policies.load import Library, Loaded, load_library, shipped_packs
from policies.model import Case, Citation, Parameter, Policy

HERE = Path(__file__).parent
WIDTH = 100
AS_OF = date(2021, 12, 31)  # the day of the printed SQL; any day will do, as long as it stays
_CODE = re.compile(r"^```\w*\n.*?^```\n", re.DOTALL | re.MULTILINE)

COMMANDS = """\
# Commands

`python cli.py …` is the same as `fundcheck …`. Exit codes and privacy: [README](../README.md). Without a colour terminal the
report is 100 columns wide. The environment variable `FUNDCHECK_KEY` holds the secret for fingerprints of findings; without
it no personal datum goes into them, and equal rows of one unit may be confused.
"""
POLICIES = """\
# Policies

One section a policy, as it stands with all shipped packs chosen. What the words mean: [architecture](architecture.md#glossary).
The column *basis* says what a clause is worth: a `norm` orders, forbids or limits; a `target` is what a union set itself;
`reported` is a published figure; `inferred` is our conclusion. Norms and targets give violations, the others suspects. A policy of
the basis `lead` concludes nothing: its rows are leads or none, are listed apart and count nowhere, and it may cite nothing.

The SQL asks the same question of tables named like the ledger kinds, with the columns of [ledgers](ledgers.md) and, where it
mentions them, `_input` and `_row` (place of a row) and `_problems` (0 where every cell could be read). Its verdicts are digits:
0 compliant, 1 fails, 2 not evaluable, 3 not applicable, 4 readings differ, 6 not in force. `fundcheck policies sql` prints it
in other dialects.
"""
LEDGERS = """\
# Kinds of ledger

A sheet is recognised by its headers: any of the words below, whatever the spaces, brackets, colons, full-width or traditional
characters. The column's own name is a header too, and then its amounts are in yuan. Columns that no kind knows are listed in the report
and not read. A header may have up to three rows (公示时间 over 开始 and 结束), with a row of units or of column numbers below; merged texts
are carried down their rows, merged amounts are read for none. `fundcheck ledgers inspect` shows how a file is read.
*personal* columns are masked in reports unless asked for, and so are identity, account and mobile numbers in any other text.

## Notes on what was read 数据问题

A note names the cell. A cell that cannot be read is not blank: every policy that reads it is not evaluable for its row.

| code | 意思 | what it says |
| --- | --- | --- |
| Q00 | 文件或格式读不了 | a file that cannot be read, or a format that is not read |
| Q01 | 必填项为空，或没有数据行 | a required cell is blank, or there are no rows |
| Q02 | 占位、遮蔽（X、`****`、待定、不详、同上） | a placeholder, a mask or a ditto mark; the value is unknown |
| Q03 | 日期、年度读不懂 | no date or year |
| Q04 | 金额、数字读不懂，或只是约数 | no exact amount or number |
| Q05 | 负数金额，未注明冲销或红字；冲销行与原行相抵的说明 | a negative amount without a word of reversal; what reversals cancel |
| Q06 | 金额单位未写明、前后不一，或与金额大小不符 | the unit of amounts is not stated, contradicts itself, or is belied by the amounts |
| Q07 | 证件号码、账号位数不对，或存为数值丢了末位 | an identity or account number of the wrong length, or stored as a number |
| Q08 | 同一张表中两行各列相同 | two rows of a sheet that are the same in every column |
| Q09 | 表头、取值或台账类型认不出，单位在名单中符合几个，或一张工作表里有几张表 | a header, a code or a kind of ledger that is not known, a unit that fits several of the roster, or several tables in one sheet |
| Q10 | 公式错误，或公式没有结果 | a formula error, or a formula without its result |
| Q11 | 隐藏的工作表或只有说明文字的工作表，未读取；隐藏的行和列，已读取 | a hidden sheet, or one of explanations beside a ledger, not read; hidden rows and columns, read like any other |
| Q12 | 合计对不上（写明差额）、合并的金额、分组标题行，或单元格错位 | a total that does not add up (the difference is said), merged amounts, labels of sections, or cells that have slipped |
| Q13 | 有无法显示的字（编码替换符、自造字） | a character that was lost on the way |
| Q14 | 日期不在标题或文件名所写的年度 | days of another year than that of the title or the name of the file |
| Q15 | 同一证件号码有不同的姓名 | one identity number with different names |
| Q16 | 与另一文件完全相同，只判断一次；来自不同单位的，请核实。或是另一文件的旧版，只判断新版；不能确定的都判断 | a copy of another file, judged once, to be looked into where two units sent it; or an older version of another, of which the newest is judged; where that is not certain, both are |

## How cells are read 单元格怎样读

A text has one meaning or is a problem. Full-width and traditional characters and white space make no difference.

| 类型 | what is understood | what is a problem, never a guess |
| --- | --- | --- |
| amount | `￥1,500.00`, `500元整`, `27.65万元`, `500元5角`, `壹仟贰佰元整`, `廿元`, `五百元`, `500（伍佰元整）`; red ink: `-500（冲销）`, `红字500`, `（500）` where cell or note says 冲销 or 红字 | `约40万`, `近304万`, `500左右` (an approximate amount is neither in order nor a fault: not evaluable, the note says 约数), a figure that its capitals contradict, `1.500`, `500（冲销）` without a minus |
| date | `2021.1.5`, `2021年元月5号`, `21.1.5`, `20210105`, `44201` (both epochs), `二〇二一年一月五日`, `民国110年1月5日`; months, ten days, quarters and years are spans; `1月5日` where title and file name say just one year | `12/1/20`, `2021.2.30`, two numbers in one cell; `12月28日` under 2021年春节, since a campaign begins in the year before |
| period | `2021.1.25-1.27（3天）`, `1月25日至27日` in one cell are its first and last day; `公示3天` has no days: neither D02 nor D03 is evaluable | one day alone, or a number of days that the two days do not have |
| identity | 18 digits; 15 are given the century 19 for matching and their check digit is not judged; passports and permits | masked (the note names the one row that digits and name fit), stored as a number, mistyped |
| name | `张 三`, `張三`, `买买提.吐尔逊`; `张三（代）` keeps its mark (A06, where the ledger has a column of payees), `/` and `，` part persons as 、 does (A03) | `张三 李四`, `张三2`, `张*` |
| code | the codes and their spellings below, and those of `codes` in the project file | any other word |
| integer | `24人`, `12个月`, `1,200` | `约25`, `三` |
| percent | with %, or all below 1, or all above 2 | `1` beside `99.5`: 1 % or 100 % |

A row in red ink cancels one row of the opposite amount to the same person: neither is judged. One that cancels no row is not judged by itself.
"""
CONDITIONS = """\
# The condition language

`applies_when`, `requires`, `involved` and the other expressions of a policy are written in a closed subset of SQL; anything else is
refused with a caret under the place. Every operator means the same in plain Python, DuckDB, PostgreSQL and Spark: `tests/conformance`
holds them together over ledgers full of what clerks write. What is unknown stays unknown: a blank, a cell that cannot be read, a
join that stays open.
"""

LINT = """\
# Rules of good policies 政策检查规则

`fundcheck policies lint` names every rule that a policy breaks, with file, line, column and the code of the rule; without a problem it
exits 0, with one 2. `--explain CODE` prints an entry of this page. `--sources DIR` proves quotes against the texts of the documents.
Examples are keys of a policy as `fundcheck policies new` writes it; `tests/test_lint.py` tries each of them.
"""


def main() -> None:
    """Write the pages, or check them."""
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    stale = list(find_stale()) if check else []
    for name in stale:
        sys.stderr.write(f"docs/{name}: stale. run `python docs/generate.py`.\n")
    if not check:
        for name, text in write_pages().items():
            (HERE / name).write_text(text, encoding="utf-8", newline="\n")
    sys.exit(1 if stale else 0)


def find_stale() -> Iterator[str]:
    """Name each page that is missing or differs from what its sources give."""
    for name, text in write_pages().items():
        path = HERE / name
        if not path.is_file() or not is_current(path.read_text(encoding="utf-8"), text):
            yield name


def is_current(page: str, text: str) -> bool:
    """Compare a page with a fresh text; of pages made with other versions of a library, the code is left out.

    >>> is_current("with click 1\\n\\n```text\\na\\n```\\nb\\n", "with click 2\\n\\n```text\\nc\\n```\\nb\\n")
    True
    """
    head, fresh_head = page.partition("\n")[0], text.partition("\n")[0]
    if head != fresh_head:
        page, text = (_CODE.sub("", one.partition("\n")[2]) for one in (page, text))
    return page == text


def write_pages() -> dict[str, str]:
    """Write every page: file name -> text."""
    library = load_library([name for name in shipped_packs() if name != "core"])
    pages = {
        "commands.md": ("click", [COMMANDS, *_commands()]),
        "policies.md": ("sqlglot", [POLICIES, *_packs(library), *_documents(library), *_policies(library)]),
        "ledgers.md": ("", [LEDGERS, *_kinds()]),
        "conditions.md": ("", [CONDITIONS, *_operators()]),
        "lint.md": ("", [LINT, *(entry(code, rule) for code, rule in explained().items())]),
    }
    return {name: _made_with(laid_out_by) + "\n".join(parts) for name, (laid_out_by, parts) in pages.items()}


def _made_with(name: str) -> str:
    known = f" with {name} {version(name)}" if name else ""
    return f"<!-- Written by docs/generate.py{known}; change the source, not this page. -->\n\n"


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = [list(heads)]
    lines += [["---"] * len(lines[0])]
    lines += [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _code(text: str, language: str = "") -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"


# -- commands ----------------------------------------------------------------------------------------------------------


def walk_commands(
    command: click.Command = fundcheck, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that call it, groups before their commands."""
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in sorted(command.commands.items()):
            yield from walk_commands(inner, (*path, name))


def _commands() -> Iterator[str]:
    for path, _ in walk_commands():
        asked = CliRunner().invoke(fundcheck, [*path, "--help"], prog_name="fundcheck", terminal_width=WIDTH)
        yield f"## {' '.join(('fundcheck', *path))}\n\n{_code(asked.output, 'text')}"


# -- policies ----------------------------------------------------------------------------------------------------------


def _packs(library: Library) -> Iterator[str]:
    rows = [
        (
            f"`{pack.pack}`",
            f"{pack.title.zh} · {pack.title.en}",
            f"{pack.scope.zh} · {pack.scope.en}",
            ", ".join(sorted(loaded.policy.code for loaded in library.layers if loaded.pack == pack.pack)),
        )
        for pack in sorted(library.packs, key=lambda pack: pack.narrowness)
    ]
    yield "## Packs\n\nFrom general to narrow; the narrower pack wins.\n\n" + _table(
        ("pack", "title", "for whom", "policies"), rows
    )


def _documents(library: Library) -> Iterator[str]:
    rows = [
        (
            f"`{document.id}`",
            f"《{document.title}》{document.number or ''}",
            document.issuer,
            document.evidence + (f"; {document.note.zh} · {document.note.en}" if document.note else ""),
            document.checked_on,
        )
        for document in library.documents.values()
    ]
    yield "## Source documents\n\n" + _table(("id", "document", "issuer", "text", "looked at on"), rows)


def _policies(library: Library) -> Iterator[str]:
    for loaded in library.policies.values():
        layers = [layer for layer in library.layers if layer.policy.code == loaded.policy.code]
        parts = [
            *_head(loaded.policy, layers),
            *_clauses(library, layers),
            *_question(loaded.policy),
            *_words(loaded.policy),
            *_cases(layers),
            f"<details><summary>SQL</summary>\n\n{_code(policy_sql(loaded, 'duckdb', AS_OF), 'sql')}\n</details>\n",
        ]
        yield "\n".join(parts)


def _head(policy: Policy, layers: list[Loaded]) -> Iterator[str]:
    yield f"## {policy.code} {policy.title.zh} · {policy.title.en}\n"
    packs = ", ".join(f"`{layer.pack}`" for layer in layers)
    yield f"`{policy.id}` · severity {policy.severity} · basis {policy.basis} · ledger `{policy.ledger}` · packs {packs}\n"
    yield f"{policy.why.zh}\n\n{policy.why.en}\n"


def _clauses(library: Library, layers: list[Loaded]) -> Iterator[str]:
    rows: list[tuple[object, ...]] = []
    known = 0
    for layer in layers:
        for citation in layer.policy.citations[known:]:
            rows.append((len(rows), *_clause(library, layer.policy, citation), f"`{layer.pack}`"))
        known = len(layer.policy.citations)
    table = _table(("", "document", "what it says", "basis", "evidence", "applies", "pack"), rows)
    yield "### Clauses\n\n" + (table if rows else "None: a lead.\n")


def _clause(library: Library, policy: Policy, citation: Citation) -> tuple[str, str, str, str, str]:
    document = library.documents[citation.source]
    words = f"“{citation.quote}”" if citation.quote else ""
    if citation.paraphrase:
        words += f" In our words: {citation.paraphrase.zh} · {citation.paraphrase.en}"
    evidence = "quote proved" if library.is_proved(citation) else str(document.evidence)
    if citation.recited_in:
        evidence += f", recited in 《{library.documents[citation.recited_in].title}》"
    applies = because(citation, document.notice_no, "en")
    return f"《{document.title}》{citation.section}", words.strip(), citation.basis or policy.basis, evidence, applies


def _question(policy: Policy) -> Iterator[str]:
    lines = [f"- judged as of `{policy.dated_by}`, the record's own day", f"- applies when `{_one_line(policy.applies_when)}`"]
    for name, join in policy.joins.items():
        match = ", ".join(f"`{left}`" if left == right else f"`{left}` = `{right}`" for left, right in join.keys)
        what = join.pick or ", ".join(f"{total} = {text}" for total, text in join.total.items())
        where = f", where `{join.where}`" if join.where else ""
        lines.append(f"- `{name}`: `{join.ledger}` by {match}{where}: `{what}`")
    if policy.group is not None:
        measures = ", ".join(f"`{name} = {text}`" for name, text in policy.group.measures.items())
        books = ", each sheet by itself" if policy.group.apart else ""
        lines.append(f"- grouped by {', '.join(f'`{name}`' for name in policy.group.per)}{books}: {measures}")
    lines.append(f"- **requires** `{_one_line(policy.requires)}`")
    lines += [
        f"- reading *{name}* ({reading.zh} · {reading.en}): `{_one_line(reading.requires)}`"
        for name, reading in policy.readings.items()
    ]
    lines += [
        f"- parameter `:{name}` ({own.zh} · {own.en}): {_values(own)}{_least(own)}" for name, own in policy.parameters.items()
    ]
    lines += [f"- without `{name}`: {own.zh} · {own.en}" for name, own in policy.assume.items()]
    yield "### Question\n\n" + "\n".join(lines) + "\n"
    if policy.readings:
        yield "A violation stands only if the requirement and every reading fail; if they differ, it is a suspect.\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _least(parameter: Parameter) -> str:
    return "" if parameter.least is None else f"; at least {parameter.least}"


def _values(parameter: Parameter) -> str:
    shown = []
    for dated in parameter.values:
        bounds = {"from": dated.start, "to": dated.end, "region": dated.region, **(dated.model_extra or {})}
        held = ", ".join(f"{name} {bound}" for name, bound in bounds.items() if bound is not None)
        shown.append(f"{dated.value} {parameter.unit}".strip() + (f" ({held})" if held else ""))
    asked = f"asked for, such as {parameter.shown} {parameter.unit}".strip()
    return "; ".join([*shown, *([asked] if parameter.ask else [])])


def _words(policy: Policy) -> Iterator[str]:
    remedy, settled = policy.remedy, policy.remedy.settled_by
    money = {"involved": policy.involved, "to recover": policy.recover, "short": policy.short}
    amounts = ", ".join(f"{name} `{text}`" for name, text in money.items() if text and text != "0")
    rows = [
        ("message", f"{policy.message.zh}<br>{policy.message.en}"),
        ("amount", amounts or "none"),
        (f"remedy: {remedy.action}", f"{remedy.zh}<br>{remedy.en}"),
        ("cleared by", policy.cleared_by.replace("_", " ")),
    ]
    if settled is not None:
        pair = " = ".join(f"`{name}`" for name in (settled.own, f"{settled.ledger}.{settled.match[settled.own]}"))
        rows.append(
            (
                "followed as a case",
                f"refunds where {pair}; owed `{settled.owed}`" + (f", due `{settled.due}`" if settled.due else ""),
            )
        )
    yield "### Finding\n\n" + _table(("", ""), rows)


def _cases(layers: list[Loaded]) -> Iterator[str]:
    cases = [(layer.pack, case) for layer in layers for case in layer.policy.cases]
    shown = next((case for _, case in cases if {"violation", "suspect", "lead"} & set(case.expect)), cases[0][1])
    yield f"### Examples\n\nThe case *{shown.title}*:\n"
    yield from _rows(layers[0].policy, shown)
    rows = [(case.title, ", ".join(case.expect).replace("_", " "), f"`{pack}`") for pack, case in cases]
    yield _table(("case", "verdict of each row", "pack"), rows)


def _rows(policy: Policy, case: Case) -> Iterator[str]:
    for ledger, rows in sorted(case.ledgers.items(), key=lambda pair: pair[0] != policy.ledger):
        names = list(dict.fromkeys(name for row in rows for name in row))
        verdicts = [f"**{verdict.replace('_', ' ')}**" for verdict in case.expect] if ledger == policy.ledger else []
        cells = [[row.get(name, "") for name in names] + verdicts[n : n + 1] for n, row in enumerate(rows)]
        yield _table((*(f"`{name}`" for name in names), *(["verdict"] if verdicts else [])), cells)


# -- ledgers -----------------------------------------------------------------------------------------------------------


def _operators() -> Iterator[str]:
    heads = ("运算 operator", "写法 written", "对象 takes", "含义", "meaning")
    for title, operators in (("Operators 运算", OPERATORS), ("Measures 度量（组与合计）", MEASURES)):
        yield f"\n## {title}\n\n"
        yield _table(heads, ((f"`{one.name}`", f"`{one.written}`", one.takes, one.zh, one.en) for one in operators))


def _kinds() -> Iterator[str]:
    for kind in load_kinds().values():
        yield f"## {kind.kind} {kind.title.zh} · {kind.title.en}\n"
        needs = [" or ".join(f"`{name}`" for name in ([need] if isinstance(need, str) else need)) for need in kind.required]
        yield f"Required: {'; '.join(needs)}. Unit: {f'`{kind.unit}`' if kind.unit else 'of the sheet'}.\n"
        yield _table(("column", "type", "title", "headers beside the title", ""), _columns(kind))
        codes = [
            (f"`{name}`", code, "、".join(more)) for name, column in kind.columns.items() for code, more in column.codes.items()
        ]
        if codes:
            yield _table(("column", "code", "also written"), codes)


def _columns(kind: Kind) -> Iterator[tuple[str, ...]]:
    for name, column in kind.columns.items():
        headers = "、".join(column.headers)
        yield f"`{name}`", column.type, f"{column.zh} · {column.en}", headers, "personal" if column.personal else ""


if __name__ == "__main__":
    main()
