// Writes dev/out/{report,refuted,rejected,model}.html: pages with made-up data, to develop and test the page with; and test/page.json,
// a small report and model with every field of the wire form, which Rust's tests read.
// None of it is evidence; each page says so at its top. The arm's link lengths are a UR20's, moved by a small inverse kinematics.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { base64, changes, series, trackBody } from './wire.mjs';

const here = new URL('.', import.meta.url);
const template = readFileSync(new URL('../dist/report.html', here), 'utf8');
mkdirSync(new URL('out/', here), { recursive: true });

export function page(data) {
  const marker = 'id="leitai-data">null</script>';
  if (!template.includes(marker)) throw new Error('dist/report.html has no data element; run npm run build');
  return template.replace(marker, () => `id="leitai-data">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`);
}

// --- numbers -------------------------------------------------------------------------------------------------------
let state = 20260101;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 4294967296;
};
const normal = () => Math.sqrt(-2 * Math.log(uniform() + 1e-12)) * Math.cos(2 * Math.PI * uniform());
const hex = (n) => Array.from({ length: n }, () => Math.floor(uniform() * 16).toString(16)).join('');
const text = (zh, en) => ({ zh, en });

// --- the arm: rotation matrices as rows ------------------------------------------------------------------------------
const mul = (a, b) => a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));
const rotX = (t) => [[1, 0, 0, 0], [0, Math.cos(t), -Math.sin(t), 0], [0, Math.sin(t), Math.cos(t), 0], [0, 0, 0, 1]];
const rotZ = (t) => [[Math.cos(t), -Math.sin(t), 0, 0], [Math.sin(t), Math.cos(t), 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
const move = (x, y, z) => [[1, 0, 0, x], [0, 1, 0, y], [0, 0, 1, z], [0, 0, 0, 1]];
const BASE_Z = 0.45;
const FRAMES = [
  move(0, 0, BASE_Z + 0.2363), rotX(Math.PI / 2), move(-0.862, 0, 0), move(-0.7287, 0, 0.201),
  mul(move(0, -0.1593, 0), rotX(Math.PI / 2)), mul(move(0, 0.1543, 0), rotX(-Math.PI / 2)),
];
const TOOL = 0.22;
function links(q) {
  let pose = move(0, 0, 0);
  return FRAMES.map((frame, i) => (pose = mul(mul(pose, frame), rotZ(q[i]))));
}
const tip = (q) => mul(links(q)[5], move(0, 0, TOOL));
function solve(A, b) {
  const n = b.length;
  const m = A.map((row, i) => [...row, b[i]]);
  for (let i = 0; i < n; i++) {
    let best = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(m[r][i]) > Math.abs(m[best][i])) best = r;
    [m[i], m[best]] = [m[best], m[i]];
    for (let r = 0; r < n; r++) if (r !== i) {
      const f = m[r][i] / m[i][i];
      for (let c = i; c <= n; c++) m[r][c] -= f * m[i][c];
    }
  }
  return m.map((row, i) => row[n] / row[i]);
}
/** Joint positions that put the tip at `goal`, pointing down and turned by `yaw`; damped least squares from `q`. */
function inverse(q, goal, yaw) {
  q = [...q];
  const want = [[Math.cos(yaw), Math.sin(yaw), 0], [Math.sin(yaw), -Math.cos(yaw), 0], [0, 0, -1]];
  for (let step = 0; step < 60; step++) {
    const at = tip(q);
    const error = [0, 1, 2].map((i) => goal[i] - at[i][3]);
    for (const [i, j] of [[1, 2], [2, 0], [0, 1]]) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += at[i][k] * want[j][k] - at[j][k] * want[i][k];
      error.push(0.5 * sum);
    }
    if (Math.hypot(...error) < 1e-5) break;
    const all = links(q);
    const columns = all.map((link) => {
      const axis = [link[0][2], link[1][2], link[2][2]];
      const r = [0, 1, 2].map((i) => at[i][3] - link[i][3]);
      return [axis[1] * r[2] - axis[2] * r[1], axis[2] * r[0] - axis[0] * r[2], axis[0] * r[1] - axis[1] * r[0], ...axis];
    });
    const H = columns.map((a, i) => columns.map((b, j) => a.reduce((sum, x, k) => sum + x * b[k], 0) + (i === j ? 1e-4 : 0)));
    const g = columns.map((a) => a.reduce((sum, x, k) => sum + x * error[k], 0));
    solve(H, g).forEach((d, i) => (q[i] += Math.max(-0.2, Math.min(0.2, d))));
  }
  return q;
}
function quaternion(m) {
  const t = m[0][0] + m[1][1] + m[2][2];
  let q;
  if (t > 0) {
    const s = 2 * Math.sqrt(t + 1);
    q = [s / 4, (m[2][1] - m[1][2]) / s, (m[0][2] - m[2][0]) / s, (m[1][0] - m[0][1]) / s];
  } else {
    const i = m[0][0] > m[1][1] && m[0][0] > m[2][2] ? 0 : m[1][1] > m[2][2] ? 1 : 2;
    const [j, k] = [(i + 1) % 3, (i + 2) % 3];
    const s = 2 * Math.sqrt(1 + m[i][i] - m[j][j] - m[k][k]);
    q = [(m[k][j] - m[j][k]) / s, 0, 0, 0];
    q[1 + i] = s / 4;
    q[1 + j] = (m[j][i] + m[i][j]) / s;
    q[1 + k] = (m[k][i] + m[i][k]) / s;
  }
  return q;
}
const poseOf = (m) => [m[0][3], m[1][3], m[2][3], ...quaternion(m)];

