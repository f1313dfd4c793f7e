"""Read numbers of papers and accounts. What is masked, shortened or stored as a number is a problem, never a key that two persons share."""

from __future__ import annotations

import re

from ledgers.readings import Reading

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LENGTHENED = "lengthened"  # of a number of 15 digits: its check digit is ours and says nothing


def check_digit(body: str) -> str:
    """Compute the check digit of a 17-digit body (GB 11643-1999).

    >>> check_digit("99000019800101001")
    '2'
    """
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


# Of a passport or another paper: what has fewer digits is a word, what has more a resident's number mistyped.
FEWEST_DIGITS, MOST_DIGITS = 5, 12
SHORTEST_ACCOUNT = 4  # digits
_AROUND_NUMBER = re.compile(
    r"\A(?:居民)?(?:ID|NO|身份证(?:号码?)?|公民身份号码|证件号码?)[:.]?|\A(?:护照|(?:港澳|台湾)\w{0,6}通行证|回乡证|台胞证)(?:号码?)?:?(?=[A-Z])"
    r"|\([^()*×]*\)\Z|\.0+\Z|[.,;。、]\Z"
)  # before or behind a number, and no part of it
_IN_BRACKETS = re.compile(r"(?<=[A-Z][0-9]{6})\(([0-9A])\)\Z")  # H123456(7) of Hong Kong
_OF_ANOTHER = re.compile(r"\([^()]*(?:[夫妻父母子女儿代旧原错误废疑]|配偶|待核|不符|[0-9]{5})[^()]*\)\Z")
PLACEHOLDERS = frozenset((*(digit * 18 for digit in "123456789"), "123456789012345678"))
_MASKED = re.compile(r"[*×●○•·∙⋅・□■◆◇_…?某\ufffd]|X{2,}|\.{2,}|尾号|后四位")
_AS_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?E\+?[0-9]+\Z")
_LETTERS = re.compile("(?=.*[OIL])(?:[0-9OIL]{15}|[0-9OIL]{17}[0-9XOIL])")
_OTHER_PAPER = re.compile(r"[\u4e00-\u9fff]{0,8}[A-Z0-9()]+号?\Z")
_ACCOUNT = re.compile(r"[0-9A-Za-z@._]+\Z")


def read_identity(folded: str) -> Reading:
    """Read the number of a person's paper; one of 15 digits is given its century and marked as LENGTHENED."""
    written = _IN_BRACKETS.sub(r"\1", folded.lstrip("'`").upper())
    if _OF_ANOTHER.search(written):
        return Reading(problem="Q07", what="括号中的文字说明号码可能属于他人或已不用")
    number = re.sub("[-–—]", "", _AROUND_NUMBER.sub("", written))
    if _LETTERS.fullmatch(number):
        return Reading(problem="Q07", what="证件号码中有字母 O、I 或 L，应为数字 0 或 1")
    if number in PLACEHOLDERS:
        return Reading(problem="Q02", what="用来占位的号码")
    if _MASKED.search(number):
        return Reading(problem="Q02", what="证件号码被遮蔽")
    if _AS_NUMBER.match(number):
        return Reading(problem="Q07", what="证件号码被存为数值，末位已丢失")
    if re.match(r"[0-9]{17}[0-9X]\Z", number):
        if number.endswith("000") and check_digit(number[:17]) != number[17]:
            return Reading(problem="Q07", what="证件号码末三位为 000，疑似以数值保存而丢失")
        return Reading(number)
    if re.match(r"[0-9]{15}\Z", number):
        body = f"{number[:6]}19{number[6:]}"
        return Reading(
            body + check_digit(body), LENGTHENED, remark="有 15 位身份证号码，按 19×× 年补足为 18 位后比对，未核校验码"
        )
    if number.isdigit() or re.match(r"[0-9]+X\Z", number):
        return Reading(problem="Q07", what=f"证件号码为 {len(number)} 位，应为 15 或 18 位")
    digits = len(re.findall("[0-9]", number))
    if digits < FEWEST_DIGITS:
        return Reading(problem="Q07", what="不是证件号码")
    if digits > MOST_DIGITS or not _OTHER_PAPER.match(number):
        return Reading(problem="Q07", what="证件号码中夹有其他字符，疑为录入错误")
    return Reading(number)


def read_account(folded: str) -> Reading:
    """Read the number of an account; a word such as 现金 is none that persons could share."""
    number = re.sub("[-–—'`]", "", re.sub(r"\A(?:账号|卡号)[:.]?|\.0*\Z|。\Z", "", folded))
    if _MASKED.search(number.upper()):
        return Reading(problem="Q02", what="账号被遮蔽")
    if _AS_NUMBER.match(number.upper()) or re.match(r"[0-9]{15}(?:000|[0-9]*0000)\Z", number):
        return Reading(problem="Q07", what="账号被存为数值，末位已丢失")
    if len(re.findall("[0-9]", number)) < SHORTEST_ACCOUNT or not _ACCOUNT.match(number):
        return Reading(problem="Q07", what="不是账号，或一格中有几个账号")
    return Reading(number)
