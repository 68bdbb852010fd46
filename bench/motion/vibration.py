#!/usr/bin/env python3
"""Residual vibration of a UR10e on its reducers after moves of 0.3, 0.6 and 1.2 rad, unshaped and shaped.

    bench/motion/vibration.py [--out FILE]

Each joint is a motor with its rotor, a spring of the reducer's stiffness and the link; 10 kg at the flange. The plan believes the first
mode that (M, K) gives; the arm that is driven has it at 0.9, 1.0 and 1.1 of that. The residual is half of how far the flange's positions
lie apart in the 0.3 s after the commanded stop. Bars: at most 0.1 x the vibration of the motion at rated limits, in at most 1.1 x its time.
Builds for 2 min, runs for 10 s.
"""
import argparse
import json
import pathlib
import subprocess
import sys

from bars import bar, holds

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "bench/motion/vibration"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", help="write the figures as JSON")
    a = parser.parse_args()
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", str(HERE / "Cargo.toml")], check=True)
    runs = json.loads(subprocess.run([str(HERE / "target/release/leitai-bench-vibration"), str(ROOT / "catalog")], check=True, capture_output=True, text=True).stdout)
    moves = {}
    for run in runs:
        moves.setdefault((run["posture"], str(run["joints"]), run["distance_rad"]), {}).setdefault(run["motion"], []).append(run)
    print("| posture, rad of joints 1 to 3 | move, rad | struck modes, Hz | rated: time, s | residual, mm | planner's | with flatness | ZV | EI | shaped | of the rated (bar 0.1) | time (bar 1.1) | peak torque |")
    print("|---|---:|---|---:|---|---|---|---|---|---|---|---:|---:|")
    bars = []
    for (posture, joints, distance), arms in moves.items():
        rated, shaped = arms["rated"], arms["shaped"]
        left = lambda name: " / ".join(f"{run['residual_mm']:.3f}" for run in arms[name])
        ratios = [s["residual_mm"] / r["residual_mm"] for s, r in zip(shaped, rated)]
        longer = shaped[0]["move_s"] / rated[0]["move_s"]
        move = f"vibration, {posture}, joints 1 to 3 at {joints[1:-1]}, {distance} rad"
        bars += [bar(f"{move}: of the unshaped, worst of three frequencies", max(ratios), 0.1, "×", "the motion at rated limits"),
                 bar(f"{move}: move time", longer, 1.1, "×", "the motion at rated limits")]
        modes = " and ".join(map(str, rated[0]["mode_hz"]))
        peak = max(run["torque_share"] for run in shaped)
        print(f"| {posture}, {joints} | {distance} | {modes} | {rated[0]['move_s']:.3f} | {left('rated')} | {left('planned')} | {left('flat')} | {left('zv')} | {left('ei')} | {left('shaped')} | {' / '.join(f'{x:.3f}' for x in ratios)} | {longer:.3f} | {peak:.2f} |")
    worst = [max(b["measured"] for b in bars[k::2]) for k in (0, 1)]
    print(f"\nworst: {worst[0]:.3f} of the vibration (bar 0.1), {worst[1]:.3f} of the time (bar 1.1)")
    if a.out:
        pathlib.Path(a.out).write_text(json.dumps({"bench": "vibration", "results": runs, "bars": bars}, indent=1) + "\n")
    sys.exit(0 if all(map(holds, bars)) else 1)


if __name__ == "__main__":
    main()
