// Walks the hub's site in headless Chromium and checks what a visitor would notice, in both languages, light and dark, at a desk and on a phone.
//
//   node test/hub.mjs                       on the made-up records of dev/hub.mjs
//   node test/hub.mjs http://127.0.0.1:8420 on a real hub, which it only reads
//   node test/hub.mjs [URL] shots=FOLDER    and leaves a picture of every page, to look at
//
// Needs Chromium (Debian: apt-get install chromium; CHROMIUM=path for another place). Ends with exit code 1 if anything is wrong.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { create } from '../dev/hub.mjs';
import { DRESSES, begin, languageOf, settled, words } from './walk.mjs';

const web = fileURLToPath(new URL('..', import.meta.url));
const real = process.argv.slice(2).find((each) => each.startsWith('http'))?.replace(/\/$/, '');
const shots = process.argv.slice(2).find((each) => each.startsWith('shots='))?.slice(6);
if (!real && !existsSync(`${web}dev/out/model.html`)) execFileSync(process.execPath, ['dev/sample.mjs'], { cwd: web, stdio: 'inherit' });

const servers = [];
async function start(options) {
  const server = create(options);
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  servers.push(server);
  return `http://127.0.0.1:${server.address().port}`;
}
const base = real ?? (await start());
const ask = async (path) => (await fetch(`${base}/api/v1/${path}`)).json();
const { visitor, dressedVisitor, closed, check, accessible, looks, end } = await begin(base, shots);

// --- every page, in every dress ---------------------------------------------------------------------------------------
const evidence = (await ask('evidence?per_page=200')).items;
const [product] = (await ask('products?per_page=200')).items.sort((a, b) => total(b.verdicts) - total(a.verdicts));
const [scenario] = (await ask('scenarios?per_page=200')).items.sort((a, b) => total(b.verdicts) - total(a.verdicts));
function total(counts) {
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}
const pages = { home: '/', scenarios: '/catalog?tab=scenarios', product: `/products/${product.id}`, scenario: `/scenarios/${scenario.id}`, evidences: '/evidence', ledger: '/ledger', nothing: '/products/no-such-robot' };
pages.match = '/match';
pages.matched = `/match?scenario=${scenario.id}&kind=sale`;
for (const kind of ['proved', 'refuted', 'undecided', 'rejected']) {
  const one = evidence.find((each) => each.decision === kind);
  if (one) pages[kind] = `/evidence/${one.digest}`;
}
for (const [name, test] of Object.entries({ stale: (each) => each.stale.length, queued: (each) => each.check.state === 'queued', refusal: (each) => each.check.state === 'refused' })) {
  const one = evidence.find(test);
  if (one) pages[name] = `/evidence/${one.digest}`;
}

for (const dress of DRESSES) {
  const one = await dressedVisitor(dress);
  for (const language of ['zh', 'en']) {
    for (const [name, path] of Object.entries(pages)) {
      await looks(one, name, path, language, dress);
      // The page that is not there is a 404 of the API, which the browser reports too.
      if (name === 'nothing') one.complaints.splice(0, one.complaints.length, ...one.complaints.filter((each) => !each.includes('404')));
    }
  }
  await closed(one);
}

// --- finding a robot ----------------------------------------------------------------------------------------------------
{
  const one = await visitor();
  const { page } = one;
  const requests = [];
  page.on('request', (request) => requests.push(request.url()));
  await one.open('/?lang=en');
  await page.waitForTimeout(1000);
  const all = await page.locator('tbody tr').count();
  check(`nothing is asked for twice: ${requests.find((each, i) => requests.indexOf(each) !== i)}`, new Set(requests).size === requests.length);
  check('products are listed', all > 0);
  const name = product.name.zh.slice(0, 2);
  await page.getByTestId('search').fill(name);
  await page.waitForFunction(() => new URL(location.href).searchParams.get('q'));
  await settled(page);
  check('two Chinese characters find something, as they are typed', (await page.locator('tbody tr').count()) > 0);
  check('the search is in the address', decodeURIComponent(page.url()).includes(`q=${name}`));
  check('the search keeps its place', await page.evaluate(() => document.activeElement?.id === 'q'));
  await page.getByTestId('search').fill('zzzzz');
  await page.getByText('No product matches').waitFor();
  await page.getByRole('link', { name: 'Clear filters' }).first().click();
  await settled(page);
  const payload = product.figures.find((each) => each.name === 'payload_kg');
  if (payload) {
    await page.getByLabel('Payload at least').fill(String(payload.value));
    await page.getByLabel('Payload at least').blur();
    await page.waitForFunction(() => new URL(location.href).searchParams.get('payload_min'));
    await settled(page);
    const found = await ask(`products?payload_min=${payload.value}`);
    check('the list is what the filter asks for', (await words(page)).includes(`${found.total} product`));
  }
  await one.open(`/catalog?lang=en&class=${product.class}`);
  await page.locator('tbody a').first().click();
  await settled(page);
  check('a product opens without a reload', new URL(page.url()).pathname.startsWith('/products/'));
  check('reading goes on at the top, by keyboard too', await page.evaluate(() => document.activeElement?.id === 'main' && scrollY === 0));
  await page.goBack();
  await settled(page);
  check('back is the list with its filter', page.url().includes(`class=${product.class}`) && (await page.locator('tbody tr').count()) > 0);
  await one.open('/catalog?lang=en&class=medical');
  check('a class of the plan that no package names is empty, and says so', (await ask('products?class=medical')).total > 0 || (await words(page)).includes('No product matches'));
  await closed(one);
}

