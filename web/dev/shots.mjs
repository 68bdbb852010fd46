// Takes pictures of a page: node dev/shots.mjs PAGE.html PREFIX [desktop] [phone] [dark] [zh|en] [full] [at=SECONDS] [trial=INDEX].
import { resolve } from 'node:path';
import { launch } from './browser.mjs';

const [file, prefix, ...options] = process.argv.slice(2);
const has = (name) => options.includes(name);
const value = (name) => options.find((each) => each.startsWith(`${name}=`))?.split('=')[1];
const browser = await launch();
const phone = has('phone');
const context = await browser.newContext({
  viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 1000 },
  deviceScaleFactor: phone ? 2 : 1,
  colorScheme: has('dark') ? 'dark' : 'light',
  reducedMotion: 'reduce',
});
const page = await context.newPage();
page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') console.log(`${message.type()}: ${message.text()}`); });
page.on('pageerror', (error) => console.log(`page error: ${error.message}`));
await page.goto(`file://${resolve(file)}`);
for (const language of ['zh', 'en']) if (has(language)) await page.getByTestId(language).click();
if (value('trial')) await page.evaluate((index) => window.leitai.choose(index), Number(value('trial')));
if (value('at')) await page.evaluate((time) => window.leitai.seek(time), Number(value('at')));
for (const press of (value('click') ?? '').split(',').filter(Boolean)) await page.getByText(press, { exact: true }).first().click();
await page.waitForTimeout(1500);
if (has('full')) await page.screenshot({ path: `${prefix}.png`, fullPage: true });
else {
  const id = value('section');
  if (id) await page.locator(`#${id}`).screenshot({ path: `${prefix}.png` });
  else await page.screenshot({ path: `${prefix}.png` });
}
await browser.close();
