"""Give the words of the rules: what each is about, why, a fault and how to mend it. What finds a fault is unknown here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from declared import Declared, check, nearest, read
from policies.model import Strict, Words


class Explained(Strict):
    """Hold the words of one rule; `fault` and `mended` are keys of a policy, `beside` those of another one of the pack."""

    title: Words
    why: Words
    fault: str
    mended: str
    beside: str = ""


@cache
def explained() -> Mapping[str, Explained]:
    """Read the words of every rule, by code."""
    declared = read(Path(__file__).parent / "rules.yaml", "engine/lint/rules.yaml")
    return {code: check(Explained, Declared(declared.path, words, declared.places)) for code, words in declared.data.items()}


def explain(code: str) -> str:
    """Write the entry of one rule as it stands on the page.

    Raises:  KeyError with what to do if there is no such rule.
    """
    rules = explained()
    if code not in rules:
        raise KeyError(f"no rule `{code}`.{nearest(code, rules)} known: {', '.join(rules)}.")
    return entry(code, rules[code])


def entry(code: str, rule: Explained) -> str:
    """Write a rule in both languages, with an example."""
    parts = [
        f"## {code} {rule.title.zh} · {rule.title.en}",
        f"{rule.why.zh}",
        f"{rule.why.en}",
        f"有误 fault:\n\n```yaml\n{rule.fault.strip()}\n```",
        *([f"与另一条政策并存 beside another policy:\n\n```yaml\n{rule.beside.strip()}\n```"] if rule.beside else []),
        f"改正 mended:\n\n```yaml\n{rule.mended.strip()}\n```",
    ]
    return "\n\n".join(parts) + "\n"
