"""Hold the start: the integrity check of the installed wheel, and what the wheel carries."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import fundcheck

ROOT = Path(__file__).parents[1]


def test_a_checkout_is_not_held_against_a_wheel() -> None:
    assert fundcheck.changed_files() == []


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell closes the streams")
@pytest.mark.parametrize(("redirected", "code"), [("", 4), (">&-", 4), ("2>&-", 4), (">&- 2>&-", 4), ("| cat", 0)])
def test_the_process_ends_with_its_exit_code_and_leaves_nothing_behind(redirected: str, code: int, tmp_path: Path) -> None:
    """It does not wait until all it holds is freed."""
    (tmp_path / "t").mkdir()
    (tmp_path / "a.csv").write_text(
        "姓名,身份证号,发放日期,金额,人员类别\n测试甲,990001196102021076,2021-02-03,500,非职工居民\n", encoding="utf-8"
    )
    check = f'"{sys.executable}" -m fundcheck check a.csv --as-of 2021-12-31 --format json --output found.json {redirected}'
    ran = subprocess.run(
        ["sh", "-c", check], cwd=tmp_path, env={**os.environ, "TMPDIR": str(tmp_path / "t"), "PYTHONPATH": str(ROOT)}, check=False
    )
    assert ran.returncode == code
    assert json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))["summary"]["exit_code"] == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "found.json", "t"]
    assert list((tmp_path / "t").iterdir()) == []


def test_what_memory_does_not_hold_is_spilt_where_it_is_cleared_away(tmp_path: Path) -> None:
    """DuckDB would leave it where the user stands."""
    spill = """
import os, fundcheck
from engine.check import connect
con = connect()
con.execute("SET memory_limit = '40MB'")
con.execute("CREATE TABLE t AS SELECT hash(range) AS h, hash(range + 1) AS i FROM range(4000000)")
[(folder,)] = con.execute("SELECT current_setting('temp_directory')").fetchall()
print(folder, len(os.listdir(folder)))
fundcheck.leave(SystemExit(0))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", spill], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    folder, files = ran.stdout.split()
    assert int(files) > 0
    assert not Path(folder).parent.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out, source = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("source") / "fundcheck"
    made = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "tests", "docs")
    shutil.copytree(ROOT, source, ignore=made)  # two builds in one folder get in each other's way
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(out), str(source)], check=True, capture_output=True, timeout=300
    )
    return next(out.glob("*.whl"))


def test_wheel_and_sdist_carry_packs_kinds_and_duties(wheel: Path) -> None:
    import tarfile

    names = zipfile.ZipFile(wheel).namelist()
    with tarfile.open(next(wheel.parent.glob("*.tar.gz"))) as sdist:
        source = [name.partition("/")[2] for name in sdist.getnames()]
    shipped = [
        p for folder in ("ledgers", "policies", "engine") for p in (ROOT / folder).rglob("*") if p.suffix in (".yaml", ".py")
    ]
    wanted = [p.relative_to(ROOT).as_posix() for p in shipped if "__pycache__" not in p.parts]
    assert len(wanted) > 60
    assert [name for name in wanted if name not in names] == []
    assert [name for name in wanted if name not in source] == []


def test_an_installation_shows_the_demo_and_refuses_a_file_that_was_changed(wheel: Path, tmp_path: Path) -> None:
    """Somebody edits a shipped policy after the installation, or another package writes over it."""
    venv.create(tmp_path / "v", with_pip=False, symlinks=True)
    site = next((tmp_path / "v").glob("lib/python*/site-packages"), tmp_path / "v" / "Lib" / "site-packages")
    zipfile.ZipFile(wheel).extractall(site)
    libraries = next(path for path in map(Path, sys.path) if path.name == "site-packages" and (path / "click").is_dir())
    (site / "libraries.pth").write_text(str(libraries))
    python = next(path for path in ((tmp_path / "v/bin/python"), (tmp_path / "v/Scripts/python.exe")) if path.exists())
    command = [str(python), "-m", "fundcheck", "policies", "list", "--pack", "core"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "A02" in ran.stdout
    subprocess.run([*command[:3], "demo", "d"], capture_output=True, cwd=tmp_path, check=True)
    policy = site / "policies/packs/core/archive-before-aid.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("critical", "low"), encoding="utf-8")
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ran.returncode == 5
    assert "policies/packs/core/archive-before-aid.yaml" in ran.stderr
    assert "Traceback" not in ran.stderr
