#!/usr/bin/env python3
"""MuJoCo's own answers on a model, as the reference another engine is checked against.

  oracle.py MODEL.(xml|urdf) [--seed N] [--states K] [--seconds S] [--out FILE.json]   one model
  oracle.py --write own|real [--only NAME ...] --outdir DIR                            those that models.toml lists
  oracle.py --schema                                                                   every element and attribute of MJCF

A file of format `leitai-oracle-1` is one JSON object, full double precision (shortest text that reads back the same):

  floating fusestatic   how a URDF was read: its root link free; links without joints joined to their parents (never, here)
  sizes option names    what was compiled
  model_const           masses, inertias, frames, sizes, limits, contact parameters, and MuJoCo's derived constants
                        (invweight0, meaninertia) that its constraint model rests on
  states[k]             k seeded random states; with `home`, state 0 is the first keyframe, else the reference state
    qpos qvel ctrl act mocap_pos mocap_quat            the input
    xpos xquat xipos cvel geom_xpos site_xpos subtree_com ten_length actuator_length
    M (dense, row major) qfrc_bias qfrc_passive qfrc_actuator actuator_force act_dot qacc_smooth energy
    free                qacc and sensordata with every constraint disabled
    contact             with everything enabled: qacc, qfrc_constraint, the constraint rows (efc: type, id, pos, margin,
                        D, aref, force, in MuJoCo's order), contacts (geoms, dist, pos, frame, dim, friction, solref,
                        solimp, force in the contact frame), sensordata, Newton iterations
  rollout               if `seconds` is above 0: from the first keyframe (else the reference state) under ctrl = home + amp sin(2 pi t + phase):
                        t, qpos, qvel, energy, ncon, sensordata, every `every` steps and at the end

Conventions are MuJoCo's: quaternions (w, x, y, z); a free joint's linear velocity in the world and its angular velocity
in the body; `cvel` rotational first, at the kinematic tree's center of mass; matrices row major; contact normals from
geom 1 to geom 2 in the first row of `frame`.

Random states come from a 64-bit linear congruential generator, so that they do not change with Python's version. Free
bodies move by +-`shift_m` and turn by up to `turn_rad` about the reference pose, so that contacts stay likely; hinges and
slides are drawn inside their limits (or +-1 rad, +-0.1 m); velocities in +-1; controls inside their ranges.
"""
import argparse
import contextlib
import json
import math
import os
import re
import sys
import tomllib

import mujoco
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
MASK = (1 << 64) - 1
# As integers: MuJoCo's enumerations do not compare equal to numpy's from either side.
FREE, BALL, HINGE = (int(t) for t in (mujoco.mjtJoint.mjJNT_FREE, mujoco.mjtJoint.mjJNT_BALL, mujoco.mjtJoint.mjJNT_HINGE))


class Lcg:
    """Knuth's MMIX generator; the top 53 bits make a double in [0, 1)."""

    def __init__(self, seed):
        self.s = (seed * 0x9E3779B97F4A7C15 + 12345) & MASK
        for _ in range(4):
            self.u()

    def u(self):
        self.s = (self.s * 6364136223846793005 + 1442695040888963407) & MASK
        return (self.s >> 11) / 9007199254740992.0

    def sym(self):
        return 2.0 * self.u() - 1.0


def F(a):
    """A flat list of doubles; zeros (of either sign) as the integer 0, which keeps sparse matrices short."""
    return [float(x) if x != 0 else 0 for x in np.asarray(a, float).ravel()]


def I(a):
    return [int(x) for x in np.asarray(a).ravel()]


def enum_name(enum, value, cut):
    return enum(int(value)).name[cut:].lower()


def resolve_packages(text, folder):
    """package:// names in a URDF, made into paths by looking upward from the file's folder."""
    def sub(found):
        rel, probe = found.group(1), folder
        while probe != '/':
            for c in (os.path.join(probe, rel), os.path.join(probe, rel.split('/', 1)[-1]), os.path.join(probe, 'share', rel)):
                if os.path.exists(c):
                    return 'filename="%s"' % c
            probe = os.path.dirname(probe)
        return found.group(0)
    return re.sub(r'filename="package://([^"]+)"', sub, text)


