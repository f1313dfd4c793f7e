"""The project file: found, named, read strictly, and weaker than the command line."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from click.testing import CliRunner, Result

from cli import main
from declared import read, read_text
from engine.draft import draft_project
from engine.project import NAME, load_project, project_schema
from ledgers.limits import Limits
from policies.model import policy_schema

ROOT = Path(__file__).parents[1]
HEADER = ["姓名", "身份证号", "人员类别", "帮扶方式", "发放日期", "金额", "工作单位", "发放单位"]
AID = [
    ["测试甲", "990001196102021076", "困难居民", "慰问", "2021-02-03", "500", "", "一街道工会"],
    ["测试乙", "990002196203031149", "困难职工", "慰问", "2021-02-03", "300", "二厂", "二街道工会"],
]
BUDGET = [["预算单位", "项目名称", "全年预算数", "执行数"], ["测试工会", "测试项目", "200000", "195000"]]
POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions of a file are those of POSIX")


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def project(folder: Path, text: str = "", name: str = NAME) -> Path:
    (folder / name).write_text(text or "lang: zh\n", encoding="utf-8")
    return folder / name


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with two ledgers in folders of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FUNDCHECK_KEY", raising=False)
    write_csv(tmp_path / "a" / "aid.csv", [HEADER, *AID])
    write_csv(tmp_path / "b" / "budget.csv", BUDGET)
    return tmp_path


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert "Traceback" not in result.output
    return result


def check(*words: object) -> dict[str, Any]:
    ran = run("check", *words, "--as-of", "2021-12-31", "--format", "json")
    assert ran.stdout, ran.stderr
    found = json.loads(ran.stdout)
    assert isinstance(found, dict)
    return found


def judged(report: dict[str, Any]) -> set[str]:
    return {own["code"] for own in report["coverage"]}


def read_inputs(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["path"], one["ledger"]) for one in report["run"]["inputs"]]


# ---- Which file.


def test_the_file_in_the_current_folder_is_used_and_named(here: Path) -> None:
    project(here, "organisation: 测试总工会\nyear: 2021\n")
    assert check("a")["run"]["project"] == {"path": NAME, "organisation": "测试总工会", "year": 2021}
    assert f"项目文件：{NAME}  测试总工会  2021" in run("check", "a").stdout


def test_the_nearest_file_above_the_first_path_is_used(here: Path) -> None:
    project(here / "a", "without: [E01]\n")
    write_csv(here / "a" / "deep" / "more.csv", [HEADER, *AID])
    assert check("a/deep/more.csv")["run"]["project"]["path"] == f"a/{NAME}"
    assert check("b", "a")["run"]["project"] is None


def test_the_search_stops_at_the_root_of_a_repository(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(here)
    (here / "a" / ".git").mkdir()
    monkeypatch.chdir(here / "b")
    assert check(here / "a")["run"]["project"] is None
    assert check("budget.csv")["run"]["project"]["path"] == str(here / NAME)


def test_a_file_that_is_named_is_used_and_no_other(here: Path) -> None:
    project(here, "nonsense: 1\n")
    assert check("a", "--project", project(here / "b", name="own.yaml"))["run"]["project"]["path"] == f"{here}/b/own.yaml"
    ran = run("check", "a", "--project", "none.yaml")
    assert ran.exit_code == 2
    assert "none.yaml:1:1: 项目文件读不了" in ran.stderr


# ---- Which ledgers, and what they are.


def test_without_a_path_the_ledgers_of_the_file_are_judged_wherever_one_stands(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = project(here, "ledgers:\n  - {path: a/*.csv, kind: aid_payment}\n  - {path: b}\n")
    assert read_inputs(check()) == [("a/aid.csv", "aid_payment"), ("b/budget.csv", "budget_execution")]
    monkeypatch.chdir(here / "b")
    assert [path for path, _ in read_inputs(check("--project", file))] == [f"{here}/a/aid.csv", f"{here}/b/budget.csv"]


def test_without_a_path_and_without_ledgers_it_is_said_what_to_name(here: Path) -> None:
    for _ in range(2):
        ran = run("check")
        assert ran.exit_code == 2
        assert NAME in ran.stderr
        project(here)


def test_a_named_path_is_judged_alone_and_the_file_says_what_it_is(here: Path) -> None:
    write_csv(here / "a" / "aid.csv", [[*HEADER[:5], "实际发放数", *HEADER[6:]], *AID])
    project(here, "ledgers:\n  - {path: a/aid.csv, kind: aid_payment, headers: {实际发放数: amount}}\n  - {path: b/*}\n")
    for path in ("a", "a/aid.csv"):
        report = check(path)
        assert read_inputs(report) == [("a/aid.csv", "aid_payment")]
        assert report["run"]["inputs"][0]["unit"]["name"] == "a"
        assert [own["message"] for own in report["intake"] if own["code"] == "Q09"] == []


def test_a_header_of_ones_own_wins_over_the_known_ones(here: Path) -> None:
    rows = [[*HEADER, "应发数"], *([*row, "9"] for row in AID)]
    write_csv(here / "a" / "aid.csv", rows)
    project(here, "ledgers:\n  - {path: a/aid.csv, kind: aid_payment, headers: {应发数: amount}}\n")
    report = check("--policy", "B01")
    assert [own["amount_involved"] for own in report["findings"]] == ["9.00"]
    assert [own["column"] for own in report["intake"] if own["code"] == "Q09"] == ["金额"]


def test_of_a_workbook_only_the_sheets_that_are_named_are_read(here: Path) -> None:
    book = openpyxl.Workbook()
    for name, rows in (("其他", [["随便写写", "什么"]]), ("台账", [HEADER, *AID])):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(here / "a" / "book.xlsx")
    (here / "a" / "aid.csv").unlink()
    assert check("a")["summary"]["exit_code"] == 3
    project(here, "ledgers:\n  - {path: a/book.xlsx, kind: aid_payment, sheet: 台账}\n")
    report = check("a")
    assert [(one["sheet"], one["rows"]) for one in report["run"]["inputs"]] == [("台账", 2)]
    assert report["summary"]["exit_code"] == 1


def test_a_ledger_met_twice_and_a_copy_under_a_glob_are_judged_once(here: Path) -> None:
    (here / "a" / "copy.csv").write_bytes((here / "a" / "aid.csv").read_bytes())
    project(here, "ledgers:\n  - {path: a/*.csv, kind: aid_payment}\n  - {path: a}\n")
    for again in ("a/0copy.csv", "a/zcopy.csv"):
        for report in (check(), check("a", "a/aid.csv")):
            assert [one["rows"] for one in report["run"]["inputs"] if one["version_of"] is None] == [2]
            assert {own["code"] for own in report["intake"]} >= {"Q16"}
        (here / again).write_bytes((here / "a" / "aid.csv").read_bytes())
        project(here, "ledgers:\n  - {path: a/aid.csv, kind: aid_payment}\n  - {path: a}\n")


def test_a_ledger_that_is_not_there_is_said_and_the_others_are_judged(here: Path) -> None:
    project(here, "ledgers:\n  - {path: a/*.csv, kind: aid_payment}\n  - {path: c/*.xlsx, kind: aid_payment}\n")
    report = check()
    assert report["summary"]["exit_code"] == 3
    assert [own["path"] for own in report["intake"] if own["fatal"]] == ["c/*.xlsx"]
    assert [one["rows"] for one in report["run"]["inputs"]] == [2]


def test_a_kind_said_on_the_command_line_wins(here: Path) -> None:
    project(here, "ledgers:\n  - {path: a/aid.csv, kind: hardship_archive}\n")
    assert read_inputs(check("--ledger", "aid_payment=a/aid.csv")) == [("a/aid.csv", "aid_payment")]


# ---- What the file says, and the command line over it.


def test_targets_are_changed_and_policies_left_out_by_the_file(here: Path) -> None:
    target = project(here, "parameters: {E01.target: 95}\n")
    assert [own["code"] for own in check("b")["findings"]] == []
    target.unlink()
    assert [own["code"] for own in check("b")["findings"]] == ["E01"]
    project(here, "without: [E01]\n")
    report = check("b")
    assert "E01" not in judged(report)
    assert report["run"]["without"] == ["E01"]
    assert "已停用的政策：E01" in run("check", "b").stdout
    project(here, "policies: [E02]\n")
    assert judged(check("b")) == {"E02"}


def test_the_command_line_wins_over_the_file(here: Path) -> None:
    project(
        here, "without: [E01]\nparameters: {E01.target: 90}\nfail_on: never\nlang: en\nprivacy: full\nmax_not_evaluable: 0.5\n"
    )
    lenient = run("check", "a", "--as-of", "2021-12-31")
    assert lenient.exit_code == 0
    for said in ("policies switched off：E01", "parameters of your own：E01.target=90", "fails from：never"):
        assert said in lenient.stdout
    assert run("check", "a", "--as-of", "2021-12-31", "--fail-on", "medium").exit_code == 1
    assert "测试甲" in run("check", "a").stdout
    assert "测试甲" not in run("check", "a", "--privacy", "public").stdout
    assert "Coverage" in run("check", "a").stdout
    assert "判断范围" in run("check", "a", "--lang", "zh").stdout
    report = check("b", "--policy", "E01", "--param", "E01.target=99")
    assert (judged(report), report["run"]["parameters"]) == ({"E01"}, {"E01.target": "99"})
    ran = run("check", "b", "--param", "E01.target=much")
    assert ran.stderr.startswith("--param:1:1: E01.target")


def test_what_the_file_says_of_a_pack_that_is_left_out_does_no_harm(here: Path) -> None:
    project(here, "without: [E01]\nparameters: {E01.target: 90}\n")
    codes = judged(check("a", "--no-core", "--pack", "central-aid-2015"))
    assert "A01" in codes
    assert "E01" not in codes


def test_packs_are_named_or_stand_beside_the_file_and_add_up(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = here / "rules"
    pack.mkdir()
    words = "{zh: 试, en: trial}"
    (pack / "pack.yaml").write_text(
        f"pack: rules\ntitle: {words}\nscope: {words}\nnarrowness: 50\nyears: [2020]\n", encoding="utf-8"
    )
    file = project(here, "packs: [rules]\nyear: 2021\n")
    monkeypatch.chdir(here / "a")
    run_ = check("aid.csv", "--project", file, "--pack", "yuanjiang-2021")["run"]
    assert set(run_["packs"]) == {"core", "rules", "yuanjiang-2021"}
    assert run_["notes"] == ["政策包 rules 适用于 2020 年，项目文件写的是 2021 年"]


def test_units_that_sent_nothing_are_listed(here: Path) -> None:
    project(here, "units:\n  - 一街道工会\n  - {code: '002', name: 三街道工会}\n  - b\n")
    assert check("a", "b")["run"]["roster"] == {
        "expected": 3,
        "sent_nothing": [{"code": "002", "name": "三街道工会"}],
        "sent_unread": [],
        "not_on_roster": ["二街道工会", "测试工会"],
        "ambiguous": [],
    }
    shown = run("check", "a", "b").stdout
    assert "未报送 1：002 三街道工会" in shown
    assert "不在名单中 2" in shown


def test_waivers_of_the_file_and_of_the_option_add_up(here: Path) -> None:
    entry = "waivers:\n  - {{fingerprint: {}, reason: r, by: b, until: 2022-01-01}}\n"
    (here / "w.yaml").write_text(entry.format("a" * 32), encoding="utf-8")
    project(here, entry.format("b" * 32))
    report = check("a", "--waivers", "w.yaml")
    assert [fate["fingerprint"][0] for fate in report["run"]["waivers"]] == ["a", "b"]
    project(here, entry.format("a" * 32))
    ran = run("check", "a", "--waivers", "w.yaml")
    assert ran.exit_code == 2
    assert "w.yaml:2:" in ran.stderr


# ---- The secret.


def test_the_key_file_keys_fingerprints_and_stands_nowhere(here: Path) -> None:
    secret = "a-secret-of-32-bytes-that-is-mine"
    (here / ".key").write_text(secret + "\n", encoding="utf-8")
    (here / ".key").chmod(0o600)
    unkeyed = check("a")
    project(here, "key_file: .key\n")
    ran = run("check", "a", "--as-of", "2021-12-31", "--format", "json")
    report = json.loads(ran.stdout)
    assert report["run"]["fingerprints"] == "keyed"
    assert [own["fingerprint"] for own in report["findings"]] != [own["fingerprint"] for own in unkeyed["findings"]]
    assert secret not in ran.output


@POSIX
@pytest.mark.parametrize(
    ("secret", "mode", "said"),
    [("a-secret-of-32-bytes-that-is-mine", 0o644, "人人可读"), ("short", 0o600, "太短"), (None, 0o600, "读不了")],
)
def test_a_key_file_that_is_no_secret_is_refused_without_showing_it(secret: str | None, mode: int, said: str, here: Path) -> None:
    if secret is not None:
        (here / ".key").write_text(secret, encoding="utf-8")
        (here / ".key").chmod(mode)
    project(here, "lang: zh\nkey_file: .key\n")
    ran = run("check", "a")
    assert ran.exit_code == 2
    assert ran.stderr.startswith(f"{NAME}:2:11: key_file: .key {said}")
    assert str(secret) not in ran.output


# ---- Mistakes.

BAD = """\
organisation: {a: 1}
units: [{code: x}]
regionn: 沅江市
year: "2021x"
ledgers:
  - {path: d/*.csv, kind: aid_paymnet}
  - {path: b, kind: budget_execution}
  - {path: a/aid.csv, kind: aid_payment, headers: {实发: amuont}}
  - {path: a/aid.csv, kind: aid_payment}
  - {path: b/*.csv, sheet: 台账, knd: aid_payment}
  - {path: b/*.csv, sheet: 台账}
packs: [yuanjiang-2012]
policies: [Z99]
without: [E001]
parameters: {E01.targt: 5, E01: 9, E01.target: much, E01.tolerance: true}
fail_on: grave
max_not_evaluable: 7
waivers:
  - {fingerprint: 11111111111111111111111111111111, reason: r, by: x, until: 2021-12-01}
  - {fingerprint: 11111111111111111111111111111111, reason: r, by: x, until: soon}
  - {fingerprint: 11111111111111111111111111111111, reason: r, by: x, until: 2021-12-01}
key_file: none.key
privacy: secret
lang: fr
encoding: nonsense
"""
SAID = {
    1: ("organisation",), 2: ("units.0.name: missing",), 3: ("regionn: unknown key. did you mean `region`?",), 4: ("year",),
    6: ("did you mean `aid_payment`?",), 7: ("b/*.xlsx",), 8: ("did you mean `amount`?",), 9: ("前面已经写过",), 10: ("did you mean `kind`?",),
    11: ("就要写明 kind",), 12: ("did you mean `yuanjiang-2021`?",), 13: ("没有编号为 `Z99` 的政策",), 14: ("did you mean `E01`?",),
    15: ("did you mean `target`?", "E01.target: 95", "应为数字，而不是 `much`", "E01.tolerance: Input should be"),
    16: ("fail_on",), 17: ("max_not_evaluable",), 20: ("waivers.1.until",), 21: ("已有豁免",), 22: ("读不了",), 23: ("privacy",),
    24: ("lang",), 25: ("write utf-8",),
}  # fmt: skip


def test_every_mistake_is_said_at_its_place_with_what_to_do_all_at_once(here: Path) -> None:
    project(here, BAD)
    ran = run("check")
    assert (ran.exit_code, ran.stdout) == (2, "")
    found: dict[int, list[str]] = {}
    for line in ran.stderr.splitlines():
        place = re.match(rf"{NAME}:(\d+):(\d+): (.+)", line)
        assert place, line
        assert int(place[2]) > 1
        found.setdefault(int(place[1]), []).append(place[3])
    assert sorted(found) == sorted(SAID)
    for number, sentences in SAID.items():
        assert len(found[number]) == len(sentences), found[number]
        assert all(any(words in said for said in found[number]) for words in sentences), found[number]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("- 1\n", "valid dictionary"),
        ("a: [1\n", "not YAML"),
        ("lang: zh\nlang: en\n", "`lang` stands twice"),
    ],
)
def test_a_file_that_is_no_project_file_is_refused(text: str, said: str, here: Path) -> None:
    (here / NAME).write_text(text, encoding="utf-8")
    ran = run("check", "a")
    assert ran.exit_code == 2
    assert len(ran.stderr.splitlines()) == 1
    assert said in ran.stderr


def test_a_report_is_not_written_over_the_project_file(here: Path) -> None:
    file = project(here, "ledgers: [{path: a/aid.csv, kind: aid_payment}]\n")
    before = file.read_bytes()
    for output in (NAME, "a/aid.csv"):
        assert run("check", "--format", "json", "--output", output).exit_code == 2
    assert file.read_bytes() == before


# ---- init.


def test_init_writes_a_file_that_loads_and_judges_what_the_folder_would(here: Path) -> None:
    (here / "a" / "broken.xlsx").write_bytes(b"PK\x03\x04 nothing")
    write_csv(here / "[2021] 'x\" #1.csv", [HEADER, AID[1]])
    before = check(".", "--max-not-evaluable", 1)
    ran = run("init")
    assert (ran.exit_code, ran.stderr) == (0, "")
    text = (here / NAME).read_text(encoding="utf-8")
    assert re.search(r"# 未列入 / left out: \"a/broken.xlsx\" ", text)
    assert load_project(here / NAME).project.ledgers[1].kind == "aid_payment"
    after = check()
    assert sorted(kind for _, kind in read_inputs(after)) == sorted(kind for _, kind in read_inputs(before))
    assert {own["fingerprint"] for own in after["findings"]} == {own["fingerprint"] for own in before["findings"]}


def test_init_never_writes_over_a_file(here: Path) -> None:
    file = project(here, "lang: en\n")
    ran = run("init", here)
    assert ran.exit_code == 2
    assert "不会覆盖" in ran.stderr
    assert file.read_text(encoding="utf-8") == "lang: en\n"


def test_every_commented_example_of_init_loads_when_it_is_uncommented(tmp_path: Path) -> None:
    file = draft_project(tmp_path)
    assert load_project(file).project.ledgers == ()
    lines = file.read_text(encoding="utf-8").splitlines()
    keys = [line.removeprefix("# ") for line in lines if re.match(r"(# )?(  - |  \w+\.|[a-z_]+:( |$))", line)]
    text = "\n".join(keys).replace("报告中的指纹", "a" * 32)
    assert len(re.findall(r"^[a-z_]+:", text, re.MULTILINE)) == 18
    for name in ("台账_更正.xlsx", "台账.xlsx", "一批.xlsx", "二批.xlsx"):
        (tmp_path / name).touch()
    (tmp_path / ".fundcheck.key").write_text("x" * 32, encoding="utf-8")
    (tmp_path / ".fundcheck.key").chmod(0o600)
    assert load_project(project(tmp_path, text)).project.year == 2021


# ---- For editors.


def validate(schema: dict[str, Any], data: object) -> None:
    jsonschema.Draft202012Validator(schema).validate(data)


def test_the_schema_of_policies_holds_for_every_policy_that_is_shipped() -> None:
    schema = json.loads(run("policies", "schema").stdout)
    assert schema == policy_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    files = [path for path in (ROOT / "policies" / "packs").glob("*/*.yaml") if path.name != "pack.yaml"]
    assert len(files) > 10
    for path in files:
        validate(schema, read(path).data)
    whole = read(ROOT / "policies" / "packs" / "core" / "archive-before-aid.yaml").data
    for change in ({"severty": "high"}, {"severity": "grave"}, {"requires": [1]}):
        with pytest.raises(jsonschema.ValidationError):
            validate(schema, {**whole, **change})
    with pytest.raises(jsonschema.ValidationError):
        validate(schema, {name: value for name, value in whole.items() if name != "requires"})


def test_the_schema_of_project_files_holds_for_what_init_writes_and_not_for_mistakes(here: Path) -> None:
    schema = json.loads(run("init", "--schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert not (here / NAME).exists()
    validate(schema, read(draft_project(here)).data)
    for change in ({"regionn": "x"}, {"year": "2021x"}, {"waivers": [{"by": "x"}]}):
        with pytest.raises(jsonschema.ValidationError):
            validate(schema, change)


def test_the_example_of_the_documentation_loads(tmp_path: Path) -> None:
    example, limits = re.findall(
        r"^```yaml\n(.*?)^```$", (ROOT / "docs" / "project-file.md").read_text("utf-8"), re.DOTALL | re.M
    )
    (tmp_path / "台账").mkdir()
    for name in ("甲镇_更正.csv", "甲镇.csv", "一批.csv", "二批.csv"):
        (tmp_path / "台账" / name).touch()
    opened = load_project(project(tmp_path, example))
    assert opened.project.waivers[0].code == "A02"
    assert len(opened.project.model_fields_set) == 16
    validate(project_schema(), read_text(example, "example").data)
    assert load_project(project(tmp_path, limits)).project.limits.model_dump() == Limits()._asdict()


def test_further_spellings_of_codes_are_read_and_said_in_the_report(here: Path) -> None:
    write_csv(here / "c" / "aid.csv", [[*HEADER, "资金来源"], [*AID[1], "市局 專戶"]])
    project(here, "codes: {aid_payment.fund_source: {市级财政: [市局专户]}}\n")
    report = json.loads(run("check", "c", "--as-of", "2021-12-31", "--format", "json").stdout)
    assert [note["message"] for note in report["intake"] if note["code"] == "Q09"] == []
    assert report["run"]["notes"] == ["按项目文件读取 aid_payment.fund_source：市局专户 = 市级财政"]
    english = json.loads(run("check", "c", "--as-of", "2021-12-31", "--format", "json", "--lang", "en").stdout)
    assert english["run"]["notes"] == ["read as the project file says, aid_payment.fund_source: 市局专户 = 市级财政"]


@pytest.mark.parametrize(
    ("codes", "line", "words"),
    [
        ("  aid_payment.fund_sourc: {市级财政: [市财]}", 3, ("aid_payment.fund_sourc", "不是代码列", "aid_payment.fund_source")),
        ("  aid_payment.amount: {市级财政: [市财]}", 3, ("aid_payment.amount", "不是代码列")),
        ("  aid_payment.fund_source: {市级财正: [市财]}", 3, ("没有代码 `市级财正`", "市级财政")),
        ("  aid_payment.fund_source:\n    市级财政: [市财]\n    县区财政: [市 財]", 5, ("`市 財` 已写在 `市级财政` 下",)),
    ],
)
def test_a_wrong_column_code_or_a_spelling_of_two_codes_is_refused_at_its_line(
    codes: str, line: int, words: tuple[str, ...], here: Path
) -> None:
    project(here, f"lang: zh\ncodes:\n{codes}\n")
    result = run("check", "a", "--as-of", "2021-12-31")
    assert result.exit_code == 2
    assert f"{NAME}:{line}:" in result.stderr
    assert all(word in result.stderr for word in words), result.stderr
