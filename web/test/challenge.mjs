// Walks a challenge on a real hub, from publishing over answers and comments to the ranks; then its pages in every dress.
//
//   node test/challenge.mjs http://127.0.0.1:8420 TOKEN [shots=FOLDER]     TOKEN: the operator's; the store is changed
//
// The hub should serve a catalog whose trials are short, or the ranks take as long as the trials do.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DRESSES, begin, inLanguage, settled, words } from './walk.mjs';

const [address, token, ...more] = process.argv.slice(2);
const base = address.replace(/\/$/, '');
const shots = more.find((each) => each.startsWith('shots='))?.slice(6);
const { visitor, dressedVisitor, closed, check, looks, looksNow, end } = await begin(base, shots);

async function send(method, path, body) {
  const answer = await fetch(`${base}/api/v1/${path}`, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}
const ask = async (path) => (await fetch(`${base}/api/v1/${path}`)).json();
const why = 'a walk through the pages';

// --- who takes part ---------------------------------------------------------------------------------------------------------
const names = { 'robot-bureau': ['测试主管部门', 'Test Bureau', 'authority'], 'first-arms': ['测试甲公司', 'First Arms', 'maker'], 'second-arms': ['测试乙公司', 'Second Arms', 'maker'], 'test-institute': ['测试研究院', 'Test Institute', 'institute'] };
for (const [id, [zh, en, kind]] of Object.entries(names)) await send('PUT', `organizations/${id}`, { name: { zh, en }, kind, why });
/** A browser signed in as somebody of an organization. */
async function member(organization, account) {
  const { page: link } = await send('POST', 'invitations', { organization, role: 'member' });
  await fetch(`${base}/api/v1/invitations/join`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ key: link.split('#')[1], newcomer: { account, name: account, password: 'a long password' } }) });
  const one = await visitor();
  await one.open('/sign-in?lang=en');
  await one.page.getByLabel('Account name').fill(account);
  await one.page.getByLabel('Password').fill('a long password');
  await one.page.locator('main').getByRole('button', { name: 'Sign in' }).click();
  await one.page.waitForURL((url) => url.pathname !== '/sign-in');
  await settled(one.page);
  return one;
}
const scenario = (await ask('scenarios')).items[0].id;
const text = { zh: '用任意六轴臂把八块砌块码成一层。\n不限方案：任务程序或沙箱控制器。', en: 'Stack eight blocks into a layer with any arm.\nAny solution: a task program or a sandboxed controller.' };

// --- an authority publishes ---------------------------------------------------------------------------------------------------
const bureau = await member('robot-bureau', 'bureau-clerk');
{
  const { page, open } = bureau;
  await open('/challenges?lang=en');
  check('no challenge is made up', (await words(page)).includes('No challenges yet'));
  await page.getByRole('link', { name: 'Publish a challenge' }).click();
  await settled(page);
  await page.getByLabel('Id of the challenge').fill('stack-a-layer');
  await page.getByLabel('Title in Chinese').fill('码垛揭榜：一层砌块');
  await page.getByLabel('Title in English').fill('Stack one layer of blocks');
  await page.getByLabel('What is asked and why, in Chinese').fill(text.zh);
  await page.getByLabel('What is asked and why, in English').fill(text.en);
  await page.getByLabel('Prize in Chinese').fill('首用订单三台');
  await page.getByLabel('Prize in English').fill('A first order of three machines');
  await page.getByTestId('scenario').selectOption(scenario);
  await page.getByRole('group', { name: 'Placement', exact: true }).getByLabel('Limit in one trial').fill('0.004321');
  await page.getByLabel('Keep the thresholds secret').check();
  await page.getByLabel('Metric that ranks').selectOption({ label: 'Throughput' });
  await page.getByLabel('Trials of each answer').fill('2');
  await page.getByLabel('Why', { exact: true }).fill(why);
  await page.getByRole('button', { name: 'Publish a challenge' }).click();
  await page.waitForURL('**/challenges/stack-a-layer');
  await settled(page);
  const said = await words(page);
  check('what is sealed is said, with its commitment', said.includes('sealed until the deadline') && /[0-9a-f]{64}/.test(said));
  check('what is sealed is not shown', !(await page.content()).includes('4321'));
  check('who published it may take it back', await page.getByRole('button', { name: 'Withdraw the challenge' }).isVisible());
}
// Another, which ends while we look; published as a program does.
const soon = Date.now() + 25_000;
await send('POST', 'challenges', {
  id: 'stack-soon', organization: 'robot-bureau', scenario, exactly: 2, sealed: true, rank_by: 'throughput', deadline_ms: soon, why,
  title: { zh: '码垛快榜', en: 'A quick stacking challenge' }, text, prize: { zh: '测试奖', en: 'A prize for the test' }, thresholds: [{ requirement: 'placement', rate_at_least: 0.05 }],
});

