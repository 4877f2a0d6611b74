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
  dns = await startDnsServer({ zone: ['11.4.1.1 here.test'] });
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

it('traces begin with requests that change something, and with those whose caller wants it', async () => {
  const { trace } = await submit(['11.7.0.2']);
  expect(trace).toMatch(/^[0-9a-f]{32}$/);
  const read = await tasker.get('/workers/ips');
  expect(read.headers.has('x-trace-id')).toBe(false);
  const unsampled = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
  const silent = await submit(['11.7.0.3'], { traceparent: unsampled });
  expect(unsampled).toContain(silent.trace);

  await spansOf(trace);
  await spansOf((await submit(['11.7.0.4'])).trace);
  expect(receiver.spans.filter(({ traceId }) => traceId === silent.trace)).toEqual([]);
  const roots = receiver.spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name);
  expect(new Set(roots)).toEqual(new Set(['POST /tasks/{project_id}/run-nmap']));
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
