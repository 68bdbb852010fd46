// What every walk through the hub's site shares: browsers whose complaints are collected, checks that are counted, and the things
// that must be true of every page in every dress.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launch } from '../dev/browser.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Languages, light and dark, desk and phone. */
export const DRESSES = ['desk-light', 'desk-dark', 'phone-light', 'phone-dark'];
const dressed = (dress) => ({
  colorScheme: dress.endsWith('dark') ? 'dark' : 'light',
  ...(dress.startsWith('phone') ? { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } : {}),
});

/** A walk on the hub at `base`; with `shots`, pictures of its pages go to that folder. */
export async function begin(base, shots) {
  if (shots) mkdirSync(shots, { recursive: true });
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
  const dressedVisitor = (dress, options = {}) => visitor({ ...dressed(dress), ...options });

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

  /** Opens `path` in `language` and checks what holds of every page; `name` is the picture's. */
  async function looks(one, name, path, language, dress) {
    const where = `${name} (${language}, ${dress})`;
    await one.open(inLanguage(path, language));
    await looksNow(one.page, name, language, dress, where);
  }

  /** The same of the page as it stands, without opening it. */
  async function looksNow(page, name, language, dress, where = `${name} (${language}, ${dress})`) {
    check(`${where} is in its language`, (await languageOf(page)) === (language === 'zh' ? 'zh-CN' : 'en'));
    check(`${where} has one headline`, (await page.locator('h1').count()) === 1);
    const text = await own(page);
    if (language === 'en') check(`${where} has no Chinese left: ${text.match(/.{0,20}[\u4e00-\u9fff].{0,20}/)?.[0]}`, !/[\u4e00-\u9fff]/.test(text));
    check(`${where} says no code for a word: ${text.match(/\{\w+\}|undefined|NaN|\[object/)?.[0]}`, !/\{\w+\}|undefined|NaN|\[object/.test(text));
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    check(`${where} needs no sideways scroll: ${wide} > ${room}`, wide <= room);
    await accessible(page, where);
    if (shots) {
      await page.evaluate(() => scrollTo(0, 0));
      await page.evaluate(() => { for (const frame of document.querySelectorAll('iframe')) frame.style.visibility = 'hidden'; });
      await page.screenshot({ path: `${shots}/${name}-${language}-${dress}.png`, fullPage: true });
    }
  }

  /** Closes the browser, says what failed, and ends with exit code 1 if anything did. */
  async function end(what) {
    await browser.close();
    if (failed.length) console.error(failed.map((each) => `- ${each}`).join('\n'));
    console.log(`${checks - failed.length} of ${checks} checks passed ${what}`);
    process.exitCode = failed.length ? 1 : 0;
  }

  return { visitor, dressedVisitor, closed, check, none, accessible, looks, looksNow, end };
}

/** A path with the language that it is to be shown in. */
export const inLanguage = (path, language) => {
  const [before, hash = ''] = path.split('#');
  return `${before}${before.includes('?') ? '&' : '?'}lang=${language}${hash ? `#${hash}` : ''}`;
};
/** Waits until what the page asked for is there. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector('main') && !document.querySelector('[aria-busy=true] [role=status]'));
  await page.waitForTimeout(150);
}
export const languageOf = (page) => page.evaluate(() => document.documentElement.lang);
export const words = (page) => page.locator('main').innerText();

/** The site's own words: what the data has in one language only, such as a source's title, says so by `lang` or `translate`. */
const own = (page) => page.evaluate(() => {
  const copy = document.body.cloneNode(true);
  for (const each of copy.querySelectorAll('[lang="zh-CN"], [translate="no"], iframe, script, noscript')) each.remove();
  return copy.textContent;
});
