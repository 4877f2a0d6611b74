import { afterAll, beforeAll, expect, it } from 'vitest';
import { createResolver, type NameResolver } from '../../../src/adapters/dns/resolver.ts';
import { SubmissionStore } from '../../../src/adapters/submissions/submissionStore.ts';
import { dedup } from '../../../src/jobs/dedup/dedup.ts';
import { expand } from '../../../src/jobs/expand.ts';
import { resolve } from '../../../src/jobs/resolve.ts';
import type { Stage } from '../../../src/jobs/runner/stage.ts';
import { ScopeError } from '../../../src/runtime/errors.ts';
import { type DnsServer, startDnsServer } from '../../support/dnsServer.ts';
import { runStage, type StageScene, stageScene } from '../../support/stageContext.ts';

let scene: StageScene;
let dns: DnsServer;
let resolver: NameResolver;

beforeAll(async () => {
  dns = await startDnsServer({ zone: ['11.4.1.1 one.test', '11.4.1.2 two.test'] });
  resolver = createResolver({ servers: [`${dns.address}:${dns.port}`] });
  scene = await stageScene(resolver);
});
afterAll(async () => {
  resolver?.close();
  await scene?.close();
  await dns?.stop();
});

/** The same stage where a project may store so much. */
function run(stage: Stage, submission: string, storedBytes: number, index?: number) {
  const quotas = { openSubmissions: 0, plans: 0, storedBytes };
  const submissions = new SubmissionStore(scene.redis, quotas);
  const ref = { submission, ...(index !== undefined && { index }) };
  return runStage(stage, ref, { ...scene.context, submissions });
}

const MUCH = 2 ** 30;

it.each([
  ['expand', expand, undefined],
  ['resolve', resolve, 0],
  ['dedup', dedup, undefined],
] as const)(
  '%s ends the planning of what takes more than may be, and says which setting',
  async (_, stage, index) => {
    const id = await scene.begin({ entries: 'one.test\ntwo.test', names: 2 });
    if (stage !== expand) await run(expand, id, MUCH);
    if (stage === dedup) await run(resolve, id, MUCH, 0);
    const tooMuch = run(stage, id, 1_024, index);
    await expect(tooMuch).rejects.toThrow(ScopeError);
    await expect(tooMuch).rejects.toThrow(/^the project has .* \(MAX_STORED_MB\)/);
    // When there is room, the same job goes through.
    await run(stage, id, MUCH, index);
  },
);
