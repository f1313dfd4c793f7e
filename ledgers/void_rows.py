"""Tell of which rows an amount is not what its column says, in SQL that every engine runs: those that call themselves void, not paid, returned or
an example, income among spending, and labels that name a unit of money of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from ledgers.kinds import Kind
from ledgers.units import FACTORS

_NO_WORD = "[^0-9A-Za-z一-鿿]"
_PAYING = (  # 未 before one of these: not yet
    "([发發]放?|[领領]取?|付款?|支付|[缴繳][纳納]?[费費款]?|交[纳納]?|上[缴繳交]|[拨撥][付款]?|下[拨撥]|打款|[转轉][账帳賬]|到[账帐賬]|[赔賠]付|[给給]付|清?退|[签簽][领領收]|收[到款]?|入[账帐賬])"
)
_DAY = "[已在于]*(([0-9]{2,4}[年./-])?[0-9]{1,2}[月./-][0-9]{1,2}[日号號]?|次月|[当當][月日天场場])"
_VOID = (  # as it is written, simplified or not
    f"({_DAY}|[已全暂暫尚]|家[属屬人]|此笔款?|[此本该該]?[笔筆行条條单單人]|款|本人|银行|名[额額]|资格|[审審]核|因.{{1,6}}|合同|活动|.{{2}}([错錯][误誤]|不符|有[误誤])|[应應][缴繳交发發付]|重复{_NO_WORD}?)*"
    f"(作[废廢]|取消|撤[销銷]|注[销銷]|(不再?|停|[缓緩]|[待拟擬])[发發]放?|(未|[没沒]有?|待|欠|[暂暫][缓緩]){_PAYING}|[待拟擬][发發]|(?:本人|自愿|主动)*放[弃棄]|拒[领領赔賠收]|不予|[暂暫][缓緩]|[删刪]除?|剔除|重[复複]|[无無]效"
    "|[未不]通过|不符合(条件|條件|规定|要求|政策)?|[暂暫]存.{0,4}|[转轉]?[入到]?下一?批次?|[转轉划劃付打][账帳賬款][未不没]能?成功|取消资格|扣回|不付|退[单單]|[误誤][录錄]|(?:打款|转账|付款|发放|支付|代发|交易|处理)失败|退[汇匯票]|(?:示|[样樣])?例)"
    "([发發]放|[领領]取|支付|[拨撥]付|申[报報]|[录錄]入)?"
)
# Where no negative amount takes anything back, a positive one that is called so may not have been paid either.
_TAKEN_BACK = f"({_DAY}|银行|[已全]|款项?|钱|.{{2}}([错錯][误誤]|不符|有[误誤]))*(退回|退[还還款]|[收追交]回|[红紅][冲沖])(工会|财[政务務]|单位|本级|现金)?|已退|([错錯误誤][发發]|[发發][错錯])放?|([红紅]字)?[冲沖][销銷正减減回账帳賬](第?[0-9]+号?)?"

_UNPAID = "否|[驳駁]回|.{0,6}[异異]常|.{0,4}失败([:：].*)?|([账帐賬][号號户戶]|[户戶]名|卡[号號]).{0,3}(不符|[错錯][误誤]|有[误誤]|不存在)|待.{1,4}|[未不没](?:成功|到[账帐]|打款|转[账出]|拨付?|支付|签[领收]?)|.{0,4}([处處]理|[审審][核批]|[办辦]理|[复複覆]核|受理)中"  # in a column that says whether a payment was made

# In the midst of a note: perhaps not paid. 未发现 is no 未发, and what was paid late (补发) is paid.
_MAYBE_UNPAID = (
    f"(退[票汇匯回还還款]|[交收追扣]回|放[弃棄]|拒[绝絕]?[领領收]|(?:[未没沒不停缓緩待]|[暂暫]不)[再予能]?(?:[领領付给給拨撥打]|支付|兑付|[发發](?:放|给|給|{_NO_WORD}|$))"
    "|取消|作[废廢]|撤[销銷]|[下次](?:月|批|次|年|季度?)[再才]?[补補]?[领領发發])"
)
_RETURNED = "[(（【\\[]退[)）】\\]]"  # behind a number; behind a name it may say that somebody has retired

VOIDED = "所在行写明作废、取消、退回、未发或示例，是否支付不明"
NOT_SPENT = "所在行写的是收入或结余，不是支出，未按支出核对"
IN_ANOTHER_UNIT = "所在行的名称另写了金额单位，与本列的单位不同，金额不明"
_EXAMPLE = f"^{_NO_WORD}*(填写)?(示|[样樣])?例[如子]?({_NO_WORD}|[0-9])"  # 例：张三
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
    if name in kind.unpaid:
        yield VOIDED, _matching(texts, {kind.unpaid[name]: _in_a_clause(_VOID)})
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
    whole, behind = _in_a_clause(words), f"{_NO_WORD}({words}){_NO_WORD}+$"
    state = f"^{_NO_WORD}*({words}|{_UNPAID})([(（].*)?{_NO_WORD}*$"
    patterns = {
        "note": whole,
        "pay_status": state,
        "signed_by": state,
        **dict.fromkeys(sorted(names), f"({whole}|{behind})"),
        "seq": f"({whole}|{behind}|{_RETURNED})",
    }
    patterns |= {name: f"({patterns[name]}|{_EXAMPLE})" for name in ("seq", *names)}
    return _matching(texts, patterns)


def maybe_unpaid(text: str) -> str:
    """Write the words of a note that may say that nothing was paid, or a blank text."""
    return f"regexp_extract({text}, '{_MAYBE_UNPAID}', 1)"


def _in_a_clause(words: str) -> str:
    """Write the pattern of words that are all of a text, or all of a clause in it: 卡号错误，打款失败."""
    return f"(^|[,，。;；:：])\\s*{_NO_WORD}*({words}){_NO_WORD}*($|[,，。;；])"


def _matching(texts: Mapping[str, str], patterns: Mapping[str, str]) -> dict[str, str]:
    return {
        name: f"coalesce(regexp_matches({texts[name]}, '{pattern}'), FALSE)"
        for name, pattern in patterns.items()
        if name in texts
    }
