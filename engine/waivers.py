"""Waive findings that somebody answers for: read waivers, apply them to the table of findings, say what became of each.

A waiver covers a violation or a suspect. What could not be judged cannot be waived into order. Policies are unknown here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import AfterValidator, Field

from declared import Declared, Key, Problem, Refused, check, read
from policies.model import Strict
from policies.values import Text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("留空了，请写明")
    return text


Said = Annotated[Text, AfterValidator(_said)]


class Waiver(Strict):
    """Waive one finding: `by` names who decided, `until` is the last day, `code` the policy that is meant."""

    fingerprint: Annotated[Text, Field(pattern=r"^[0-9a-f]{32}$")]
    reason: Said
    by: Said
    until: date
    code: Annotated[str, Field(pattern=r"^[A-Z][0-9]{2}$")] | None = None


class WaiverFile(Strict):
    """Hold the waivers of one file."""

    waivers: list[Waiver]


class Fate(NamedTuple):
    """Say what became of a waiver: applied, expired, unmatched, not_evaluable, other_policy, several or lead."""

    fingerprint: str
    status: str
    findings: int
    by: str
    until: str
    message: str


_SAID = {
    "zh": {
        "applied": "豁免 {0}（{1}）已适用，至 {2}",
        "expired": "豁免 {0}（{1}）已于 {2} 到期，不再适用；对应 {3} 条发现",
        "unmatched": "豁免 {0}（{1}，至 {2}）没有对应任何发现，请核对指纹或删除",
        "not_evaluable": "豁免 {0}（{1}，至 {2}）对应的行未能判断；未能判断的不能豁免，请补充数据",
        "lead": "豁免 {0}（{1}，至 {2}）对应的是线索；线索不作结论，无须豁免，请删除",
        "other_policy": "豁免 {0}（{1}，至 {2}）写的政策编号与发现不同，未适用",
        "several": "豁免 {0}（{1}，至 {2}）同时对应 {3} 条发现，均已豁免，请逐条核对",
        "unkeyed": "没有密钥，指纹里不含个人信息：同一单位同日同额的行可能互相混淆，豁免请逐条核对",
    },
    "en": {
        "applied": "waiver {0} ({1}) applies until {2}",
        "expired": "waiver {0} ({1}) expired on {2} and no longer applies; findings concerned: {3}",
        "unmatched": "waiver {0} ({1}, until {2}) matches no finding: check the fingerprint, or delete it",
        "not_evaluable": "waiver {0} ({1}, until {2}) matches a row that could not be judged, which cannot be waived: complete the data",
        "lead": "waiver {0} ({1}, until {2}) matches a lead, which concludes nothing and needs no waiver: delete it",
        "other_policy": "waiver {0} ({1}, until {2}) names another policy than the finding; not applied",
        "several": "waiver {0} ({1}, until {2}) matches {3} findings; all are waived, look at each",
        "unkeyed": "without a key fingerprints hold nothing personal: rows of one unit, day and amount may be confused; look at each waiver",
    },
}


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """Read a file of waivers.

    Raises:  Refused with every problem, a fingerprint that is waived twice among them.
    """
    try:
        declared = read(path)
    except OSError as error:
        what = f"豁免文件读不了（{error.strerror}）。请检查 --waivers 的路径。"
        raise Refused([Problem(str(path), 1, 1, what)]) from error
    waivers = check(WaiverFile, declared).waivers
    if problems := list(find_repeated(waivers, declared)):
        raise Refused(problems)
    return tuple(waivers)


def find_repeated(waivers: Sequence[Waiver], declared: Declared, known: Sequence[Waiver] = ()) -> Iterator[Problem]:
    """Place a problem at every waiver whose fingerprint was waived before, here or among the `known`."""
    seen = {waiver.fingerprint for waiver in known}
    for number, waiver in enumerate(waivers):
        if waiver.fingerprint in seen:
            key: Key = ("waivers", number, "fingerprint")
            yield declared.problem(key, f"waivers: 指纹 `{waiver.fingerprint}` 已有豁免。同一发现只保留一条。")
        seen.add(waiver.fingerprint)


def apply_waivers(con: DuckDBPyConnection, waivers: Sequence[Waiver], as_of: date, lang: str) -> list[Fate]:
    """Give the verdict `waived` to the violations and suspects that a waiver in force names; tell the fate of each waiver.

    Shapes:  `findings.waiver` holds the verdict that was waived, reason, by and until; nothing is left to recover.
    """
    if not waivers:
        return []
    con.execute("CREATE TEMP TABLE waivers (fingerprint VARCHAR, reason VARCHAR, decided_by VARCHAR, until DATE, code VARCHAR)")
    columns = zip(*((own.fingerprint, own.reason, own.by, own.until, own.code) for own in waivers), strict=True)
    con.execute(
        "INSERT INTO waivers SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)", [list(one) for one in columns]
    )
    matched = "w.fingerprint = f.fingerprint"
    meant = "coalesce(w.code = f.code, TRUE)"
    fates = con.execute(
        "SELECT fingerprint, CASE WHEN fingerprint IN (SELECT fingerprint FROM leads) THEN 'lead' WHEN found > 0 AND meant = 0 THEN 'other_policy' WHEN until < $day THEN 'expired'"
        " WHEN found = 0 THEN 'unmatched' WHEN judged = 0 THEN 'not_evaluable' WHEN judged > 1 THEN 'several' ELSE 'applied' END,"
        f" found, decided_by, until FROM (SELECT w.*, count(f.n) AS found, count_if({meant}) AS meant,"
        f" count_if({meant} AND f.verdict <> 'not_evaluable') AS judged"
        f" FROM waivers w LEFT JOIN findings f ON {matched} GROUP BY ALL) ORDER BY fingerprint",
        {"day": as_of},
    ).fetchall()
    con.execute(
        "UPDATE findings AS f SET waiver = {'verdict': f.verdict, 'reason': w.reason, 'by': w.decided_by, 'until': w.until},"
        f" verdict = 'waived', recover = 0, short = 0 FROM waivers w WHERE {matched} AND {meant} AND w.until >= $day"
        " AND f.verdict IN ('violation', 'suspect')",
        {"day": as_of},
    )
    words = _SAID[lang]
    return [
        Fate(own, status, found, by, until.isoformat(), words[status].format(own, by, until, found))
        for own, status, found, by, until in fates
    ]


def say_fates(fates: Sequence[Fate], *, keyed: bool, lang: str) -> list[str]:
    """List what a reader must know: waivers that do not apply plainly, and how sure fingerprints are without a key."""
    notes = [fate.message for fate in fates if fate.status != "applied"]
    used = any(fate.status in ("applied", "several") for fate in fates)
    return [*notes, _SAID[lang]["unkeyed"]] if used and not keyed else notes
