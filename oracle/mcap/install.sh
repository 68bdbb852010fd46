#!/usr/bin/env bash
# Installs the Python package `mcap` into oracle/.cache/mcap (ignored by git) and prints the Python to use; a second later, nothing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$here/.cache/mcap
wanted=mcap==1.6.0
if [ ! -f "$venv/installed.txt" ] || [ "$(cat "$venv/installed.txt")" != "$wanted" ]; then
  rm -rf "$venv"
  mkdir -p "$here/.cache"
  "${PYTHON:-python3}" -m venv "$venv" >&2
  "$venv/bin/pip" install --quiet "$wanted" >&2
  printf '%s\n' "$wanted" > "$venv/installed.txt"
fi
echo "$venv/bin/python"
