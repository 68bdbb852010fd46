// Walks what people do about themselves on a real hub: the operator comes in by the link, adds an organization and invites its owner, who makes an
// account, invites a colleague, makes a token and changes the password; then every such page in every dress.
//
//   node test/people.mjs http://127.0.0.1:8420 LINK [shots=FOLDER]     LINK: the one-time link that leitai serve prints; the store is changed
import { DRESSES, begin, settled, words } from './walk.mjs';

const [base, link, ...more] = process.argv.slice(2);
const shots = more.find((each) => each.startsWith('shots='))?.slice(6);
const { visitor, dressedVisitor, closed, check, looks, end } = await begin(base.replace(/\/$/, ''), shots);

// --- the operator ---------------------------------------------------------------------------------------------------------
const operator = await visitor();
{
  const { page, open } = operator;
  await open(new URL(link).pathname + new URL(link).search);
  check('the link lets the operator in', await page.getByRole('link', { name: 'operator' }).isVisible());
  await open('/organizations?lang=en');
  check('no organization is made up', (await words(page)).includes('No organizations yet'));
  await page.getByText('Add an organization').first().click();
  await page.getByLabel('Id', { exact: true }).fill('test-robotics');
  await page.getByLabel('Name in Chinese').fill('测试机器人公司');
  await page.getByLabel('Name in English').fill('Test Robotics');
  await page.getByLabel('District').last().selectOption('haidian');
  await page.getByLabel('Enterprise tier').selectOption('little_giant');
  await page.getByLabel('Products it makes').fill('no-such-robot');
  await page.getByLabel('Why').fill('a walk through the pages');
  await page.getByRole('button', { name: 'Add an organization' }).click();
  await page.getByText('there is no product').waitFor();
  operator.complaints.splice(0);
  await page.getByLabel('Products it makes').fill('');
  await page.getByRole('button', { name: 'Add an organization' }).click();
  await page.waitForURL('**/organizations/test-robotics');
  await settled(page);
  check('an organization has its page', (await words(page)).includes('Haidian') && (await words(page)).includes('Little giant'));
}
/** The link that an organization's page makes for somebody. */
async function invited({ page }, role) {
  await page.getByLabel('Role').selectOption(role);
  await page.getByRole('button', { name: 'Make a link' }).click();
  await page.getByText('it works once').waitFor();
  return new URL(await page.locator('#members .command code').innerText());
}
const forOwner = await invited(operator, 'owner');

// --- its owner ------------------------------------------------------------------------------------------------------------
const owner = await visitor({ locale: 'zh-CN' });
{
  const { page, open } = owner;
  await open(forOwner.pathname + forOwner.hash);
  await page.getByLabel('账户名').fill('wang-fang');
  await page.getByLabel('姓名').fill('王芳');
  await page.getByLabel('密码').fill('a long password');
  await page.getByRole('button', { name: '创建账户并加入' }).click();
  await page.waitForURL('**/account');
  await settled(page);
  check('the newcomer is signed in, and acts for the organization', (await words(page)).includes('测试机器人公司'));
  check('and may what a maker may', (await words(page)).includes('揭榜答题') && !(await words(page)).includes('管理账户与机构'));
  await page.getByLabel('用途').fill('持续集成');
  await page.getByRole('button', { name: '生成令牌' }).click();
  await page.getByText('请立即保存').waitFor();
  const secret = await page.locator('.secret code').innerText();
  const told = await fetch(`${base}/api/v1/session`, { headers: { authorization: `Bearer ${secret}` } });
  check('a token has its scope and no more', JSON.stringify((await told.json()).abilities) === '["publish"]');
  await page.getByLabel('原密码').fill('a wrong password');
  await page.getByLabel('新密码').fill('a longer password');
  await page.getByRole('button', { name: '更改密码' }).click();
  await page.getByText('原密码不对').waitFor();
  owner.complaints.splice(0);
  await page.getByLabel('原密码').fill('a long password');
  await page.getByRole('button', { name: '更改密码' }).click();
  await page.getByText('已更改').waitFor();
  await page.getByTestId('sign-out').click();
  await page.getByRole('link', { name: '登录' }).waitFor();
  await open('/sign-in?back=/organizations/test-robotics');
  await page.getByLabel('账户名').fill('wang-fang');
  await page.getByLabel('密码').fill('a longer password');
  await page.getByRole('button', { name: '登录' }).click();
  await page.waitForURL('**/organizations/test-robotics');
  await settled(page);
  check('an owner sees the members', (await words(page)).includes('wang-fang'));
  check('but may not change what is stated', !(await words(page)).includes('更改登记'));
}
const again = await visitor();
await again.open(forOwner.pathname + forOwner.hash);
await again.page.getByLabel('Account name').fill('somebody');
await again.page.getByLabel('Name', { exact: true }).fill('Somebody');
await again.page.getByLabel('Password').fill('a long password');
await again.page.getByRole('button', { name: 'Make an account and join' }).click();
await again.page.getByText('was used').waitFor();
again.complaints.splice(0);
check('an invitation works once', true);
await closed(again);

// --- every page, in every dress ---------------------------------------------------------------------------------------------
const cookies = await owner.context.cookies();
for (const dress of DRESSES) {
  const [stranger, member] = [await dressedVisitor(dress), await dressedVisitor(dress)];
  await member.context.addCookies(cookies);
  for (const language of ['zh', 'en']) {
    await looks(stranger, 'sign-in', '/sign-in', language, dress);
    await looks(stranger, 'join', '/join#key', language, dress);
    await looks(stranger, 'organizations', '/organizations', language, dress);
    await looks(member, 'account', '/account', language, dress);
    await looks(member, 'organization', '/organizations/test-robotics', language, dress);
  }
  await closed(stranger);
  await closed(member);
}
await closed(owner);
await closed(operator);
await end(`on ${base}`);