// --- the scene -------------------------------------------------------------------------------------------------------
const BLOCK = [0.195, 0.12, 0.095];
const BLOCKS = 8;
const bodies = [];
const geoms = [];
const body = (name, role, position = [0, 0, 0], rotation = [1, 0, 0, 0]) => bodies.push({ name, role, position, rotation }) - 1;
const geom = (of, kind, size, position, rgba, rotation = [1, 0, 0, 0], group = 1) => geoms.push({ body: of, kind, size, position, rotation, rgba, group, mesh: null });
const S = Math.SQRT1_2;
const GRAY = [0.79, 0.81, 0.83, 1];
const DARK = [0.2, 0.22, 0.25, 1];
const BLUE = [0.33, 0.6, 0.8, 1];
const WOOD = [0.72, 0.56, 0.36, 1];
const STONE = [0.77, 0.76, 0.73, 1];
const world = body('world', 'world');
geom(world, 'plane', [0, 0, 0.05], [0, 0, 0], [0.5, 0.5, 0.5, 1]);
geom(world, 'box', [0.2, 0.2, BASE_Z / 2], [0, 0, BASE_Z / 2], [0.3, 0.33, 0.37, 1]);
geom(world, 'cylinder', [0.14, 0.05], [0, 0, BASE_Z + 0.05], DARK);
const STACK = [0.95, -0.15];
const SOURCE = [-0.1, 1.05];
for (const [x, y] of [STACK, SOURCE]) {
  for (let i = -1; i <= 1; i++) geom(world, 'box', [0.05, 0.42, 0.045], [x + i * 0.42, y, 0.045], WOOD);
  for (let i = -3; i <= 3; i++) geom(world, 'box', [0.5, 0.05, 0.011], [x, y + i * 0.125, 0.101], WOOD);
}
const names = ['shoulder', 'upper_arm', 'forearm', 'wrist_1', 'wrist_2', 'wrist_3'];
const home = inverse([-2.4, -1.2, 1.6, -1.97, -1.57, 0.7], [0.6, 0.55, 1.0], 0);
const armBodies = names.map((name, i) => {
  const [x, y, z, ...r] = poseOf(links(home)[i]);
  return body(name, 'robot', [x, y, z], r);
});
const onX = [S, 0, S, 0];
const onY = [S, S, 0, 0];
geom(armBodies[0], 'cylinder', [0.115, 0.13], [0, 0, -0.05], GRAY);
geom(armBodies[0], 'cylinder', [0.105, 0.12], [0, -0.03, 0], GRAY, onY);
geom(armBodies[0], 'cylinder', [0.106, 0.008], [0, 0.095, 0], BLUE, onY);
geom(armBodies[1], 'cylinder', [0.11, 0.13], [0, 0, 0.2], GRAY);
geom(armBodies[1], 'cylinder', [0.111, 0.008], [0, 0, 0.335], BLUE);
geom(armBodies[1], 'capsule', [0.078, 0.4], [-0.431, 0, 0.21], GRAY, onX);
geom(armBodies[1], 'cylinder', [0.095, 0.11], [-0.862, 0, 0.16], GRAY);
geom(armBodies[1], 'cylinder', [0.096, 0.008], [-0.862, 0, 0.275], BLUE);
geom(armBodies[2], 'cylinder', [0.085, 0.07], [0, 0, 0.05], GRAY);
geom(armBodies[2], 'capsule', [0.06, 0.33], [-0.364, 0, 0.055], GRAY, onX);
geom(armBodies[2], 'cylinder', [0.066, 0.075], [-0.7287, 0, 0.06], GRAY);
geom(armBodies[3], 'cylinder', [0.062, 0.075], [0, 0, 0], GRAY);
geom(armBodies[3], 'cylinder', [0.058, 0.07], [0, -0.075, 0], GRAY, onY);
geom(armBodies[3], 'cylinder', [0.063, 0.006], [0, 0, 0.078], BLUE);
geom(armBodies[4], 'cylinder', [0.062, 0.075], [0, 0, 0], GRAY);
geom(armBodies[4], 'cylinder', [0.056, 0.06], [0, 0.07, 0], GRAY, onY);
geom(armBodies[4], 'cylinder', [0.063, 0.006], [0, 0, 0.078], BLUE);
geom(armBodies[5], 'cylinder', [0.05, 0.03], [0, 0, -0.035], DARK);
const tool = body('clamp', 'tool', ...split(poseOf(tip(home))));
geom(tool, 'cylinder', [0.045, 0.04], [0, 0, -TOOL + 0.03], DARK);
geom(tool, 'box', [0.05, 0.16, 0.022], [0, 0, -0.135], [0.86, 0.45, 0.16, 1]);
const jaws = [1, -1].map((side) => {
  const id = body(side > 0 ? 'jaw_left' : 'jaw_right', 'tool');
  geom(id, 'box', [0.075, 0.008, 0.075], [0, 0, -0.03], DARK);
  geom(id, 'box', [0.055, 0.004, 0.045], [0, -side * 0.01, 0], [0.1, 0.1, 0.1, 1]);
  return id;
});
function split(pose) {
  return [pose.slice(0, 3), pose.slice(3)];
}
const cell = (i) => [(i % 2) * 2 - 1, Math.floor(i / 2) - 1.5];
const sourcePose = (i) => [SOURCE[0] + cell(i)[0] * 0.21, SOURCE[1] + cell(i)[1] * 0.255, 0.112 + BLOCK[2]];
const goalPose = (i) => [STACK[0] + cell(i)[0] * 0.2 + 0.0, STACK[1] + cell(i)[1] * 0.246, 0.112 + 3 * BLOCK[2] + 0.001];
for (let i = 0; i < BLOCKS; i++) {
  const base = body(`stack_${i + 1}`, 'work', [goalPose(i)[0], goalPose(i)[1], 0.112 + BLOCK[2]]);
  geom(base, 'box', BLOCK, [0, 0, 0], [STONE[0] * 0.93, STONE[1] * 0.93, STONE[2] * 0.93, 1]);
}
const blocks = Array.from({ length: BLOCKS }, (_, i) => {
  const id = body(`block_${i + 1}`, 'work', sourcePose(i));
  geom(id, 'box', BLOCK, [0, 0, 0], STONE);
  return id;
});
for (const id of armBodies) geom(id, 'sphere', [0.12], [0, 0, 0], [0.9, 0.3, 0.3, 0.4], [1, 0, 0, 0], 3);
const scene = { bodies, geoms, meshes: [], tool };

