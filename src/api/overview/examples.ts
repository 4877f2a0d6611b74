import { submissionCursor } from '../http/cursor.ts';
import { ALICE, PROJECT, SUBMISSION } from '../openapi/examples.ts';

export const scanRowExample = {
  id: SUBMISSION,
  project: PROJECT,
  user: ALICE,
  state: 'dispatching',
  priority: 3,
  paused: null,
  created_at: '2026-11-02T09:30:00.000Z',
  finished_at: null,
  entries: { total: 12, first: ['8.8.8.0/21', 'www.example.com'] },
  counts: {
    ...{ total: 2_000, waiting: 1_000, ready: 20, running: 10, done: 969, dropped: 1, stopped: 0, failed: 0 },
    refused: 3,
  },
  rate_per_s: 0.77,
  ends_at: '2026-11-02T10:13:17.581Z',
};

export const allSubmissionsExample = {
  submissions: [scanRowExample],
  next: submissionCursor({ id: SUBMISSION, atMs: 1_793_611_800_000 }),
};

export const projectsExample = {
  projects: [
    {
      ...{ id: PROJECT, name: 'perimeter', open: 1, kept: 4, waiting: 1_000 },
      last_at: '2026-11-02T09:30:00.000Z',
      paused: false,
    },
  ],
};

export const workersAtWorkExample = {
  workers: [
    {
      host: 'worker-1',
      ip: '203.0.113.7',
      last_seen: '2026-11-02T09:30:00.000Z',
      unanswered_pings: 0,
      done_last_hour: 212,
      tasks: [
        {
          task_id: '5b2f3b0c-52a1-5d0a-8a4e-2c1d6c1a7f10',
          project: PROJECT,
          submission: SUBMISSION,
          address: '8.8.8.2',
          since: '2026-11-02T09:31:00.000Z',
        },
      ],
      others: 0,
    },
  ],
};
