"""Tell of payments of aid, files, lists, plans and reports: the winter campaign, and central money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ledgers.invented import identity, name
from ledgers.stories.told import ALL, AWAY, FIRST, Cells, Setting, Story, Usual, days, person, unit

_CASH = {"一般困难": 300, "困难": 500, "特别困难": 800}


def _payment(number: int) -> Cells:
    tier = list(_CASH)[number % 3]
    return {
        **person(number),
        "household_id": f"H{number:06}",
        "campaign": f"2021年春节送温暖第{number + 1}批",
        "program": "送温暖",
        "aid_kind": "慰问",
        "beneficiary_type": ("困难职工", "困难农民工"),
        "hardship_tier": tier,
        "hardship_cause": ("大病", "子女上学", "意外灾害"),
        "model_level": "",
        "employer": ("测试一厂", "测试二厂", "测试机械厂", "测试茶场"),
        "employer_status": "正常",
        "union_name": unit(number),
        "employment_city": "沅江市",
        "district": "测试镇",
        "student": "",
        "amount": _CASH[tier],
        "fund_source": "上级工会",
        "fund_year": 2021,
        "on_city_list": "是",
        "visit_channel": ("市领导慰问", "市总工会领导慰问", "各基层工会慰问"),
        "publicity_start": date(2021, 1, 4),
        "publicity_end": date(2021, 1, 7),
        "reported_at": date(2021, 1, 8),
        "reviewed_at": date(2021, 1, 11),
        "collected_at": date(2021, 1, 12),
        "pay_date": days(date(2021, 1, 13), date(2021, 1, 31)),
        "payee_name": name(number),
        "payee_account": f"9900{number:012}",
        "signed_by": name(number),
        "paying_org": unit(number),
        "total_value": "",
    }


def _file(number: int) -> Cells:
    filed = days(date(2016, 1, 1), date(2019, 12, 31))
    out = {"status": "已脱困", "exit_date": days(date(2021, 11, 1), date(2021, 12, 30))}
    standing = {"filed_at": filed, "updated_at": date(2020, 12, 1), **out, "death_date": ""}
    need = {
        "hardship_class": "深度困难",
        "district": "测试镇",
        "family_size": 3,
        "family_year_income": 20000,
        "rigid_spending": 0,
        "dibao_status": "否",
        "zero_employment": "否",
        "work_state": "在岗",
    }
    return {**person(number), "archive_id": f"DA{number:06}", **standing, **need, "own_paid_medical": 20000, "homes": 1}


def _child(number: int) -> str:
    return name(number + 2 * AWAY)


def _member(number: int) -> Cells:
    born = {"birth_date": date(2010, 5, 4), "id_no": identity(number + 2 * AWAY)}
    head = {"archive_id": f"DA{number:06}", "head_id_no": identity(number)}
    return {**head, "name": _child(number), "relation": "子女", **born}


def _guest(number: int) -> Cells:
    outing = {"program": "女职工插花比赛", "activity_date": date(2018, 3, 8), "organiser": "测试区总工会"}
    return {**person(number), "sex": "女", **outing}


def _approved(number: int) -> Cells:
    listed = {"listed_amount": ALL, "listed_at": date(2021, 1, 11), "paying_org": unit(number)}
    return {"list_stage": "审核", **person(number), **listed}


_AID_USUAL: dict[str, Usual] = {
    "aid_payment": _payment,
    "hardship_archive": _file,
    "hardship_member": _member,
    "activity_participant": _guest,
    "approved_list": _approved,
    "union_org": lambda number: {"name": unit(number), "parent": "测试市总工会", "founded_at": date(2012, 5, 1)},
    "member_roster": lambda number: {**person(number), "member_no": f"HY{number:06}", "joined_at": date(2016, 5, 1), "union_name": unit(number)},
    "aid_plan": lambda number: {"paying_org": unit(number), "year": 2021, "planned_at": date(2021, 1, 4)},
    "summary_report": lambda number: {
        "paying_org": unit(number), "submitted_at": date(2021, 3, 1), "reported_amount": ALL,
    },
    "fund_collection": lambda number: {
        "paying_org": unit(number), "collected_at": date(2021, 1, 12), "collected_amount": FIRST, "returned_amount": "",
    },
}  # fmt: skip
_STANDARD = {"district": "测试镇", "valid_from": date(2015, 1, 1), "monthly": 600, "basic_living": 600}

_MODEL: Cells = {"beneficiary_type": "劳模", "model_level": "市级", "hardship_tier": "", "amount": 1000}
_STEPS = ("publicity_start", "publicity_end", "reported_at", "reviewed_at", "collected_at")
_OWN: Cells = {"on_city_list": "否", "fund_source": "基层自筹", **dict.fromkeys(_STEPS, "")}  # money that the union raised itself
_OFF_LIST: Mapping[str, Sequence[Cells]] = {"approved_list": [], "fund_collection": []}
_OTHER: Cells = {"name": lambda n: name(n + AWAY), "id_no": lambda n: identity(n + AWAY)}  # a second person
_BESIDE_OTHER = {**_OTHER, "payee_name": lambda n: name(n + AWAY), "payee_account": lambda n: f"9901{n:012}"}
_ORDINARY: Cells = {"hardship_tier": "一般困难", "amount": 300}
_SEVERE: Cells = {"hardship_tier": "特别困难", "amount": 800}
_PANYU: Cells = {"beneficiary_type": "困难职工", "household_id": ""}
_LIVING: Cells = {**_OWN, "program": "生活救助", "aid_kind": "生活", "fund_source": "中央财政专项", "amount": 2000}
_MEDICAL: Cells = {**_LIVING, "program": "医疗救助", "aid_kind": "医疗", "hardship_cause": "大病"}
_STUDY: Cells = {**_LIVING, "program": "金秋助学", "aid_kind": "助学", "student": _child}
_EMPLOYMENT: Cells = {**_LIVING, "program": "就业援助", "aid_kind": "就业"}
_FOR_CHILDREN: Cells = {
    **_LIVING, "program": "其他", "campaign": "“六一”关爱", "fund_source": "本级工会经费", "fund_year": 2018, "pay_date": date(2018, 6, 1),
}  # fmt: skip
_FILED_EARLY: Cells = {"filed_at": date(2017, 3, 1), "updated_at": date(2018, 1, 4)}
_OPEN: Cells = {"status": "在档", "exit_date": ""}
_POOR: Cells = {"hardship_cause": "低收入"}
_OUTING: Cells = {"program": "困难女职工参观学习"}
_SELF: Cells = {"name": name, "id_no": identity}
_NO_VISIT: Mapping[str, Sequence[Cells]] = {**_OFF_LIST, "summary_report": []}
_BOTH: Mapping[str, Sequence[Cells]] = {
    "hardship_archive": [{}, _OTHER], "approved_list": [{"listed_amount": FIRST}, {**_OTHER, "listed_amount": FIRST}],
    "fund_collection": [{"collected_amount": ALL}],
}  # fmt: skip
_AGAIN: Mapping[str, Sequence[Cells]] = {"fund_collection": [{"collected_amount": ALL}]}
_EARLY: Mapping[str, Sequence[Cells]] = {
    **_NO_VISIT, "hardship_archive": [{"filed_at": date(2016, 5, 3)}, {**_OTHER, "filed_at": date(2016, 5, 3)}],
}  # fmt: skip
_MISTYPED: Cells = {"id_no": lambda n: identity(n)[:-1] + ("0" if identity(n)[-1] != "0" else "1")}
_SEVERAL: Cells = {"name": lambda n: f"{name(n)}等3人"}
_ELSEWHERE: Cells = {"name": lambda n: f"测试第{n + 1}外单位工会"}

_AID = (
    Story(),
    Story([_MODEL]),
    Story(beside={"hardship_archive": [{"status": "已脱困", "exit_date": days(date(2021, 3, 1), date(2021, 6, 30))}]}),
    Story([{**_OWN, "beneficiary_type": "困难职工"}], _OFF_LIST),
    Story([_LIVING], _NO_VISIT),
    Story([_MEDICAL], _NO_VISIT),
    Story([{}], {"hardship_archive": []}, "A01", "violation", "没有困难职工档案"),
    Story([{}], {"hardship_archive": [{"status": "已脱困", "exit_date": days(date(2020, 6, 1), date(2020, 12, 31))}]},
          "A01 A08", "suspect", "发放前档案已退出"),
    Story([{}], {"hardship_archive": [{"filed_at": days(date(2021, 2, 1), date(2021, 4, 30))}]}, "A02", "violation", "先发放、后建档"),
    Story([{**_SEVERAL, "payee_name": _SEVERAL["name"]}], {"hardship_archive": [_SEVERAL]}, "A03", "violation", "一行写了几个人"),
    Story([_MISTYPED], {kind: [_MISTYPED] for kind in ("hardship_archive", "approved_list", "member_roster")},
          "A04", "suspect", "身份证号校验码不成立"),
    Story([{}], {"hardship_archive": [{"name": "测试另名"}]}, "A05", "suspect", "档案是另一个姓名"),
    Story([{"payee_name": "测试代收"}], {}, "A06", "suspect", "收款人不是本人，也没有写代领人"),
    Story([{}, {**_BESIDE_OTHER, **_OWN, **_MODEL, "payee_account": lambda n: f"9900{n:012}"}],
          {"approved_list": [{"listed_amount": FIRST}]}, "A07", "suspect", "两人同一银行卡号"),
    Story([{}], {"hardship_archive": [{"updated_at": date(2018, 6, 1)}]}, "A09", "suspect", "档案两年多没有更新"),
    Story([{}], {"hardship_archive": [_OPEN, {**_OPEN, "archive_id": lambda n: f"DB{n:06}"}]},
          "A10@hardship_archive A17@hardship_archive", "suspect", "一人两份在档档案"),
    Story([{}], {"hardship_archive": [{"death_date": date(2020, 12, 30)}]}, "A11", "suspect", "死亡之后仍以本人为收款人发放"),
    Story([{**_LIVING, "paying_org": unit(0), "signed_by": "", "payee_account": ""}], _NO_VISIT, "A12", "suspect", "没有签名，也没有账号"),
    Story([{**_LIVING, "beneficiary_type": "困难农民工"}], {**_NO_VISIT, "member_roster": []}, "A13", "violation", "中央资金发给非会员农民工"),
    Story([{}], {"hardship_archive": [{**_OPEN, "family_year_income": 90000}]},
          "A14@hardship_archive A17@hardship_archive", "suspect", "收入超过困难类别的标准"),
    Story([{}], {"hardship_archive": [{**_OPEN, "homes": 2}]},
          "A15@hardship_archive A17@hardship_archive", "suspect", "有两套住房（按参数 A15.homes=2）"),
    Story([{}], {"hardship_archive": [_OPEN], "hardship_member": [{}, {**_SELF, "archive_id": lambda n: f"DB{n:06}", "head_id_no": "", "relation": "配偶"}]},
          "A16@hardship_archive A17@hardship_archive", "suspect", "户主又是另一户的家庭成员"),
    Story([{}], {"hardship_archive": [{"exit_date": date(2021, 12, 31)}]}),
    Story([{}], {"hardship_archive": [_OPEN]}, "A17@hardship_archive", "suspect", "年末档案仍在档"),
    Story([{**_STUDY, **_MODEL, "fund_source": "本级工会经费", "hardship_cause": ""}], {**_NO_VISIT, "hardship_archive": []},
          "B17", "suspect", "困难劳模帮扶没有致困原因，也没有档案"),
    Story([{"beneficiary_type": ("困难农民", "困难城镇居民")}], {}, "B01", "violation", "发放对象不是职工"),
    Story([{"employer": ""}], {}, "B01", "not_evaluable", "工作单位为空"),
    Story([{"beneficiary_type": "退休", "hardship_cause": "低收入"}], {}, "B02", "violation", "不在四类慰问对象之内"),
    Story([{"beneficiary_type": "困难职工", "hardship_cause": "", **_ORDINARY}], {}, "B03", "suspect", "企业正常，没有写致困原因"),
    Story([{**_MODEL, "model_level": "无"}], {}, "B04", "violation", "没有劳模级别"),
    Story([{"beneficiary_type": "困难农民工", "employment_city": "广东省东莞市"}], {}, "B05", "violation", "农民工不在本市就业"),
    Story([{"beneficiary_type": "困难农民工", "hardship_cause": "", **_SEVERE}], {}, "B06", "suspect", "特别困难户没有写致困原因"),
    Story([{**_OWN, "fund_source": "上级工会"}], {"approved_list": []}, "B07 B08", "violation", "名单外的人用了市总资金"),
    Story([{**_OWN, "fund_source": "省级"}], {"approved_list": []}, "B08", "violation", "名单外的人不是用自筹资金慰问"),
    Story([{"union_name": _ELSEWHERE["name"]}], {"union_org": [_ELSEWHERE]}, "B09", "violation", "慰问了别的工会的职工"),
    Story([{**_MODEL, "fund_source": "中央财政专项"}], {}, "B10", "violation", "中央资金慰问劳模"),
    Story([{}], {"activity_participant": [{**_OUTING, "sex": "男"}]}, "B12@activity_participant", "suspect", "困难女职工活动有男职工参加"),
    Story([{**_FOR_CHILDREN, "student": "测试外孩"}], {**_NO_VISIT, "hardship_archive": [_FILED_EARLY]}, "B13", "suspect", "“六一”慰问的孩子不在档案内"),
    Story([{**_LIVING, "fund_source": "本级工会经费", "campaign": "情系黔东南活动", "employment_city": "贵州省凯里市"}],
          _NO_VISIT, "B14", "suspect", "东西部协作帮扶的人在外地就业"),
    Story([{**_ORDINARY, "total_value": 301}], {}, "E11", "suspect", "钱物合计多写一元"),
    Story([{"hardship_tier": "一般困难", "amount": 400}], {}, "C01 C03:suspect", "violation", "一般困难户发了400元"),
    Story([_SEVERE, {**_SEVERE, **_BESIDE_OTHER, "household_id": lambda n: f"J{n:06}"}], _BOTH,
          "C02", "violation", "一次活动只有特别困难户"),
    Story([_ORDINARY, {**_ORDINARY, **_BESIDE_OTHER}], _BOTH, "C04", "violation", "一户两人各领一份"),
    Story([_ORDINARY, {**_ORDINARY, "household_id": ""}], _AGAIN, "C05", "violation", "同一批次同一方式发放两次"),
    Story([_ORDINARY, {**_ORDINARY, "household_id": "", "fund_source": "基层自筹"}], {},
          "C05", "suspect", "同一批次同一方式由两种资金各发一次"),
    Story([{**_OWN, **_SEVERE, **_PANYU, "employer": "测试一厂", "pay_date": days(date(2019, 1, 7), date(2019, 1, 31))},
           {**_OWN, **_ORDINARY, **_PANYU, **_BESIDE_OTHER, "hardship_tier": "特别困难", "employer": "测试一厂",
            "beneficiary_type": "困难农民工", "pay_date": days(date(2019, 1, 7), date(2019, 1, 31))}],
          _EARLY, "C06", "suspect", "同单位同等级的农民工少发"),
    Story([{**_OWN, **_SEVERE, **_PANYU, "pay_date": days(date(2018, 2, 1), date(2018, 2, 10))},
           {**_OWN, **_SEVERE, **_PANYU, **_BESIDE_OTHER, "amount": 500, "pay_date": days(date(2018, 2, 1), date(2018, 2, 10))}],
          _EARLY, "C07", "suspect", "同批同等级的金额不同"),
    Story([{**_OWN, **_MODEL, "amount": 3500}], _OFF_LIST, "C14", "suspect", "一次送温暖超过当地限额"),
    Story([{**_LIVING, "amount": 22000}], _NO_VISIT, "C11", "violation", "生活救助超过全家一年低保标准"),
    Story([{**_LIVING, "amount": 9000}], _NO_VISIT, "C11", "suspect", "生活救助超过一人、未超过全家一年低保标准"),
    Story([{**_MEDICAL, "amount": 21000}], _NO_VISIT, "C12", "violation", "医疗救助超过自付费用"),
    Story([{**_STUDY, "amount": 6500}], _NO_VISIT, "C13", "violation", "助学救助超过十个月基本生活费"),
    Story([{**_MEDICAL, "hardship_cause": "子女上学"}], _NO_VISIT, "C26", "suspect", "医疗救助的致困原因是子女上学"),
    Story([{**_LIVING, **_POOR}], {**_NO_VISIT, "hardship_archive": [{"hardship_class": "困难", "family_year_income": 90000}]},
          "C30", "suspect", "生活救助的家庭不是低保、低保边缘，也没有受灾"),
    Story([_STUDY], _NO_VISIT),
    Story([{**_STUDY, "student": "测试学生"}], _NO_VISIT, "C31", "suspect", "受助学生不是困难职工的子女"),
    Story([{**_EMPLOYMENT, "hardship_cause": ("失业", "下岗")}], _NO_VISIT),
    Story([{**_EMPLOYMENT, "hardship_cause": "大病"}], _NO_VISIT, "C32", "suspect", "就业援助的家庭没有就业困难"),
    Story([{"pay_date": days(date(2021, 2, 18), date(2021, 2, 26))}], {}, "D01", "violation", "春节后才慰问"),
    Story([{"publicity_end": date(2021, 1, 5)}], {}, "D02", "violation", "只公示两天"),
    Story([{"publicity_end": date(2021, 1, 6)}], {}, "D02", "suspect", "公示三天，首日是否计入读法不一"),
    Story([{"publicity_start": date(2021, 2, 1), "publicity_end": date(2021, 2, 5)}], {}, "D03", "suspect", "发放后才公示"),
    Story([{"reviewed_at": date(2021, 2, 5)}], {}, "D04", "violation", "发放后才审核"),
    Story([{"visit_channel": "乡镇领导慰问"}], {}, "D14", "suspect", "不在三种慰问方式之内"),
    Story([{**_LIVING, "fund_source": "", "beneficiary_type": "困难职工"}], _NO_VISIT, "E52 B10:not_evaluable C11:not_evaluable D07:not_evaluable", "suspect", "没有写资金来源"),
    Story([{}], {"aid_plan": []}, "D05", "suspect", "没有送温暖方案"),
    Story([{}], {"aid_plan": [{"planned_at": date(2021, 2, 5)}]}, "D05", "suspect", "方案晚于发放"),
    Story([{}], {"summary_report": []}, "D06", "suspect", "当年尚未报送总结"),
    Story([{}], {"summary_report": [{"submitted_at": date(2021, 2, 10)}]}, "D06", "violation", "总结在春节前报送"),
    Story([{**_LIVING, "fund_year": 2020}], _NO_VISIT, "D07", "suspect", "上年资金今年发放"),
    Story([{**_LIVING, "program": "微心愿", "fund_source": "本级工会经费", "amount": 300}], _NO_VISIT,
          "E09", "suspect", "微心愿人数与公布的252人不同"),
    Story([{**_LIVING, "pay_date": days(date(2021, 5, 1), date(2021, 5, 5))}], _NO_VISIT, "D10", "lead", "劳动节放假期间发放"),
    Story([{}], {"approved_list": [{"listed_amount": 100}]}, "G01", "suspect", "实发与核定金额不同"),
    Story([_LIVING], {**_NO_VISIT, "approved_list": [{"list_stage": "公示"}]}, "G07@approved_list", "lead", "公示名单写有完整身份证号"),
    Story([{}], {"fund_collection": [{"collected_amount": 5000}]}, "G02@fund_collection", "suspect", "领取的比发放和退回的多"),
    Story([{}], {"summary_report": [{"reported_amount": 99}]}, "G04@summary_report", "suspect", "总结金额与台账不同"),
    Story([_OWN], {**_OFF_LIST, "approved_list": [_OTHER]}, "G09@approved_list", "suspect", "名单上的人没有发放记录"),
    Story([{"id_no": "9900****1234"}], {}, "A01 A02 A03 A04 A05 A07 A08 A09 A11 C05 C14 G01 G09@approved_list", "not_evaluable", "身份证号被遮蔽"),
    Story([{"pay_date": "2021.2.30", **_ORDINARY, "beneficiary_type": "困难职工", "visit_channel": "市领导慰问"}], {},
          "A01 A02 A03 A04 A05 A06 A07 A08 A09 A12 B01 B02 B03 B07 B09 C01 C02 C03 C04 C05 C06 C07 C14 D01 D02 D03 D04 D05 D06 D14 E52 G01",
          "not_evaluable", "日历上没有发放日期这一天"),
)  # fmt: skip

SETTINGS = {"aid_payment": Setting(_AID_USUAL, _AID, {"dibao_standard": [_STANDARD]})}
