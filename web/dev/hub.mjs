// A stand-in for `leitai serve`, to develop and test the hub's site without one: made-up records, never shipped.
// None of it is evidence; the names of its makers say so. It sends the real server's content security policy.
//
//   npm run build && node dev/hub.mjs [PORT] [empty] [reader]
//
//   node dev/hub.mjs 8088 of=http://127.0.0.1:8420    a real hub's records under the site as it was last built
//
// Records are in dev/records.mjs. `create({ empty, publisher })` makes an empty hub, or one that this browser may not publish to.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { made } from './records.mjs';

const web = new URL('..', import.meta.url);
const POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'";
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };
const text = (zh, en) => ({ zh, en });

function page(items, query) {
  const number = Number(query.get('page') ?? 1);
  const per_page = Number(query.get('per_page') ?? 50);
  return { items: items.slice((number - 1) * per_page, number * per_page), total: items.length, page: number, per_page };
}
const has = (record, words) => words.toLowerCase().split(/\s+/).every((word) => JSON.stringify(record).toLowerCase().includes(word));
const figure = (record, name) => record.figures.find((each) => each.name === name);
const line = ({ version, digest, grade_reason, claims, assumptions, sources, evidence, requirements, parameters, credibility, ...rest }) => rest;
const evidenceLine = ({ claim, engine, confidence, signature, requirements, rejection, failures, bytes, has_report, ...rest }) => rest;

