/** What goes wrong ends in one line that says what to do, and in an exit code of its own. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { scanAnswerExample } from '../../../src/api/openapi/examples.ts';
import { detailsExample } from '../../../src/api/submissions/examples.ts';
import { submissionBody } from '../../../src/api/submissions/submissionBody.ts';
import { freePort } from '../../../tools/services/ports.ts';
import { falcoriaCertificate } from '../../support/certificate.ts';
import { type Home, ownHome } from '../../support/cli.ts';
import { type Installation, ownInstallation, startTasker, type Tasker, TOKEN } from '../../support/tasker.ts';

let installation: Installation;
let tasker: Tasker;
let home: Home;

beforeAll(async () => {
  installation = await ownInstallation();
  tasker = await startTasker({ ...installation.env, MAX_OPEN_SUBMISSIONS: '1' });
});

beforeEach(() => {
  home = ownHome({ TASKER_URL: tasker.url, TASKER_TOKEN: TOKEN, TASKER_PROJECT: randomUUID() });
  return home.drop;
});

afterAll(async () => {
  await tasker?.stop();
  await installation?.drop();
});

/** How it ends, and all that it says; nothing of it is a result. */
async function fails(args: readonly string[], given?: Parameters<Home['run']>[1]) {
  const { code, stdout, stderr } = await home.run(args, given);
  expect({ args, stdout }).toEqual({ args, stdout: '' });
  return { code, stderr };
}

const oneLine = (pattern: RegExp) => expect.stringMatching(new RegExp(`^tasker: ${pattern.source}\n$`));

it('no server: 3', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  expect(await fails(['list', '--url', url])).toEqual({
    code: 3,
    stderr: oneLine(
      /no server at \S+ \(ECONNREFUSED\): start Tasker there, or set TASKER_URL to where it is/,
    ),
  });
  expect(await fails(['list', '--url', 'http://nowhere.invalid'])).toMatchObject({ code: 3 });
  expect(await fails(['list', '--url', tasker.url.replace('http:', 'https:')])).toEqual({
    code: 3,
    stderr: oneLine(/\S+ speaks no TLS \(\w+\): write http:\/\/ if that is meant/),
  });
});

