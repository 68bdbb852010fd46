#!/usr/bin/env python3
"""Collision-free planning on MotionBenchMaker problems with our planner.

    bench/motion/plan.py [--robot panda] [--problems FOLDER --models FOLDER] [--trials 3] [--rep 3] [--out FILE] [--raw FILE]

Panda and UR5 stand in bench/motion/plan/problems and crates/skills/tests/planning/data; other robots need --problems, a folder with
mbm_<robot>_dev.json, and --models, one with <robot>_spherized.urdf and <robot>.srdf. The peer is VAMP (kavrakilab), which has no package to install, so its figures were measured once, on
another machine, with the same problems, robots and obstacles (balls; cans as capsules, in scene `box` as boxes); beside ours stands a
calibration figure: the time of a fixed loop of dependent single-precision operations, which tells two machines apart.
Each problem is run `--rep` times with the same samples and the least time is kept; trials differ in where the Halton sequence starts.
With `--meshes SITE_PACKAGES` (of the environment that oracle/install.sh makes) the hulls of the makers' meshes stand behind the balls of the
arms' links, from robosuite (Panda) and example-robot-data (UR5; its gripper stays balls): ends that balls reject are then answered exactly.
Keys: those of the peer's script, so that results can be laid side by side.
"""
import argparse, json, lzma, os, platform, re, shutil, subprocess, sys, tempfile, time
from collections import defaultdict

from bars import bar, holds

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.join(HERE, "../../crates/skills/tests/planning/data")
# Median and 95th percentile of planning and simplification together [us], mean length.
VAMP = {"panda": (277.1, 1309.8, 5.25), "ur5": (266.2, 1217.6, 6.76)}


# For each robot: folder of meshes in site-packages, and the mesh of each link.
MESHES = {
    "panda": ("robosuite/models/assets/bullet_data/panda_description/meshes/collision",
              {**{f"panda_link{k}": f"link{k}" for k in range(8)}, "panda_hand": "hand", "panda_leftfinger": "finger", "panda_rightfinger": "finger"}),
    "ur5": ("cmeel.prefix/share/example-robot-data/robots/ur_description/meshes/ur5/collision",
            {"base_link": "base", "shoulder_link": "shoulder", "upper_arm_link": "upperarm", "forearm_link": "forearm",
             "wrist_1_link": "wrist1", "wrist_2_link": "wrist2", "wrist_3_link": "wrist3"}),
}


def with_meshes(robot, models, packages, out):
    """Writes into `out` the description made of balls, and beside it the same robot with meshes in place of its links' balls."""
    folder, links = MESHES[robot]

    def link(match):
        name, text = match.group(1), match.group(0)
        if name not in links:
            return text
        turn = "0 0 3.14159265" if name == "panda_rightfinger" else "0 0 0"
        mesh = f'<collision><origin xyz="0 0 0" rpy="{turn}"/><geometry><mesh filename="{links[name]}.stl"/></geometry></collision>'
        return re.sub(r"<collision>.*?</collision>", "", text, flags=re.S).replace("</link>", mesh + "</link>")

    for name in (f"{robot}_spherized.urdf", f"{robot}.srdf"):
        shutil.copyfile(os.path.join(models, name), os.path.join(out, name))
    for mesh in set(links.values()):
        shutil.copyfile(os.path.join(packages, folder, mesh + ".stl"), os.path.join(out, mesh + ".stl"))
    with open(os.path.join(out, f"{robot}_spherized.urdf")) as f:
        exact = re.sub(r'<link name="([^"]+)">.*?</link>', link, f.read(), flags=re.S)
    with open(os.path.join(out, f"{robot}_exact.urdf"), "w") as f:
        f.write(exact)


def percentile(x, p):
    x = sorted(x)
    k = (len(x) - 1) * p / 100
    i = int(k)
    return x[i] + (x[min(i + 1, len(x) - 1)] - x[i]) * (k - i)


def stats(x):
    if not x:
        return {"n": 0}
    keys = {"p5": 5, "median": 50, "p75": 75, "p95": 95, "p99": 99}
    d = {"n": len(x), "mean": sum(x) / len(x), "min": min(x), "max": max(x)}
    return d | {k: percentile(x, p) for k, p in keys.items()}


