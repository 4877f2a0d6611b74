import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { InstallationRules } from '../../../src/adapters/scopeRules/installationRules.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { eventually } from '../../support/services.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tasker-file-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function rulesOf(content: string | Buffer, allowSingleLabel = false) {
  const file = join(directory, `${randomUUID()}.txt`);
  writeFileSync(file, content);
  const config = {
    allowPrivateTargets: false,
    excludedHosts: [],
    excludedHostsFile: file,
    allowSingleLabel,
  };
  return { file, rules: new InstallationRules(config, createLog({ level: 'silent', role: 'test' })) };
}

/** What the file comes to, or why nothing may be scanned. */
function outcome(rules: InstallationRules): string {
  try {
    return rules.now().part.exclusions.join();
  } catch (error) {
    return String(error);
  }
}

it('a file that loses all its entries counts as unreadable until it says that this is meant', async () => {
  const { file, rules } = rulesOf('8.8.8.8\n');
  expect(outcome(rules)).toBe('8.8.8.8');
  for (const emptied of ['', '# an update that failed\n', '\n']) {
    writeFileSync(file, emptied);
    await eventually('it is noticed', () => /holds no entry.*"# no exclusions"/.test(outcome(rules)));
  }
  writeFileSync(file, '# no exclusions\n');
  await eventually('it is meant', () => outcome(rules) === '');
  writeFileSync(file, '# no exclusions\n9.9.9.9');
  await eventually('entries count all the same', () => outcome(rules) === '9.9.9.9');
});

it('a file in UTF-16 is read when it has a byte order mark, also while running', async () => {
  const { file, rules } = rulesOf(Buffer.from('\ufeff8.8.8.0/29#lab\r\n9.9.9.9\r\n', 'utf16le'));
  expect(outcome(rules)).toBe('8.8.8.0/29,9.9.9.9');
  writeFileSync(file, Buffer.from('\ufeff9.9.9.8', 'utf16le').swap16());
  await eventually('it is read again', () => outcome(rules) === '9.9.9.8');
  writeFileSync(file, Buffer.from('9.9.9.7\n', 'utf16le'));
  await eventually('it says so', () => /looks like UTF-16/.test(outcome(rules)));
});

it('names of one label count only where they are allowed', () => {
  expect(outcome(rulesOf('intranet').rules)).toMatch(/without a domain/);
  expect(outcome(rulesOf('intranet', true).rules)).toBe('intranet');
});
