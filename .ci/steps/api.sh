# The hub's API answers as its own description says: asked by schemathesis, as a stranger and as the operator.
need python3 python3 python3-venv
run cargo build --release --quiet
run "$(oracle/hub/install.sh)" oracle/hub/ask.py
