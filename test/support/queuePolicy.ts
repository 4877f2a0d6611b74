import { SCAN_QUEUE } from './scanQueue.ts';
import { eventually, rabbitmqApi } from './services.ts';

const path = (vhost: string) => `policies/${vhost}/full`;

/** The scan queue takes nothing until {@link makeQueueOpen}. */
export async function makeQueueFull(vhost: string): Promise<void> {
  const definition = { 'max-length': 0, overflow: 'reject-publish' };
  await rabbitmqApi('PUT', path(vhost), { pattern: `^${SCAN_QUEUE}$`, definition, 'apply-to': 'queues' });
  await untilPolicyIs(vhost, 'full');
}

export async function makeQueueOpen(vhost: string): Promise<void> {
  await rabbitmqApi('DELETE', path(vhost));
  await untilPolicyIs(vhost, undefined);
}

async function untilPolicyIs(vhost: string, wanted: string | undefined): Promise<void> {
  await eventually(`the queue's policy is ${wanted}`, async () => {
    const queue = await rabbitmqApi('GET', `queues/${vhost}/${SCAN_QUEUE}`).catch(() => {});
    return (
      typeof queue === 'object' &&
      queue !== null &&
      'policy' in queue &&
      (queue.policy ?? undefined) === wanted
    );
  });
}
