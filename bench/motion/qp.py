#!/usr/bin/env python3
"""Quadratic programs of robot control: ours and DAQP's C core in one process, ProxQP and quadprog through Python beside them.

min 1/2 x'Hx + g'x, Ax=b, l<=Cx<=u. Families: ik7 (7 joint velocities within bounds), wbc (humanoid whole-body control: 35 accelerations
and 24 contact forces, 6 equalities, friction pyramids, torque limits), tight (wbc with a third of the friction and a fifth of the torque,
so that many rows are held), mpc (single rigid body, 10 knots, condensed to 120 variables).

    bench/motion/qp.py [N] [--seed S] [--problems DIR] [--out FILE]     N programs a family (20); DIR with qp_*.json instead of drawn ones

DAQP 0.11.0 is compiled from its source archive on PyPI with the flags of its own setup.py; its cold time is `daqp_quadprog`, which is what
its Python binding calls. Everything is installed into bench/.cache/qp, which git ignores. CPU time of the thread, least of 30 repeats.
Bars: wbc cold <= 0.6 x DAQP cold, warm <= 0.2 x DAQP cold; objective and feasibility within 1e-9.
"""
import argparse, json, os, pathlib, platform, subprocess, sys, tarfile, tempfile, time

from bars import bar, holds

HERE = pathlib.Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "qp"
WANTED = ["numpy==2.4.6", "quadprog==0.1.14", "proxsuite==0.7.3", "setuptools", "wheel", "cython"]
DAQP = "0.11.0"


def install():
    """Peers into CACHE; gives the Python that has them and DAQP's sources. A second later, nothing."""
    python, sources, stamp = CACHE / "venv/bin/python", CACHE / f"daqp-{DAQP}/csrc", CACHE / "installed.txt"
    wanted = "\n".join(WANTED + [DAQP])
    if not stamp.exists() or stamp.read_text() != wanted:
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", CACHE / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *WANTED], check=True)
        subprocess.run([python, "-m", "pip", "download", "-q", "--no-deps", "--no-build-isolation", "--no-binary", ":all:", "-d", CACHE, f"daqp=={DAQP}"], check=True)
        with tarfile.open(CACHE / f"daqp-{DAQP}.tar.gz") as archive:
            archive.extractall(CACHE, filter="data")
        stamp.write_text(wanted)
    return python, sources


