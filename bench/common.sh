# Sourced by the benches: Python with MuJoCo in $python, the scenes under $cache/scenes, our side's command in $ours.
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
