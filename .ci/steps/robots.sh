# Robots as they are published, installed from PyPI: they load, and stand, weigh, pull and collide as MuJoCo says.
need python3 python3 python3-venv
run oracle/install.sh
run oracle/mujoco/write.sh real
run cargo test --package leitai-package --test real_robots -- --ignored --nocapture
run cargo test --package leitai-sim --test real_robots -- --ignored --nocapture