def family(kind, r):
    import numpy as np
    if kind == "ik7":
        J = r.normal(size=(6, 7)); e = r.normal(size=6) * .3
        return J.T @ J + 1e-3 * np.eye(7), -J.T @ e, np.zeros((0, 7)), np.zeros(0), np.eye(7), -np.full(7, .05), np.full(7, .05)
    if kind in ("wbc", "tight"):
        nv, nc = 35, 8
        n = nv + 3 * nc
        mu, torque = (.6, 250) if kind == "wbc" else (.2, 50)
        L = r.normal(size=(nv, nv)) * .3; M = L @ L.T + np.eye(nv); h = r.normal(size=nv) * 2; h[2] += 300
        Jc = np.zeros((3 * nc, nv))
        for foot in range(2):  # four points of one rigid foot
            B = r.normal(size=(6, nv)) * .5; B[:, :6] = np.eye(6)
            for point in range(4):
                x, y = (.1, -.1)[point % 2], (.05, -.05)[point // 2]
                S = -np.array([[0, 0, y], [0, 0, -x], [-y, x, 0]]).T
                Jc[(4 * foot + point) * 3:(4 * foot + point + 1) * 3] = B[:3] + S @ B[3:]
        T = r.normal(size=(30, nv)); b = r.normal(size=30)
        H = np.zeros((n, n)); H[:nv, :nv] = T.T @ T + 1e-2 * np.eye(nv); H[nv:, nv:] = 1e-4 * np.eye(3 * nc)
        friction = np.array([[1, 0, -mu], [-1, 0, -mu], [0, 1, -mu], [0, -1, -mu], [0, 0, -1.0]])
        C = np.zeros((5 * nc, n))
        for k in range(nc):
            C[5 * k:5 * k + 5, nv + 3 * k:nv + 3 * k + 3] = friction
        C = np.vstack([C, np.hstack([M[6:], -Jc.T[6:]])])
        l, u = np.concatenate([np.full(5 * nc, -1e4), -torque - h[6:]]), np.concatenate([np.zeros(5 * nc), torque - h[6:]])
        return H, np.concatenate([-T.T @ b, np.zeros(3 * nc)]), np.hstack([M[:6], -Jc.T[:6]]), -h[:6], C, l, u
    N, dt, m, nx, nu = 10, .04, 40.0, 12, 12
    yaw = r.uniform(-.3, .3); R = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    inertia = R @ np.diag([1.2, 1.0, .4]) @ R.T
    A = np.eye(nx); A[:3, 6:9] = R.T * dt; A[3:6, 9:] = np.eye(3) * dt
    B = np.zeros((nx, nu))
    for k, (x, y) in enumerate(((.1, .1), (-.1, .1), (.1, -.1), (-.1, -.1))):
        f = np.array([x, y, -.8]) + r.normal(size=3) * .02
        B[6:9, 3 * k:3 * k + 3] = np.linalg.solve(inertia, np.array([[0, -f[2], f[1]], [f[2], 0, -f[0]], [-f[1], f[0], 0]])) * dt
        B[9:, 3 * k:3 * k + 3] = np.eye(3) / m * dt
    pull = np.zeros(nx); pull[11] = -9.81 * dt
    state = r.normal(size=nx) * np.array([.1] * 3 + [.02] * 3 + [.3] * 6)
    free, forced = [], np.zeros((N * nx, N * nu))
    for k in range(N):
        state = A @ state + pull; free.append(state); step = B
        for j in range(k, -1, -1):
            forced[k * nx:(k + 1) * nx, j * nu:(j + 1) * nu] = step; step = A @ step
    W = np.kron(np.eye(N), np.diag([10, 10, 5, 10, 10, 50, .1, .1, .1, 1, 1, 1.]))
    H = forced.T @ W @ forced + 1e-5 * np.eye(N * nu); mu = .6
    friction = np.array([[1, 0, -mu], [-1, 0, -mu], [0, 1, -mu], [0, -1, -mu], [0, 0, 1.0]])
    return (H + H.T) / 2, forced.T @ W @ np.concatenate(free), np.zeros((0, N * nu)), np.zeros(0), np.kron(np.eye(4 * N), friction), np.tile([-1e4] * 4 + [0.], 4 * N), np.tile([0.] * 4 + [300.], 4 * N)


def through_python(programs):
    """Microseconds, objective and violation of the peers that have only a Python binding (or whose binding is all that we use)."""
    import numpy as np, proxsuite, quadprog

    def by_proxqp(H, g, A, b, C, l, u):
        q = proxsuite.proxqp.dense.QP(len(g), len(b), len(l)); q.settings.eps_abs, q.settings.eps_rel = 1e-8, 0
        q.init(H, g, A if len(b) else None, b if len(b) else None, C, l, u); q.solve()
        return q.results.x

    def by_quadprog(H, g, A, b, C, l, u):
        return quadprog.solve_qp(H, -g, np.vstack([A, C, -C]).T, np.concatenate([b, l, -u]), len(b))[0]

    out = {}
    for name, solve in (("proxqp dense (eps 1e-8), Python", by_proxqp), ("quadprog, Python", by_quadprog)):
        out[name] = []
        for p in programs:
            n = len(p["g"])
            H, g, A, b, C, l, u = (np.array(p[k], float) for k in "H g A b C l u".split())
            A, C = A.reshape(-1, n), C.reshape(-1, n)
            best, x = float("inf"), None
            for _ in range(10):
                t = time.process_time_ns(); x = solve(H, g, A, b, C, l, u); best = min(best, (time.process_time_ns() - t) / 1e3)
            violation = max([0.0] + list(abs(A @ x - b)) + list(C @ x - u) + list(l - C @ x))
            out[name].append({"us": best, "objective": float(.5 * x @ H @ x + g @ x), "violation": float(violation)})
    return out


def stats(x):
    import numpy as np
    p = np.percentile(x, [5, 50, 75, 95, 99])
    return dict(n=len(x), mean=float(np.mean(x)), min=float(min(x)), p5=float(p[0]), median=float(p[1]), p75=float(p[2]), p95=float(p[3]), p99=float(p[4]), max=float(max(x)))


def main():
    parser = argparse.ArgumentParser(); parser.add_argument("n", nargs="?", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1); parser.add_argument("--problems"); parser.add_argument("--out")
    a = parser.parse_args()
    python, sources = install()
    if pathlib.Path(sys.prefix).resolve() != (CACHE / "venv").resolve():
        os.execv(python, [str(python), *sys.argv])
    import numpy as np
    binary = HERE / "qp/target/release/leitai-bench-qp"
    env = {**os.environ, "DAQP_SOURCE": str(sources), "CARGO_TARGET_DIR": str(HERE / "qp/target")}
    subprocess.run(["cargo", "build", "--release", "-q"], cwd=HERE / "qp", env=env, check=True)
    with tempfile.TemporaryDirectory() as folder:
        files = sorted(pathlib.Path(a.problems).glob("qp_*.json")) if a.problems else []
        if not files:
            for kind in ("ik7", "wbc", "tight", "mpc"):
                r = np.random.default_rng(a.seed)
                programs = [dict(zip("H g A b C l u".split(), (np.round(v, 10).tolist() for v in family(kind, r)))) for _ in range(a.n)]
                files.append(pathlib.Path(folder) / f"qp_{kind}.json"); files[-1].write_text(json.dumps(programs))
        measured = json.loads(subprocess.run([binary, *files], stdout=subprocess.PIPE, check=True).stdout)
        ticks = json.loads(subprocess.run([binary, "tick"], stdout=subprocess.PIPE, check=True).stdout)
        others = {f.stem.removeprefix("qp_"): through_python(json.loads(f.read_text())) for f in files}
    results, bars = {}, []
    for kind, rows in measured.items():
        column = lambda key: [row[key] for row in rows]
        gap = lambda mine, other: max(abs(x - y) / (1 + abs(y)) for x, y in zip(mine, other))
        best = [row["objective"] for row in others[kind]["quadprog, Python"]]
        one = lambda us, objective, violation: {"us": stats(us), "fail": 0.0, "infeas_max": max(violation), "rel_obj_gap_max": gap(objective, best)}
        res = {"n": rows[0]["n"], "eq": rows[0]["eq"], "ineq": rows[0]["ineq"], "held": column("held"), "iterations": column("iterations")}
        for label, key in (("ours", "cold_us"), ("ours, warm", "warm_us"), ("ours, warm on the next tick", "warm_next_us"), ("ours, next tick, matrices unchanged", "same_matrices_next_us")):
            res[label] = one(column(key), column("objective"), column("violation"))
        res["daqp"] = one(column("daqp_cold_us"), column("daqp_objective"), column("daqp_violation"))
        res["daqp, warm on the next tick"] = one(column("daqp_warm_next_us"), column("daqp_objective"), column("daqp_violation"))
        for name, found in others[kind].items():
            res[name] = one(*([row[k] for row in found] for k in ("us", "objective", "violation")))
        cold, warm, tick = (float(np.median(np.array(column(k)) / column("daqp_cold_us"))) for k in ("cold_us", "warm_us", "warm_next_us"))
        res["ratio to daqp cold"] = {"cold": cold, "warm": warm, "warm on the next tick": tick}
        results[kind] = res
        print(f"\n{kind}: {res['n']} variables, {res['eq']} equalities, {res['ineq']} rows; {min(res['held'])}..{max(res['held'])} held", file=sys.stderr)
        for name, row in res.items():
            if isinstance(row, dict) and "us" in row:
                print(f"  {name:38} {row['us']['median']:9.2f} us   violation {row['infeas_max']:.1e}   objective gap {row['rel_obj_gap_max']:.1e}", file=sys.stderr)
        if kind == "wbc":
            beside = f"DAQP {DAQP}, C, same process, cold"
            bars = [bar(f"quadratic program of 59 variables, {what}: time", figure, most, "×", beside) for what, figure, most in (("cold", cold, .6), ("warm", warm, .2), ("warm on the next tick", tick, .2))]
            bars += [bar("quadratic program of 59 variables, violation", res["ours"]["infeas_max"], 1e-9),
                     bar("quadratic program of 59 variables, objective above the least", res["ours"]["rel_obj_gap_max"], 1e-9, peer="quadprog 0.1.14")]
            for b in bars:
                print(f"  {b['what']:64} {b['measured']:9.3g}   bar {b['at_most']:g}   {'holds' if holds(b) else 'MISSED'}", file=sys.stderr)
        else:
            print(f"  ratio to DAQP cold: cold {cold:.3f}, warm {warm:.3f}, next tick {tick:.3f} (no bar)", file=sys.stderr)
    results["differential"] = ticks
    for arm, tick in ticks.items():
        print(f"\ndifferential IK, {arm}: {tick['us_per_tick']:.1f} us a tick with its kinematics (no peer, no bar)", file=sys.stderr)
    cpu = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "")
    text = json.dumps({"bench": "qp", "env": {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version(), "loadavg": os.getloadavg(), "utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}, "results": results, "bars": bars}, indent=1)
    if a.out:
        pathlib.Path(a.out).write_text(text + "\n")
    print(text)
    return 0 if all(map(holds, bars)) else 1


if __name__ == "__main__":
    sys.exit(main())
