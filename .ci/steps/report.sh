# The pages: what is committed is what its sources build, and reports of real proofs and the hub's site work in a browser.
need chromium chromium
need node nodejs
need npm npm
run sh web/test/rebuild.sh
[ -d web/node_modules ] || run npm --prefix web ci --ignore-scripts --no-audit --no-fund
fresh=$(mktemp -d)
leitai() { expect "$1" cargo run --release --quiet -- "${@:2}"; }
leitai 4 prove ur20 con-block-palletizing --trials 3 --unsigned --out "$fresh/short"
leitai 5 prove franka-fr3 con-block-palletizing --unsigned --out "$fresh/rejected"
run node web/test/report.mjs "$fresh/short/report.html" "$fresh/rejected/report.html"

# The hub: a real bundle published and run again there, and its pages walked; then the pages on made-up records, which have more kinds.
run cargo run --release --quiet -- serve --no-open --data "$fresh/hub" --address 127.0.0.1:8421 > "$fresh/said" &
hub=$!
for _ in $(seq 100); do [ -f "$fresh/hub/token" ] && grep -q 8421 "$fresh/said" && break; sleep 0.1; done
LEITAI_HUB_TOKEN=$(cat "$fresh/hub/token") leitai 0 publish "$fresh/short" --hub http://127.0.0.1:8421
run node web/test/hub.mjs http://127.0.0.1:8421
run node web/test/people.mjs http://127.0.0.1:8421 "$(grep -o 'http://[^ ]*/enter[^ ]*' "$fresh/said")"
pkill -INT -P "$hub" || true
wait "$hub" || true
leitai 0 hub check --data "$fresh/hub"
run node web/test/monitor.mjs target/release/leitai "$fresh/short"
run node web/test/hub.mjs

# What the hub proves itself, on a hub of its own: the link that lets its operator in works once.
run cargo run --release --quiet -- serve --no-open --data "$fresh/prover" --address 127.0.0.1:8422 > "$fresh/prover-said" &
hub=$!
for _ in $(seq 100); do grep -q enter "$fresh/prover-said" && break; sleep 0.1; done
run node web/test/proofs.mjs http://127.0.0.1:8422 "$(grep -o 'http://[^ ]*/enter[^ ]*' "$fresh/prover-said")"
pkill -INT -P "$hub" || true
wait "$hub" || true
leitai 0 hub check --data "$fresh/prover"

# Challenges: on a hub whose job is cut short, so that the ranks come soon.
mkdir -p "$fresh/catalog/scenarios"
cp -r catalog/scenarios/con-block-palletizing "$fresh/catalog/scenarios/"
sed -i 's/duration_s = 160.0/duration_s = 1.0/' "$fresh/catalog/scenarios/con-block-palletizing/scenario.toml"
run cargo run --release --quiet -- --catalog "$fresh/catalog" serve --no-open --data "$fresh/challenges" --address 127.0.0.1:8423 > "$fresh/said2" &
hub=$!
for _ in $(seq 100); do [ -f "$fresh/challenges/token" ] && grep -q 8423 "$fresh/said2" && break; sleep 0.1; done
run node web/test/challenge.mjs http://127.0.0.1:8423 "$(cat "$fresh/challenges/token")"
pkill -INT -P "$hub" || true
wait "$hub" || true
leitai 0 hub check --data "$fresh/challenges"

# The five journeys that the hub is for, end to end, on a hub that the walk starts by itself.
run node web/test/journeys.mjs target/release/leitai "$fresh/short" "$fresh/catalog"
rm -r "$fresh"
