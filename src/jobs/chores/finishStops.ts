import type { Chore } from './chores.ts';

/** A stop that could not reach RabbitMQ, or whose process died, is brought to its end here. */
export const finishStops: Chore = {
  name: 'finish_stops',
  description: 'Every 5 s stops that could not be finished are finished.',
  everyMs: 5_000,
  atStart: false,
  run: ({ finishStops }) => finishStops(),
};
