"""Ruckig's durations of random transfers, one line each: joints, duration [s], then p0 v0 a0 pf vf, limits of velocity, acceleration and jerk
of every joint. Usage: pip install ruckig==0.19.4 numpy; python write.py > transfers.txt"""
from importlib.metadata import version
import numpy as np
from ruckig import InputParameter, Result, Ruckig, Trajectory

print(f"# ruckig {version('ruckig')} (MIT), oracle/ruckig/write.py, numpy {np.__version__} default_rng(20)")
r = np.random.default_rng(20)
for case in range(400):
    dof = 1 if case % 3 else 7
    moving, to_moving, disturbed = case % 4 > 0, case % 4 > 1, case % 5 == 0
    vm, am, jm = r.uniform(1, 3, dof), r.uniform(5, 15, dof), r.uniform(50, 200, dof)
    p0, pf = r.uniform(-2.8, 2.8, dof), r.uniform(-2.8, 2.8, dof)
    if case % 7 == 0:
        pf = p0 + r.uniform(-.05, .05, dof)
    v0 = r.uniform(-.9, .9, dof) * vm * moving
    a0 = r.uniform(-1, 1, dof) * np.minimum(am * .9, np.sqrt(2 * jm * np.maximum(vm - np.abs(v0), 1e-3)) * .9) * moving
    vf = r.uniform(-.5, .5, dof) * vm * to_moving
    if disturbed:
        v0[0] *= r.uniform(1, 2)
        a0[0] *= r.uniform(1, 2)
    i = InputParameter(dof)
    i.current_position, i.current_velocity, i.current_acceleration = p0.tolist(), v0.tolist(), a0.tolist()
    i.target_position, i.target_velocity, i.target_acceleration = pf.tolist(), vf.tolist(), [0.0] * dof
    i.max_velocity, i.max_acceleration, i.max_jerk = vm.tolist(), am.tolist(), jm.tolist()
    trajectory = Trajectory(dof)
    if Ruckig(dof).calculate(i, trajectory) not in (Result.Working, Result.Finished):
        continue
    numbers = [trajectory.duration, *np.stack([p0, v0, a0, pf, vf, vm, am, jm], 1).ravel()]
    print(dof, *(f"{float(x)!r}" for x in numbers))
