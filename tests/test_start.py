"""Hold the start: the integrity check of the installed wheel, and what the wheel carries."""

from __future__ import annotations

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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(out), str(ROOT)], check=True, capture_output=True, timeout=300)
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
