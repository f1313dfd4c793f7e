"""Tell of model workers and what they are paid, and of gifts and condolence money for members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ledgers.invented import identity, name
from ledgers.stories.told import AWAY, Cells, Setting, Story, Usual, days, person

# -- model workers ------------------------------------------------------------------------------------------------------


def _allowance(number: int) -> Cells:
    return {
        **person(number),
        "year": 2021,
        "period": "全年",
        "item": "荣誉津贴",
        "level": "区级",
        "paying_org": "测试区总工会",
        "amount": 600,
        "pay_date": days(date(2021, 4, 20), date(2021, 4, 30)),
    }


def _titled(number: int) -> Cells:
    return {**person(number), "level": "区级", "title_year": (1995, 2000, 2005, 2010), "status": "在世", "left_at": ""}


_MODEL_USUAL: dict[str, Usual] = {"model_allowance": _allowance, "model_roster": _titled}
_VISIT: Cells = {"item": "春节慰问", "level": "市级", "amount": 1000, "pay_date": days(date(2021, 1, 25), date(2021, 2, 5))}
_CITY: Mapping[str, Sequence[Cells]] = {"model_roster": [{"level": "市级"}]}
_SOMEBODY: Cells = {"name": lambda n: name(n + AWAY), "id_no": lambda n: identity(n + AWAY)}

_MODEL = (
    Story(),
    Story([_VISIT], _CITY),
    Story([{"period": "上半年", "amount": 600}, {"period": "下半年", "amount": 600}]),
    Story([{}], {"model_roster": [{"status": "去世", "left_at": days(date(2021, 6, 1), date(2021, 8, 31))}]}),
    Story([{}, {"pay_date": days(date(2021, 10, 8), date(2021, 10, 20))}], {}, "C09", "suspect", "同一年度发放两次"),
    Story([{}], {"model_roster": []}, "C10", "suspect", "不在劳模名册上"),
    Story([{}], _CITY, "C10", "suspect", "名册上没有区级称号"),
    Story([{}], {"model_roster": [{"status": "去世", "left_at": days(date(2019, 3, 1), date(2020, 11, 30))}]},
          "C10", "suspect", "上年以前已经去世"),
    Story([_VISIT], {"model_roster": [_SOMEBODY]}, "G03@model_roster", "suspect", "名册上的区级劳模没有领到津贴"),
    Story([{"id_no": "9900****1234"}], {}, "C09 C10 G03@model_roster", "not_evaluable", "劳模身份证号被遮蔽"),
)  # fmt: skip

SETTINGS = {"model_allowance": Setting(_MODEL_USUAL, _MODEL)}
