#!/usr/bin/env bash
# Checks with exact answers, MuJoCo and ours beside physics: the tables of docs/fidelity.md. Needs Python 3.11 and Rust; 6 min.
#   fidelity.sh [--pallet-minutes 10]      OURS="cmd"  instead of bench/leitai, called as `cmd roll FILE compat|stick TIMES [CONTROLS]`
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$here/.cache
python=$("$here/../oracle/install.sh")
mkdir -p "$cache"
if [ ! -f "$cache/scenes/scenes.json" ] || [ "$here/prep.py" -nt "$cache/scenes/scenes.json" ]; then
  "$python" "$here/prep.py" "$cache/scenes" >&2
fi
ours=${OURS:-}
if [ -z "$ours" ]; then
  CARGO_TARGET_DIR=$cache/leitai cargo build --quiet --release --manifest-path "$here/leitai/Cargo.toml"
  ours=$cache/leitai/release/leitai-bench
fi
exec "$python" "$here/fidelity.py" --ours "$ours" "$@"
