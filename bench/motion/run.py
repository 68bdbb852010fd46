#!/usr/bin/env python3
"""Every bar of motion beside its measured figure: all scripts of this folder, one after the other, and one table.

    bench/motion/run.py [TOPIC ...] [--out FOLDER] [--kept] [--write]

Topics: ik, plan, otg, topp, qp, vibration, payload, force; all if none is named. Peers are installed and run in the same run, but for VAMP, which has
no package: its figures are from another machine. `force` has no bar and no peer; its tables stand in FOLDER/force.txt. Each script's own
figures are kept as FOLDER/NAME.json, what it said as FOLDER/NAME.txt (FOLDER is bench/.cache/motion if not given); with --kept figures that are there already are
read, not measured again. --write puts the table into docs/motion-bars.md. Takes 15 min, and 25 the first time. Ends with 1 if a bar is missed, with 2 if a script gave
no figures.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

from bars import holds, table

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs/motion-bars.md"
HEAD = """# Bars of motion
运动学、规划、定时与控制的各项指标与实测，逐条列出；未达标者标出。每项说明见 [motion.md](motion.md)。

Every bar of motion beside its figure, all measured by one command. A figure with × is a share of the peer's; where there is no peer, of a stated other motion or limit.
VAMP has no package to install, so its figures are from another machine. What is missed, and why, is told in [motion.md](motion.md).

    bench/motion/run.py --write

"""
# What is run for each topic: name of its figures, script, arguments.
TOPICS = {
    "ik": [("ik", "ik.sh", ["2000"])],
    "plan": [(f"plan-{robot}-{effort}", "plan.py", ["--robot", robot, "--effort", effort, "--rep", "10"])
             for robot in ("panda", "ur5") for effort in ("quick", "short")],
    "otg": [("otg", "otg.py", ["20000", "--check", "10000000"])],
    "topp": [("topp", "topp.py", ["30"])],
    "qp": [("qp", "qp.py", ["20"])],
    "vibration": [("vibration", "vibration.py", [])],
    "payload": [("payload", "payload.py", [])],
    "force": [("force", "force.py", [])],
}


def measure(name, script, arguments, figures, began):
    """Runs one script; what it said goes beside its figures."""
    print(f"{time.monotonic() - began:5.0f} s  {name} ...", file=sys.stderr)
    figures.unlink(missing_ok=True)
    program = [HERE / script] if script.endswith(".sh") else [sys.executable, HERE / script]
    with open(figures.with_suffix(".txt"), "w") as said:
        subprocess.run([*program, *arguments, "--out", figures], stdout=said, stderr=subprocess.STDOUT)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help=", ".join(TOPICS))
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / ".cache/motion", metavar="FOLDER")
    parser.add_argument("--kept", action="store_true", help="read figures that are in FOLDER already instead of measuring them again")
    parser.add_argument("--write", action="store_true", help="put the table into docs/motion-bars.md")
    a = parser.parse_args()
    unknown = [t for t in a.topics if t not in TOPICS]
    if unknown:
        parser.error(f"no topic `{unknown[0]}`; there are {', '.join(TOPICS)}")
    a.out.mkdir(parents=True, exist_ok=True)
    began, bars, broken = time.monotonic(), [], []
    for topic in a.topics or TOPICS:
        for name, script, arguments in TOPICS[topic]:
            figures = a.out / f"{name}.json"
            if not (a.kept and figures.exists()):
                measure(name, script, arguments, figures, began)
            if figures.exists():
                bars += json.loads(figures.read_text()).get("bars", [])
            else:
                broken.append(name)
                print(f"        no figures; see {a.out / name}.txt", file=sys.stderr)
    cpu = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine()) if os.path.exists("/proc/cpuinfo") else platform.machine()
    missed = sum(not holds(b) for b in bars)
    kept = " Figures that were there already were read, each from a run of its own topic." if a.kept else ""
    told = f"{table(bars)}\n\n{len(bars) - missed} of {len(bars)} bars hold. {cpu}, {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f}, {time.strftime('%Y-%m-%d', time.gmtime())}.{kept}"
    print(told)
    if a.write:
        PAGE.write_text(f"{HEAD}{told}\n")
    sys.exit(2 if broken else 1 if missed else 0)


if __name__ == "__main__":
    main()