def load(path, floating=False, balance=False):
    """MJCF as it is. URDF through MuJoCo's importer: visuals dropped, links joined by fixed joints kept as bodies, the
    root link free when `floating`, impossible inertias made possible when `balance`."""
    if not path.endswith('.urdf'):
        return mujoco.MjModel.from_xml_path(path)
    text = resolve_packages(open(path).read(), os.path.dirname(os.path.abspath(path)))
    compiler = '<compiler strippath="false" discardvisual="true" fusestatic="false" balanceinertia="%s"/>' % str(balance).lower()
    text = re.sub(r'(<robot[^>]*>)', lambda m: m.group(1) + '<mujoco>' + compiler + '</mujoco>', text, count=1)
    spec = mujoco.MjSpec.from_string(text)
    if floating:
        spec.worldbody.first_body().add_freejoint()
    return spec.compile()


def reset(m, d):
    if m.nkey:
        mujoco.mj_resetDataKeyframe(m, d, 0)
    else:
        mujoco.mj_resetData(m, d)


def random_state(m, d, g, shift_m, turn_rad):
    reset(m, d)
    for j in range(m.njnt):
        a, kind = m.jnt_qposadr[j], m.jnt_type[j]
        if kind == FREE:
            for i in range(3):
                d.qpos[a + i] += shift_m * g.sym()
            w = np.array([turn_rad * g.sym() for _ in range(3)])
            turn, q = np.zeros(4), np.zeros(4)
            mujoco.mju_axisAngle2Quat(turn, w / (np.linalg.norm(w) + 1e-12), float(np.linalg.norm(w)))
            mujoco.mju_mulQuat(q, d.qpos[a + 3:a + 7].copy(), turn)
            d.qpos[a + 3:a + 7] = q / np.linalg.norm(q)
        elif kind == BALL:
            q = np.array([1.0 + g.u()] + [g.sym() for _ in range(3)])
            d.qpos[a:a + 4] = q / np.linalg.norm(q)
        elif m.jnt_limited[j]:
            lo, hi = m.jnt_range[j]
            d.qpos[a] = lo + (hi - lo) * (1.1 * g.u() - 0.05)  # a little outside too, so that limits act
        else:
            d.qpos[a] = (1.0 if kind == HINGE else 0.1) * g.sym()
    for i in range(m.nv):
        d.qvel[i] = g.sym()
    for i in range(m.nu):
        lo, hi = m.actuator_ctrlrange[i] if m.actuator_ctrllimited[i] else (-1.0, 1.0)
        d.ctrl[i] = lo + (hi - lo) * (1.2 * g.u() - 0.1)  # a little outside too, so that clamping shows
    for i in range(m.na):
        d.act[i] = 0.2 * g.u()


def unconstrained(m, d):
    M = np.zeros((m.nv, m.nv))
    if m.nv:
        mujoco.mj_fullM(m, d, M)
    return dict(xpos=F(d.xpos), xquat=F(d.xquat), xipos=F(d.xipos), cvel=F(d.cvel), geom_xpos=F(d.geom_xpos),
                site_xpos=F(d.site_xpos), subtree_com=F(d.subtree_com), ten_length=F(d.ten_length),
                actuator_length=F(d.actuator_length), M=F(M), qfrc_bias=F(d.qfrc_bias), qfrc_passive=F(d.qfrc_passive),
                qfrc_actuator=F(d.qfrc_actuator), actuator_force=F(d.actuator_force), act_dot=F(d.act_dot),
                qacc_smooth=F(d.qacc_smooth), energy=F(d.energy), free=dict(qacc=F(d.qacc), sensordata=F(d.sensordata)))


def contacts(m, d):
    out, f = [], np.zeros(6)
    for i in range(d.ncon):
        c = d.contact[i]
        mujoco.mj_contactForce(m, d, i, f)
        out.append(dict(geom=I(c.geom), dist=float(c.dist), pos=F(c.pos), frame=F(c.frame), dim=int(c.dim),
                        includemargin=float(c.includemargin), friction=F(c.friction), solref=F(c.solref),
                        solreffriction=F(c.solreffriction), solimp=F(c.solimp), exclude=int(c.exclude), force=F(f)))
    return out


