"""Tell of mutual aid, activities, training and study subsidies."""

from __future__ import annotations

from datetime import date

from ledgers.invented import identity, name
from ledgers.stories.told import Cells, Setting, Share, Story, days, figure, person


def _claim(number: int) -> Cells:
    return {
        **person(number),
        "claim_no": f"JF{number:06}",
        "plan": ("互助医疗保障计划", "职工二次医保", "女职工特病保障计划"),
        "admission": days(date(2017, 12, 1), date(2018, 1, 31)),
        "discharge": days(date(2018, 2, 1), date(2018, 2, 28)),
        "amount": Share("10"),
        "fund_source": ("互助资金", "保险公司"),
        "pay_date": days(date(2018, 3, 1), date(2018, 12, 31)),
        "paying_org": "测试区总工会",
    }


def _plan(number: int) -> str:
    return f"测试保障计划{number}"


_AID: Cells = {
    "year": 2018,
    "detail_ledger": "互助保障",
    "detail_name": _plan,
    "reported_count": 1,
    "counted_in": "人",
    "reported_amount": Share("10"),
}
_CLAIMS = (
    Story(),
    Story([{"plan": _plan}], {"declared_figure": [_AID]}),
    Story([{"plan": _plan}], {"declared_figure": [{**_AID, "reported_amount": Share("11")}]},
          "E40@declared_figure", "suspect", "报告的互助保障金比台账多"),
    Story([{"fund_source": "社会捐赠"}]),
    Story([{"fund_source": ("工会经费", "行政")}], {}, "E23", "suspect", "互助给付由工会经费或行政经费列支"),
    Story([{"plan": "住院关爱计划"}], {}, "E34", "suspect", "住院关爱计划的人数与公布的2872人不同"),
    Story([{"fund_source": ""}], {}, "E23", "not_evaluable", "没有写资金来源"),
)  # fmt: skip


def _series(number: int) -> str:
    return f"测试系列活动{number}"


def _activity(number: int) -> Cells:
    return {
        "series": _series(number),
        "session_id": f"HD{number:06}",
        "program": ("职工大讲堂", "健步走", "青年联谊"),
        "activity_kind": ("讲座", "文体活动", "联谊交友"),
        "organiser": f"测试第{number + 1}基层工会",
        "organiser_level": "基层工会",
        "start_date": days(date(2021, 3, 1), date(2021, 11, 30)),
        "eligible": "",
        "participants": 60,
        "staff": 4,
        "winners": "",
        "top_prize": "",
        "garments": "",
        "cost": Share("5"),
        "subsidised": "否",
    }


_HELD: Cells = {"detail_ledger": "活动", "detail_name": _series, "reported_count": 1, "counted_in": "场"}
_CONTEST: Cells = {"program": "职工象棋赛", "activity_kind": "文体比赛", "winners": 40, "top_prize": 300, "garments": 64}


def _visit(number: int) -> str:
    return f"劳模参观学习第{number + 1}线路"


_VISIT: Cells = {"program": _visit, "activity_kind": "参观学习", "eligible": 60}

_ACTIVITIES = (
    Story(),
    Story([_CONTEST]),
    Story([_VISIT]),
    Story([{"program": "高温慰问", "activity_kind": "慰问", "start_date": days(date(2021, 6, 1), date(2021, 9, 30))}]),
    Story([{**_CONTEST, "winners": 41}], {}, "C20", "suspect", "获奖人数超过三分之二（按参数 C20.share=66.6667）"),
    Story([{**_CONTEST, "top_prize": 500}], {}, "C20", "suspect", "最高奖金超过300元（按参数 C20.top=300）"),
    Story([{**_CONTEST, "garments": 70}], {}, "C21", "suspect", "服装多于参赛人员和工作人员"),
    Story(
        [{"program": "高温慰问", "start_date": days(date(2021, 11, 1), date(2021, 12, 31))}],
        {},
        "D08",
        "suspect",
        "高温慰问在冬季",
    ),
    Story([{"program": "小燕乐园夏令营", "activity_kind": "夏令营"}], {}, "E14", "suspect", "夏令营场次与公布的24场不同"),
    Story(
        [{"program": "小燕乐园夏令营", "activity_kind": "夏令营", "participants": 0}],
        {},
        "E14 E50",
        "suspect",
        "夏令营有费用而无人参加",
    ),
    Story([{}], {"declared_figure": [{"reported_count": 2}]}, "E36@declared_figure", "suspect", "报告的场次比台账多一场"),
    Story([{**_VISIT, "participants": 55}], {}, "E20", "violation", "符合条件的劳模没有全部参加"),
    Story([{**_VISIT, "participants": 61}], {}, "E20", "suspect", "参加人数多于符合条件人数"),
    Story([{**_CONTEST, "participants": "X人"}], {}, "C20 C21", "not_evaluable", "参加人数被遮蔽"),
)


