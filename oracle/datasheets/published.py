#!/usr/bin/env python3
"""Holds the manipulators of example-robot-data and robosuite against what their makers state, and prints a table.

    $(oracle/install.sh) oracle/datasheets/published.py target/release/leitai

For each arm: `leitai test datasheet MODEL --state …` and `leitai robot check MODEL`. The stated figures are recalled from makers' data sheets and
were not read again; an arm whose maker states none that we recall is only looked at.
"""
import json
import subprocess
import sys
import sysconfig
from collections import Counter
from pathlib import Path

SITE = Path(sysconfig.get_paths()["purelib"])
DATA = SITE / "cmeel.prefix/share/example-robot-data/robots"
SUITE = SITE / "robosuite/models/assets/robots"

# name, file, body at the arm's end, stated mass [kg], reach [m], payload [kg]; None: not recalled
ARMS = [
    ("Franka Panda, example-robot-data", DATA / "panda_description/urdf/panda.urdf", "panda_link8", 18.0, 0.855, 3.0),
    ("UR3, example-robot-data", DATA / "ur_description/urdf/ur3_robot.urdf", "wrist_3_link", 11.0, 0.5, 3.0),
    ("UR5, example-robot-data", DATA / "ur_description/urdf/ur5_robot.urdf", "wrist_3_link", 18.4, 0.85, 5.0),
    ("UR10, example-robot-data", DATA / "ur_description/urdf/ur10_robot.urdf", "wrist_3_link", 28.9, 1.3, 10.0),
    ("Kinova Jaco, example-robot-data", DATA / "kinova_description/robots/kinova.urdf", None, 4.4, 0.984, 2.6),
    ("xArm7, example-robot-data", DATA / "xarm_description/urdf/xarm7.urdf", "link7", 13.7, 0.7, 3.5),
    ("Unitree Z1, example-robot-data", DATA / "z1_description/urdf/z1.urdf", "link06", 4.3, 0.74, 2.0),
    ("SO-100, example-robot-data", DATA / "so_arm_description/urdf/so100.urdf", None, None, None, None),
    ("SO-101, example-robot-data", DATA / "so_arm_description/urdf/so101.urdf", None, None, None, None),
    ("Panda, robosuite", SUITE / "panda/robot.xml", "right_hand", 18.0, 0.855, 3.0),
    ("Sawyer, robosuite", SUITE / "sawyer/robot.xml", "right_hand", 19.0, 1.26, 4.0),
    ("IIWA, robosuite", SUITE / "iiwa/robot.xml", "right_hand", None, None, None),
    ("UR5e, robosuite", SUITE / "ur5e/robot.xml", "right_hand", 20.7, 0.85, 5.0),
    ("Kinova Gen3, robosuite", SUITE / "kinova3/robot.xml", "right_hand", 8.2, 0.902, 4.0),
    ("Jaco, robosuite", SUITE / "jaco/robot.xml", "right_hand", 5.5, 0.985, 2.4),
    ("xArm7, robosuite", SUITE / "xarm7/robot.xml", "right_hand", 13.7, 0.7, 3.5),
]


def ask(leitai, *words):
    packages = f"--packages={DATA.parent.parent}"
    ran = subprocess.run([leitai, *words, packages, "--json", "--lang", "en"], capture_output=True, text=True, cwd="/")
    try:
        return json.loads(ran.stdout)
    except ValueError:
        lines = ran.stderr.strip().splitlines()
        return {"failed": lines[0] if lines else f"exit code {ran.returncode}"}


def span(computed):
    if computed is None:
        return "–"
    low, high = computed
    return f"{low:.3g}" if high - low < 1e-9 else f"{low:.3g}–{high:.3g}"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: published.py LEITAI")
    leitai = str(Path(sys.argv[1]).resolve())
    print("| arm | mass stated / model, kg | reach stated / model, m | payload stated / held at most, kg | differs | findings of the lint, by rule |")
    print("|---|---|---|---|---|---|")
    for name, file, tip, mass, reach, payload in ARMS:
        if not file.is_file():
            print(f"| {name} | no such file in this version of the package | | | | |")
            continue
        # Mass and reach are shown for every arm; where nothing is stated, they are held against one and the result is left out.
        stated = {"mass_kg": mass, "reach_m": reach, "payload_kg": payload}
        words = [f"--state={key}={1.0 if value is None else value}" for key, value in stated.items()]
        sheet = ask(leitai, "test", "datasheet", str(file), *words, *([] if tip is None else ["--tip", tip]))
        check = ask(leitai, "robot", "check", str(file))
        rules = Counter((f["level"] == "warning", f["rule"]) for f in check.get("findings", []) if f["level"] in ("error", "warning"))
        told = ", ".join(f"{'' if warning else '**error** '}{rule} {count}" for (warning, rule), count in sorted(rules.items()))
        lint = check.get("failed") or told or "–"
        if "failed" in sheet:
            print(f"| {name} | | | | {sheet['failed'].removeprefix('error: ').replace(str(SITE), '…')} | {lint} |")
            continue
        lines = {line["name"]: line for line in sheet["lines"]}
        cells = [f"{'–' if value is None else value} / {span(lines[key]['computed'])}" for key, value in stated.items()]
        differs = [f"**{key.split('_')[0]}**" for key, value in stated.items() if value is not None and lines[key]["stands"] == "differs"]
        unknown = [lines["payload_kg"]["how"]["en"]] if lines["payload_kg"]["stands"] == "not-modeled" else []
        print(f"| {name} | {' | '.join(cells)} | {'; '.join(differs + unknown) or '–'} | {lint} |")


main()
