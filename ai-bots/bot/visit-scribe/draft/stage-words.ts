/** Who did what at each stage, in words for clinicians. */
import type { ProviderName } from '../../../orchestrator/index.ts';
import type { StageRecord, VisitDraft } from './draft.ts';

const WHAT: Readonly<Record<StageRecord['stage'], { readonly done: string; readonly missing: string }>> = {
  transcribe: { done: 'The transcript', missing: 'There is no transcript' },
  draft: { done: 'The note', missing: 'There is no note' },
  extract: {
    done: 'The proposed conditions and medications',
    missing: 'No conditions, medications or measurements are proposed',
  },
  code: { done: 'The codes', missing: 'What is proposed has no codes' },
};

/** "pocketsphinx 0.8 (demo quality)", "Azure OpenAI 2024-10-21 gpt-4o" */
export const providerText = ({ name, version, model, remark }: ProviderName): string =>
  [
    name,
    version,
    ...(model === undefined ? [] : [model]),
    ...(remark === undefined ? [] : [`(${remark})`]),
  ].join(' ');

/** By stage; a stage that nobody answered says "nobody". */
export const providerTexts = (stages: readonly StageRecord[]): Record<string, string> =>
  Object.fromEntries(
    stages.map(({ stage, provider }) => [stage, provider === undefined ? 'nobody' : providerText(provider)]),
  );

/** Providers that were to answer and did not; those that cannot take such an input are not worth a word. */
const failedOf = ({ passedOver }: StageRecord): StageRecord['passedOver'] =>
  passedOver.filter((p) => p.kind !== 'refused');

/** One sentence for each stage that did not go as the operator meant it to; empty when all did. */
export function fallbackWords({ stages }: Pick<VisitDraft, 'stages'>): string[] {
  return stages.flatMap((record) => {
    const { stage, provider } = record;
    const failed = failedOf(record);
    const why = failed.map((p) => `${p.provider}: ${p.reason}`).join('; ');
    if (provider === undefined) {
      const all = record.passedOver.map((p) => `${p.provider}: ${p.reason}`).join('; ');
      return [`${WHAT[stage].missing} (${all === '' ? 'no provider is configured' : all}).`];
    }
    return failed.length === 0 ? [] : [`${WHAT[stage].done} came from ${provider.name} instead (${why}).`];
  });
}
