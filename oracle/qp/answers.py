"""Two solvers' answers to the quadratic programs in crates/control/tests/programs, written beside them.

quadprog 0.1.14 (Goldfarb-Idnani in Fortran's descendant, exact to rounding) and DAQP 0.11.0 (dual active set on the normal
equations, feasible to 1e-12). ProxQP was tried: on `ik7_2` it stops 1e-6 away from both, whatever tolerance it is asked for. Usage, with requirements.txt installed: python oracle/qp/answers.py
A program file holds programs one after the other: `program NAME n p m`, then lines `H`, `g`, `A`, `b`, `C`, `l`, `u` with their
numbers row by row. An answer is a line `NAME SOLVER objective x_1 ... x_n`.
"""
import pathlib

import daqp
import numpy as np
import quadprog

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "crates/control/tests/programs"


def programs(path):
    found = []
    for line in path.read_text().splitlines():
        key, *rest = line.split()
        if key == "program":
            name, (n, p, m) = rest[0], map(int, rest[1:])
            found.append((name, n, p, m, {}))
        elif key != "#":
            found[-1][4][key] = np.array([float(x) for x in rest])
    for name, n, p, m, d in found:
        yield name, d["H"].reshape(n, n), d["g"], d["A"].reshape(p, n), d["b"], d["C"].reshape(m, n), d["l"], d["u"]


def by_quadprog(h, g, a, b, c, l, u):
    return quadprog.solve_qp(h, -g, np.vstack([a, c, -c]).T, np.concatenate([b, l, -u]), len(b))[0]


def by_daqp(h, g, a, b, c, l, u):
    rows = np.ascontiguousarray(np.vstack([a, c]))
    sense = np.array([5] * len(b) + [0] * len(l), dtype=np.int32)
    x, _, flag, _ = daqp.solve(h, g, rows, np.concatenate([b, u]), np.concatenate([b, l]), sense, primal_tol=1e-12)
    assert flag == 1, flag
    return x


out = ["# Answers of two solvers; made by oracle/qp/answers.py."]
for path in sorted(FOLDER.glob("*.qp")):
    for name, h, g, *rest in programs(path):
        h = (h + h.T) / 2
        for solver, solve in (("quadprog-0.1.14", by_quadprog), ("daqp-0.11.0", by_daqp)):
            x = solve(h, g, *rest)
            out.append(" ".join([name, solver, repr(float(0.5 * x @ h @ x + g @ x))] + [repr(float(v)) for v in x]))
(FOLDER / "answers.txt").write_text("\n".join(out) + "\n")
