import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { messageOf } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/log.ts';

const SEND_EVERY_MS = 1_000;

/** Sends spans every second, as OTLP in JSON. What a collector that is away cannot take is dropped. */
export function exportTo(url: string, log: Logger): SpanProcessor {
  return new BatchSpanProcessor({
    exporter: new ToldExporter(new OTLPTraceExporter({ url }), log),
    scheduledDelayMillis: SEND_EVERY_MS,
  });
}

/** One line when spans no longer arrive, and one when they do again. */
class ToldExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #log: Logger;
  #away = false;

  constructor(exporter: SpanExporter, log: Logger) {
    this.#exporter = exporter;
    this.#log = log;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      this.#tell(result);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #tell({ code, error }: ExportResult): void {
    const away = code !== ExportResultCode.SUCCESS;
    if (away && !this.#away)
      this.#log.warn({ err: messageOf(error) }, 'traces do not arrive; they are dropped');
    if (!away && this.#away) this.#log.info('traces arrive again');
    this.#away = away;
  }
}
