"""State-to-state jerk-limited motions beside ruckig's C++, in the same run: time of a re-plan, durations, random cases.

    bench/motion/otg.py [N] [--check CASES] [--beyond N] [--rounds R] [--seed S] [--out F]

Ruckig comes from PyPI as sources and is compiled with -O3; ours is built with the product's code. Both read the same problems and are called
in turns, and the least time of all rounds counts. Needs a C++ compiler, Rust and Python 3.11; installs into bench/.cache/motion-otg.
"""
import argparse, json, os, platform, subprocess, sys, time, venv
from pathlib import Path

from bars import bar, holds

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "motion-otg"
VERSION = "0.19.4"
BAR = 0.9  # of ruckig's time
MOTIONS = {"rest": "rest to rest", "state": "moving to rest", "full": "moving to moving"}


def run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, text=True, **options)


def install():
    """Ruckig's sources, a Python with numpy, and both programs."""
    python = CACHE / "venv/bin/python"
    stamp = CACHE / "installed.txt"
    if not stamp.exists() or stamp.read_text() != VERSION:
        venv.create(CACHE / "venv", with_pip=True)
        pip = [python, "-m", "pip", "--quiet"]
        run(*pip, "install", "numpy", "scikit-build-core", "nanobind", "cmake", "ninja", stdout=sys.stderr)
        path = dict(os.environ, PATH=f"{CACHE / 'venv/bin'}:{os.environ['PATH']}")
        run(*pip, "download", "--no-binary", ":all:", "--no-deps", "--no-build-isolation", f"ruckig=={VERSION}", "-d", CACHE,
            env=path, stdout=sys.stderr)
        run("tar", "xzf", CACHE / f"ruckig-{VERSION}.tar.gz", "-C", CACHE)
        stamp.write_text(VERSION)
    source = CACHE / f"ruckig-{VERSION}"
    for dof in (1, 7):
        program = CACHE / f"ruckig{dof}"
        harness = HERE / "otg/ruckig.cc"
        if not program.exists() or program.stat().st_mtime < harness.stat().st_mtime:
            sources = [f for f in sorted((source / "src/ruckig").glob("*.cpp")) if "cloud" not in f.name]
            run("g++", "-std=c++20", "-O3", "-DNDEBUG", f"-DDOF={dof}", "-I", source / "include", harness, *sources, "-o", program)
    run("cargo", "build", "--release", "--quiet", "--manifest-path", HERE / "otg/Cargo.toml")
    if Path(sys.prefix) != CACHE / "venv":
        os.execv(python, [str(python), __file__, *sys.argv[1:]])


def problems(np, n, dof, seed, kind):
    r = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        vm, am, jm = r.uniform(1, 3, dof), r.uniform(5, 15, dof), r.uniform(50, 200, dof)
        p0, pf = r.uniform(-2.8, 2.8, dof), r.uniform(-2.8, 2.8, dof)
        v0 = r.uniform(-.9, .9, dof) * vm if kind != "rest" else np.zeros(dof)
        # |a0| is small enough for v to stay within vm while a falls to zero.
        room = np.minimum(am * .9, np.sqrt(2 * jm * np.maximum(vm - np.abs(v0), 1e-3)) * .9)
        a0 = r.uniform(-1, 1, dof) * room if kind != "rest" else np.zeros(dof)
        vf = r.uniform(-.5, .5, dof) * vm if kind == "full" else np.zeros(dof)
        rows.append(np.stack([p0, v0, a0, pf, vf, vm, am, jm], 1))
    return np.array(rows)


def beyond(np, n, dof, seed):
    """Moving to moving, with one start in ten at or beyond its limits of velocity or acceleration."""
    rows = problems(np, n, dof, seed, "full")
    r = np.random.default_rng(seed + 1)
    for row in rows:
        k, sign = r.integers(dof), r.choice([-1.0, 1.0])
        what, by = r.integers(5), r.uniform(1, 1.5)
        if what == 0: row[k, 1] = sign * row[k, 5]
        if what == 1: row[k, 1] = sign * row[k, 5] * by
        if what == 2: row[k, 2] = sign * row[k, 6]
        if what == 3: row[k, 2] = sign * row[k, 6] * by
        if what == 4: row[k, 1], row[k, 2] = sign * row[k, 5] * r.uniform(.5, 1.5), row[k, 6] * r.uniform(-1.5, 1.5)
    return rows