// --- every figure opens its record --------------------------------------------------------------------------------------
{
  const one = await visitor();
  const { page } = one;
  await one.open(`/products/${product.id}?lang=en`);
  const whole = await ask(`products/${product.id}`);
  const text = await words(page);
  check('every figure is there with its standing', whole.claims.every((each) => text.includes(each.name) && text.includes(each.standing)));
  check('sources are there', whole.sources.every((each) => text.includes(each.title)));
  check('the grade has its reason', text.includes(whole.grade_reason.en));
  const cells = page.locator('td a.cell');
  if (total(product.verdicts)) {
    check('the grid has a cell for each claim', (await cells.count()) > 0);
    check('a cell says its verdict in a word', /Proved|Refuted|Undecided|Rejected/.test(await cells.first().innerText()));
    await cells.first().click();
    await settled(page);
    check('a cell opens its evidence', new URL(page.url()).pathname.startsWith('/evidence/'));
    const digest = new URL(page.url()).pathname.split('/')[2];
    const piece = await ask(`evidence/${digest}`);
    const said = await words(page);
    check('the verdict is said', said.includes({ proved: 'Proved', refuted: 'Refuted', undecided: 'Undecided', rejected: 'Rejected' }[piece.decision]));
    check('every requirement is there', piece.rejection ? said.includes(piece.rejection.en) : piece.requirements.every((each) => said.includes(each.name.en) && said.includes(`${each.held} of ${each.trials}`)));
    if (!piece.signature) check('unsigned is said plainly', said.includes('Unsigned'));
    await page.getByRole('link', { name: 'Ledger entries of this record' }).click();
    await settled(page);
    check('its ledger entries are found', (await page.locator('tbody tr').count()) > 0);
  }
  await one.open(`/products/${product.id}?lang=en`);
  await page.locator('#model').scrollIntoViewIfNeeded();
  const frame = page.frameLocator('#model iframe');
  await frame.locator('[data-testid=stage], canvas').first().waitFor({ timeout: 90_000 });
  check('the 3D model is shown in a sandbox', (await page.locator('#model iframe').getAttribute('sandbox')) === 'allow-scripts');
  await closed(one);
}
{
  const piece = evidence.find((each) => each.decision !== 'rejected' && each.check.state !== 'refused') ?? evidence[0];
  if (piece && (await ask(`evidence/${piece.digest}`)).has_report) {
    const one = await visitor();
    await one.open(`/evidence/${piece.digest}?lang=en`);
    await one.page.locator('#report').scrollIntoViewIfNeeded();
    await one.page.frameLocator('#report iframe').getByTestId('status').waitFor({ timeout: 90_000 });
    check('the report is shown in a sandbox', (await one.page.locator('#report iframe').getAttribute('sandbox')) === 'allow-scripts');
    await closed(one);
  }
}

// --- a need finds products, and becomes an agreement ----------------------------------------------------------------------
{
  const one = await visitor({ acceptDownloads: true });
  const { page } = one;
  await one.open('/match?lang=en');
  await page.getByTestId('scenario').selectOption(scenario.id);
  const [parameter] = (await ask(`scenarios/${scenario.id}`)).parameters;
  if (parameter) await page.locator(`input[name="${parameter.name}"]`).fill(String(parameter.max));
  await page.getByLabel('Kind').selectOption('sale');
  await page.getByTestId('match').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('match-row').first().waitFor();
  await settled(page);
  const address = new URL(page.url()).searchParams;
  check('a need is in the address', address.get('scenario') === scenario.id && address.get('kind') === 'sale' && (!parameter || address.get(`set.${parameter.name}`) === String(parameter.max)));
  const wanted = { scenario: scenario.id, parameters: parameter ? { [parameter.name]: parameter.max } : {}, limits: { kind: 'sale' } };
  const said = await (await fetch(`${base}/api/v1/match?per_page=20`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(wanted) })).json();
  const rows = page.getByTestId('match-row');
  check('every product of the answer is a row, in its order', (await rows.count()) === said.items.length && (await rows.locator('h2 a').allInnerTexts()).every((name, i) => name === said.items[i].product.name.en));
  check('the first row says why it stands there', (await rows.first().textContent()).includes(said.items[0].why[0].en));
  check('what makers state is said to rank nothing', !said.items[0].product.figures.length || (await rows.first().textContent()).includes('ranks nothing'));
  const [download] = await Promise.all([page.waitForEvent('download'), rows.first().getByTestId('take').click()]);
  check('the agreement is a file', download.suggestedFilename() === 'acceptance.toml');
  check('who may not have the hub prove is shown the commands', (await page.getByTestId('run').count()) === 0);
  await page.reload();
  await page.getByTestId('match-row').first().waitFor();
  check('a linked answer fills the form again', (await page.getByTestId('scenario').inputValue()) === scenario.id && (await page.getByLabel('Kind').inputValue()) === 'sale');
  await closed(one);
}

