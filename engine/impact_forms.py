"""Write the comparison of two versions of a pack: for the screen, and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO

from engine import VERSION
from engine.delivery import NO_CONTROL
from engine.impact import CHANGED, GAINED, LOST, MONEY, Change, Effect, Found, Impact, Side, count_changes

SCHEMA = "fundcheck-impact/1"
MOST_SHOWN = 20  # changes of one policy on the screen
_SUMS = {"involved": "amount_involved", "recover": "amount_to_recover", "short": "amount_short"}
_SIGNS = {GAINED: "+", LOST: "-", CHANGED: "~"}
_WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "old": "旧：{0}", "new": "新：{0}", "counts": "多出 {gained} 条，减少 {lost} 条，改变 {changed} 条",
        "verdict": {"compliant": "符合", "violation": "与要求不符", "suspect": "疑点", "not_evaluable": "未能判断", "not_applicable": "不适用",
                    "waived": "已豁免", "lead": "线索", "no_lead": "无线索"},
        "status": {"judged": "已判断", "ledger_missing": "缺台账", "column_missing": "缺列", "not_in_force": "未施行", "out_of_scope": "未启用", None: "没有这条"},
        "money": {"involved": "涉及金额", "recover": "建议退回", "short": "少付"}, "row": "第 {0} 行", "rows": "{0} 行", "yuan": "元",
        "more": "……另有 {0} 条，全部见 --format json", "unread": "金额无法读取、未计入的发现：{0} → {1} 条",
        "total": "合计（同一行的钱只算一次，所以不等于各条之和）", "same": "两个版本查出的完全一样。", "unjudged": "未能判断：",
    },
    "en": {
        "old": "old: {0}", "new": "new: {0}", "counts": "{gained} gained, {lost} lost, {changed} changed",
        "verdict": {"compliant": "compliant", "violation": "violation", "suspect": "suspect", "not_evaluable": "not evaluable", "not_applicable": "not applicable",
                    "waived": "waived", "lead": "lead", "no_lead": "no lead"},
        "status": {"judged": "judged", "ledger_missing": "ledger missing", "column_missing": "column missing", "not_in_force": "not in force", "out_of_scope": "off", None: "no such policy"},
        "money": {"involved": "amount involved", "recover": "to recover", "short": "short"}, "row": "row {0}", "rows": "{0} rows", "yuan": "yuan",
        "more": "… {0} more; all of them with --format json", "unread": "findings whose amount cannot be read and is not in the sums: {0} -> {1}",
        "total": "in all (the money of a row counts once, so this is not the sum of the policies)", "same": "both versions find the same.", "unjudged": "not judged: ",
    },
}  # fmt: skip


def write_terminal(told: tuple[Impact, str], out: BinaryIO) -> None:
    """Write the comparison for people, in the language given with it."""
    impact, lang = told
    out.write("".join(f"{line.translate(NO_CONTROL)}\n" for line in _lines(impact, _WORDS[lang])).encode())


def _lines(impact: Impact, words: Mapping[str, Any]) -> Iterator[str]:
    for name, side in (("old", impact.old), ("new", impact.new)):
        yield words[name].format(f"{'、'.join(side.packs)}  {side.sha256[:12]}")
    for line in dict.fromkeys((*impact.old.unjudged, *impact.new.unjudged)):
        yield words["unjudged"] + line
    for effect in impact.effects:
        yield from _effect_lines(effect, words)
    if not impact.effects:
        yield words["same"]
        return
    yield ""
    yield f"{words['total']}  {words['counts'].format(**_counted(impact))}"
    sums = {name: (_total(impact.old, name), _total(impact.new, name)) for name in MONEY}
    yield from _money_lines(sums, words)


def _effect_lines(effect: Effect, words: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    kinds = {name: sum(change.kind == name for change in effect.changes) for name in (GAINED, LOST, CHANGED)}
    yield f"{effect.code} {effect.title}  {words['counts'].format(**kinds)}"
    before, after = effect.status
    if before != after:
        yield f"  {words['status'][before]} → {words['status'][after]}"
    for verdict, (old, new) in effect.rows.items():
        yield f"  {words['verdict'][verdict]}  {words['rows'].format(f'{old} → {new}')}"
    yield from _money_lines(effect.money, words)
    if any(effect.unread):
        yield f"  {words['unread'].format(*effect.unread)}"
    for change in effect.changes[:MOST_SHOWN]:
        yield _change_line(change, words)
    if len(effect.changes) > MOST_SHOWN:
        yield f"    {words['more'].format(len(effect.changes) - MOST_SHOWN)}"


def _money_lines(money: Mapping[str, tuple[Decimal, Decimal]], words: Mapping[str, Any]) -> Iterator[str]:
    for name, (old, new) in money.items():
        if old != new:
            yield f"  {words['money'][name]}  {old:,.2f} → {new:,.2f} {words['yuan']}（{new - old:+,.2f}）"


def _change_line(change: Change, words: Mapping[str, Any]) -> str:
    shown = change.shown
    path, sheet, row = shown.rows[0]
    place = f"{path}{f' [{sheet}]' if sheet else ''} {words['row'].format(row)}"
    states = " → ".join(dict.fromkeys(_state(one, words) for one in (change.old, change.new) if one))
    return f"  {_SIGNS[change.kind]} {states}  {place}  {shown.message}"


def _state(found: Found, words: Mapping[str, Any]) -> str:
    return f"{words['verdict'][found.verdict]}（{found.severity}）"


def _total(side: Side, name: str) -> Decimal:
    return Decimal(side.summary[_SUMS[name]])


def _counted(impact: Impact) -> dict[str, int]:
    counted = count_changes(impact.effects)
    return {name: counted[name] for name in (GAINED, LOST, CHANGED)}


def write_json(told: tuple[Impact, str], out: BinaryIO) -> None:
    """Write the comparison for programs; amounts are strings in yuan, of a pair the old one comes first."""
    impact, _ = told
    sums = {_SUMS[name]: [f"{_total(side, name):.2f}" for side in (impact.old, impact.new)] for name in MONEY}
    document = {
        "schema": SCHEMA,
        "tool_version": VERSION,
        "exit_code": impact.exit_code,
        "old": _side(impact.old),
        "new": _side(impact.new),
        "total": {**_counted(impact), **sums},
        "policies": [_effect(effect) for effect in impact.effects],
    }
    out.write(json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")


def _side(side: Side) -> dict[str, Any]:
    return {
        "packs": side.packs,
        "policies_sha256": side.sha256,
        "verdicts": side.summary["verdicts"],
        "not_judged": side.unjudged,
    }


def _effect(effect: Effect) -> dict[str, Any]:
    money = {_SUMS[name]: [f"{amount:.2f}" for amount in both] for name, both in effect.money.items()}
    changes = [
        {"change": change.kind, "unit": change.shown.unit, "old": _found(change.old), "new": _found(change.new)}
        for change in effect.changes
    ]
    return {
        "code": effect.code,
        "title": effect.title,
        "status": effect.status,
        "rows": effect.rows,
        **money,
        "amounts_unread": effect.unread,
        "changes": changes,
    }


def _found(found: Found | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "fingerprint": found.fingerprint,
        "verdict": found.verdict,
        "severity": found.severity,
        "message": found.message,
        "locations": [{"path": path, "sheet": sheet, "row": row} for path, sheet, row in found.rows],
        **{_SUMS[name]: None if (amount := getattr(found, name)) is None else f"{amount:.2f}" for name in MONEY},
    }