def constrained(m, d):
    n = d.nefc
    rows = dict(type=[enum_name(mujoco.mjtConstraint, t, 7) for t in d.efc_type[:n]], id=I(d.efc_id[:n]), pos=F(d.efc_pos[:n]),
                margin=F(d.efc_margin[:n]), D=F(d.efc_D[:n]), aref=F(d.efc_aref[:n]), force=F(d.efc_force[:n]))
    return dict(qacc=F(d.qacc), qfrc_constraint=F(d.qfrc_constraint), nefc=int(n), efc=rows, ncon=int(d.ncon),
                contacts=contacts(m, d), sensordata=F(d.sensordata), solver_niter=int(np.max(d.solver_niter)) if n else 0)


def describe(m):
    o = m.opt
    names = {k: [getattr(m, k)(i).name for i in range(n)] for k, n in
             (('body', m.nbody), ('joint', m.njnt), ('geom', m.ngeom), ('site', m.nsite), ('tendon', m.ntendon),
              ('actuator', m.nactuator), ('sensor', m.nsensor), ('mesh', m.nmesh))}
    const = dict(
        body_parent=I(m.body_parentid), body_pos=F(m.body_pos), body_quat=F(m.body_quat), body_mass=F(m.body_mass),
        body_inertia=F(m.body_inertia), body_ipos=F(m.body_ipos), body_iquat=F(m.body_iquat),
        body_invweight0=F(m.body_invweight0), total_mass=float(m.body_mass.sum()), meaninertia=float(m.stat.meaninertia),
        qpos0=F(m.qpos0), qpos_spring=F(m.qpos_spring), jnt_type=I(m.jnt_type), jnt_body=I(m.jnt_bodyid), jnt_pos=F(m.jnt_pos),
        jnt_axis=F(m.jnt_axis), jnt_limited=I(m.jnt_limited), jnt_range=F(m.jnt_range),
        jnt_stiffness=F(np.ravel(m.jnt_stiffness)), dof_armature=F(m.dof_armature), dof_damping=F(np.ravel(m.dof_damping)),
        dof_frictionloss=F(m.dof_frictionloss), dof_invweight0=F(m.dof_invweight0),
        geom_type=I(m.geom_type), geom_body=I(m.geom_bodyid), geom_size=F(m.geom_size), geom_pos=F(m.geom_pos),
        geom_quat=F(m.geom_quat), geom_condim=I(m.geom_condim), geom_friction=F(m.geom_friction), geom_solref=F(m.geom_solref),
        geom_solimp=F(m.geom_solimp), geom_margin=F(m.geom_margin), geom_gap=F(m.geom_gap), site_body=I(m.site_bodyid),
        site_pos=F(m.site_pos), site_quat=F(m.site_quat), tendon_length0=F(m.tendon_length0),
        tendon_invweight0=F(m.tendon_invweight0), actuator_gear=F(m.actuator_gear), actuator_gainprm=F(m.actuator_gainprm[:, :3]),
        actuator_biasprm=F(m.actuator_biasprm[:, :3]), actuator_ctrllimited=I(m.actuator_ctrllimited),
        actuator_ctrlrange=F(m.actuator_ctrlrange), actuator_forcelimited=I(m.actuator_forcelimited),
        actuator_forcerange=F(m.actuator_forcerange))
    return dict(
        sizes=dict(nq=m.nq, nv=m.nv, nu=m.nu, na=m.na, nbody=m.nbody, ngeom=m.ngeom, njnt=m.njnt, nsite=m.nsite,
                   nsensor=m.nsensor, nsensordata=m.nsensordata, neq=m.neq, ntendon=m.ntendon, nmesh=m.nmesh),
        option=dict(timestep=o.timestep, integrator=enum_name(mujoco.mjtIntegrator, o.integrator, 6),
                    solver=enum_name(mujoco.mjtSolver, o.solver, 6), cone=enum_name(mujoco.mjtCone, o.cone, 7),
                    iterations=int(o.iterations), tolerance=o.tolerance, ccd_tolerance=o.ccd_tolerance, impratio=o.impratio,
                    gravity=F(o.gravity), disableflags=int(o.disableflags), enableflags=int(o.enableflags)),
        names=names, model_const=const)


