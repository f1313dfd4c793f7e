#!/bin/sh
# Change every policy that is shipped in one small way at a time: its own cases must notice each change (minutes on two cores).
set -eu
cd "$(dirname "$0")/.."
. scripts/venv.sh
venv_with --editable '.[dev]'
.venv/bin/fundcheck policies mutate --workers "$(.venv/bin/python -c 'import os; print(os.cpu_count() or 1)')"
