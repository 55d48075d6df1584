/** What calls cost: the price table of the operator. Prices change and differ by contract, so none is built in. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import type { Usage } from '../provider.ts';

export interface Price {
  readonly provider: string;
  /** Left out: every model of the provider that has no row of its own. */
  readonly model?: string;
  readonly inputPer1k?: number;
  readonly outputPer1k?: number;
  readonly perCharacter?: number;
  readonly perAudioMinute?: number;
}

export interface PriceTable {
  /** ISO 4217. */
  readonly currency: string;
  readonly prices: readonly Price[];
}

const amount = { type: 'number', minimum: 0 } as const;
const schema = {
  type: 'object',
  required: ['currency', 'prices'],
  additionalProperties: false,
  properties: {
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    prices: {
      type: 'array',
      items: {
        type: 'object',
        required: ['provider'],
        minProperties: 2,
        additionalProperties: false,
        properties: {
          provider: { type: 'string', minLength: 1 },
          model: { type: 'string', minLength: 1 },
          inputPer1k: amount,
          outputPer1k: amount,
          perCharacter: amount,
          perAudioMinute: amount,
        },
      },
    },
  },
} as const;

export const NO_PRICES: PriceTable = { currency: 'XXX', prices: [] };

/** Throws an Error that says what is wrong with the file. */
export function loadPrices(file: string): PriceTable {
  const ajv = new Ajv({ allErrors: true });
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!ajv.validate<PriceTable>(schema, value))
    throw new Error(ajv.errorsText(ajv.errors, { dataVar: 'prices' }));
  // A Task that names another currency is refused by the server.
  if (!Intl.supportedValuesOf('currency').includes(value.currency))
    throw new Error(`prices/currency ${value.currency} is no currency of ISO 4217`);
  return value;
}

export interface Billed {
  readonly name: string;
  readonly model?: string;
}

export function priceOf(table: PriceTable, { name, model }: Billed): Price | undefined {
  const own = table.prices.filter((p) => p.provider === name);
  return (
    own.find((p) => p.model !== undefined && p.model === model) ?? own.find((p) => p.model === undefined)
  );
}

/** In the table's currency; what has no price costs nothing. */
export function costOf(table: PriceTable, provider: Billed, usage: Usage): number {
  const price = priceOf(table, provider);
  if (price === undefined) return 0;
  return (
    ((usage.inputTokens ?? 0) / 1_000) * (price.inputPer1k ?? 0) +
    ((usage.outputTokens ?? 0) / 1_000) * (price.outputPer1k ?? 0) +
    (usage.characters ?? 0) * (price.perCharacter ?? 0) +
    ((usage.audioSeconds ?? 0) / 60) * (price.perAudioMinute ?? 0)
  );
}