// --- one trial --------------------------------------------------------------------------------------------------------
const RATE = 30;
const smooth = (t) => t * t * t * (10 - 15 * t + 6 * t * t);
const TORQUE = [738, 738, 433, 107, 107, 107];
const SPEED = [120, 120, 150, 210, 210, 210].map((deg) => (deg * Math.PI) / 180);

function trial(index, role, drop) {
  const tracks = new Map([...armBodies, tool, ...jaws, ...blocks].map((id) => [id, []]));
  const events = [{ time_s: 0, kind: 'info', text: text('开始', 'Start') }];
  const log = { q: [], force: [] };
  const at = blocks.map((_, i) => [...sourcePose(i), 1, 0, 0, 0]);
  let q = home;
  let where = [0.6, 0.55, 1.0];
  let opening = 0.02;
  let held = -1;
  let grip = 0;
  const record = () => {
    q = inverse(q, where, 0);
    const all = links(q);
    armBodies.forEach((id, i) => tracks.get(id).push(poseOf(all[i])));
    const tipNow = tip(q);
    tracks.get(tool).push(poseOf(tipNow));
    jaws.forEach((id, k) => tracks.get(id).push(poseOf(mul(tipNow, move(0, (k ? -1 : 1) * (BLOCK[1] + 0.014 + opening), 0)))));
    if (held >= 0) at[held] = [where[0], where[1], where[2], 1, 0, 0, 0];
    blocks.forEach((id, i) => tracks.get(id).push([...at[i]]));
    log.q.push(q);
    log.force.push(held >= 0 ? grip + 14 * normal() : Math.max(0, 2 * normal()));
  };
  const go = (to, seconds) => {
    const from = where;
    const n = Math.round(seconds * RATE);
    for (let k = 1; k <= n; k++) {
      const s = smooth(k / n);
      where = from.map((x, i) => x + s * (to[i] - x));
      record();
    }
  };
  const now = () => log.q.length / RATE;
  const wait = (seconds, each = () => {}) => {
    const n = Math.round(seconds * RATE);
    for (let k = 1; k <= n; k++) {
      each(k / n);
      record();
    }
  };
  record();
  for (let i = BLOCKS - 1; i >= 0; i--) {
    const from = sourcePose(i);
    const to = goalPose(i).map((x, axis) => (axis < 2 ? x + 0.0018 * normal() : x));
    go([from[0], from[1], 0.75], 1.5);
    go(from, 1.0);
    wait(0.35, (s) => (opening = 0.02 * (1 - s)));
    events.push({ time_s: now(), kind: 'pick', text: text(`夹取第 ${BLOCKS - i} 块`, `Picks block ${BLOCKS - i}`) });
    held = i;
    grip = 640;
    go([from[0], from[1], 0.85], 1.1);
    go([0.7, 0.6, 1.0], 1.0);
    if (drop === i) {
      go([0.85, 0.35, 0.98], 0.7);
      events.push({ time_s: now() - 0.15, kind: 'slip', text: text('夹爪上的砌块开始滑动', 'The block slips in the clamp') });
      held = -1;
      const start = [...where];
      const fell = now();
      wait(0.42, () => {
        const t = now() - fell;
        const z = Math.max(BLOCK[2], start[2] - 4.905 * t * t);
        at[i] = [start[0] + 0.4 * t, start[1] - 0.5 * t, z, Math.cos(0.9 * t), Math.sin(0.9 * t), 0, 0];
      });
      events.push({ time_s: now(), kind: 'failure', text: text(`第 ${BLOCKS - i} 块掉落：夹持力 512 N，低于保持所需 588 N`, `Block ${BLOCKS - i} falls: grip 512 N, below the 588 N it takes to hold it`) });
      wait(1.5);
      break;
    }
    go([to[0], to[1], 0.85], 1.1);
    go(to, 1.2);
    held = -1;
    wait(0.3, (s) => (opening = 0.02 * s));
    events.push({ time_s: now(), kind: 'place', text: text(`放下第 ${BLOCKS - i} 块，偏差 ${(1.4 + 1.1 * uniform()).toFixed(1)} mm`, `Places block ${BLOCKS - i}, ${(1.4 + 1.1 * uniform()).toFixed(1)} mm off`) });
    go([to[0], to[1], 0.75], 0.7);
  }
  if (drop === undefined) {
    go([0.6, 0.55, 1.0], 1.4);
    events.push({ time_s: now(), kind: 'info', text: text('稳定性检验：0.05 g 侧向倾斜', 'Stability check: 0.05 g sideways') });
    wait(2);
  }
  const frames = log.q.length;
  const duration = (frames - 1) / RATE;
  const motion = { duration_s: duration, rate_hz: RATE, events, bodies: [...tracks].map(([id, poses]) => {
    for (let k = 1; k < poses.length; k++) {
      const dot = [3, 4, 5, 6].reduce((sum, j) => sum + poses[k][j] * poses[k - 1][j], 0);
      if (dot < 0) for (let j = 3; j < 7; j++) poses[k][j] = -poses[k][j];
    }
    return trackBody(id, changes(poses));
  }) };
  const speed = names.map((_, j) => log.q.map((each, k) => (k ? (each[j] - log.q[k - 1][j]) * RATE : 0)));
  const arm = [0, 330, 150, 26, 9, 5];
  const torque = names.map((_, j) => log.q.map((each, k) => {
    const load = log.force[k] > 100 ? 1.45 : 1;
    const bend = j === 1 ? Math.cos(each[1]) : j === 2 ? Math.cos(each[1] + each[2]) : Math.sin(each[j]);
    const acceleration = k > 1 ? (speed[j][k] - speed[j][k - 1]) * RATE : 0;
    return arm[j] * load * bend * 1.3 + [60, 55, 22, 2, 1.5, 0.6][j] * acceleration * 0.5 + 2 * normal();
  }));
  return {
    trial: index, role, passed: drop === undefined, scene: null, track: motion,
    series: [
      ...names.map((name, j) => series('effort', name, 'N·m', RATE, TORQUE[j], torque[j])),
      ...names.map((name, j) => series('speed', name, 'rad/s', RATE, SPEED[j], speed[j])),
      series('force', text('夹持力', 'Clamp force'), 'N', RATE, 800, log.force),
    ],
  };
}

