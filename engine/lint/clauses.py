"""Find what is the matter with citations: what they order, where they begin and end, when they hold, whether they are proved."""

from __future__ import annotations

import re

from engine.lint.layer import Against, Found
from policies.load import Loaded, squeezed
from policies.model import Window
from policies.parameters import covers
from policies.prove import look

# Words that order, forbid or limit, and what else sets a fixed standard: an amount each, a number of days, a time, a closed list.
NORM = re.compile(
    "须|应|必须|不得|不准|严禁|只能|不属于|每户|每人|为[0-9]+天|前进行|后报送|包括[一二三四五六七八九]类|由.+(负责提供|自行筹备)|经审核|按标准对"
)
_PAIRS = {"“": "”", "‘": "’", "《": "》", "（": "）", "(": ")", "〔": "〕", "【": "】", "「": "」"}
_STOPS = "，。；：！？、,;:!?"
_ENDS = re.compile("[，、：,:]$|(?:以及|或者|并且|而且|但是|因为|由于|如果|和|与|及|或|并|且|但|的|为|将|对|把|被)$")
_BEGINS = re.compile(f"^(?:[{_STOPS}]|[的了着之吗呢吧者户]|以及|或者|和|与|及|或)")


def orders_nothing(loaded: Loaded, against: Against) -> Found:
    """Find a norm whose quoted words neither order, forbid nor limit."""
    for number, citation in loaded.own_citations:
        if (citation.basis or loaded.policy.basis) == "norm" and citation.quote and not NORM.search(citation.quote):
            what = "quote: a norm needs words that order, forbid or limit. quote them, or lower the basis."
            yield ("citations", number, "quote"), what


def cut_short(loaded: Loaded, against: Against) -> Found:
    """Find a quote that begins or ends in the middle of a clause: by its own shape, and by its neighbours where the text is at hand."""
    for number, citation in loaded.own_citations:
        if not citation.quote:
            continue
        why = _misshapen(citation.quote.strip()) or _torn(
            citation.quote, against.texts.get(citation.recited_in or citation.source)
        )
        if why:
            yield ("citations", number, "quote"), f"quote: {why} quote the whole clause."


def _misshapen(quote: str) -> str:
    open_: list[str] = []
    for sign in quote:
        if sign in _PAIRS:
            open_.append(_PAIRS[sign])
        elif sign in _PAIRS.values() and (not open_ or open_.pop() != sign):
            return f"`{sign}` closes what the quote does not open."
    if open_:
        return f"`{open_[-1]}` is missing."
    if found := _BEGINS.search(quote):
        return f"it begins with `{found[0]}`, in the middle of a clause."
    if found := _ENDS.search(quote):
        return f"it ends with `{found[0]}`, in the middle of a clause."
    return ""


def _torn(quote: str, text: str | None) -> str:
    """Say of a quote that stands in a text whether a word or a number goes on beyond it."""
    wanted = squeezed(quote)
    start = text.find(wanted) if text is not None else -1
    if text is None or start < 0:
        return ""
    before, after = text[max(0, start - 1) : start], text[start + len(wanted) : start + len(wanted) + 1]
    if before.isdigit():
        return f"in the document `{before}` stands right before it."
    if wanted[-1].isdigit() and (after.isdigit() or after in ("%", ".", "万", "亿", "元")):
        return f"in the document `{after}` follows right after it."
    return ""


def out_of_force(loaded: Loaded, against: Against) -> Found:
    """Find a citation, or a value, that judges days on which its document or its clause is not in force."""
    for number, citation in loaded.own_citations:
        held, key = against.library.documents.get(citation.source), ("citations", number, "in_force")
        first, last = citation.in_force.bounds
        if first > last:
            yield key, f"in_force: {_said(citation.in_force)} holds no day. put the first day before the last."
        elif held is not None and not covers(held.in_force, citation.in_force):
            what = f"in_force: judges {_said(citation.in_force)}, but `{held.id}` is in force {_said(held.in_force)}."
            yield key, f"{what} keep within it, and cite the version that is in force on the other days."


def _said(window: Window) -> str:
    return f"{window.start or '…'} to {window.end or '…'}" if window.start or window.end else "every day"


def unproved(loaded: Loaded, against: Against) -> Found:
    """Find a quote that is orphaned or ambiguous in its document, or whose proof is not recorded."""
    for number, citation in loaded.own_citations:
        holder = citation.recited_in or citation.source
        if not citation.quote or holder not in against.library.documents:
            continue
        text = against.texts.get(holder)
        if text is not None:
            status, _, said = look(citation.quote, against.library.documents[holder], text)
            if status != "found":
                yield ("citations", number, "quote"), f"quote: {status} in `{holder}`. {said}"
        elif not against.library.is_proved(citation):
            what = "quote: not proved yet. run `fundcheck policies verify --sources DIR --record`."
            yield ("citations", number, "quote"), what
