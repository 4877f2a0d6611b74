import { expect, it } from 'vitest';
import { keyOf, sampleOf } from '../../../src/adapters/metrics/samples.ts';
import { projectSamples } from '../../../src/queries/installationMetrics.ts';

it('however many projects there are, the 50 with the most are told, and the others as one', () => {
  const projects = Array.from({ length: 200 }, (_, n) => ({ project: `p${n}`, waiting: n, running: 1 }));
  const samples = projectSamples(projects);
  const waiting = samples.filter(({ labels }) => labels.state === 'waiting');
  expect(waiting).toHaveLength(51);
  expect(waiting.slice(0, 50).map(({ labels }) => labels.project)).toEqual(
    Array.from({ length: 50 }, (_, n) => `p${199 - n}`),
  );
  const others = samples.filter(({ labels }) => labels.project === 'other').map(({ value }) => value);
  expect(others).toEqual([(149 * 150) / 2, 150]);
});

it('a sample is read back from what it is kept under, whatever the order of its labels', () => {
  const key = keyOf('tasker_job_runs_total', { stage: 'split', outcome: 'failed' });
  expect(keyOf('tasker_job_runs_total', { outcome: 'failed', stage: 'split' })).toBe(key);
  expect(sampleOf(key, 3)).toEqual({
    metric: 'tasker_job_runs_total',
    name: 'tasker_job_runs_total',
    labels: { stage: 'split', outcome: 'failed' },
    value: 3,
  });
  const part = keyOf('tasker_job_duration_seconds_bucket', { le: '0.1', stage: 'split' });
  expect(sampleOf(part, 1)).toMatchObject({ metric: 'tasker_job_duration_seconds', labels: { le: '0.1' } });
});

it.each(['tasker_gone_total{}', 'tasker_workers', 'tasker_workers{x}', '', 'constructor{}'])(
  'what another version has counted is passed over: %j',
  (key) => expect(sampleOf(key, 1)).toBeUndefined(),
);
