// Opens pages from file:// in headless Chromium and checks what a reader would notice.
//
//   node test/report.mjs                 the made-up pages of dev/sample.mjs
//   node test/report.mjs REPORT.html...  any rendered pages, such as one that `leitai prove` wrote
//
// Needs Chromium (Debian: apt-get install chromium; CHROMIUM=path for another place). Ends with exit code 1 at the first failure.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../dev/browser.mjs';

const web = fileURLToPath(new URL('..', import.meta.url));
let files = process.argv.slice(2);
if (files.length === 0) {
  execFileSync(process.execPath, ['dev/sample.mjs'], { cwd: web, stdio: 'inherit' });
  files = ['report', 'refuted', 'rejected', 'model'].map((name) => `${web}dev/out/${name}.html`);
}

const browser = await launch();
let checks = 0;
const check = (what, truth) => {
  assert.ok(truth, what);
  checks += 1;
};

/** A page with the given options, its complaints collected. */
async function open(file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const complaints = [];
  const requests = [];
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => { if (!/^(data|blob):/.test(request.url())) requests.push(request.url()); });
  await page.goto(`file://${resolve(file)}`);
  await page.waitForTimeout(600);
  return { context, page, complaints, requests };
}

/** How many different colors the canvas shows: 1 when blank. */
const colors = (page) => page.evaluate(() => {
  const canvas = document.querySelector('[data-testid=stage] canvas');
  const copy = document.createElement('canvas');
  copy.width = 160;
  copy.height = 90;
  const pen = copy.getContext('2d');
  pen.drawImage(canvas, 0, 0, 160, 90);
  const pixels = pen.getImageData(0, 0, 160, 90).data;
  const seen = new Set();
  for (let i = 0; i < pixels.length; i += 4) seen.add(`${pixels[i]},${pixels[i + 1]},${pixels[i + 2]},${pixels[i + 3]}`);
  return seen.size;
});
const positions = (page) => page.evaluate(() => window.leitai.bodies.map((_, i) => window.leitai.position(i)));
const differ = (a, b) => a.some((each, i) => Math.hypot(...each.map((x, k) => x - b[i][k])) > 0.005);

