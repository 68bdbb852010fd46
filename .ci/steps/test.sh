# Every test that needs nothing but Rust.
run cargo test --workspace
