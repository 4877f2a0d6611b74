import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { selfSignedCertificate } from '../support/certificate.ts';
import { ownInstallation, startTasker } from '../support/tasker.ts';

function getOverTls(
  url: string,
  ca: string,
): Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { ca, agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers }));
    });
    request.on('error', reject);
  });
}

it('serves HTTPS with a bundle of certificate and key', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tasker-tls-'));
  const installation = await ownInstallation();
  const { cert, key } = await selfSignedCertificate();
  const bundle = join(directory, 'bundle.pem');
  writeFileSync(bundle, `${key}\n${cert}`);
  const tasker = await startTasker({ ...installation.env, TLS_BUNDLE: bundle });
  try {
    const { status, headers } = await getOverTls(`${tasker.url.replace('http:', 'https:')}/health`, cert);
    expect(status).toBe(200);
    expect(headers['strict-transport-security']).toBeDefined();
    await expect(fetch(`${tasker.url}/health`)).rejects.toThrow();
  } finally {
    await tasker.stop();
    await installation.drop();
    await rm(directory, { recursive: true });
  }
});
