#!/usr/bin/env bash
# Fuzzes: run.sh [MINUTES] [TARGET...]; ten minutes for each of all targets unless said otherwise. Needs a C++ compiler and cargo-fuzz
# (`cargo install cargo-fuzz`). Seeds come from catalog/ and oracle/mujoco/models; what grows from them stays in corpus/ (ignored).
# One line for each target is added to results.txt; a finding ends the run and lies in artifacts/TARGET/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
minutes=${1:-10}
shift || true
all=(mjcf urdf mesh_stl mesh_obj mesh_msh mesh_dae mesh_glb terrain manifest_robot manifest_part manifest_scenario manifest_solution manifest_acceptance bundle members claim predicate module program program_urscript program_rapid)
[ $# -gt 0 ] || set -- "${all[@]}"
# Coverage of branches is an unstable flag, so the stable compiler is told to accept it. The readers hold no unsafe code, so the
# address sanitizer would only slow them.
export RUSTC_BOOTSTRAP=1
cargo fuzz build --fuzz-dir . --sanitizer none >&2

seed() { # TARGET FILE...
  local target=$1
  shift
  mkdir -p "corpus/$target"
  for file in "$@"; do
    cp "$file" "corpus/$target/seed-$(printf '%s' "$file" | tr '/.' '__')"
  done
}
seed mjcf ../oracle/mujoco/models/*.xml ../catalog/*/*/*.xml
seed urdf ../oracle/mujoco/models/urdf/*.urdf
seed mesh_stl ../oracle/mujoco/models/part/*.stl
seed mesh_dae ../oracle/mujoco/models/part/*.dae
seed mesh_glb ../oracle/mujoco/models/part/*.glb
seed terrain ../oracle/mujoco/models/part/terrain.*
seed mesh_obj ../oracle/mujoco/models/part/*.obj
seed manifest_robot ../catalog/robots/*/robot.toml
seed manifest_part ../catalog/parts/*/part.toml
seed manifest_scenario ../catalog/scenarios/*/scenario.toml
seed manifest_solution ../catalog/solutions/*/solution.toml
seed module ../controllers/*/controller.wasm
seed program ../docs/offline/edge.toml
seed program_urscript ../docs/offline/edge.script
seed program_rapid ../docs/offline/edge.mod
seed manifest_acceptance ../crates/package/tests/acceptance.toml
mkdir -p corpus/mesh_msh
# One triangle pyramid: counts of corners, normals, texture coordinates and triangles, then corners and triangles.
printf '\4\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\200\77\0\0\0\0\0\0\0\0\0\0\0\0\0\0\200\77\0\0\0\0\0\0\0\0\0\0\0\0\0\0\200\77\0\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\3\0\0\0\0\0\0\0\3\0\0\0\2\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0' > corpus/mesh_msh/seed-pyramid
cargo run --quiet --release --example seed corpus
for target in "${all[@]}"; do
  for file in regressions/"$target"/*; do
    [ -e "$file" ] && cp "$file" "corpus/$target/regression-$(basename "$file")"
  done
done

# Words of the languages, taken from the readers themselves.
words() { cat "$@" | grep -o '"[A-Za-z_][A-Za-z0-9_]*"' | sort -u; }
mkdir -p dictionaries
words ../crates/package/src/mjcf/*.rs > dictionaries/mjcf
words ../crates/package/src/urdf/*.rs ../crates/package/src/mjcf/compiler.rs ../crates/package/src/mjcf/option.rs > dictionaries/urdf
cat ../catalog/*/*/*.toml | grep -o '[a-z_0-9]\{3,\}' | sort -u | sed 's/.*/"&"/' > dictionaries/manifest
cat corpus/claim/claim | grep -ao '[a-z_0-9]\{3,\}' | sort -u | sed 's/.*/"&"/' > dictionaries/json

for target in "$@"; do
  case $target in
    mjcf | urdf) dictionary=dictionaries/$target largest=20000 ;;
    manifest_*) dictionary=dictionaries/manifest largest=20000 ;;
    # A random mesh of a thousand triangles takes 20 ms, one of eighty a tenth of one.
    mesh_stl | mesh_msh | mesh_glb) dictionary= largest=4000 ;;
    members | claim) dictionary=dictionaries/json largest=60000 ;;
    *) dictionary= largest=60000 ;;
  esac
  log=$(mktemp)
  nice -n 15 cargo fuzz run --fuzz-dir . --sanitizer none "$target" "corpus/$target" -- \
    -max_total_time=$((minutes * 60)) -max_len=$largest -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
    ${dictionary:+-dict=$dictionary} 2>&1 | tee "$log" | grep -E --line-buffered 'pulse|panicked|ERROR|SUMMARY|stat::' >&2
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  memory=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
  printf '%-18s %3d min %10s executions %5s MB peak  %s\n' "$target" "$minutes" "$runs" "$memory" "$(date -u +%F)" | tee -a results.txt
  rm "$log"
done
