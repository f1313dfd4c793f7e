#!/bin/sh
# Run the tests that need Spark: Java 17 must be there, pyspark is installed into .venv.
set -eu
cd "$(dirname "$0")/.."
. scripts/venv.sh
venv_with --editable '.[dev,spark]'
echo "== pytest, Spark"; .venv/bin/python -m pytest -m spark "$@"
