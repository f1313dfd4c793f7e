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


@pytest.mark.parametrize(
    ("title", "header", "row", "kind", "read"),
    [
        ("困难职工生活救助资金发放明细表", "姓名 身份证号 中央资金 省级资金 小计（元） 发放时间", "张三 990000198001010012 600 400 1000 2023-11-15", "aid_payment", "name=张三 amount=1000 pay_date=2023-11-15"),
        ("困难职工医疗救助发放表", "姓名 身份证号 应救助金额 实际救助金额 发放日期", "张三 990000198001010012 10356.11 10000 2023-09-08", "aid_payment", "amount=10000 pay_date=2023-09-08"),
        ("", "姓名 身份证号 实际发放金额 审核状态 到账日期", "张三 990000198001010012 500 通过 2023-09-08", "aid_payment", "amount=500 pay_status=通过 pay_date=2023-09-08"),
        ("送温暖慰问金发放表", "姓名 身份证号 应发（元） 实发（元）", "张三 990000198001010012 500 400", "aid_payment", "amount=400"),
        ("节日慰问费发放表（单位：元）", "姓名 部门 应发 扣款 实发", "张三 信息部 1000 500 500", "condolence_issue", "name=张三 amount=500"),
        ("", "姓名 慰问事由 慰问费 日期", "张三 住院 500 2024-03-01", "condolence_issue", "amount=500 pay_date=2024-03-01"),
        ("会员生日慰问发放表", "姓名 慰问费 领取日期", "张三 200 2024-03-01", "condolence_issue", "name=张三 amount=200"),
        ("环卫工人高温津贴发放表（单位：元）", "姓名 身份证号 6月 7月 合计", "张三 990000198001010012 300 150 450", "subsidy", "amount=450"),
        ("2024年5月交通补贴发放表", "姓名 本月应发 本月实发 本年累计 发放日期", "张三 300 240 1440 2024-05-28", "subsidy", "amount=240"),
        ("", "补贴项目 发放对象 发放依据 发放金额 发放时间", "值班费 张三 工总发2号 800 2022-12-20", "subsidy", "name=张三 amount=800"),
        ("", "学员姓名 身份证号 就读层次 每学年补助（元） 补助总额（元）", "张三 990000198001010012 专升本 1000 2000", "education_subsidy", "name=张三 amount=2000"),
        ("求学圆梦补助发放表", "姓名 身份证号 实际补助金额 审核结果", "张三 990000198001010012 2000 不通过", "education_subsidy", "amount=2000 pay_status=不通过"),
        ("重大疾病互助金发放表", "姓名 身份证号 病种 互助金（万元） 发放日期", "张三 990000198001010012 骨折 2 2022-04-08", "mutual_aid_claim", "amount=2 pay_date=2022-04-08"),
        ("", "姓名 入院日期 实际赔付金额 赔付状态 到账日期", "张三 2022-04-01 450 审核中 2022-04-08", "mutual_aid_claim", "amount=450 pay_status=审核中 pay_date=2022-04-08"),
        ("劳模低收入补助测算及发放表", "劳模姓名 上年收入（元） 差额 补助金额 发放时间", "张三 52000 34000 30000 2023-06-01", "model_allowance", "name=张三 amount=30000"),
        ("劳模春节慰问签收表", "姓名 级别 慰问金 慰问品 签收", "张三 省级 1000 大米 张三", "model_allowance", "level=省级 amount=1000"),
        ("2023年度经费回拨台账", "基层工会名称 上缴总额 应回拨 已回拨 回拨日期", "医院工会 560000 336000 300000 2023-07-14", "transfer_down", "recipient_org=医院工会 amount=300000 transferred_at=2023-07-14"),
        ("乡镇街道工会经费划拨单", "单位 会员数 人均（元） 划拨金额 划拨日期", "柳林镇 860 30 25800 2024-05-16", "transfer_down", "recipient_org=柳林镇 amount=25800"),
        ("一季度经费拨付表", "日期 付款方 收款方 金额 状态", "2024-04-02 区总工会 教育工会 50000 退汇", "transfer_down", "payer_org=区总工会 recipient_org=教育工会 amount=50000 pay_status=退汇"),
        ("2023年工会经费收缴情况表", "单位名称 职工人数 工资总额 应缴经费 实缴经费 欠缴", "化工厂 320 25600000 512000 500000 12000", "fee_collection", "payer_name=化工厂 fee_collected=500000"),
        ("困难职工帮扶资金发放台账", "姓名 本年累计 本次发放 发放日期", "张三 1800 600 2024-09-10", "aid_payment", "name=张三 amount=600 pay_date=2024-09-10"),
        ("职工学历提升补助发放表", "学员姓名 专业 本次补助 累计补助 打款日期", "张三 会计 1500 3000 2024-11-15", "education_subsidy", "name=张三 amount=1500 pay_date=2024-11-15"),
        ("工会经费收缴情况", "缴费单位 应收 实收 欠缴", "教育工会 50000 45000 5000", "fee_collection", "payer_name=教育工会 fee_collected=45000"),
        ("工会经费上解明细表", "上解单位 季度 应上解 实上解 上解日期", "教育工会 一季度 126000 120000 2022-04-15", "fee_collection", "payer_name=教育工会 fee_collected=120000 collected_on=2022-04-15"),
        ("建会筹备金收缴台账", "企业名称 缴费期间 缴费基数 缴费金额", "印染厂 2023年第1季度 456000 9120", "fee_collection", "fee_period=2023年第1季度 fee_collected=9120"),
        ("", "缴费单位 实缴金额 缴款日期 入库日期", "化工厂 25000 2023-10-12 2023-10-13", "fee_collection", "collected_on=2023-10-12"),
        ("工会经费退费台账", "单位名称 缴费期间 多缴原因 退费金额 退库日期", "宾馆 2022年4月 重复缴纳 5240 2022-06-02", "fee_refund", "org_name=宾馆 refund_amount=5240 refund_date=2022-06-02"),
        ("2024年预算执行明细", "支出内容 预算数（元） 已支出（元） 剩余（元）", "办公费 30000 28650.4 1349.6", "budget_execution", "subject=办公费 executed_amount=28650.4 balance=1349.6"),
        ("", "支出项目 年度预算 一季度 全年执行", "培训费 50000 12000 49500", "budget_execution", "budget_amount=50000 executed_amount=49500"),
        ("", "项目 2023年决算数 2024年预算数 2024年执行数", "劳动竞赛 120000 150000 142300", "budget_execution", "budget_amount=150000 executed_amount=142300"),
        ("2023年“三公”经费支出情况表", "项目 2022年决算数 2023年预算数 2023年决算数", "公务接待费 36000 50000 24500", "three_public", "expense_kind=公务接待费 budget_amount=50000 actual_amount=24500"),
        ("", "姓名 身份证号 职务 入会年月", "张三 990000198001010012 主任 1998-07", "member_roster", "joined_at=1998-07"),
        ("2023年度工会干部培训班台账", "班次 培训时间 地点 人数 天数 培训费（元）", "财务班 2023年5月18日至19日 党校 80 2 32000", "training", "class_id=财务班 heads=80 total_cost=32000"),
        ("2024年培训计划及执行情况", "班名 计划人数 实际人数 计划经费（万元） 实际经费（万元） 实际时间", "财务班 80 75 5 4.8 2024.4.22-4.26", "training", "class_name=财务班 heads=75 total_cost=4.8"),
        ("", "日期 摘要 券种 面值 入库张数 领用张数 结余张数", "2024-03-11 领用 蛋糕券 200 0 18 82", "in_kind", "item=蛋糕券 quantity_out=18 stock=82"),
        ("", "凭证日期 凭证号 摘要 科目 借方 贷方", "2024-03-04 付-3 付活动费 文体活动 4860 0", "voucher_line", "account_name=文体活动 debit=4860"),
        ("", "调查项目 发放问卷 有效问卷 满意 基本满意 满意率", "困难帮扶 200 192 160 28 97.92", "satisfaction", "valid_answers=192 satisfaction_rate=97.92"),
    ],
)  # fmt: skip
def test_the_words_of_ordinary_lists_are_read(title: str, header: str, row: str, kind: str, read: str) -> None:
    found = layout([title], header.split(), row.split())
    cells = {f"{name}={row.split()[index]}" for name, index in found.fields.items()}
    assert (found.kind, found.doubled) == (kind, {})
    assert set(read.split()) <= cells


