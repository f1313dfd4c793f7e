"""Draft a project file for the ledgers found in a folder: what was recognised stands in it, the rest as comments to uncomment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from declared import Problem, Refused
from engine.check import connect
from engine.project import NAME
from ledgers.bulk import open_scratch
from ledgers.intake import Input, Note, bring_in, find_sources
from ledgers.kinds import load_kinds

_ABOVE = """\
# fundcheck 项目文件：本单位、台账和规则的约定。命令行上写的优先于这里写的。
# Project file of fundcheck: your union, its ledgers and its rules. The command line wins over it.
# 说明 / all keys: docs/project-file.md；检查 / check: fundcheck check

# 本单位名称 / your organisation
# organisation: 某某市总工会

# 应报送的单位；没有报送的会在报告中列出 / units expected; those that sent nothing are listed in the report
# units:
#   - 某某街道总工会
#   - {code: "001", name: 某某公司工会, aliases: [某某公司]}
#   （单位多的，写一个名单文件：roster: 单位名单.xlsx / or name a table of them: roster: FILE）

# 地区、年度 / region, year
# region: 某某市
# year: 2021

"""
_BELOW = """\

# 同一份台账的新旧版本；内容相近但不是同一份的 / versions of one ledger; ledgers that are alike and stay apart
# versions:
#   - {newest: 台账_更正.xlsx, of: [台账.xlsx]}
# separate: [一批.xlsx, 二批.xlsx]

# 除通用规则外另加的政策包（名称或目录）/ packs beside core, by name or folder
# packs: [yuanjiang-2021]

# 停用的政策；自定目标和参数 / policies switched off; targets and parameters of your own
# without: [E01]
# parameters:
#   E01.target: 95

# 台账里代码的其他写法：类型.列名 -> 代码 -> 写法 / how your ledgers spell the codes of a column
# codes:
#   aid_payment.fund_source: {市级财政: [市局专户]}

# 达到哪一级别算不通过；未能判断的最大比例 / what fails the check; the share that may be not evaluable
# fail_on: medium
# max_not_evaluable: 0.1

# 豁免：谁决定、为什么、到哪一天 / waivers: who decided, why, until which day
# waivers:
#   - {fingerprint: 报告中的指纹, reason: 已补办手续, by: 经审会, until: 2022-06-30, code: A02}

# 指纹用的密钥所在文件（只有本人可读，不要提交）/ the file with the secret for fingerprints (readable by you only, kept out of version control)
# key_file: .fundcheck.key

# 遮蔽 public working full；语言 zh en；CSV 和网页的编码 / masking, language, encoding of CSV files and pages
# privacy: public
lang: zh
# encoding: gb18030
"""


def draft_project(folder: Path) -> Path:
    """Write the project file of a folder and give its path.

    Raises:  Refused if there is one already.
    """
    path = folder / NAME
    text = "" if path.exists() else _ABOVE + "".join(_list_ledgers(folder, *_look_into(folder))) + _BELOW
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        what = "已有项目文件，不会覆盖。请直接修改它，或先改名。/ it exists and is not overwritten: edit it, or rename it first."
        raise Refused([Problem(str(path), 1, 1, what)]) from error
    except OSError as error:
        raise Refused([Problem(str(path), 1, 1, f"写不了（{error.strerror}）。请换一个目录。/ cannot be written.")]) from error
    return path


def _look_into(folder: Path) -> tuple[tuple[Input, ...], list[Note]]:
    with connect() as con, open_scratch(con) as scratch:
        sources, _ = find_sources([str(folder)])
        intake = bring_in(con, sources, load_kinds(), {}, scratch=scratch)
    return intake.inputs, [note for note in intake.notes if note.fatal or note.code == "Q16"]


def _list_ledgers(folder: Path, inputs: Iterable[Input], notes: Iterable[Note]) -> Iterator[str]:
    """Write an entry for each sheet that was recognised, and a comment for each file that was not read."""
    shown = [(one, _below(folder, one.path)) for one in inputs]
    known = [(one, path) for one, path in shown if one.version_of is None and (folder / path).is_file()]
    yield "# 台账：路径或通配符、类型、工作表；表头不同的写 headers（自己的表头: 列名）\n"
    yield "# the ledgers: path or glob, kind, sheet; headers (your own header: column) where yours differ\n"
    yield "ledgers:\n" if known else "# ledgers:\n#   - {path: 台账/*.xlsx, kind: aid_payment, headers: {实发数: amount}}\n"
    for one, path in known:
        sheet = f", sheet: {_quoted(one.sheet)}" if one.sheet else ""
        yield f"  - {{path: {_quoted(path)}, kind: {one.kind}{sheet}}}\n"
    for note in (note for note in notes if note.fatal or note.path not in {one.path for one, _ in known}):
        yield f"  # 未列入 / left out: {_quoted(_below(folder, note.path))} {_quoted(note.message)}\n"


def _below(folder: Path, path: str) -> str:
    return path.removeprefix(f"{str(folder).rstrip('/')}/")


def _quoted(text: str) -> str:
    """Write a text as one line that means the same in YAML."""
    return json.dumps(text, ensure_ascii=False)
