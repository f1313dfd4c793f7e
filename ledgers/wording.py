"""List what the header of a column may be known as, whichever kind asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

from ledgers.fold import fold, fold_header
from ledgers.units import BARE_UNIT

# A group of this kind leaves the meaning of the columns below it as it is: 发放情况/金额 is the amount, 配偶/姓名 not the name.
_NEUTRAL = re.compile(
    "(?:困难|职工|基本|个人|人员|本人|受助|对象|会员|档案|劳模|发放|帮扶|慰问|救助|补助|送温暖|资金|款项|领款|领取|收款|银行|账户|实发"
    "|津贴|补贴|清退|退缴|退款|项目|实际|金|品|人|卡|及|和|与|金额|预算执行|本年度?|发生额|人民币)*(?:情况|信息|资料|明细|内容|栏)?"
    "|(?:20[0-9]{2})?年度?(?:情况)?"
)
_YEAR = re.compile("(?:(?:19|20)?[0-9]{2})?年(?:度)?")  # above 月 and 日, not above 预算数
_A_YEAR = re.compile("20[0-9]{2}年")
OF_ITS_YEAR = re.compile(
    "\\A(20[0-4][0-9])年度?(?=(?:预算|决算|执行|支出|实际支出)(?:数|金额)?\\Z)"
)  # 2024年预算数 is 预算数（2024年）
_LOOSE = re.compile("(?:情况|信息|明细|时间|日期|期)\\Z")  # 公示时间/开始 is 公示开始
_WAY_OF_WRITING = re.compile("(?:人民币)?[大小]写")
LONGEST = 60  # characters of a header


@lru_cache(maxsize=4096)
def forms_of(stack: tuple[str, ...]) -> tuple[str, ...]:
    """List what the header of a column may be known as to any kind; each is asked for by dozens of them."""
    return tuple(_spelt(stack)) if stack and len("/".join(stack)) <= LONGEST else ()


def _spelt(stack: Sequence[str]) -> Iterator[str]:
    text = "/".join(stack)
    yield fold_header(text)
    yield BARE_UNIT.sub("", fold_header(text))
    if OF_ITS_YEAR.match(fold_header(text)):
        yield OF_ITS_YEAR.sub("", fold_header(text))
    if len(stack) > 1:
        yield fold_header("".join(stack))
        if _YEAR.fullmatch(fold(stack[-2])):
            yield f"年/{fold_header(stack[-1])}"
        if all(_NEUTRAL.fullmatch(fold_header(group)) for group in stack[:-2]):
            yield fold_header(_LOOSE.sub("", fold_header(stack[-2])) + stack[-1])
        if all(_NEUTRAL.fullmatch(fold_header(group)) for group in stack[:-1]):
            yield fold_header(stack[-1])


@lru_cache(maxsize=1024)
def ways_of(stacks: tuple[tuple[str, ...], ...]) -> dict[int, tuple[str, str]]:
    """List the columns whose header says 大写 or 小写: its folded text, and what it says besides."""
    texts = {index: text for index, stack in enumerate(stacks) if _WAY_OF_WRITING.search(text := fold("".join(stack)))}
    return {index: (text, _WAY_OF_WRITING.sub("", fold_header("".join(stacks[index])))) for index, text in texts.items()}


@lru_cache(maxsize=1024)
def years_of(stacks: tuple[tuple[str, ...], ...]) -> frozenset[tuple[int, str]]:
    """List the columns below a group that names a year, each with the group: 2020年, 2021年上半年."""
    groups = ((index, fold_header(group)) for index, stack in enumerate(stacks) for group in stack[:-1])
    return frozenset((index, group) for index, group in groups if _A_YEAR.search(group))


@lru_cache(maxsize=1024)
def every_form(stacks: tuple[tuple[str, ...], ...]) -> frozenset[str]:
    """List what the headers of a block may be known as, column by column or beside 大写 and 小写."""
    return frozenset(chain(*map(forms_of, stacks), (unsaid for _, unsaid in ways_of(stacks).values())))