def test_a_total_that_is_read_for_the_amount_is_named() -> None:
    header, row = ["姓名", "身份证号", "中央资金", "小计（元）"], ["张三", "990000198001010012", "600", "1000"]
    found = layout(["困难职工生活救助资金发放明细表"], header, row)
    said = [note for note in open_questions(found, KINDS["aid_payment"], "a.csv", None) if "没有单独的" in note.message]
    assert [(note.severity, note.cell) for note in said] == [("medium", "D2")]


@pytest.mark.parametrize(
    ("title", "header"),
    [
        ("会员会费收缴登记表", "姓名 1月 2月 3月 合计"),
        ("值班统计表", "姓名 1月 2月 合计"),
        ("职工工资发放表（单位：元）", "姓名 基本工资 绩效 应发 实发"),
        ("", "姓名 基本工资 应发 实发"),
        ("困难职工慰问米油发放表", "姓名 身份证号 大米 食用油 合计"),
        ("困难职工医疗费用统计表", "姓名 身份证号 医疗费（元） 药费（元） 合计（元）"),
        ("高温津贴申请表（单位：元）", "姓名 身份证号 应发 合计"),
        ("送温暖慰问金发放计划", "姓名 身份证号 拟发金额 慰问标准"),
        ("职工医疗互助参保名单", "姓名 身份证号 保障金额 参保人数"),
        ("劳动竞赛奖金发放表", "姓名 部门 应发 实发（元）"),
        ("经费返拨计划表", "基层工会名称 上缴金额 返拨金额 返拨日期"),
        ("税务代收经费返还台账", "基层工会名称 代收金额 返还金额 返还日期"),
        ("医疗互助参保缴费表", "单位名称 参保人数 缴费金额 缴费日期"),
        ("", "日期 付款方 收款方 金额 摘要"),
        ("", "单位名称 退回金额 退回日期"),
        ("", "项目 2023年执行数 2024年预算数"),
        ("", "纳税人名称 征收项目 计税依据 税率 实缴金额"),
        ("中央财政帮扶资金分配下达表", "县（区） 在档困难职工（户） 分配金额"),
        ("", "部门 预算数 已支出 剩余"),
        ("2024年培训计划", "培训班名称 人数 时间 经费"),
    ],
)
def test_lists_of_something_else_stay_refused(title: str, header: str) -> None:
    refusal([title], header.split(), ["甲", *["1"] * (len(header.split()) - 1)])


