import { type Context, SpanKind } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { OUTCOME } from '../../runtime/tracing.ts';
import type { JobOutcome } from '../metrics/table.ts';

const POSTPONED: JobOutcome = 'postponed';

/** What BullMQ says of its own work is told where later spans are children of it. */
const PARENTS = /^(?:delay|retry|fail)\b/;

/**
 * Passes on what says something of a scan. A job that waits for room in the window is looked at ten times a second, for as
 * long as it takes, and BullMQ tells of each step of its own: a trace would drown in it.
 */
export class ToldSpans implements SpanProcessor {
  readonly #next: SpanProcessor;

  constructor(next: SpanProcessor) {
    this.#next = next;
  }

  onStart(span: Span, parent: Context): void {
    this.#next.onStart(span, parent);
  }

  onEnd(span: ReadableSpan): void {
    if (isTold(span)) this.#next.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }
}

function isTold({ kind, name, attributes }: ReadableSpan): boolean {
  if (kind === SpanKind.INTERNAL) return PARENTS.test(name);
  return attributes[OUTCOME] !== POSTPONED;
}
