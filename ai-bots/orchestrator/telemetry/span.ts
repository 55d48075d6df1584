/** Spans of stages and providers; without a set-up SDK they cost nothing. Attributes are names and numbers only. */
import { SpanKind, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';

const TRACER = 'dr-assistant-bots';

/** Ends the span with what `work` comes to. The error's text is left out: it may come from elsewhere. */
export function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
  kind = SpanKind.INTERNAL,
): Promise<T> {
  return trace.getTracer(TRACER).startActiveSpan(name, { attributes, kind }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      const type = error instanceof Error ? error.name : 'unknown';
      span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** A call of another process; only as a part of a trace, so that what is asked again and again makes none of its own. */
export const inCall = <T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> =>
  trace.getActiveSpan() === undefined ? work() : inSpan(name, attributes, work, SpanKind.CLIENT);
