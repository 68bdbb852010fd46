#!/usr/bin/env bash
# Peers side by side on one core: builds MuJoCo's side and ours, makes the scenes, measures, prints a table.
#   OURS="cmd"             instead of bench/leitai, called as `cmd step SCENE_DIR NAME NWARM NSTEP REPS`; OURS=none for MuJoCo alone
#   PEERS=rapier           Rapier too, on piles of boxes; its build takes minutes
#   SCENES="a b"           only these scenes        CORE=1   the core to measure on       REPS=7
# Results: bench/.cache/results.tsv (engine scene measure median min max unit note).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=$here/.cache
core=${CORE:-1} reps=${REPS:-7}
python=$("$here/../oracle/install.sh")
mkdir -p "$cache"

mujoco=$("$python" -c 'import mujoco, os; print(os.path.dirname(mujoco.__file__))')
library=$(basename "$(ls "$mujoco"/libmujoco.so.*)")
if [ ! -x "$cache/mujoco_bench" ] || [ "$here/mujoco/bench.cc" -nt "$cache/mujoco_bench" ]; then
  g++ -O3 -std=c++17 -I"$mujoco/include" "$here/mujoco/bench.cc" -o "$cache/mujoco_bench" -L"$mujoco" -l:"$library" -Wl,-rpath,"$mujoco"
fi
if [ ! -f "$cache/scenes/scenes.json" ] || [ "$here/prep.py" -nt "$cache/scenes/scenes.json" ]; then
  "$python" "$here/prep.py" "$cache/scenes" >&2
fi

ours=${OURS:-}
if [ -z "$ours" ]; then
  CARGO_TARGET_DIR=$cache/leitai cargo build --quiet --release --manifest-path "$here/leitai/Cargo.toml"
  ours=$cache/leitai/release/leitai-bench
fi
peers=()
if [ "${PEERS:-}" = rapier ]; then
  CARGO_TARGET_DIR=$cache/rapier cargo build --quiet --release --locked --manifest-path "$here/rapier/Cargo.toml"
  peers+=("$cache/rapier/release/rapier-bench")
fi

: > "$cache/results.tsv"
# scene:steps before measuring:steps measured
for scene in arm6_ur5e:500:10000 arm7_panda:500:10000 gripper_hold:500:10000 pile_30:1500:600 pallet_48:500:300; do
  IFS=: read -r name warm steps <<< "$scene"
  case " ${SCENES:-$name} " in *" $name "*) ;; *) continue ;; esac
  # shellcheck disable=SC2086 # OURS is a command with arguments
  for engine in "$cache/mujoco_bench" "$ours" "${peers[@]}"; do
    [ "$engine" = none ] || taskset -c "$core" $engine step "$cache/scenes" "$name" "$warm" "$steps" "$reps" >> "$cache/results.tsv"
  done
done
"$python" "$here/table.py" "$cache/results.tsv"
