/** The documentation's examples of the routes about exclusions. */

import { PROJECT, RECEIPT } from '../openapi/examples.ts';

export const newExclusionsExample = {
  hosts: [
    '203.0.113.0/28',
    '*.payments.example.com',
    { entry: '198.51.100.9', why: 'fragile printer', until: '2026-12-24T18:00:00Z', locked: true },
  ],
  why: 'out of scope by contract, annex B',
  until: '2027-01-31T23:59:59Z',
};

export const exclusionsExample = {
  exclusions: [
    {
      entry: '203.0.113.0/28',
      by: { id: '3f0f3b0a-9a39-4a2e-8a3a-0a6f1f2f9d10', username: 'alice', admin: false },
      at: '2026-11-02T09:30:00.000Z',
      why: 'out of scope by contract, annex B',
      until: '2027-01-31T23:59:59.000Z',
      locked: true,
    },
  ],
  installation: ['192.0.2.1', '*.internal.example.com'],
  installation_hidden: false,
  version: 3,
};

const path = `/tasks/${PROJECT}/exclusions/${RECEIPT}/receipt`;
export const appliedExample = { id: RECEIPT, waiting: 246, ready: 8, running: 1, complete: true, href: path };
export const changedListExample = { ...exclusionsExample, receipt: appliedExample };

export const receiptExample = {
  id: RECEIPT,
  exclusions: { total: 1, listed: ['203.0.113.0/24'] },
  holds: true,
  by: 'alice',
  at: '2026-11-02T14:02:09.120Z',
  when_running: 'kill',
  ...{ waiting: 0, ready: 0, running: 0, running_targets: [] },
  since: '2026-11-02T14:02:11.480Z',
  last: {
    task_id: '2c5e2f0e-6a6c-5d0a-9c41-0f8f4f9d5e77',
    address: '203.0.113.77',
    worker: 'worker-1',
    ended_at: '2026-11-02T14:02:11.480Z',
  },
};
