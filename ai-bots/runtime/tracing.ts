/** Traces over OTLP, only where the operator names a collector: without one no span is ever made. */
import { context, propagation, trace, type Context } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

export interface Tracing {
  /** Sends what is left. */
  shutdown(): Promise<void>;
}

/**
 * Headers, sampler and limits come from the standard variables, which the libraries read themselves.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function startTracing(env: NodeJS.ProcessEnv): Tracing | undefined {
  const url = tracesUrl(env);
  if (url === undefined || env['OTEL_SDK_DISABLED'] === 'true') return undefined;
  const name = env['OTEL_SERVICE_NAME'] ?? 'dr-assistant-bots';
  const provider = new NodeTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': name })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  // Not the baggage of callers: it may say anything, and would be passed on.
  provider.register({ propagator: new W3CTraceContextPropagator() });
  return { shutdown: () => provider.shutdown() };
}

/** The address for traces as it is, or that for all signals with the path of the protocol. */
function tracesUrl(env: NodeJS.ProcessEnv): string | undefined {
  const own = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? '';
  if (own !== '') return own;
  const base = (env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '').replace(/\/+$/, '');
  return base === '' ? undefined : `${base}/v1/traces`;
}

/** `traceparent` for the FHIR server, where there is a trace; never for others. https://www.w3.org/TR/trace-context/ */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** Runs `work` as part of the trace that a notification's headers name. */
export const asPartOf = <T>(headers: Readonly<Record<string, unknown>>, work: () => T): T =>
  context.with(extracted(headers), work);

const extracted = (headers: Readonly<Record<string, unknown>>): Context =>
  propagation.extract(context.active(), headers);

/** What the lines of a log say of the trace that they belong to. */
export function traceFields(): { trace_id?: string; span_id?: string } {
  const at = trace.getSpanContext(context.active());
  return at === undefined ? {} : { trace_id: at.traceId, span_id: at.spanId };
}