// --- choices are kept -----------------------------------------------------------------------------------------------------
{
  const one = await visitor({ locale: 'zh-CN' });
  const { page } = one;
  await one.open('/');
  check('a Chinese browser is met in Chinese', (await languageOf(page)) === 'zh-CN');
  await page.getByTestId('en').click();
  await page.getByTestId('theme').click();
  await page.getByTestId('theme').click();
  await page.reload();
  await settled(page);
  check('the language is kept', (await languageOf(page)) === 'en');
  check('dark is kept', (await page.evaluate(() => document.documentElement.dataset.theme)) === 'dark');
  await page.keyboard.press('Tab');
  check('the first stop of the keyboard leads past the bar', (await page.evaluate(() => document.activeElement?.getAttribute('href'))) === '#main');
  await closed(one);
}

// --- what only a stand-in can show: progress, publishing, failure, emptiness ------------------------------------------------
if (!real) {
  const untouched = await start();
  const waiting = await visitor({}, untouched);
  await waiting.open(`${pages.queued}?lang=en`);
  await waiting.page.locator('#report').scrollIntoViewIfNeeded();
  await waiting.page.frameLocator('#report iframe').getByTestId('status').waitFor({ timeout: 90_000 });
  await waiting.page.evaluate(() => { document.querySelector('#report iframe').dataset.mark = 'first'; });
  await waiting.page.getByTestId('check').getByText('Same bits').waitFor({ timeout: 90_000 });
  check('the page polls without starting its report anew', (await waiting.page.locator('#report iframe').getAttribute('data-mark')) === 'first');
  await closed(waiting);

  const one = await visitor();
  const { page } = one;
  await one.open('/evidence?lang=en');
  await page.getByTestId('files').setInputFiles([{ name: 'good.leitai', mimeType: 'application/octet-stream', buffer: Buffer.from('fresh') }, { name: 'bad.leitai', mimeType: 'application/octet-stream', buffer: Buffer.from('bad') }]);
  await page.getByText('The bundle cannot be read').waitFor();
  check('a refusal says what to change', (await words(page)).includes('send the file as leitai prove wrote it'));
  await page.getByRole('link', { name: 'Accepted: open it' }).click();
  await settled(page);
  check('an accepted bundle opens', new URL(page.url()).pathname.startsWith('/evidence/'));
  one.complaints.splice(0, one.complaints.length, ...one.complaints.filter((each) => !each.includes('422')));

  await page.goto(`${base}/products/broken?lang=en`);
  await page.getByRole('button', { name: 'Try again' }).waitFor();
  check('a failing server is said', (await words(page)).includes('no valid answer (500)'));
  one.complaints.splice(0, one.complaints.length, ...one.complaints.filter((each) => !each.includes('500')));
  await closed(one);

  const home = await start({ empty: true, publisher: false });
  const stranger = await visitor({}, home);
  for (const [path, command] of [['/', 'leitai serve'], ['/catalog?tab=scenarios', 'leitai serve'], ['/evidence', 'leitai publish'], ['/ledger', 'leitai publish']]) {
    await stranger.open(`${path}${path.includes('?') ? '&' : '?'}lang=en`);
    check(`an empty ${path} says what fills it`, (await words(stranger.page)).includes(command));
    await accessible(stranger.page, `empty ${path}`);
    if (shots) await stranger.page.screenshot({ path: `${shots}/empty${path.replaceAll(/\W/g, '-')}.png`, fullPage: true });
  }
  await stranger.open('/evidence?lang=en');
  check('who may not publish is told how', (await stranger.page.getByTestId('files').count()) === 0);
  await closed(stranger);
}

for (const server of servers) server.close();
await end(real ? `on ${real}` : 'on made-up records');
