// Walks the hub's site in headless Chromium and checks what a visitor would notice, in both languages, light and dark, at a desk and on a phone.
//
//   node test/hub.mjs                       on the made-up records of dev/hub.mjs
//   node test/hub.mjs http://127.0.0.1:8420 on a real hub, which it only reads
//   node test/hub.mjs [URL] shots=FOLDER    and leaves a picture of every page, to look at
//
// Needs Chromium (Debian: apt-get install chromium; CHROMIUM=path for another place). Ends with exit code 1 if anything is wrong.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { launch } from '../dev/browser.mjs';
import { create } from '../dev/hub.mjs';

const web = fileURLToPath(new URL('..', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const real = process.argv.slice(2).find((each) => each.startsWith('http'))?.replace(/\/$/, '');
const shots = process.argv.slice(2).find((each) => each.startsWith('shots='))?.slice(6);
if (shots) mkdirSync(shots, { recursive: true });
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

const browser = await launch();
let checks = 0;
const failed = [];
const check = (what, truth) => {
  checks += 1;
  if (!truth) failed.push(what);
};
const none = (what, found) => check(`${what}:\n    ${found.join('\n    ')}`, found.length === 0);

/** A browser whose complaints, and requests to elsewhere, are collected. */
async function visitor(options = {}, home = base) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, reducedMotion: 'reduce', locale: 'en-US', ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(home) && !/^(data|blob):/.test(url)) complaints.push(`a request to ${url}`);
  });
  return { context, page, complaints, open: (path) => page.goto(home + path).then(() => settled(page)) };
}
async function settled(page) {
  await page.waitForFunction(() => document.querySelector('main') && !document.querySelector('[aria-busy=true] [role=status]'));
  await page.waitForTimeout(150);
}
const closed = async (one) => {
  none('errors in the console, or requests to elsewhere', one.complaints);
  await one.context.close();
};

