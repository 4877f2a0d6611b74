import { SpanKind } from '@opentelemetry/api';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';

/** Traces begin with requests: what BullMQ does by itself, over and over, would be traces of nothing. */
export const ONLY_REQUESTS: Sampler = {
  shouldSample(_context, _traceId, _name, kind) {
    const isRequest = kind === SpanKind.SERVER;
    return { decision: isRequest ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD };
  },
  toString: () => 'OnlyRequests',
};
