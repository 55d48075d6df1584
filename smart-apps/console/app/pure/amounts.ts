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
      new Intl.NumberFormat(language, { style: 'currency', currency, maximumFractionDigits: 6 }).format(
        amount,
      ),
    )
    .join(', ');

/** "0.4", of whatever a second. */
export const formatRate = (perSecond: number, language: string): string =>
  new Intl.NumberFormat(language, { maximumFractionDigits: perSecond < 10 ? 2 : 0 }).format(perSecond);

export const formatCount = (count: number, language: string): string =>
  new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(count);

/** "187 MB" */
export const formatBytes = (bytes: number, language: string): string =>
  unit(language, 'megabyte', bytes / 1_000_000, bytes < 10_000_000 ? 1 : 0);

/** "14:05:09". @param at milliseconds since the epoch */
export const formatTime = (at: number, language: string): string =>
  new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(at);