it('a server that is not Tasker, or that leads elsewhere: 3', async () => {
  const answering = async (listener: RequestListener) => {
    const server = await standIn(listener);
    const failure = await fails(['list', '--url', server.url]);
    await server.close();
    return failure;
  };
  expect(await answering((_, response) => response.end('<html>hello'))).toEqual({
    code: 3,
    stderr: oneLine(/\S+: what answers is not Tasker \(status 200, no JSON\)/),
  });
  expect(await answering((_, response) => response.writeHead(502).end('<html>bad gateway'))).toEqual({
    code: 3,
    stderr: oneLine(/\S+: what answers is not Tasker \(status 502\)/),
  });
  let followed = false;
  const elsewhere = await answering((request, response) => {
    followed ||= request.url === '/elsewhere';
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  expect(elsewhere).toEqual({ code: 3, stderr: oneLine(/\S+ leads elsewhere \(status 302\): .*/) });
  expect(followed).toBe(false);
});

it('a wrong token, or none: 4', async () => {
  expect(await fails(['list'], { env: { TASKER_TOKEN: 'wrong' } })).toEqual({
    code: 4,
    stderr: oneLine(/the token is not valid, .*: tasker login, or another --project/),
  });
  expect(await fails(['list'], { env: { TASKER_TOKEN: '' } })).toEqual({
    code: 4,
    stderr: oneLine(/no token: tasker login, or set TASKER_TOKEN/),
  });
});

it('a certificate that is not known: 5; with --ca it is trusted, whatever its name, and no other is', async () => {
  const [shown, other] = await Promise.all([falcoriaCertificate(), falcoriaCertificate()]);
  const file = (name: string, text: string) => {
    writeFileSync(join(home.directory, name), text);
    return join(home.directory, name);
  };
  const tls = await startTasker({
    ...installation.env,
    ROLE: 'api',
    TLS_BUNDLE: file('bundle.pem', shown.cert + shown.key),
  });
  try {
    const url = tls.url.replace('http:', 'https:');
    const unknown = await fails(['workers', '--url', url]);
    expect(unknown).toEqual({
      code: 5,
      stderr: oneLine(/the certificate of \S+ is not known here \(\w+\): name its file with --ca FILE/),
    });
    const wrong = await fails(['workers', '--url', url, '--ca', file('other.pem', other.cert)]);
    expect(wrong.code).toBe(5);
    const known = await home.run(['workers', '--url', url, '--ca', file('ca.pem', shown.key + shown.cert)]);
    expect(known).toMatchObject({ code: 0, stdout: 'no worker answers\n' });
    const plain = await fails(['workers', '--url', tls.url]);
    expect(plain).toEqual({ code: 3, stderr: oneLine(/\S+ hangs up \(\w+\): does it want https:\/\/\?/) });
    expect(await fails(['workers', '--url', url, '--ca', file('key.pem', 'no certificate')])).toMatchObject({
      code: 2,
    });
  } finally {
    await tls.stop();
  }
});

it('a refused request names the place in each list: 6', async () => {
  const write = (name: string, text: string) => writeFileSync(join(home.directory, name), text);
  write('targets.txt', '8.8.8.8\n8.8.8.300\n\n  web.example.com:80\n');
  write('web.yaml', 'timeout: 600\nopen_ports_opts:\n  ports:\n    - 80\n    - 99999\nmode: overwrite\n');
  const args = ['targets.txt', '5.5.5.555', '-', '--profile', 'web.yaml', '-x', '1.2.3'];
  for (const command of ['plan', 'run']) {
    const { code, stderr } = await fails([command, ...args], { stdin: '9.9.9.9\n9.9.9.9/40\n' });
    expect(code).toBe(6);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.pop()).toBe('tasker: nothing was sent: mend 7 places');
    expect(lines.sort()).toEqual([
      expect.stringMatching(/^1\.2\.3: the address has 3 octets/),
      expect.stringMatching(/^5\.5\.5\.555: octet 555/),
      expect.stringMatching(/^stdin:2:1: 9\.9\.9\.9\/40: /),
      expect.stringMatching(/^targets\.txt:2:1: 8\.8\.8\.300: octet 300 is not in 0\.\.255$/),
      expect.stringMatching(/^targets\.txt:4:3: web\.example\.com:80: /),
      expect.stringMatching(/^web\.yaml:5: open_ports_opts\.ports\.1: /),
      expect.stringMatching(/^web\.yaml:6: mode: /),
    ]);
  }
  expect(JSON.parse((await home.run(['list', '--json'])).stdout || 'null')).toBeNull();
});

it('with --json a failure is JSON, too', async () => {
  const { code, stderr } = await fails(['show', 'nope', '--json']);
  expect(code).toBe(6);
  expect(JSON.parse(stderr)).toEqual({
    exit: 6,
    message: expect.stringContaining('tasker list'),
    details: [],
    answer: { detail: 'Submission not found', code: 'unknown_submission' },
  });
});

it('a quota, or something that is away: 7', async () => {
  await home.run(['pause', '--whole-project']);
  expect(await home.run(['run', '8.8.8.8'])).toMatchObject({ code: 0 });
  const { code, stderr } = await fails(['run', '9.9.9.9']);
  expect({ code, stderr }).toEqual({ code: 7, stderr: oneLine(/.*1 .*/) });
});

/** A Tasker in moments that cannot be brought about: each request gets the next answer, and the last one again. */
async function standIn(...answers: RequestListener[]) {
  let asked = 0;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    answer?.(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

const json =
  (body: unknown, status = 200, headers = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

it('a server that has no room is asked again after the time that it names', async () => {
  const full = json({ detail: 'too many are being planned', code: 'planning_full' }, 503, {
    'retry-after': '1',
  });
  const server = await standIn(full, json(scanAnswerExample));
  const { code, stderr } = await home.run(['run', '8.8.8.8', '--url', server.url]);
  expect({ code, asked: server.asked() }).toEqual({ code: 0, asked: 2 });
  expect(stderr).toContain('too many are being planned; trying again in 1 s\n');
  await server.close();
});

it('a server that is away for a moment ends no watching', async () => {
  const details = (state: string) => json({ ...submissionBody(detailsExample), state });
  const status = json({ active_or_queued: 0, running: 0, running_targets: [] });
  const hangUp: RequestListener = (request) => request.socket.destroy();
  const server = await standIn(details('dispatching'), status, hangUp, details('finished'), status);
  const { code, stdout, stderr } = await home.run(['watch', detailsExample.id, '--url', server.url]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'no answer; asking again\n' });
  expect(stdout.match(/dispatching|finished/g)).toEqual(['dispatching', 'finished']);
  await server.close();
});

it('a scan whose stage gave up: 8, and how to go on', async () => {
  const { id } = detailsExample;
  const failure = { stage: 'resolve', reason: 'no name server answers', by_scope: false };
  const failed = json({ ...submissionBody(detailsExample), state: 'failed', failure });
  const server = await standIn(failed, json({ active_or_queued: 0, running: 0, running_targets: [] }));
  expect(await home.run(['watch', id, '--url', server.url])).toMatchObject({
    code: 8,
    stderr: `tasker: resolve: no name server answers: remove the cause, then tasker retry-stages ${id}\n`,
  });
  await server.close();
});

it('a command, a file or a setting that is wrong: 2', async () => {
  writeFileSync(join(home.directory, 'example.com'), '8.8.8.8\n');
  writeFileSync(join(home.directory, 'broken.yaml'), 'timeout: 600\nmode: [insert\n');
  writeFileSync(join(home.directory, 'latin.txt'), Buffer.from([0x38, 0xe9]));
  const wrong: [string, RegExp][] = [
    ['lst', /unknown command 'lst'/],
    ['list --limit many', /It is a whole number/],
    ['targets --state gone', /Allowed choices are waiting/],
    ['plan', /nothing to scan: name targets/],
    ['plan missing.txt', /cannot read the list missing\.txt/],
    ['plan latin.txt', /latin\.txt is no text in UTF-8/],
    ['plan example.com', /write \.\/example\.com for the file, or --target example\.com/],
    ['plan 8.8.8.8 --profile missing.yaml', /cannot read the profile/],
    ['plan 8.8.8.8 --profile broken.yaml', /broken\.yaml:\d+: /],
    ['plan 8.8.8.8 --profile latin.txt', /latin\.txt/],
    ['run 8.8.8.8 --plan abc', /--plan stands alone/],
    ['pause', /name one: a scan's id, --whole-project or --everything/],
    ['priority abc 9', /a priority is 1 to 5/],
    ['watch', /the project has no scan: tasker run begins one/],
    ['list --url ftp://example.com', /is no URL of a server/],
    ['list --url http://me:secret@127.0.0.1', /has no user, password/],
    ['list --ca missing.pem', /cannot read the certificate/],
  ];
  for (const [line, pattern] of wrong) {
    const { code, stderr } = await fails(line.split(' '));
    expect({ line, code, stderr }).toEqual({ line, code: 2, stderr: expect.stringMatching(pattern) });
    expect(stderr).not.toContain('secret');
  }
  expect(await fails(['list'], { env: { TASKER_PROJECT: '' } })).toEqual({
    code: 2,
    stderr: oneLine(/which project\? Say --project ID, or set TASKER_PROJECT/),
  });
});

it('tasker login takes a token from stdin, stores what works, and nothing else', async () => {
  home = ownHome({ XDG_CONFIG_HOME: join(home.directory, 'settings') });
  const path = join(home.env.XDG_CONFIG_HOME ?? '', 'tasker.json');
  const project = randomUUID();
  const args = ['login', '--url', `${tasker.url}/`, '--project', project];
  expect(await fails(args, { stdin: 'wrong' })).toEqual({
    code: 4,
    stderr: oneLine(/\S+ does not know this token; nothing was stored/),
  });
  expect(await fails(args, { stdin: '' })).toMatchObject({ code: 2 });
  expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  expect(await home.run(args, { stdin: `${TOKEN}\n` })).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ url: tasker.url, token: TOKEN, project });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await home.run(['list'])).toMatchObject({ code: 0, stdout: 'no scans\n' });
  // Another server gets no token that was stored for this one.
  const elsewhere = tasker.url.replace('127.0.0.1', 'localhost');
  expect(await fails(['list', '--url', elsewhere])).toMatchObject({ code: 4 });
  chmodSync(path, 0o644);
  expect(await fails(['list'])).toEqual({ code: 2, stderr: oneLine(/others may read .*: chmod 600 .*/) });
  writeFileSync(path, '[]');
  chmodSync(path, 0o600);
  expect(await fails(['list'])).toEqual({ code: 2, stderr: oneLine(/.* run tasker login again/) });
  expect(await home.run(args, { stdin: TOKEN })).toMatchObject({ code: 0 });
});

it('a settings file that is a directory, or one in a place that cannot be made, is told', async () => {
  mkdirSync(join(home.directory, '.config', 'tasker.json'), { recursive: true, mode: 0o700 });
  chmodSync(join(home.directory, '.config', 'tasker.json'), 0o700);
  expect(await fails(['list'])).toEqual({ code: 2, stderr: oneLine(/cannot read .*tasker\.json: .*/) });
});