def compare(np, rows, dof, repeats, rounds):
    """Least ns of one re-plan, ours and ruckig's, and how the durations differ."""
    file, mine, theirs = CACHE / "problems.f64", CACHE / "ours.f64", CACHE / "ruckig.f64"
    np.ascontiguousarray(rows, "<f8").tofile(file)
    ours, peer = [], []
    for _ in range(rounds):
        ours.append(float(run(HERE / "otg/target/release/leitai-bench-otg", "time", file, dof, repeats, mine, capture_output=True).stdout))
        peer.append(float(run(CACHE / f"ruckig{dof}", file, repeats, theirs, capture_output=True).stdout))
    a, b = np.fromfile(mine), np.fromfile(theirs)
    both = ~np.isnan(a) & ~np.isnan(b)
    ratio = a[both] / np.maximum(b[both], 1e-300)
    ratio[b[both] == 0] = 1.0
    return {
        "ns_per_calculate": {"n": len(rows), "min": min(ours)}, "ruckig_ns_per_calculate": {"n": len(rows), "min": min(peer)},
        "time_over_ruckig": min(ours) / min(peer), "success": float(np.mean(~np.isnan(a))), "ruckig_success": float(np.mean(~np.isnan(b))),
        "duration_s_mean": float(a[both].mean()), "longest_over_ruckig": float(ratio.max() - 1), "shortest_over_ruckig": float(ratio.min() - 1),
        "longer_by_1e-6": int((ratio > 1 + 1e-6).sum()), "shorter_by_1e-6": int((ratio < 1 - 1e-6).sum()),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("n", nargs="?", type=int, default=5000)
    parser.add_argument("--check", type=int, default=1_000_000, help="random cases of ours to prove right")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out")
    a = parser.parse_args()
    install()
    import numpy as np
    results, bars, beside = {}, [], f"ruckig {VERSION}, C++, same run"
    print(f"{'7 joints unless said':28} {'ours':>9} {'ruckig':>9} {'ratio':>6} {'bar':>5}   longer  shorter  (by 1e-6 of ruckig's duration)")
    sets = [(k, d, problems(np, a.n, d, a.seed + d, k)) for k, d in (("rest", 1), ("state", 1), ("full", 1), ("rest", 7), ("state", 7), ("full", 7))]
    sets += [("beyond", d, beyond(np, a.n, d, a.seed + d)) for d in (1, 7)]
    for kind, dof, rows in sets:
        r = results[f"{kind}_{dof}dof"] = compare(np, rows, dof, 5, a.rounds)
        barred = dof == 7 and kind in MOTIONS
        if barred:
            bars.append(bar(f"state to state, {MOTIONS[kind]}, 7 joints: time of a re-plan", r["time_over_ruckig"], BAR, "×", beside))
        print(f"{kind + f' {dof} dof':28} {r['ns_per_calculate']['min'] / 1e3:6.2f} µs {r['ruckig_ns_per_calculate']['min'] / 1e3:6.2f} µs "
              f"{r['time_over_ruckig']:6.2f} {f'{BAR:5.2f}' if barred else '     '}  {r['longer_by_1e-6']:6} {r['shorter_by_1e-6']:8}"
              f"   success {r['success']:.6f}, ruckig's {r['ruckig_success']:.6f}")
    done = run(HERE / "otg/target/release/leitai-bench-otg", "check", a.check, a.seed, capture_output=True)
    results["random"] = json.loads(done.stdout.splitlines()[-1])
    random = results["random"]
    print(f"random cases: {random}")
    bars.append(bar(f"state to state, failures in {random['cases']} random cases", random["failures"], 0))
    emitted = {"bench": "otg_leitai", "env": {"cores": os.cpu_count(), "python": platform.python_version(), "ruckig": VERSION,
               "loadavg": list(os.getloadavg()), "utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}, "results": results, "bars": bars}
    if a.out:
        Path(a.out).write_text(json.dumps(emitted, indent=1) + "\n")
    sys.exit(0 if all(map(holds, bars)) else 1)


if __name__ == "__main__":
    main()