// --- the report ---------------------------------------------------------------------------------------------------------
function report(refuted) {
  state = refuted ? 77 : 20260101;
  const n = refuted ? 74 : 186;
  const failing = refuted ? 0.34 : 0.011;
  const reasons = [
    text('砌块在搬运途中从夹爪滑落：夹持力低于保持所需', 'The block slipped out of the clamp in transit: the clamp force fell below what it takes to hold it'),
    text('放置偏差超过 5 mm：测量延迟期间垛面下沉', 'Placed more than 5 mm off: the stack settled during the measurement delay'),
    text('第 2 关节力矩达到数据表上限，轨迹落后 38 mm', 'Joint 2 reached its data-sheet torque and the path lagged by 38 mm'),
  ];
  const trials = Array.from({ length: n }, (_, index) => {
    const bad = uniform() < failing || (refuted && index === 11) || (!refuted && index === 137);
    const why = bad ? Math.floor(uniform() * 3) : -1;
    return {
      index, passed: !bad,
      values: [why === 0 ? null : 72 + 2.4 * normal() + (why === 2 ? 8 : 0), 3 + 0.55 * Math.abs(normal()) + (why === 1 ? 3.4 : 0), why === 0 ? null : 0.8 + 0.25 * Math.abs(normal()), 640 + 12 * normal(), 78 + 3 * normal() + (why === 2 ? 20 : 0)],
      failure: bad ? reasons[why] : null,
    };
  });
  const passed = trials.filter((each) => each.passed).length;
  const failures = reasons.map((reason, i) => {
    const which = trials.filter((each) => each.failure === reason).map((each) => each.index);
    return { text: reason, trials: which, example: i === 0 ? { trial: refuted ? 11 : 137, time_s: 0 } : null };
  });
  const worst = refuted ? 11 : 137;
  trials[worst].passed = false;
  trials[worst].failure = reasons[0];
  for (const failure of failures) failure.trials = trials.filter((each) => each.failure === failure.text).map((each) => each.index);
  const replays = [trial(worst, 'worst', 2), trial(40, 'median'), trial(63, 'best')];
  failures[0].example = { trial: worst, time_s: replays[0].track.events.find((each) => each.kind === 'failure').time_s };
  const interval = (k) => {
    const p = k / n;
    const half = 2.35 * Math.sqrt((p * (1 - p) + 0.004) / n);
    return { low: Math.max(0, p - half), high: Math.min(1, p + half * 0.55) };
  };
  const requirement = (id, name, predicate, rate, k, decides = true) => {
    const { low, high } = interval(k);
    return { id, name, predicate, rate_at_least: rate, successes: k, n, low, high, method: 'Beta(½,½) confidence sequence', status: low >= rate ? 'met' : high < rate ? 'missed' : 'open', decides };
  };
  const metrics = [
    ['cycle', text('循环时间', 'Cycle time'), 's', 1], ['place', text('放置偏差', 'Placement error'), 'mm', 2], ['tilt', text('倾角', 'Tilt'), '°', 2],
    ['grip', text('夹持力', 'Clamp force'), 'N', 0], ['torque', text('峰值力矩占限值', 'Peak torque / limit'), '%', 0],
  ].map(([id, name, unit, digits]) => ({ id, name, unit, digits }));
  const column = (i) => trials.map((each) => each.values[i]).filter((value) => value !== null);
  const digest = () => `blake3:${hex(64)}`;
  const mass = refuted ? '25' : '20';
  const assume = (zh, en, value, standing, source) => ({ text: text(zh, en), value, standing, source });
  return {
    kind: 'report', language: 'zh',
    title: text(`UR20 · 砌块码垛 · ${mass} kg`, `UR20 · block palletizing · ${mass} kg`),
    banner: text('样例数据：本页数字皆为虚构，仅供开发与测试页面之用，不是证据。', 'Sample data: every figure on this page is made up to develop and test the page. It is not evidence.'),
    verdict: {
      status: refuted ? 'refuted' : 'proved',
      sentence: refuted
        ? text('UR20 采用方案 layer-by-layer 0.1.0（模型版本 1），未能在 95 % 的试验中将 25 kg 砌块码成一层：74 次中成功 49 次。', 'UR20 with solution layer-by-layer 0.1.0 (model version 1) does not stack a layer of 25 kg blocks in 95 % of trials: it did so in 49 of 74.')
        : text(`UR20 采用方案 layer-by-layer 0.1.0（模型版本 1），在不低于 95 % 的试验中将 20 kg 砌块码成一层并保持稳定。`, 'UR20 with solution layer-by-layer 0.1.0 (model version 1) stacks a stable layer of 20 kg blocks in at least 95 % of trials.'),
    },
    claim: {
      robot: { id: 'ur20', name: text('优傲 UR20', 'Universal Robots UR20'), digest: digest() },
      scenario: { id: 'con-block-palletizing', name: text('建筑材料搬运码垛', 'Building-block palletizing'), digest: digest() },
      solution: { id: 'layer-by-layer', name: text('逐层码放', 'Layer by layer'), digest: digest() },
      parameters: [{ name: text('砌块质量', 'Block mass'), value: mass, unit: 'kg' }],
      digest: digest(), engine: 'leitai 0.1.0, physics 1, contact compat', seed_root: hex(64), exploratory: refuted, sealed: null,
      confidence: 0.95, trials_run: n, trials_most: 600, duration_s: 120,
    },
    dynamics_grade: { grade: 'A', text: text('质量、质心与惯量均来自制造商参数文件', "Masses, centers and inertias from the maker's parameter file") },
    credibility: 'none',
    warnings: refuted ? [text('超出制造商额定负载：25 kg 砌块加 4.2 kg 夹具，额定 20 kg。', "Outside the maker's rating: a 25 kg block and a 4.2 kg clamp, rated 20 kg.")] : [text('超出制造商额定负载：20 kg 砌块加 4.2 kg 夹具共 24.2 kg，额定 20 kg。', "Outside the maker's rating: a 20 kg block and a 4.2 kg clamp make 24.2 kg, rated 20 kg.")],
    requirements: [
      requirement('layer', text('一层码放完成且稳定', 'Layer placed and stable'), text('8 块全部就位，0.05 g 侧倾不倒', 'all 8 in place, stands 0.05 g sideways'), 0.95, passed),
      requirement('place', text('放置精度', 'Placement'), text('每块 ≤ 5 mm 且 ≤ 2°', 'each block ≤ 5 mm and ≤ 2°'), 0.95, Math.min(n, passed + 1)),
      requirement('cycle', text('节拍', 'Cycle time'), text('一层 ≤ 96 s（≥ 300 块/时）', 'layer ≤ 96 s (≥ 300 blocks/h)'), 0.95, Math.min(n, passed + (refuted ? 9 : 1))),
      requirement('drop', text('不掉块', 'No drop'), text('没有砌块落地', 'no block touches the floor'), 0.998, trials.filter((each) => each.failure !== reasons[0]).length, false),
    ],
    assumptions: [
      assume('额定负载', 'Rated payload', '20 kg', 'verified', 'Maker data sheet'),
      assume('连杆质量', 'Link masses', '60.96 kg', 'verified', 'Maker parameter file, commit 2221ec0'),
      assume('连杆惯量', 'Link inertias', '6 tensors', 'verified', 'Maker parameter file, commit 2221ec0'),
      assume('关节力矩上限', 'Joint torque limits', '738, 738, 433, 107 N·m', 'verified', 'Maker parameter file'),
      assume('关节速度上限', 'Joint speed limits', '120–210 °/s', 'verified', 'Maker parameter file'),
      assume('重复定位精度', 'Repeatability', '0.05 mm', 'verified', 'Maker data sheet'),
      assume('砌块尺寸', 'Block size', '390 × 240 × 190 mm', 'recalled', 'GB/T 8239 ordinary concrete block'),
      assume('尺寸偏差', 'Size deviation', '± 3 mm', 'verified', 'Scenario reference, entry 43'),
      assume('质量偏差', 'Mass deviation', '± 5 %', 'verified', 'Scenario reference, entry 43'),
      assume('底座倾斜', 'Base tilt', '0–3°', 'verified', 'Scenario reference, entry 43'),
      assume('砌块与夹垫摩擦系数', 'Friction, block on pad', '0.6', 'assumed', 'Rubber on concrete, lower end of handbook range 0.6–0.85'),
      assume('砌块间摩擦系数', 'Friction, block on block', '0.5', 'assumed', 'Dusty concrete on concrete; lower than the handbook figure'),
      assume('关节摩擦', 'Joint friction', '0', 'assumed', 'Not published; makes tracking easier, so it favors the robot'),
      assume('位姿测量标准差', 'Pose measurement, sd', '0.8 mm, 0.1°', 'assumed', 'Mid-range 3D camera at 1.5 m'),
      assume('位姿测量延迟', 'Pose measurement, delay', '120 ms', 'assumed', 'One frame and its processing at 10 Hz'),
      assume('夹具质量', 'Clamp mass', '4.2 kg', 'assumed', 'Aluminium frame of the drawn size'),
      assume('夹持力', 'Clamp force', '640 N', 'assumed', 'Pneumatic cylinder, 40 mm bore at 0.5 MPa'),
    ],
    controls: [
      { id: 'null-hold', name: text('空白组：保持不动', 'Null: hold still'), must: 'fail', successes: 0, n: 10, as_expected: true, note: text('机器人停在初始位置', 'the robot stays at home') },
      { id: 'null-blind', name: text('空白组：盲目重复名义运动', 'Null: repeat the nominal motion blind'), must: 'fail', successes: 1, n: 10, as_expected: true, note: text('不看测量值', 'ignores what it measures') },
      { id: 'oracle', name: text('真值组：使用真实位姿', 'Oracle: true poses'), must: 'pass', successes: 10, n: 10, as_expected: true, note: text('测量误差与延迟为零', 'no measurement error or delay') },
    ],
    metrics, trials,
    failures: failures.filter((each) => each.trials.length),
    reasons: refuted ? [
      { text: text('仅放开关节力矩上限：同样种子的 2 次失败试验中 0 次通过', 'With only the joint torque limits lifted, 0 of the same 2 failed trials pass'), explains: false },
      { text: text('仅放开夹持力上限：同样种子的 2 次失败试验中 2 次通过', 'With only the grip force lifted, 2 of the same 2 failed trials pass'), explains: true },
    ] : [],
    operating_curve: {
      requirement: text('一层码放完成且稳定', 'Layer placed and stable'), rate_at_least: 0.95, trials_most: 600,
      points: Array.from({ length: 31 }, (_, i) => {
        const rate = 0.85 + 0.005 * i;
        const z = (rate - 0.95) / 0.009;
        const proved = 1 / (1 + Math.exp(-(z - 2.4) * 1.6));
        const refute = 1 / (1 + Math.exp((z + 2.6) * 1.5));
        return { true_rate: Math.min(1, rate), proved, refuted: refute, mean_trials: 600 - 480 * Math.max(proved, refute) ** 2 };
      }),
    },
    distributions: [
      { id: 'cycle', name: text('循环时间', 'Cycle time'), unit: 's', values: column(0), limit: { value: 96, keep: 'below', text: text('要求一层 ≤ 96 s', 'required: layer ≤ 96 s') } },
      { id: 'place', name: text('最大放置偏差', 'Largest placement error'), unit: 'mm', values: column(1), limit: { value: 5, keep: 'below', text: text('要求 ≤ 5 mm', 'required: ≤ 5 mm') } },
      { id: 'grip', name: text('夹持力', 'Clamp force'), unit: 'N', values: column(3), limit: { value: 588, keep: 'above', text: text('保持砌块所需', 'what holding the block takes') } },
      { id: 'torque', name: text('峰值力矩占限值', 'Peak torque over limit'), unit: '%', values: column(4), limit: { value: 100, keep: 'below', text: text('数据表', 'data sheet') } },
    ],
    joint_peaks: names.map((joint, i) => ({
      joint, effort_unit: 'N·m', speed_unit: 'rad/s',
      effort_peak: TORQUE[i] * [0.31, refuted ? 1 : 0.86, 0.93, 0.41, 0.22, 0.08][i], effort_limit: TORQUE[i],
      speed_peak: SPEED[i] * [0.52, 0.47, 0.63, 0.71, 0.2, 0.35][i], speed_limit: SPEED[i],
    })),
    scene, replays,
    signature: refuted ? null : { signer: 'Leitai test center (sample)', key: `ed25519:${hex(64)}`, trusted: false },
    bundle_digest: digest(),
    command: `leitai prove ur20 con-block-palletizing --claim block_mass_kg=${mass}`,
    verify_command: 'leitai verify ur20--con-block-palletizing.leitai --reexecute all',
  };
}

