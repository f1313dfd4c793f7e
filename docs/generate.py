"""Write the reference pages from what they describe: commands from `--help`, policies and ledgers from their YAML.

Usage:  python docs/generate.py [--check]

With --check nothing is written, and the exit code is 1 if a page is stale. Other libraries lay out the fenced code of a
page (click, sqlglot): where the page names another version of them than the installed one, its code is not compared.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from click.testing import CliRunner
from page_parts import code, head, table
from policy_pages import write_policy_pages
from source_pages import write_coverage, write_sources

from cli import main as fundcheck
from engine.lint.explain import entry, explained
from engine.operators import MEASURES, OPERATORS
from ledgers.kinds import Kind, load_kinds
from policies.load import load_library, shipped_packs
from policies.rows import load_rows

HERE = Path(__file__).parent
WIDTH = 100
_CODE = re.compile(r"^```\w*\n.*?^```\n", re.DOTALL | re.MULTILINE)

COMMANDS = """\
# Commands

`python cli.py …` is the same as `fundcheck …`. Exit codes and privacy: [README](../README.md). Without a colour terminal the
report is 100 columns wide. The environment variable `FUNDCHECK_KEY` holds the secret for fingerprints of findings; without
it no personal datum goes into them, and equal rows of one unit may be confused.
"""
LEDGERS = """\
# Kinds of ledger

A sheet is recognised by its headers: any of the words below, whatever the spaces, brackets, colons, full-width or traditional
characters. The column's own name is a header too, and then its amounts are in yuan. Columns that no kind knows are listed in the report
and not read. A header may have up to three rows (公示时间 over 开始 and 结束), with a row of units or of column numbers below; merged texts
are carried down their rows, merged amounts are read for none. Of kinds that fit the headers alike, the one that the title names is taken, or
where no title stands the name of the file or sheet. `fundcheck ledgers inspect` shows how a file is read.
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
| Q05 | 负数金额，未注明冲销或红字；所在行写明作废、退回、未发，或是收入、另一单位的金额；与备注所写实发数不同；冲销行与原行相抵的说明 | a negative amount without a word of reversal; one whose row says that it is void, returned, not paid, income or in another unit; one that is not what the note says was paid; what reversals cancel |
| Q06 | 金额单位未写明、前后不一，或与金额大小不符 | the unit of amounts is not stated, contradicts itself, or is belied by the amounts |
| Q07 | 证件号码、账号位数不对，或存为数值丢了末位 | an identity or account number of the wrong length, or stored as a number |
| Q08 | 同一张表中两行各列相同 | two rows of a sheet that are the same in every column |
| Q09 | 表头、取值或台账类型认不出，标题像另一类台账，单位在名单中符合几个，一张工作表里有几张表；不像姓名的姓名，可能改变一笔记录的备注 | a header, a code or a kind of ledger that is not known, a title of another kind, a unit that fits several of the roster, several tables in one sheet, a name that looks like none, or remarks that may change a record |
| Q10 | 公式错误，或公式没有结果 | a formula error, or a formula without its result |
| Q11 | 隐藏的工作表或只有说明文字的工作表、批注，未读取；隐藏的行和列，已读取；大写金额列，已与小写核对 | a hidden sheet, or one of explanations beside a ledger, or comments, not read; hidden rows and columns, read like any other; a column of amounts in capitals, held against the figures |
| Q12 | 合计对不上（写明差额）、合并的金额、分组标题行、单元格错位，只有一两格有内容的行，可能改变其他各行的说明，或标题说未支付（未领取、公示、计划） | a total that does not add up (the difference is said), merged amounts, labels of sections, cells that have slipped, a row with next to nothing in it, an explanation that may change other rows, or a title that says that nothing was paid |
| Q13 | 有无法显示的字（编码替换符、自造字） | a character that was lost on the way |
| Q14 | 日期不在标题或文件名所写的年度 | days of another year than that of the title or the name of the file |
| Q15 | 同一证件号码有不同的姓名 | one identity number with different names |
| Q16 | 与另一文件或工作表相同，或是其汇总，只判断一次；来自不同单位的，请核实。或是另一文件的旧版，只判断新版；不能确定的都判断 | a copy or a summary of another file or sheet, judged once, to be looked into where two units sent it; or an older version of another, of which the newest is judged; where that is not certain, both are |

## How cells are read 单元格怎样读

A text has one meaning or is a problem. Full-width and traditional characters and white space make no difference.

