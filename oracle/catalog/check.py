"""Does every model of the catalog say what its tables say? Checked with MuJoCo 4.0.0 and NumPy (any 2.x), on Python 3.11.

    python -m venv .venv && .venv/bin/pip install mujoco==4.0.0 numpy
    .venv/bin/python oracle/catalog/check.py            # from the root of the repository; exit code 1 if a check fails

For each arm: it compiles; its total mass and moving mass are the tables'; every tensor is positive definite and meets the triangle
inequality; the flange stands where an independent Denavit-Hartenberg product puts it, at 200 seeded postures; home is free of
self-collision and inside the limits; at home and at up to 200 tool-down postures in front of the robot, gravity with the rated payload
stays inside the torque limits (the worst share of each is printed).
For the scenario: which arms reach all 16 block positions with the clamp pointing down. For the clamp: how far a block creeps and at
which mass it slips, beside the friction cone's closed form. For the stack: how far 16 blocks of uneven size creep on ground tilted by 3
degrees with the declared contact and with MuJoCo's defaults, and how far the stability check moves them.
"""

import math
import pathlib
import sys
import tomllib

import mujoco
import numpy as np

CATALOG = pathlib.Path(__file__).resolve().parents[2] / "catalog"
GRAVITY = 9.80665
failures = []


def expect(holds, what):
    if not holds:
        failures.append(what)
        print("    FAIL:", what)


def turn(axis, angle):
    c, s = math.cos(angle), math.sin(angle)
    out = np.eye(4)
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    out[i, i], out[i, j], out[j, i], out[j, j] = c, -s, s, c
    return out


def shift(x, y, z):
    out = np.eye(4)
    out[:3, 3] = x, y, z
    return out


def ur_flange(d1, a2, a3, d4, d5, d6):
    """Standard DH as the maker publishes it; the catalog's base is turned by pi about z against the controller's."""
    rows = [(d1, 0, math.pi / 2), (0, a2, 0), (0, a3, 0), (d4, 0, math.pi / 2), (d5, 0, -math.pi / 2), (d6, 0, 0)]

    def flange(q):
        t = turn("z", math.pi)
        for angle, (d, a, alpha) in zip(q, rows):
            t = t @ turn("z", angle) @ shift(0, 0, d) @ shift(a, 0, 0) @ turn("x", alpha)
        return t

    return flange


def fr3_flange(q):
    """Modified DH (Craig): twist and length before the joint."""
    rows = [(0, 0, 0.333), (0, -math.pi / 2, 0), (0, math.pi / 2, 0.316), (0.0825, math.pi / 2, 0),
            (-0.0825, -math.pi / 2, 0.384), (0, math.pi / 2, 0), (0.088, math.pi / 2, 0)]
    t = np.eye(4)
    for angle, (a, alpha, d) in zip(q, rows):
        t = t @ turn("x", alpha) @ shift(a, 0, 0) @ turn("z", angle) @ shift(0, 0, d)
    return t @ shift(0, 0, 0.107)


def iiwa_flange(q):
    """Seven axes z, y, z, -y, z, y, z through one vertical line; distances between their crossings."""
    t = shift(0, 0, 0.360)
    for k, (axis, sign, up) in enumerate([("z", 1, 0), ("y", 1, 0.420), ("z", 1, 0), ("y", -1, 0.400), ("z", 1, 0), ("y", 1, 0.126), ("z", 1, 0)]):
        t = t @ turn(axis, sign * q[k]) @ shift(0, 0, up)
    return t


# Flange model, total mass [kg], moving mass [kg].
ARMS = {
    "ur5e": (ur_flange(0.1625, -0.425, -0.3922, 0.1333, 0.0997, 0.0996), 21.70, 17.70),
    "ur10e": (ur_flange(0.1807, -0.6127, -0.57155, 0.17415, 0.11985, 0.11655), 33.10, 29.10),
    "ur20": (ur_flange(0.2363, -0.862, -0.7287, 0.201, 0.1593, 0.1543), 64.96, 60.96),
    "ur30": (ur_flange(0.2363, -0.637, -0.5037, 0.201, 0.1593, 0.1543), 63.15, 59.15),
    "franka-fr3": (fr3_flange, 17.891, 15.495),
    "kuka-iiwa14": (iiwa_flange, 29.900, 22.850),
}


def arm(name):
    folder = CATALOG / "robots" / name
    return mujoco.MjSpec.from_file(str(folder / "robot.xml")), tomllib.loads((folder / "robot.toml").read_text("utf-8"))


def with_clamp(name):
    spec, manifest = arm(name)
    clamp = mujoco.MjSpec.from_file(str(CATALOG / "parts" / "block-clamp" / "part.xml"))
    spec.attach(clamp, prefix="tool/", site=spec.site("tool_mount"))
    return spec.compile(), manifest


