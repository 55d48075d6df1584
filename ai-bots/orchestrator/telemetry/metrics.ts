/** What the stages count, for `/metrics`. Labels are names of stages, providers and outcomes, never of people. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { FailureKind } from '../failure.ts';
import type { Usage } from '../provider.ts';

/** `cached`: answered before; `refused`: cannot take this input; `budget`: used up; `identifiers`: could not be taken out. */
export type Outcome = 'answered' | 'cached' | 'refused' | 'budget' | 'identifiers' | FailureKind;

export interface StageMetrics {
  asked(stage: string, provider: string, outcome: Outcome, seconds?: number): void;
  used(provider: string, usage: Usage, cost: number): void;
  /** Answers of the support check: how many statements were dropped or marked. */
  checked(stage: string, provider: string, dropped: number, marked: number): void;
}

/** Read when metrics are asked for. */
export interface GaugeSources {
  readonly breakers: () => readonly {
    readonly stage: string;
    readonly provider: string;
    readonly state: string;
  }[];
  readonly budgets: () => Promise<readonly { readonly account: string; readonly amount: number }[]>;
}

const SECONDS = [0.01, 0.05, 0.25, 1, 2.5, 5, 10, 30, 60, 300, 1_800];
const STATE: Readonly<Record<string, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** Registers everything once; a second call for the same registry throws. */
export function createMetrics(registry: Registry, currency: string): StageMetrics {
  const registers = [registry];
  const labelNames = ['stage', 'provider', 'outcome'] as const;
  const calls = new Counter({
    name: 'ai_provider_calls_total',
    help: 'Providers that were considered for a stage, with what came of it',
    labelNames,
    registers,
  });
  const seconds = new Histogram({
    name: 'ai_provider_seconds',
    help: 'Time that a provider took, with all its attempts',
    labelNames,
    buckets: SECONDS,
    registers,
  });
  const units = new Counter({
    name: 'ai_usage_total',
    help: 'What providers say was used: input_tokens, output_tokens, characters, audio_seconds',
    labelNames: ['provider', 'unit'] as const,
    registers,
  });
  const costs = new Counter({
    name: 'ai_cost_total',
    help: `Cost by the price table, in ${currency}`,
    labelNames: ['provider'] as const,
    registers,
  });
  const unsupported = new Counter({
    name: 'ai_unsupported_total',
    help: 'Statements that their sources do not support, dropped or marked',
    labelNames: ['stage', 'provider', 'action'] as const,
    registers,
  });
  return {
    asked(stage, provider, outcome, took) {
      calls.inc({ stage, provider, outcome });
      if (took !== undefined) seconds.observe({ stage, provider, outcome }, took);
    },
    used(provider, usage, cost) {
      units.inc({ provider, unit: 'input_tokens' }, usage.inputTokens ?? 0);
      units.inc({ provider, unit: 'output_tokens' }, usage.outputTokens ?? 0);
      units.inc({ provider, unit: 'characters' }, usage.characters ?? 0);
      units.inc({ provider, unit: 'audio_seconds' }, usage.audioSeconds ?? 0);
      costs.inc({ provider }, cost);
    },
    checked(stage, provider, dropped, marked) {
      if (dropped > 0) unsupported.inc({ stage, provider, action: 'dropped' }, dropped);
      if (marked > 0) unsupported.inc({ stage, provider, action: 'marked' }, marked);
    },
  };
}

export function createGauges(
  registry: Registry,
  { breakers, budgets }: GaugeSources,
  currency: string,
): void {
  new Gauge({
    name: 'ai_breaker_state',
    help: 'Whether a provider is asked: 0 closed (yes), 1 half-open (on trial), 2 open (left out)',
    labelNames: ['stage', 'provider'] as const,
    registers: [registry],
    collect() {
      for (const { stage, provider, state } of breakers()) this.set({ stage, provider }, STATE[state] ?? 2);
    },
  });
  new Gauge({
    name: 'ai_budget_left',
    help: `What is left of the day's budgets, in ${currency}`,
    labelNames: ['account'] as const,
    registers: [registry],
    async collect() {
      for (const { account, amount } of await budgets()) this.set({ account }, amount);
    },
  });
}
