"""Write the example ledgers as a user of an installation does, and hold them against those of the checkout."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import main

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*") if path.parent != folder}


def test_the_demo_writes_the_examples_and_prints_a_command_that_checks_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run("demo")
    assert shown.exit_code == 0, shown.output
    written = files(tmp_path / "fundcheck-demo")
    assert len(written) == 7
    assert written.keys() == files(EXAMPLES).keys()
    assert {name: content for name, content in written.items() if name.endswith(".csv")}.items() <= files(EXAMPLES).items()
    command = shown.output.splitlines()[-1].partition("fundcheck check ")[2]
    again = run("check", *shlex.split(command))
    assert again.exit_code == 1
    assert "先建档后帮扶" in again.output
    assert again.output in shown.output


def test_the_demo_written_twice_is_the_same_and_a_folder_with_a_space_is_quoted(tmp_path: Path) -> None:
    folder = tmp_path / "示例 台账" / "a"
    assert run("demo", str(folder)).exit_code == 0
    first = files(folder)
    again = run("demo", str(folder))
    assert again.exit_code == 0
    assert files(folder) == first
    assert f'check "{folder}" --pack' in again.output


@pytest.mark.parametrize("name", ["我的台账.xlsx", "panyu/清退台账.csv"])
def test_a_folder_with_other_files_or_changed_examples_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / "panyu").mkdir()
    (tmp_path / name).write_bytes(b"mine")
    refused = run("demo", str(tmp_path))
    assert refused.exit_code == 2
    assert Path(name).name in refused.output
    assert "请换一个目录" in refused.output
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"mine"]


def test_a_folder_that_cannot_be_made_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    refused = run("demo", str(tmp_path / "file" / "demo"))
    assert refused.exit_code == 2
    assert "cannot be written" in refused.output
