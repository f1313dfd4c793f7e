"""Tell of money that goes down, of goods and contracts, of what reports state, and of how well it went."""

from __future__ import annotations

from datetime import date

from ledgers.invented import name
from ledgers.stories.told import Cells, Setting, Share, Story, figure
from ledgers.stories.vouchers import BANK


def _transfer(number: int) -> Cells:
    return {
        "year": 2021,
        "transfer_no": f"BK{number:06}",
        "direction": "拨出",
        "project": _project(number),
        "purpose": "慰问职工",
        "tranche_no": "",
        "planned_total": "",
        "payer_org": "测试市总工会",
        "payer_account_name": "测试市总工会",
        "recipient_org": f"测试第{number + 1}基层工会",
        "payee_account_name": f"测试第{number + 1}基层工会",
        "amount": Share("100"),
        "received_amount": "",
        "transferred_at": date(2021, 6, 1),
        "earmarked": "否",
        "used_amount": "",
        "returned_amount": "",
        "carry_doc": "",
    }


def _project(number: int) -> str:
    return f"测试慰问项目{number}"


def _kind(number: int) -> str:
    return f"测试工会类型{number}"


def _founded(number: int) -> Cells:
    """Make up the union that the money goes to, apart from those of the aid."""
    return {
        "name": f"测试第{number + 1}基层工会",
        "parent": "测试市总工会",
        "kind": _kind(number),
        "founded_at": date(2021, 6, 1),
        "members": 60,
        "headcount": 80,
    }


def _booked(number: int) -> Cells:
    return {"date": date(2021, 6, 5), "voucher_no": f"拨{number:06}-1", "summary": "付活动费", **BANK}


def _one(number: int) -> str:
    return f"测试甲数{number}"


def _other(number: int) -> str:
    return f"测试乙数{number}"


_ELSEWHERE: Cells = {"detail_ledger": "其他", "reported_amount": ""}
_NEW: Cells = {"detail_ledger": "基层工会", "detail_name": _kind, "counted_in": "家", "reported_amount": ""}
_EPIDEMIC = {"project": lambda n: f"测试抗疫项目{n}", "tranche_no": 1}
_ONE, _OTHER = {**_ELSEWHERE, "figure_item": _one, "part_of": _other}, {**_ELSEWHERE, "figure_item": _other, "part_of": _one}
_EARMARKED: Cells = {"earmarked": "是", "used_amount": Share("60")}
_USED: Cells = {"earmarked": "是", "used_amount": Share("100")}
_SPENT: Cells = {"account_code": "500101", "fund_source": _project, "debit": Share("10"), "credit": ""}
_START: Cells = {"purpose": "新建工会启动经费"}
_TRANSFERS = (
    Story(),
    Story([{"received_amount": Share("100")}]),
    Story([{}], {"declared_figure": [{"reported_amount": Share("101")}]}, "E08@declared_figure", "suspect", "报告金额比台账多1%"),
    Story([{}], {"declared_figure": [{"reported_count": 1, "counted_in": "个"}]}),
    Story([{}], {"declared_figure": [{"reported_count": 2, "counted_in": "个"}]},
          "E42@declared_figure", "suspect", "报告的受拨单位比台账多一个"),
    Story([{}], {"declared_figure": [{**_NEW, "reported_count": 1}]}),
    Story([{}], {"declared_figure": [{**_NEW, "reported_count": 2}]},
          "E38@declared_figure", "suspect", "报告的新建工会比台账多一家"),
    Story([_EPIDEMIC], {"declared_figure": [{"detail_name": _EPIDEMIC["project"]}]}, "E12", "suspect", "抗疫专项只有一批"),
    Story([{"received_amount": Share("99")}], {}, "E13", "suspect", "收款单位少入账1%"),
    Story([{}], {"declared_figure": [
        {**_ONE, "part_kind": "其中", "reported_count": 5, "reported_amount": 90},
        {**_OTHER, "part_kind": "其中", "reported_count": 6, "reported_amount": 80}]},
        "E15@declared_figure", "suspect", "其中数大于总数"),
    Story([{}], {"declared_figure": [
        {**_ONE, "part_kind": "分类", "reported_count": 5}, {**_OTHER, "part_kind": "分类", "reported_count": 6}]},
        "E16@declared_figure", "suspect", "各类相加不等于总数"),
    Story([{**_EARMARKED, "returned_amount": Share("40")}]),
    Story([_EARMARKED], {}, "G06", "suspect", "专项余款没有退回，也没有结转批复"),
    Story([_USED], {"voucher_line": [{**_SPENT, "project": "测试办公费"}]},
          "E03@voucher_line E21@voucher_line", "suspect", "专项资金列支办公费"),
    Story([_START], {"union_org": [{"founded_at": date(2021, 3, 1)}]}),
    Story([_START], {"union_org": [{"founded_at": date(2021, 3, 1), "members": 18, "headcount": 20}]},
          "E51", "suspect", "启动经费拨给不足25人的工会"),
    Story([{"payer_account_name": "测试市财政局"}], {}, "E26", "suspect", "付款户名不是工会"),
    Story([{"payee_account_name": "测试有限公司"}], {}, "E27", "suspect", "慰问金转入公司账户"),
)  # fmt: skip


