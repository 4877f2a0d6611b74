import {
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { ParentBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { BullMQOtel } from 'bullmq-otel';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';
import { packageInfo } from '../../runtime/packageInfo.ts';
import type { TracedRequest, Tracing } from '../../runtime/tracing.ts';
import { exportTo } from './exportTo.ts';
import { ONLY_REQUESTS } from './onlyRequests.ts';
import { ToldSpans } from './toldSpans.ts';

/** How long the end of the process waits until the last spans are sent. */
const CLOSE_TIMEOUT_MS = 2_000;

export type OpenTracing = Tracing & {
  /** For the queues, producers and workers of BullMQ: it hands the trace on in the options of a job. */
  telemetry: BullMQOtel;
};

/**
 * Traces by OTLP over HTTP. Loaded only where an endpoint is set. OpenTelemetry keeps what is in use in globals of its own:
 * there is one of these in a process.
 *
 * @param endpoint base URL: spans go to `/v1/traces` below it
 */
export function openTracing(endpoint: string, { role, log }: { role: string; log: Logger }): OpenTracing {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'tasker',
      'service.version': packageInfo().version,
      'service.instance.id': `${role}-${process.pid}`,
    }),
    sampler: new ParentBasedSampler({ root: ONLY_REQUESTS }),
    spanProcessors: [new ToldSpans(exportTo(`${endpoint}/v1/traces`, log))],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const tracer = provider.getTracer('tasker');
  return {
    telemetry: new BullMQOtel({ tracerName: 'bullmq' }),
    logFields() {
      const id = trace.getActiveSpan()?.spanContext().traceId;
      return id === undefined ? {} : { trace: id };
    },
    request(caller, work) {
      const parent = propagation.extract(ROOT_CONTEXT, caller);
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, parent);
      const own = trace.setSpan(parent, span);
      context.with(own, () => work(requestOf(span)));
    },
    step: (name, attributes, work) =>
      tracer.startActiveSpan(name, { kind: SpanKind.PRODUCER, attributes }, async (span) => {
        try {
          return await work();
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
          throw error;
        } finally {
          span.end();
        }
      }),
    note: (attributes) => void trace.getActiveSpan()?.setAttributes(attributes),
    async close() {
      const late = new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref());
      await Promise.race([provider.shutdown(), late]);
      for (const api of [trace, context, propagation]) api.disable();
    },
  };
}

function requestOf(span: Span): TracedRequest {
  const own = context.active();
  return {
    id: span.spanContext().traceId,
    bind: (emitter) => void context.bind(own, emitter),
    end(name, attributes, isFailed) {
      span.updateName(name).setAttributes(attributes);
      if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}
