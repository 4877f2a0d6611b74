/** Plans that were made, and lists that are looked at before. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Home, ownHome, speaking } from '../../support/cli.ts';
import { type Installation, ownInstallation, startTasker, type Tasker, TOKEN } from '../../support/tasker.ts';

let installation: Installation;
let tasker: Tasker;
let home: Home;
const { said, json } = speaking(() => home);

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker(installation.env);
});

beforeEach(() => {
  home = ownHome({ TASKER_URL: tasker.url, TASKER_TOKEN: TOKEN, TASKER_PROJECT: randomUUID() });
  return home.drop;
});

afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

const planOf = async (hosts: string): Promise<string> => (await json(`plan ${hosts} -p 80`))[0].plan.id;

it('plans are listed over pages, shown and deleted', async () => {
  expect(await said('plans list')).toBe('no plans\n');
  const nothing = await home.run(['plans', 'show']);
  expect(nothing).toMatchObject({
    code: 2,
    stderr: 'tasker: the project has no plan: tasker plan makes one\n',
  });
  const first = await planOf('8.8.8.0/30');
  const second = await planOf('8.8.4.0/28 10.0.0.1');
  expect((await json('plans list')).map(({ id }) => id)).toEqual([second, first]);
  expect(await said('plans list -n 1')).toMatch(
    new RegExp(`^id .*kept until +by\\n${second}  [\\d-]+ [\\d:]+  done +[\\d-]+ [\\d:]+  admin\\n$`),
  );
  expect(await said('plans show')).toMatch(
    /^plan \S+: 14 tasks for 14 addresses\n[\s\S]*refused 1 {2}private_ip/,
  );
  expect((await json(`plans show ${first}`))[0]).toMatchObject({ plan: { id: first }, tasks: 2 });
  expect(await said(`plans delete ${second}`)).toBe(`deleted ${second}\n`);
  const gone = await home.run(['plans', 'show', second]);
  expect(gone).toMatchObject({ code: 6, stderr: expect.stringContaining('tasker plans list') });
});

it('two plans are compared', async () => {
  const first = await planOf('8.8.8.0/29');
  const second = await planOf('8.8.8.5-8.8.8.7 8.8.4.4');
  expect(await said(`plans compare ${first} ${second}`)).toBe(
    [
      `${second} adds 2 addresses`,
      ...['+ 8.8.4.4', '+ 8.8.8.7'],
      `${second} leaves out 4 addresses`,
      ...['- 8.8.8.1-8.8.8.4', ''],
    ].join('\n'),
  );
  expect(await said(`plans compare ${first} ${first}`)).toBe('both come to the same addresses\n');
  expect((await json(`plans compare ${first} ${second}`))[0]).toMatchObject({ added: { addresses: 2 } });
});

it('a list is checked at its places, and nothing is kept', async () => {
  writeFileSync(join(home.directory, 'targets.txt'), '8.8.8.0/30\n8.8.8.300\n');
  expect(await home.run(['check', 'targets.txt', '8.8.8.8:80', 'www.example.com'])).toEqual({
    code: 6,
    stdout: expect.stringMatching(/^4 entries, 0 of them twice: 2 addresses, 1 name\n/),
    stderr: [
      'targets.txt:2:1: 8.8.8.300: octet 300 is not in 0..255',
      '8.8.8.8:80: a host has no port here; write 8.8.8.8',
      'tasker: mend 2 places\n',
    ].join('\n'),
  });
  expect(await said('check -', '8.8.8.8\n8.8.8.8 # twice\n')).toMatch(
    /^2 entries, 1 of them twice: 1 address, 0 names\n/,
  );
  expect((await json('check 8.8.8.8'))[0]).toMatchObject({ entries: 1, problems: [] });
  expect(await home.run(['check'])).toMatchObject({ code: 2, stdout: '' });
  expect(await said('plans list')).toBe('no plans\n');
});

it('a list of exclusions takes the place of the one before', async () => {
  await said('exclude add 8.8.8.1 8.8.8.2 --why office');
  expect(await said('exclude replace 8.8.8.2 8.8.4.0/24 --why annex')).toContain(
    'the project has 2 exclusions now',
  );
  expect((await json('exclude list')).map(({ entry }) => entry).sort()).toEqual(['8.8.4.0/24', '8.8.8.2']);
});