| 类型 | what is understood | what is a problem, never a guess |
| --- | --- | --- |
| amount | `￥1,500.00`, `500元整`, `27.65万元`, `500元5角`, `壹仟贰佰元整`, `廿元`, `五百元`, `500（伍佰元整）`, also in two columns (小写, 大写); red ink: `-500（冲销）`, `红字500`, `（500）` where cell or note says 冲销 or 红字 | `约40万`, `近304万`, `500左右` (an approximate amount is neither in order nor a fault: not evaluable, the note says 约数), a figure that its capitals contradict, `1.500`, `500（冲销）` without a minus |
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
    pages = write_pages()
    stale = list(find_stale(pages)) if check else []
    for name in stale:
        sys.stderr.write(f"docs/{name}: stale. run `python docs/generate.py`.\n")
    if not check:
        for name in find_orphans(pages):
            (HERE / name).unlink()
        for name, text in pages.items():
            (HERE / name).parent.mkdir(exist_ok=True)
            (HERE / name).write_text(text, encoding="utf-8", newline="\n")
    sys.exit(1 if stale else 0)


def find_stale(pages: Mapping[str, str]) -> Iterator[str]:
    """Name each page that is missing, differs from what it should be, or tells of a policy that is gone."""
    yield from find_orphans(pages)
    for name, text in pages.items():
        path = HERE / name
        if not path.is_file() or not is_current(path.read_text(encoding="utf-8"), text):
            yield name


def find_orphans(pages: Mapping[str, str]) -> list[str]:
    """Name the pages of policies that none of these pages replaces."""
    found = sorted(path.relative_to(HERE).as_posix() for path in (HERE / "policies").glob("*.md"))
    return [name for name in found if name not in pages]


def is_current(page: str, text: str) -> bool:
    """Compare a page with a fresh text; of pages made with other versions of a library, the code is left out.

    >>> is_current("with click 1\\n\\n```text\\na\\n```\\nb\\n", "with click 2\\n\\n```text\\nc\\n```\\nb\\n")
    True
    """
    if page.partition("\n")[0] != text.partition("\n")[0]:
        page, text = (_CODE.sub("", one.partition("\n")[2]) for one in (page, text))
    return page == text


def write_pages() -> dict[str, str]:
    """Write every page: file name -> text."""
    library = load_library([name for name in shipped_packs() if name != "core"])
    pages = {
        "commands.md": head("click") + "\n".join([COMMANDS, *_commands()]),
        "ledgers.md": head() + "\n".join([LEDGERS, *_kinds()]),
        "conditions.md": head() + "\n".join([CONDITIONS, *_operators()]),
        "sources.md": write_sources(library),
        "coverage-of-sources.md": write_coverage(library, load_rows()),
        "lint.md": head() + "\n".join([LINT, *(entry(code, rule) for code, rule in explained().items())]),
    }
    return pages | write_policy_pages(library)


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
        yield f"## {' '.join(('fundcheck', *path))}\n\n{code(asked.output, 'text')}"


# -- ledgers -----------------------------------------------------------------------------------------------------------


def _operators() -> Iterator[str]:
    heads = ("运算 operator", "写法 written", "对象 takes", "含义", "meaning")
    for title, operators in (("Operators 运算", OPERATORS), ("Measures 度量（组与合计）", MEASURES)):
        yield f"\n## {title}\n\n"
        yield table(heads, ((f"`{one.name}`", f"`{one.written}`", one.takes, one.zh, one.en) for one in operators))


def _kinds() -> Iterator[str]:
    for kind in load_kinds().values():
        yield f"## {kind.kind} {kind.title.zh} · {kind.title.en}\n"
        needs = [" or ".join(f"`{name}`" for name in ([need] if isinstance(need, str) else need)) for need in kind.required]
        yield f"Required: {'; '.join(needs)}. Unit: {f'`{kind.unit}`' if kind.unit else 'of the sheet'}.\n"
        yield table(
            (
                "column",
                "type",
                "title",
                "headers beside the title (in brackets: where nothing else fits; in 〔〕: where the title calls the list so)",
                "",
            ),
            _columns(kind),
        )
        codes = [
            (f"`{name}`", code, "、".join(more)) for name, column in kind.columns.items() for code, more in column.codes.items()
        ]
        if codes:
            yield table(("column", "code", "also written"), codes)


def _columns(kind: Kind) -> Iterator[tuple[str, ...]]:
    for name, column in kind.columns.items():
        headers = "、".join(
            [*column.headers, *(f"（{text}）" for text in column.perhaps), *(f"〔{text}〕" for text in column.titled)]
        )
        yield f"`{name}`", column.type, f"{column.zh} · {column.en}", headers, "personal" if column.personal else ""


if __name__ == "__main__":
    main()
