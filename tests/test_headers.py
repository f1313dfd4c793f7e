"""Headers: where they stand, which kind they name, which unit the amounts have, and what is said when nobody can tell."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declared import Refused
from ledgers.headers import HEADER_ROWS, Layout, NotRecognised, recognise
from ledgers.kinds import load_kinds
from ledgers.openings import open_questions

KINDS = load_kinds()
AID = ["姓名", "身份证号", "发放日期", "金额"]
ROW = ["张三", "990000198001010012", "2021-02-03", "500"]


def layout(*rows: Sequence[str], said: str | None = None) -> Layout:
    return recognise(rows, KINDS, said)


def refusal(*rows: Sequence[str], said: str | None = None) -> NotRecognised:
    with pytest.raises(NotRecognised) as caught:
        recognise(rows, KINDS, said)
    return caught.value


# ---- Where the header stands and which kind it names.


def test_a_header_in_the_first_row_names_its_kind_and_its_columns() -> None:
    found = layout(AID, ROW)
    assert (found.kind, found.header_row) == ("aid_payment", 0)
    assert found.fields == {"name": 0, "id_no": 1, "pay_date": 2, "amount": 3}
    assert found.headers == {"name": "姓名", "id_no": "身份证号", "pay_date": "发放日期", "amount": "金额"}
    assert (found.unknown, found.doubled) == ({}, {})


@pytest.mark.parametrize("above", [0, 1, 2, 7, HEADER_ROWS - 1])
def test_a_header_is_found_below_any_number_of_title_rows_down_to_the_last_row_looked_at(above: int) -> None:
    titles = [[f"2021年春节送温暖慰问金发放花名册（{number}）", "", "", ""] for number in range(above)]
    assert layout(*titles, AID, ROW).header_row == above


def test_a_header_further_down_than_is_looked_at_is_refused_with_how_far_that_is() -> None:
    said = refusal(*[["说明", ""]] * HEADER_ROWS, AID, ROW)
    assert not said.nothing
    assert str(HEADER_ROWS) in str(said)
    assert "--ledger" in str(said)


def test_a_header_that_is_repeated_on_every_page_is_taken_where_it_stands_first() -> None:
    assert layout(["名册"], AID, ROW, AID, ROW).header_row == 1


def test_blank_rows_and_short_rows_above_a_header_do_not_matter() -> None:
    assert layout([], [""], ["\u3000", " "], AID, ROW).header_row == 3


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_recognised_by_its_own_printed_headers_and_by_its_canonical_names(kind: str) -> None:
    columns = KINDS[kind].columns
    for headers in ([column.zh for column in columns.values()], list(columns)):
        found = layout(headers)
        assert found.kind == kind
        assert found.fields == {name: index for index, name in enumerate(columns)}


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        ("aid_payment", "序号 姓名 身份证号 困难等级 金额"),
        ("aid_payment", "姓名 身份证号 所属工会 工作单位 慰问金额 发放时间 审核时间 备注"),
        ("hardship_archive", "姓名 身份证号 所属工会 审核时间 审核状态 联系电话"),
        ("subsidy_refund", "单位名称 姓名 退款金额 退款日期 收据号"),
        ("approved_list", "序号 姓名 身份证号 工作单位 困难等级 核定金额"),
        ("approved_list", "名單類別 姓名 上報單位 公示金額 公布日期"),
        ("union_org", "工會名稱 隸屬工會 會員人數 工會主席"),
        ("member_roster", "會員姓名 身份證號 所屬工會 入會時間"),
        ("aid_plan", "制定單位 方案名稱 印發日期"),
        ("summary_report", "報送單位 總結報送時間 慰問戶數 慰問資金總額"),
        ("self_assessment", "報送單位 報告名稱 報送時間 有無預算數 有無執行數 有無執行率 是否附績效自評表"),
        ("self_assessment", "序号 自评单位 自评报告名称 收到日期 是否列明预算数 是否列明执行数 是否列明执行率"),
        ("fund_collection", "領款單位 領款時間 領款金額 領款人 退回金額"),
        ("dibao_standard", "適用地區 執行日期 低保標準"),
        ("hardship_member", "户主姓名 姓名 与户主关系 身份证号 出生日期 单位或学校 月收入"),
        ("mutual_aid_claim", "姓名 身份证号 入院日期 出院日期 住院天数 慰问金额 发放日期"),
        ("mutual_aid_claim", "互助保障計劃 姓名 身份證號 疾病名稱 自付金額 給付金額 給付日期"),
        ("activity", "场次 活动名称 主办单位 主办层级 活动时间 参加人数 是否补助 补助金额"),
        ("activity_participant", "活动名称 活动时间 姓名 性别 身份证号 工作单位 签到"),
        ("training", "期次 培训班名称 开班日期 结业日期 培训人数 课时 讲课费 培训费合计"),
        ("education_subsidy", "姓名 身份证号 工作单位 岗位类别 就读院校 专业 学历层次 补助金额"),
        ("aid_payment", "活动名称 姓名 身份证号 发放日期 慰问金额 签名"),
        ("condolence_issue", "序号 姓名 部门 慰问品名称 数量 金额 签名"),
        ("condolence_issue", "年度 姓名 身份证号 节日名称 发放形式 慰问金额 领取时间"),
        ("condolence_issue", "職工姓名 會員編號 慰問事由 發生日期 與會員關係 慰問金"),
        ("model_roster", "姓名 性別 身份證號 勞模級別 授予年度 工作單位 聯繫電話"),
        ("model_allowance", "年度 姓名 身份证号 荣誉称号 标准 荣誉津贴 发放时间 签名"),
        ("model_allowance", "劳模姓名 劳模级别 待遇项目 津贴金额 开户银行 银行卡号"),
    ],
)
def test_kinds_with_headers_in_common_are_told_apart(kind: str, headers: str) -> None:
    assert layout(headers.split()).kind == kind


@pytest.mark.parametrize(
    ("kind", "headers", "field", "header"),
    [
        ("budget_execution", "项目 行次 预算数 决算数", "subject", "项目"),
        ("budget_execution", "项目名称 项目 预算数 决算数", "subject", "项目名称"),
        ("budget_execution", "项目 预算 支出", "executed_amount", "支出"),
        ("aid_payment", "职工姓名 子女姓名 就读学校 助学金", "amount", "助学金"),
        ("budget_execution", "科目编码 科目 项目 预算数 决算数", "subject", "项目"),
        ("activity", "活动名称 活动日期 人数 地点 费用", "participants", "人数"),
        ("transfer_down", "基层工会 下拨金额 下拨时间", "recipient_org", "基层工会"),
    ],
)
def test_a_word_that_may_name_a_column_does_so_only_where_nothing_else_names_it(
    kind: str, headers: str, field: str, header: str
) -> None:
    found = layout(headers.split())
    assert (found.kind, found.headers[field]) == (kind, header)
    assert not found.doubled


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_declared_header_leads_to_its_column(kind: str) -> None:
    for name, column in KINDS[kind].columns.items():
        others = [other for other in KINDS[kind].columns if other != name]
        for header in (column.zh, *column.headers):
            found = layout([header, *others], said=kind)
            assert (found.fields[name], found.headers[name]) == (0, header)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("身份證號", "id_no"),
        ("發放金額", "amount"),
        ("發放日期", "pay_date"),
        ("困難等級", "hardship_tier"),
        ("資金來源", "fund_source"),
        ("職工姓名", "name"),
        ("職工\n姓名 ", "name"),
        (" 姓  名 ", "name"),
        ("*姓名", "name"),
        ("姓名：", "name"),
        ("发放金额①", "amount"),
        ("发放金额²（元）", "amount"),
        ("身份证号码（18位）", "id_no"),
        ("身份证号码\r\n(18位)", "id_no"),
        ("轉帳日期", "transferred_at"),
        ("转账日期", "transferred_at"),
        ("ａｍｏｕｎｔ", "amount"),
        ("\ufeff姓名", "name"),
    ],
)
def test_a_header_is_known_in_traditional_characters_spaced_broken_starred_noted_or_full_width(header: str, field: str) -> None:
    rest = [name for name in ("name", "id_no", "pay_date", "amount", "campaign") if name != field]
    assert layout([*rest, header], said="aid_payment").fields[field] == len(rest)


def test_the_kind_that_is_said_is_taken_even_where_another_fits_better() -> None:
    headers = ["姓名", "身份证号", "清退金额", "清退时间"]
    assert layout(headers).kind == "subsidy_refund"
    assert refusal(headers, said="hardship_archive").nothing is False
    assert layout(AID, said="subsidy_refund").kind == "subsidy_refund"


# ---- What is refused, and what is said about it.


def test_headers_that_fit_two_kinds_equally_are_refused_with_both_names_and_the_option_that_settles_it() -> None:
    said = str(refusal(["姓名", "身份证号", "金额"], ROW))
    assert "`aid_payment`" in said
    assert "`subsidy_refund`" in said
    assert KINDS["aid_payment"].title.zh in said
    assert "--ledger" in said


@pytest.mark.parametrize(
    ("headers", "lacking"),
    [
        (["姓名", "发放日期", "困难等级", "慰问品"], "金额"),
        (["发放日期", "困难等级", "金额", "慰问品"], "姓名 或 身份证号"),
    ],
)
def test_a_missing_required_column_is_named_with_its_alternatives_the_row_and_the_kind(headers: list[str], lacking: str) -> None:
    said = str(refusal(["名册"], headers, said=None))
    assert f"缺少必需列：{lacking}" in said
    assert "第 2 行" in said
    assert "`aid_payment`" in said


def test_a_missing_required_column_is_named_for_the_kind_that_was_said() -> None:
    said = str(refusal(["预算单位", "全年预算数"], said="budget_execution"))
    assert "`budget_execution`" in said
    assert "缺少必需列：执行数" in said
    assert "全年预算数" not in said.split("缺少")[1]


def test_every_missing_column_is_named_at_once() -> None:
    said = str(refusal(["预算单位", "年度", "差异原因"], said="budget_execution"))
    assert "全年预算数；执行数" in said


def test_where_several_kinds_are_equally_near_none_of_them_is_left_out() -> None:
    said = str(refusal(["姓名", "身份证号", "发放日期"], ROW))
    assert "`aid_payment`" in said
    assert "`subsidy`" in said


def test_an_unknown_header_row_is_counted_and_the_way_to_compare_is_named() -> None:
    said = refusal(["甲栏", "乙栏", "丙栏"], ["1", "2", "3"])
    assert not said.nothing
    assert "（3 格不是已知的表头，内容从略）" in str(said)
    assert "fundcheck ledgers show" in str(said)


@pytest.mark.parametrize("rows", [[], [[]], [[], ["", " "]], [["\u3000"]]])
def test_a_sheet_without_any_text_is_said_to_hold_nothing(rows: list[list[str]]) -> None:
    said = refusal(*rows)
    assert said.nothing
    assert "没有任何内容" in str(said)


def test_a_table_without_headers_is_refused_without_showing_anybodys_identity_number() -> None:
    said = str(refusal(ROW, ["李四", "990000198802020023", "2021-02-04", "600"]))
    assert "990000198" not in said
    assert "张三" not in said


@settings(deadline=None)
@given(cells=st.lists(st.lists(st.text(max_size=8), max_size=6), max_size=8))
def test_no_table_of_texts_raises_anything_but_a_refusal(cells: list[list[str]]) -> None:
    try:
        outcome: Layout | NotRecognised = recognise(cells, KINDS)
    except NotRecognised as refused:
        outcome = refused
    if isinstance(outcome, Layout):
        assert not KINDS[outcome.kind].lacking(set(outcome.fields))
    else:
        assert str(outcome).endswith("。")


# ---- Headers that stand twice, and headers nobody knows.


def test_a_header_that_stands_twice_is_named_with_both_places() -> None:
    found = layout(["姓名", "金额", "身份证号", "发放日期", "发放金额", "金额"], ROW)
    assert found.doubled == {"amount": [1, 4, 5]}


def test_two_headers_of_different_columns_are_not_taken_for_one() -> None:
    found = layout(["姓名", "身份证号", "标准金额", "实发金额", "慰问品价值", "合计"], said="aid_payment")
    assert found.doubled == {}
    assert found.fields == {"name": 0, "id_no": 1, "standard_amount": 2, "amount": 3, "goods_value": 4, "total_value": 5}


def test_unknown_headers_are_noted_with_their_place_and_an_empty_column_is_not() -> None:
    found = layout([*AID, "心情", "", "", "星座"], [*ROW, "好", "", "无头的数据", "狮子"])
    assert found.unknown == {4: "心情", 6: "", 7: "星座"}


# ---- Units.

YUAN, THOUSAND, TEN_THOUSAND = Decimal(1), Decimal(1000), Decimal(10000)


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("金额（万元）", TEN_THOUSAND),
        ("金额(万元)", TEN_THOUSAND),
        ("金额【万元】", TEN_THOUSAND),
        ("金额[万元]", TEN_THOUSAND),
        ("金額（萬元）", TEN_THOUSAND),
        ("金额\n（万元）", TEN_THOUSAND),
        ("金额（单位：万元）", TEN_THOUSAND),
        ("金额（人民币万元）", TEN_THOUSAND),
        ("金额（含慰问品）（万元）", TEN_THOUSAND),
        ("金额（千元）", THOUSAND),
        ("金额（元）", YUAN),
        ("金额（人民币元）", YUAN),
        ("金额（亿元）", Decimal(100000000)),
        ("金额（百元）", Decimal(100)),
        ("金额/万元", TEN_THOUSAND),
        ("（万元）金额", TEN_THOUSAND),
        ("金额（万元，保留两位小数）", TEN_THOUSAND),
        ("金额（万元）（含慰问品）", TEN_THOUSAND),
    ],
)
def test_the_unit_in_a_header_is_the_unit_of_its_column(header: str, factor: Decimal) -> None:
    found = layout(["姓名", "身份证号", "发放日期", header], ROW)
    assert found.factors == {"amount": factor}
    assert found.unit_from == "header"


@pytest.mark.parametrize(
    ("title", "factor"),
    [
        ("单位：万元", TEN_THOUSAND),
        ("单位: 万元", TEN_THOUSAND),
        ("（单位：万元）", TEN_THOUSAND),
        ("單位：萬元", TEN_THOUSAND),
        ("金额单位：人民币万元", TEN_THOUSAND),
        ("计量单位：千元", THOUSAND),
        ("币种：人民币  单位：元", YUAN),
        ("填报单位：沅江市总工会　　　单位：万元", TEN_THOUSAND),
        ("单位：万元、%", TEN_THOUSAND),
        ("单位：人、万元", TEN_THOUSAND),
        ("单位：户、万元", TEN_THOUSAND),
        ("单位（万元）", TEN_THOUSAND),
        ("单位：百元", Decimal(100)),
    ],
)
def test_the_unit_in_a_title_row_is_the_unit_of_every_amount(title: str, factor: Decimal) -> None:
    found = layout(["2021年送温暖名册"], ["", "", "", title], [*AID, "慰问品价值"], [*ROW, "100"])
    assert found.factors == {"amount": factor, "goods_value": factor}
    assert found.unit_from == "title"


def test_a_unit_in_a_header_beats_the_unit_of_the_title_for_its_own_column_only() -> None:
    found = layout(["单位：万元"], ["姓名", "身份证号", "发放日期", "慰问标准（元）", "金额"], ROW)
    assert found.factors == {"standard_amount": YUAN, "amount": TEN_THOUSAND}


@pytest.mark.parametrize("header", ["慰问标准（元/人）", "慰问标准（元/户）", "慰问标准（元／人·年）", "慰问标准（元每人）"])
def test_a_unit_for_each_person_in_a_header_beats_the_unit_of_the_title(header: str) -> None:
    found = layout(["单位：万元"], ["姓名", "身份证号", "发放日期", header, "金额"], ROW)
    assert found.factors == {"standard_amount": YUAN, "amount": TEN_THOUSAND}


@pytest.mark.parametrize(
    ("kind", "headers", "field"),
    [
        ("aid_payment", ["姓名", "身份证号", "发放日期", "金额（未发）", "金额"], "amount"),
        ("aid_payment", ["姓名", "身份证号（配偶）", "发放日期", "身份证号", "金额"], "id_no"),
        ("aid_payment", ["姓名（代领人）", "姓名", "身份证号", "发放日期", "金额"], "name"),
        ("aid_payment", ["姓名", "身份证号", "发放日期（农历）", "发放日期", "金额"], "pay_date"),
        ("budget_execution", ["预算科目", "年度", "预算数", "执行数（上年）", "执行数"], "executed_amount"),
        ("budget_execution", ["预算科目", "年度", "预算数", "执行数（1-6月）", "执行数"], "executed_amount"),
        ("budget_execution", ["预算科目", "年度", "预算数", "执行数（上半年）", "执行数"], "executed_amount"),
        ("budget_execution", ["预算科目", "年度", "预算数（2021年）", "执行数（2020年）", "执行数（2021年）"], "executed_amount"),
        ("training", ["培训班名称", "开始日期", "学时", "讲课费（元/学时）", "讲课费"], "lecture_fee"),
        ("training", ["培训班名称", "开始日期", "培训人数", "培训费（元/人·天）", "培训费（元）"], "total_cost"),
        ("model_allowance", ["姓名", "身份证号", "劳模级别", "月数", "金额（元/月）", "金额"], "amount"),
        ("aid_payment", ["姓名", "身份证号", "户数", "慰问金（元/户）", "金额"], "amount"),
        ("aid_payment", ["姓名", "身份证号", "慰问份数", "慰问金（元/份）", "金额"], "amount"),
    ],
)
def test_a_column_that_is_another_one_by_what_its_brackets_say_is_not_read(kind: str, headers: list[str], field: str) -> None:
    """What was planned, of last year, of a spouse or for one lesson was the amount paid, the number of who got it, the fee of the class."""
    other = next(index for index, text in enumerate(headers) if "（" in text and text not in ("培训费（元）", "预算数（2021年）"))
    found = layout(headers, said=kind)
    assert found.fields[field] not in (other, None)
    assert other in found.unknown


def test_the_persons_of_a_group_are_others_where_a_column_of_no_group_names_the_person() -> None:
    """A number below 领款人 was that of the person for whom it was drawn."""
    upper, lower = ["姓名", "发放日期", "金额", "领款人", ""], ["", "", "", "姓名", "身份证号"]
    found = layout(upper, lower, ["张三", "2021-02-03", "500", "李四", "990000198001010012"], said="aid_payment")
    assert found.fields["name"] == 0
    assert "id_no" not in found.fields
    assert {3, 4} <= set(found.unknown)
    alone = layout(
        ["发放日期", "金额", "领款人", ""], ["", "", "姓名", "身份证号"], ["2021-02-03", "500", "李四"], said="aid_payment"
    )
    assert (alone.fields["name"], alone.fields["id_no"]) == (2, 3)


@pytest.mark.parametrize("header", ["金额（未发）", "慰问金（退回）", "金额（上年）", "金额（剩余）", "慰问金（物品折价）"])
def test_an_amount_that_was_not_paid_is_none_also_where_no_other_one_stands(header: str) -> None:
    assert "金额" in str(refusal(["姓名", "身份证号", "发放日期", header], said="aid_payment"))


@pytest.mark.parametrize(
    "header",
    [
        "金额（元/人）",
        "慰问金（元／户）",
        "金额（元/月）",
        "金额（元/次）",
        "金额（实发）",
        "发放金额（现金）",
        "金额（2021年度）",
    ],
)
def test_brackets_that_change_nothing_are_no_matter(header: str) -> None:
    assert layout(["姓名", "身份证号", "发放日期", header, "联系电话（2022年更新）"], said="aid_payment").fields["amount"] == 3


@pytest.mark.parametrize("header", ["执行数（累计）", "执行数（1-12月）", "支出数（上半年）", "执行数（截至2022年1月）"])
def test_an_execution_of_part_of_a_year_is_read_where_no_other_one_stands(header: str) -> None:
    assert layout(["预算科目", "年度", "预算数（2021年）", header], said="budget_execution").fields["executed_amount"] == 3


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("支出数（上半年）", "上半年"),
        ("执行数（1-6月）", "1-6月"),
        ("执行数（累计）", ""),
        ("执行数（1-12月）", ""),
        ("执行数", ""),
    ],
)
def test_where_an_execution_of_part_of_a_year_is_read_it_is_said(header: str, said: str) -> None:
    found = layout(["预算科目", "年度", "预算数（2021年）", header], said="budget_execution")
    notes = [note.message for note in open_questions(found, KINDS["budget_execution"], "a.xlsx", None) if note.cell == "D1"]
    assert [said in note for note in notes] == ([True] if said else [])


def test_an_amount_that_adds_up_what_was_paid_before_is_named_where_no_other_one_stands() -> None:
    found = layout(["姓名", "身份证号", "发放日期", "金额（累计）"], said="aid_payment")
    notes = [note.message for note in open_questions(found, KINDS["aid_payment"], "a.xlsx", None) if note.cell == "D1"]
    assert ["累计" in note for note in notes] == [True]


def test_a_year_in_the_brackets_of_another_column_is_no_matter() -> None:
    found = layout(["姓名", "身份证号", "家庭年收入（2020年）", "建档日期（2021年）"], said="hardship_archive")
    assert {"family_year_income", "filed_at"} <= found.fields.keys()


@pytest.mark.parametrize("places", [["千", "百", "十", "元", "角", "分"], ["元", "角分"]])
def test_the_column_of_the_yuan_of_an_amount_in_several_columns_is_no_amount(places: list[str]) -> None:
    rows = [["姓名", "身份证号", "金额", *[""] * (len(places) - 1)], ["", "", *places], [*ROW[:2], *"500000"[: len(places)]]]
    with pytest.raises(NotRecognised, match="缺少必需列：金额"):
        recognise(rows, KINDS, "aid_payment", merged=((0, 2, 0, 1 + len(places)),))


@pytest.mark.parametrize(("sheet", "factor"), [("发放表(万元)", TEN_THOUSAND), ("发放表", YUAN), ("单位：万元", TEN_THOUSAND)])
def test_the_name_of_a_sheet_says_the_unit_where_nothing_in_it_does(sheet: str, factor: Decimal) -> None:
    assert recognise([AID, ROW], KINDS, names=["a", sheet]).factors == {"amount": factor}
    assert recognise([["单位：元"], AID, ROW], KINDS, names=["a", sheet]).factors == {"amount": YUAN}


@pytest.mark.parametrize("text", ["注：以上金额单位均为万元", "备注：本表金额以万元为单位", "金额以万元计"])
def test_a_sentence_around_the_rows_says_the_unit(text: str) -> None:
    assert layout(AID, ROW, [text]).factors == {"amount": TEN_THOUSAND}
    assert layout([text], AID, ROW).factors == {"amount": TEN_THOUSAND}


@pytest.mark.parametrize(
    "text", ["注：不足百元按百元计", "说明：慰问金以百元为单位发放", "每户按千元计发慰问金", "填报单位为千元县总工会"]
)
def test_a_sentence_about_something_else_says_no_unit(text: str) -> None:
    assert layout(AID, ROW, [text]).unit_from == layout([text], AID, ROW).unit_from == "assumed"
    assert recognise([AID, ROW], KINDS, names=["送温暖（百元）", "慰问单位（三元）"]).unit_from == "assumed"


def test_without_any_unit_yuan_is_assumed_and_said() -> None:
    found = layout(["2021年送温暖名册"], AID, ROW)
    assert (found.factors, found.unit_from) == ({"amount": YUAN}, "assumed")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("填报单位：沅江市总工会", "沅江市总工会"),
        ("填报单位（盖章）：沅江市总工会", "沅江市总工会"),
        ("填報單位：沅江市總工會", "沅江市总工会"),
        ("单位名称：沅江市总工会（盖章）", "沅江市总工会"),
        ("单位：沅江市总工会  填表日期：2021年2月8日", "沅江市总工会"),
        ("填报工会：南大膳镇总工会 单位：元", "南大膳镇总工会"),
        ("单位：元", ""),
        ("单位：人民币万元", ""),
        ("金额单位：元", ""),
        ("单位：户、万元", ""),
        ("单位：人、元", ""),
        ("2021年送温暖名册", ""),
    ],
)
def test_the_reporting_unit_is_read_from_a_title_row_and_a_unit_of_money_is_no_reporting_unit(title: str, name: str) -> None:
    assert layout([title], AID, ROW).unit_name == name


@pytest.mark.parametrize(
    ("header", "severity"), [("办结状态", "medium"), ("是否已付讫", "medium"), ("随访结果", "medium"), ("星座", "low")]
)
def test_an_unknown_column_that_may_say_what_was_not_paid_is_named_louder(header: str, severity: str) -> None:
    layout = recognise([[*AID, header], [*ROW, "x"]], KINDS)
    assert [note.severity for note in open_questions(layout, KINDS["aid_payment"], "a.csv", None) if note.column == header] == [
        severity
    ]


KIND = """kind: gift
title: {zh: 礼品, en: Gifts}
called: 礼品
required: [amount]
person: [name]
business_key: [name]
columns:
  name: {type: name, zh: 姓名, en: name}
  amount: {type: amount, zh: 金额, en: amount, headers: [价值]}