@pytest.mark.parametrize(
    ("title", "header", "kind"),
    [
        ("困难职工救助金发放表", "姓名 身份证号 救助金额 实际救助金额 合计", "aid_payment"),
        ("送温暖慰问品发放表", "姓名 慰问品名称 数量 金额 实发", "condolence_issue"),
        ("工会活动预算执行情况", "活动名称 参加人数 预算金额 已支出 活动经费", "activity"),
        ("困难职工高温津贴发放表", "姓名 身份证号 金额 发放日期", "aid_payment"),
    ],
)
def test_words_that_titles_bring_in_do_not_turn_a_list_into_another_one(title: str, header: str, kind: str) -> None:
    found = layout([title], header.split(), ["1"] * len(header.split()))
    assert (found.kind, found.doubled) == (kind, {})
    assert "实发" not in found.headers.values()


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
    ("header", "severity"),
    [
        ("办结状态", "medium"),
        ("是否已付讫", "medium"),
        ("随访结果", "medium"),
        ("与户主关系", "medium"),
        ("本次实付", "high"),
        ("扣款", "high"),
        ("扣款月份", "low"),
        ("已发人数", "low"),
        ("星座", "low"),
    ],
)
def test_an_unknown_column_that_may_say_what_was_not_paid_is_named_louder(header: str, severity: str) -> None:
    layout = recognise([[*AID, header], [*ROW, "x"]], KINDS)
    assert [note.severity for note in open_questions(layout, KINDS["aid_payment"], "a.csv", None) if note.column == header] == [
        severity
    ]


def test_beside_what_was_paid_by_its_header_no_column_can_be_it() -> None:
    layout = recognise([[*AID[:-1], "实发金额", "扣款"], [*ROW, "50"]], KINDS)
    assert [note.severity for note in open_questions(layout, KINDS["aid_payment"], "a.csv", None) if note.column == "扣款"] == [
        "low"
    ]


def test_the_form_of_one_household_is_no_list() -> None:
    """Labels such as 姓名 were read as the numbers of files."""
    form = [
        ["困难职工档案表"],
        ["档案编号", "DK-031", "建档日期", "2022-10-09"],
        ["姓名", "张三", "身份证号", "x"],
        ["手机号码", "1", "工作单位", "甲厂"],
    ]
    assert "第 2 行起像一户一张的登记表" in str(refusal(*form))
    assert "第 2 行起像一户一张的登记表" in str(refusal(*form, said="hardship_archive"))
    header = ["姓名", "星座", "身份证号", "爱好", "帮扶金额"]
    odd = [["序号", *header], ["1", "张三", "备注", "x", "慰问品", "y"], ["2", "李四", "备注", "x", "签名", "y"]]
    assert recognise(odd, KINDS).kind == "aid_payment"
    assert recognise([header, header, ["张三", "x", "y", "z", "500"]], KINDS).kind == "aid_payment"


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
