#!/usr/bin/env python3
"""Force and contact on simulated arms: pressing on soft and hard walls, pushes noticed and missed, the time of a control step.

    bench/motion/force.py [--out FILE]

A UR5e and an iiwa 14 of the catalog, at 1 kHz, torques acting a period after the reading they come from. What the controller does not know: links 3 % heavier or lighter,
dry friction of 1 % of the rated torque and as much viscous friction at 1 rad/s, noise of 0.001 rad/s on velocities and 0.1 N on the wrist sensor.
Pressing: 20 N on walls of 1 to 100 kN/m, the controller told of 100 kN/m; the first touch may reach 20 N. Pushes: 100 of each size at the tip, anywhere
in 100 motions, in evenly spread directions, of 0.2 s; thresholds from 120 s of other motions, false alarms over 360 s of yet others.
There is no peer to run beside it. Builds for 1 min, runs for 15 s.
"""
import argparse
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "bench/motion/force"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", help="write the figures as JSON")
    a = parser.parse_args()
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", str(HERE / "Cargo.toml")], check=True)
    said = json.loads(subprocess.run([str(HERE / "target/release/leitai-bench-force"), str(ROOT / "catalog")], check=True, capture_output=True, text=True).stdout)
    print("| robot | wall, N/m | found, N/m | touched at, m/s | peak, N | within 5 % after, s | still, rms, N | moving, rms, N | greatest, N | off the way, mm |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for arm in said:
        for p in arm["press"]:
            print(f"| {arm['robot']} | {p['stiffness_n_m']:.0f} | {p['found_n_m']:.0f} | {p['approach_m_s']:.3f} | {p['peak_n']:.1f} | {p['settle_s']:.2f} | {p['still_rms_n']:.3f} | {p['moving_rms_n']:.3f} | {p['moving_max_n']:.2f} | {p['along_mm']:.2f} |")
    print("\n| robot | push, N | missed | noticed after, ms: median | 95 % | at most |\n|---|---:|---:|---:|---:|---:|")
    for arm in said:
        for p in arm["pushes"]:
            print(f"| {arm['robot']} | {p['push_n']:.0f} | {p['missed']} of {p['pushes']} | {p['delay_ms']} | {p['delay_p95_ms']} | {p['delay_max_ms']} |")
    for arm in said:
        print(f"\n{arm['robot']}: {arm['alarms']} false alarms in {arm['watched_s']:.0f} s")
    print("\n| a step takes, µs | joint servo | impedance | hybrid | operational space | observer |\n|---|---:|---:|---:|---:|---:|")
    for arm in said:
        t = arm["step_us"]
        print(f"| {arm['robot']} | {t['joint_servo']:.2f} | {t['impedance']:.2f} | {t['hybrid']:.2f} | {t['task_servo']:.2f} | {t['observer']:.2f} |")
    if a.out:
        pathlib.Path(a.out).write_text(json.dumps({"bench": "force", "results": said}, indent=1) + "\n")


if __name__ == "__main__":
    main()
