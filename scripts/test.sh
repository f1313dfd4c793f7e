#!/bin/sh
# Do everything that CI does, but for Spark (spark.sh): format, lint, types, documentation, tests (which judge every case of every policy and build wheel and sdist).
set -eu
cd "$(dirname "$0")/.."
. scripts/venv.sh
venv_with --editable '.[dev]'
PATH="$PWD/.venv/bin:$PATH"
export PATH
echo "== ruff"; ruff format --check . && ruff check .
echo "== mypy"; mypy
echo "== documentation"; python docs/generate.py --check
echo "== pytest"; python -m pytest -n auto -m "not spark" "$@"
