# The report: the committed page is what its sources build, and pages of real proofs work in a browser.
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
rm -r "$fresh"
