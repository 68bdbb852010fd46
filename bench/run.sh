#!/usr/bin/env bash
# Peers side by side on one core: builds MuJoCo's side and ours, makes the scenes, measures, prints a table.
#   OURS="cmd"             instead of bench/leitai, called as `cmd step SCENE_DIR NAME NWARM NSTEP REPS`; OURS=none for MuJoCo alone
#   PEERS="pinocchio rapier"   who else; pinocchio unless said otherwise, whose build takes 4 min once, rapier's 3; PEERS=none
#   SCENES="a b"           only these scenes        CORE=1   the core to measure on       REPS=7
# Results: bench/.cache/results.tsv (engine scene measure median min max unit note).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
core=${CORE:-1} reps=${REPS:-7}
# shellcheck source=/dev/null
. "$here/common.sh"

mujoco=$("$python" -c 'import mujoco, os; print(os.path.dirname(mujoco.__file__))')
library=$(basename "$(ls "$mujoco"/libmujoco.so.*)")
if [ ! -x "$cache/mujoco_bench" ] || [ "$here/mujoco/bench.cc" -nt "$cache/mujoco_bench" ]; then
  g++ -O3 -std=c++17 -I"$mujoco/include" "$here/mujoco/bench.cc" -o "$cache/mujoco_bench" -L"$mujoco" -l:"$library" -Wl,-rpath,"$mujoco"
fi
asked=" ${PEERS:-pinocchio} "
peers=()
if [[ $asked == *" rapier "* ]]; then
  CARGO_TARGET_DIR=$cache/rapier cargo build --quiet --release --locked --manifest-path "$here/rapier/Cargo.toml"
  peers+=("$cache/rapier/release/rapier-bench")
fi

if [[ $asked == *" pinocchio "* ]]; then
  pin=$cache/pin
  if [ ! -x "$pin/bin/python" ] || ! cmp --quiet "$here/pinocchio/requirements.txt" "$pin/installed.txt"; then
    "$python" -m venv "$pin" >&2
    "$pin/bin/pip" install --quiet --requirement "$here/pinocchio/requirements.txt" >&2
    cp "$here/pinocchio/requirements.txt" "$pin/installed.txt"
  fi
  prefix=$(echo "$pin"/lib/python3*/site-packages/cmeel.prefix)
  if [ ! -x "$cache/pinocchio_bench" ] || [ "$here/pinocchio/bench.cc" -nt "$cache/pinocchio_bench" ]; then
    g++ -O3 -DNDEBUG -std=c++17 -w -DPINOCCHIO_ENABLE_TEMPLATE_INSTANTIATION -DBOOST_MPL_LIMIT_LIST_SIZE=30 \
      -DBOOST_MPL_LIMIT_VECTOR_SIZE=30 -DBOOST_MPL_CFG_NO_PREPROCESSED_HEADERS -DBOOST_FUSION_INVOKE_MAX_ARITY=12 \
      -I"$prefix/include" -I"$prefix/include/pinocchio/deprecated" -I"$prefix/include/eigen3" "$here/pinocchio/bench.cc" \
      -o "$cache/pinocchio_bench" -L"$prefix/lib" -lpinocchio_default -lboost_serialization -Wl,-rpath,"$prefix/lib"
  fi
fi

: > "$cache/results.tsv"
# scene:steps before measuring:steps measured
scenes="arm6_ur5e:500:10000 arm7_panda:500:10000 quad_go2:500:8000 quad_go1:500:8000 hum_dmc:500:8000 hum_g1:500:4000
  gripper_hold:500:10000 aloha_cube:500:8000 shadow_block:500:4000 pile_30:1500:600 pallet_48:500:300"
for scene in $scenes; do
  IFS=: read -r name warm steps <<< "$scene"
  case " ${SCENES:-$name} " in *" $name "*) ;; *) continue ;; esac
  # shellcheck disable=SC2086 # OURS is a command with arguments
  for engine in "$cache/mujoco_bench" "$ours" "${peers[@]}"; do
    [ "$engine" = none ] || taskset -c "$core" $engine step "$cache/scenes" "$name" "$warm" "$steps" "$reps" >> "$cache/results.tsv"
  done
done
# The first load in a process finds no cached asset.
if [ -z "${SCENES:-}" ]; then
  for engine in "$cache/mujoco_bench" "$ours"; do
    # shellcheck disable=SC2086
    [ "$engine" = none ] || taskset -c "$core" $engine load "$cache/scenes" quad_go2 0 "$reps" >> "$cache/results.tsv"
  done
fi
# Single algorithms: a robot of example-robot-data, what holds it, calls.
if [ -z "${SCENES:-}" ] && [[ $asked == *" pinocchio "* ]]; then
  robots=$prefix/share/example-robot-data/robots
  for robot in ur5:ur_description/urdf/ur5_robot.urdf:fixed:100000 g1_29dof:g1_description/urdf/g1_29dof_rev_1_0.urdf:free:30000; do
    IFS=: read -r name file base calls <<< "$robot"
    "$pin/bin/python" "$here/pinocchio/models.py" "$robots/$file" "$base" "$cache/$name.txt"
    taskset -c "$core" "$cache/pinocchio_bench" func "$cache/$name.txt" "$name" "$calls" "$reps" >> "$cache/results.tsv"
    # shellcheck disable=SC2086
    [ "$ours" = none ] || taskset -c "$core" $ours func "$robots/$file" "$name" "$base" "$calls" "$reps" 2> /dev/null >> "$cache/results.tsv"
  done
fi
"$python" "$here/table.py" "$cache/results.tsv"
