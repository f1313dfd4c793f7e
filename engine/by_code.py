"""Write one column of findings for several policies: once where it is the same for all, else chosen by the policy's code."""

from __future__ import annotations

from collections.abc import Mapping

from ledgers.bulk import text_literal


def by_code(column: str, written: Mapping[str, str]) -> str:
    """Choose among SQL texts, policy code -> text, by the code that stands in a column.

    >>> by_code("f.code", {"A01": "1", "A02": "1"}), by_code("code", {"A01": "1", "A02": "2"})
    ('1', "CASE WHEN code IN ('A01') THEN 1 WHEN code IN ('A02') THEN 2 END")
    """
    alike: dict[str, list[str]] = {}
    for code, text in written.items():
        alike.setdefault(text, []).append(text_literal(code))
    if len(alike) <= 1:
        return next(iter(alike), "NULL")
    branches = [f"WHEN {column} IN ({', '.join(codes)}) THEN {text}" for text, codes in alike.items()]
    return f"CASE {' '.join(branches)} END"