def _category(number: int) -> str:
    return f"测试培训类别{number}"


def _class(number: int) -> Cells:
    return {
        "class_id": f"PX{number:06}",
        "class_name": f"测试第{number + 1}期培训班",
        "category": _category(number),
        "organiser": "测试区总工会",
        "plan_end": date(2021, 3, 31),
        "start_date": date(2021, 3, 24),
        "end_date": date(2021, 3, 26),
        "heads": 40,
        "lessons": 8,
        "paid_lessons": 8,
        "lecturer_title": ("副高", "正高"),
        "lecture_fee": 4600,
        "lecture_fee_net": 4000,
        "total_cost": 66000,
    }


_IN_2018: Cells = {"plan_end": date(2018, 5, 3), "start_date": date(2018, 5, 1), "end_date": date(2018, 5, 3)}
_TOLD: Cells = {"year": 2018, "detail_ledger": "培训", "detail_name": _category, "reported_count": 1, "counted_in": "期"}
_AUTUMN: Cells = {"plan_end": date(2018, 10, 14), "start_date": date(2018, 10, 12), "end_date": date(2018, 10, 14)}
_CLASSES = (
    Story(),
    Story([_IN_2018], {"declared_figure": [_TOLD]}),
    Story(
        [_IN_2018],
        {"declared_figure": [{**_TOLD, "reported_count": 2}]},
        "E37@declared_figure",
        "suspect",
        "报告的期数比台账多一期",
    ),
    Story([{**_AUTUMN, "category": "工会干部培训"}], {}, "D16", "suspect", "工会干部培训班在10月举办"),
    Story([{"total_cost": 70600}]),
    Story([{"lecturer_title": "中级及以下", "lecture_fee": 800, "lecture_fee_net": 800}]),
    Story([{"total_cost": 70601}], {}, "C22", "suspect", "培训费超过综合定额（按参数 C22.daily=550）"),
    Story([{"paid_lessons": 9}], {}, "C23", "suspect", "付酬课时多于实际课时"),
    Story([{"lecture_fee": 9900, "lecture_fee_net": 8001}], {}, "C23", "suspect", "讲课费超过每学时标准"),
    Story([{"end_date": date(2021, 4, 1)}], {}, "D12", "violation", "培训晚于计划完成"),
    Story([{"heads": "X人"}], {}, "C22", "not_evaluable", "培训人数被遮蔽"),
)

QUOTA = 300  # persons whose study subsidies Sanshui planned


def _student(number: int) -> Cells:
    return {
        **person(number),
        "year": 2020,
        "application_id": f"BD{number:06}",
        "application_status": "审核通过",
        "employer": ("测试一厂", "测试二厂", "测试机械厂"),
        "employer_type": "企业",
        "job_type": "一线",
        "school": "测试学院",
        "degree": ("大专", "本科"),
        "amount": 1000,
        "pay_date": days(date(2020, 9, 1), date(2020, 12, 31)),
        "paying_org": "测试区总工会",
    }


# Those of 2021 are another number than any report says; the year that they are booked in keeps the quota apart.
_IN_2021: Cells = {"pay_date": days(date(2021, 9, 1), date(2021, 12, 31)), "year": 2022}


def _one_of_many(place: int) -> Cells:
    step = (place + 1) * 4_000_000  # far from any number that is drawn
    return {**_IN_2021, "year": 2021, "name": lambda n: name(n + step), "id_no": lambda n: identity(n + step)}


_STUDENTS = (
    Story(),
    Story([{"job_type": "管理", "employer_type": "事业单位"}]),
    Story([_IN_2021], {}, "E35", "suspect", "学历补助人数与公布的697人不同"),
    Story([{**_IN_2021, "employer_type": ("机关", "事业单位")}], {}, "C24 E35", "suspect", "补助对象不是企业职工"),
    Story([{**_IN_2021, "application_id": "", "application_status": "未申请"}], {}, "C24 E35", "suspect", "没有报读申请"),
    Story([{**_IN_2021, "job_type": ("管理", "技术")}], {}, "C29 E35", "suspect", "补助对象不是一线职工"),
    Story([{**_IN_2021, "employer_type": ""}], {}, "C24 E35:suspect", "not_evaluable", "没有写单位性质"),
    Story([_one_of_many(place) for place in range(QUOTA + 1)], {}, "C25 E35:suspect", "violation", "学费补助超出300人的名额"),
)

SETTINGS = {
    "mutual_aid_claim": Setting({"mutual_aid_claim": _claim, "declared_figure": figure("互助")}, _CLAIMS),
    "activity": Setting({"activity": _activity, "declared_figure": figure("活动", **_HELD)}, _ACTIVITIES),
    "training": Setting({"training": _class, "declared_figure": figure("培训")}, _CLASSES),
    "education_subsidy": Setting({"education_subsidy": _student}, _STUDENTS),
}
