"""Inverse kinematics on random reachable poses, ours beside EAIK and optik. Run by bench/motion/ik.sh [POSES] [--out FILE].

Every target is FK(q) with q uniform in the joint limits; every solver that takes a start gets the same random one. An answer
counts if it lies within the limits and its forward kinematics, computed here, is within 1e-4 m and 1e-3 rad of the target.
Times are CPU time of a call through each package's Python binding. Each pose is solved by all solvers in turn, three times over,
and the least time counts. The table of bars goes to stderr; with --out, all figures go to a JSON file.
"""
import argparse
import json
import os
import platform
import sys
import tempfile
import time
from importlib.metadata import version

import eaik.pybindings.EAIK as EAIK
import leitai_ik
import numpy as np
import optik

from bars import bar, holds

PI, H = np.pi, np.pi / 2
clock = time.process_time_ns


def turn_x(a):
    c, s = np.cos(a), np.sin(a)
    return np.array([[1, 0, 0, 0], [0, c, -s, 0], [0, s, c, 0], [0, 0, 0, 1.0]])


def turn_z(a):
    c, s = np.cos(a), np.sin(a)
    return np.array([[c, -s, 0, 0], [s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])


def shift(x, y, z):
    m = np.eye(4)
    m[:3, 3] = x, y, z
    return m


class Arm:
    """Joints about the z axes of frames that `before` leads to, one after the other."""

    def __init__(self, name, before, tool, low, high):
        self.name, self.before, self.tool, self.n = name, before, tool, len(before)
        self.low, self.high = np.array(low, float), np.array(high, float)

    def fk(self, q):
        pose = np.eye(4)
        for m, a in zip(self.before, q):
            pose = pose @ m @ turn_z(a)
        return pose @ self.tool

    def lines(self):
        pose, rows = np.eye(4), []
        for m in self.before:
            pose = pose @ m
            rows.append([*pose[:3, 2], *pose[:3, 3]])
        return np.array(rows), pose @ self.tool

    def ours(self, kind):
        lines, tip = self.lines()
        return kind(lines, tip, self.low, self.high)

    def urdf(self):
        def origin(m):
            r = m[:3, :3]
            pitch = np.arctan2(-r[2, 0], np.hypot(r[0, 0], r[1, 0]))
            rpy = np.arctan2(r[2, 1], r[2, 2]), pitch, np.arctan2(r[1, 0], r[0, 0])
            return '<origin xyz="%.9g %.9g %.9g" rpy="%.15g %.15g %.15g"/>' % (*m[:3, 3], *rpy)

        mass = '<inertial><mass value="1"/><inertia ixx="0.01" iyy="0.01" izz="0.01" ixy="0" ixz="0" iyz="0"/></inertial>'
        text, parent = f'<robot name="{self.name}"><link name="base"/>', "base"
        for i, m in enumerate(self.before):
            limit = f'<limit lower="{self.low[i]}" upper="{self.high[i]}" velocity="3" effort="100"/>'
            text += (f'<link name="l{i}">{mass}</link><joint name="j{i}" type="revolute"><parent link="{parent}"/><child link="l{i}"/>'
                     f'{origin(m)}<axis xyz="0 0 1"/>{limit}</joint>')
            parent = f"l{i}"
        return text + (f'<link name="tool">{mass}</link><joint name="jt" type="fixed"><parent link="{parent}"/>'
                       f'<child link="tool"/>{origin(self.tool)}</joint></robot>')


def ur5e():
    """The maker's table (d, a, alpha); limits of one turn, so that a branch counts once."""
    rows = [(0.1625, 0, H), (0, -0.425, 0), (0, -0.3922, 0), (0.1333, 0, H), (0.0997, 0, -H), (0.0996, 0, 0)]
    after = [shift(0, 0, d) @ shift(a, 0, 0) @ turn_x(alpha) for d, a, alpha in rows]
    return Arm("ur5e", [np.eye(4)] + after[:-1], after[-1], [-PI] * 6, [PI] * 6)


def panda():
    """The maker's modified (Craig) rows (a, d, alpha) and limits; flange at 0.107 m."""
    rows = [(0, 0.333, 0), (0, 0, -H), (0, 0.316, H), (0.0825, 0, H), (-0.0825, 0.384, -H), (0, 0, H), (0.088, 0, H)]
    before = [turn_x(alpha) @ shift(a, 0, 0) @ shift(0, 0, d) for a, d, alpha in rows]
    low = [-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973]
    high = [2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973]
    return Arm("panda", before, shift(0, 0, 0.107), low, high)


def odd(n, seed):
    """An arm no closed form knows: every frame turned and shifted anyhow."""
    draw = np.random.default_rng(seed)
    before = []
    for _ in range(n):
        m = np.eye(4)
        r, _ = np.linalg.qr(draw.normal(size=(3, 3)))
        m[:3, :3] = r * np.sign(np.linalg.det(r))
        m[:3, 3] = draw.uniform(-0.3, 0.3, 3)
        before.append(m)
    return Arm(f"odd{n}", before, shift(0, 0, 0.1), [-2.8] * n, [2.8] * n)


def eaik(arm):
    lines, tip = arm.lines()
    ways = np.diff(np.vstack([np.zeros(3), lines[:, 3:], tip[:3, 3]]), axis=0)
    robot = EAIK.Robot(lines[:, :3].T, ways.T, tip[:3, :3], [], True)
    return robot, lambda g, s: robot.calculate_IK(g).Q


def by_optik(arm, restarts):
    path = os.path.join(tempfile.mkdtemp(), arm.name + ".urdf")
    with open(path, "w") as f:
        f.write(arm.urdf())
    robot = optik.Robot.from_urdf_file(path, "base", "tool")
    robot.set_parallelism(1)
    config = optik.SolverConfig(solution_mode="speed", tol_f=1e-10, max_time=0.0, max_restarts=restarts)

    def solve(g, s):
        found = robot.ik(config, g.tolist(), s.tolist())
        return None if found is None else np.array(found[0])

    return solve


def good(arm, answers, g):
    """Number of answers, and the position error of the first that counts."""
    if answers is None:
        return 0, None
    answers = np.atleast_2d(answers)
    for q in answers:
        q = np.where(q > arm.high + 1e-9, q - 2 * PI, np.where(q < arm.low - 1e-9, q + 2 * PI, q))
        m = arm.fk(q)
        r = m[:3, :3].T @ g[:3, :3]
        w = np.array([r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]])
        p, angle = np.linalg.norm(m[:3, 3] - g[:3, 3]), np.arctan2(np.linalg.norm(w) / 2, (np.trace(r) - 1) / 2)
        if p < 1e-4 and angle < 1e-3 and np.all(q >= arm.low - 1e-6) and np.all(q <= arm.high + 1e-6):
            return len(answers), p
    return len(answers), None


