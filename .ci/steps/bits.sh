# Debug and release give the same bits: the golden motions again, optimized.
run cargo test --release --package leitai-sim --test bits