@contextlib.contextmanager
def converged(m):
    """MuJoCo's answers, not where its iterations happen to stop: tolerances for the solver and for curved shapes that leave
    only rounding. The convex problem has one solution, and Newton's method comes to it by fewer roundings than the others. The
    file keeps the model's own options, and rollouts run with them."""
    names = ('solver', 'tolerance', 'ls_tolerance', 'iterations', 'ls_iterations', 'ccd_tolerance', 'ccd_iterations')
    kept = {name: getattr(m.opt, name) for name in names}
    m.opt.tolerance, m.opt.ls_tolerance, m.opt.iterations, m.opt.ls_iterations = 1e-15, 1e-6, 500, 200
    m.opt.ccd_tolerance, m.opt.ccd_iterations = 1e-14, 500
    m.opt.solver = mujoco.mjtSolver.mjSOL_NEWTON
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(m.opt, name, value)


def answer_state(m, d, save):
    """MuJoCo's answers at the state that stands in `d`: once without constraints, once with everything."""
    given = [x.copy() for x in (d.qpos, d.qvel, d.ctrl, d.act, d.mocap_pos, d.mocap_quat)]
    r = dict(zip(('qpos', 'qvel', 'ctrl', 'act', 'mocap_pos', 'mocap_quat'), map(F, given)))

    def put():
        mujoco.mj_resetData(m, d)
        for to, value in zip((d.qpos, d.qvel, d.ctrl, d.act, d.mocap_pos, d.mocap_quat), given):
            if len(value):
                to[:] = value
        mujoco.mj_forward(m, d)

    m.opt.disableflags = save | mujoco.mjtDisableBit.mjDSBL_CONSTRAINT
    put()
    r.update(unconstrained(m, d))
    m.opt.disableflags = save
    with converged(m):
        put()
        r['contact'] = constrained(m, d)
    return r


def rollout(m, d, g, seconds):
    reset(m, d)
    home, amp, phase = d.ctrl.copy(), np.zeros(m.nu), np.zeros(m.nu)
    for i in range(m.nu):
        lo, hi = m.actuator_ctrlrange[i] if m.actuator_ctrllimited[i] else (-1.0, 1.0)
        amp[i], phase[i] = 0.05 * (hi - lo), 2 * math.pi * g.u()
        home[i] = min(max(home[i], lo), hi)
    n, every = int(round(seconds / m.opt.timestep)), max(1, int(round(0.02 / m.opt.timestep)))
    out = dict(ctrl_home=F(home), ctrl_amp=F(amp), ctrl_phase=F(phase), ctrl_freq_hz=1.0, nstep=n, every=every,
               qpos_start=F(d.qpos), qvel_start=F(d.qvel), t=[], qpos=[], qvel=[], energy=[], ncon=[], sensordata=[])
    for i in range(n + 1):
        if i % every == 0 or i == n:
            for key, value in (('qpos', d.qpos), ('qvel', d.qvel), ('energy', d.energy), ('sensordata', d.sensordata)):
                out[key].append(F(value))
            out['t'].append(float(d.time))
            out['ncon'].append(int(d.ncon))
        if i < n:
            d.ctrl[:] = home + amp * np.sin(2 * math.pi * d.time + phase)
            mujoco.mj_step(m, d)
    out['warnings'] = int(sum(w.number for w in d.warning))
    out['finite'] = bool(np.isfinite(d.qpos).all())
    return out


def oracle(path, seed=0, states=8, seconds=1.0, home=False, shift_m=0.2, turn_rad=0.5, floating=False,
           balance=False):
    m = load(path, floating, balance)
    m.opt.enableflags |= int(mujoco.mjtEnableBit.mjENBL_ENERGY)
    d, g, save = mujoco.MjData(m), Lcg(seed), int(m.opt.disableflags)
    out = dict(format='leitai-oracle-1', engine='mujoco ' + mujoco.__version__, model=os.path.basename(path), seed=seed,
               floating=floating, **({'fusestatic': False} if path.endswith('.urdf') else {}), **describe(m), states=[])
    for k in range(states):
        if home and k == 0:
            reset(m, d)
        else:
            random_state(m, d, g, shift_m, turn_rad)
        out['states'].append(answer_state(m, d, save))
    if seconds > 0:
        out['rollout'] = rollout(m, d, g, seconds)
    return out


