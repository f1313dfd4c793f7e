"""Say in English what intake and plan say in Chinese. Who says it is unknown here: `english.yaml` knows each sentence.

A sentence that has no English yet is given as it is, with a word about that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from declared import read
from ledgers.kinds import load_kinds

BOOK = Path(__file__).with_suffix(".yaml")
CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
PLACE = re.compile(r"\{([0-9])(?::(en|quoted|each))?\}")
_OF_A_CELL = re.compile("(“.*”)([^”]*)", re.DOTALL)


class _Book(NamedTuple):
    """Hold what has an English: whole texts, sentences with values (the longest first), marks between parts, words for no value.

    Each sentence stands twice: a value ends at the first word of the sentence that follows it, or else at the last, for a value
    may hold the same brackets as the sentence.
    """

    texts: Mapping[str, str]
    sentences: tuple[tuple[re.Pattern[str], str], ...]
    joined: Mapping[str, str]
    instead: Mapping[str, str]


@cache
def _book() -> _Book:
    book = read(BOOK, BOOK.name).data
    texts: dict[str, str] = {}
    for kind in load_kinds().values():
        for zh, en in [(kind.title.zh, kind.title.en), *((column.zh, column.en) for column in kind.columns.values())]:
            texts.setdefault(zh, en)
    texts |= book["sentences"]
    with_values = sorted((text for text in book["sentences"] if "{}" in text), key=lambda text: len(text.replace("{}", "")))
    patterns = [
        (re.compile(value.join(map(re.escape, text.split("{}"))), re.DOTALL), texts[text])
        for text in with_values
        for value in ("(.*)", "(.*?)")
    ]
    return _Book(texts, tuple(reversed(patterns)), book["joined"], book["instead"])


@lru_cache(maxsize=65536)
def in_english(sentence: str) -> str:
    """Say a sentence of the intake or the plan in English, with its values in place.

    >>> in_english("“金额”无法识别的金额"), in_english("缺少台账：困难职工档案（hardship_archive）")
    ('“金额”: not a readable amount', 'ledgers are missing: Files of needy workers (hardship_archive)')
    """
    if match := _OF_A_CELL.fullmatch(sentence):
        return f"{match[1]}: {in_english(match[2])}"
    return _say(sentence) or f"{sentence} (no English for this yet)"


def _say(text: str) -> str | None:
    """Say a text in English; None where a part of it has none."""
    book = _book()
    if text in book.texts or not CHINESE.search(text):
        return book.texts.get(text, text)
    for mark, english in book.joined.items():
        if mark in text and (whole := _say_each(text.split(mark), english)):
            return whole
    for pattern, english in book.sentences:
        if (match := pattern.fullmatch(text)) and (filled := _fill(english, match.groups())):
            return filled
    return None


def _say_each(parts: list[str], between: str) -> str | None:
    said = []
    for part in parts:
        if (one := _say(part)) is None:
            return None
        said.append(one)
    return between.join(said)


def _fill(english: str, values: tuple[str, ...]) -> str | None:
    """Put values in their places; None where one has no English and needs it."""
    said = [_value(values[int(number)], form) for number, form in PLACE.findall(english)]
    pieces = iter(said)
    return None if None in said else PLACE.sub(lambda place: str(next(pieces)), english)


def _value(value: str, form: str) -> str | None:
    if form == "en":
        return _say(value)
    if not form:
        return value
    parts = value.split("、") if form == "each" else [value]
    return ", ".join(_book().instead.get(part, f"“{part}”") for part in parts)
