#!/usr/bin/env python3
"""Checks with exact answers: MuJoCo and ours are both judged by physics. Prints the tables of docs/fidelity.md.

    bench/fidelity.sh [--pallet-minutes 10]

Ours is asked by `leitai-bench roll FILE compat|stick T1,T2,... [CONTROLS]`, MuJoCo through its Python package.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import mujoco

HERE = pathlib.Path(__file__).resolve().parent
G = 9.81


class Told:
    """What one engine told about a scene at some moments."""

    def __init__(self, lines):
        self.lines = lines

    def at(self, k, key):
        return self.lines[k][key]


class Engines:
    def __init__(self, ours):
        self.ours = ours
        self.folder = tempfile.TemporaryDirectory()

    def roll(self, xml, mode, times, controls=()):
        """Our engine on a scene given as text or as a path."""
        path = xml
        if isinstance(xml, str):
            path = pathlib.Path(self.folder.name) / "scene.xml"
            path.write_text(xml)
        command = [*self.ours, "roll", str(path), mode, ",".join(map(str, times))]
        if controls:
            command.append(",".join(map(str, controls)))
        ran = subprocess.run(command, capture_output=True, text=True)
        if ran.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{ran.stderr}")
        return Told([json.loads(line) for line in ran.stdout.splitlines()])


def mujoco_roll(xml, times, controls=()):
    """MuJoCo on the same scene."""
    m = mujoco.MjModel.from_xml_string(xml) if isinstance(xml, str) else mujoco.MjModel.from_xml_path(str(xml))
    d = mujoco.MjData(m)
    if m.nkey:
        key = next((k for k in range(m.nkey) if m.key(k).name == "bench"), 0)
        mujoco.mj_resetDataKeyframe(m, d, key)
    if controls:
        d.ctrl[:] = controls
    conserves = bool(m.opt.disableflags & mujoco.mjtDisableBit.mjDSBL_CONTACT) or m.ngeom < 2

    def energy():
        mujoco.mj_forward(m, d)
        mujoco.mj_energyPos(m, d)
        mujoco.mj_energyVel(m, d)
        return float(d.energy.sum())

    start, change, lines = energy(), 0.0, []
    for time in times:
        deepest = 0.0
        while d.time < time - 1e-9:
            mujoco.mj_step(m, d)
            deepest = max([deepest] + [-c.dist for c in d.contact[: d.ncon]])
            if conserves:
                change = max(change, abs(energy() - start))
        now = energy()
        mujoco.mj_subtreeVel(m, d)
        lines.append({"t": d.time, "q": list(d.qpos), "v": list(d.qvel), "energy": now, "energy_change": change,
                      "angular": list(d.subtree_angmom[0]), "deepest": deepest})
    return Told(lines)


def slope(mu, degrees, option=""):
    """A 1 kg box on a plane, tilted by turning gravity."""
    s, c = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return f"""<mujoco><option timestep="0.002" gravity="{G * s} 0 {-G * c}" {option}/><worldbody>
<geom type="plane" size="0 0 1" friction="{mu} 0.005 0.0001"/><body pos="0 0 0.05"><freejoint/>
<geom type="box" size="0.05 0.05 0.05" mass="1" friction="{mu} 0.005 0.0001"/></body></worldbody></mujoco>"""


def pushed(share, option=""):
    """The box on level ground, pushed by a share of what friction can hold: gravity leans, and its normal part stays."""
    mu = 0.5
    return f"""<mujoco><option timestep="0.002" gravity="{share * mu * G} 0 {-G}" {option}/><worldbody>
<geom type="plane" size="0 0 1" friction="{mu} 0.005 0.0001"/><body pos="0 0 0.05"><freejoint/>
<geom type="box" size="0.05 0.05 0.05" mass="1" friction="{mu} 0.005 0.0001"/></body></worldbody></mujoco>"""


def pendulum(integrator):
    return f"""<mujoco><option timestep="0.002" integrator="{integrator}"><flag energy="enable" contact="disable"/></option><worldbody>
