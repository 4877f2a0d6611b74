/** A scan from the pasted list to its end, in the browser: what a person does, and sees. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenPage, openPage } from '../../support/browser.ts';
import { type ConsoleScene, consoleScene, PROJECT } from '../../support/consoleScene.ts';
import { eventually } from '../../support/services.ts';
import { TOKEN } from '../../support/tasker.ts';

let scene: ConsoleScene;
let browser: OpenPage;

beforeAll(async () => {
  scene = await consoleScene(100, ['cname:edge.example.net www.example.com', '9.9.9.9 edge.example.net']);
  browser = await openPage();
});

afterAll(async () => {
  await browser?.close();
  await scene?.close();
});

const LIST = ['8.8.8.0/28', '8.8.8.300', 'www.example.com', '8.8.8.8:80', '10.0.0.5'].join('\n');

it('a wrong token is refused in words, and the right one lets in', async () => {
  const { page } = browser;
  await page.goto(scene.tasker.url);
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Log in' }).click();
  expect(await page.getByRole('alert').textContent()).toContain('Not done');
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('There are no scans yet').waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  // The browser keeps the cookie, and no script sees it.
  const cookies = await page.context().cookies();
  expect(cookies).toMatchObject([{ name: 'tasker_session', httpOnly: true, sameSite: 'Strict' }]);
  expect(await page.evaluate('document.cookie')).toBe('');
  browser.troubles.length = 0;
});

it('what cannot be read stands at its line, and is mended with a click', async () => {
  const { page } = browser;
  await page.getByRole('link', { name: 'Start the first one' }).click();
  await page.getByLabel('Project').fill(PROJECT);
  await page.getByLabel(/^Addresses, networks/).fill(LIST);
  const problems = page.getByRole('list', { name: 'What cannot be read' }).getByRole('listitem');
  await page.getByText('2 entries cannot be read').waitFor();
  expect(await problems.count()).toBe(2);
  expect(await problems.first().textContent()).toContain('line 2');
  expect(await page.locator('.gutter .wrong').allTextContents()).toEqual(['2', '4']);

  await page.getByRole('button', { name: 'Use 8.8.8.8' }).click();
  await page.getByText('1 entry cannot be read').waitFor();
  await problems.getByRole('button', { name: 'Remove the line' }).click();
  await page.getByText('all can be read').waitFor();
  expect(await page.getByLabel(/^Addresses, networks/).inputValue()).toBe(
    ['8.8.8.0/28', 'www.example.com', '8.8.8.8', '10.0.0.5'].join('\n'),
  );
});

it('the form and the JSON are two views of the same options', async () => {
  const { page } = browser;
  await page.getByRole('combobox', { name: 'Ports', exact: true }).selectOption('list');
  await page.getByLabel('Port list').fill('22, 8000-8100');
  await page.getByRole('combobox', { name: 'Results' }).selectOption('append');
  await page.getByRole('button', { name: 'JSON' }).click();
  const json = page.getByLabel('Options as JSON');
  const options = JSON.parse(await json.inputValue());
  expect(options).toMatchObject({ mode: 'append', open_ports_opts: { ports: ['22', '8000-8100'] } });
  await json.fill(JSON.stringify({ ...options, timeout: 77 }));
  await page.getByRole('button', { name: 'Form' }).click();
  expect(await page.getByLabel('Time-out of a phase, seconds').inputValue()).toBe('77');
});

it('a plan says what would go out, and sends nothing', async () => {
  const { page } = browser;
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await page.getByRole('heading', { name: 'What would go out' }).waitFor();
  await page.getByRole('button', { name: 'Run exactly this: 15 tasks' }).waitFor();
  const entries = await page.getByRole('region', { name: 'By entry' }).textContent();
  expect(entries).toContain('edge.example.net → 9.9.9.9');
  expect(entries).toContain('1 not a public address: 10.0.0.0/8');
  expect((await scene.tasker.get('/submissions')).body.submissions).toEqual([]);
});

it('a second plan is compared with the first', async () => {
  const { page } = browser;
  await page.getByLabel(/^Addresses, networks/).fill('8.8.8.0/28\nwww.example.com\n8.8.4.4');
  await page.getByText('all can be read').waitFor();
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await page.getByLabel('Difference to an earlier plan').selectOption({ index: 1 });
  await page.getByRole('heading', { name: 'Added: 1 address' }).waitFor();
  expect(await page.getByRole('region', { name: 'Added' }).textContent()).toBe('+ 8.8.4.4');
  await page.getByRole('heading', { name: 'Left out: 0 addresses' }).waitFor();
});

it('running the plan scans exactly that, and the page follows it to its end', async () => {
  const { page } = browser;
  await page.getByRole('button', { name: 'Run exactly this: 16 tasks' }).click();
  await page.getByRole('heading', { name: /^Scan [0-9a-f]{8}/ }).waitFor();
  await page.getByRole('heading', { name: /finished/ }).waitFor();
  await page.getByText('done 16', { exact: true }).waitFor();
  const { submissions } = (await scene.tasker.get('/submissions')).body;
  expect(submissions).toMatchObject([{ project: PROJECT, state: 'finished', counts: { done: 16 } }]);
  const stages = page.locator('.stages li');
  expect(await stages.locator('.state').allTextContents()).toEqual([
    ...['expand', 'resolve', 'dedup', 'split', 'publish', 'submission'],
  ]);
  expect(await stages.filter({ hasText: 'done' }).count()).toBe(6);
});

it('the targets are filtered, and kept as a file', async () => {
  const { page } = browser;
  const rows = page.getByRole('region', { name: 'List of targets' }).locator('tbody tr');
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByText('16 targets', { exact: true }).waitFor();
  const text = page.getByLabel('Address or name');
  await text.fill('8.8.8.0/33');
  await page.getByText('prefix 33 is not in 0..32').waitFor();
  await text.fill('8.8.8.8/30');
  await page.getByText('4 targets', { exact: true }).waitFor();
  await text.fill('WWW');
  await eventually('one target is left', async () => (await rows.count()) === 1);
  expect(await rows.textContent()).toContain('9.9.9.9');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV', exact: true }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
  const lines = Buffer.concat(chunks).toString().trim().split('\r\n');
  expect(lines).toEqual([
    'target,hostnames,state,reason,task_id,moved_from,starts',
    expect.stringMatching(/^9\.9\.9\.9,www\.example\.com,done,,/),
  ]);
});

it('explain draws the way from the line to the end', async () => {
  const { page } = browser;
  await page.getByRole('link', { name: 'Explain 9.9.9.9' }).click();
  const chain = page.getByRole('list', { name: 'How 9.9.9.9 came to be done' });
  await chain.waitFor();
  const kinds = await chain.locator('.step-kind').allTextContents();
  expect(kinds).toEqual(['entry', 'name', 'CNAME', 'address', 'task', 'end']);
  const steps = await chain.textContent();
  for (const text of ['line 2, column 1', 'www.example.com', 'edge.example.net', '9.9.9.9'])
    expect(steps).toContain(text);
});

it('explain tells of a network what was decided, and leads to each of its addresses', async () => {
  const { page } = browser;
  await page.getByRole('searchbox', { name: 'Address, network or name' }).fill('9.9.9.0/24');
  await page.getByRole('button', { name: 'Explain' }).click();
  const chain = page.getByRole('list', { name: 'What became of 9.9.9.0/24' });
  await chain.waitFor();
  const kinds = await chain.locator('.step-kind').allTextContents();
  expect(kinds).toEqual(['entry', 'name', 'network', 'decided']);
  expect(await chain.textContent()).toContain('1 accepted');
  await page
    .getByRole('region', { name: 'Addresses of 9.9.9.0/24' })
    .getByRole('link', { name: '9.9.9.9' })
    .click();
  await page.getByRole('list', { name: 'How 9.9.9.9 came to be done' }).waitFor();
});

it('a link to some targets of a scan fills the filter', async () => {
  const { page } = browser;
  await page
    .getByRole('link', { name: /^[0-9a-f]{8}$/ })
    .first()
    .click();
  await page.getByRole('heading', { name: /^Scan/ }).waitFor();
  await page.goto(`${page.url()}?text=9.9.9.0%2F24`);
  await page.reload();
  const rows = page.getByRole('region', { name: 'List of targets' }).locator('tbody tr');
  await eventually('only those are listed', async () => (await rows.count()) === 1);
  expect(await page.getByLabel('Address or name').inputValue()).toBe('9.9.9.0/24');
  await page.goto(`${new URL(page.url()).origin}/#/explain?project=${PROJECT}&target=9.9.9.9`);
  await page.getByRole('list', { name: 'How 9.9.9.9 came to be done' }).waitFor();
});

it('a session that ends elsewhere leads to the log-in, and back to the same page', async () => {
  const { page } = browser;
  await page.getByRole('searchbox', { name: 'Address, network or name' }).fill('8.8.8.1');
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Explain' }).click();
  await page.getByText('Your session has ended').waitFor();
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('list', { name: 'How 8.8.8.1 came to be done' }).waitFor();
});

it('nothing went wrong behind the pages', () => {
  // A browser says so itself of each answer that refuses.
  expect(browser.troubles.filter((trouble) => !/status of (401|422)/.test(trouble))).toEqual([]);
});
