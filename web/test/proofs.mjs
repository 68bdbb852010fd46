// Walks what the hub proves itself, on a real hub that began empty: somebody who may not ask sees how to, the operator asks from a product's page,
// looks on while trials run, takes a proof back, and finds the evidence; then the page in every dress, while proofs wait and run.
//
//   node test/proofs.mjs http://127.0.0.1:8420 LINK [shots=FOLDER]     LINK: the one-time link that leitai serve prints; the store is changed
import { DRESSES, begin, settled, words } from './walk.mjs';

const [base, link, ...more] = process.argv.slice(2);
const shots = more.find((each) => each.startsWith('shots='))?.slice(6);
const { visitor, dressedVisitor, closed, check, looks, end } = await begin(base.replace(/\/$/, ''), shots);
const SCENARIO = 'con-block-palletizing';

const stranger = await visitor();
await stranger.open('/proofs?lang=en');
check('a stranger is told who may ask', (await words(stranger.page)).includes('needs an account that may'));
check('and sees the key that signs', (await words(stranger.page)).includes('BEGIN PUBLIC KEY'));
await stranger.open('/products/ur20?lang=en');
check('a stranger is offered nothing that they may not', !(await words(stranger.page)).includes('Prove here'));
await closed(stranger);

const operator = await visitor();
const { page, open } = operator;
await open(new URL(link).pathname + new URL(link).search);

// --- from a product's page to a settled claim: an arm that cannot reach needs no trial --------------------------------------------
await open('/products/kuka-iiwa14?lang=en');
await page.getByRole('link', { name: 'Prove here' }).first().click();
await page.getByLabel('Robot', { exact: true }).waitFor();
check('the robot is filled in', (await page.getByLabel('Robot', { exact: true }).inputValue()) === 'kuka-iiwa14');
await page.getByLabel('Scenario', { exact: true }).fill(SCENARIO);
await page.getByLabel('block_mass_kg').fill('5');
await page.locator('.ask').getByLabel('Why').fill('a walk through the pages');
await page.getByRole('button', { name: 'Ask for a proof' }).click();
await page.getByText('Asked for; its progress is below').waitFor();
await page.getByRole('link', { name: 'Open the evidence' }).first().waitFor({ timeout: 120_000 });
await page.getByRole('link', { name: 'Open the evidence' }).first().click();
await page.getByTestId('status').waitFor();
check('the evidence is signed by the hub', (await words(page)).includes('this hub'));

// --- the same again is not proved twice -------------------------------------------------------------------------------------------
await open(`/proofs?new=1&robot=kuka-iiwa14&scenario=${SCENARIO}&set=block_mass_kg:5&lang=en`);
await page.locator('.ask').getByLabel('Why').fill('again');
await page.waitForFunction(() => [...document.querySelectorAll('input[type=number]')].some((each) => each.value === '5'));
await page.getByRole('button', { name: 'Ask for a proof' }).click();
await page.waitForURL('**/evidence/*');
check('a claim that is settled leads to its evidence', true);

// --- trials run, and somebody takes one back ----------------------------------------------------------------------------------------
async function asked(robot, trials) {
  await open(`/proofs?new=1&robot=${robot}&scenario=${SCENARIO}&lang=en`);
  await page.getByLabel('block_mass_kg').waitFor();
  await page.getByLabel('Trials', { exact: true }).selectOption('fixed');
  await page.getByLabel('Exactly how many').fill(String(trials));
  await page.locator('.ask').getByLabel('Why').fill('a walk through the pages');
  await page.getByRole('button', { name: 'Ask for a proof' }).click();
  await page.getByText('Asked for; its progress is below').waitFor();
}
await asked('ur20', 900);
await asked('ur30', 500);
await page.getByText('of 900 trials').waitFor();
await page.getByText('What they say so far').first().waitFor({ timeout: 120_000 });
await page.getByText('What they say so far').first().click();
check('what trials say so far has its interval', (await words(page)).includes('required'));

// --- in every dress, while one runs and one waits -----------------------------------------------------------------------------------
const cookies = await operator.context.cookies();
for (const dress of DRESSES) {
  const member = await dressedVisitor(dress);
  await member.context.addCookies(cookies);
  for (const language of ['zh', 'en']) {
    await looks(member, 'proofs', '/proofs', language, dress);
    await looks(member, 'proofs-ask', `/proofs?new=1&robot=ur20&scenario=${SCENARIO}`, language, dress);
    await looks(member, 'proofs-product', '/products/ur20', language, dress);
  }
  await closed(member);
}

// --- taken back -----------------------------------------------------------------------------------------------------------------
await open('/proofs?lang=en');
for (let left = 2; left > 0; left -= 1) {
  const proof = page.locator('li', { has: page.locator('progress') }).first();
  await proof.locator('summary', { hasText: 'Cancel' }).click();
  await proof.getByLabel('Why').fill('seen enough');
  await proof.getByRole('button', { name: 'Cancel it' }).click();
  await page.waitForFunction((n) => document.querySelectorAll('progress').length < n, left);
}
await settled(page);
check('what was taken back says so', (await words(page)).includes('Canceled'));
await open('/ledger?lang=en');
const told = await words(page);
check('the ledger tells all of it', ['Proof asked for', 'Proof done', 'Proof canceled'].every((each) => told.includes(each)));
await closed(operator);
await end(`on ${base}`);
