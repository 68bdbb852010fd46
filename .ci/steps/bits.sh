# Debug and release give the same bits: the golden motions and the golden trial again, optimized.
run cargo test --release --package leitai-sim --test bits --package leitai-proving --test trial