// --- a model ------------------------------------------------------------------------------------------------------------
function model() {
  const frames = FRAMES.map((frame) => split(poseOf(frame)));
  const used = [world, ...armBodies];
  const at = new Map(used.map((id, i) => [id, i]));
  const parts = used.map((id) => bodies[id]);
  return {
    kind: 'model', language: 'en', title: text('优傲 UR20（样例）', 'Universal Robots UR20 (sample)'),
    banner: text('样例数据', 'Sample data'),
    source: 'catalog/robots/ur20/ur20.xml', digest: `blake3:${hex(64)}`,
    facts: [
      { name: text('总质量', 'Total mass'), value: '60.96 kg' }, { name: text('自由度', 'Degrees of freedom'), value: '6' },
      { name: text('刚体', 'Bodies'), value: '7' }, { name: text('几何体', 'Geoms'), value: String(geoms.length) },
    ],
    scene: { bodies: parts, geoms: geoms.filter((each) => at.has(each.body) && !(each.body === world && each.rgba === WOOD)).map((each) => ({ ...each, body: at.get(each.body) })), meshes: [], tool: 6 },
    bodies: used.map((_, i) => ({ parent: i === 0 ? null : i - 1, position: i === 0 ? [0, 0, 0] : frames[i - 1][0], rotation: i === 0 ? [1, 0, 0, 0] : frames[i - 1][1], mass_kg: [0, 16.343, 29.632, 7.879, 3.054, 3.126, 0.926][i] })),
    joints: names.map((name, i) => ({ name: `${name}_joint`, body: i + 1, kind: 'hinge', axis: [0, 0, 1], anchor: [0, 0, 0], lower: i === 2 ? -Math.PI : -2 * Math.PI, upper: i === 2 ? Math.PI : 2 * Math.PI, home: home[i], effort_limit: TORQUE[i], speed_limit: SPEED[i] })),
    findings: [{ level: 'note', place: 'ur20.xml:12', text: text('基座质量由制造商标注为“可能不准”', 'the maker marks the base mass as possibly incorrect') }],
  };
}

