#!/usr/bin/env python3
"""Writes docs/verdicts.md: six arms on con-block-palletizing at five block masses, at the scenario's time step and at half of it.

    cargo build --release && python3 bench/verdicts.py [--jobs 2] [--only ur20,ur10e] [--leitai target/release/leitai]

Every cell is one `leitai prove`. Bundles go to out/verdicts/ and are kept; a bundle that is there already is read, not run again.
Needs Python 3.11 and nothing else.
"""

import argparse
import sys

from proved import ROOT, proved

ARMS = ["ur5e", "ur10e", "ur20", "ur30", "franka-fr3", "kuka-iiwa14"]
MASSES = [5, 10, 15, 20, 25]
STEPS = [0.002, 0.001]
SCENARIO = "con-block-palletizing"


def prove(leitai, arm, mass, dt, jobs):
    """One claim's result."""
    more = ["--set", f"block_mass_kg={mass}"]
    if dt != STEPS[0]:
        more += ["--dt", str(dt), "--no-controls"]
    return proved(leitai, f"verdicts/{arm}-{mass}kg-{dt}", arm, SCENARIO, *more, jobs=jobs)


def cell(result):
    """Decision, trials, and what a reader asks next."""
    verdict = result["verdict"]
    word = f"**{result['decision']}**"
    if result["decision"] == "rejected":
        return f"{word}: {verdict['rejection']['bound']}"
    rate = verdict["metrics"]["pieces_per_hour"]["median"]
    text = f"{word}, n = {verdict['trials']}"
    if result["decision"] == "proved":
        return f"{text}, {rate:.0f}/h"
    explained = [r["relaxed"] for r in result.get("reasons", []) if r["trials"] and len(r["passed"]) == len(r["trials"])]
    return f"{text}" + (f"; lifting {explained[0].replace('_', ' ')} passes" if explained else "")


def reasons(arm, mass, result):
    """Sentences for refuted and rejected claims."""
    verdict = result["verdict"]
    if result["decision"] == "rejected":
        return [f"- `{arm}` at {mass} kg: {verdict['rejection']['en']}."]
    lines = [f"- `{arm}` at {mass} kg: {w['en']}." for w in result["warnings"]]
    for reason in result.get("reasons", []):
        limit = reason["relaxed"].replace("_", " ")
        lines.append(f"- `{arm}` at {mass} kg: with only {limit} lifted, {len(reason['passed'])} of the same {len(reason['trials'])} failed trials pass.")
    return lines


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--only", default=",".join(ARMS))
    options.add_argument("--leitai", default=str(ROOT / "target" / "release" / "leitai"))
    options = options.parse_args()
    arms = options.only.split(",")
    results = {}
    for dt in STEPS:
        for arm in arms:
            for mass in MASSES:
                results[arm, mass, dt] = prove(options.leitai, arm, mass, dt, options.jobs)
                print(f"{arm:12} {mass:3} kg  dt {dt}  {results[arm, mass, dt]['decision']}", file=sys.stderr)
    if arms != ARMS:
        return
    changed = [(a, m) for a in arms for m in MASSES if results[a, m, STEPS[0]]["decision"] != results[a, m, STEPS[1]]["decision"]]
    engine = results[arms[0], MASSES[0], STEPS[0]]["claim"]["engine"]
    out = [
        "# Verdicts: which arm stacks which block",
        "六种机械臂 × 五种砌块质量的判定，时间步长减半后判定不变。每格是一次 `leitai prove`。",
        "",
        f"Scenario `{SCENARIO}`, solution `block-palletizing`, engine {engine}. Each cell is one claim, settled by its own sequential test at 95 %",
        "confidence; it is about robot, solution and model version, not about the hardware. Made again by",
        "",
        "    cargo build --release && python3 bench/verdicts.py",
        "",
    ]
    for dt in STEPS:
        out += [f"## Time step {dt * 1000:g} ms", "", "| arm | " + " | ".join(f"{m} kg" for m in MASSES) + " |"]
        out += ["|---|" + "---|" * len(MASSES)]
        out += [f"| `{a}` | " + " | ".join(cell(results[a, m, dt]) for m in MASSES) + " |" for a in arms]
        out.append("")
    out += ["## Halving the time step", ""]
    if changed:
        out.append("Verdicts that change: " + ", ".join(f"`{a}` at {m} kg" for a, m in changed) + ".")
    else:
        out.append(f"No verdict changes: all {len(arms) * len(MASSES)} are the same at {STEPS[0] * 1000:g} ms and {STEPS[1] * 1000:g} ms.")
    out += ["", f"## Reasons and warnings at {STEPS[0] * 1000:g} ms", ""]
    out += [line for a in arms for m in MASSES for line in reasons(a, m, results[a, m, STEPS[0]])]
    (ROOT / "docs" / "verdicts.md").write_text("\n".join(out) + "\n")
    print("docs/verdicts.md written", file=sys.stderr)


if __name__ == "__main__":
    main()