<body pos="0 0 1"><joint type="hinge" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 0 0 -0.5" size="0.02" mass="1"/>
<body pos="0 0 -0.5"><joint type="hinge" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 0 0 -0.5" size="0.02" mass="1"/></body></body>
</worldbody><keyframe><key name="bench" qpos="2.0 0.5"/></keyframe></mujoco>"""


def tumbling(integrator):
    return f"""<mujoco><option timestep="0.002" integrator="{integrator}" gravity="0 0 0"/><worldbody><body><freejoint/>
<geom type="box" size="0.05 0.1 0.2" mass="1"/></body></worldbody>
<keyframe><key name="bench" qpos="0 0 0 1 0 0 0" qvel="0 0 0 0.1 8.0 0.1"/></keyframe></mujoco>"""


def micro(x):
    """Millionths; less than one in a million of those is rounding, and 0."""
    return f"{1e6 * x:.3g}" if abs(x) >= 1e-12 else "0"


def row(*cells):
    print("| " + " | ".join(str(c) for c in cells) + " |", flush=True)


def head(*cells):
    print()
    row(*cells)
    row(*["---"] * len(cells))


def both(engines, xml, measure, times, controls=(), modes=("compat", "stick")):
    """The same measure on MuJoCo and on our modes."""
    told = [mujoco_roll(xml, times, controls)] + [engines.roll(xml, mode, times, controls) for mode in modes]
    return [measure(t) for t in told]


def creep(engines):
    head("check", "setting", "exact", "MuJoCo 4.0.0", "ours, compat", "ours, stick", "bar on stick")
    for name, option in [("default", ""), ("elliptic, impratio 100", 'cone="elliptic" impratio="100"')]:
        speeds = both(engines, slope(0.5, 20, option), lambda t: (t.at(1, "q")[0] - t.at(0, "q")[0]) / 5, [1, 6])
        row("box on a slope of 20°, μ 0.5: creep", name, "0 µm/s", *[f"{micro(v)} µm/s" for v in speeds], "1 µm/s")
    text = (HERE / "scenes" / "gripper_hold.xml").read_text()
    slips = both(engines, text, lambda t: -(t.at(1, "q")[-5] - t.at(1, "q")[0] - t.at(0, "q")[-5] + t.at(0, "q")[0]) / 10, [4, 14], [0.05, 25, 25])
    row("box in a grip at 20 × what friction needs: slip", "as in the file", "0 µm/s", *[f"{micro(v)} µm/s" for v in slips], "1 µm/s")
    for mu, degrees, name in [(0.5, 1.01 * math.degrees(math.atan(0.5)), "1 % past the friction angle"), (0.2, 30, "30°, μ 0.2")]:
        exact = G * (math.sin(math.radians(degrees)) - mu * math.cos(math.radians(degrees)))
        found = both(engines, slope(mu, degrees), lambda t: t.at(1, "v")[0] - t.at(0, "v")[0], [0.5, 1.5])
        row("box slides: acceleration", name, f"{exact:.5f} m/s²", *[f"{a:.5f} ({100 * (a / exact - 1):+.3f} %)" for a in found], "0.1 %")
    for share in (0.95, 1.05):
        exact = max(0.0, (share - 1) * 0.5 * G)
        gone = both(engines, pushed(share), lambda t: t.at(1, "v")[0] - t.at(0, "v")[0], [2, 3])
        row("box is pushed: acceleration", f"{share} × the limit", f"{exact:.4f} m/s²", *[f"{abs(a) if abs(a) < 5e-5 else a:.4f}" for a in gone], "stays, moves")


def rest(engines, pallet, minutes):
    head("check", "exact", "MuJoCo 4.0.0", "ours, compat", "ours, stick", "bar on stick")
    depths = both(engines, slope(0.5, 0), lambda t: 0.05 - t.at(0, "q")[2], [3])
    row("1 kg box at rest: overlap", "0", *[f"{micro(d)} µm" for d in depths], "")
    if not pallet.exists():
        return

    def worst(t):
        moved = [math.hypot(b - a, d - c) for a, b, c, d in zip(t.at(0, "q")[0::7], t.at(1, "q")[0::7], t.at(0, "q")[1::7], t.at(1, "q")[1::7])]
        return f"{1e3 * t.at(1, 'deepest'):.3g} mm; {1e6 * max(moved) / (t.at(1, 't') - t.at(0, 't')):.2g} µm/s"

    row("pallet of 48 cartons, 2 to 6 s: deepest overlap; creep sideways", "0; 0", *both(engines, pallet, worst, [2, 6]), "0.05 mm; 0.5 µm/s")
    long = worst(engines.roll(pallet, "stick", [2, 60 * minutes]))
    row(f"the same, {minutes} min", "0; 0", "", "", long, "0.05 mm; 0.5 µm/s")


def price(engines, pallet):
    """Time of a step in stick beside compat, in turns."""
    head("scene at rest or held", "step in compat", "step in stick", "ratio", "bar")
    scenes = [("box on a slope", slope(0.5, 20), []), ("grip", (HERE / "scenes" / "gripper_hold.xml").read_text(), [0.05, 25, 25])]
    scenes += [("pallet of 48 cartons", pallet, [])] if pallet.exists() else []
    for name, xml, controls in scenes:
        times = [1, 3] if name.startswith("pallet") else [1, 101]
        pairs = [[engines.roll(xml, mode, times, controls).at(1, "step_s") for mode in ("compat", "stick")] for _ in range(7)]
        compat, stick = (sorted(p[k] for p in pairs)[3] for k in (0, 1))
        row(name, f"{1e6 * compat:.2f} µs", f"{1e6 * stick:.2f} µs", f"{stick / compat:.2f}", "1.15")


def conservation(engines):
    head("check, 10 s at 2 ms", "integrator", "MuJoCo 4.0.0", "ours", "bar on adams")
    for integrator in ("Euler", "implicitfast", "RK4", "adams"):
        told = [engines.roll(tumbling(integrator), "compat", [0.0, 10])]
        told = ([] if integrator == "adams" else [mujoco_roll(tumbling(integrator), [0.0, 10])]) + told

        def lost(t):
            a, b = t.at(0, "angular"), t.at(1, "angular")
            return f"{math.dist(a, b) / math.hypot(*a):.2g}, {abs(t.at(1, 'energy') / t.at(0, 'energy') - 1):.2g}"

        cells = [lost(t) for t in told]
        row("free box about its unstable axis, 8 rad/s: lost momentum, energy", integrator, *(["does not know it"] * (2 - len(cells)) + cells), "1e-6, 1e-6" if integrator == "adams" else "")
    for integrator in ("Euler", "implicitfast", "RK4", "adams"):
        told = [engines.roll(pendulum(integrator), "compat", [0.0, 10])]
        told = ([] if integrator == "adams" else [mujoco_roll(pendulum(integrator), [0.0, 10])]) + told
        cells = [f"{t.at(1, 'energy_change') / abs(t.at(0, 'energy')):.2g}" for t in told]
        row("double pendulum: largest change of energy, of its start", integrator, *(["does not know it"] * (2 - len(cells)) + cells), "1e-3" if integrator == "adams" else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--ours", required=True, help="our side: leitai-bench, with arguments before `roll` if need be")
    parser.add_argument("--pallet", type=pathlib.Path, default=HERE / ".cache" / "scenes" / "pallet_48.xml")
    parser.add_argument("--pallet-minutes", type=float, default=10)
    a = parser.parse_args()
    engines = Engines(a.ours.split())
    creep(engines)
    rest(engines, a.pallet, a.pallet_minutes)
    price(engines, a.pallet)
    conservation(engines)


if __name__ == "__main__":
    main()
