#!/usr/bin/env bash
# Inverse kinematics beside EAIK and optik: builds our side, installs the pinned peers into bench/.cache (ignored by git), runs ik.py.
#   bench/motion/ik.sh [POSES] [--out FILE]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$here/../.cache/ik
wanted=$(cat "$here/ik/requirements.txt")
if [ ! -x "$venv/bin/python" ] || [ "$(cat "$venv/installed.txt" 2>/dev/null)" != "$wanted" ]; then
  rm -rf "$venv"
  mkdir -p "$here/../.cache"
  "${PYTHON:-python3}" -m venv "$venv" >&2
  "$venv/bin/pip" install --quiet --requirement "$here/ik/requirements.txt" >&2
  printf '%s\n' "$wanted" > "$venv/installed.txt"
fi
cargo build --quiet --release --manifest-path "$here/ik/Cargo.toml" >&2
built=$here/ik/target/release
suffix=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_config_var("EXT_SUFFIX"))')
# shellcheck disable=SC2046
${CXX:-c++} -O2 -shared -fPIC -std=c++17 $("$venv/bin/python" -m pybind11 --includes) "$here/ik/binding.cc" \
  -L "$built" -lleitai_bench_ik -Wl,-rpath,"$built" -o "$built/leitai_ik$suffix"
PYTHONPATH=$built OPENBLAS_NUM_THREADS=1 "$venv/bin/python" "$here/ik.py" "$@"
