/** The compose file for stores that run elsewhere: confined, without a secret in it. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { variableNames } from '../../../src/config/environment.ts';

const read = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');

interface Service {
  image: string;
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
  mem_limit: string;
  secrets: string[];
  environment: Record<string, string>;
  ports?: string[];
}
const { services, secrets } = parse(read('deploy/compose/compose.yaml'), { merge: true }) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
};

describe.each(Object.entries(services))('the service %s', (role, service) => {
  it('has variables that Tasker knows, and the role of its name', () => {
    expect(Object.keys(service.environment).filter((name) => !variableNames().includes(name))).toEqual([]);
    expect(service.environment).toMatchObject({ ROLE: role, ENVIRONMENT: 'production' });
  });

  it('reads its secrets from files that are mounted', () => {
    expect(service.secrets).toEqual(Object.keys(secrets));
    const mounted = Object.values(service.environment).filter((value) => value.startsWith('/run/secrets/'));
    for (const path of mounted) expect(secrets).toHaveProperty(path.replace('/run/secrets/', ''));
    expect(Object.keys(service.environment).filter((name) => /(PASSWORD|TOKEN|URL)$/.test(name))).toEqual([]);
  });

  it('is confined, and of this version', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(service).toMatchObject({
      image: `\${TASKER_IMAGE:-tasker:${version}}`,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      mem_limit: `\${TASKER_MEMORY:-768m}`,
    });
  });
});

it('opens plain HTTP for this machine only', () => {
  expect(services.api?.ports).toEqual([`\${BIND_ADDRESS:-127.0.0.1}:\${TASKER_HTTP_PORT:-8001}:8001`]);
  expect(services.jobs?.ports).toBeUndefined();
});

it('asks for the files that its README makes', () => {
  const readme = read('deploy/compose/README.md');
  for (const { file } of Object.values(secrets)) expect(readme).toContain(file.replace('./', ''));
});