def pose(data, site):
    out = np.eye(4)
    out[:3, :3] = data.site(site).xmat.reshape(3, 3)
    out[:3, 3] = data.site(site).xpos
    return out


def solve(model, data, site, target, start, steps=400):
    """Damped least squares toward `target` (4x4); the posture, or None. Joint ranges hold by clipping."""
    n = len(start)
    q = np.array(start)
    low, high = model.jnt_range[:n, 0], model.jnt_range[:n, 1]
    jacobian = np.zeros((6, model.nv))
    index = model.site(site).id
    for _ in range(steps):
        data.qpos[:n] = q
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        now = pose(data, site)
        error = np.zeros(6)
        error[:3] = target[:3, 3] - now[:3, 3]
        error[3:] = 0.5 * sum(np.cross(now[:3, k], target[:3, k]) for k in range(3))
        if np.linalg.norm(error[:3]) < 1e-5 and np.linalg.norm(error[3:]) < 1e-5 and now[:3, 2] @ target[:3, 2] > 0:
            return q
        mujoco.mj_jacSite(model, data, jacobian[:3], jacobian[3:], index)
        j = jacobian[:, :n]
        step = j.T @ np.linalg.solve(j @ j.T + 1e-5 * np.eye(6), error)
        q = np.clip(q + step * min(1.0, 0.5 / (np.abs(step).max() + 1e-12)), low, high)
    return None


def check_arm(name):
    flange, total, moving = ARMS[name]
    spec, manifest = arm(name)
    model = spec.compile()
    data = mujoco.MjData(model)
    n = manifest["robot"]["dof"]
    expect(model.nq == n == model.nu, f"{name}: {n} joints and as many motors")
    expect(abs(model.body_mass.sum() - total) < 0.01, f"{name}: total mass {model.body_mass.sum():.3f} is not {total}")
    base = model.body(1).mass[0]
    expect(abs(model.body_mass.sum() - base - moving) < 0.01, f"{name}: moving mass is not {moving}")
    for b in range(1, model.nbody):
        x, y, z = sorted(model.body_inertia[b])
        expect(x > 0 and x + y > z, f"{name}: the inertia of {model.body(b).name} is not that of a body")
    limits = manifest["limits"]
    expect(np.allclose(model.actuator_forcerange[:, 1], limits["torque_nm"]["value"]), f"{name}: motor torques differ from robot.toml")
    expect(np.allclose(model.jnt_range[:, 0], limits["position_rad"]["low"]) and np.allclose(model.jnt_range[:, 1], limits["position_rad"]["high"]),
           f"{name}: joint ranges differ from robot.toml")
    for k, joint in enumerate(manifest["interface"]["joints"]):
        expect(model.joint(k).name == joint, f"{name}: joint {k} is not {joint}")

    draw = np.random.default_rng(1)
    worst = 0.0
    for _ in range(200):
        q = draw.uniform(model.jnt_range[:, 0], model.jnt_range[:, 1])
        data.qpos[:] = q
        mujoco.mj_kinematics(model, data)
        worst = max(worst, np.abs(pose(data, "tool_mount") - flange(q)).max())
    expect(worst < 1e-9, f"{name}: flange differs from DH by {worst:.2e}")

    home = np.array(manifest["interface"]["home_rad"])
    expect((home >= model.jnt_range[:, 0]).all() and (home <= model.jnt_range[:, 1]).all(), f"{name}: home is outside the limits")
    data.qpos[:] = home
    mujoco.mj_forward(model, data)
    expect(data.ncon == 0, f"{name}: {data.ncon} self-contacts at home")
    expect(data.site("tool_mount").xmat.reshape(3, 3)[2, 2] < -0.999999, f"{name}: the flange does not point down at home")

    payload = next(c["value"] for c in manifest["claim"] if c["name"] == "payload_kg")
    reach = next(c["value"] for c in manifest["claim"] if c["name"] == "reach_m")
    loaded = mujoco.MjData(model)
    jacobian = np.zeros((3, model.nv))
    share = np.zeros(n)
    limit = np.array(limits["torque_nm"]["value"])
    for k in range(200):
        target = np.diag([1.0, -1.0, -1.0, 1.0])
        target[:3, 3] = draw.uniform(0.4, 0.75) * reach, 0, draw.uniform(0.0, 0.4)
        q = home if k == 0 else solve(model, data, "tool_mount", target, home)
        if q is None:
            continue
        loaded.qpos[:] = q
        mujoco.mj_forward(model, loaded)
        mujoco.mj_jacSite(model, loaded, jacobian, None, model.site("tool_mount").id)
        tau = loaded.qfrc_bias + jacobian.T @ [0, 0, payload * GRAVITY]
        share = np.maximum(share, np.abs(tau) / limit)
    print(f"{name:12} {model.body_mass.sum():7.3f} kg   flange vs DH {worst:.1e}   gravity at {payload:g} kg, worst share of each limit "
          + " ".join(f"{s:.2f}" for s in share))
    expect((share < 1).all(), f"{name}: gravity with the rated payload exceeds a torque limit")


