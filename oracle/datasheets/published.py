#!/usr/bin/env python3
"""Looks through the manipulators of example-robot-data and robosuite with `leitai robot check`, and prints a table: mass against what makers state, findings.

    $(oracle/install.sh) oracle/datasheets/published.py target/release/leitai

Stated masses are recalled from makers' data sheets and were not read again; a dash: none recalled. Masses agree within 10 %.
"""
import json
import re
import subprocess
import sys
import sysconfig
from collections import Counter
from pathlib import Path

SITE = Path(sysconfig.get_paths()["purelib"])
DATA = SITE / "cmeel.prefix/share/example-robot-data/robots"
SUITE = SITE / "robosuite/models/assets/robots"

ARMS = [
    ("Franka Panda, example-robot-data", DATA / "panda_description/urdf/panda.urdf", 18.0),
    ("UR3, example-robot-data", DATA / "ur_description/urdf/ur3_robot.urdf", 11.0),
    ("UR5, example-robot-data", DATA / "ur_description/urdf/ur5_robot.urdf", 18.4),
    ("UR10, example-robot-data", DATA / "ur_description/urdf/ur10_robot.urdf", 28.9),
    ("Kinova Jaco, example-robot-data", DATA / "kinova_description/robots/kinova.urdf", None),
    ("xArm7, example-robot-data", DATA / "xarm_description/urdf/xarm7.urdf", 13.7),
    ("Unitree Z1, example-robot-data", DATA / "z1_description/urdf/z1.urdf", 4.3),
    ("SO-100, example-robot-data", DATA / "so_arm_description/urdf/so100.urdf", None),
    ("SO-101, example-robot-data", DATA / "so_arm_description/urdf/so101.urdf", None),
    ("Panda, robosuite", SUITE / "panda/robot.xml", 18.0),
    ("Sawyer, robosuite", SUITE / "sawyer/robot.xml", 19.0),
    ("IIWA, robosuite", SUITE / "iiwa/robot.xml", None),
    ("UR5e, robosuite", SUITE / "ur5e/robot.xml", 20.7),
    ("Kinova Gen3, robosuite", SUITE / "kinova3/robot.xml", 8.2),
    ("Jaco, robosuite", SUITE / "jaco/robot.xml", 5.5),
    ("xArm7, robosuite", SUITE / "xarm7/robot.xml", 13.7),
]


def ask(leitai, file, *more):
    words = [leitai, "robot", "check", str(file), f"--packages={DATA.parent.parent}", "--lang", "en", *more]
    return subprocess.run(words, capture_output=True, text=True, cwd="/").stdout


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: published.py LEITAI")
    leitai = str(Path(sys.argv[1]).resolve())
    print("| arm | mass stated / model, kg | | errors | warnings, by rule |")
    print("|---|---|---|---|---|")
    for name, file, stated in ARMS:
        if not file.is_file():
            print(f"| {name} | no such file in this version of the package | | | |")
            continue
        found = re.search(r"degrees of freedom, ([\d.e+-]+) kg", ask(leitai, file))
        mass = float(found[1]) if found else None
        said = "–" if stated is None or mass is None else "agrees" if abs(mass / stated - 1.0) <= 0.1 else "**differs**"
        findings = json.loads(ask(leitai, file, "--json"))["findings"]
        rules = {level: Counter(f["rule"] for f in findings if f["level"] == level) for level in ("error", "warning")}
        told = {level: ", ".join(f"{rule} {count}" for rule, count in sorted(counts.items())) or "–" for level, counts in rules.items()}
        model = "no model" if mass is None else f"{mass:.3g}"
        print(f"| {name} | {'–' if stated is None else stated} / {model} | {said} | {told['error']} | {told['warning']} |")


main()
