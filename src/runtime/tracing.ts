import type { EventEmitter } from 'node:events';

/** The attribute of a run of a job that says how it ended. */
export const OUTCOME = 'tasker.outcome';

type Attributes = Readonly<Record<string, string | number>>;

/** Headers of W3C Trace Context. */
interface TraceHeaders {
  traceparent?: string | undefined;
  tracestate?: string | undefined;
}

/** A request of which all that follows becomes part of one trace. */
export interface TracedRequest {
  /** Of the trace, as 32 hexadecimal digits. */
  id: string;
  /** Those who listen to it work for the request. */
  bind(emitter: EventEmitter): void;
  end(name: string, attributes: Attributes, isFailed: boolean): void;
}

/** Where traces go. Everything that uses it takes `undefined` for "nowhere", and then does nothing for them. */
export interface Tracing {
  /** What belongs into a log line. */
  logFields(): { trace?: string };
  /** Begins a trace, or goes on with the caller's; what `work` leads to belongs to it. */
  request(caller: TraceHeaders, work: (request: TracedRequest) => void): void;
  /** Tells how long a step of a trace takes. */
  step<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T>;
  /** Says something of the step that runs. */
  note(attributes: Attributes): void;
  /** Sends what is left. */
  close(): Promise<void>;
}
