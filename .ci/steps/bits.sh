# Debug and release give the same bits: the golden motions, the golden trial and the eleven scenes again, optimized.
run cargo test --release --package leitai-sim --test bits --package leitai-proving --test trial --package leitai-bits --test golden