def _goods(number: int) -> Cells:
    return {
        "keeping_org": "测试市总工会",
        "item": f"测试慰问品{number}",
        "item_kind": "实物",
        "moved_at": date(2021, 2, 1),
        "value_out": Share("10"),
        "recipient_org": "",
        "asset_no": "",
        "quantity_in": 10,
        "quantity_out": 10,
        "stock": 0,
        "recipient": name(number),
    }


def _item(number: int) -> str:
    return f"测试体育设施{number}"


_SPORTS: Cells = {
    "item": _item,
    "moved_at": date(2018, 5, 1),
    "recipient": "",
    "recipient_org": "测试基层工会",
    "asset_no": "ZC-1",
}
_GIVEN: Cells = {
    "year": 2018,
    "detail_ledger": "实物",
    "detail_name": _item,
    "reported_count": 10,
    "counted_in": "件",
    "reported_amount": Share("10"),
}
_GOODS = (
    Story(),
    Story([_SPORTS], {"declared_figure": [_GIVEN]}),
    Story([{**_SPORTS, "asset_no": ""}], {}, "E29", "suspect", "体育设施没有接收单位的资产编号"),
    Story(
        [_SPORTS], {"declared_figure": [{**_GIVEN, "reported_count": 11}]}, "E41@declared_figure", "suspect", "报告的件数比台账多"
    ),
    Story([{"item_kind": "券"}]),
    Story([{"item_kind": "券", "recipient": ""}], {}, "C28", "suspect", "消费券没有登记领用人"),
    Story([{"stock": 1}], {}, "E28", "suspect", "结存比应有的多"),
)


def _contract(number: int) -> Cells:
    return {
        "year": 2021,
        "contract_no": f"HT{number:06}",
        "supplier": "测试律师事务所",
        "procurement_method": ("询价", "公开招标"),
        "contract_start": date(2021, 1, 1),
        "contract_end": date(2021, 12, 31),
        "contract_amount": Share("100"),
        "paid_amount": Share("100"),
        "final_payment": "是",
        "acceptance": "合格",
        "accepted_at": date(2021, 11, 30),
        "paid_at": date(2021, 12, 1),
    }


_TWO_YEARS: Cells = {"contract_start": date(2021, 7, 1), "contract_end": date(2022, 6, 30)}
_CONTRACTS = (
    Story(),
    Story([{"paid_amount": Share("40")}, {"paid_amount": Share("60")}]),
    Story([{"procurement_method": ""}], {}, "E32", "suspect", "没有写采购方式"),
    Story([{**_TWO_YEARS, "paid_amount": Share("60")}]),
    Story([_TWO_YEARS], {}, "D15", "suspect", "跨年合同年末前付清"),
    Story([{"paid_amount": Share("104")}], {}, "E32", "suspect", "付款超过合同"),
    Story([{"accepted_at": date(2021, 12, 2)}], {}, "E32", "suspect", "付尾款后才验收"),
)


def _indicator(number: int) -> Cells:
    return {
        "year": 2021,
        "project": f"测试项目{number}",
        "level1": "产出",
        "level2": "数量",
        "level3": f"测试指标{number}",
        "full_score": 10,
        "deduction": 0.5,
        "score": 9.5,
        "monitored_at": date(2021, 7, 1),
    }


_INDICATORS = (
    Story(),
    Story([{"monitored_at": date(2021, 12, 1)}], {}, "D13", "violation", "年底才做中期监控"),
    Story([{"score": 9}], {}, "E17", "suspect", "得分不等于分值减扣分"),
    Story([{"project": "整体支出", "level3": "测试指标"}], {}, "E18", "suspect", "所列指标个数与报告不同"),
)


def _survey(number: int) -> Cells:
    asked = {"valid_answers": 100, "satisfied": 95, "satisfaction_rate": "95%"}
    return {"year": 2021, "surveyed_group": f"测试第{number + 1}期学员", **asked}


_SURVEYS = (
    Story(),
    Story([{"satisfied": 85, "satisfaction_rate": "85%"}], {}, "E19", "violation", "满意度低于目标"),
    Story([{"satisfaction_rate": "99%"}], {}, "E19", "suspect", "表列满意度与问卷数不符"),
)


def _public(number: int) -> Cells:
    return {"year": 2021, "unit_name": f"测试第{number + 1}单位", "expense_kind": "公务接待", "actual_amount": Share("100")}


_PUBLIC = (
    Story(),
    Story([{"year": 2020}, {"actual_amount": Share("99")}]),
    Story([{"year": 2020}, {"actual_amount": Share("110")}], {}, "E30", "suspect", "三公经费比上年多10%"),
)

SETTINGS = {
    "transfer_down": Setting(
        {
            "transfer_down": _transfer,
            "declared_figure": figure(
                "拨款", detail_ledger="对下拨款", detail_name=_project, reported_count="", reported_amount=Share("100")
            ),
            "voucher_line": _booked,
            "union_org": _founded,
        },
        _TRANSFERS,
    ),
    "in_kind": Setting({"in_kind": _goods, "declared_figure": figure("物资")}, _GOODS),
    "contract": Setting({"contract": _contract}, _CONTRACTS),
    "indicator": Setting({"indicator": _indicator}, _INDICATORS),
    "satisfaction": Setting({"satisfaction": _survey}, _SURVEYS),
    "three_public": Setting({"three_public": _public}, _PUBLIC),
}
