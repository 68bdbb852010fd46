"""All branches of inverse kinematics by EAIK, for crates/control/tests/branches.rs.

    python3 -m venv V && V/bin/pip install EAIK==1.2.2 numpy==2.4.6
    V/bin/python oracle/eaik/branches.py crates/control/tests/eaik

One file for each arm: a line `pose` with the joint positions [rad] that made the pose, then a line for each branch that
EAIK's forward kinematics brings within 1e-6 of the pose, each once. Arms are the published tables of crates/control/tests/published.
"""
import importlib.metadata
import sys

import numpy as np
import eaik.pybindings.EAIK as EAIK

H = np.pi / 2
ARMS = {  # standard Denavit-Hartenberg rows d, a, alpha
    "ur5e": [(0.1625, 0, H), (0, -0.425, 0), (0, -0.3922, 0), (0.1333, 0, H), (0.0997, 0, -H), (0.0996, 0, 0)],
    "puma": [(0, 0, H), (0, 0.4318, 0), (0.15005, 0.0203, -H), (0.4318, 0, H), (0, 0, -H), (0.05, 0, 0)],
}


def row(d, a, alpha):
    c, s = np.cos(alpha), np.sin(alpha)
    return np.array([[1, 0, 0, a], [0, c, -s, 0], [0, s, c, d], [0, 0, 0, 1]])


def robot(rows):
    """EAIK's description: axes and the ways between points on them, all joints at zero; the end frame's turn last."""
    pose, axes, points = np.eye(4), [], []
    for r in rows:
        axes.append(pose[:3, 2])
        points.append(pose[:3, 3])
        pose = pose @ row(*r)
    points.append(pose[:3, 3])
    ways = np.diff(np.vstack([np.zeros(3), points]), axis=0)
    return EAIK.Robot(np.array(axes).T, ways.T, pose[:3, :3], [], True)


draw = np.random.default_rng(5)
for name, rows in ARMS.items():
    arm = robot(rows)
    with open(f"{sys.argv[1]}/{name}.txt", "w") as out:
        out.write(f"# EAIK {importlib.metadata.version('EAIK')}, {arm.get_kinematic_family()}; written by oracle/eaik/branches.py\n")
        for _ in range(60):
            q = draw.uniform(-np.pi, np.pi, 6)
            target = arm.fwdkin(q)
            out.write("pose " + " ".join(f"{x:.17g}" for x in q) + "\n")
            kept = []
            for x in np.asarray(arm.calculate_IK(target).Q):
                new = all(np.abs(np.exp(1j * x) - np.exp(1j * y)).max() > 1e-5 for y in kept)
                if new and np.abs(arm.fwdkin(x) - target).max() < 1e-6:
                    kept.append(x)
                    out.write(" ".join(f"{v:.9f}" for v in x) + "\n")