def stats(x):
    x = np.asarray(x, float)
    p = np.percentile(x, [5, 50, 75, 95, 99])
    return {"n": x.size, "mean": x.mean(), "min": x.min(), "p5": p[0], "median": p[1], "p75": p[2], "p95": p[3], "p99": p[4], "max": x.max()}


def run(arm, solvers, count, seed):
    draw = np.random.default_rng(seed)
    postures = draw.uniform(arm.low, arm.high, (count, arm.n))
    starts = draw.uniform(arm.low, arm.high, (count, arm.n))
    poses = np.array([arm.fk(q) for q in postures])
    times = {name: np.full(count, np.inf) for name in solvers}
    outcome = {name: [] for name in solvers}
    for repeat in range(3):
        for k, (g, s) in enumerate(zip(poses, starts)):
            for name, solve in solvers.items():
                before = clock()
                answers = solve(g, s)
                times[name][k] = min(times[name][k], (clock() - before) / 1e3)
                if repeat == 0:
                    outcome[name].append(good(arm, answers, g))
    figures = {}
    for name in solvers:
        errors = [p for _, p in outcome[name] if p is not None]
        figures[name] = {"success": len(errors) / count, "us": stats(times[name]),
                         "pos_err_m_p95": float(np.percentile(errors, 95)) if errors else None,
                         "solutions_mean": float(np.mean([n for n, _ in outcome[name]]))}
    return figures, poses, starts


def inside(call, count):
    """Least CPU time [µs] of one problem of `count` in eleven runs without a binding."""
    least = np.inf
    for _ in range(11):
        before = clock()
        call()
        least = min(least, (clock() - before) / 1e3 / count)
    return float(least)


options = argparse.ArgumentParser()
options.add_argument("poses", nargs="?", type=int, default=1000)
options.add_argument("--out")
options = options.parse_args()
count, arms, bars = options.poses, {}, []
by_eaik, by_restarts = f"EAIK {version('EAIK')}, same process", f"optik {version('optik-py')}, same process"

