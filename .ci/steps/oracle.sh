# The committed answers are those of the pinned tools: asked again, they say the same.
need python3 python3 python3-venv
run oracle/install.sh
python=$(oracle/install.sh)
fresh=$(mktemp -d)
run "$python" oracle/mujoco/oracle.py --write own --outdir "$fresh"
run "$python" oracle/same.py oracle/mujoco/answers "$fresh"
"$python" oracle/mujoco/oracle.py --schema > "$fresh/schema.txt"
run cmp oracle/mujoco/schema.txt "$fresh/schema.txt"
"$python" oracle/statistics/golden.py --json > "$fresh/golden.json"
run cmp oracle/statistics/golden.json "$fresh/golden.json"
rm -r "$fresh"