for (const file of files) {
  const data = JSON.parse(readFileSync(file, 'utf8').match(/id="leitai-data">(.*?)<\/script>/s)[1]);
  const { context, page, complaints, requests } = await open(file);
  const chinese = /[\u4e00-\u9fff]/;

  await page.getByTestId('en').click();
  const english = await page.locator('body').innerText();
  check('English is chosen', (await page.evaluate(() => document.documentElement.lang)) === 'en');
  await page.getByTestId('zh').click();
  const mandarin = await page.locator('body').innerText();
  check('Chinese is chosen', (await page.evaluate(() => document.documentElement.lang)) === 'zh-CN');
  const title = data.kind === 'report' ? data.verdict.sentence : data.title;
  check('the headline is in both languages', english.includes(title.en) && mandarin.includes(title.zh));
  const own = english.replace('擂台', '').replace('中文', '');
  check(`no Chinese is left on the English page: ${own.match(/.*[\u4e00-\u9fff].*/)?.[0]}`, !chinese.test(own));

  if (data.kind === 'report') {
    check('the verdict is said', english.includes({ proved: 'Proved', refuted: 'Refuted', undecided: 'Undecided', rejected: 'Rejected' }[data.verdict.status]));
    const assumed = data.assumptions.filter((each) => each.standing === 'assumed').length;
    check('the headline counts assumed figures', english.includes(`${assumed} assumed figure`));
    check('every requirement is there', data.requirements.every((each) => english.includes(each.name.en)));
    check('the command is there', english.includes(data.command));
  }
  if (data.kind === 'report' && data.replays.length) {
    await page.waitForFunction(() => window.leitai?.position(0));
    check('the canvas is not blank', (await colors(page)) > 40);
    const start = await positions(page);
    const end = data.replays[0].track.duration_s;
    await page.getByTestId('scrub').fill(String((end / 2).toFixed(2)));
    await page.waitForTimeout(300);
    const middle = await positions(page);
    check('scrubbing moves bodies', differ(start, middle));
    check('scrubbing moves the clock', Math.abs((await page.evaluate(() => window.leitai.time())) - end / 2) < 0.02);
    await page.evaluate(() => window.leitai.seek(0));
    check('going back restores them', !differ(start, await positions(page).then(async () => { await page.waitForTimeout(200); return positions(page); })));
    await page.getByTestId('play').click();
    await page.waitForTimeout(1200);
    await page.getByTestId('play').click();
    check('playing moves the clock', (await page.evaluate(() => window.leitai.time())) > 0.05);
    const failed = data.replays[0].track.events.find((event) => event.kind === 'failure');
    if (failed) {
      await page.getByTestId('to-failure').click();
      const time = await page.evaluate(() => window.leitai.time());
      check('the failure button goes to the failure', Math.abs(time - Math.max(0, failed.time_s - 1)) < 0.02);
    }
    if (data.replays.length > 1) {
      await page.getByTestId('choose-1').click();
      check('another trial starts at its beginning', (await page.evaluate(() => window.leitai.time())) === 0);
    }
    await page.getByRole('region').first().focus();
    await page.keyboard.press('ArrowRight');
    check('the arrow key steps', (await page.evaluate(() => window.leitai.time())) > 0.4);
    check('charts are drawn', (await page.locator('.chart svg path').count()) > 10);
  }
  if (data.kind === 'model') {
    await page.waitForFunction(() => window.leitai?.position(0));
    check('the canvas is not blank', (await colors(page)) > 40);
    const joint = data.joints.findIndex((each) => each.kind === 'hinge' || each.kind === 'slide');
    if (joint >= 0) {
      const before = await positions(page);
      await page.evaluate((index) => window.leitai.set(index, 0.7), joint);
      await page.waitForTimeout(200);
      const after = await positions(page);
      check('a slider moves what hangs on the joint', data.scene.bodies.length <= data.joints[joint].body + 1 || differ(before, after));
      await page.getByTestId('reset').click();
      await page.waitForTimeout(200);
      check('reset brings it home', !differ(before, await positions(page)));
    }
  }

  await page.getByTestId('theme').click();
  await page.getByTestId('theme').click();
  check('dark is dark', (await page.evaluate(() => document.documentElement.dataset.theme)) === 'dark');
  assert.deepEqual(complaints, [], 'no errors in the console');
  assert.deepEqual(requests.filter((url) => !url.startsWith('file://') || !url.endsWith(encodeURI(basename(file)))), [], 'no request but the page itself');
  checks += 2;
  await context.close();

  const phone = await open(file, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  check('a phone needs no sideways scroll', (await phone.page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
  assert.deepEqual(phone.complaints, [], 'no errors on a phone');
  await phone.context.close();
  console.log(`${basename(file)}: good`);
}

// Without WebGL the rest of the page stands and says what is missing.
const bare = await browser.newContext();
await bare.addInitScript(() => {
  const real = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (kind, ...rest) { return kind.startsWith('webgl') ? null : real.call(this, kind, ...rest); };
});
const page = await bare.newPage();
const errors = [];
page.on('pageerror', (error) => errors.push(error.message));
const withView = files.find((file) => /"(replays|joints)":\[\{/.test(readFileSync(file, 'utf8')));
if (withView) {
  await page.goto(`file://${resolve(withView)}`);
  await page.getByTestId('en').click();
  await page.getByRole('alert').first().waitFor();
  check('a missing WebGL is said', /offers no WebGL 2/.test(await page.locator('[role=alert]').first().innerText()));
  assert.deepEqual(errors, [], 'no errors without WebGL');
}
await browser.close();
console.log(`${checks} checks passed on ${files.length} page(s)`);
