/** The traces of a real Tasker, as a collector gets them. */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { STAGE_NAMES } from '../../src/model/submission.ts';
import { type DnsServer, startDnsServer } from '../support/dnsServer.ts';
import { eventually } from '../support/services.ts';
import {
  type Installation,
  ownInstallation,
  scan,
  startTasker,
  type Tasker,
  TOKEN,
} from '../support/tasker.ts';
import { attribute, type ReceivedSpan, startTraceReceiver } from '../support/traceReceiver.ts';

const PROJECT = randomUUID();

let installation: Installation;
let receiver: Awaited<ReturnType<typeof startTraceReceiver>>;
let dns: DnsServer;
let tasker: Tasker;

beforeAll(async () => {
  installation = await ownInstallation();
  receiver = await startTraceReceiver();
  dns = await startDnsServer({
    zone: ['11.4.1.1 here.test'],
    behaviours: { 'silent.test': { drop: 'always' } },
  });
  tasker = await startTasker({
    ...installation.env,
    DNS_SERVERS: `${dns.address}:${dns.port}`,
    DISPATCH_WINDOW: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  });
});

afterAll(async () => {
  await tasker?.stop();
  await receiver?.stop();
  await dns?.stop();
  await installation?.drop();
});

async function submit(hosts: string[], headers: Record<string, string> = {}) {
  const response = await fetch(`${tasker.url}/tasks/${PROJECT}/run-nmap`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(scan(hosts)),
  });
  expect(response.status).toBe(200);
  const { submission } = (await response.json()) as { submission: { id: string } };
  return { id: submission.id, trace: response.headers.get('x-trace-id') ?? '' };
}

const named = (spans: readonly ReceivedSpan[]) => spans.map(({ name }) => name);

/** All spans of a trace, once the last stage of the scan has told of itself. */
function spansOf(trace: string): Promise<ReceivedSpan[]> {
  return eventually('the spans of the last stage arrive', () => {
    const spans = receiver.spans.filter(({ traceId }) => traceId === trace);
    return named(spans).includes('process submission') && spans;
  });
}

it('a scan is one trace, from the caller over the POST and all stages to the confirm of RabbitMQ', async () => {
  const [callersTrace, callersSpan] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  const traceparent = `00-${callersTrace}-${callersSpan}-01`;
  // Two batches of a lane: the second one is injected by the first.
  const { id, trace } = await submit(['here.test', '11.6.0.0/21'], { traceparent });
  expect(trace).toBe(callersTrace);
  const spans = await spansOf(trace);

  for (const stage of STAGE_NAMES) expect(named(spans)).toContain(`process ${stage}`);
  expect(named(spans)).toContain('publish nmap_scan_queue');
  const [request, ...others] = spans.filter(({ name }) => name === 'POST /tasks/{project_id}/run-nmap');
  expect(others).toEqual([]);
  expect(request).toMatchObject({ parentSpanId: callersSpan, instance: expect.stringMatching(/^all-/) });
  const known = new Set(spans.map(({ spanId }) => spanId));
  const orphans = spans.filter(
    ({ parentSpanId = '' }) => parentSpanId !== callersSpan && !known.has(parentSpanId),
  );
  expect(named(orphans)).toEqual([]);

  // Not each behind the one that injected it: the batches of a large scan would be a tree of thousands of levels.
  const ofBatches = spans.filter(({ name }) => name === 'process publish');
  expect(ofBatches.length).toBeGreaterThan(8);
  expect(new Set(ofBatches.map(({ parentSpanId }) => parentSpanId)).size).toBe(1);

  const published = spans.filter(({ name }) => name === 'publish nmap_scan_queue');
  const messages = published.map((span) => Number(attribute(span, 'messaging.batch.message_count')));
  expect(messages.reduce((sum, count) => sum + count, 0)).toBe(2_047);
  const runs = spans.filter(({ name }) => /^process /.test(name));
  expect(new Set(runs.map((span) => attribute(span, 'tasker.submission')))).toEqual(new Set([id]));
  expect(new Set(runs.map(({ instance }) => instance))).toEqual(new Set([expect.stringMatching(/^jobs-/)]));

  const lines = tasker.logs.filter((line) => line.trace === trace);
  expect(lines.map(({ msg }) => msg)).toEqual(
    expect.arrayContaining(['submission ended', 'request completed']),
  );
});

