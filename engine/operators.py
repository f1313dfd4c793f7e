"""List the operators of the condition language: how each is written, what it takes, what it means, who reads it.

This is the only list. An operator stands here, is read by `engine.conditions`, has its plain meaning in `tests/reference.py` and
cases in `tests/conformance`, which all engines pass; tests hold the four together, and the manual prints this table.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlglot import exp

DIALECTS = ("duckdb", "postgres", "spark")  # every operator means the same in all of them


class Operator(NamedTuple):
    """Describe one operator: `nodes` of the syntax tree it is, or its name as a `function`; `reader` names who types it."""

    name: str
    written: str
    takes: str
    zh: str
    en: str
    reader: str
    nodes: tuple[type[exp.Expr], ...] = ()
    function: str = ""


_COMPARED = "number–number, date–date; = <> also text–text, code–code, truth–truth"

OPERATORS = (
    Operator("name", "amount, archive.filed_at", "a column, a joined column, a measure, a shown value",
             "取该列的值；单元格无法读取时，凡用到它的条款均为未知", "the value of the column; where its cell cannot be read, every clause that names it is unknown",
             "name", (exp.Column,)),
    Operator("parameter", ":limit", "a parameter of the policy", "按记录日期、地区和类别取参数值；没有适用的值为未知",
             "the value for the record's day, region and classes; unknown where none fits", "parameter", (exp.Placeholder,)),
    Operator("number, text", "500, 0.5, '慰问'", "plain digits; text in single quotation marks", "字面值", "the value as written", "literal", (exp.Literal,)),
    Operator("day", "DATE '2021-02-12'", "a day as YYYY-MM-DD", "某一天", "one day", "date_literal", (exp.Cast,)),
    Operator("TRUE, FALSE", "TRUE", "–", "真、假", "true, false", "truth", (exp.Boolean,)),
    Operator("( )", "(a)", "anything", "先算括号内", "what stands inside comes first", "inside", (exp.Paren,)),
    Operator("AND", "a AND b", "truth, truth", "有一个为假则假；否则有一个未知则未知", "false if one is false, else unknown if one is unknown", "connect", (exp.And,)),
    Operator("OR", "a OR b", "truth, truth", "有一个为真则真；否则有一个未知则未知", "true if one is true, else unknown if one is unknown", "connect", (exp.Or,)),
    Operator("NOT", "NOT a", "truth", "真假互换，未知仍未知", "true and false change places, unknown stays", "negate", (exp.Not,)),
    Operator("=", "a = b", _COMPARED, "相等；只知月份的日期：两边都是同一天才真，没有共同的一天才假", "equal; of a month: true only for one and the same day, false only without a day in common", "compare", (exp.EQ,)),
    Operator("<>", "a <> b", _COMPARED, "不相等，即 NOT (a = b)", "not equal: NOT (a = b)", "compare", (exp.NEQ,)),
    Operator("<", "a < b", "number–number, date–date", "小于；只知月份的日期：其中每一天都如此才算", "less; of a month: only where every day of it agrees", "compare", (exp.LT,)),
    Operator("<=", "a <= b", "number–number, date–date", "不大于；月份同上", "at most; months as above", "compare", (exp.LTE,)),
    Operator(">", "a > b", "number–number, date–date", "大于；月份同上", "greater; months as above", "compare", (exp.GT,)),
    Operator(">=", "a >= b", "number–number, date–date", "不小于；月份同上", "at least; months as above", "compare", (exp.GTE,)),
    Operator("IN", "kind IN ('慰问', '生活')", "a value and literals of its type", "等于其中之一", "equal to one of them", "among", (exp.In,)),
    Operator("BETWEEN", "a BETWEEN b AND c", "as <=", "a >= b AND a <= c", "a >= b AND a <= c", "between", (exp.Between,)),
    Operator("LIKE", "name LIKE '%等%人'", "text and a literal pattern", "% 任意多个字符，_ 一个字符", "% any characters, _ one", "like", (exp.Like,)),
    Operator("IS NULL", "a IS NULL", "anything", "单元格为空；无法读取的不算空", "nothing stands there; what cannot be read is not nothing", "is_null", (exp.Is,)),
    Operator("CASE", "CASE WHEN a THEN b ELSE c END", "truths and values of one type", "第一个为真的条件所对应的值；遇到未知的条件，结果未知", "the value of the first true test; unknown as soon as a test is unknown", "case", (exp.Case,)),
    Operator("+, -", "a + b, a - b", "number, number", "精确的和、差", "exact sum and difference", "add", (exp.Add, exp.Sub)),
    Operator("*", "a * b", "number, number; 12 decimals at most", "精确的积", "exact product", "multiply", (exp.Mul,)),
    Operator("- (sign)", "-a", "number", "相反数", "the opposite", "minus", (exp.Neg,)),
    Operator("abs", "abs(a)", "number", "绝对值", "the amount without its sign", "absolute", (exp.Abs,)),
    Operator("round", "round(a, 2)", "number, digits from 0 to 6", "四舍五入（五总是远离零）", "rounded, halves away from zero", "rounded", (exp.Round,)),
    Operator("year", "year(d)", "date", "年份；跨年的不确定日期为未知", "the year; unknown where the day may be of several", "year", (exp.Year,)),
    Operator("days_between", "days_between(from, to)", "date, date", "相差天数；只知月份为未知", "days from one to the other; unknown of a month", "function", (exp.Anonymous,), "days_between"),
    Operator("years_between", "years_between(from, to)", "date, date", "满几年（周岁）；只知月份而不能确定的为未知", "full years from one to the other, as of an age; unknown where the day of a month decides", "function", (exp.Anonymous,), "years_between"),
    Operator("printed_unit", "printed_unit(rate)", "a column of rates", "表列比率最后一位的单位", "the unit of the last digit that the rate was written with", "function", (exp.Anonymous,), "printed_unit"),
    Operator("identity_form", "identity_form(id_no)", "a column of identity numbers", "sound 校验码和生日成立，unsound 不成立，other 其他证件", "sound, unsound (check digit or birthday), other papers", "function", (exp.Anonymous,), "identity_form"),
    Operator("apportion", "apportion(n, 1, 60, 25, 15)", "whole number, place, weights", "按比例分配整数（最大余数法）的第 k 份", "the k-th part of a whole number by weights, largest remainder", "function", (exp.Anonymous,), "apportion"),
)  # fmt: skip

MEASURES = (
    Operator("count(*)", "count(*)", "–", "行数", "the number of rows", "measure", (exp.Count,)),
    Operator("count(DISTINCT)", "count(DISTINCT a)", "a name", "不同值的个数；有一行未知则未知", "the number of different values; unknown if one is", "measure", (exp.Count,)),
    Operator("sum", "sum(a)", "number", "合计；有一行未知则未知", "the total; unknown if one is", "measure", (exp.Sum,)),
    Operator("min", "min(a)", "number, date", "最小值；有一行未知则未知；只知月份的日期两端都算", "the least; unknown if one is; of a month both ends count", "measure", (exp.Min,)),
    Operator("max", "max(a)", "number, date", "最大值；有一行未知则未知；只知月份的日期两端都算", "the greatest; unknown if one is; of a month both ends count", "measure", (exp.Max,)),
)  # fmt: skip