/** Refused before the first trial: no trial, no replay, and every list that may be empty is. */
function rejected() {
  const full = report(false);
  return {
    ...full,
    title: text('Franka FR3 · 砌块码垛', 'Franka FR3 · block palletizing'),
    verdict: { status: 'rejected', sentence: text('Franka FR3 采用方案 layer-by-layer 0.1.0 不予试验：8 个码放位置中有 5 个超出其 0.855 m 的臂展。', 'Franka FR3 with solution layer-by-layer 0.1.0 is rejected before any trial: 5 of the 8 pallet positions lie beyond its reach of 0.855 m.') },
    claim: { ...full.claim, robot: { id: 'franka-fr3', name: text('Franka FR3', 'Franka FR3'), digest: full.claim.digest }, trials_run: 0 },
    warnings: [], requirements: full.requirements.map((each) => ({ ...each, successes: 0, n: 0, low: 0, high: 1, status: 'open' })),
    controls: [], trials: [], failures: [], reasons: [], distributions: [], joint_peaks: [], replays: [], scene: null, signature: null, bundle_digest: null, operating_curve: null,
  };
}

for (const [name, data] of [['report', report(false)], ['refuted', report(true)], ['rejected', rejected()], ['model', model()]]) {
  const html = page(data);
  writeFileSync(new URL(`out/${name}.html`, here), html);
  const biggest = Math.max(0, ...(data.replays ?? []).map((each) => JSON.stringify(each.track).length));
  console.log(`dev/out/${name}.html  ${(html.length / 1e6).toFixed(2)} MB` + (biggest ? `, largest track ${(biggest / 1e3).toFixed(0)} kB` : ''));
}

