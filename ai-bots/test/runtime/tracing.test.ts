/** Spans of a stage as a collector receives them. */
import { expect, test } from '@jest/globals';
import { ProviderFault } from '../../orchestrator/provider.ts';
import { createStage } from '../../orchestrator/stage.ts';
import { startTracing } from '../../runtime/tracing.ts';
import { call, candidate, failing, quickLimits } from '../support/bad-provider.ts';
import { serve } from '../support/fake-http.ts';

interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: unknown }[] };
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}
interface Span {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number };
}

test('Without a collector nothing is set up.', () => {
  expect(startTracing({})).toBeUndefined();
});

test('A stage and each attempt at a provider are spans, one below the other, without a word of the input.', async () => {
  const collector = await serve(() => ({ status: 200, body: {} }));
  try {
    const tracing = startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` });
    const provider = failing(() => new ProviderFault('unavailable', 'no answer'));
    const stage = createStage('hear', [candidate('a', { ...provider, model: 'm' })], { limits: quickLimits });
    await stage.run('Jane Doe coughs', call);
    await tracing?.shutdown();
    const [asked] = collector.asked;
    expect(asked?.url.pathname).toBe('/v1/traces');
    const body = asked?.body.toString() ?? '';
    expect(body).not.toMatch(/Jane|coughs|answer/);
    expect(body).toContain('dr-assistant-bots');
    const { resourceSpans } = JSON.parse(body) as Exported;
    const spans = resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans));
    const parent = spans.find((span) => span.name === 'ai.stage hear');
    const attempts = spans.filter((span) => span.name === 'ai.attempt');
    expect(attempts.map((span) => span.parentSpanId)).toEqual([parent?.spanId, parent?.spanId]);
    expect(attempts.map((span) => span.status.code ?? 0).toSorted()).toEqual([0, 2]);
  } finally {
    await collector.close();
  }
});