// --- makers answer, an institute comments ---------------------------------------------------------------------------------------
const solution = readFileSync(fileURLToPath(new URL('../../catalog/solutions/block-palletizing/solution.toml', import.meta.url)), 'utf8').replace('id = "block-palletizing"', 'id = "our-way"');
const first = await member('first-arms', 'first-engineer');
{
  const { page, open } = first;
  await open('/challenges/stack-soon?lang=en');
  await page.getByLabel('Robot', { exact: true }).fill('ur20');
  await page.getByTestId('answer-files').setInputFiles([{ name: 'solution.toml', mimeType: 'text/plain', buffer: Buffer.from('[[') }]);
  await page.getByRole('button', { name: 'Send the answer' }).click();
  await page.locator('#answer-form .bad').waitFor();
  first.complaints.splice(0);
  check('a wrong package is told at once', (await page.locator('#answer-form .bad').innerText()).includes('solution.toml'));
  await page.getByTestId('answer-files').setInputFiles([{ name: 'solution.toml', mimeType: 'text/plain', buffer: Buffer.from(solution) }]);
  await page.getByRole('button', { name: 'Send the answer' }).click();
  await page.getByText('its digest is public').waitFor();
  await settled(page);
  check('its own organization sees what it sent', (await page.locator('#answers').innerText()).includes('solution.toml'));
  await open('/challenges/stack-a-layer?lang=en');
  await page.getByLabel('Robot', { exact: true }).fill('ur20');
  await page.getByText('One of the catalog').click();
  await page.getByLabel('The solution’s id').fill('block-palletizing');
  await page.getByRole('button', { name: 'Send the answer' }).click();
  await page.getByText('its digest is public').waitFor();
}
await send('POST', 'challenges/stack-soon/submissions', { organization: 'second-arms', robot: 'ur20', solution: 'block-palletizing' });
await send('POST', 'challenges/stack-soon/submissions', { organization: 'test-institute', robot: 'kuka-iiwa14', solution: 'block-palletizing' });
const expert = await member('test-institute', 'institute-expert');
{
  const { page, open } = expert;
  await open('/challenges/stack-soon?lang=en');
  check('others see who and when, and not what', (await page.locator('#answers').innerText()).includes('Not public yet'));
  await page.getByLabel('Comment', { exact: true }).fill('题目与现场一致。');
  await page.getByRole('button', { name: 'Add the comment' }).click();
  await page.locator('#comments li').waitFor();
}

// --- while it is open, in every dress ---------------------------------------------------------------------------------------------
const cookies = { bureau: await bureau.context.cookies(), first: await first.context.cookies() };
const dressed = [];
for (const dress of DRESSES) {
  const [stranger, publisher, maker] = [await dressedVisitor(dress), await dressedVisitor(dress), await dressedVisitor(dress)];
  await publisher.context.addCookies(cookies.bureau);
  await maker.context.addCookies(cookies.first);
  for (const language of ['zh', 'en']) {
    await looks(stranger, 'challenges', '/challenges', language, dress);
    await looks(stranger, 'challenge-open', '/challenges/stack-a-layer', language, dress);
    await looks(publisher, 'challenge-new', `/challenges/new?scenario=${scenario}`, language, dress);
    await looks(maker, 'challenge-answer', '/challenges/stack-a-layer', language, dress);
  }
  dressed.push([dress, stranger]);
  await closed(publisher);
  await closed(maker);
}

// --- the deadline passes under the reader's eyes -----------------------------------------------------------------------------------
{
  const { page } = expert;
  await page.getByTestId('state').getByText('Ranked').waitFor({ timeout: 240_000 });
  await page.locator('#leaderboard li').first().waitFor();
  await settled(page);
  const board = await ask('challenges/stack-soon/leaderboard');
  const said = await page.locator('#leaderboard').innerText();
  check('every organization has its row', board.rows.length === 3 && ['First Arms', 'Second Arms', 'Test Institute'].every((name) => said.includes(name)));
  check('equal answers are tied', said.includes('tied') === (board.rows[0].rank === board.rows[1].rank));
  check('the secret is public', (await words(page)).includes('Seed, revealed') && (await words(page)).includes((await ask('challenges/stack-soon')).secret.seed));
  const file = await (await fetch(`${base}/api/v1/challenges/stack-soon/acceptance`)).text();
  check('the file reveals it too', file.includes('[seal]'));
  await page.getByLabel('About').selectOption('1');
  await page.getByLabel('Comment', { exact: true }).fill('A careful program.');
  await page.getByRole('button', { name: 'Add the comment' }).click();
  await page.locator('#comments li').nth(1).waitFor();
  await page.locator('#leaderboard').getByRole('link', { name: 'Evidence' }).first().click();
  await settled(page);
  check('a row opens its evidence', new URL(page.url()).pathname.startsWith('/evidence/'));
}
for (const [dress, stranger] of dressed) {
  for (const language of ['zh', 'en']) {
    await stranger.open(inLanguage('/challenges/stack-soon', language));
    await stranger.page.locator('#leaderboard details').first().evaluate((each) => { each.open = true; });
    await looksNow(stranger.page, 'challenge-ranked', language, dress);
  }
  await closed(stranger);
}
for (const one of [bureau, first, expert]) await closed(one);
await end(`on ${base}`);
