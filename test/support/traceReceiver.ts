import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

/** A span as OTLP has it in JSON. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
  /** Of the process: `service.instance.id`. */
  instance: string;
}

interface Body {
  resourceSpans: {
    resource: { attributes: ReceivedSpan['attributes'] };
    scopeSpans: { spans: Omit<ReceivedSpan, 'instance'>[] }[];
  }[];
}

/** Takes traces by OTLP over HTTP, as a collector does. */
export async function startTraceReceiver() {
  const spans: ReceivedSpan[] = [];
  let refuses = false;
  const server = createServer(async (req, res) => {
    const body = (await json(req)) as Body;
    res.setHeader('content-type', 'application/json');
    if (refuses || req.method !== 'POST' || req.url !== '/v1/traces') return res.writeHead(400).end('{}');
    for (const { resource, scopeSpans } of body.resourceSpans) {
      const instance = attribute(resource, 'service.instance.id') ?? '';
      for (const { spans: more } of scopeSpans) spans.push(...more.map((span) => ({ ...span, instance })));
    }
    res.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    /** From now on it takes nothing, or takes again. */
    refuse(now: boolean) {
      refuses = now;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function attribute({ attributes }: Pick<ReceivedSpan, 'attributes'>, key: string): string | undefined {
  const value = attributes.find((one) => one.key === key)?.value;
  return value?.stringValue ?? (value?.intValue === undefined ? undefined : String(value.intValue));
}