"""


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("kind: gift", "kind: gifts"), 1, "`gifts` stands in the file `gift`"),
        (("called: 礼品", "called: 礼品("), 3, "called: no pattern: missing )"),
        (("required: [amount]", "required: [[amount, nmae]]"), 4, "required: unknown column `nmae`. did you mean `name`?"),
        (("person: [name]", "nests: [part]"), 5, "nests: unknown column `part`"),
        (("headers: [价值]", "headers: [姓 名]"), 9, "header `姓名` already belongs to `name`"),
        (("type: name", "type: code"), 8, "`codes` and type `code` go together"),
        (("type: name", "holds: {first: day}, type: name"), 8, "holds unknown column `day`"),
    ],
)
def test_a_kind_that_contradicts_itself_is_refused_at_its_line(
    change: tuple[str, str], line: int, words: str, tmp_path: Path
) -> None:
    (tmp_path / "gift.yaml").write_text(KIND, encoding="utf-8")
    assert list(load_kinds(tmp_path)) == ["gift"]
    assert change[0] in KIND
    (tmp_path / "gift.yaml").write_text(KIND.replace(*change), encoding="utf-8")
    with pytest.raises(Refused) as refused:
        load_kinds(tmp_path)
    assert [(problem.line, words in problem.what) for problem in refused.value.problems] == [(line, True)]
