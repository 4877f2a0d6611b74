/** What docs/events.md shows a receiver really tells signed calls from others. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { newSecret, signedHeaders } from '../../../src/adapters/webhooks/signature.ts';

const directory = mkdtempSync(join(tmpdir(), 'snippets-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const text = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');
function snippet(language: string): string {
  const [, code] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text) ?? [];
  if (code === undefined) throw new Error(`docs/events.md shows nothing in ${language}`);
  return code;
}

const secret = newSecret();
const nowS = Math.floor(Date.now() / 1_000);
const body = '{"text":"ünïcödé"}';
const good = signedHeaders(secret, 'w_1-0', nowS, body);
const calls = [
  { headers: good, body, secret },
  { headers: { ...good, 'webhook-signature': `v1,AAAA ${good['webhook-signature']}` }, body, secret },
  { headers: good, body: `${body} `, secret },
  { headers: good, body, secret: newSecret() },
  { headers: { ...good, 'webhook-id': 'w_2-0' }, body, secret },
  { headers: signedHeaders(secret, 'w_1-0', nowS - 3_600, body), body, secret },
];
const EXPECTED = [true, true, false, false, false, false];

it('in Python', () => {
  const run = `import json, sys
print(json.dumps([verify(c["secret"], c["headers"], c["body"].encode()) for c in json.loads(sys.argv[1])]))`;
  const out = execFileSync('python3', ['-c', `${snippet('python')}\n${run}`, JSON.stringify(calls)]);
  expect(JSON.parse(out.toString())).toEqual(EXPECTED);
});

it('in Node.js', async () => {
  const file = join(directory, 'verify.mjs');
  writeFileSync(file, snippet('js'));
  const { verify } = await import(file);
  expect(calls.map((call) => verify(call.secret, call.headers, call.body))).toEqual(EXPECTED);
});
