"""Check what units sent, through the command line."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from cli import main


def run(*words: object) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result


def check(*words: object) -> dict[str, Any]:
    ran = run("check", *words, "--as-of", "2021-12-31", "--format", "json")
    assert ran.exit_code in (0, 1, 3, 4), ran.output
    report: dict[str, Any] = json.loads(ran.stdout)
    return report
