"""Tell of which rows an amount is not what its column says, in SQL that every engine runs: those that call themselves void, not paid, returned or
an example, income among spending, and labels that name a unit of money of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from ledgers.kinds import Kind
from ledgers.units import FACTORS

_NO_WORD = "[^0-9A-Za-z一-鿿]"
_VOID = (  # as it is written, simplified or not
    f"([已全暂暫尚]|[此本该該]?[笔筆行条條单單]|款|本人|[审審]核|重复{_NO_WORD}?)*(作[废廢]|取消|撤[销銷]|注[销銷]|不[发發]|未[发發]放?|未到[账帐賬]|未[拨撥]付?|待[拨撥]付?|未[缴繳]|欠[缴繳]|未[领領]取?|未支付|停[发發]|[缓緩][发發]放?|[待拟擬][发發]放?|(?:本人|自愿|主动)*放[弃棄]|拒[领領]|不予|[暂暫][缓緩]|[删刪]除|剔除|重[复複]|[无無]效"
    "|(?:审核)?[未不]通过|取消资格|(?:已)?扣回|退[单單]|[误誤][录錄]|(?:打款|转账|付款|发放|支付|代发|交易)失败|退[汇匯票]|(?:示|[样樣])?例)"
    "([发發]放|[领領]取|支付|申[报報]|[录錄]入)?"
)
# Where no negative amount takes anything back, a positive one that is called so may not have been paid either.
_TAKEN_BACK = (
    "(银行|[已全])*(退回|退款|收回|追回|[红紅][冲沖])(工会|财政|单位|本级)?|([红紅]字)?[冲沖][销銷正减減回](第?[0-9]+号?)?"
)

_UNPAID = "否|失败|[未不没](?:成功|到[账帐]|打款|转[账出]|拨付?|支付|签[领收]?)|.{0,2}处理中"  # in a column that says whether a payment was made

VOIDED = "所在行写明作废、取消、退回、未发或示例，是否支付不明"
NOT_SPENT = "所在行写的是收入或结余，不是支出，未按支出核对"
IN_ANOTHER_UNIT = "所在行的名称另写了金额单位，与本列的单位不同，金额不明"
_CALLED_VOID = f"(^|{_NO_WORD})(作[废廢]|取消){_NO_WORD}*$|^{_NO_WORD}*作[废廢]{_NO_WORD}"
# 送温暖（万元）, 送温暖/万元, 培训（单位：万元/年）; without a mark only units that are no part of a word or a number: 购书万元, but not 每人一万元.
_UNIT_NAMED = (
    "([(（【\\[]((金[额額])?[单單]位[:：]?)?(人民币)?|/|[单單]位[:：])({0})(/[人户次月年])?([)）】\\]]|\\s*$)"
    "|[^0-9〇零一二三四五六七八九十百千万亿两几数多半余近约]({1})\\s*$"
)
_NUMBERED = "^([^A-Za-z一-鿿]|[一二三四五六七八九十])*"  # as 1. or （二）
_INCOME = (
    f"收入(数|數|[总總][计計额額数數]|[合小][计計])?({_NO_WORD}.*)?$"
    f"|{_NUMBERED}([会會][费費]|(工会|工會)?[拨撥][缴繳](工会|工會)?[经經]?[费費]|(上[级級]|行政|政府|[财財]政)[补補]助|投[资資]收益"
    f"|(上年|年初|期初|年末|期末|本年|本期|累[计計]|收支|[净淨])*([结結][余餘转轉存]|差[额額]|相抵)(数|數|[金资資][额額金])?|余[额額]|餘額|[结結][转轉]下年){_NO_WORD}*$"
)


def doubts_of(
    kind: Kind, name: str, texts: Mapping[str, str], factor: Decimal, taken_back: Callable[[], bool]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Say for what reasons an amount may not be believed, and write by column the tests for which it is not.

    Shapes:  `texts` give the SQL of the texts of the columns that are there; `factor` is the unit of the amount; `taken_back` says if words
             of return and reversal count, too.
    """
    if name == kind.nets:
        yield VOIDED, _void_tests(kind, texts, taken_back=taken_back())
    if name in kind.void:
        yield VOIDED, _matching(texts, dict.fromkeys(kind.void[name], _CALLED_VOID))
    if name in kind.income:
        yield NOT_SPENT, _matching(texts, {kind.income[name]: _INCOME})
    if kind.columns[name].type == "amount":
        units = [unit for unit, worth in FACTORS.items() if worth != factor and worth >= 1]
        named = _UNIT_NAMED.format("|".join(units), "|".join(unit for unit in units if unit != "元"))
        yield IN_ANOTHER_UNIT, _matching(texts, dict.fromkeys(kind.labels, named))


def _void_tests(kind: Kind, texts: Mapping[str, str], *, taken_back: bool) -> dict[str, str]:
    """Write for each column that may call its row void the test that it does: its note, its state, its number in the list, or a word behind a name.

    Shapes:  `texts` give the SQL of the texts of the columns that are there; `taken_back` if words of return and reversal count, too.
    """
    words = f"{_VOID}|{_TAKEN_BACK}" if taken_back else _VOID
    names = {name for name in kind.person if kind.columns[name].type == "name"}
    whole, behind = f"(^|[,，。;；:：])\\s*{_NO_WORD}*({words}){_NO_WORD}*($|[,，。;；])", f"{_NO_WORD}({words}){_NO_WORD}+$"
    state = f"^{_NO_WORD}*({words}|{_UNPAID}){_NO_WORD}*$"
    patterns = {
        "note": whole,
        "pay_status": state,
        "signed_by": state,
        **dict.fromkeys(("seq", *sorted(names)), f"({whole}|{behind})"),
    }
    return _matching(texts, patterns)


def _matching(texts: Mapping[str, str], patterns: Mapping[str, str]) -> dict[str, str]:
    return {
        name: f"coalesce(regexp_matches({texts[name]}, '{pattern}'), FALSE)"
        for name, pattern in patterns.items()
        if name in texts
    }