def agg(runs):
    solved = [r for r in runs if r["solved"]]
    invalid = [r for r in runs if r.get("invalid")]
    d = {"problems": len(runs), "valid_runs": len(runs) - len(invalid), "solved": len(solved),
         "solve_rate": len(solved) / max(1, len(runs) - len(invalid))}
    for k in ("plan_us", "simp_us", "total_us", "cost0", "cost", "iters"):
        d[k] = stats([r[k] for r in solved])
    return d


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--problems"), ap.add_argument("--models", default=MODELS)
    ap.add_argument("--robot", default="panda"), ap.add_argument("--trials", type=int, default=3)
    ap.add_argument("--rep", type=int, default=3), ap.add_argument("--effort", default="quick")
    ap.add_argument("--baseline", action="store_true", help="build for any x86-64 instead of AVX2; the paths are the same")
    ap.add_argument("--meshes", help="site-packages with the makers' meshes")
    ap.add_argument("--out"), ap.add_argument("--raw")
    a = ap.parse_args()
    crate = os.path.join(HERE, "plan")
    target = os.path.join(crate, "target", "baseline" if a.baseline else "avx2")
    env = dict(os.environ)
    if not a.baseline and platform.machine() == "x86_64":
        env["RUSTFLAGS"] = "-C target-cpu=x86-64-v3"
    subprocess.run(["cargo", "build", "--release", "--quiet", "--target-dir", target], cwd=crate, env=env, check=True)
    problems, models = a.problems, a.models
    if not problems:
        unpacked = tempfile.TemporaryDirectory()
        problems = unpacked.name
        with lzma.open(os.path.join(crate, "problems", f"mbm_{a.robot}.json.xz")) as packed, open(os.path.join(problems, f"mbm_{a.robot}_dev.json"), "wb") as f:
            shutil.copyfileobj(packed, f)
    if a.meshes:
        exact = tempfile.TemporaryDirectory()
        models = exact.name
        with_meshes(a.robot, a.models, a.meshes, models)
    command = [os.path.join(target, "release", "leitai-bench-plan"), problems, models, a.robot, str(a.trials), str(a.rep), a.effort]
    lines = [json.loads(line) for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()]
    ready, runs = lines[0], lines[1:]
    scenes = defaultdict(list)
    for r in runs:
        scenes[r["scene"]].append(r)
    every = agg(runs)
    results = {"robot": a.robot, "planner": "leitai " + a.effort, "sampler": "halton", "trials": a.trials, "rep": a.rep,
               "problems": len(runs) // a.trials, "invalid_in_sphere_model": sum(r.get("invalid", False) for r in runs) // a.trials,
               "ready_ms": ready["ready_ms"], "calibration_ns": ready["calibration_ns"], "all": every,
               "scenes": {k: agg(v) for k, v in sorted(scenes.items())}}
    cpu = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "") if os.path.exists("/proc/cpuinfo") else ""
    bars = [bar(f"planning, {a.robot}, {a.effort}: free problems not solved", every["valid_runs"] - every["solved"], 0),
            bar(f"planning, {a.robot}: ready after", ready["ready_ms"] / 1e3, 5, "s")]
    if a.robot in VAMP:
        # With more effort the bar is 0.92 times the length in twice the median time.
        time_bar, length_bar = (1.0, 1.0) if a.effort == "quick" else (2.0, 0.92)
        median, tail, length = VAMP[a.robot]
        rows = [("median time", every["total_us"]["median"], median, time_bar), ("mean length", every["cost"]["mean"], length, length_bar)]
        if a.effort == "quick":
            rows.insert(1, ("95th percentile of the time", every["total_us"]["p95"], tail, 0.8))
        bars += [bar(f"planning, {a.robot}, {a.effort}: {name}", ours / peer, most, "×", f"VAMP, another machine ({peer:g})") for name, ours, peer, most in rows]
    out = {"bench": "plan_mbm", "env": {"cpu": cpu, "cores": os.cpu_count(), "loadavg": list(os.getloadavg()),
           "utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}, "results": results, "bars": bars}
    if a.out:
        with open(a.out, "w") as f:
            json.dump(out, f, indent=1)
    if a.raw:
        with open(a.raw, "w") as f:
            json.dump(runs, f)
    for r in runs:
        if not r["solved"]:
            print(f"{r['scene']} {r['index']}: {r['why']}", file=sys.stderr)
    print(f"{a.robot}, {a.effort}: {every['solved']} of {every['valid_runs']} solved, {results['invalid_in_sphere_model']} problems refused for an end that touches, "
          f"{sum(r.get('exact', False) for r in runs)} runs decided by shapes; "
          f"ready in {ready['ready_ms']:.1f} ms; calibration {ready['calibration_ns']:.2f} ns an operation")
    for b in bars:
        print(f"{b['what']:56} {b['measured']:8.2f} {b['unit']:2} bar {b['at_most']:g} {'holds' if holds(b) else 'MISSED'}")
    sys.exit(0 if all(map(holds, bars)) else 1)


if __name__ == "__main__":
    main()
