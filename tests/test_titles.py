"""Titles help to tell what a list is, and what they say against it is said."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from ledgers.headers import NotRecognised, recognise
from ledgers.titles import called_otherwise, not_happened
from tests.test_intake import KINDS, bring, identity, write_csv

PERSON = ["姓名", "身份证号", "发放日期", "金额"]
ZHANG = ["张三", identity(1), "2021-02-03", "500"]


def read_as(tmp_path: Path, title: str, header: Sequence[str], row: Sequence[str], name: str = "a") -> tuple[str, list[str]]:
    """Give the kind that a list with a title is read as, and the notes on its title."""
    brought = bring(write_csv(tmp_path / f"{name}.csv", [[title], header, row] if title else [header, row]))
    [kind] = [kind for kind, rows in brought.rows.items() if rows]
    return kind, [note.message for note in brought.notes if "标题" in note.message or "缺少其必需列" in note.message]


@pytest.mark.parametrize(
    ("title", "more", "kind"),
    [
        ("困难职工救助金发放表", "学历", "aid_payment"),
        ("职工学历提升补助发放表", "学历", "education_subsidy"),
        ("春节困难职工慰问金发放表", "荣誉称号", "aid_payment"),
        ("劳模津贴发放表", "荣誉称号", "model_allowance"),
        ("劳模春节慰问金发放表", "荣誉称号", "model_allowance"),
    ],
)
def test_of_kinds_that_fit_the_one_in_the_title_is_taken(title: str, more: str, kind: str, tmp_path: Path) -> None:
    """One column more made a payment of aid a study subsidy, without a word."""
    assert read_as(tmp_path, title, [*PERSON, more], [*ZHANG, "x"]) == (kind, [])


def test_where_no_title_stands_the_name_of_the_file_decides(tmp_path: Path) -> None:
    header, row = [*PERSON, "学历"], [*ZHANG, "大专"]
    assert read_as(tmp_path, "", header, row, "困难职工救助金")[0] == "aid_payment"
    assert read_as(tmp_path, "", header, row, "学历补助")[0] == "education_subsidy"


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("职工医疗互助补助金发放清册", "医疗互助"),
        ("疫情防控值守补助发放表", "值守"),
        ("会费收缴登记表", "会费"),
        ("2021年会员生日慰问金发放表", "会员生日慰问"),
        ("职工技能竞赛奖金发放表", "奖金"),
    ],
)
def test_a_title_that_calls_the_list_another_kind_is_named(title: str, words: str, tmp_path: Path) -> None:
    kind, [said] = read_as(tmp_path, title, PERSON, ZHANG)
    assert kind == "aid_payment"
    assert f"“{words}”" in said
    assert "--ledger" in said


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("慰问金未领取人员名单", "未领取"),
        ("困难职工救助公示名单", "公示"),
        ("职工捐款名单", "捐款"),
        ("困难职工慰问计划表", "计划"),
        ("临时救助申请登记表", "申请"),
        ("慰问金退回情况表", "退回"),
    ],
)
def test_a_title_that_says_that_nothing_was_paid_is_named(title: str, words: str, tmp_path: Path) -> None:
    _, said = read_as(tmp_path, title, PERSON, ZHANG)
    assert any(f"写有“{words}”" in what and "仍照常判断" in what for what in said)


def test_files_that_were_refused_are_no_files_without_a_word(tmp_path: Path) -> None:
    header = ["姓名", "身份证号", "工作单位", "困难类别", "致困原因", "审批日期"]
    row = ["张三", identity(1), "甲厂", "深度困难", "患病", "2021-02-01"]
    kind, said = read_as(tmp_path, "困难职工建档未通过名单", header, row)
    assert kind == "hardship_archive"
    assert any("未通过" in what for what in said)


@pytest.mark.parametrize(
    ("title", "header", "row"),
    [
        ("沅江市2021年春节送温暖慰问金发放花名册", PERSON, ZHANG),
        ("2021年度工会经费预算执行情况表", ["项目", "预算数", "执行数"], ["培训", "100000", "90000"]),
        ("2021年下拨基层工会经费明细", ["收款单位", "拨付金额", "用途"], ["甲厂", "3000", "活动"]),
        ("2021年春节慰问金发放表", PERSON, ZHANG),
        ("生活救助申请及发放登记表", PERSON, ZHANG),
        ("帮扶资金计划执行发放明细", PERSON, ZHANG),
        ("社会捐款慰问困难职工花名册", PERSON, ZHANG),
        ("困难农民工工资被拖欠救助金发放表", PERSON, ZHANG),
        ("夏季送清凉慰问一线困难职工资金发放表", PERSON, ZHANG),
        ("困难职工资助金发放表", PERSON, ZHANG),
    ],
)
def test_a_title_that_fits_is_no_matter(title: str, header: Sequence[str], row: Sequence[str], tmp_path: Path) -> None:
    assert read_as(tmp_path, title, header, row)[1] == []


def test_kinds_of_expense_make_a_budget_one_of_the_three_public_ones(tmp_path: Path) -> None:
    header, row = ["年度", "经费类别", "预算金额", "实际支出"], ["2021", "公务接待费", "20000", "8600"]
    assert read_as(tmp_path, "", header, row)[0] == "three_public"


def test_what_a_kind_is_called_is_not_said_against_it() -> None:
    for kind in KINDS.values():
        if kind.called and re.search(kind.called, kind.title.zh):
            assert called_otherwise([kind.title.zh], [], kind, KINDS) == ("", "")
            assert not_happened([kind.title.zh], kind) == ""


@pytest.mark.parametrize(
    ("header", "row", "kind", "likelier"),
    [
        (
            ["活动日期", "活动内容", "组织部门", "预算", "实际支出"],
            ["2022/3/8", "讲座", "女工委", "3000", "2860"],
            "budget_execution",
            "activity",
        ),
        (
            ["序号", "姓名", "身份证号", "单位", "住院天数", "慰问金"],
            ["1", *ZHANG[:2], "甲厂", "8", "500"],
            "aid_payment",
            "mutual_aid_claim",
        ),
        (PERSON, ZHANG, "aid_payment", ""),
    ],
)
def test_a_list_with_more_headers_of_a_kind_that_lacks_a_column_is_named(
    header: list[str], row: list[str], kind: str, likelier: str, tmp_path: Path
) -> None:
    found, said = read_as(tmp_path, "", header, row)
    assert found == kind
    assert [f"像 `{likelier}`" in what for what in said if "缺少其必需列" in what] == ([True] if likelier else [])


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_list_of_its_own_headers_is_taken_for_another_kind_or_doubted(kind: str) -> None:
    described, chance, refused = KINDS[kind], random.Random(kind), 0
    for _ in range(20):
        needed = [group if isinstance(group, str) else chance.choice(group) for group in described.required]
        others = [name for name in described.columns if name not in needed]
        columns = [described.columns[name] for name in [*needed, *chance.sample(others, min(len(others), 4))]]
        header = [chance.choice([column.zh, *column.headers]) for column in columns]
        try:
            layout = recognise([header, ["1"] * len(header)], KINDS)
        except NotRecognised:  # two that mean one thing, or what fits two kinds alike
            refused += 1
            continue
        assert (layout.kind, layout.likelier) == (kind, ""), header
    assert refused <= 2
