/**
 * Traces by OpenTelemetry: spans of our own stages, joined across processes by `traceparent`. Off unless the environment names
 * a collector: then no span, context or closure is made. Names and attributes are those of the standard and of our code, never
 * ids of resources, values or texts of errors. https://www.w3.org/TR/trace-context/
 */
import {
  context,
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';

export { type Context, type Span, SpanKind } from '@opentelemetry/api';

export interface Tracing {
  /** Sends what is left, as far as a collector takes it within a moment. */
  shutdown(): Promise<void>;
}

const SHUTDOWN_MS = 2_000;
/** Of others whose work is done together with one's own. */
const LINKS_MAX = 32;

let tracer: Tracer | undefined;

/** Whether there is a collector. What allocates for a trace asks first. */
export const isTracing = (): boolean => tracer !== undefined;

/**
 * To be called before the logger is made. Sampler, headers, limits and sizes of queues come from the standard variables, which
 * the libraries read themselves. What the collector does not take is dropped: the queue is bounded, and no request waits for it.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * @param serviceName unless OTEL_SERVICE_NAME says otherwise
 */
export async function startTracing(
  env: NodeJS.ProcessEnv,
  serviceName: string,
): Promise<Tracing | undefined> {
  const url = tracesUrl(env);
  if (url === undefined || env['OTEL_SDK_DISABLED'] === 'true') return undefined;
  // Loaded here alone: without a collector they would cost the start a tenth of a second.
  const [{ W3CTraceContextPropagator }, { OTLPTraceExporter }, { resourceFromAttributes }, sdk] =
    await Promise.all([
      import('@opentelemetry/core'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/sdk-trace-node'),
    ]);
  const name = env['OTEL_SERVICE_NAME'] ?? serviceName;
  const provider = new sdk.NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': name, 'process.pid': process.pid }),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  // Not the baggage of callers: it may say anything, and would be passed on.
  provider.register({ propagator: new W3CTraceContextPropagator() });
  tracer = trace.getTracer('dr-assistant');
  return {
    async shutdown() {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, SHUTDOWN_MS);
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

/** Where spans go: the address for traces as it is, or that for all signals with the path of the protocol. */
function tracesUrl(env: NodeJS.ProcessEnv): string | undefined {
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? '';
  if (own !== '') return own;
  const base = (env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '').replace(/\/+$/, '');
  return base === '' ? undefined : `${base}/v1/traces`;
}

/** Runs `work` in a span that ends with it. Of an error only its class is told: its text may come from elsewhere. */
export async function inSpan<T>(
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
  parent: Context = context.active(),
): Promise<T> {
  const span = startSpan(name, options, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    fail(span, error instanceof Error ? error.name : 'unknown');
    throw error;
  } finally {
    span.end();
  }
}

/** Whoever starts it ends it. */
export const startSpan = (name: string, options: SpanOptions, parent: Context): Span =>
  trace.getTracer('dr-assistant').startSpan(name, options, parent);

/** @param type a class of errors, or a status; never a text */
export const fail = (span: Span, type: string): void =>
  void span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });

/** Runs `act` as part of the span. */
export const within = <T>(span: Span, parent: Context, act: () => T): T =>
  context.with(trace.setSpan(parent, span), act);

/** Where we are, if that belongs to a trace that is recorded and whose span has not ended. */
export function tracedContext(): Context | undefined {
  if (tracer === undefined) return undefined;
  const active = context.active();
  return trace.getSpan(active)?.isRecording() === true ? active : undefined;
}

/** A listener that runs where it was made, whoever calls it. */
export const bound = <T extends (...args: never[]) => void>(act: T): T =>
  tracer === undefined ? act : context.bind(context.active(), act as never);

/** The position in a trace as `traceparent` gives it; undefined where nothing is recorded. */
export function traceparentOf(of: Context | undefined): string | undefined {
  const at = of && trace.getSpanContext(of);
  if (at === undefined || (at.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return `00-${at.traceId}-${at.spanId}-01`;
}

/** From headers, or from what `traceparentOf` gave; the root where they say nothing. */
export const contextOf = (carrier: Readonly<Record<string, unknown>>): Context =>
  propagation.extract(ROOT_CONTEXT, carrier);

/**
 * Runs work that is done for several at once: as part of the first trace that is recorded, in a span of that name if there
 * are more, which all others link to and which links to them.
 */
export function together<T>(
  name: string,
  members: readonly (Context | undefined)[],
  work: () => Promise<T>,
): Promise<T> {
  const [first, ...others] = members.filter((member) => member !== undefined);
  if (first === undefined) return context.with(ROOT_CONTEXT, work);
  if (others.length === 0) return context.with(first, work);
  const linked = others.slice(0, LINKS_MAX);
  const links = linked.flatMap((member) => {
    const at = trace.getSpanContext(member);
    return at === undefined ? [] : [{ context: at }];
  });
  const attributes = { 'dr_assistant.members': members.length };
  return inSpan(
    name,
    { links, attributes },
    (span) => {
      for (const member of linked) trace.getSpan(member)?.addLink({ context: span.spanContext() });
      return work();
    },
    first,
  );
}

/** What the lines of a log say of the trace that they belong to. */
export function traceFields(): { trace_id?: string; span_id?: string } {
  const at = trace.getSpanContext(context.active());
  return at === undefined ? {} : { trace_id: at.traceId, span_id: at.spanId };
}
