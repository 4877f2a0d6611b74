import { X509Certificate } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { HttpMetrics } from '../../../src/api/metrics/httpMetrics.ts';
import { scrapeText } from '../../../src/api/metrics/scrape.ts';
import { ServiceUnavailableError } from '../../../src/runtime/errors.ts';
import { EventLoopLag } from '../../../src/runtime/eventLoopLag.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { selfSignedCertificate } from '../../support/certificate.ts';
import { call } from '../../support/client.ts';
import { promtool, valuesOf } from '../../support/promtool.ts';
import { bearer, flowsWith, type TestServerOptions, TOKENS, testServer } from '../../support/testServer.ts';

const METRICS_TOKEN = 'only-for-prometheus';
const GRAFANA = fileURLToPath(new URL('../../../docs/grafana', import.meta.url));
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function metricsOf(options: TestServerOptions) {
  const { url, close } = await testServer(options);
  closers.push(close);
  return async (headers: Readonly<Record<string, string>> = {}, method: 'GET' | 'POST' = 'GET') => {
    const { status, body } = await call(`${url}/metrics`, { headers, method });
    return body?.code === undefined ? status : `${status} ${body.code}`;
  };
}

it('by default METRICS_TOKEN and the tokens of admins open /metrics, and nothing else does', async () => {
  const metrics = await metricsOf({ config: { metricsToken: METRICS_TOKEN } });
  expect({
    nobody: await metrics(),
    admin: await metrics(bearer(TOKENS.admin)),
    user: await metrics(bearer(TOKENS.alice)),
    expired: await metrics(bearer(TOKENS.carol)),
    dedicated: await metrics(bearer(METRICS_TOKEN)),
    nearly: await metrics(bearer(METRICS_TOKEN.slice(0, -1))),
    post: await metrics(bearer(METRICS_TOKEN), 'POST'),
  }).toEqual({
    nobody: '401 invalid_credentials',
    admin: 200,
    user: '403 admins_only',
    expired: '401 invalid_credentials',
    dedicated: 200,
    nearly: '401 invalid_credentials',
    post: '405 method_not_allowed',
  });
});

it('METRICS_TOKEN is no token for anything else', async () => {
  const { url, close } = await testServer({ config: { metricsToken: METRICS_TOKEN } });
  closers.push(close);
  for (const path of ['/workers/ips', '/dispatch', '/audit', '/board'])
    expect((await call(url + path, { headers: bearer(METRICS_TOKEN) })).status, path).toBe(401);
});

it('METRICS=public opens it to everybody, and METRICS=off leaves no such path', async () => {
  expect(await (await metricsOf({ config: { metrics: 'public' } }))()).toBe(200);
  const off = await metricsOf({ config: { metrics: 'off', metricsToken: METRICS_TOKEN } });
  expect(await off(bearer(METRICS_TOKEN))).toBe('404 unknown_path');
  expect(await off(bearer(TOKENS.admin))).toBe('404 unknown_path');
});

it('many who ask at once share one look at Redis and RabbitMQ', async () => {
  let looks = 0;
  const flows = flowsWith({
    metrics: async () => {
      looks += 1;
      return [];
    },
  });
  const metrics = await metricsOf({ flows, config: { metrics: 'public' } });
  await Promise.all(Array.from({ length: 20 }, () => metrics()));
  expect(looks).toBe(1);
});

async function scraped(parts: Partial<Parameters<typeof scrapeText>[0]>) {
  const lag = new EventLoopLag();
  const text = await scrapeText({
    ...{ config: {}, queries: flowsWith(), http: new HttpMetrics().registry, lag },
    log: createLog({ level: 'silent', role: 'test' }),
    ...parts,
  });
  lag.close();
  return valuesOf(text);
}

it('the end of the TLS certificate is told in seconds since 1970; without TLS there is none', async () => {
  const tls = await selfSignedCertificate();
  const endMs = Date.parse(new X509Certificate(tls.cert).validTo);
  const name = 'tasker_tls_certificate_not_after_timestamp_seconds';
  expect((await scraped({ config: { tls } })).get(name)).toBe(endMs / 1_000);
  expect((await scraped({})).has(name)).toBe(false);
});

it('what RabbitMQ is like is told also while Redis is away', async () => {
  const metrics = async () => {
    throw new ServiceUnavailableError('redis', 'redis does not answer');
  };
  const brokerState = () => ({ connected: true, blocked: 'low on memory' });
  const values = await scraped({ queries: { metrics, brokerState } });
  expect(Object.fromEntries(values)).toMatchObject({
    tasker_redis_up: 0,
    tasker_rabbitmq_up: 1,
    tasker_rabbitmq_blocked: 1,
  });
});

it('promtool finds nothing wrong with the alert rules, and they fire when they should', async () => {
  expect(await promtool(['check', 'rules', `${GRAFANA}/alerts.yml`])).toMatchObject({ code: 0 });
  const { code, told } = await promtool(['test', 'rules', `${GRAFANA}/alerts.test.yml`]);
  expect({ code, told }).toEqual({ code: 0, told: expect.stringContaining('SUCCESS') });
});
