import { afterEach, describe, expect, it } from 'vitest';
import { call, SCAN, scan, type TestServer } from '../../support/client.ts';
import { eventually } from '../../support/services.ts';
import { bearer, flowsWith, PLANNED, PROJECT, TOKENS, testServer } from '../../support/testServer.ts';

let server: TestServer | undefined;

afterEach(() => server?.close());

/** A server whose submissions are planned when the test says so. */
async function serverThatWaits(maxPlanning: number) {
  const waiting: (() => void)[] = [];
  const untilPlanned = async () => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return PLANNED;
  };
  const planAll = () => {
    for (const plan of waiting.splice(0)) plan();
  };
  server = await testServer({ flows: flowsWith({ untilPlanned }), config: { maxPlanning } });
  return { server, waiting, planAll };
}

const plan = (to: TestServer, token = TOKENS.alice) =>
  call(`${to.url}/tasks/${PROJECT}/plan`, {
    method: 'POST',
    headers: { ...bearer(token), 'content-type': 'application/json' },
    body: JSON.stringify(SCAN),
  });

/** Sends a scan until it is admitted; as many are being planned then. */
function untilIn(to: TestServer, waiting: readonly unknown[], count: number) {
  return eventually('there is room', async () => {
    const answer = scan(to);
    const isIn = eventually('it is in', () => waiting.length === count && 'in');
    const outcome = await Promise.race([answer.then(({ status }) => status), isIn]);
    return outcome === 'in' && { answer };
  });
}

describe('when as many requests are being planned as may be', () => {
  it('more are turned away, whatever they are, and are welcome a moment after there is room', async () => {
    const { server, waiting, planAll } = await serverThatWaits(2);
    const inside = [scan(server), plan(server)];
    await eventually('both are being planned', () => waiting.length === 2);

    const outside = await Promise.all([scan(server), plan(server), scan(server, '{')]);
    for (const { status, headers, body } of outside) {
      expect(status).toBe(503);
      expect(headers['retry-after']).toBe('2');
      expect(body).toEqual({
        detail: '2 scan requests are being planned (MAX_PLANNING): try again in 2 s',
        code: 'planning_full',
      });
    }
    expect(waiting).toHaveLength(2);
    await eventually('the log says how many', () =>
      server.lines.some((line) => line.includes('turned away') && JSON.parse(line).requests === 3),
    );

    planAll();
    for (const { status } of await Promise.all(inside)) expect(status).toBe(200);
    const later = await untilIn(server, waiting, 1);
    planAll();
    expect((await later.answer).status).toBe(200);
  });

  it('whoever has no place yet gets one all the same, and one caller has half of them while others come', async () => {
    const { server, waiting, planAll } = await serverThatWaits(4);
    const many = Array.from({ length: 4 }, () => scan(server));
    await eventually('one caller has all places', () => waiting.length === 4);
    expect((await scan(server)).status).toBe(503);
    const other = plan(server);
    await eventually('the other is in', () => waiting.length === 5);
    expect((await plan(server)).status).toBe(503);
    planAll();
    for (const { status } of await Promise.all([...many, other])) expect(status).toBe(200);

    const own = [await untilIn(server, waiting, 1), await untilIn(server, waiting, 2)];
    await plan(server, 'wrong token');
    const third = await eventually('its share is taken', async () => {
      const answer = scan(server);
      const isIn = eventually('it is in', () => waiting.length === 3 && 'in');
      const outcome = await Promise.race([answer, isIn]);
      if (outcome === 'in') throw new Error('one caller has more than its share');
      return outcome.body.detail.includes('half of MAX_PLANNING') && outcome;
    });
    expect(third).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    expect(await Promise.race([plan(server), eventually('in', () => waiting.length === 3 && 'in')])).toBe(
      'in',
    );
    planAll();
    for (const { answer } of own) expect((await answer).status).toBe(200);
  });

  it('a burst is turned away as a whole: a place that becomes free is not given to the rest of it', async () => {
    const { server, waiting, planAll } = await serverThatWaits(1);
    await eventually('the next one is refused although there is room', async () => {
      const { answer } = await untilIn(server, waiting, 1);
      expect((await scan(server)).status).toBe(503);
      planAll();
      expect((await answer).status).toBe(200);
      const next = scan(server);
      const isIn = eventually('it is in', () => waiting.length === 1 && 'in');
      const outcome = await Promise.race([next.then(({ status }) => status), isIn]);
      planAll();
      return outcome === 503;
    });
  });

  it('a project that cannot be decoded is answered and logged like everywhere else', async () => {
    const { server } = await serverThatWaits(2);
    for (const path of ['run-nmap', 'plan', 'exclusions']) {
      const url = `${server.url}/tasks/%ff/${path}`;
      const { status, headers, body } = await call(url, { method: 'POST', headers: bearer(TOKENS.alice) });
      expect({ path, status, body }).toMatchObject({ status: 400, body: { detail: expect.any(String) } });
      expect(headers['x-request-id']).toMatch(/./);
    }
  });

  it('a stop, a status and everything else that is asked are answered', async () => {
    const { server, waiting, planAll } = await serverThatWaits(1);
    const inside = scan(server);
    await eventually('it is being planned', () => waiting.length === 1);
    for (const path of ['stop-nmap', 'status', 'submissions', `submissions/${PLANNED.id}`]) {
      const url = `${server.url}/tasks/${PROJECT}/${path}`;
      expect((await call(url, { headers: bearer(TOKENS.alice) })).status, path).toBe(200);
    }
    expect((await call(`${server.url}/ready`)).status).toBe(200);
    planAll();
    expect((await inside).status).toBe(200);
  });

  it('whoever hangs up makes room', async () => {
    const { server, waiting, planAll } = await serverThatWaits(1);
    const hangingUp = new AbortController();
    const gone = fetch(`${server.url}/tasks/${PROJECT}/run-nmap`, {
      method: 'POST',
      headers: { ...bearer(TOKENS.alice), 'content-type': 'application/json' },
      body: JSON.stringify(SCAN),
      signal: hangingUp.signal,
    }).catch(() => 'gone');
    await eventually('it is being planned', () => waiting.length === 1);
    hangingUp.abort();
    expect(await gone).toBe('gone');
    const next = await untilIn(server, waiting, 2);
    planAll();
    expect((await next.answer).status).toBe(200);
  });
});

it('any number is planned at once when there is no limit, and Node takes it for no leak', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => void warnings.push(warning);
  process.on('warning', note);
  const { server, waiting, planAll } = await serverThatWaits(0);
  const many = Array.from({ length: 30 }, () => scan(server));
  await eventually('all are being planned', () => waiting.length === many.length);
  planAll();
  for (const { status } of await Promise.all(many)) expect(status).toBe(200);
  process.off('warning', note);
  expect(warnings.map(({ message }) => message)).toEqual([]);
});
