/** A collector of traces for tests: takes spans over OTLP/HTTP in JSON, as the exporters send them. https://opentelemetry.io/docs/specs/otlp/#otlphttp */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** 2 is a request that is answered, 3 a call. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code?: number };
}

export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly spans: readonly CollectedSpan[];
  /** All that was ever sent, as it came. */
  text(): string;
  /** Waits until a span like this is there, at most 20 s. */
  find(what: string, isIt: (span: CollectedSpan) => boolean): Promise<CollectedSpan>;
  close(): Promise<void>;
}

/** What a process needs to send its spans here, soon. */
export const tracedBy = ({ endpoint }: Pick<Collector, 'endpoint'>) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_BSP_SCHEDULE_DELAY: '100',
});

interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[];
  }[];
}
interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
type ExportedSpan = Omit<CollectedSpan, 'service' | 'attributes' | 'links'> & {
  readonly attributes?: readonly Attribute[];
  readonly links?: CollectedSpan['links'];
};

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const texts: string[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      texts.push(text);
      if (request.url === '/v1/traces') spans.push(...spansOf(JSON.parse(text) as Exported));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    text: () => texts.join('\n'),
    async find(what, isIt) {
      for (const end = Date.now() + 20_000; ; await sleep(50)) {
        const found = spans.find(isIt);
        if (found) return found;
        if (Date.now() > end)
          throw new Error(
            `no span of ${what} among ${spans.map((s) => `${s.service}: ${s.name}`).join('\n')}`,
          );
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const spansOf = ({ resourceSpans }: Exported): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans
      .flatMap((scope) => scope.spans)
      .map(({ attributes = [], links = [], ...span }) => ({
        ...span,
        service,
        attributes: valuesOf(attributes),
        links,
      }));
  });

const valuesOf = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
