"""Tell of findings that units put right, of who answered for them, and of vehicles that were returned."""

from __future__ import annotations

from datetime import date

from ledgers.invented import name
from ledgers.stories.told import AWAY, Cells, Setting, Story, days, unit


def _finding(number: int) -> Cells:
    return {
        "item_id": f"W{number:06}",
        "year": 2018,
        "source": "年度审计",
        "owner_org": unit(number),
        "problem": ("票据附件不全", "未按规定公示", "往来款长期未清"),
        "problem_type": "财务管理",
        "found_at": days(date(2018, 1, 1), date(2018, 6, 30)),
        "owner": name(number),
        "rectify_by": date(2018, 12, 31),
        "extended_to": "",
        "state": "已整改",
        "done_date": date(2018, 10, 31),
        "evidence": "附件1",
        "to_be_answered_for": "否",
    }


def _audit(number: int) -> Cells:
    report = {"audit_report_no": f"测审{number:06}", "findings": 0}
    return {"year": 2021, "audit_project": "工会经费专项审计", "audited_org": unit(number), **report}


_OPEN: Cells = {"state": "整改中", "done_date": "", "evidence": ""}
_FINDINGS = (
    Story(),
    Story([{"state": "基本完成", "evidence": ""}]),
    Story([{**_OPEN, "extended_to": date(2022, 6, 30)}]),
    Story([{"to_be_answered_for": "是"}]),
    Story([{**_OPEN, "source": "区委巡察", "extended_to": date(2022, 6, 30)}], {}, "F08", "suspect", "巡察问题的项数与公布的不同"),
    Story([_OPEN], {}, "F09", "suspect", "整改逾期"),
    Story([{"evidence": ""}], {}, "F09", "suspect", "填报已整改，没有佐证材料"),
    Story([{**_OPEN, "extended_to": date(2022, 6, 30), "owner": ""}], {}, "F09", "suspect", "尚未整改，没有责任人"),
    Story([{"state": "待定"}], {}, "F09", "not_evaluable", "整改结果写作“待定”"),
    Story([{"to_be_answered_for": "是"}], {"accountability": []}, "F10", "suspect", "需要问责的问题没有问责记录"),
    Story([{}], {"union_audit": [{"findings": 2}]}),
    Story([{}], {"union_audit": [{"audited_org": lambda n: unit(n + AWAY), "findings": 2}]},
          "F13@union_audit", "suspect", "审计发现的问题没有整改事项"),
    Story([{}, {"item_id": lambda n: f"X{n:06}", "found_at": date(2018, 11, 30), "done_date": date(2018, 12, 20)}],
          {}, "G05", "suspect", "整改完成后同类问题又被发现"),
)  # fmt: skip


def _vehicle(number: int) -> Cells:
    return {
        "plate": f"测A{number:05}",
        "owner_org": unit(number),
        "owner_relation": "下属单位",
        "user_org": "测试区总工会",
        "use_form": ("借用", "占用"),
        "used_from": days(date(2015, 1, 1), date(2017, 12, 31)),
        "returned_at": days(date(2018, 1, 1), date(2018, 12, 31)),
    }


def _booked(number: int) -> Cells:
    """Make up the line of a bank account: it holds the other side of what was paid."""
    return {
        "date": date(2018, 6, 5),
        "voucher_no": f"车{number:06}-1",
        "summary": "付车辆费用",
        "account_code": "1002",
        "account_name": "银行存款",
        "vehicle_plate": "",
        "debit": "",
        "credit": 300,
    }


_FUEL: Cells = {
    "account_code": "500501",
    "account_name": "车辆费用",
    "fund_source": "本级工会经费",
    "vehicle_plate": lambda n: f"测A{n:05}",
    "debit": 300,
    "credit": "",
}
_OWN: Cells = {"owner_relation": "本单位", "use_form": "自用", "returned_at": ""}
_VEHICLES = (
    Story(),
    Story([_OWN], {"voucher_line": [_FUEL]}),
    Story([{}], {"voucher_line": [_FUEL]}, "F07@voucher_line", "suspect", "列支下属单位车辆的费用"),
    Story([_OWN]),
    Story([{"use_form": "统一调派", "returned_at": ""}]),
    Story([{"returned_at": ""}], {}, "F06", "violation", "下属单位的车辆没有归还"),
    Story([{"owner_relation": ""}], {}, "F06", "not_evaluable", "没有写与产权单位的关系"),
)

SETTINGS = {
    "rectification": Setting(
        {
            "rectification": _finding,
            "union_audit": _audit,
            "accountability": lambda number: {"item_id": f"W{number:06}", "person": name(number), "sanction": "谈话提醒"},
        },
        _FINDINGS,
    ),
    "vehicle_use": Setting({"vehicle_use": _vehicle, "voucher_line": _booked}, _VEHICLES),
}
