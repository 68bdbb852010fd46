#!/usr/bin/env python3
"""Writes docs/surface.md: which arm goes over a surface with a force, polishing a face and scanning a breathing abdomen.

    cargo build --release && python3 bench/surface.py [--jobs 2] [--leitai target/release/leitai]

Every row is one `leitai prove`. Bundles go to out/surface/ and are kept; a bundle that is there already is read, not run again.
Needs Python 3.11 and nothing else.
"""

import math

from proved import ROOT, as_they_must, options, proved, reasons

DEGREE = 180.0 / math.pi
# Scenario, what it is, arms, and of each metric its heading, factor and format.
JOBS = [
    (
        "mfg-polishing-force",
        "Polishing: 20 N on a cylindrical face of 250 mm radius, known to 1 mm and half a degree; friction 0.2 to 0.5",
        ["ur5e", "generic-cobot-6", "dobot-cr5", "ur30", "kuka-iiwa14", "generic-dual-arm", "generic-wafer-arm"],
        [
            ("force_rms_error_n", "force error, rms (at most 1.5 N)", 1.0, "{:.2f} N"),
            ("removal_variation", "removal varies (15 %)", 100.0, "{:.1f} %"),
            ("coverage", "covered (99 %)", 100.0, "{:.1f} %"),
            ("removal_deepest_m", "deepest (50 µm)", 1e6, "{:.0f} µm"),
            ("normal_error_rad", "normal error", DEGREE, "{:.1f}°"),
            ("contact_force_n", "peak force", 1.0, "{:.1f} N"),
            ("cycle_time_s", "cycle", 1.0, "{:.0f} s"),
        ],
    ),
    (
        "med-ultrasound-scan",
        "Ultrasound scan: 5 N on a skin of 2 to 10 N/mm that breathes by up to ±15 mm, a body 15 % smaller to 15 % larger than drawn. "
        "Pose/force proxy, not diagnosis (位姿与力的代理，不是诊断)",
        ["ur5e", "generic-cobot-6", "kuka-iiwa14", "generic-dual-arm", "generic-wafer-arm"],
        [
            ("force_rms_error_n", "force error, rms (at most 0.57 N)", 1.0, "{:.2f} N"),
            ("contact_force_n", "peak force (15 N)", 1.0, "{:.1f} N"),
            ("normal_error_rad", "normal error (5°)", DEGREE, "{:.1f}°"),
            ("coverage", "covered (95 %)", 100.0, "{:.1f} %"),
            ("lift_off_share", "lifted off (2 %)", 100.0, "{:.2f} %"),
            ("cycle_time_s", "time (180 s)", 1.0, "{:.0f} s"),
        ],
    ),
]


def row(arm, result, metrics):
    """Decision, trials, and of each metric the median and in how many trials its requirement held."""
    if result["decision"] == "rejected":
        return f"| `{arm}` | **rejected** | – |" + " – |" * len(metrics)
    verdict = result["verdict"]
    held = {r["requirement"]["predicate"].split()[0]: r["rate"]["successes"] for r in verdict["requirements"]}
    cells = []
    for name, _, factor, form in metrics:
        median = form.format(factor * verdict["metrics"][name]["median"])
        cells.append(f"{median} · {held[name]}" if name in held else median)
    return f"| `{arm}` | **{result['decision']}** | {verdict['trials']} | " + " | ".join(cells) + " |"


HEAD = """# Going over a surface with a force
恒力沿面作业：抛光与超声扫描，不同机械臂的判定。每行是一次 `leitai prove`。

Scenarios `mfg-polishing-force` (solution `surface-polishing`) and `med-ultrasound-scan` (solution `probe-scan`). Verdicts are about robot, solution and
model version, not about hardware. Each cell has the median over the trials and, where the metric decides, in how many of them it held. Made again by

    cargo build --release && python3 bench/surface.py
"""

TAIL = """## How it is done
The skill `trace` moves the joint servo's reference (`control::accommodation`), not torques by `control::hybrid`, which regulates force with feed-forward but
would take over from the joint servo for the time of contact. The reference stays one and the same, so nothing jumps where feeling begins and ends; its loop
has a known margin under the 0 to 8 ms of latency that nobody tells the controller; and what hybrid control would add, three terms add here: the surface's
slope is learned from the force's error, as an integral that turns around with the way; what friction bends the servo's springs by is taken back at the
rate at which forces settle; and a site that sways is watched, fitted by a sine and followed. Without the first two the same UR5e had 0.8 to 1.5 N rms in the
first seven polishing trials, with them 0.3 to 0.6 N. Taken back faster than forces settle, friction and force drove each other: 2.7 N.

## What falls short
- Robots of the catalog have rigid joints without dry friction, but for `generic-cobot-6`, which has reducers, motors and drives in its joints; stick and slip
  would cost the others force accuracy at every reversal.
- The pad does not spin in the physics and touches in a point; removal takes an even pressure on a disk. The skin gives as a whole. Breath is a pure sine of
  one frequency, which is what the controller fits; a real one is not. The camera sees the region under the probe.
- The axis is held on the drawn normal. A body that is 15 % off bends it by up to 3°; no use is made of the felt direction.
- The way is drawn in the plane of the site, so its lanes lie farther apart where the surface is steep.
- Whether the arm can go the whole way is looked at in eight headings from the posture that the move before chose, no other posture is tried: this is what
  stops the arms that are refuted because a joint meets its limit.
- Retracting within 0.5 s at 20 N, take-over by hand and the guard of the entries are not tried."""


def main():
    asked = options(__doc__)
    lines = [HEAD.rstrip(), ""]
    for scenario, title, arms, metrics in JOBS:
        results = {arm: proved(asked.leitai, f"surface/{scenario}/{arm}", arm, scenario, jobs=asked.jobs) for arm in arms}
        heads = [heading for _, heading, _, _ in metrics]
        lines += [f"## {title}", "", "| | verdict | trials | " + " | ".join(heads) + " |", "|---|---|---:|" + "---:|" * len(metrics)]
        lines += [row(arm, result, metrics) for arm, result in results.items()] + [""]
        lines += [line for arm, result in results.items() for line in reasons(arm, result)]
        lines += as_they_must(results.values())
        lines.append("")
    text = "\n".join([*lines, TAIL]) + "\n"
    (ROOT / "docs" / "surface.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
