#!/usr/bin/env bash
# Installs what tests and measures a hub from outside into oracle/.cache/hub (ignored by git) and prints the Python to use; a second
# later, nothing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$here/../.cache/hub
wanted=$(cat "$here/requirements.txt")
if [ ! -f "$venv/installed.txt" ] || [ "$(cat "$venv/installed.txt")" != "$wanted" ]; then
  rm -rf "$venv"
  mkdir -p "$here/../.cache"
  "${PYTHON:-python3}" -m venv "$venv" >&2
  "$venv/bin/pip" install --quiet --requirement "$here/requirements.txt" >&2
  printf '%s\n' "$wanted" > "$venv/installed.txt"
fi
echo "$(cd "$venv" && pwd)/bin/python"
