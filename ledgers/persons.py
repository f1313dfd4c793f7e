"""Read names of persons: spaces and middle dots in one form. Two names in one cell, or a name that is masked, are no name."""

from __future__ import annotations

import re
import unicodedata

from ledgers.fold import fold, one_dot
from ledgers.readings import Reading

# A single X stands for a character unless it belongs to a word in Latin letters: 张X, not Alex.
_MASKED = re.compile(r"[*×某○●□■_]|[Xx]{2,}|(?<![A-Za-z])[Xx](?![A-Za-z])")
_SEVERAL = re.compile(r"等[0-9一二三四五六七八九十百两几多]+[人名户]\Z")
UNITS = "公司|厂|工会|委员会|单位|车间|班组|学校|医院|社区"  # at the end of a name that is no person's
_UNIT = re.compile(rf"({UNITS})\Z")
_HAN = "[\u3400-\u9fff]"
_APART = re.compile(rf"({_HAN}{{2,}})\s+(?:{_HAN}{{2,}}|[男女代])")
_UNCOUNTED = re.compile(
    rf"等\Z|\A{_HAN}{{2,3}}[和与及]{_HAN}{{2,3}}\Z|{_HAN}[-—–]+{_HAN}|夫妇|夫妻|一家|全家|家属|遗属|全体|之[妻夫子女父母]|(?:职工|人员|代表|工人|困难户|志愿者|敬老院|养老院|福利院|若干|全员|各组)\)?\Z"
    r"|\A共?[一二三四五六七八九十百两几]+[人名户]\Z"
)
_INCOMPLETE = re.compile(rf"本人\Z|户主\Z|(?:已?作废|取消|已?退回|删除|示例|样例|[未不停]发)\Z|{_HAN}(?:先生|女士|小姐|师傅)\Z")
CHINESE = re.compile(f"{_HAN}+")
_REMAINS = re.compile("[À-ÖØ-öø-ÿ]{2}|锟斤拷|烫烫|屯屯")
DOUBLE_SURNAME = re.compile(
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|令狐|慕容|司徒|夏侯|端木|南宫|独孤|百里|长孙|宇文|呼延|轩辕|闻人|申屠|太史|赫连|澹台|公冶|宗政|濮阳"
)


def is_garbled(text: str) -> bool:
    """Say whether a name is UTF-8 that somebody read as GBK, such as 寮犱笁, or the reverse, such as ÕÅÈý, or what is left of one.

    >>> is_garbled("寮犱笁"), is_garbled("ÕÅÈý"), is_garbled("锟斤拷"), is_garbled("张三"), is_garbled("François")
    (True, True, True, False, False)
    """
    if text.isascii():
        return False
    if _REMAINS.search(text):
        return True
    try:
        return bool(CHINESE.fullmatch(text.strip().encode("gb18030").decode("utf-8")))
    except UnicodeError:
        return False


def has_two_names(text: str) -> bool:
    """Say whether white space may part two names: 张三 李四, but not 张 三 or 欧阳 娜娜; nor may a word stand behind one."""
    match = _APART.search(unicodedata.normalize("NFKC", text).strip())
    return match is not None and not DOUBLE_SURNAME.fullmatch(fold(match[1]))


def read_name(folded: str) -> Reading:
    """Read a name; what parts several names is written as 、, a proxy's mark stays: 张三(代) is not plainly 张三."""
    folded = folded.strip(".,;:·。、")
    if "?" in folded:
        return Reading(problem="Q13", what="有无法显示的字，姓名不完整")
    nobody = _SEVERAL.search(folded) or _UNIT.search(
        folded
    )  # no single person, whoever the first is and whatever the unit is called
    if _MASKED.search(folded) and not nobody:
        return Reading(problem="Q02", what="姓名被遮蔽")
    if re.search("[0-9]", folded) and not nobody:
        return Reading(problem="Q09", what="姓名中有数字，看不出是谁")
    if _INCOMPLETE.match(folded):
        return Reading(problem="Q02", what="没有写出姓名")
    if _UNCOUNTED.search(folded) and not nobody:
        return Reading(problem="Q09", what="可能是几个人的姓名")
    return Reading(re.sub(rf"(?<={_HAN})[/,;&+|](?={_HAN})", "、", one_dot(folded.removesuffix("(本人)"))))
