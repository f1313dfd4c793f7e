"""Drift of documents: what a new version of a text takes from quotes and parameters is named, and so is what it adds."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from declared import Refused
from engine.drift import Drift, compare, describe_drift, name_document, read_document, read_figures
from policies.load import load_library

PACK = """pack: trial
title: {zh: 试, en: Trial}
scope: {zh: 试, en: Trial}
narrowness: 50
"""
POLICY = """code: Z01
id: most
title: {zh: 限额, en: The most}
why: {zh: 试, en: Trial}
category: 标准
severity: medium
basis: norm
citations:
  - {source: central-aid-2015, section: 第二条, quote: 不得超过每户500元}
  - {source: central-aid-2015, section: 第三条, quote: 发放前应公示}
dated_by: pay_date
ledger: aid_payment
parameters:
  cap: {zh: 上限, en: cap, values: [{value: 500}, {value: 800, region: 湖北省}]}
  days: {zh: 天数, en: days, values: [{value: 3, citation: 1}]}
requires: amount <= :cap
message: {zh: "{amount}", en: "{amount}"}
remedy: {action: explain, zh: 请说明, en: Explain}
cleared_by: document
"""
PARAPHRASED = """code: Z02
id: told
title: {zh: 转述, en: Told}
why: {zh: 试, en: Trial}
category: 标准
severity: medium
basis: inferred
citations: [{source: central-aid-2015, section: 第九条, paraphrase: {zh: 试, en: Trial}}]
dated_by: pay_date
ledger: aid_payment
requires: amount > 0
message: {zh: "{amount}", en: "{amount}"}
remedy: {action: explain, zh: 请说明, en: Explain}
cleared_by: document
"""
OLD = "第一条 为了做好帮扶工作，制定本办法。\n第二条 困难补助不得超过每户500元。\n第三条 发放前应公示，公示3天。\n第四条 本办法由工会解释。\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "trial"
    folder.mkdir()
    (folder / "pack.yaml").write_text(PACK, encoding="utf-8")
    (folder / "most.yaml").write_text(POLICY, encoding="utf-8")
    return folder


def drifted(pack: Path, new: str, old: str = OLD) -> Drift:
    return compare(load_library([str(pack)], core=False), "central-aid-2015", old, new)


def test_a_text_that_is_only_set_otherwise_leaves_nothing_to_review(pack: Path) -> None:
    parts = OLD.splitlines()
    moved = [parts[0], parts[2].replace("第三条", "第二条"), parts[1].replace("第二条", "第三条"), parts[3]]
    assert drifted(pack, "\n\n  ".join(moved).replace("困难", "困\n难")).is_quiet


def test_a_quote_that_was_reworded_is_shown_with_the_passage_that_took_its_place(pack: Path) -> None:
    [first, second] = drifted(pack, OLD.replace("不得超过每户500元", "不宜超过每户500元")).quotes
    assert (first.code, first.status, first.near) == ("Z01", "changed", "第二条困难补助不宜超过每户500元。")
    assert (first.cited_by, first.figure) == (("Z01.cap=500", "Z01.cap=800（湖北省）"), None)
    assert first.place.endswith("most.yaml:9")
    assert second.status == "kept"


def test_a_quote_that_was_struck_out_is_gone_and_one_that_stands_twice_is_ambiguous(pack: Path) -> None:
    gone = drifted(pack, OLD.replace("第二条 困难补助不得超过每户500元。\n", "")).quotes[0]
    assert (gone.status, gone.near, gone.cited_by[0]) == ("gone", "", "Z01.cap=500")
    assert [quote.status for quote in drifted(pack, OLD + "困难补助不得超过每户500元。").quotes] == ["ambiguous", "kept"]


def test_a_quote_in_full_width_or_traditional_characters_is_no_proof_and_called_what_it_is(pack: Path) -> None:
    drift = drifted(pack, OLD.replace("每户500元", "每戶５００元"))
    assert [(quote.status, quote.figure) for quote in drift.quotes] == [("form", None), ("kept", None)]
    assert drift.clauses == ()


def test_a_figure_that_changed_beside_a_quote_that_stands_names_the_parameter_that_had_it(pack: Path) -> None:
    [_, second] = drifted(pack, OLD.replace("公示3天", "公示五天")).quotes
    assert second.status == "kept"
    assert second.figure is not None
    assert (second.figure.gone, second.figure.came, second.figure.parameters) == (("3",), ("5",), ("Z01.days=3",))


def test_a_figure_written_otherwise_is_no_change(pack: Path) -> None:
    drift = drifted(pack, OLD.replace("公示3天", "公示三天"))
    assert [quote.figure for quote in drift.quotes] == [None, None]


def test_a_changed_limit_names_the_values_with_that_figure_and_no_other(pack: Path) -> None:
    [first, _] = drifted(pack, OLD.replace("每户500元", "每户600元")).quotes
    assert first.status == "changed"
    assert first.figure is not None
    assert first.figure.parameters == ("Z01.cap=500",)


def test_a_new_clause_that_forbids_is_listed_and_a_new_sentence_that_only_tells_is_not(pack: Path) -> None:
    drift = drifted(pack, OLD + "第五条 补助不得以现金发放。\n第六条 工会十分重视此项工作。")
    assert [clause.text for clause in drift.clauses] == ["第五条补助不得以现金发放。"]
    assert drift.clauses[0].was == ""


def test_a_clause_added_to_a_sentence_that_is_quoted_is_listed_with_its_policy(pack: Path) -> None:
    [clause] = drifted(pack, OLD.replace("公示3天。", "公示3天，公示须附照片。")).clauses
    assert (clause.codes, clause.was) == (("Z01",), "第三条发放前应公示，公示3天。")


def test_a_policy_in_our_own_words_is_named_as_soon_as_the_text_changes(pack: Path) -> None:
    (pack / "told.yaml").write_text(PARAPHRASED, encoding="utf-8")
    assert drifted(pack, OLD).unread == ()
    assert drifted(pack, OLD + "第五条 略。").unread == ("Z02",)


def test_a_quote_that_the_old_text_does_not_hold_is_not_passed_over(pack: Path) -> None:
    drift = drifted(pack, "别的文件。", "别的文件。")
    assert [quote.status for quote in drift.quotes] == ["absent", "absent"]
    assert not drift.is_quiet


def test_the_document_is_known_by_its_fingerprint(pack: Path) -> None:
    documents = load_library([str(pack)], core=False).documents
    own = hashlib.sha256("".join(OLD.split()).encode()).hexdigest()
    known = {**documents, "central-aid-2015": documents["central-aid-2015"].model_copy(update={"sha256": own})}
    assert name_document(OLD + "\n", None, known, "a.txt") == "central-aid-2015"
    with pytest.raises(Refused, match="--document"):
        name_document(OLD + "。", None, known, "a.txt")
    with pytest.raises(Refused, match="central-aid-2015"):
        name_document(OLD, "central-aid-2051", known, "a.txt")


@pytest.mark.parametrize(("name", "content"), [("a.pdf", b"%PDF"), ("a.txt", b" \n"), ("a.txt", b"\xff\xff\xff")])
def test_what_is_no_text_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused):
        read_document(tmp_path / name)


def test_the_command_ends_with_0_1_and_2(pack: Path, tmp_path: Path) -> None:
    for name, text in {"old.txt": OLD, "new.txt": OLD.replace("500", "600")}.items():
        (tmp_path / name).write_text(text, encoding="gb18030")
    old, new = str(tmp_path / "old.txt"), str(tmp_path / "new.txt")
    options = ["--pack", str(pack), "--document", "central-aid-2015"]
    same = CliRunner().invoke(main, ["policies", "drift", old, old, *options])
    assert (same.exit_code, same.output.splitlines()[-1]) == (0, "没有需要复核的。")
    changed = CliRunner().invoke(main, ["policies", "drift", old, new, *options])
    assert (changed.exit_code, "请复核参数：Z01.cap=500" in changed.output) == (1, True)
    assert CliRunner().invoke(main, ["policies", "drift", old, new, "--pack", str(pack)]).exit_code == 2


def test_figures_are_read_in_digits_and_in_words() -> None:
    assert read_figures("每人两千元、每户1,500.50元，0.3万元，百分之三十，统一办理") == ["2000", "1500.5", "3000", "30"]


def test_every_sentence_is_said_in_both_languages(pack: Path) -> None:
    library = load_library([str(pack)], core=False)
    drift = compare(library, "central-aid-2015", OLD, OLD.replace("500", "600") + "第五条 不得以现金发放。")
    lines = {lang: list(describe_drift(drift, library.documents, lang)) for lang in ("zh", "en")}
    assert len(lines["zh"]) == len(lines["en"]) > 8
    assert any("review these parameters: Z01.cap=500" in line for line in lines["en"])
