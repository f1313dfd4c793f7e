"""Compare two versions of a document's text: which quotes, parameters and new clauses want a look. Who judges by them is unknown here.

A quote is looked for as `policies/prove.py` does: white space ignored, characters as printed. Everything else is compared folded.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from declared import Problem, Refused, nearest
from engine.lint.clauses import NORM
from ledgers.amounts import read_amount
from ledgers.fold import fold
from ledgers.limits import Unreadable
from ledgers.separated import decode
from policies.load import Library, Loaded, squeezed
from policies.model import Citation, Dated, Document

KEPT, FORM, CHANGED, GONE, AMBIGUOUS, ABSENT = "kept", "form", "changed", "gone", "ambiguous", "absent"
LIKE = 0.5  # share of a sentence that must stand in another for it to be shown as what became of it

_SENTENCE = re.compile("[^。；;！!？?]+[。；;！!？?]*")
_NUMBERING = re.compile(
    r"\A(?:第[一二三四五六七八九十百零0-9]+[章节条款项]|[(（][一二三四五六七八九十0-9]+[)）]|[一二三四五六七八九十]+、|[0-9]+[.、)](?![0-9]))+"
)
_NO_WORD = re.compile(r"[\W_]+")
_HAN = "零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟"
_FIGURE = re.compile(rf"[0-9][0-9,]*(?:\.[0-9]+)?[百千万亿]*|[{_HAN}]{{2,}}|[{_HAN}](?=[元天日月年个人次户名倍套项岁周])")


class Text(NamedTuple):
    """Hold a text without white space, its sentences with their places in it, and what each is compared by."""

    squeezed: str
    sentences: tuple[tuple[int, str], ...]
    keys: tuple[str, ...]


class Figure(NamedTuple):
    """Say which figures around a quote are gone and which came, and the parameters that had one of them."""

    was: str
    now: str
    gone: tuple[str, ...]
    came: tuple[str, ...]
    parameters: tuple[str, ...]


class Quote(NamedTuple):
    """Say what became of one quote, and where; `near` is the passage that seems to have taken its place."""

    code: str
    place: str
    quote: str
    status: str
    near: str
    cited_by: tuple[str, ...]
    figure: Figure | None


class Clause(NamedTuple):
    """Hold a sentence that orders, forbids or limits and did not stand in the old text: what it seems to have been, and who quotes it."""

    text: str
    was: str
    codes: tuple[str, ...]


class Drift(NamedTuple):
    """Hold what is to be reviewed after a document changed; `unread` are policies that cite it in our words only."""

    document: str
    registered: bool
    quotes: tuple[Quote, ...]
    clauses: tuple[Clause, ...]
    unread: tuple[str, ...]

    @property
    def is_quiet(self) -> bool:
        """Say whether there is nothing to review."""
        return not self.clauses and not self.unread and all(one.status == KEPT and not one.figure for one in self.quotes)


def read_document(path: Path) -> str:
    """Read the text of a document: UTF-8, or else GB18030.

    Raises:  Refused if it is no text, or an empty one.
    """
    try:
        if path.suffix.lower() != ".txt":
            raise Unreadable("请先把文件另存为纯文本（.txt）。 / save it as plain text (.txt) first.")
        text = decode(path.read_bytes())[0].removeprefix("\ufeff")
        if not squeezed(text):
            raise Unreadable("文件中没有文字。请核对。 / there is no text in it.")
    except (Unreadable, OSError) as error:
        raise Refused([Problem(str(path), 1, 1, str(error))]) from error
    return text


def lay_out(text: str) -> Text:
    """Take a text apart into sentences."""
    plain = squeezed(text)
    sentences = tuple((match.start(), match[0]) for match in _SENTENCE.finditer(plain))
    return Text(plain, sentences, tuple(_key(sentence) for _, sentence in sentences))


def _key(sentence: str) -> str:
    """Give what a sentence is compared by: folded, without its number and without signs."""
    return _NO_WORD.sub("", _NUMBERING.sub("", fold(sentence)))


def name_document(text: str, said: str | None, documents: Mapping[str, Document], path: str) -> str:
    """Name the document that a text is: the one said, or else the one with its fingerprint.

    Raises:  Refused if there is none.
    """
    print_of = {document.sha256: document.id for document in documents.values() if document.sha256}
    if said is None and (found := print_of.get(_print(text))) is None:
        what = "与登记的任何文件都不一致，不知道是哪个文件。请用 --document 写明编号（policies/sources/ 下的文件名）。"
        raise Refused([Problem(path, 1, 1, f"{what} / no registered document has this text: name it with --document ID.")])
    name = said or found or ""
    if name not in documents:
        what = f"没有登记过文件 `{name}`。可用：{'、'.join(documents)}。{nearest(name, documents)}"
        raise Refused([Problem("--document", 1, 1, f"{what} / no document of this id is registered.")])
    return name


def _print(text: str) -> str:
    return hashlib.sha256(squeezed(text).encode()).hexdigest()


def compare(library: Library, document: str, old_text: str, new_text: str) -> Drift:
    """Compare two versions of a document: every quote of it, the figures around each, the clauses that are new."""
    old, new = lay_out(old_text), lay_out(new_text)
    fresh = {key: sentence for key, (_, sentence) in zip(new.keys, new.sentences, strict=True) if key not in set(old.keys)}
    lost = {key: sentence for key, (_, sentence) in zip(old.keys, old.sentences, strict=True) if key not in set(new.keys)}
    quotes, accounted, unread = [], set[str](), dict[str, None]()
    standing: list[tuple[str, str]] = []
    for loaded, number, citation, citing in _citations(library, document):
        if not citation.quote:
            unread |= {loaded.policy.code: None} if old.squeezed != new.squeezed else {}
            continue
        found, passage = _follow(loaded, number, citation.quote, citing, old, new, fresh)
        quotes.append(found)
        if found.status == KEPT:
            standing.append((loaded.policy.code, squeezed(citation.quote)))
        if found.status != KEPT or found.figure:
            accounted |= set(passage)
    clauses = tuple(
        Clause(sentence, _counterpart(key, lost), tuple(dict.fromkeys(code for code, quote in standing if quote in sentence)))
        for key, sentence in fresh.items()
        if key not in accounted and NORM.search(fold(sentence))
    )
    registered = library.documents[document].sha256 == _print(old_text)
    return Drift(document, registered, tuple(quotes), clauses, tuple(unread))


def _citations(library: Library, document: str) -> Iterator[tuple[Loaded, int, Citation, list[tuple[str, Dated]]]]:
    """Yield each clause of a document once for each policy that cites it, with the parameter values that rest on it."""
    seen: dict[tuple[str, str], tuple[Loaded, int, Citation, dict[str, Dated]]] = {}
    for loaded in library.layers:
        for number, citation in enumerate(loaded.policy.citations):
            if (citation.recited_in or citation.source) != document:
                continue
            own = (loaded.policy.code, squeezed(citation.quote) if citation.quote else f"{number}")
            citing = seen.setdefault(own, (loaded, number, citation, {}))[3]
            for name, parameter in loaded.policy.parameters.items():
                resting = (value for value in parameter.values if value.clause == number)
                citing |= {_named(loaded.policy.code, name, value): value for value in resting}
    for loaded, number, citation, resting_on in seen.values():
        yield loaded, number, citation, list(resting_on.items())


def _named(code: str, name: str, value: Dated) -> str:
    of = [*(value.model_extra or {}).values(), *filter(None, (value.region, str(value.start) if value.start else None))]
    of_what = f"（{'、'.join(map(str, of))}）" if of else ""
    return f"{code}.{name}={value.value}{of_what}"


def _follow(
    loaded: Loaded, number: int, quote: str, citing: list[tuple[str, Dated]], old: Text, new: Text, fresh: Mapping[str, str]
) -> tuple[Quote, list[str]]:
    """Say what became of a quote, and give the keys of the sentences that took the place of its own."""
    wanted = squeezed(quote)
    before, after = _places(wanted, old.squeezed), _places(wanted, new.squeezed)
    was = _around(old, before[0], len(wanted)) if before else []
    if len(after) == 1:
        now = _around(new, after[0], len(wanted))
    else:
        known = dict(zip(new.keys, (sentence for _, sentence in new.sentences), strict=True))
        now = [(key, known[key]) for own, _ in was or [(_key(quote), "")] if (key := _now(own, known, fresh))]
    status = _status(wanted, before, after, bool(now), new)
    passage = "".join(sentence for _, sentence in now)
    figure = _figure("".join(sentence for _, sentence in was), passage, citing) if was and now else None
    problem = loaded.problem(("citations", number - loaded.inherited, "quote"), "")
    place, names = f"{problem.path}:{problem.line}", tuple(name for name, _ in citing)
    near = "" if status == KEPT else passage
    return Quote(loaded.policy.code, place, quote, status, near, names, figure), [key for key, _ in now]


def _places(wanted: str, text: str) -> list[int]:
    return [match.start() for match in re.finditer(f"(?={re.escape(wanted)})", text)]


def _status(wanted: str, before: Sequence[int], after: Sequence[int], is_near: bool, new: Text) -> str:
    if len(before) != 1:
        return ABSENT
    if len(after) == 1:
        return KEPT
    if after:
        return AMBIGUOUS
    if fold(new.squeezed).count(fold(wanted)) == 1:
        return FORM
    return CHANGED if is_near else GONE


def _around(text: Text, start: int, length: int) -> list[tuple[str, str]]:
    """Give the sentences that a passage touches, each with its key."""
    return [
        (key, sentence)
        for key, (place, sentence) in zip(text.keys, text.sentences, strict=True)
        if place < start + length and start < place + len(sentence)
    ]


def _now(key: str, known: Mapping[str, str], fresh: Mapping[str, str]) -> str | None:
    """Give the key of the sentence that a sentence became: itself, or the most like of those that are new."""
    return key if key in known else _most_like(key, fresh)


def _counterpart(key: str, lost: Mapping[str, str]) -> str:
    like = _most_like(key, lost)
    return "" if like is None else lost[like]


def _most_like(key: str, others: Iterable[str]) -> str | None:
    return next(iter(difflib.get_close_matches(key, list(others), n=1, cutoff=LIKE)), None)


def read_figures(text: str) -> list[str]:
    """Read the figures of a text in plain digits, in their order.

    >>> read_figures("每户五百元，最高0.2万元，统一按一般程序，共３天")
    ['500', '2000', '3']
    """
    found = []
    for match in _FIGURE.finditer(fold(_NUMBERING.sub("", fold(text)))):
        read = read_amount(match[0] + "元").value
        found.append(match[0] if read is None else f"{Decimal(read).normalize():f}")
    return found


def _figure(was: str, now: str, citing: list[tuple[str, Dated]]) -> Figure | None:
    before, after = Counter(read_figures(was)), Counter(read_figures(now))
    gone, came = tuple((before - after).elements()), tuple((after - before).elements())
    if not gone and not came:
        return None
    return Figure(was, now, gone, came, tuple(name for name, value in citing if _figures_of(value) & set(gone)))


def _figures_of(value: Dated) -> set[str]:
    if isinstance(value.value, date):
        return {str(value.value.year), str(value.value.month), str(value.value.day)}
    if isinstance(value.value, str):
        return set(read_figures(value.value))
    return {f"{Decimal(value.value).normalize():f}"}


_WORDS = {
    "zh": {
        "of": "文件 {0}（{1}）：核对了 {2} 处引文。", "strange": "旧文本与登记的指纹不同，按所说的文件核对。",
        FORM: "只有写法不同（全角、半角，繁体、简体）", CHANGED: "已改动", GONE: "已删去", AMBIGUOUS: "出现不止一次", ABSENT: "旧文本中没有正好一处",
        "near": "最相近的是：", "cited": "引用它的参数：", "was": "原为：", "now": "现为：", "figures": "数字有变化", "gone": "没有了：", "came": "新出现：",
        "parameters": "请复核参数：", "no_parameter": "没有参数正好是这个数，请复核条件和文字。", "new": "新条款，还没有规则", "quoted": "句中有这些规则的引文：",
        "unread": "下列规则用自己的话转述本文件，无法逐字核对，请对照新文本：", "quiet": "没有需要复核的。", "and": "、",
    },
    "en": {
        "of": "document {0} ({1}): {2} quotes compared.", "strange": "the old text has another fingerprint than the register; compared as the document that was said.",
        FORM: "written in another form only (width, traditional)", CHANGED: "changed", GONE: "gone", AMBIGUOUS: "stands more than once", ABSENT: "does not stand exactly once in the old text",
        "near": "nearest: ", "cited": "parameters that cite it: ", "was": "was: ", "now": "now: ", "figures": "figures changed", "gone": "gone: ", "came": "came: ",
        "parameters": "review these parameters: ", "no_parameter": "no parameter is this figure; review condition and words.", "new": "new clause without a policy", "quoted": "it holds quotes of: ",
        "unread": "these policies put the document into our own words, which cannot be compared; read them against the new text: ", "quiet": "nothing to review.", "and": ", ",
    },
}  # fmt: skip


def describe_drift(drift: Drift, documents: Mapping[str, Document], lang: str) -> Iterator[str]:
    """Put into lines what is to be reviewed."""
    words = _WORDS[lang]
    yield words["of"].format(drift.document, documents[drift.document].title, len(drift.quotes))
    if not drift.registered:
        yield words["strange"]
    for quote in drift.quotes:
        if quote.status != KEPT:
            yield f"{quote.place}: {quote.code} {words[quote.status]}  “{quote.quote}”"
            yield from _parts(words, near=quote.near, cited=words["and"].join(quote.cited_by))
        if quote.figure:
            figure = quote.figure
            yield f"{quote.place}: {quote.code} {words['figures']}"
            gone, came, touched = (words["and"].join(part) for part in (figure.gone, figure.came, figure.parameters))
            yield from _parts(words, was=figure.was, now=figure.now, gone=gone, came=came, parameters=touched)
            if not figure.parameters:
                yield f"    {words['no_parameter']}"
    for clause in drift.clauses:
        yield f"{words['new']}  “{clause.text}”"
        yield from _parts(words, was=clause.was, quoted=words["and"].join(clause.codes))
    if drift.unread:
        yield words["unread"] + words["and"].join(drift.unread)
    if drift.is_quiet:
        yield words["quiet"]


def _parts(words: Mapping[str, str], **parts: str) -> Iterator[str]:
    yield from (f"    {words[name]}{part}" for name, part in parts.items() if part)
