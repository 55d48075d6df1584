/** What comes of asking a stage: who answered, who was passed over and why. */
import type { FailureKind } from './failure.ts';
import type { Party, Provider } from './provider.ts';

export interface Answer<Output> {
  readonly provider: ProviderName;
  readonly output: Output;
  /** Providers that were asked before, and why they did not answer. */
  readonly passedOver: readonly PassedOver[];
  /** The provider gave this answer to the same input before. */
  readonly isCached: boolean;
}

export interface ProviderName {
  readonly name: string;
  readonly version: string;
  readonly model?: string;
  readonly remark?: string;
  readonly party: Party;
}

export type PassedOverKind = FailureKind | 'refused' | 'budget' | 'identifiers';

export interface PassedOver {
  readonly provider: string;
  readonly reason: string;
  readonly kind: PassedOverKind;
}

/** No provider of a stage could answer; `passedOver` says why each could not. */
export class NoProviderError extends Error {
  readonly stage: string;
  readonly passedOver: readonly PassedOver[];

  constructor(stage: string, passedOver: readonly PassedOver[]) {
    super(`no provider could ${stage}: ${passedOver.map((p) => `${p.provider}: ${p.reason}`).join('; ')}`);
    this.name = 'NoProviderError';
    this.stage = stage;
    this.passedOver = passedOver;
  }
}

export function nameOf(provider: Provider<never, unknown>): ProviderName {
  const { name, version, model, remark, party } = provider;
  return {
    name,
    version,
    ...(model === undefined ? {} : { model }),
    ...(remark === undefined ? {} : { remark }),
    party,
  };
}
