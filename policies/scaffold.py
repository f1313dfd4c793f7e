"""Write a new policy to fill in: it loads, it is proved by cases, and its folder is a pack."""

from __future__ import annotations

from pathlib import Path

from declared import Problem, Refused

_PACK = """pack: {pack}
title: {{zh: 本单位规则, en: Rules of our own}}
scope: {{zh: 写明适用的单位和年度, en: Say for whom and for which years}}
narrowness: 50
"""
_POLICY = """code: {code}
id: {id}
title: {{zh: 单笔金额上限, en: Limit of a single payment}}
why: {{zh: 写明为什么要查, en: Say why this is checked}}
category: 标准
severity: medium
basis: inferred                # norm target reported inferred: what the cited words are; lead: only points at rows
citations:
  - source: central-aid-2015   # a document of the register
    section: 写明条款
    paraphrase: {{zh: 用自己的话写明条文，见到原文后改为 quote, en: The clause in our words; quote it once the text was seen}}
    in_force: {{from: 2015-05-08}}
dated_by: pay_date             # the citation and parameters in force on this day judge the row
ledger: aid_payment            # fundcheck ledgers list
parameters:                    # where only a place knows the limit: ask: true, example: 3000, values: []
  limit: {{zh: 上限, en: limit, unit: 元, least: 0.01, values: [{{value: 3000}}]}}
applies_when: amount IS NOT NULL
requires: amount <= :limit
involved: amount
message:
  zh: "{{name}}领取{{amount}}元，上限{{:limit}}元，待核实"
  en: "{{name}} received {{amount}} yuan; the limit is {{:limit}} yuan"
remedy: {{action: explain, zh: 请说明依据, en: Explain the ground}}
cleared_by: document
cases:
  - name: at the limit and one cent above it
    aid_payment:
      - {{name: 测试甲, pay_date: 2021-02-03, amount: 3000}}
      - {{name: 测试乙, pay_date: 2021-02-03, amount: 3000.01}}
    expect: [compliant, suspect]
  - name: the first day in force and the day before
    aid_payment:
      - {{name: 测试甲, pay_date: 2015-05-07, amount: 3000.01}}
      - {{name: 测试甲, pay_date: 2015-05-08, amount: 3000.01}}
    expect: [not_applicable, suspect]
  - name: an amount that cannot be read
    aid_payment: [{{name: 测试甲, pay_date: 2021-02-03, amount: X元}}]
    expect: [not_evaluable]
  - innocent: two small payments to one person are two payments
    aid_payment:
      - {{name: 测试甲, pay_date: 2021-02-03, amount: 2000}}
      - {{name: 测试甲, pay_date: 2021-03-03, amount: 2000}}
    expect: [compliant, compliant]
"""


def scaffold(path: Path, code: str) -> list[Path]:
    """Write a policy file, and the pack.yaml of its folder if there is none; nothing is overwritten.

    Raises:  Refused if the file exists, or its name or code does not fit.
    """
    import re

    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.yaml", path.name):
        raise Refused([Problem(str(path), 1, 1, "name the file like an id: small letters, digits and hyphens, `.yaml`.")])
    if not re.fullmatch("[A-Z][0-9]{2}", code):
        raise Refused([Problem(str(path), 1, 1, f"code `{code}`: write a capital letter and two digits, such as H01.")])
    if path.exists():
        raise Refused([Problem(str(path), 1, 1, "the file exists. choose another name.")])
    path.parent.mkdir(parents=True, exist_ok=True)
    written = [path]
    path.write_text(_POLICY.format(code=code, id=path.stem), encoding="utf-8")
    pack = path.parent / "pack.yaml"
    if not pack.exists():
        pack.write_text(_PACK.format(pack=path.parent.resolve().name), encoding="utf-8")
        written.append(pack)
    return written
