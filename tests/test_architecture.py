"""Hold the layers: who may import whom, what may not stand in the code. Each guard says how much it looked at."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.check import connect

ROOT = Path(__file__).parents[1]
PRODUCT = [path for folder in ("commands", "engine", "ledgers", "policies") for path in (ROOT / folder).rglob("*.py")]
PRODUCT += [ROOT / "cli.py", ROOT / "declared.py", ROOT / "fundcheck.py"]
MAY = {
    "declared": set(),
    "ledgers": {"declared", "ledgers"},
    "policies": {"declared", "policies"},
    "engine": {"declared", "ledgers", "policies", "engine"},
    "commands": {"declared", "ledgers", "policies", "engine", "commands"},
    "cli": {"declared", "ledgers", "policies", "engine", "commands"},
    "fundcheck": {"cli"},
}
HEAVY = {
    "duckdb",
    "pyarrow",
    "pandas",
    "rich",
    "opencc",
    "python_calamine",
    "sqlglot",
    "pydantic",
    "yaml",
    "xlsxwriter",
    "docx",
    "xlrd",
}


def imported(path: Path) -> list[tuple[str, bool]]:
    """List the modules that a file imports, and whether at its top level."""
    found = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.append((node.module, id(node) in top))
    return found


def test_every_layer_imports_only_what_lies_below_it() -> None:
    own = 0
    for path in PRODUCT:
        layer = path.relative_to(ROOT).parts[0].removesuffix(".py")
        for module, _ in imported(path):
            target = module.partition(".")[0]
            if target in MAY:
                own += 1
                assert target in MAY[layer], f"{path.relative_to(ROOT)} imports {module}"
    assert own > 80


def test_only_one_module_imports_the_rule_engine() -> None:
    importers = [path.name for path in PRODUCT for module, _ in imported(path) if module.partition(".")[0] == "durable"]
    assert set(importers) == {"reasoner.py"}


def test_the_command_line_imports_nothing_heavy_at_its_top() -> None:
    top = [module for module, at_top in imported(ROOT / "cli.py") if at_top]
    assert len(top) > 5
    assert not HEAVY & {module.partition(".")[0] for module in top}
    code = "import cli, sys; print(*sorted(m for m in sys.modules if '.' not in m))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert "click" in loaded
    assert not HEAVY & set(loaded)


def test_no_module_is_too_long_to_be_one_idea() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PRODUCT}
    assert len(lengths) > 30
    assert {path.name: length for path, length in lengths.items() if length > 420} == {}


def test_no_class_inherits_from_a_base_of_our_own_but_models_and_exceptions() -> None:
    classes = 0
    for path in PRODUCT:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                classes += 1
                bases = {ast.unparse(base) for base in node.bases}
                assert bases <= {"NamedTuple", "Exception", "BaseModel", "Strict", "HTMLParser"}, (
                    f"{path.name}: {node.name}({bases})"
                )
    assert classes > 40


def test_no_clock_and_no_environment_below_the_command_line() -> None:
    looked = 0
    for path in PRODUCT:
        # The command line reads both; a child process needs the environment.
        if path.name in ("cli.py", "reasoner.py") or path.parent.name == "commands":
            continue
        text = path.read_text(encoding="utf-8")
        looked += 1
        assert not re.search(r"date\.today|datetime\.now|time\.time\(|os\.environ|random\.", text), path
    assert looked > 25


@pytest.mark.parametrize("folder", ["engine", "engine/formats", "engine/lint", "ledgers", "ledgers/kinds", "ledgers/stories", "policies", "policies/packs",
                                    "policies/sources", "tests", "benchmarks", "examples", "docs", "scripts"])  # fmt: skip
def test_every_folder_says_what_it_is_for(folder: str) -> None:
    assert len((ROOT / folder / "README.md").read_text(encoding="utf-8")) > 80


def test_the_code_works_with_assertions_switched_off() -> None:
    code = "import sys; sys.argv = ['fundcheck', 'policies', 'lint']; import cli; cli.main()"
    ran = subprocess.run([sys.executable, "-O", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "no problem" in ran.stdout


def test_every_result_is_fetched_to_its_end() -> None:
    """What one row was fetched of holds its connection: the next statement failed, or did not, by what stood between."""
    assert [path.name for path in PRODUCT if ".fetchone()" in path.read_text(encoding="utf-8")] == []


def test_every_connection_is_opened_where_it_is_silenced() -> None:
    """A statement of more than two seconds printed a progress bar into the report."""
    opened = {path.relative_to(ROOT).as_posix() for path in PRODUCT if "duckdb.connect(" in path.read_text(encoding="utf-8")}
    assert opened == {"ledgers/connect.py"}
    assert connect().execute("SELECT current_setting('enable_progress_bar')").fetchall() == [(False,)]


def test_a_check_loads_no_pandas(tmp_path: Path) -> None:
    """It takes a third of a second; who checks a file has no data frame."""
    path = tmp_path / "a.csv"
    path.write_text("姓名,身份证号,发放日期,金额\n测试甲,990001196102021076,2021-02-03,500\n合计,,,500\n", encoding="utf-8")
    code = (
        "import sys, cli\n"
        f"try: cli.main(['check', {str(path)!r}])\n"
        "except SystemExit as ended: print(ended.code, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 False"
