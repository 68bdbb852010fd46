"""Whole paths timed beside toppra, in the same run: cubic splines of seven joints through random way-points.

    bench/motion/topp.py [N] [--seed S] [--out F]

toppra limits velocity and acceleration (Seidel's solver, both passes); ours limits jerk too (acceleration limit over a rise time), and torque in the last
rows. Both get the same splines on the same grid. What ours gives is checked here: s(t) at 4001 times put into toppra's own spline. Needs Rust and
Python 3.11; installs into bench/.cache/motion-topp.
"""
import argparse, json, logging, os, platform, subprocess, sys, time, venv
from pathlib import Path

from bars import bar, holds

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "motion-topp"
PACKAGES = ["toppra==0.6.10", "numpy", "scipy"]
TIME_BAR, DURATION_BAR = 0.02, 1.15
VELOCITY, ACCELERATION = 2.0, 8.0


def install():
    python, stamp = CACHE / "venv/bin/python", CACHE / "installed.txt"
    if not stamp.exists() or stamp.read_text() != " ".join(PACKAGES):
        venv.create(CACHE / "venv", with_pip=True)
        subprocess.run([python, "-m", "pip", "--quiet", "install", *PACKAGES], check=True, stdout=sys.stderr)
        stamp.write_text(" ".join(PACKAGES))
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", HERE / "topp/Cargo.toml"], check=True)
    if Path(sys.prefix) != CACHE / "venv":
        os.execv(python, [str(python), __file__, *sys.argv[1:]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("n", nargs="?", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out")
    a = parser.parse_args()
    install()
    import numpy as np
    import toppra as ta, toppra.algorithm as algo, toppra.constraint as tc
    logging.getLogger("toppra").setLevel(logging.ERROR)
    results, bars, beside = {}, [], f"{PACKAGES[0].replace('==', ' ')}, same run"
    print("way-points, grid, rise time        ours    toppra   ratio    bar  longest duration / toppra's, bar   greatest share of v, a, j")
    for points, grid, rises in ((5, 100, (.1,)), (5, 1000, (.05, .1, .2)), (20, 1000, (.05, .1, .2))):
        r = np.random.default_rng(a.seed)
        splines, theirs, optimum = [], [], []
        ss = np.linspace(0, 1, grid + 1)
        for _ in range(a.n):
            spline = ta.SplineInterpolator(np.linspace(0, 1, points), r.uniform(-2, 2, (points, 7)))
            limits = [tc.JointVelocityConstraint(np.tile([[-VELOCITY, VELOCITY]], (7, 1))),
                      tc.JointAccelerationConstraint(np.tile([[-ACCELERATION, ACCELERATION]], (7, 1)), tc.DiscretizationType.Interpolation)]
            solver = algo.TOPPRA(limits, spline, gridpoints=ss, solver_wrapper="seidel", parametrizer="ParametrizeSpline")
            spent = []
            for _ in range(5):
                start = time.process_time_ns()
                _, sd, _ = solver.compute_parameterization(0, 0)
                spent.append((time.process_time_ns() - start) / 1e6)
            theirs.append(min(spent))
            optimum.append(float(np.sum(2 * np.diff(ss) / (sd[1:] + sd[:-1]))))
            splines.append(spline)
        file, out = CACHE / "paths.f64", CACHE / "motions.f64"
        np.concatenate([np.stack([s(ss), s(ss, 1), s(ss, 2)]).ravel() for s in splines]).astype("<f8").tofile(file)
        for rise, torque in [(rise, 0) for rise in rises] + [(rises[len(rises) // 2], 1)]:
            command = [HERE / "topp/target/release/leitai-bench-topp", file, "7", str(grid + 1), str(rise), str(torque), "20", out]
            done = subprocess.run([str(c) for c in command], text=True, capture_output=True)
            if done.returncode:
                sys.exit(done.stdout + done.stderr)
            table = np.array([[float(x) for x in line.split()] for line in done.stdout.splitlines()])
            ours = table[:, 0] / 1e6
            share = np.zeros(3)
            for spline, motion in zip(splines, np.fromfile(out).reshape(a.n, -1, 4)):
                s, v, u, w = motion.T[:, :, None]
                q1, q2, q3 = (spline.cspl(np.clip(s[:, 0], 0, 1), k) for k in (1, 2, 3))
                used = (q1 * v / VELOCITY, (q1 * u + q2 * v * v) / ACCELERATION, (q1 * w + 3 * q2 * v * u + q3 * v ** 3) * rise / ACCELERATION)
                share = np.maximum(share, [np.abs(x).max() for x in used])
            # With torques, ours without a limit of jerk: toppra was not given them.
            longer = table[:, 1] / (table[:, 2] if torque else optimum)
            ratio = float(np.median(ours) / np.median(theirs))
            key = f"{points}wp_{grid}grid_rise{rise}" + ("_torque" if torque else "")
            results[key] = {"success": 1.0, "solve_ms": {"n": a.n, "median": float(np.median(ours)), "max": float(ours.max())},
                            "toppra_solve_ms": {"n": a.n, "median": float(np.median(theirs)), "max": float(np.max(theirs))},
                            "time_over_toppra": ratio, "duration_s": {"median": float(np.median(table[:, 1]))},
                            "duration_over_acceleration_limited": {"median": float(np.median(longer)), "max": float(longer.max())},
                            "slowness_max": float(table[:, 3].max()), "greatest_share": share.tolist()}
            what = f"whole path, {points} way-points, {grid} points, rise {rise} s{', torque too' if torque else ''}"
            bars.append(bar(f"{what}: time", ratio, TIME_BAR, "×", beside))
            bars.append(bar(f"{what}: longest duration over the optimum", longer.max(), DURATION_BAR, "×", "ours without a limit of jerk" if torque else beside))
            bars.append(bar(f"{what}: greatest share of a limit", share.max(), 1 + 1e-3))
            print(f"{points:3} {grid:5} {rise:5.2f} s{' torque too' if torque else '           '} {np.median(ours):8.3f} {np.median(theirs):9.2f} ms "
                  f"{ratio:6.4f} {TIME_BAR:6.2f}   {np.median(longer):.3f} to {longer.max():.3f} {DURATION_BAR:6.2f}              "
                  f"{share[0]:.4f} {share[1]:.4f} {share[2]:.4f}   slowed by {table[:, 3].max():.3f}")
    emitted = {"bench": "topp_leitai", "env": {"cores": os.cpu_count(), "python": platform.python_version(), "toppra": PACKAGES[0].split("==")[1],
               "loadavg": list(os.getloadavg()), "utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}, "results": results, "bars": bars}
    if a.out:
        Path(a.out).write_text(json.dumps(emitted, indent=1) + "\n")
    sys.exit(0 if all(map(holds, bars)) else 1)


if __name__ == "__main__":
    main()