def block_positions():
    """Grip centers and yaws of both grids of con-block-palletizing, read from scenario.toml and world.xml, in the robot's base frame."""
    scenario = CATALOG / "scenarios" / "con-block-palletizing"
    text = tomllib.loads((scenario / "scenario.toml").read_text("utf-8"))
    world = mujoco.MjModel.from_xml_path(str(scenario / "world.xml"))
    data = mujoco.MjData(world)
    mujoco.mj_forward(world, data)
    base = data.site(text["mount"]["robot_at"]).xpos
    height = text["piece"]["block"]["size_m"]["value"][2]
    expect(abs(world.opt.timestep - text["trial"]["dt_s"]) < 1e-12, "scenario: dt_s differs from the world's timestep")
    for grid in (text["generate"]["supply"], text["goal"][0]):
        site = data.site(grid["at"]).xpos
        layer = grid["first_layer"]
        turned = grid["interlock"] and layer % 2 == 1
        for row in range(grid["rows"]):
            for column in range(grid["columns"]):
                x = (column - (grid["columns"] - 1) / 2) * grid["pitch_m"][0]
                y = (row - (grid["rows"] - 1) / 2) * grid["pitch_m"][1]
                if turned:
                    x, y = -y, x
                yield grid["at"], np.array([x, y, (layer + 0.5) * height]) + site - base, math.pi / 2 if turned else 0.0


def check_reach(name):
    model, manifest = with_clamp(name)
    data = mujoco.MjData(model)
    home = np.array(manifest["interface"]["home_rad"])
    program = tomllib.loads((CATALOG / "solutions" / "block-palletizing" / "solution.toml").read_text("utf-8"))["program"]
    clear = program["each"][0]["above_m"]
    missed, far = [], 0.0
    for where, at, yaw in block_positions():
        far = max(far, math.hypot(at[0], at[1]))
        for up in (0.0, clear):
            found = None
            for half in (0.0, math.pi):  # a block looks the same from both ends
                target = shift(*(at + [0, 0, up])) @ turn("z", yaw + half) @ np.diag([1.0, -1.0, -1.0, 1.0])
                for elbow in (home, home * 0.5, home * 1.2):
                    start = np.clip(elbow, model.jnt_range[: len(home), 0], model.jnt_range[: len(home), 1])
                    start[0] = math.atan2(at[1], at[0])
                    found = solve(model, data, "tool/grip_center", target, start)
                    if found is not None:
                        break
                if found is not None:
                    break
            if found is None:
                missed.append((where, round(math.hypot(at[0], at[1]), 3), up))
    print(f"{name:12} reaches {32 - len(missed):2} of 32 poses (16 blocks, at the grip and {clear} m above; farthest {far:.3f} m)"
          + (f"; nearest missed {min(m[1] for m in missed):.3f} m" if missed else ""))
    return not missed


def check_clamp():
    manifest = tomllib.loads((CATALOG / "parts" / "block-clamp" / "part.toml").read_text("utf-8"))
    force, mu = manifest["clamp"]["grip_force_n"]["value"], manifest["clamp"]["pad_friction"]["value"]
    slips_at = 2 * mu * force / GRAVITY
    for mass in (20.0, 0.9 * slips_at, 1.1 * slips_at):
        spec = mujoco.MjSpec.from_file(str(CATALOG / "parts" / "block-clamp" / "part.xml"))
        spec.body("clamp_body").pos, spec.body("clamp_body").quat = [0, 0, 1], [0, 1, 0, 0]
        block = spec.worldbody.add_body(name="block", pos=[0, 0, 0.74])
        block.add_freejoint()
        block.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=[0.195, 0.095, 0.095], mass=mass, friction=[0.7, 0.005, 0.0001])
        spec.option.cone, spec.option.impratio, spec.option.timestep = mujoco.mjtCone.mjCONE_ELLIPTIC, 10, 0.002
        spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
        model = spec.compile()
        data = mujoco.MjData(model)
        data.ctrl[:] = force
        model.opt.gravity[2] = 0
        for _ in range(200):
            mujoco.mj_step(model, data)
        model.opt.gravity[2] = -GRAVITY
        start = data.body("block").xpos[2]
        for _ in range(2500):
            mujoco.mj_step(model, data)
        fallen = start - data.body("block").xpos[2]
        print(f"block-clamp  {mass:5.1f} kg held 5 s: down {fallen * 1000:.2f} mm (friction cone lets go at {slips_at:.1f} kg)")
        expect((fallen < 0.005) == (mass < slips_at), f"block-clamp: {mass:.1f} kg should {'hold' if mass < slips_at else 'slip'}")


