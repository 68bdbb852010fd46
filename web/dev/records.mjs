// Made-up records for dev/hub.mjs: every state that the pages must show. Makers and figures are invented and say so.
const text = (zh, en) => ({ zh, en });
let state = 7;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 4294967296;
};
const hex = (n) => Array.from({ length: n }, () => Math.floor(uniform() * 16).toString(16)).join('');
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 26, 9, 30);
const STANDINGS = ['verified', 'recalled', 'assumed'];

function product(i) {
  const id = `sample-arm-${String(i + 1).padStart(2, '0')}`;
  const standing = STANDINGS[i % 3];
  const figure = (name, value, unit) => ({ name, value, unit, standing, source: standing === 'assumed' ? 'guess' : 'sheet' });
  const all = [figure('payload_kg', 3 + 2.5 * i, 'kg'), figure('reach_m', 0.6 + 0.08 * i, 'm'), figure('mass_kg', 15 + 4 * i, 'kg')];
  const figures = i % 5 === 4 ? all.slice(0, 2) : all;
  return {
    id,
    name: text(`样例机械臂 ${i + 1} 号（虚构）`, `Sample arm ${i + 1} (made up)`),
    maker: text('虚构厂家', 'Made-up maker'),
    class: 'manipulator',
    kind: 'manipulator',
    sectors: [['manufacturing', 'logistics', 'construction'], ['manufacturing', 'research'], ['medical']][i % 3],
    dof: 6 + (i % 2),
    grade: 'ABCD'[i % 4],
    figures,
    verdicts: { proved: 0, refuted: 0, undecided: 0, rejected: 0 },
    version: '1',
    digest: hex(64),
    grade_reason: text('质量与惯量为虚构数值；模型总质量与资料相差 −1.2 %', 'Masses and inertias are made up; the model differs from its sheet by -1.2 %'),
    claims: [...figures, figure('repeatability_m', 0.00005, 'm'), { ...figure('stopping_distance_m', 0.31, 'm'), source: 'nowhere' }],
    assumptions: [
      { id: 'joint-friction', text: text('关节摩擦未公布，模型取零：力矩裕度可能被高估', 'Joint friction is not published and is modeled as zero: torque margins may look larger than they are'), value: 0, unit: 'N*m', standing: 'assumed' },
      { id: 'rigid-joints', text: text('减速器与连杆按刚性处理，无柔性、无回差', 'Reducers and links are rigid: no compliance, no backlash'), value: null, unit: null, standing: 'assumed' },
      { id: 'shapes', text: text('碰撞几何由本项目绘制，半径误差约 1 cm', 'Collision shapes are the project’s own drawing, good to about 1 cm'), value: 0.01, unit: 'm', standing: 'recalled' },
    ],
    sources: [
      { key: 'sheet', publisher: 'Made-up maker', title: 'a data sheet that does not exist', date: '2026-11-22', standing },
      { key: 'guess', publisher: 'the author of this sample', title: 'a guess', date: '', standing: 'assumed' },
    ],
  };
}

const scenario = (id, zh, en, sector, plan, tier, tool, parameter) => ({
  id,
  name: text(`${zh}（虚构）`, `${en} (made up)`),
  sector, plan, tier, tool,
  verdicts: { proved: 0, refuted: 0, undecided: 0, rejected: 0 },
  version: '1',
  digest: hex(64),
  credibility: 'none',
  parameters: parameter ? [{ ...parameter, standing: 'assumed' }] : [],
  requirements: [
    { name: text('放置位置', 'Placement'), predicate: 'placement_offset_m <= 0.005', rate_at_least: 0.9 },
    { name: text('放置角度', 'Placement angle'), predicate: 'placement_angle_rad <= 0.03490658503988659', rate_at_least: 0.9 },
    { name: text('节拍', 'Throughput'), predicate: 'pieces_per_hour >= 300', rate_at_least: 0.9 },
    { name: text('无掉块', 'No block dropped'), predicate: 'dropped_pieces <= 0', rate_at_least: 0.984 },
  ],
  assumptions: [{ id: 'friction', text: text('摩擦系数 0.7', 'Friction is 0.7'), value: 0.7, unit: '1', standing: 'assumed' }],
  sources: [{ key: 'project', publisher: 'the author of this sample', title: 'made up', date: '2026-11-22', standing: 'assumed' }],
});

