// The five journeys that the hub is for, walked end to end on a real hub: a maker publishes, a buyer finds and agrees, an authority turns a gap into a
// challenge, a developer answers it, a test center runs it all again. Once in English at a desk and once in Chinese on a phone.
//
//   node test/journeys.mjs LEITAI BUNDLE CATALOG [shots=FOLDER]
//
// LEITAI: the command. BUNDLE: evidence to publish. CATALOG: packages laid over the built-in ones, whose trials are short. The hub is this walk's own.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { begin, inLanguage, settled, words } from './walk.mjs';

const [leitai, bundle, catalog, ...more] = process.argv.slice(2);
const shots = more.find((each) => each.startsWith('shots='))?.slice(6);
const home = mkdtempSync(join(tmpdir(), 'leitai-journeys-'));
const serve = spawn(leitai, ['--json', '--catalog', catalog, 'serve', '--no-open', '--address', '127.0.0.1:0', '--data', join(home, 'hub'), '--sample', '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
const { hub } = await new Promise((ready, broken) => {
  let said = '';
  serve.stdout.on('data', (part) => { said += part; if (said.trimEnd().endsWith('}')) ready(JSON.parse(said)); });
  serve.on('exit', () => broken(new Error(`the hub did not start: ${said}`)));
});
const base = hub.replace(/\/$/, '');
const token = readFileSync(join(home, 'hub', 'token'), 'utf8').trim();
const { dressedVisitor, closed, check, looksNow, end } = await begin(base, shots);
const SCENARIO = 'con-block-palletizing';

/** Every word of the site by its key, so that one walk reads in both languages. */
const sources = ['words', 'words_people', 'words_market', 'words_proofs', 'words_challenge', 'words_monitor'];
const table = sources.map((each) => readFileSync(fileURLToPath(new URL(`../src/hub/lib/${each}.ts`, import.meta.url)), 'utf8')).join('\n');
const known = new Map([...table.matchAll(/^ {2}'?([\w.-]+)'?: \['(.*?)', '(.*)'\],$/gm)].map(([, key, zh, en]) => [key, { zh, en }]));
const wordsIn = (language) => (key) => {
  if (!known.has(key)) throw new Error(`the site has no word ${key}`);
  return known.get(key)[language];
};

async function send(method, path, body) {
  const answer = await fetch(`${base}/api/v1/${path}`, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}
const ask = async (path) => (await fetch(`${base}/api/v1/${path}`)).json();
const command = (...args) => execFileSync(leitai, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LEITAI_HUB: base } });

// --- who they are ---------------------------------------------------------------------------------------------------------
const people = { maker: ['示例整机企业', 'A sample maker'], buyer: ['示例建筑公司', 'A sample builder'], authority: ['示例主管部门', 'A sample authority'], institute: ['示例研究院', 'A sample institute'], test_center: ['示例检测中心', 'A sample test center'] };
const idOf = (kind) => `sample-${kind.replace('_', '-')}`;
for (const [kind, [zh, en]] of Object.entries(people)) {
  const products = kind === 'maker' ? ['ur20', 'kuka-iiwa14'] : [];
  await send('PUT', `organizations/${idOf(kind)}`, { name: { zh, en }, kind, district: kind === 'maker' ? 'yizhuang' : null, products, why: 'a walk through the journeys' });
  const { page } = await send('POST', 'invitations', { organization: idOf(kind), role: 'owner' });
  await send('POST', 'invitations/join', { key: page.split('#')[1], newcomer: { account: idOf(kind), name: idOf(kind), password: 'a long password' } });
}
/** Somebody of an organization of this kind, signed in on this kind of screen. */
async function somebody(kind, language, dress) {
  const t = wordsIn(language);
  const one = await dressedVisitor(dress, { locale: language === 'zh' ? 'zh-CN' : 'en-US', acceptDownloads: true });
  const open = (path) => one.open(inLanguage(path, language));
  await open('/sign-in');
  await one.page.getByLabel(t('account_id')).fill(idOf(kind));
  await one.page.getByLabel(t('password')).fill('a long password');
  await one.page.locator('main').getByRole('button', { name: t('sign_in') }).click();
  await one.page.waitForURL((url) => url.pathname !== '/sign-in');
  await settled(one.page);
  return { ...one, open, t };
}
const looked = (one, name, language, dress) => looksNow(one.page, `journey-${name}`, language, dress);

/** A maker publishes a bundle with a token of the own, offers the product, and has a page whose every figure opens its record. */
async function maker(language, dress) {
  const one = await somebody('maker', language, dress);
  const { page, open, t } = one;
  await open('/account');
  await page.getByLabel(t('token_label')).fill(`ci-${language}`);
  await page.getByRole('button', { name: t('token_make') }).click();
  await page.locator('.secret code').waitFor();
  const own = await page.locator('.secret code').innerText();
  const said = JSON.parse(command('--json', 'publish', bundle, '--hub', base, '--token', own));
  check('the hub ran what the maker published again', said.evidence.check.state === 'agrees');
  await open(`/products/${said.evidence.robot}`);
  await page.locator('td a.cell').first().waitFor();
  const offer = page.locator('details').filter({ hasText: t('offer_state') });
  await offer.locator('summary').click();
  await offer.getByLabel(t('limit_price_cny')).fill('250000');
  await offer.getByLabel(t('limit_delivery_days')).fill('30');
  await offer.getByLabel(t('offer_source')).fill('a walk');
  await offer.getByRole('button', { name: t('offer_send') }).click();
  await offer.getByText(t('saved')).waitFor();
  await looked(one, 'maker', language, dress);
  await page.locator('td a.cell').first().click();
  await page.getByTestId('status').waitFor();
  check('a cell of the map opens evidence about the product', (await ask(new URL(page.url()).pathname.slice(1))).robot === said.evidence.robot);
  await closed(one);
  return said.evidence;
}

/** A buyer states a need, has two robots proved, drags the worst trial to where it failed, and takes the contract's annex away. */
async function buyer(language, dress, mass) {
  const one = await somebody('buyer', language, dress);
  const { page, open, t } = one;
  const need = async () => {
    await open('/match');
    await page.getByTestId('scenario').selectOption(SCENARIO);
    await page.locator('form input[type=number]').first().fill(String(mass));
    await page.getByTestId('match').click();
    await page.getByTestId('match-row').first().waitFor();
  };
  await need();
  check('before any proof the rows say so', (await page.getByTestId('match-row').first().innerText()).includes(t('group_unproven')));
  await page.getByText(t('need_state')).click();
  await page.getByLabel(t('need_title')).fill(language === 'zh' ? '示例工地的码垛' : 'Stacking at a sample site');
  await page.getByRole('button', { name: t('need_send') }).click();
  await page.getByText(t('saved')).waitFor();
  await open('/match');
  check('the need is listed for who could answer it', (await page.getByTestId('needs').innerText()).includes(people.buyer[language === 'zh' ? 0 : 1]));
  await looked(one, 'buyer-needs', language, dress);
  await need();
  // The button gives way to how far the proof is, so that the next row's is the first.
  for (const asked of [1, 2]) {
    await page.getByTestId('run').first().click();
    await page.getByTestId('proof').nth(asked - 1).waitFor();
  }
  await page.getByTestId('proof').getByRole('link', { name: t('see_evidence') }).nth(1).waitFor({ timeout: 300_000 });
  await need();
  const rows = await page.getByTestId('match-row').allInnerTexts();
  check(`two are settled: ${rows.map((each) => each.split('\n')[2])}`, rows.filter((each) => !each.includes(t('group_unproven'))).length >= 2);
  await looked(one, 'buyer-match', language, dress);
  const settledRow = page.getByTestId('match-row').filter({ has: page.getByRole('link', { name: t('see_evidence') }) });
  const download = page.waitForEvent('download');
  await settledRow.first().getByTestId('take').click();
  const file = readFileSync(await (await download).path(), 'utf8');
  check('the annex names the job, its content and the figure', file.includes(SCENARIO) && /digest = "[0-9a-f]{64}"/.test(file) && file.includes(String(mass)));
  // Of what was run, one that failed in a trial.
  const found = (await ask(`evidence?scenario=${SCENARIO}&per_page=200`)).items.find((each) => each.parameters.block_mass_kg === mass && each.trials > 0);
  if (found) {
    await open(`/evidence/${found.digest}`);
    await page.locator('#report').scrollIntoViewIfNeeded();
    const report = page.frameLocator('#report iframe');
    await report.getByTestId('status').waitFor({ timeout: 60_000 });
    const jump = report.getByTestId('to-failure');
    if (await jump.count()) await jump.click();
    check('the worst trial is there to be dragged through', (await report.getByTestId('scrub').count()) === 1);
    await looked(one, 'buyer-evidence', language, dress);
  }
  check('something was run in trials', found !== undefined);
  await closed(one);
}

/** An authority drills from an indicator to a replay, and turns a gap into a sealed challenge. */
async function authority(language, dress) {
  const one = await somebody('authority', language, dress);
  const { page, open, t } = one;
  await open('/monitor');
  await looked(one, 'authority-monitor', language, dress);
  await page.getByTestId('tile-scenarios').getByRole('link').first().click();
  await page.locator('#indicator tbody a').first().click();
  await page.waitForURL('**/scenarios/**');
  await settled(page);
  await page.locator('#watch').scrollIntoViewIfNeeded();
  await page.frameLocator('#watch iframe').getByTestId('scrub').waitFor({ timeout: 90_000 });
  check('from an indicator to a replay', true);
  await open('/monitor');
  check('a gap tells that it is needed', /[12]/.test(await page.locator('#gaps a[href*="needs="]').first().innerText()));
  await page.locator('#gaps').getByRole('link', { name: t('gap_challenge') }).first().click();
  await page.waitForURL('**/challenges/new**');
  await settled(page);
  const id = `from-a-gap-${language}`;
  await page.getByLabel(t('new_id')).fill(id);
  for (const [key, text] of [['new_title_zh', '由缺口而来的榜单'], ['new_title_en', 'A challenge from a gap'], ['new_text_zh', '把砌块码成一层。'], ['new_text_en', 'Stack one layer of blocks.'], ['new_prize_zh', '首用订单'], ['new_prize_en', 'A first order']]) await page.getByLabel(t(key)).fill(text);
  await page.getByLabel(t('new_sealed')).check();
  await page.getByLabel(t('trials_of_each')).fill('2');
  const soon = new Date(Date.now() + 60_000 + 60_000);
  await page.getByLabel(t('deadline'), { exact: true }).fill(new Date(soon - soon.getTimezoneOffset() * 60_000).toISOString().slice(0, 16));
  await page.getByLabel(t('why'), { exact: true }).fill('nobody has proved it');
  await page.getByRole('button', { name: t('challenge_new') }).click();
  await page.waitForURL(`**/challenges/${id}`);
  await settled(page);
  check('the challenge is sealed by a commitment', /[0-9a-f]{64}/.test(await words(page)));
  await looked(one, 'authority-challenge', language, dress);
  await closed(one);
  return id;
}

/** A developer rehearses, answers with an own solution, and finds the own row after the deadline, with the command that runs it again. */
async function developer(language, dress, id) {
  const one = await somebody('institute', language, dress);
  const { page, open, t } = one;
  await open(`/challenges/${id}`);
  check('how to rehearse is said', (await words(page)).includes('leitai prove --acceptance'));
  const solution = readFileSync(fileURLToPath(new URL('../../catalog/solutions/block-palletizing/solution.toml', import.meta.url)), 'utf8').replace('id = "block-palletizing"', `id = "own-way-${language}"`);
  await page.getByLabel(t('answer_robot'), { exact: true }).fill('ur20');
  await page.getByTestId('answer-files').setInputFiles([{ name: 'solution.toml', mimeType: 'text/plain', buffer: Buffer.from(solution) }]);
  await page.getByRole('button', { name: t('answer_send') }).click();
  await page.getByText(t('answer_sent')).waitFor();
  await page.getByTestId('state').getByText(t('challenge_ranked')).waitFor({ timeout: 400_000 });
  await page.locator('#leaderboard li').first().waitFor();
  check('the own row is there', (await page.locator('#leaderboard').innerText()).includes(people.institute[language === 'zh' ? 0 : 1]));
  await looked(one, 'developer-leaderboard', language, dress);
  const file = await (await fetch(`${base}/api/v1/challenges/${id}/acceptance`)).text();
  check('whoever doubts it has the file that runs it again', file.includes('[seal]') && file.includes('seed = '));
  await closed(one);
}

/** A test center takes a stranger's bundle away, runs it again with seeds of its own, and comments on the challenge. */
async function testCenter(language, dress, evidence, id) {
  const one = await somebody('test_center', language, dress);
  const { page, open, t } = one;
  await open(`/evidence/${evidence.digest}`);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: t('download') }).first().click();
  const path = join(home, `${language}.leitai`);
  await (await download).saveAs(path);
  const said = command('verify', path, '--reexecute', '1', '--fresh', '1');
  check('the bundle runs again to the same bits, and on fresh seeds', said.length > 0);
  await open(`/challenges/${id}`);
  await page.getByLabel(t('comment_text'), { exact: true }).fill(language === 'zh' ? '与现场一致。' : 'As on site.');
  await page.getByRole('button', { name: t('comment_send') }).click();
  await page.locator('#comments li').first().waitFor();
  await page.evaluate(() => { for (const each of document.querySelectorAll('#comments p')) each.setAttribute('translate', 'no'); });
  await looked(one, 'test-center', language, dress);
  await closed(one);
}

for (const [language, dress, mass] of [['en', 'desk-light', 12], ['zh', 'phone-dark', 14]]) {
  const evidence = await maker(language, dress);
  await buyer(language, dress, mass);
  const id = await authority(language, dress);
  await developer(language, dress, id);
  await testCenter(language, dress, evidence, id);
}
serve.kill('SIGINT');
await new Promise((ended) => serve.on('exit', ended));
const audited = command('hub', 'check', '--data', join(home, 'hub'));
check('afterwards every figure follows from the records', audited.length > 0);
rmSync(home, { recursive: true });
await end('on the five journeys');
