/** A ScanLedger that is broken or means harm: who asks it is told why, nobody else notices, and nobody gets in. */

import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../support/ledgerFaults.ts';
import { isSent } from '../support/progress.ts';
import { takeTasks } from '../support/scanQueue.ts';
import { eventually } from '../support/services.ts';
import { type StandInLedger, startStandInLedger } from '../support/standInLedger.ts';
import { type Installation, ownInstallation, scan, startTasker, type Tasker } from '../support/tasker.ts';

const LEDGER_TOKEN = 'ledger-token';

let installation: Installation;
let ledger: StandInLedger;
let elsewhere: StandInLedger;
let tasker: Tasker;

async function open(env: Record<string, string>): Promise<void> {
  installation = await ownInstallation();
  ledger = await startStandInLedger({ users: { [LEDGER_TOKEN]: { admin: true } } });
  elsewhere = await startStandInLedger({ users: { [LEDGER_TOKEN]: { admin: true } } });
  tasker = await startTasker({
    ...installation.env,
    SCANLEDGER_BASE_URL: ledger.baseUrl,
    TASKER_AUTH_TOKEN: LEDGER_TOKEN,
    ...env,
  });
}

async function close(): Promise<void> {
  await tasker?.stop();
  await ledger?.stop();
  await elsewhere?.stop();
  await installation?.drop();
}

describe('as the ledger', () => {
  beforeAll(() => open({ RESPONSE_DEADLINE: '58' }));
  afterAll(close);

  const submit = (project: string, mode: string) =>
    tasker.post(`/tasks/${project}/run-nmap`, scan(['9.9.9.9', '9.9.9.10'], { mode }));

  it.each<[string, () => Fault, RegExp]>([
    ['answers without end', () => ({ endless: 200 }), /&limit=1 is too long: more than 67108864 bytes/],
    [
      'answers with something else',
      () => ({ json: { detail: 'hello' } }),
      /nonsense answer to \S+: not a list/,
    ],
    ['always tells the same', () => ({ pages: 'same' }), /the same hosts on 4 pages in a row/],
    [
      'leads elsewhere',
      () => ({ redirect: 307, to: elsewhere.baseUrl }),
      /redirects are not followed; check/,
    ],
  ])(
    'that %s: 503 with the reason, nothing is sent, and a scan that does not ask it passes',
    async (...row) => {
      const [, fault, reason] = row;
      const project = randomUUID();
      ledger.projects.set(project, new Map([['9.9.9.9', []]]));
      ledger.fault = fault();
      const asking = submit(project, 'insert');
      await eventually('it is asked', () => ledger.requests.some(({ url }) => url.includes(project)));
      const plain = await submit(randomUUID(), 'append');
      expect(plain).toMatchObject({ status: 200, body: { summary: { sent_to_scan: 2 } } });
      const refused = await asking;
      expect(refused).toMatchObject({ status: 503, body: { submission: { state: 'failed' } } });
      expect(refused.body.detail).toMatch(/^dedup gave up: ScanLedger/);
      expect(refused.body.detail).toMatch(reason);
      expect(refused.body.detail).not.toContain(LEDGER_TOKEN);
      await eventually('the plain scan is sent', async () => {
        const { body } = await tasker.get(plain.body.submission.href);
        return isSent(body.state);
      });
      expect((await takeTasks(installation.vhost)).map(({ task }) => task.project)).not.toContain(project);
      expect(elsewhere.requests).toEqual([]);

      delete ledger.fault;
      const { status, body } = await submit(project, 'insert');
      expect(status).toBe(200);
      expect(body.submission.id).toBe(refused.body.submission.id);
      expect(body.summary).toMatchObject({ sent_to_scan: 1, refused: { already_in_scanledger: 1 } });
    },
  );
});

describe('as the store of users', () => {
  beforeAll(() => open({ AUTH_PROVIDER: 'scanledger' }));
  afterAll(close);
  afterEach(() => delete ledger.fault);

  it.each<[string, () => Fault]>([
    ['does not end', () => ({ endless: 200 })],
    ['breaks off', () => 'cut'],
    ['is another project', () => ({ json: { id: randomUUID() } })],
    ['is a list of something else', () => ({ json: [{ id: '../../etc' }] })],
    ['leads elsewhere', () => ({ redirect: 302, to: elsewhere.baseUrl })],
  ])('an answer that %s is a 503, for those who are known too', async (_what, fault) => {
    const [known, project] = [randomUUID(), randomUUID()];
    ledger.users.set(known, { admin: true });
    expect((await tasker.get('/workers/ips', known)).status).toBe(200);
    ledger.fault = fault();
    for (const [path, token] of [
      ['/workers/ips', randomUUID()],
      [`/tasks/${project}/status`, known],
      [`/tasks/${project}/status`, randomUUID()],
    ] as const) {
      const { status, body } = await tasker.get(path, token);
      expect({ path, status, body }).toEqual({
        path,
        status: 503,
        body: { detail: 'the auth store does not answer', code: 'auth_store_away' },
      });
    }
    delete ledger.fault;
    expect((await tasker.get(`/tasks/${project}/status`, known)).status).toBe(200);
    expect(elsewhere.requests).toEqual([]);
  });

  it('an endless refusal is a 401', async () => {
    ledger.fault = { endless: 401 };
    expect((await tasker.get('/workers/ips', randomUUID())).status).toBe(401);
  });

  it('none of it was a defect', () => {
    expect(tasker.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