function evidence(robot, job, parameters, decision, more = {}) {
  const trials = decision === 'rejected' ? 0 : decision === 'undecided' ? 300 : Math.floor(20 + uniform() * 90);
  const bound = (rate) => ({ low: Math.max(0, rate - 0.09), high: Math.min(1, rate + 0.05) });
  const rates = decision === 'proved' ? [0.995, 1, 0.98, 0.99] : decision === 'refuted' ? [0.31, 0.97, 0.2, 0.95] : [0.91, 0.93, 0.96, 0.99];
  const digest = hex(64);
  return {
    digest, robot: robot.id, robot_name: robot.name, scenario: job.id, scenario_name: job.name, solution: 'sample-program',
    parameters, decision, trials, exploratory: false, published_ms: NOW - Math.floor(uniform() * 20 * DAY), stale: [],
    check: { state: 'agrees', done: 8, of: decision === 'rejected' ? 0 : 8, seed: 123456789, detail: null, ended_ms: NOW - DAY },
    claim: hex(64), engine: 'leitai 0.1.0 physics 3', confidence: 0.95, signature: null,
    requirements: job.requirements.map((each, i) => {
      const held = Math.round(rates[i] * trials);
      const { low, high } = trials ? bound(held / trials) : { low: 0, high: 1 };
      const settled = decision === 'proved' ? 'holds' : decision === 'refuted' ? (rates[i] < 0.5 ? 'fails' : 'holds') : null;
      return { ...each, held, trials, low, high, settled: i === 3 ? null : settled, decides: i !== 3 };
    }),
    rejection: decision === 'rejected' ? text('静力界限：3 轴需要 412 N·m，厂家限值 330 N·m（虚构）', 'Static bound: axis 3 needs 412 N·m, the maker’s limit is 330 N·m (made up)') : null,
    failures: decision === 'refuted' ? [{ trials: Math.ceil(trials / 2), what: 'move to 250 mm above its place: no posture reaches the pose; the nearest of 17 tries misses by 60.6 mm' }, { trials: 1, what: 'a block fell' }] : [],
    bytes: 1_843_201, has_report: true, ...more,
  };
}

