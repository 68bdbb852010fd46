#!/usr/bin/env python3
"""Tracking of a UR5e with 3 kg that nobody declared, before and after they are identified from the drives' torques.

    bench/motion/payload.py [--out FILE]

The load hangs off the flange's axis. Ten seconds of exciting motion are driven under gravity compensation for the empty hand; encoders have 20 bits a
turn, torque readings a noise of 0.5 % of the rated torque. Then a path through five postures at 70 % of rated torque and speed is driven with the
same gains and period under four feed-forwards. Bar: with the identified payload at most 0.1 x the tracking error of PD with gravity
compensation for what was declared. Builds for 1 min, runs for 2 s.
"""
import argparse
import json
import pathlib
import subprocess
import sys

from bars import bar, holds

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "bench/motion/payload"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", help="write the figures as JSON")
    a = parser.parse_args()
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", str(HERE / "Cargo.toml")], check=True)
    said = json.loads(subprocess.run([str(HERE / "target/release/leitai-bench-payload"), str(ROOT / "catalog")], check=True, capture_output=True, text=True).stdout)
    found, first, last = said["identified"], said["tracking"][0], said["tracking"][-1]
    print(f"identified {found['mass_kg']:.4f} kg of 3 ({100 * found['mass_error']:+.3f} %, stated deviation {1e3 * found['mass_deviation_kg']:.2f} g), center off by {found['center_error_mm']:.2f} mm; the move takes {said['move_s']:.2f} s")
    print("\n| control, same gains | joints, rms, mrad | greatest | tip, rms, mm | greatest |\n|---|---:|---:|---:|---:|")
    for run in said["tracking"]:
        print(f"| {run['control']} | {run['joint_rms_mrad']:.3f} | {run['joint_max_mrad']:.3f} | {run['tip_rms_mm']:.3f} | {run['tip_max_mm']:.3f} |")
    bars = [bar(f"unknown 3 kg, identified: tracking error of the {part}", last[key] / first[key], 0.1, "×", "PD with gravity compensation, no payload known")
            for part, key in (("joints", "joint_rms_mrad"), ("tip", "tip_rms_mm"))]
    print(f"\nafter over before: joints {bars[0]['measured']:.4f}, tip {bars[1]['measured']:.4f} (bar 0.1)")
    if a.out:
        pathlib.Path(a.out).write_text(json.dumps({"bench": "payload", "results": said, "bars": bars}, indent=1) + "\n")
    sys.exit(0 if all(map(holds, bars)) else 1)


if __name__ == "__main__":
    main()
