import { SpanKind } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';
import { ToldSpans } from '../../../src/adapters/tracing/toldSpans.ts';
import { OUTCOME } from '../../../src/runtime/tracing.ts';

it('a trace has what jobs did, and not each look of those that wait', () => {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new ToldSpans(new SimpleSpanProcessor({ exporter }))];
  const tracer = new TracerProvider({ spanProcessors }).getTracer('test');
  const span = (name: string, kind: SpanKind, outcome?: string) =>
    tracer.startSpan(name, { kind, attributes: outcome === undefined ? {} : { [OUTCOME]: outcome } }).end();
  span('process publish', SpanKind.CONSUMER, 'completed');
  span('process publish again', SpanKind.CONSUMER, 'continued');
  span('process publish later', SpanKind.CONSUMER, 'postponed');
  span('process resolve', SpanKind.CONSUMER, 'failed');
  span('addBulk publish', SpanKind.PRODUCER);
  span('getNextJob publish', SpanKind.INTERNAL);
  span('rateLimit publish', SpanKind.INTERNAL);
  span('delay resolve', SpanKind.INTERNAL);
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([
    'process publish',
    'process publish again',
    'process resolve',
    'addBulk publish',
    'delay resolve',
  ]);
});
