"""Hold the documentation to what it describes: pages are current, commands and code run, links lead somewhere."""

from __future__ import annotations

import doctest
import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from html import unescape
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

from cli import main
from engine.lint.words import FORBIDDEN
from ledgers.kinds import Kind
from policies.load import Library

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
OUTSIDE = re.compile(r"(^|/)([._]|build|dist|.*\.egg-info)")  # folders that are no part of the project
MARKDOWN = sorted(path for path in ROOT.rglob("*.md") if not OUTSIDE.search(path.relative_to(ROOT).as_posix()))
WRITTEN = [path for path in MARKDOWN if not path.read_text(encoding="utf-8").startswith("<!-- Written by docs/generate.py")]
CODE = (
    path.relative_to(ROOT) for folder in ("commands", "engine", "ledgers", "policies") for path in (ROOT / folder).rglob("*.py")
)
WITH_EXAMPLES = sorted(
    ".".join(path.with_suffix("").parts) for path in CODE if ">>> " in (ROOT / path).read_text(encoding="utf-8")
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def load(name: str) -> ModuleType:
    """Load a script of docs/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def blocks(path: Path, language: str) -> list[str]:
    return [text for found, text in _BLOCK.findall(path.read_text(encoding="utf-8")) if found == language]


def sections(name: str) -> dict[str, str]:
    """Split a page at its second-level headings."""
    found = re.split(r"^## (.*)\n", (ROOT / "docs" / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


# -- generated pages ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fresh_pages() -> dict[str, str]:
    return load("generate").write_pages()


def test_generated_pages_are_current(fresh_pages: dict[str, str]) -> None:
    assert len(fresh_pages) > 100
    assert list(load("generate").find_stale(fresh_pages)) == [], "run python docs/generate.py"


def test_a_stale_page_and_one_of_a_policy_that_is_gone_are_named(
    fresh_pages: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    generate = load("generate")
    monkeypatch.setattr(generate, "HERE", tmp_path)
    (tmp_path / "policies").mkdir()
    for name, text in {**fresh_pages, "policies/Z99-gone.md": ""}.items():
        (tmp_path / name).write_text(text.replace("Judge ledgers", "Judge"), encoding="utf-8")
    (tmp_path / "ledgers.md").unlink()
    assert sorted(generate.find_stale(fresh_pages)) == ["commands.md", "ledgers.md", "policies/Z99-gone.md"]


def test_code_laid_out_by_another_version_is_not_compared() -> None:
    generate = load("generate")
    page = "with sqlglot 1\n\n## A01\n\n```sql\nSELECT 1\n```\n\nend\n"
    assert generate.is_current(page, page.replace("sqlglot 1", "sqlglot 2").replace("SELECT 1", "SELECT  1"))
    assert not generate.is_current(page, page.replace("SELECT 1", "SELECT  1"))
    assert not generate.is_current(page, page.replace("sqlglot 1", "sqlglot 2").replace("end", "END"))


def test_every_command_and_option_stands_in_the_reference() -> None:
    shown, looked = sections("commands.md"), 0
    for path, command in load("generate").walk_commands():
        text = shown[" ".join(("fundcheck", *path))]
        for parameter in command.params:
            names = parameter.opts if parameter.param_type_name == "option" else [parameter.make_metavar(_context(command))]
            for name in names:
                assert name in text, f"{' '.join(path)}: {name}"
                looked += 1
    assert looked > 30


def _context(command: click.Command) -> click.Context:
    return command.make_context("fundcheck", [], resilient_parsing=True)


def test_every_policy_has_a_page_with_its_clauses_limits_and_cases_and_stands_in_the_index(library: Library) -> None:
    index, looked = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8"), 0
    for layer in library.layers:
        policy = layer.policy
        page = f"policies/{policy.code}-{policy.id}.md"
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        wanted = [citation.quote for citation in policy.citations if citation.quote] + [case.title for case in policy.cases]
        wanted += [f"# {policy.code} {policy.title.zh} · {policy.title.en}", policy.message.zh, policy.remedy.en, "```sql"]
        wanted += [f"`:{name}`" for name in policy.parameters] + [f"`{name}`" for name in policy.assume]
        wanted += [f"`{layer.pack}`", *(reading.en for reading in policy.readings.values())]
        assert [words for words in wanted if words not in text] == [], policy.code
        assert index.count(f"[{policy.code}]({page})") >= 2
        looked += len(wanted)
    assert looked > 150


def test_every_page_of_a_policy_shows_the_message_of_a_case_that_fails(library: Library) -> None:
    said: dict[str, str] = {}
    for layer in library.layers:
        for case in layer.policy.cases:
            if case.says:
                said.setdefault(layer.policy.code, case.says)
    assert set(said) == set(library.policies)
    for code, message in said.items():
        page = f"{code}-{library.policies[code].policy.id}.md"
        assert f"> {message}\n" in (ROOT / "docs" / "policies" / page).read_text(encoding="utf-8")


def test_every_document_is_listed_with_the_policies_that_cite_it(library: Library) -> None:
    lines = dict(
        re.findall(r'^\| <a id="([a-z0-9-]+)"></a>(.*)$', (ROOT / "docs" / "sources.md").read_text("utf-8"), re.MULTILINE)
    )
    assert set(lines) == set(library.documents)
    for code, loaded in library.policies.items():
        for citation in loaded.policy.citations:
            assert f"[{code}](" in lines[citation.source]


def test_every_kind_and_column_stands_in_the_reference(kinds: dict[str, Kind]) -> None:
    shown, looked = sections("ledgers.md"), 0
    for kind in kinds.values():
        text = shown[f"{kind.kind} {kind.title.zh} · {kind.title.en}"]
        for name, column in kind.columns.items():
            assert f"| `{name}` | {column.type} | {column.zh} · {column.en} |" in text
            looked += 1
    assert looked > 150


def test_every_code_of_an_intake_note_is_explained() -> None:
    used = {code for path in (ROOT / "ledgers").glob("*.py") for code in re.findall(r"\bQ\d\d\b", path.read_text("utf-8"))}
    assert len(used) > 10
    assert used == set(re.findall(r"^\| (Q\d\d) \|", (ROOT / "docs" / "ledgers.md").read_text("utf-8"), re.MULTILINE))


def test_the_changelog_names_every_policy_with_its_days(library: Library) -> None:
    rows = re.findall(
        r"^\| (?:([A-Z]\d\d) [^|]*)?\| ([a-z0-9-]+) \| ([^|]+) \|", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    code, named = "", set()
    for found, pack, days in rows:
        code = found or code
        assert days.strip()
        named.add((code, pack))
    assert named >= {(layer.policy.code, layer.pack) for layer in library.layers}
    assert len(named) > 10


# -- what the READMEs show ---------------------------------------------------------------------------------------------


@pytest.fixture
def beside_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def commands_of(readme: str) -> dict[str, int]:
    """Give each command of a README with the exit code that stands beside it: 0 where there is none, and a check states its own."""
    found = {}
    for line in "".join(blocks(ROOT / readme, "sh")).splitlines():
        command, _, note = re.sub(r"\s+# ", "\0", line, count=1).partition("\0")
        stated = re.search(r"(?:exit|退出码) (\d)", note)
        assert stated or " check " not in command, f"{command}: state the exit code"
        if command.startswith("fundcheck "):
            found[command] = int(stated[1] if stated else 0)
    return found


@pytest.mark.parametrize("readme", READMES)
def test_commands_of_a_readme_end_with_the_exit_code_it_states(readme: str, beside_examples: Path) -> None:
    commands = commands_of(readme)
    assert len(commands) >= 8
    other = commands_of(READMES[0]) if readme != READMES[0] else {}
    for command, code in commands.items():
        if " check " in command and other.get(command) == code:
            continue  # a check leaves nothing behind: once is enough
        outcome = CliRunner().invoke(main, shlex.split(command)[1:])
        assert outcome.exit_code == code, f"{command}\n{outcome.output}"


@pytest.mark.parametrize("readme", READMES)
def test_scripts_of_a_readme_exist(readme: str) -> None:
    scripts = re.findall(r"^sh (\S+)", "".join(blocks(ROOT / readme, "sh")), re.MULTILINE)
    assert scripts == ["scripts/examples.sh", "scripts/test.sh"]
    assert all((ROOT / script).is_file() for script in scripts)


@pytest.mark.parametrize("readme", READMES)
def test_the_windows_commands_check_the_examples(readme: str, beside_examples: Path) -> None:
    lines = "".join(blocks(ROOT / readme, "bat")).splitlines()
    checks = [line.replace("\\", "/") for line in lines if " check examples" in line]
    assert len(checks) == 1
    outcome = CliRunner().invoke(main, shlex.split(checks[0])[1:])
    assert outcome.exit_code == 1, outcome.output


def test_python_of_the_readme_prints_what_it_says() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", text, re.DOTALL | re.MULTILINE)
    assert found
    for code, printed in found:
        ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout == printed


def test_yaml_of_the_readme_stands_in_the_file_that_it_names() -> None:
    found = blocks(ROOT / "README.md", "yaml")
    assert found
    for block in found:
        first, *lines = block.splitlines()
        whole = (ROOT / first.removeprefix("# ")).read_text(encoding="utf-8").splitlines()
        assert len(lines) > 5
        assert [line for line in lines if line not in whole] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_picture_shows_the_report_as_it_is(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("durable", reason="without durable-rules the report says that cases were not judged")
    monkeypatch.chdir(ROOT)
    drawn, fresh = (
        re.findall(r"<text [^>]*>(.*?)</text>", svg)
        for svg in ((ROOT / "docs" / "pictures" / f"check-{lang}.svg").read_text("utf-8"), load("pictures").draw(lang))
    )
    assert len(drawn) > 200
    assert unescape("".join(drawn)) == unescape("".join(fresh)), "run python docs/pictures.py"


# -- all pages ---------------------------------------------------------------------------------------------------------


def test_every_local_link_leads_to_a_file_and_a_heading() -> None:
    looked = 0
    for path in MARKDOWN:
        for target in re.findall(r"\]\(([^)\s]+)\)", _BLOCK.sub("", path.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, heading = target.partition("#")
            file = (path.parent / name).resolve() if name else path
            assert file.exists(), f"{path.relative_to(ROOT)}: {target}"
            assert not heading or heading in anchors(file), f"{path.relative_to(ROOT)}: {target}"
            looked += 1
    assert looked > 30


@cache
def anchors(path: Path) -> set[str]:
    text = _BLOCK.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return set(re.findall(r'<a id="([^"]+)">', text)) | {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings
    }


def test_every_folder_of_the_project_has_a_readme() -> None:
    folders = [path for pattern in ("*/", "*/*/") for path in ROOT.glob(pattern)]
    names = {path.relative_to(ROOT).as_posix() for path in folders if path.is_dir()}
    wanted = {name for name in names if not OUTSIDE.search(name) and not re.match(r"examples/|docs/|tests/", name)}
    assert len(wanted) >= 12
    assert [name for name in sorted(wanted) if not (ROOT / name / "README.md").is_file()] == []


def test_pages_use_plain_and_careful_words() -> None:
    assert len(WRITTEN) >= 15
    for path in WRITTEN:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(simply|just|obviously)\b", text, re.IGNORECASE), path
        assert [word for word in FORBIDDEN if word in text] == [], path


@pytest.mark.parametrize("name", ["generate", "pictures"])
def test_the_scripts_of_the_documentation_keep_their_own_examples(name: str) -> None:
    assert doctest.testmod(load(name)).failed == 0


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_in_the_code_give_what_they_say(name: str) -> None:
    tried = doctest.testmod(importlib.import_module(name))
    assert tried.attempted > 0
    assert tried.failed == 0


# -- the tutorial ------------------------------------------------------------------------------------------------------


def test_the_tutorial_works_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ROOT / "docs" / "tutorial.zh-CN.md"
    [policy, case], [ledger], [survivors] = blocks(page, "yaml"), blocks(page, "csv"), blocks(page, "text")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "aid.csv").write_text(ledger, encoding="utf-8")
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    written, said = tmp_path / shlex.split(lines[0])[3], list[str]()
    assert len(lines) == 7
    for number, line in enumerate(lines):
        ran = CliRunner().invoke(main, shlex.split(line, comments=True)[1:])
        assert f"退出码 {ran.exit_code}" in line, ran.output
        said.append(ran.output)
        if number == 0:
            written.write_text(policy, encoding="utf-8")
        if number == 4:
            written.write_text(policy + case, encoding="utf-8")
    assert "测**已列入市总名单，公示地点" in said[3]
    assert [line.rpartition("yaml: ")[2] for line in said[4].splitlines()] == survivors.splitlines()
    assert said[6].splitlines() == ["5 passed, 0 failed"]
    wrong = policy.replace("expect: [compliant, suspect]", "expect: [compliant, compliant]")
    written.write_text(wrong, encoding="utf-8")
    assert CliRunner().invoke(main, ["policies", "test", "--pack", "my-rules", "--policy", "H01"]).exit_code == 1


@pytest.mark.parametrize(
    ("readme", "sentence"),
    [("README.md", "There are {} policies over {} kinds of ledger"), ("README.zh-CN.md", "只有 {} 条规则、{} 种台账")],
)
def test_a_readme_counts_the_policies_and_kinds_that_there_are(
    readme: str, sentence: str, library: Library, kinds: dict[str, Kind]
) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert sentence.format(len(library.policies), len(kinds)) in text
    counted = re.findall(r"(\d+)(?= policies| kinds of ledger| 条规则| 种台账)", text)
    assert {int(number) for number in counted} == {len(library.policies), len(kinds)}
