"""Fold text for matching: full-width, white space, traditional characters. Evidence keeps what was written."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

_BLANK = re.compile(
    r"[\s\u3000\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]+"
)  # and what nobody sees
_BRACKETED = re.compile(r"[(\[【〔（][^)\]】〕）]*[)\]】〕）]")
_UNIT_AT_END = re.compile(r"/(?:人民币)?[十百千万亿]*元\Z")
_NUMBERED = re.compile("\\AQ?[0-9]{1,2}[、.](?=[\u3400-\u9fff])")  # 1、姓名, as forms to fill in number their questions
_NOTES = re.compile("[²³¹\u2070-\u2079\u2080-\u2089①-⑳⓪-⓿❶-➓]+")
_VARIANTS = str.maketrans({"帳": "账", "賬": "账", "帐": "账", "∶": ":"})
_KEPT = "龑"  # a name of its own beside 䶮, as which the table writes it
_FIXED_ALONE = frozenset("龑坏覆沈藉瞭俱彷么甦哩衹")  # words change them: 沈船 is 沉船
LONGEST_HEADER = 200  # characters
_MIDDLE_DOTS = str.maketrans(dict.fromkeys(".•・‧∙⋅", "·"))


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Fold a text for comparison: NFKC, no white space and no invisible marks, simplified characters, one form of 账.

    >>> fold("發放 金額") == fold("发放金额"), fold("５００")
    (True, '500')
    """
    if text.isascii():
        return "".join(text.split())
    folded = _BLANK.sub("", unicodedata.normalize("NFKC", text))
    if folded.isascii():
        return folded
    return _KEPT.join(str(_converter().convert(part)) for part in folded.split(_KEPT)).translate(_VARIANTS)


@cache
def fixed_characters() -> frozenset[str]:
    """List the common Chinese characters that folding leaves as they are, whatever stands beside them."""
    common = list(map(chr, range(0x4E00, 0x9FA6)))
    folded = str(_converter().convert("\n".join(common))).translate(_VARIANTS).split("\n")
    return frozenset(one for one, other in zip(common, folded, strict=True) if one == other) - _FIXED_ALONE


@lru_cache(maxsize=65536)
def fold_header(text: str) -> str:
    """Fold a header cell: as `fold`, without colons, its number in a form, marks of notes, what stands in brackets and a unit of money after a slash.

    >>> fold_header("金额（万元）："), fold_header("职工\\n姓名 "), fold_header("金额/万元"), fold_header("3、金额①")
    ('金额', '职工姓名', '金额', '金额')
    """
    folded = _UNIT_AT_END.sub("", re.sub("[:*]", "", _NUMBERED.sub("", fold(_NOTES.sub("", text) or text))))
    if len(folded) > LONGEST_HEADER:  # brackets are looked for in no time in short texts only
        return folded
    return _BRACKETED.sub("", folded) or folded


def one_dot(folded: str) -> str:
    """Write the middle dot of a folded name in one form.

    >>> one_dot("买买提.吐尔逊") == one_dot("买买提·吐尔逊")
    True
    """
    return folded.translate(_MIDDLE_DOTS)