arm = ur5e()
six, (robot, peer) = arm.ours(leitai_ik.Six), eaik(arm)
search = arm.ours(leitai_ik.Search)
arms["ur5e"], poses, _ = run(arm, {
    "ours (all branches)": lambda g, s: six.solve(g),
    "eaik (all branches)": peer,
    "ours (search)": search.solve,
    "optik 1 thread, 100 restarts": by_optik(arm, 100),
}, count, 7)
us = inside(lambda: six.many(poses, 5), 5 * count)
batch = list(poses)
theirs = inside(lambda: robot.calculate_IK_batched(batch, 1), count)
arms["ur5e"]["ours in process"], arms["ur5e"]["eaik, batch of one thread"] = {"us": {"min": us}}, {"us": {"min": theirs}}
found = arms["ur5e"]
median = lambda name: found[name]["us"]["median"]  # noqa: E731
bars.append(bar("UR5e, all branches, in process", us, 2.0, "µs"))
bars.append(bar("UR5e, all branches, equal binding: time", median("ours (all branches)") / median("eaik (all branches)"), 0.7, "×", by_eaik))
bars.append(bar("UR5e, all branches, batches: time", us / theirs, 0.7, "×", by_eaik))
bars.append(bar("UR5e, search: time", median("ours (search)") / median("optik 1 thread, 100 restarts"), 0.5, "×", by_restarts))
bars.append(bar("UR5e, poses not found by the branches", 1 - found["ours (all branches)"]["success"], 0.0))
bars.append(bar("UR5e, poses not found by the search", 1 - found["ours (search)"]["success"], 0.001))

arm = panda()
seven, search = arm.ours(leitai_ik.Seven), arm.ours(leitai_ik.Search)
arms["panda"], poses, starts = run(arm, {
    "ours (first answer)": seven.first,
    "ours (search)": search.solve,
    "optik 1 thread, 100 restarts": by_optik(arm, 100),
}, count, 8)
arms["panda"]["ours in process"] = {"us": {"min": inside(lambda: seven.many(poses, starts, 2), 2 * count)}}
found = arms["panda"]
optik_us = median("optik 1 thread, 100 restarts")
bars.append(bar("Panda, first answer: time", median("ours (first answer)") / optik_us, 0.05, "×", by_restarts))
bars.append(bar("Panda, search: time", median("ours (search)") / optik_us, 0.5, "×", by_restarts))
bars.append(bar("Panda, poses without a first answer", 1 - found["ours (first answer)"]["success"], 0.0))
bars.append(bar("Panda, poses not found by the search", 1 - found["ours (search)"]["success"], 0.001))

for n in (6, 7):
    arm = odd(n, n)
    search = arm.ours(leitai_ik.Search)
    arms[arm.name], _, _ = run(arm, {"ours (search)": search.solve, "optik 1 thread, 100 restarts": by_optik(arm, 100)}, count, 9)
    found = arms[arm.name]
    bars.append(bar(f"{n} hinges anyhow, search: time", median("ours (search)") / median("optik 1 thread, 100 restarts"), 0.5, "×", by_restarts))
    bars.append(bar(f"{n} hinges anyhow, poses not found by the search", 1 - found["ours (search)"]["success"], 0.001))

for name, figures in arms.items():
    for solver, f in figures.items():
        us = f["us"]
        line = f"median {us['median']:9.2f} µs  mean {us['mean']:9.2f}  p95 {us['p95']:9.2f}" if "median" in us else f"mean   {us['min']:9.2f} µs"
        more = f"  success {f['success']:.4f}  answers {f['solutions_mean']:.2f}" if "success" in f else ""
        print(f"{name:6} {solver:30} {line}{more}", file=sys.stderr)
print(f"\n{'':52} measured       bar", file=sys.stderr)
for b in bars:
    print(f"{b['what']:52} {b['measured']:8.4f} {b['unit']:2} ≤ {b['at_most']:g} {b['unit']}{'' if holds(b) else '   MISSED'}", file=sys.stderr)

cpu = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
environment = {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version(), "loadavg": list(os.getloadavg()),
               "utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "eaik": version("EAIK"), "optik": version("optik-py")}
data = {"bench": "ik", "env": environment,
        "results": {"n": count, "tol_m": 1e-4, "tol_rad": 1e-3, "arms": arms}, "bars": bars}
text = json.dumps(data, indent=1)
if options.out:
    with open(options.out, "w") as f:
        f.write(text + "\n")
print(text)
