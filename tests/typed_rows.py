"""Make up rows as clerks type them, for any kind: good cells, blanks, masks, other spellings, days and amounts as numbers and as texts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

from ledgers.kinds import Column, Kind
from ledgers.papers import check_digit

ODD: dict[str, Sequence[object]] = {
    "date": ["2021-02-03", "2021.2.3", "2021年2月3日", "2021/2/3", "2021-02", "2021年2月", "2021-2-30", "20210203", "44230", "2月3日", " ", "2021.1-5", "待定",
             20211, 44230.5, 20210203, "2021年2月3号", "２０２１-2-3", "2021/1-5", "2021-1.5", "2021-2-", "2021年二月三日", "-", 0, "2021.1", "2049-12-31",
             "2050-1-1", "2021-02-03 ", "不详"],
    "amount": ["500", "500.00", "５００", "伍佰元整", "约500", "500元", "1,500.00", "-", "***", 1e13, 0.1 + 0.2, 1234.567, "500.", "1.234", ".5", "500.5",
               " 500", "待定", "0", 800.0, "800", "无"],
    "integer": ["3", "3人", 3.5, -1, "三", " ", "-", "03", 1e10],
    "year": ["2021", "2021年", 2021, 1800, "21", 2021.5, "-"],
    "flag": ["√", "有", "无", 1, 0, "不清", "-", "yes", "", "是 ", "待定"],
    "percent": ["97%", "97.5%", "0.97", 0.97, "-", "97", "100.00%", "九成", "97 %"],
    "identity": ["990000********0012", "9900001980010100", "", "无", 990000198001010000, "990000198001010010", "111111111111111111", "990000800101001",
                 "K1234567", "990000198013010012"],
    "account": ["9900***1234", "现金", "9900021234567890123", "-", 9900021234567890, "99000212345"],
    "name": ["张三", "李和平", "张某", "张*", "张三（代）", "张三 李四", "王五等3人", "测试公司", "第一车间", "买买提·吐尔逊", "", "张 三", "無", "待定", "寮犱笁",
             "張三", "X", "张三、李四", "Alex", "张三1", "职工代表", "本人", "县总工会", "同左", "陈玥"],
    "text": ["", "无", "同上", "待补", "春节慰问", "夏送清凉", "金秋助学", "五一慰问", "沅江市", "本市 ", "長沙市", "北京市（朝阳）", "某公司", "***", "办公用品",
             "失业", "12", "12.0", 12, "＃", "不详", "——", "支付1-3月电费", "X县", "。", "总数", "（空）", "附件1", "五一", "同 上"],
}  # fmt: skip
GOOD: dict[str, Sequence[object]] = {
    "flag": ["是", "否"], "amount": [300, 500, 800, 1000, 200.5, 50, 0, 3000, 100000], "year": [2020, 2021], "percent": ["97%", "95.00%", "100%", "45.5%"],
    "name": ["张三", "李四", "王小五", "赵六六"], "text": ["送温暖", "沅江市", "甲公司", "春节", "第一小学", "测试街道", "慰问困难职工"],
}  # fmt: skip


def make_rows(kind: Kind, number: int, seed: int) -> list[list[object]]:
    """Make up rows: some good in every cell, some odd in a few of them, some in many."""
    chance = random.Random(f"{kind.kind} {seed}")
    made = []
    for _ in range(number):
        odd = chance.choice((0, 0, 0.05, 0.15, 0.4))
        made.append(
            [_odd(column, chance) if chance.random() < odd else _good(column, chance) for column in kind.columns.values()]
        )
    return made


def _good(column: Column, chance: random.Random) -> object:
    if column.type == "code":
        return chance.choice(list(column.codes))
    if column.type == "date":
        return date(2020, 11, 20) + timedelta(days=chance.randint(0, 420))
    if column.type == "integer":
        return chance.randint(0, 60)
    if column.type == "identity":
        body = (
            f"990000{chance.randint(1950, 2005)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}{chance.randint(0, 999):03}"
        )
        return body + check_digit(body)
    return f"990000000{chance.randint(1000000, 9999999)}" if column.type == "account" else chance.choice(GOOD[column.type])


def _odd(column: Column, chance: random.Random) -> object:
    if chance.random() < 0.3:
        return None
    if column.type != "code":
        return chance.choice(ODD[column.type])
    aliases = [alias for more in column.codes.values() for alias in more]
    return chance.choice([*aliases, "无", "？", "***", "同上", 1, f" {next(iter(column.codes))}", "未知"])
