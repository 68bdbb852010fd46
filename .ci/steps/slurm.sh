# The hub's executor on Slurm: the same bundle as from threads, also when a task and the hub are killed (bench/slurm.py). Needs root.
need slurmctld slurmctld slurmd slurm-client munge
need python3 python3
run cargo build --release --quiet
run python3 bench/slurm.py target/release/leitai
