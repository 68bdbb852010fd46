# Logs open in other people's tools: the Python package `mcap` reads those of a fresh bundle.
need python3 python3 python3-venv
python=$(oracle/mcap/install.sh)
fresh=$(mktemp -d)
expect 4 cargo run --release --quiet -- prove ur20 con-block-palletizing --trials 2 --unsigned --no-controls --out "$fresh"
run "$python" oracle/mcap/check.py "$fresh"/*.leitai
rm -r "$fresh"