export function made(empty) {
  // The same records each time, so that an address of one hub is one of the next.
  state = 7;
  if (empty) return { products: [], scenarios: [], evidence: [], ledger: [], offers: [], needs: [] };
  const mass = { name: 'block_mass_kg', default: 20, min: 1, max: 60, unit: 'kg' };
  const products = Array.from({ length: 27 }, (_, i) => product(i));
  const scenarios = [
    scenario('sample-palletizing', '码垛样例', 'Sample palletizing', 'construction', '机器人+建筑 / 建筑材料搬运码垛', 1, 'block-clamp', mass),
    scenario('sample-insertion', '插接样例', 'Sample insertion', 'manufacturing', '机器人+制造 / 精密装配', 2, 'sample-gripper', { name: 'clearance_m', default: 0.0002, min: 0.00005, max: 0.002, unit: 'm' }),
    scenario('sample-inspection', '巡检样例', 'Sample inspection', 'emergency', '机器人+应急 / 危化品装置巡检', 3, null, null),
  ];
  const all = [];
  [5, 10, 15, 20, 25, 30].forEach((kg, k) => {
    products.slice(0, 5).forEach((robot, i) => {
      if (i === 3 && k > 2) return;
      const margin = 2 * i + 3 - k;
      all.push(evidence(robot, scenarios[0], { block_mass_kg: kg }, margin > 2 ? 'proved' : margin > 1 ? 'undecided' : margin > -1 ? 'refuted' : 'rejected'));
    });
  });
  const [first, second] = products;
  all.push(evidence(first, scenarios[0], { block_mass_kg: 5 }, 'proved', { exploratory: true }));
  all.push(evidence(first, scenarios[0], { block_mass_kg: 35 }, 'refuted', { stale: [{ what: 'robot', was: hex(64), is: hex(64) }, { what: 'engine', was: 'leitai 0.1.0 physics 2', is: 'leitai 0.1.0 physics 3' }, { what: 'solution', was: hex(64), is: null }] }));
  all.push(evidence(first, scenarios[1], { clearance_m: 0.0002 }, 'proved', { signature: { key: `ed25519:${hex(16)}`, trusted_as: 'sample-test-center' } }));
  all.push(evidence(first, scenarios[1], { clearance_m: 0.0001 }, 'undecided', { signature: { key: `ed25519:${hex(16)}`, trusted_as: null }, check: { state: 'queued', done: 0, of: 8, seed: 42, detail: null, ended_ms: null } }));
  all.push(evidence(first, scenarios[2], {}, 'proved', { check: { state: 'refused', done: 3, of: 8, seed: 43, detail: 'trial 5: outcome 328c66a7… where the bundle says 18ec9d96…', ended_ms: NOW }, has_report: false }));
  all.push(evidence(second, scenarios[2], {}, 'refuted', { check: { state: 'other-engine', done: 0, of: 8, seed: 44, detail: 'leitai 0.1.0 physics 2', ended_ms: NOW } }));
  all.sort((a, b) => b.published_ms - a.published_ms);
  for (const each of all) {
    products.find((p) => p.id === each.robot).verdicts[each.decision] += 1;
    scenarios.find((s) => s.id === each.scenario).verdicts[each.decision] += 1;
  }
  const what = [
    ...products.map((each) => ['product.put', `product/${each.id}`, 'catalog of this build']),
    ...scenarios.map((each) => ['scenario.put', `scenario/${each.id}`, 'catalog of this build']),
    ...all.toReversed().flatMap((each) => [['evidence.published', `evidence/${each.digest}`, `${each.robot} × ${each.scenario}`], ['evidence.checked', `evidence/${each.digest}`, 're-execution of a sample']]),
  ];
  const ledger = what.map(([kind, subject, why], i) => ({ number: i + 1, at_ms: NOW - 25 * DAY + i * 9_000_000, who: kind === 'evidence.published' ? 'admin' : 'hub', what: kind, subject, why, digest: hex(64) })).reverse();
  const offer = (product, i, kind, price_cny, per) => ({
    id: `made-up-${kind}-${i + 1}`, changed_ms: NOW, organization_name: text('虚构厂家', 'Made-up maker'),
    stated: { product: product.id, organization: 'made-up', kind, price_cny, per, delivery_days: 20 + 10 * i, regions: i % 2 ? ['daxing', 'yizhuang'] : [], floor_m2: i % 3 ? 6.5 : null, valid_until: i % 2 ? '2027-06-30' : null, source: 'Q-0001' },
  });
  const offers = products.slice(0, 4).flatMap((each, i) => [offer(each, i, 'sale', 180000 + 40000 * i, 'piece'), offer(each, i, 'lease', 9000 + 500 * i, 'month')]);
  const needs = scenarios.slice(0, 2).map((each, i) => ({ id: `made-up-${i}`, changed_ms: NOW - 3_600_000 * i, organization_name: { zh: '虚构用户', en: 'A made-up buyer' },
    stated: { organization: 'made-up', title: 'A made-up need', text: '', wanted: { scenario: each.id, parameters: {}, limits: { kind: 'sale' } } } }));
  return { products, scenarios, evidence: all, ledger, offers, needs };
}