// Every field once, and no more than that.
const small = report(false);
small.operating_curve.points.length = 3;
small.trials.length = 4;
small.reasons = [{ text: text('仅放开夹持力上限：同样种子的 2 次失败试验中 2 次通过', 'With only the grip force lifted, 2 of the same 2 failed trials pass'), explains: true }];
small.assumptions = [small.assumptions[0], small.assumptions[6], small.assumptions[10]];
small.distributions.length = 1;
small.distributions[0].values.length = 5;
small.joint_peaks = [{ ...small.joint_peaks[0], effort_limit: null }, small.joint_peaks[1]];
small.scene.meshes = [{ vertices: base64(Float32Array.from([0, 0, 0, 0.1, 0, 0, 0, 0.1, 0, 0, 0, 0.1])), indices: base64(Uint32Array.from([0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3])) }];
small.scene.geoms = [...small.scene.geoms.slice(0, 3), { ...small.scene.geoms[3], kind: 'mesh', size: [], mesh: 0 }];
small.replays.length = 1;
small.replays[0].track.bodies = small.replays[0].track.bodies.slice(-1);
small.replays[0].series = [series('effort', 'elbow', 'N·m', 30, 433, [0, 1.5, -3]), series('other', text('温度', 'Temperature'), '°C', 10, null, [20, 21])];
const small_model = model();
small_model.scene.geoms.length = 5;
small_model.joints[0].lower = small_model.joints[0].effort_limit = null;
writeFileSync(new URL('../test/page.json', here), JSON.stringify([small, small_model], null, 1) + '\n');
