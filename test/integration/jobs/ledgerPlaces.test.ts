/** A ledger that does not answer is in nobody's way who does not ask it, however many projects do. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createScanledger } from '../../../src/adapters/scanledger/scanledger.ts';
import { FLOW } from '../../../src/flows/tree.ts';
import { LEDGER_PLACES } from '../../../src/jobs/dedup/dedup.ts';
import { type FlowScene, flowScene } from '../../support/flowScene.ts';
import { eventually } from '../../support/services.ts';
import { OPTIONS } from '../../support/stageContext.ts';
import { type StandInLedger, startStandInLedger } from '../../support/standInLedger.ts';

let scene: FlowScene;
let server: StandInLedger;

beforeEach(async () => {
  scene = await flowScene();
  server = await startStandInLedger({ users: { token: { admin: true } } });
  const ledger = createScanledger({ baseUrl: server.baseUrl, token: 'token', tlsVerify: true });
  scene.stages.context.ledger = ledger;
});

afterEach(async () => {
  await server?.stop();
  await scene?.close();
  await scene?.stages.context.ledger?.close();
});

it('a slow ledger takes its places only, the others are free, and all is done when it answers', async () => {
  server.fault = 'hang';
  scene.runJobs();
  const submit = (mode: 'insert' | 'append') =>
    scene.submit({ kind: 'plan', project: randomUUID(), options: { ...OPTIONS, mode } });
  const asking: string[] = [];
  for (let i = 0; i < FLOW.dedup.concurrency + 3; i++) asking.push(await submit('insert'));
  await eventually('all its places are taken', () => server.requests.length === LEDGER_PLACES);
  for (let i = 0; i < 3; i++) await scene.untilState(await submit('append'), 'done');
  expect(server.requests).toHaveLength(LEDGER_PLACES);
  delete server.fault;
  server.hangUp();
  for (const id of asking) await scene.untilState(id, 'done');
});
