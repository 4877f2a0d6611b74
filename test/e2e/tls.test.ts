import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { falcoriaCertificate, selfSignedCertificate } from '../support/certificate.ts';
import { startStandInLedger } from '../support/standInLedger.ts';
import { ownInstallation, scan, startTasker, TOKEN } from '../support/tasker.ts';

interface Question {
  /** Sent as JSON, by POST. */
  json?: object;
  token?: string;
}

/** Trusts the certificate, whatever name it is for. */
function askOverTls(url: string, ca: string, { json, token = '' }: Question = {}) {
  type Told = { status: number | undefined; headers: NodeJS.Dict<string | string[]>; body: unknown };
  return new Promise<Told>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const method = json === undefined ? 'GET' : 'POST';
    const options = { ca, agent: false, checkServerIdentity: () => undefined, method, headers };
    const asked = request(url.replace('http:', 'https:'), options, async (response) => {
      const body: unknown = JSON.parse(await text(response));
      resolve({ status: response.statusCode, headers: response.headers, body });
    });
    asked.on('error', reject);
    asked.end(json === undefined ? undefined : JSON.stringify(json));
  });
}

it('Tasker serves HTTPS with a bundle of certificate and key', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tasker-tls-'));
  const installation = await ownInstallation();
  const { cert, key } = await selfSignedCertificate();
  const bundle = join(directory, 'bundle.pem');
  writeFileSync(bundle, `${key}\n${cert}`);
  const tasker = await startTasker({ ...installation.env, TLS_BUNDLE: bundle });
  try {
    const { status, headers } = await askOverTls(`${tasker.url}/health`, cert);
    expect(status).toBe(200);
    expect(headers['strict-transport-security']).toBeDefined();
    await expect(fetch(`${tasker.url}/health`)).rejects.toThrow();
  } finally {
    await tasker.stop();
    await installation.drop();
    await rm(directory, { recursive: true });
  }
});

it.each(['scanledger', 'static'])(
  'Tasker trusts a ScanLedger that shows the certificate of the bundle, without a setting (AUTH_PROVIDER %s)',
  async (provider) => {
    const certificate = await falcoriaCertificate();
    const ledger = await startStandInLedger({ users: { 'own-token': { admin: true } }, certificate });
    const directory = await mkdtemp(join(tmpdir(), 'tasker-tls-'));
    const installation = await ownInstallation();
    const bundle = join(directory, 'bundle.pem');
    writeFileSync(bundle, `${certificate.cert}${certificate.key}`);
    const tasker = await startTasker({
      ...installation.env,
      AUTH_PROVIDER: provider,
      SCANLEDGER_BASE_URL: ledger.baseUrl,
      TASKER_AUTH_TOKEN: 'own-token',
      TLS_BUNDLE: bundle,
    });
    try {
      const ok = { status: 'ok', detail: '' };
      const ready = await askOverTls(`${tasker.url}/ready`, certificate.cert);
      expect(ready).toMatchObject({ status: 200, body: { services: { ledger: ok, 'auth store': ok } } });
      const answer = await askOverTls(`${tasker.url}/tasks/${randomUUID()}/run-nmap`, certificate.cert, {
        json: scan(['9.9.9.9'], { mode: 'insert' }),
        token: provider === 'static' ? TOKEN : 'own-token',
      });
      expect(answer).toMatchObject({ status: 200, body: { summary: { sent_to_scan: 1 } } });
    } finally {
      await tasker.stop();
      await ledger.stop();
      await installation.drop();
      await rm(directory, { recursive: true });
    }
  },
);
