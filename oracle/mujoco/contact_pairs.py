"""MuJoCo's contacts for random pairs of shapes, near and overlapping.

Needs `pip install mujoco==4.0.0`. Writes `answers/contact_pairs.json` beside this file:
for every pair of shape types, cases with the two shapes, their poses, the margin, and the contacts MuJoCo finds, each as
[distance, normal from first to second, position]. Lengths in meters, quaternions (w, x, y, z) to be normalized by the reader.
A mesh is given by its corners and triangles in the file's own frame, and its pose is that of the file's frame.
The seed is fixed, so a second run writes the same file.
"""

import json
import pathlib

import mujoco
import numpy as np

SEED = 20261122
TYPES = ["plane", "sphere", "capsule", "ellipsoid", "cylinder", "box", "mesh"]
RANDOM_CASES = 60
FLAT_CASES = 24
FLAT = {"capsule", "cylinder", "box", "mesh", "plane"}

rng = np.random.default_rng(SEED)


def number(x):
    return float(f"{x:.12g}")


def convex_mesh():
    """A random convex solid with few corners: a prism, or the hull of random points on an ellipsoid."""
    if rng.random() < 0.5:
        n = int(rng.integers(3, 8))
        turn = np.arange(n) * 2 * np.pi / n
        ring = np.stack([np.cos(turn) * rng.uniform(0.1, 0.3), np.sin(turn) * rng.uniform(0.1, 0.3)], axis=1)
        height = rng.uniform(0.1, 0.3)
        points = np.concatenate([np.c_[ring, np.full(n, -height)], np.c_[ring, np.full(n, height)]])
    else:
        points = rng.normal(size=(int(rng.integers(8, 16)), 3))
        points = points / np.linalg.norm(points, axis=1, keepdims=True) * rng.uniform(0.1, 0.3, 3)
    points = np.round(points + rng.uniform(-0.1, 0.1, 3), 3)
    return {"type": "mesh", "vertices": points.tolist()}


def shape(kind):
    def length():
        return round(float(rng.uniform(0.08, 0.35)), 3)

    if kind == "plane":
        return {"type": kind, "size": [0.0, 0.0, 1.0]}
    if kind == "mesh":
        return convex_mesh()
    count = {"sphere": 1, "capsule": 2, "ellipsoid": 3, "cylinder": 2, "box": 3}[kind]
    return {"type": kind, "size": [length() for _ in range(count)]}


def compile_pair(first, second, margin):
    assets = bodies = ""
    for i, s in enumerate((first, second)):
        # Since 4.0 the margins of the two geoms add up, so one of them carries it all.
        own = margin if i == 0 else 0.0
        if s["type"] == "mesh":
            corners = " ".join(repr(float(x)) for x in np.ravel(s["vertices"]))
            # Without triangles MuJoCo takes the hull of the corners.
            assets += f'<mesh name="m{i}" inertia="convex" vertex="{corners}"/>'
            geom = f'<geom type="mesh" mesh="m{i}" margin="{own}"/>'
        else:
            size = " ".join(repr(x) for x in s["size"])
            geom = f'<geom type="{s["type"]}" size="{size}" margin="{own}"/>'
        bodies += f'<body mocap="true">{geom}</body>' if s["type"] == "plane" else f"<body><freejoint/>{geom}</body>"
    return mujoco.MjModel.from_xml_string(
        f'<mujoco><option><flag gravity="disable"/></option><asset>{assets}</asset><worldbody>{bodies}</worldbody></mujoco>'
    )


