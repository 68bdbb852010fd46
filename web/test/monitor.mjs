// Walks the monitor on a real hub of its own: first with nothing but the catalog, then with organizations, imports and a bundle, all made up by this
// walk in a store that it throws away.
//
//   node test/monitor.mjs LEITAI [BUNDLE] [shots=FOLDER]     LEITAI: the command; BUNDLE: what leitai prove wrote
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DRESSES, begin, settled, words } from './walk.mjs';

const [leitai, ...more] = process.argv.slice(2);
const shots = more.find((each) => each.startsWith('shots='))?.slice(6);
const bundle = more.find((each) => !each.startsWith('shots='));
const data = mkdtempSync(join(tmpdir(), 'leitai-monitor-'));
const serve = spawn(leitai, ['--json', 'serve', '--no-open', '--address', '127.0.0.1:0', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] });
const { hub, link } = await new Promise((ready, broken) => {
  let said = '';
  serve.stdout.on('data', (part) => { said += part; if (said.trimEnd().endsWith('}')) ready(JSON.parse(said)); });
  serve.on('exit', () => broken(new Error(`the hub did not start: ${said}`)));
});
const base = hub.replace(/\/$/, '');
const token = readFileSync(join(data, 'token'), 'utf8').trim();
const { visitor, dressedVisitor, closed, check, looks, accessible, end } = await begin(base, shots);
const get = async (path) => (await fetch(`${base}/api/v1/${path}`)).json();

// --- with nothing but the catalog -------------------------------------------------------------------------------------------
for (const dress of DRESSES) {
  const stranger = await dressedVisitor(dress);
  for (const language of ['zh', 'en']) await looks(stranger, 'monitor-empty', '/monitor', language, dress);
  await closed(stranger);
}
{
  const stranger = await visitor();
  await stranger.open('/monitor?lang=en');
  const text = await words(stranger.page);
  const { indicators } = await get('indicators');
  check('every indicator has its tile', (await stranger.page.locator('article').count()) === indicators.length);
  check('an empty figure says so', (await stranger.page.getByTestId('tile-revenue').innerText()).includes('No figure yet'));
  check('and what would fill it', text.includes('leitai hub import FILE.csv'));
  check('no enterprise is made up', text.includes('No organizations yet'));
  check('who may not import sees no form', (await stranger.page.getByTestId('import-file').count()) === 0);
  await stranger.open('/monitor?indicator=robot-density&lang=en');
  check('a target that the plan does not give is not made up', (await words(stranger.page)).includes('The plan gives no number'));
  await closed(stranger);
}