it('the data of jobs stays what it is', async () => {
  const { id, trace } = await submit(['11.7.0.1']);
  await spansOf(trace);
  const jobs = await installation.redis.keys(`tasker:queue:*:${id}-*`);
  const hashes = jobs.filter((key) => !/:(?:processed|dependencies)$/.test(key));
  expect(hashes.length).toBeGreaterThanOrEqual(5);
  for (const key of hashes) {
    const data = JSON.parse((await installation.redis.hget(key, 'data')) ?? '');
    expect(data).toEqual(
      key.includes('-publish-') ? { submission: id, index: expect.any(Number) } : { submission: id },
    );
  }
});

it('a request that reads is a trace, too, with its id in the answer and in the log', async () => {
  const path = `/tasks/${PROJECT}/status`;
  const { headers, status } = await tasker.get(path);
  const trace = headers.get('x-trace-id') ?? '';
  expect([status, trace]).toEqual([200, expect.stringMatching(/^[0-9a-f]{32}$/)]);
  const [span, ...others] = await eventually('its span arrives', () => {
    const spans = receiver.spans.filter(({ traceId }) => traceId === trace);
    return spans.length > 0 && spans;
  });
  expect(others).toEqual([]);
  expect(span?.name).toBe('GET /tasks/{project_id}/status');
  expect(
    Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]])),
  ).toEqual({
    'http.request.method': 'GET',
    'http.route': '/tasks/{project_id}/status',
    'http.response.status_code': 200,
    'url.path': path,
    'url.scheme': 'http',
  });
  const lines = await eventually('its line is there', () => {
    const found = tasker.logs.filter((line) => line.trace === trace);
    return found.length > 0 && found;
  });
  expect(lines.map(({ msg }) => msg)).toEqual(['request completed']);
  const missing = await tasker.get(`/tasks/${PROJECT}/submissions/${randomUUID()}`);
  expect([missing.status, missing.headers.has('x-trace-id')]).toEqual([404, true]);
});

it('a request whose caller has hung up is logged with its trace', async () => {
  const trace = randomBytes(16).toString('hex');
  const gone = new AbortController();
  const answer = fetch(`${tasker.url}/tasks/${PROJECT}/run-nmap`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      traceparent: `00-${trace}-${randomBytes(8).toString('hex')}-01`,
    },
    body: JSON.stringify(scan(['silent.test'])),
    signal: gone.signal,
  }).catch(() => 'hung up');
  await eventually('the name is asked for', () => dns.queries.has('silent.test'));
  gone.abort();
  expect(await answer).toBe('hung up');
  await eventually('its line is there', () =>
    tasker.logs.some((line) => line.msg === 'request aborted' && line.trace === trace),
  );
});

it('what monitors ask, what never ends and what is no route begins none, unless its caller has begun it', async () => {
  const quiet = ['/', '/health', '/ready', '/metrics', '/events', '/board', '/docs', '/nothing/here'];
  const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
  for (const path of quiet)
    for (const begun of [{}, { traceparent }]) {
      const gone = new AbortController();
      const headers = { authorization: `Bearer ${TOKEN}`, ...begun };
      const answer = await fetch(tasker.url + path, { headers, signal: gone.signal, redirect: 'manual' });
      gone.abort();
      const trace = 'traceparent' in begun ? traceparent.slice(3, 35) : null;
      expect([path, answer.headers.get('x-trace-id')]).toEqual([path, trace]);
    }
});

it('of a trace that its caller does not sample nothing is sent, and none begins by itself', async () => {
  const { trace } = await submit(['11.7.0.2']);
  const unsampled = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
  const silent = await submit(['11.7.0.3'], { traceparent: unsampled });
  expect(unsampled).toContain(silent.trace);

  await spansOf(trace);
  await spansOf((await submit(['11.7.0.4'])).trace);
  expect(receiver.spans.filter(({ traceId }) => traceId === silent.trace)).toEqual([]);
  const roots = receiver.spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name);
  expect(roots.filter((name) => !/^(?:GET|POST) \/tasks\//.test(name))).toEqual([]);
});

it('a collector that takes nothing is logged once, and so is that it is back', async () => {
  const told = (msg: string) => tasker.logs.filter((line) => line.msg === msg && line.role === 'all').length;
  receiver.refuse(true);
  await eventually('the log says that traces do not arrive', async () => {
    await submit(['11.7.0.5']);
    return told('traces do not arrive; they are dropped') > 0;
  });
  receiver.refuse(false);
  await eventually('the log says that they arrive again', async () => {
    await submit(['11.7.0.5']);
    return told('traces arrive again') > 0;
  });
  expect(told('traces do not arrive; they are dropped')).toBe(1);
});