/** What axe finds: labels, contrast, order, names. Pages in frames are checked by their own test. */
async function accessible(page, where) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run({ exclude: [['iframe']] }, { resultTypes: ['violations'] }));
  const said = found.violations.map((each) => `${each.id}: ${each.help}: ${each.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`).join('; ')}`);
  none(`axe on ${where}`, said);
}
/** The site's own words: what the data has in one language only, such as a source's title, says so by `lang` or `translate`. */
const own = (page) => page.evaluate(() => {
  const copy = document.body.cloneNode(true);
  for (const each of copy.querySelectorAll('[lang="zh-CN"], [translate="no"], iframe, script, noscript')) each.remove();
  return copy.textContent;
});
const words = (page) => page.locator('main').innerText();

// --- every page, in every dress ---------------------------------------------------------------------------------------
const evidence = (await ask('evidence?per_page=200')).items;
const [product] = (await ask('products?per_page=200')).items.sort((a, b) => total(b.verdicts) - total(a.verdicts));
const [scenario] = (await ask('scenarios?per_page=200')).items.sort((a, b) => total(b.verdicts) - total(a.verdicts));
function total(counts) {
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}
const pages = { home: '/', scenarios: '/catalog?tab=scenarios', product: `/products/${product.id}`, scenario: `/scenarios/${scenario.id}`, evidences: '/evidence', ledger: '/ledger', nothing: '/products/no-such-robot' };
for (const kind of ['proved', 'refuted', 'undecided', 'rejected']) {
  const one = evidence.find((each) => each.decision === kind);
  if (one) pages[kind] = `/evidence/${one.digest}`;
}
for (const [name, test] of Object.entries({ stale: (each) => each.stale.length, queued: (each) => each.check.state === 'queued', refusal: (each) => each.check.state === 'refused' })) {
  const one = evidence.find(test);
  if (one) pages[name] = `/evidence/${one.digest}`;
}

for (const dress of ['desk-light', 'desk-dark', 'phone-light', 'phone-dark']) {
  const phone = dress.startsWith('phone');
  const one = await visitor({ colorScheme: dress.endsWith('dark') ? 'dark' : 'light', ...(phone ? { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } : {}) });
  for (const language of ['zh', 'en']) {
    for (const [name, path] of Object.entries(pages)) {
      const where = `${name} (${language}, ${dress})`;
      await one.open(`${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
      // The page that is not there is a 404 of the API, which the browser reports too.
      if (name === 'nothing') one.complaints.splice(0, one.complaints.length, ...one.complaints.filter((each) => !each.includes('404')));
      check(`${where} is in its language`, (await page_language(one.page)) === (language === 'zh' ? 'zh-CN' : 'en'));
      check(`${where} has one headline`, (await one.page.locator('h1').count()) === 1);
      const text = await own(one.page);
      if (language === 'en') check(`${where} has no Chinese left: ${text.match(/.{0,20}[\u4e00-\u9fff].{0,20}/)?.[0]}`, !/[\u4e00-\u9fff]/.test(text.replace('样例检测中心', '')));
      check(`${where} says no code for a word: ${text.match(/\{\w+\}|undefined|NaN|\[object/)?.[0]}`, !/\{\w+\}|undefined|NaN|\[object/.test(text));
      check(`${where} needs no sideways scroll`, (await one.page.evaluate(() => document.documentElement.scrollWidth)) <= (phone ? 390 : 1440));
      await accessible(one.page, where);
      if (shots) {
        await one.page.evaluate(() => { for (const frame of document.querySelectorAll('iframe')) frame.style.visibility = 'hidden'; });
        await one.page.screenshot({ path: `${shots}/${name}-${language}-${dress}.png`, fullPage: true });
      }
    }
  }
  await closed(one);
}
async function page_language(page) {
  return page.evaluate(() => document.documentElement.lang);
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
  await frame.locator('[data-testid=stage], canvas').first().waitFor({ timeout: 20_000 });
  check('the 3D model is shown in a sandbox', (await page.locator('#model iframe').getAttribute('sandbox')) === 'allow-scripts');
  await closed(one);
}
{
  const piece = evidence.find((each) => each.decision !== 'rejected' && each.check.state !== 'refused') ?? evidence[0];
  if (piece && (await ask(`evidence/${piece.digest}`)).has_report) {
    const one = await visitor();
    await one.open(`/evidence/${piece.digest}?lang=en`);
    await one.page.locator('#report').scrollIntoViewIfNeeded();
    await one.page.frameLocator('#report iframe').getByTestId('status').waitFor({ timeout: 20_000 });
    check('the report is shown in a sandbox', (await one.page.locator('#report iframe').getAttribute('sandbox')) === 'allow-scripts');
    await closed(one);
  }
}

// --- choices are kept -----------------------------------------------------------------------------------------------------
{
  const one = await visitor({ locale: 'zh-CN' });
  const { page } = one;
  await one.open('/');
  check('a Chinese browser is met in Chinese', (await page_language(page)) === 'zh-CN');
  await page.getByTestId('en').click();
  await page.getByTestId('theme').click();
  await page.getByTestId('theme').click();
  await page.reload();
  await settled(page);
  check('the language is kept', (await page_language(page)) === 'en');
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
  await waiting.page.frameLocator('#report iframe').getByTestId('status').waitFor({ timeout: 20_000 });
  await waiting.page.evaluate(() => { document.querySelector('#report iframe').dataset.mark = 'first'; });
  await waiting.page.getByTestId('check').getByText('Same bits').waitFor({ timeout: 20_000 });
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

await browser.close();
for (const server of servers) server.close();
if (failed.length) console.error(failed.map((each) => `- ${each}`).join('\n'));
console.log(`${checks - failed.length} of ${checks} checks passed on ${real ?? 'made-up records'}`);
process.exitCode = failed.length ? 1 : 0;