export function create({ empty = false, publisher = true, of = '' } = {}) {
  const { products, scenarios, evidence, ledger, offers, needs } = made(empty);
  const counts = () => Object.fromEntries(['proved', 'refuted', 'undecided', 'rejected'].map((each) => [each, evidence.filter((e) => e.decision === each).length]));
  const withEvidence = (record, name) => record && ({ ...record, evidence: evidence.filter((each) => each[name] === record.id).map(evidenceLine) });

  function api(path, query) {
    const [kind, id] = path.split('/');
    if (kind === 'summary') {
      const classes = {}, sectors = {};
      const sector = (name) => (sectors[name] ??= { products: 0, scenarios: 0 });
      for (const each of products) {
        classes[each.class] = (classes[each.class] ?? 0) + 1;
        for (const name of each.sectors) sector(name).products += 1;
      }
      for (const each of scenarios) sector(each.sector).scenarios += 1;
      return { products: products.length, scenarios: scenarios.length, classes, sectors, evidence: evidence.length, verdicts: counts(), ledger: ledger.length, engine: 'leitai 0.1.0 physics 3' };
    }
    if (kind === 'session') return { account: null, abilities: publisher ? ['publish'] : [], csrf_token: publisher ? 'made-up' : null };
    if (kind === 'products' && id === 'broken') throw new Error('the made-up failure');
    if (kind === 'products' && id) return withEvidence(products.find((each) => each.id === id), 'robot');
    if (kind === 'scenarios' && id) return withEvidence(scenarios.find((each) => each.id === id), 'scenario');
    if (kind === 'evidence' && id) return progress(evidence.find((each) => each.digest === id));
    const is = (name) => (each) => !query.get(name) || each[name] === query.get(name);
    const q = query.get('q') ?? '';
    if (kind === 'products') {
      return page(products.map(line).filter((each) => (!q || has(each, q)) && is('class')(each)
        && (!query.get('sector') || each.sectors.includes(query.get('sector')))
        && (!query.get('payload_min') || figure(each, 'payload_kg')?.value >= Number(query.get('payload_min')))
        && (!query.get('reach_min') || figure(each, 'reach_m')?.value >= Number(query.get('reach_min')))
        && (!query.get('standing') || each.figures[0]?.standing === query.get('standing'))), query);
    }
    if (kind === 'scenarios') return page(scenarios.map(line).filter((each) => (!q || has(each, q)) && is('sector')(each)), query);
    if (kind === 'evidence') return page(evidence.map(evidenceLine).filter((each) => ['robot', 'scenario', 'decision'].every((name) => is(name)(each))), query);
    if (kind === 'ledger') return page(ledger.filter(is('subject')), query);
    if (kind === 'needs') return page(needs.filter((each) => !query.get('scenario') || each.stated.wanted.scenario === query.get('scenario')), query);
    if (kind === 'offers') return page(offers.filter((each) => !query.get('product') || each.stated.product === query.get('product')), query);
    return undefined;
  }

  /** A check that is under way goes on each time it is asked about. */
  function progress(each) {
    if (!each) return undefined;
    if (each.check.state === 'queued') Object.assign(each.check, { state: 'running' });
    else if (each.check.state === 'running') {
      each.check.done += 2;
      if (each.check.done >= each.check.of) Object.assign(each.check, { state: 'agrees', done: each.check.of, ended_ms: Date.now() });
    }
    return each;
  }

  /** One product of each group first, then all others; the order is made up too. */
  function matched(wanted, query) {
    const job = scenarios.find((each) => each.id === wanted.scenario);
    const kinds = ['proved', 'undecided', 'refuted', 'rejected'];
    const of = (robot) => kinds.map((kind) => evidence.find((each) => each.robot === robot && each.scenario === job.id && each.decision === kind)).find(Boolean);
    const groups = ['proved', 'proved_stale', 'undecided', 'unproven', 'refuted', 'rejected'];
    const row = (product) => {
      const piece = of(product.id);
      const group = !piece ? 'unproven' : piece.decision === 'proved' && piece.stale.length ? 'proved_stale' : piece.decision;
      const offer = offers.find((each) => each.stated.product === product.id) ?? null;
      const why = [text('虚构的理由：依据证据', 'A made-up reason: by its evidence'), text('虚构的报价满足全部限制', 'A made-up offer holds every limit')];
      return { group, product: line(product), evidence: piece ? evidenceLine(piece) : null, worst: piece?.requirements.find((each) => each.trials) ?? null, nearest: null, offer, limits: offer && wanted.limits.kind ? [{ limit: 'kind', holds: offer.stated.kind === wanted.limits.kind }, { limit: 'floor_m2', holds: null }] : [], why };
    };
    const rows = products.map(row).sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group));
    rows.forEach((each, i) => { each.rank = i && rows[i - 1].group === each.group && each.group === 'unproven' ? rows[i - 1].rank : i + 1; });
    const counts = Object.fromEntries(groups.map((group) => [group, rows.filter((each) => each.group === group).length]));
    const parameters = Object.fromEntries(job.parameters.map((each) => [each.name, wanted.parameters[each.name] ?? each.default]));
    return { wanted: { ...wanted, parameters }, scenario_name: job.name, counts, rules: text('虚构的规则', 'Made-up rules'), ...page(rows, query) };
  }

  async function answer(request, body) {
    const url = new URL(request.url, 'http://here');
    const problem = (status, title, detail) => [status, 'application/problem+json', JSON.stringify({ type: 'made-up', title, detail, status })];
    if (request.method === 'POST' && url.pathname === '/api/v1/match') return [200, 'application/json', JSON.stringify(matched(JSON.parse(body.toString()), url.searchParams))];
    if (request.method === 'POST' && url.pathname === '/api/v1/match/acceptance') return [200, 'application/toml', '# made up\n'];
    if (request.method === 'POST') {
      if (request.headers['x-csrf-token'] !== 'made-up') return problem(403, text('缺少 x-csrf-token', 'x-csrf-token is missing'), text('', ''));
      if (body.toString().startsWith('fresh')) return [201, TYPES.html, JSON.stringify(evidence[0])];
      return problem(422, text('证据包无法读取', 'The bundle cannot be read'), text('第 0 字节：不是 *.leitai 文件；请发送 leitai prove 写出的原文件', 'byte 0: not a *.leitai file; send the file as leitai prove wrote it'));
    }
    if (url.pathname.startsWith('/api/v1/')) {
      const found = api(decodeURIComponent(url.pathname.slice(8)), url.searchParams);
      return found ? [200, 'application/json', JSON.stringify(found)] : problem(404, text('没有这条记录', 'no such record'), text('', ''));
    }
    if (/\/(report|model)$/.test(url.pathname)) {
      const which = url.pathname.endsWith('model') ? 'model' : 'report';
      const html = await readFile(new URL(`dev/out/${which}.html`, web), 'utf8');
      const language = url.searchParams.get('lang') ?? 'en';
      return [200, TYPES.html, html.replace(/"language":"(zh|en)"/, `"language":"${language}"`), null];
    }
    if (url.pathname.endsWith('/bundle')) return [200, 'application/octet-stream', 'made up'];
    const file = /^\/site\.(js|css)$/.exec(url.pathname) ? url.pathname : '/index.html';
    return [200, TYPES[file.split('.').pop()], await readFile(new URL(`dist/hub${file}`, web)), POLICY];
  }

  /** Passes on what is the hub's own: its API, documents and session. */
  async function passed(request, body, response) {
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !['host', 'connection', 'content-length'].includes(name)));
    const answer = await fetch(of + request.url, { method: request.method, headers, body: body.length ? body : undefined, redirect: 'manual' });
    const drop = ['content-length', 'content-encoding', 'transfer-encoding', 'connection', 'keep-alive'];
    response.writeHead(answer.status, Object.fromEntries([...answer.headers].filter(([name]) => !drop.includes(name))));
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  return createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    try {
      if (of && /^\/(api|enter)|\/(report|bundle|model)(\?|$)/.test(request.url)) return void (await passed(request, Buffer.concat(parts), response));
      const [status, type, body, policy = POLICY] = await answer(request, Buffer.concat(parts));
      response.writeHead(status, { 'content-type': type, ...(policy ? { 'content-security-policy': policy } : {}) });
      response.end(body);
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(String(error));
    }
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = create({ empty: process.argv.includes('empty'), publisher: !process.argv.includes('reader'), of: process.argv.find((each) => each.startsWith('of='))?.slice(3) });
  server.listen(Number(process.argv[2] ?? 8088), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/ ${process.argv.some((each) => each.startsWith('of=')) ? 'the records of a real hub' : 'made-up records'}`));
}
