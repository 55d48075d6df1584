/** Spans of stages and providers; without a set-up SDK they cost nothing. Attributes are names and numbers only. */
import { SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';

const TRACER = 'dr-assistant-bots';

/** Ends the span with what `work` comes to. The error's text is left out: it may come from elsewhere. */
export function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return trace.getTracer(TRACER).startActiveSpan(name, { attributes }, async (span) => {
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
