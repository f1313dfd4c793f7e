"""Make up ledgers with planted faults, check them, and hold the findings against the list."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main
from ledgers.kinds import load_kinds
from ledgers.sample import PLANTED, sample
from ledgers.stories import SETTINGS
from policies.load import load_library, shipped_packs
from policies.model import Policy

KINDS = load_kinds()
SAMPLED = tuple(SETTINGS)
PACKS = [word for pack in shipped_packs() for word in ("--pack", pack)]
LIBRARY = load_library(shipped_packs())
POLICIES = LIBRARY.policies
ASKED = [word for limit, example in LIBRARY.asked_for().items() for word in ("--param", f"{limit}={example}")]
Place = tuple[str, str, int, str, str]


def policy_of(code: str) -> Policy:
    return POLICIES[code].policy


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def planted(folder: Path) -> list[Place]:
    with (folder / PLANTED).open(encoding="utf-8-sig", newline="") as file:
        return [(row["file"], row["sheet"], int(row["row"]), row["code"], row["verdict"]) for row in csv.DictReader(file)]


def report(folder: Path) -> dict:
    out = folder.with_suffix(".json")
    checked = run("check", folder, *PACKS, *ASKED, "--as-of", "2021-12-31", "--format", "json", "--output", out)
    assert checked.exit_code in (0, 1, 4), checked.output  # 4: one fault in a ledger of two rows is half of it
    return json.loads(out.read_text(encoding="utf-8"))


def found(folder: Path) -> list[Place]:
    """Check a folder by every policy, and list the places of all findings and leads in the ledgers that are judged."""
    told = report(folder)
    return [
        (Path(place["path"]).name, place["sheet"] or "", place["row"], finding["code"], finding["verdict"])
        for finding in told["findings"] + told["leads"]
        for place in finding["locations"]
        if Path(place["path"]).stem == KINDS[finding["ledger"]].title.zh  # not the rows that it was judged against
    ]


@pytest.mark.parametrize(
    ("rows", "seed", "form"),
    [
        (1, 1, "csv"),
        (2, 2, "xlsx"),
        (3, 9, "csv"),
        (7, 3, "csv"),
        (40, 1, "xlsx"),
        (90, 4, "csv"),
        (90, 5, "csv"),
        (600, 6, "csv"),
    ],
)
def test_exactly_the_planted_faults_are_found(rows: int, seed: int, form: str, tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    made = run("ledgers", "sample", folder, "--rows", rows, "--seed", seed, "--format", form)
    assert made.exit_code == 0, made.output
    listed = planted(folder)
    assert len(set(listed)) == len(listed) >= (rows + 2) // 4 * len(SAMPLED) - len(SAMPLED)
    assert sorted(found(folder)) == sorted(listed)


def test_a_large_sample_has_every_fault_of_every_policy() -> None:
    stories = {story.what for setting in SETTINGS.values() for story in setting.stories if story.faults}
    files = sample(KINDS, SAMPLED, rows=700, seed=1, form="csv")
    listed = list(csv.DictReader(files[PLANTED].decode("utf-8-sig").splitlines()))
    assert {row["planted"] for row in listed} == stories
    codes = {row["code"] for row in listed if row["verdict"] != "not_evaluable"}
    # A lead about a whole year (D11) is in no single row.
    assert {code for code in POLICIES if not policy_of(code).is_lead} <= codes <= set(POLICIES)


def test_a_ledger_has_the_rows_that_were_asked_for_and_nothing_but_its_faults_is_noted(tmp_path: Path) -> None:
    run("ledgers", "sample", tmp_path / "s", "--rows", 50, "--format", "csv")
    told = report(tmp_path / "s")
    rows = {one["ledger"]: one["rows"] for one in told["run"]["inputs"]}
    assert rows.keys() == {policy.ledger for policy in map(policy_of, POLICIES)} | {
        join.ledger for policy in map(policy_of, POLICIES) for join in policy.joins.values()
    }
    assert {rows[kind] for kind in SAMPLED} == {50}
    told_of = [(note["code"], Path(note["path"]).name) for note in told["intake"]]
    made_up = {"Q02", "Q03", "Q08"}  # masks and days that are planted; rows of indicators that are alike by chance
    assert (told_of.count(("Q09", PLANTED)), {code for code, name in told_of if name != PLANTED} - made_up) == (1, set())


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    one, again, other = (sample(KINDS, SAMPLED, rows=30, seed=seed, form="xlsx") for seed in (1, 1, 2))
    assert one == again
    told = {kind for setting in SETTINGS.values() for kind in (*setting.usual, *setting.once)}
    assert one.keys() == {PLANTED, *(f"{KINDS[kind].title.zh}.xlsx" for kind in told)}
    assert [name for name in one if one[name] == other[name]] == ["低保和基本生活费标准表.xlsx"]


def test_one_kind_can_be_asked_for_and_is_the_same_as_among_all(tmp_path: Path) -> None:
    made = run("ledgers", "sample", tmp_path / "s", "--kind", "subsidy", "--rows", 20)
    assert made.exit_code == 0, made.output
    files = {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()}
    assert files.keys() == {"津贴补贴发放台账.xlsx", "违规津贴补贴清退台账.xlsx", PLANTED}
    whole = sample(KINDS, SAMPLED, rows=20, seed=1, form="xlsx")
    assert all(whole[name] == content for name, content in files.items() if name != PLANTED)


def test_no_person_can_be_real() -> None:
    files = sample(KINDS, ["aid_payment"], rows=80, seed=3, form="csv")
    rows = [row for name in files if name != PLANTED for row in csv.DictReader(files[name].decode("utf-8-sig").splitlines())]
    people = [row for row in rows if "姓名" in row]
    assert len(people) > 100
    assert all(row["姓名"].startswith("测试") and row["身份证号"].startswith("9900") for row in people)


def test_a_folder_with_other_files_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("mine")
    refused = run("ledgers", "sample", tmp_path)
    assert refused.exit_code == 2
    assert "mine.csv" in refused.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


@pytest.mark.parametrize("wrong", [("--rows", "0"), ("--kind", "hardship_archive"), ("--format", "xls"), ("--seed", "a")])
def test_wrong_options_are_refused(wrong: tuple[str, str], tmp_path: Path) -> None:
    assert run("ledgers", "sample", tmp_path / "s", *wrong).exit_code == 2
