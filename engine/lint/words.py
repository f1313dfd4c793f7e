"""Find what is the matter with the words of a finding: conclusions that a tool does not draw, and facts that it leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from declared import Key
from engine.lint.layer import Against, Found, behind, names_in
from engine.plan import PLACEHOLDER
from policies.load import Loaded
from policies.model import Policy

FORBIDDEN = ("套取", "冒领", "截留", "挪用", "违纪", "虚假", "弄虚作假", "追回", "违反")  # words that only a decision may use
_LIMIT = re.compile("应|限|不得|不超过|不少于|目标|标准|规定|允许|不一致|不符|相差|没有|晚|自定|超过|恰为")


def concluding_word(loaded: Loaded, against: Against) -> Found:
    """Find a word that draws a conclusion in any text that a report shows."""
    for key, text in _texts(loaded.policy):
        for word in FORBIDDEN:
            if word in text:
                yield key, f"{key[0]}: `{word}` is a conclusion that a tool does not draw. describe the fact instead."


def _texts(policy: Policy) -> Iterator[tuple[Key, str]]:
    yield ("title", "zh"), policy.title.zh
    yield ("message", "zh"), policy.message.zh
    yield ("remedy", "zh"), policy.remedy.zh
    for name, reading in policy.readings.items():
        yield ("readings", name, "zh"), reading.zh
    for name, assumption in policy.assume.items():
        yield ("assume", name, "zh"), assumption.zh


def silent_message(loaded: Loaded, against: Against) -> Found:
    """Find a message that does not show what was found, what it should be, or what to do; in either language."""
    policy = loaded.policy
    asked = {name for text in policy.questions for name in names_in(text)}
    limits = {name for name in asked if name.startswith(":")}
    judged = behind(policy, asked | names_in(policy.applies_when)) | {own for j in policy.joins.values() for own, _ in j.keys}
    said = {lang: set(PLACEHOLDER.findall(policy.message.in_(lang))) for lang in ("zh", "en")}
    for lang, shown in said.items():
        if not shown:
            yield ("message", lang), f"message.{lang}: names no value. show in braces what was judged."
        elif not behind(policy, shown) & judged:
            what = f"message.{lang}: shows nothing that the policy reads. show one of {', '.join(sorted(judged))}."
            yield ("message", lang), what
    if not (limits and behind(policy, said["zh"]) & limits) and not _LIMIT.search(policy.message.zh) and len(said["zh"]) < 2:
        yield ("message", "zh"), "message.zh: names no limit. say what it should be."
    if said["zh"] != said["en"]:
        odd = ", ".join(sorted(said["zh"] ^ said["en"]))
        yield ("message",), f"message: {odd} stands in one language only. show the same values in both."
    for lang in ("zh", "en"):
        if not policy.remedy.model_dump()[lang].strip():
            yield ("remedy", lang), f"remedy.{lang}: is empty. say what to do."
