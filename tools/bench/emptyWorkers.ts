/** Child process of the latency benchmark: workers for the six empty stages. Ends with SIGTERM. */
import { Worker } from 'bullmq';
import { connectionOf, EMPTY_PREFIX, EMPTY_STAGES } from './emptyFlow.ts';

const connection = connectionOf(process.env);
const workers = EMPTY_STAGES.map(
  (name) => new Worker(name, async () => ({}), { connection, prefix: EMPTY_PREFIX }),
);
await Promise.all(workers.map((worker) => worker.waitUntilReady()));
process.on('SIGTERM', async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  process.exit(0);
});
process.send?.('ready');
