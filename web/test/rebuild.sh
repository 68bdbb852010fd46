#!/bin/sh
# Builds the pages from their sources in a clean copy and compares them byte for byte with the committed files in dist/.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -cf - --exclude=./node_modules --exclude=./dist --exclude=./dev/out . | tar -xf - -C "$work"
(cd "$work" && npm ci --ignore-scripts --no-audit --no-fund >/dev/null && npm run --silent check >/dev/null && npm run --silent build >/dev/null)
# Both ways: a file that is only here is as wrong as one that is only there.
if diff -r "$work/dist" dist; then
  echo "dist/ is what its sources build ($(find dist -type f | wc -l) files, $(find dist -type f -exec cat {} + | wc -c) bytes)"
else
  echo "dist/ is not what its sources build: run 'npm ci && npm run build' in web/ and commit dist/" >&2
  exit 1
fi
