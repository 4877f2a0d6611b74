import type { Chore } from './chores.ts';

/** A worker that vanishes gives its message back to the queue: when its scan was stopped, it is taken out here. */
export const recallTasks: Chore = {
  name: 'recall_tasks',
  description: 'Every 5 s tasks of stopped scans that workers have in hand are recalled once more.',
  everyMs: 5_000,
  atStart: false,
  run: ({ recallTasks }) => recallTasks(),
};
