"""Hold the titles of a list against its kind: they may call it another one, or say that what it lists has not happened."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ledgers.fold import fold
from ledgers.kinds import Kind

BESIDE = 2  # texts in the row of a title
LONGEST = 40  # characters; what is longer explains something
_LABELLED = re.compile("[^:]{1,8}:")
_DONE = "发放|支付|拨付|下拨|完成|执行|落实|签收|签领"  # what was planned or asked for was done
_NOT_HAPPENED = re.compile(
    "未(?:通过|领取?|发放?|拨付?|支付|获批|缴|交)|不予|退回|停发|扣款|扣发|拟(?:发|慰|救|帮|补|资|奖|推|退)|报销|上解|询价|比价|参保"
    "|(?:公示|计划|(?<!执行)预算(?!执行|内|外)|测算|意向|推荐|候选|备选|自费|申请)"
    f"(?!.*(?:{_DONE}))|捐[款赠](?!.*(?:发放|慰问|资助|救助))|工资(?![金助格料产源]|性|.*(?:拖欠|救助))"
)

_PAID = re.compile("发放|代发|支付|[给赔]付|理赔|领取|签[领收]|[下划回返]拨|拨[付款]")


def titles_of(rows: Iterable[Sequence[str]]) -> list[str]:
    """Give the folded texts above a header that may be titles: one or two in their row, short, not labelled as 填报单位：甲厂 is."""
    above = ([cell for cell in row if cell.strip()] for row in rows)
    texts = (fold(cell) for cells in above if len(cells) <= BESIDE for cell in cells)
    return [text for text in texts if len(text) <= LONGEST and not _LABELLED.match(text)]


def called(titles: Iterable[str], kinds: Mapping[str, Kind]) -> dict[str, str]:
    """Map each kind that a folded title calls its list by to the words that do."""
    named = ((name, re.search(kind.called, title)) for title in titles for name, kind in kinds.items() if kind.called)
    return {name: match[0] for name, match in named if match}


def prefer(fitting: Iterable[str], titles: Sequence[str], names: Sequence[str], kinds: Mapping[str, Kind]) -> str | None:
    """Choose of the kinds that fit the headers the one that the titles name; where they name none or several, the names of file and sheet."""
    for texts in (titles, names):
        if chosen := called(texts, kinds).keys() & {*fitting}:
            return chosen.pop() if len(chosen) == 1 else None
    return None


def told(titles: Sequence[str], names: Sequence[str], kinds: Mapping[str, Kind]) -> str:
    """Name the only kind that titles call a list by, or names where titles call it by none; one of payments only where they say that it was paid."""
    own = called(titles, kinds) or called(names, kinds)
    kind, texts = kinds[next(iter(own))] if len(own) == 1 else None, [*titles, *names]
    if kind is None or not_happened(texts, kind) or (kind.nets and not any(map(_PAID.search, texts))):
        return ""
    return kind.kind


def called_otherwise(titles: Iterable[str], names: Iterable[str], kind: Kind, kinds: Mapping[str, Kind]) -> tuple[str, str]:
    """Give the first of other kinds that titles call a list by, with the words that do; nothing where they, or names, call it by its own.

    A list without persons is none of persons: a title such as 2021年送温暖 says then what its money is for.
    """
    others = called(titles, kinds)
    own = kind.kind in others or any(re.search(kind.called, name) for name in names)
    likely = {name: words for name, words in others.items() if kind.person or not kinds[name].person}
    return min(likely.items(), default=("", "")) if kind.called and not own else ("", "")


def not_happened(texts: Iterable[str], kind: Kind) -> str:
    """Give the words of titles and names that say that what is listed has not happened, or is something else than payments or files."""
    if not (kind.nets or kind.unpaid or kind.person):
        return ""
    said = (
        _NOT_HAPPENED.search(re.sub(kind.called, "", text) if kind.called else text) for text in texts if len(text) <= LONGEST
    )
    return next((match[0] for match in said if match), "")
