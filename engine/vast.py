"""Bound the text of a condition: what no person wrote would end the parser, or an engine, instead of being judged."""

from __future__ import annotations

import sqlglot
from sqlglot import TokenType

MOST_WORDS = 400  # names, numbers, signs, brackets
MOST_NESTED = 16  # brackets and CASEs within each other, signs and NOTs in a row
_OPENS, _CLOSES = (TokenType.L_PAREN, TokenType.CASE), (TokenType.R_PAREN, TokenType.END)
_BEFORE = (TokenType.NOT, TokenType.DASH)


def find_vast(text: str) -> tuple[int, str] | None:
    """Find where a condition oversteps a limit: the place in its text, and what to do.

    >>> find_vast("(" * 17 + "TRUE" + ")" * 17)
    (16, 'brackets, CASE and NOT stand 16 deep at most. part it with `shows`.')
    """
    words = sqlglot.tokenize(text, read="duckdb")
    if len(words) > MOST_WORDS:
        what = f"a condition has {MOST_WORDS} names, numbers and signs at most; this has {len(words)}. part it with `shows`."
        return words[MOST_WORDS].start, what
    nested = in_a_row = 0
    for word in words:
        nested += (word.token_type in _OPENS) - (word.token_type in _CLOSES)
        in_a_row = in_a_row + 1 if word.token_type in _BEFORE else 0
        if nested > MOST_NESTED or in_a_row > MOST_NESTED:
            return word.start, f"brackets, CASE and NOT stand {MOST_NESTED} deep at most. part it with `shows`."
    return None