def stack(seed, contact, dt=0.002, seconds=20.0):
    """Creep [m] of a finished stack on ground tilted by 3 degrees, and the largest move in the stability check."""
    folder = CATALOG / "scenarios" / "con-block-palletizing"
    text = tomllib.loads((folder / "scenario.toml").read_text("utf-8"))
    spec = mujoco.MjSpec.from_file(str(folder / "world.xml"))
    spec.option.timestep = dt
    draw = np.random.default_rng(seed)
    tilt, azimuth = text["vary"]["base_tilt"]["uniform"]["high"], draw.uniform(0, 2 * math.pi)
    quat = np.array([math.cos(tilt / 2), -math.sin(azimuth) * math.sin(tilt / 2), math.cos(azimuth) * math.sin(tilt / 2), 0])
    spec.body("stack_pallet").quat = quat
    for geom in spec.geoms:
        if geom.contype:
            geom.solref[:2], geom.solimp[:3] = contact
    world_from_site = np.zeros(9)
    mujoco.mju_quat2Mat(world_from_site, quat)
    world_from_site = world_from_site.reshape(3, 3)
    origin = np.array(spec.body("stack_pallet").pos) + world_from_site @ [0, 0, 0.15]
    nominal = np.array(text["piece"]["block"]["size_m"]["value"])
    spread = text["vary"]["block_size"]["uniform"]["high"]
    names = []
    for grid in (text["generate"]["stack_below"], text["goal"][0]):
        layer = grid["first_layer"]
        for row in range(grid["rows"]):
            for column in range(grid["columns"]):
                x = (column - (grid["columns"] - 1) / 2) * grid["pitch_m"][0]
                y = (row - (grid["rows"] - 1) / 2) * grid["pitch_m"][1]
                yaw = np.array([1.0, 0, 0, 0])
                if grid["interlock"] and layer % 2:
                    x, y, yaw = -y, x, np.array([math.sqrt(0.5), 0, 0, math.sqrt(0.5)])
                size = nominal + draw.uniform(-spread, spread, 3)
                turned = np.zeros(4)
                mujoco.mju_mulQuat(turned, quat, yaw)
                name = f"block {layer} {row} {column}"
                at = origin + world_from_site @ [x, y, layer * (nominal[2] + spread) + size[2] / 2]
                block = spec.worldbody.add_body(name=name, pos=at, quat=turned)
                block.add_freejoint()
                geom = block.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=size / 2, mass=text["parameter"]["block_mass_kg"]["default"],
                                      friction=[text["piece"]["block"]["friction"]["value"], 0.005, 0.0001])
                geom.solref[:2], geom.solimp[:3] = contact
                names.append(name)
    model = spec.compile()
    data = mujoco.MjData(model)
    bodies = [model.body(name).id for name in names]

    def run(time):
        for _ in range(round(time / dt)):
            mujoco.mj_step(model, data)
        return data.xpos[bodies].copy()

    settled = run(1.0)
    crept = run(seconds)
    moved = 0.0
    check = text["stability"]
    for k in range(check["directions"]):
        angle = 2 * math.pi * k / check["directions"]
        model.opt.gravity[:] = [0, 0, -GRAVITY] + world_from_site @ [math.cos(angle), math.sin(angle), 0] * check["lateral_g"] * GRAVITY
        moved = max(moved, np.linalg.norm(run(check["hold_s"]) - crept, axis=1).max())
    return np.linalg.norm(crept - settled, axis=1).max(), moved


def check_stack():
    text = tomllib.loads((CATALOG / "scenarios" / "con-block-palletizing" / "scenario.toml").read_text("utf-8"))
    contact = text["piece"]["block"]["contact"]
    declared = ([contact["time_constant_s"], contact["damping_ratio"]], contact["impedance"])
    default = ([0.02, 1], [0.9, 0.95, 0.001])
    for name, values, dt in (("declared", declared, 0.002), ("declared", declared, 0.001), ("default", default, 0.002)):
        results = [stack(seed, values, dt) for seed in range(4)]
        creep, moved = max(r[0] for r in results), max(r[1] for r in results)
        print(f"stack, {name} contact, dt {dt:g} s: creeps {creep * 1000:.2f} mm in 20 s, moves {moved * 1000:.2f} mm in the stability check")
        if name == "declared":
            expect(creep < 5e-4 and moved < 5e-4, "a well-placed stack should stand still")


def main():
    print(f"mujoco {mujoco.__version__}, numpy {np.__version__}")
    for name in ARMS:
        check_arm(name)
    check_clamp()
    check_stack()
    reached = [name for name in ARMS if check_reach(name)]
    print("reach all positions of con-block-palletizing:", ", ".join(reached))
    print("all checks hold" if not failures else f"{len(failures)} checks fail")
    sys.exit(bool(failures))


main()