// --- made-up records of this walk ---------------------------------------------------------------------------------------------
async function put(id, kind, district, tier, products) {
  const body = { name: { zh: `虚构机构 ${id}`, en: `Made-up ${id}` }, kind, district, tier, products, why: 'a walk through the monitor' };
  const answer = await fetch(`${base}/api/v1/organizations/${id}`, { method: 'PUT', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  check(`organization ${id} is stated`, answer.ok);
}
await put('makers', 'maker', 'haidian', 'little_giant', ['ur20', 'ur5e']);
await put('others', 'maker', 'yizhuang', 'chain_leader', ['kuka-iiwa14']);
await put('buyers', 'buyer', 'changping', null, []);
if (bundle) execFileSync(leitai, ['publish', bundle, '--hub', base, '--token', token], { stdio: ['ignore', 'ignore', 'inherit'] });

// --- the operator imports -------------------------------------------------------------------------------------------------------
const operator = await visitor();
{
  const { page, open } = operator;
  await open(new URL(link).pathname + new URL(link).search);
  await open('/monitor?lang=en');
  const send = async (name, buffer) => {
    await page.getByTestId('import-file').setInputFiles({ name, mimeType: 'text/csv', buffer });
    await page.getByLabel('Publisher').fill('A made-up bureau');
    await page.getByLabel('Date of the source').fill('2026-01-31');
    await page.getByLabel('Title of the source').fill('Made-up figures');
    await page.getByRole('button', { name: 'Import a CSV file' }).click();
  };
  await send('faults.csv', Buffer.from('indicator,period,district,value,unit,note\nrevenue,2025,,12,万元,\nprofit,2025,,1,亿元,\n'));
  await page.getByText('line 2, column 5').waitFor();
  check('every fault is told with its place', (await words(page)).includes('line 3, column 1'));
  check('and nothing was imported', (await get('imports')).total === 0);
  operator.complaints.splice(0);
  // "indicator,period,district,value,unit,note" and rows about 海淀区 in 亿元, as a spreadsheet writes them in GB18030.
  const [haidian, yi] = [Buffer.from([0xba, 0xa3, 0xb5, 0xed, 0xc7, 0xf8]), Buffer.from([0xd2, 0xda, 0xd4, 0xaa])];
  const row = (period, district, value) => Buffer.concat([Buffer.from(`revenue,${period},`), district, Buffer.from(`,${value},`), yi, Buffer.from(',made up\r\n')]);
  await send('gb.csv', Buffer.concat([Buffer.from('indicator,period,district,value,unit,note\r\n'), row(2024, Buffer.alloc(0), 1.5), row(2025, Buffer.alloc(0), 2.5), row(2025, haidian, 1)]));
  await page.getByTestId('import').waitFor();
  check('a file in GB18030 is read', (await get('indicators/revenue')).reported.value === 2.5);
  await settled(page);
  check('its figures are shown with their source', (await page.getByTestId('import').innerText()).includes('A made-up bureau'));
  await send('correction.csv', Buffer.from('indicator,period,value,unit\nrevenue,2025,2.75,亿元\nstandards-application,2025,1,项\n'));
  await page.waitForFunction(() => document.querySelector('[data-testid="tile-revenue"]')?.textContent.includes('2.75'));
  check('a correction stands', (await page.getByTestId('tile-revenue').innerText()).includes('A made-up bureau'));
  await open('/monitor?indicator=revenue&lang=en');
  check('and what it corrects stays in the history', (await page.locator('#indicator').innerText()).includes('Superseded'));
}

// --- every figure opens to its records --------------------------------------------------------------------------------------------
{
  const one = await visitor();
  const { page, open } = one;
  await open('/monitor?lang=en');
  await page.getByTestId('tile-scenarios').getByRole('link').click();
  await page.waitForFunction(() => document.querySelector('#indicator-name')?.textContent === 'Application scenarios');
  await settled(page);
  check('a tile opens its records', (await page.locator('#indicator table').innerText()).length > 0);
  await page.locator('#indicator tbody a').first().click();
  await page.waitForURL('**/scenarios/**');
  check('and a record its page', true);
  await open('/monitor?lang=en');
  await page.getByTestId('district-haidian').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('district').getByText('Made-up makers').waitFor();
  check('a tile of the map opens by the keyboard', new URL(page.url()).searchParams.get('district') === 'haidian');
  check('with the products made there', (await page.getByTestId('district').innerText()).includes('UR20'));
  check('and what is reported of it', (await page.getByTestId('district').innerText()).includes('2025'));
  await page.getByLabel('Show').selectOption('revenue');
  check('the map shows a reported figure', (await page.getByTestId('district-haidian').textContent()).includes('1'));
  check('and where nothing is reported, no zero', (await page.getByTestId('district-miyun').textContent()).includes('–'));
  const before = page.url();
  await page.reload();
  await settled(page);
  check('an address keeps what is chosen', page.url() === before && (await page.getByTestId('district').innerText()).includes('Haidian'));
  check('a gap leads to a challenge', (await page.locator('#gaps').getByRole('link', { name: 'Open a challenge' }).first().getAttribute('href')).startsWith('/challenges/new?scenario='));
  await page.locator('#gaps').getByRole('link', { name: 'Products that have proved nothing' }).click();
  await settled(page);
  const gaps = await get('gaps?kind=product');
  check('gaps are those of the records', (await page.locator('#gaps li').count()) === Math.min(8, gaps.total));
  if (bundle) check('what was tried comes first', gaps.items[0].state !== 'untried' || (await get('indicators/products')).executed.proved > 0);
  await accessible(page, 'the monitor with a district');
  await closed(one);
}
const cookies = await operator.context.cookies();
for (const dress of DRESSES) {
  const member = await dressedVisitor(dress);
  await member.context.addCookies(cookies);
  for (const language of ['zh', 'en']) await looks(member, 'monitor', '/monitor?district=haidian&indicator=revenue&figure=makers', language, dress);
  await closed(member);
}
await closed(operator);
await end(`on the monitor of ${base}`);
serve.kill('SIGINT');
await new Promise((stopped) => serve.on('exit', stopped));
const checked = JSON.parse(execFileSync(leitai, ['--json', 'hub', 'check', '--data', data], { encoding: 'utf8' }));
if (checked.findings.length) {
  console.error(checked.findings);
  process.exitCode = 1;
}
rmSync(data, { recursive: true });
