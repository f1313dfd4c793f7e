# Make .venv if it is not there, and install what is named into it. Says what the machine lacks.
venv_with() {
  python=${PYTHON:-python3}
  if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "fundcheck needs Python 3.11 or newer as python3, or PYTHON=/path/to/python3.11" >&2
    exit 2
  fi
  if ! [ -x .venv/bin/python ] && ! "$python" -m venv .venv; then
    echo "A virtual environment could not be made. On Debian and Ubuntu: apt install python3-venv" >&2
    exit 2
  fi
  if ! command -v "${CC:-cc}" >/dev/null 2>&1; then
    echo "durable-rules is built from source and needs a C compiler. On Debian and Ubuntu: apt install gcc python3-dev" >&2
    exit 2
  fi
  if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@"; then
    echo "The installation failed. If it was durable-rules: apt install gcc python3-dev, then try again." >&2
    exit 2
  fi
}
