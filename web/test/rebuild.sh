#!/bin/sh
# Builds the page from its sources in a clean copy and compares it byte for byte with the committed dist/report.html.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -cf - --exclude=./node_modules --exclude=./dist --exclude=./dev/out . | tar -xf - -C "$work"
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund >/dev/null && npm run --silent check >/dev/null && npm run --silent build >/dev/null)
if cmp "$work/dist/report.html" dist/report.html; then
  echo "dist/report.html is what its sources build ($(wc -c <dist/report.html) bytes)"
else
  echo "dist/report.html is not what its sources build: run 'npm ci && npm run build' in web/ and commit dist/report.html" >&2
  exit 1
fi
