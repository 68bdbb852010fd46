#!/usr/bin/env python3
"""Writes docs/swapped-parts.md: which part of a robot, swapped for another, turns a verdict, and what says why.

    cargo build --release && python3 bench/parts.py [--jobs 2] [--leitai target/release/leitai]

Every row is one `leitai prove` of a copy of generic-cobot-6 with one part replaced. Copies and bundles go to out/parts/ and are kept; a bundle that
is there already is read, not run again. Needs Python 3.11 and nothing else.
"""

import re
import shutil

from proved import ROOT, lifted, options, proved

ROBOT, SCENARIO, SET = "generic-cobot-6", "con-block-palletizing", "block_mass_kg=5"
# name, what is swapped in words, joint, part, id; None: as built. "motor encoders alone" leaves out the encoders behind the reducers.
SWAPS = [
    ("as-built", "as built", None, None, None),
    ("elbow-harmonic-32", "elbow, reducer: `generic-harmonic-32` for `-40`", "joint_3", "reducer", "generic-harmonic-32"),
    ("elbow-harmonic-25", "elbow, reducer: `generic-harmonic-25` for `-40`", "joint_3", "reducer", "generic-harmonic-25"),
    ("elbow-harmonic-20", "elbow, reducer: `generic-harmonic-20` for `-40`", "joint_3", "reducer", "generic-harmonic-20"),
    ("wrist-harmonic-20", "first wrist joint, reducer: `generic-harmonic-20` for `-25`", "joint_4", "reducer", "generic-harmonic-20"),
    ("elbow-servo-100", "elbow, motor: `generic-servo-100` for `-400`", "joint_3", "motor", "generic-servo-100"),
    ("base-harmonic-25", "base, reducer: `generic-harmonic-25` for `generic-rv-40`", "joint_1", "reducer", "generic-harmonic-25"),
    ("shoulder-servo-400", "shoulder, motor: `generic-servo-400` for `-750`", "joint_2", "motor", "generic-servo-400"),
    ("shoulder-servo-100", "shoulder, motor: `generic-servo-100` for `-750`", "joint_2", "motor", "generic-servo-100"),
]
ALONE = [
    ("alone", "motor encoders alone, else as built", None, None, None),
    ("alone-elbow-harmonic-32", "motor encoders alone; elbow, reducer: `generic-harmonic-32`", "joint_3", "reducer", "generic-harmonic-32"),
    ("alone-elbow-harmonic-25", "motor encoders alone; elbow, reducer: `generic-harmonic-25`", "joint_3", "reducer", "generic-harmonic-25"),
]


def package(name, joint, part, other, alone):
    """A copy of the robot's package under another id, with one part replaced."""
    folder = ROOT / "out/parts/robots" / f"cobot-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "catalog/robots" / ROBOT, folder)
    text = (folder / "robot.toml").read_text().replace(f'id = "{ROBOT}"', f'id = "cobot-{name}"', 1)
    if joint:
        head, tail = text.split(f'joint = "{joint}"', 1)
        text = head + f'joint = "{joint}"' + re.sub(rf'{part} = "[^"]*"', f'{part} = "{other}"', tail, count=1)
    if alone:
        text = re.sub(r"\nlink_share = .*", "", text)
    (folder / "robot.toml").write_text(text)
    return str(folder)


def row(words, result):
    """Verdict, trials, in how many every deciding requirement held at most, and what lifting one limit does."""
    verdict = result["verdict"]
    held = min(r["rate"]["successes"] for r in verdict["requirements"] if r["requirement"]["decides"])
    tried = result.get("reasons", [])
    helped = [f"{lifted(r)}: {len(r['passed'])} of {len(r['trials'])}" for r in tried if r["passed"]]
    none = f"none of the {len(tried)} tried" if tried else "–"
    return f"| {words} | **{result['decision']}** | {held} of {verdict['trials']} | {'; '.join(helped) or none} |"


def main():
    asked = options(__doc__)
    rows = []
    for swaps, alone in ((SWAPS, False), (ALONE, True)):
        for name, words, *swap in swaps:
            robot = package(name, *swap, alone)
            rows.append(row(words, proved(asked.leitai, f"parts/{name}", robot, SCENARIO, "--set", SET, jobs=asked.jobs)))
    lines = [
        "# Swapped parts",
        "换一个部件，结论随之改变：同一机器人、同一任务，只换减速器或电机。每行是一次 `leitai prove`。",
        "",
        f"Robot `{ROBOT}` and copies of it with one part replaced, scenario `{SCENARIO}` with blocks of 5 kg: stack eight, 90 % of the trials within every limit. The last",
        "column runs the first failed trials again with one limit lifted, then two limits of parts, and says how many pass; it stops at what explains them all. Every",
        "figure of robot and parts is *assumed*: the table shows what a part's sheet does to a verdict, not what a maker's part would. Made again by",
        "",
        "    cargo build --release && python3 bench/parts.py",
        "",
        "| swapped | verdict | trials that hold | what, lifted, lets failed trials pass |",
        "|---|---|---:|---|",
        *rows,
        "",
        "*Motor encoders alone*: the joints are read at their motors, not behind the reducers, so that a reducer's twist stays unseen.",
    ]
    (ROOT / "docs" / "swapped-parts.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
