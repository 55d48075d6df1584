/** Times, shares, sizes and costs as a person reads them. */
import type { Cost } from './bot-run.ts';

const unit = (language: string, name: string, value: number, digits: number): string =>
  new Intl.NumberFormat(language, {
    style: 'unit',
    unit: name,
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(value);

/** "40 ms", "2.3 sec", "12.5 min" */
export function formatTook(ms: number, language: string): string {
  if (ms < 1_000) return unit(language, 'millisecond', ms, ms < 10 ? 1 : 0);
  return ms < 60_000 ? unit(language, 'second', ms / 1_000, 1) : unit(language, 'minute', ms / 60_000, 1);
}

export const formatShare = (share: number, language: string): string =>
  new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(share);

/** As exact as the bots count: a millionth. Empty when there is none. */
export const formatCosts = (costs: readonly Cost[], language: string): string =>
  costs
    .map(({ amount, currency }) =>
      new Intl.NumberFormat(language, { style: 'currency', currency, maximumFractionDigits: 6 }).format(amount),
    )
    .join(', ');
