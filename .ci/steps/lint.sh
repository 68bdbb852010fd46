# Format and lint: no difference, no warning.
run cargo fmt --all --check
run cargo clippy --workspace --all-targets --quiet -- -D warnings