def write(out, path):
    """One line per part and per state, so that a change shows where it is. Linked into place when complete."""
    dump = lambda x: json.dumps(x, separators=(',', ':'), allow_nan=False)
    lines = []
    for key, value in out.items():
        text = '[\n' + ',\n'.join(map(dump, value)) + '\n]' if key == 'states' else dump(value)
        lines.append('"%s":%s' % (key, text))
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path + '.part', 'w') as f:
        f.write('{' + ',\n'.join(lines) + '}\n')
    os.replace(path + '.part', path)


def summary(name, o):
    s, r = o['sizes'], o.get('rollout')
    moved = '' if r is None else ' | rollout contacts %d%s' % (
        r['ncon'][-1], '' if r['finite'] and not r['warnings'] else ' | NOT FINITE OR WARNED')
    return '%-24s nq %3d nv %3d nu %3d geoms %3d | contacts %-18s rows %-18s | %s/%s%s' % (
        name, s['nq'], s['nv'], s['nu'], s['ngeom'], [x['contact']['ncon'] for x in o['states']],
        [x['contact']['nefc'] for x in o['states']], o['option']['integrator'], o['option']['cone'], moved)


def find(rel):
    """A file of an installed package, by its path inside the package."""
    for root in sys.path:
        for sub in ('', 'cmeel.prefix/share'):
            p = os.path.join(root, sub, rel)
            if os.path.exists(p):
                return p
    raise FileNotFoundError('%s is not installed; run oracle/install.sh' % rel)


def write_listed(which, only, outdir):
    table = tomllib.load(open(os.path.join(HERE, 'models.toml'), 'rb'))
    defaults, bad = table['defaults'][which], 0
    for entry in table[which]:
        entry = dict(defaults, **entry)
        name, file = entry.pop('name'), entry.pop('file')
        entry.pop('shows', None)
        if only and name not in only:
            continue
        try:
            o = oracle(os.path.join(HERE, 'models', file) if which == 'own' else find(file), **entry)
            write(o, os.path.join(outdir, name + '.json'))
            print(summary(name, o))
            if 'rollout' in o and (o['rollout']['warnings'] or not o['rollout']['finite']):
                raise ValueError('its rollout is unstable: no reference for anything')
        except (ValueError, FileNotFoundError) as e:
            bad += 1
            print('FAIL %s: %s' % (name, e), file=sys.stderr)
    return 1 if bad else 0


def main():
    ap = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    ap.add_argument('model', nargs='?')
    ap.add_argument('--seed', type=int, default=0)
    ap.add_argument('--states', type=int, default=8)
    ap.add_argument('--seconds', type=float, default=1.0)
    ap.add_argument('--home', action='store_true', help='state 0 is the first keyframe, else the reference state')
    ap.add_argument('--floating', action='store_true', help='a URDF whose root link is free')
    ap.add_argument('--out')
    ap.add_argument('--write', choices=['own', 'real'])
    ap.add_argument('--only', nargs='*')
    ap.add_argument('--outdir')
    ap.add_argument('--schema', action='store_true', help='print every element and attribute that MJCF has')
    a = ap.parse_args()
    if a.schema:
        print(mujoco.mj_printSchema(False, False), end='')
        return 0
    if a.write:
        if not a.outdir:
            ap.error('--write needs --outdir')
        return write_listed(a.write, a.only, a.outdir)
    if not a.model:
        ap.error('give MODEL or --write')
    o = oracle(a.model, a.seed, a.states, a.seconds, a.home, floating=a.floating)
    print(summary(os.path.basename(a.model), o), file=sys.stderr)
    if a.out:
        write(o, a.out)
    else:
        json.dump(o, sys.stdout)
        print()
    return 0


if __name__ == '__main__':
    sys.exit(main())
