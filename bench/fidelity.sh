#!/usr/bin/env bash
# Checks with exact answers, MuJoCo and ours beside physics: the tables of docs/fidelity.md. Needs Python 3.11 and Rust; 6 min.
#   fidelity.sh [--pallet-minutes 10]      OURS="cmd"  instead of bench/leitai, called as `cmd roll FILE compat|stick TIMES [CONTROLS]`
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$here/common.sh"
exec "$python" "$here/fidelity.py" --ours "$ours" "$@"