def contacts(model, first, poses):
    data = mujoco.MjData(model)
    mocap = qpos = 0
    for i, (position, rotation) in enumerate(poses):
        if first["type"] == "plane" and i == 0:
            data.mocap_pos[mocap], data.mocap_quat[mocap] = position, np.array(rotation) / np.linalg.norm(rotation)
            mocap += 1
        else:
            data.qpos[qpos : qpos + 3], data.qpos[qpos + 3 : qpos + 7] = position, rotation
            qpos += 7
    mujoco.mj_kinematics(model, data)
    mujoco.mj_collision(model, data)
    found = []
    for k in range(data.ncon):
        contact = data.contact[k]
        flip = 1.0 if contact.geom[0] == 0 else -1.0
        found.append([number(x) for x in (contact.dist, *(flip * contact.frame[:3]), *contact.pos)])
    return found, data


def quaternion(flat):
    if not flat:
        return [round(float(x), 3) for x in rng.normal(size=4)]
    # A quarter turn about a random axis, then any turn about z: faces stay parallel.
    quarter = [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]][int(rng.integers(4))]
    yaw = rng.uniform(-np.pi, np.pi) if rng.random() < 0.7 else 0.0
    turn = np.zeros(4)
    mujoco.mju_mulQuat(turn, np.array([np.cos(yaw / 2), 0, 0, np.sin(yaw / 2)]), np.array(quarter, float) / np.linalg.norm(quarter))
    return [float(x) for x in turn]


def case(kinds, flat):
    first, second = shape(kinds[0]), shape(kinds[1])
    margin = 0.02 if rng.random() < 0.4 else 0.0
    model = compile_pair(first, second, margin)
    want_contact = rng.random() < 0.9
    gap_wanted = float(rng.uniform(-0.06, margin - 1e-4)) if want_contact else margin + 0.003
    rotations = [quaternion(flat), quaternion(flat)]
    if flat:
        direction = np.array([0.0, 0.0, 1.0])
        aside = np.append(rng.uniform(-0.15, 0.15, 2), 0.0) if rng.random() < 0.8 else np.zeros(3)
        if kinds[0] == "plane":
            rotations[0] = [1.0, 0.0, 0.0, 0.0]
    else:
        direction = rng.normal(size=3)
        direction /= np.linalg.norm(direction)
        aside = np.zeros(3)
    base = np.round(rng.uniform(-0.5, 0.5, 3), 3)
    if kinds[0] == "plane":
        # Along the plane's own normal.
        direction = np.zeros(3)
        mujoco.mju_rotVecQuat(direction, np.array([0.0, 0.0, 1.0]), np.array(rotations[0]) / np.linalg.norm(rotations[0]))

    def gap(distance):
        poses = [(base, rotations[0]), (base + direction * distance + aside, rotations[1])]
        _, data = contacts(model, first, poses)
        return mujoco.mj_geomDistance(model, data, 0, 1, 10.0, None)

    # Bisect the distance between the centers for the wanted gap, as far as the pair can overlap that much.
    low, high = 0.0, 3.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        if gap(middle) < gap_wanted:
            low = middle
        else:
            high = middle
    second_position = [number(x) for x in np.round(base + direction * high + aside, 6)]
    poses = [(base.tolist(), rotations[0]), (second_position, rotations[1])]
    found, _ = contacts(model, first, poses)
    rotations = [[number(x) for x in r] for r in rotations]
    return {"first": first, "second": second, "poses": [[p, r] for (p, _), r in zip(poses, rotations)], "margin": margin, "contacts": found}


def main():
    pairs = []
    for i, a in enumerate(TYPES):
        for b in TYPES[max(i, 1) :]:
            cases = [case((a, b), False) for _ in range(RANDOM_CASES)]
            if a in FLAT and b in FLAT:
                cases += [case((a, b), True) for _ in range(FLAT_CASES)]
            pairs.append({"pair": f"{a}-{b}", "random": RANDOM_CASES, "cases": cases})
    answers = {"tool": "mujoco", "version": mujoco.__version__, "script": "oracle/mujoco/contact_pairs.py", "seed": SEED, "pairs": pairs}
    path = pathlib.Path(__file__).parent / "answers" / "contact_pairs.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(answers, separators=(",", ":")) + "\n")
    print(f"{path}: {sum(len(p['cases']) for p in pairs)} cases, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
