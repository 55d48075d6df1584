/** Counts what calls use and cost, and says when a budget of the day is used up. */
import type { Usage } from '../provider.ts';
import { dayIn } from './day.ts';
import { costOf, type Billed, type PriceTable } from './prices.ts';
import type { Spending } from './spending.ts';

export interface Budgets {
  /** Of all providers together, per day, in the currency of the prices. */
  readonly total?: number;
  readonly perProvider: Readonly<Record<string, number>>;
  readonly timeZone: string;
}

export interface Ledger {
  /** Of the prices; ISO 4217. */
  readonly currency: string;
  /** Counts a call, also one that failed; answers its cost. */
  record(provider: Billed, usage: Usage): number;
  /** Why the provider may not be asked today, in words; undefined when it may. */
  exhausted(provider: Billed): Promise<string | undefined>;
  /** What is left per account (`total` or a provider) that has a budget. */
  left(): Promise<readonly { readonly account: string; readonly amount: number }[]>;
}

const TOTAL = 'total';

/**
 * A budget is looked at before a call and charged after it: calls under way at that moment may exceed it by their cost.
 */
export function createLedger(prices: PriceTable, budgets: Budgets, spending: Spending): Ledger {
  const limits = new Map(
    Object.entries(budgets.perProvider).map(([name, limit]) => [`provider:${name}`, limit]),
  );
  if (budgets.total !== undefined) limits.set(TOTAL, budgets.total);
  const remaining = async (account: string): Promise<number | undefined> => {
    const limit = limits.get(account);
    return limit === undefined ? undefined : limit - (await spending.spent(dayIn(budgets.timeZone), account));
  };
  return {
    currency: prices.currency,
    record(provider, usage) {
      const cost = costOf(prices, provider, usage);
      if (cost > 0) {
        const day = dayIn(budgets.timeZone);
        spending.add(day, TOTAL, cost);
        spending.add(day, `provider:${provider.name}`, cost);
      }
      return cost;
    },
    async exhausted(provider) {
      // What costs nothing goes on.
      if (!prices.prices.some((p) => p.provider === provider.name)) return undefined;
      if (((await remaining(`provider:${provider.name}`)) ?? 1) <= 0)
        return 'its budget of the day is used up';
      return ((await remaining(TOTAL)) ?? 1) <= 0 ? 'the budget of the day is used up' : undefined;
    },
    left: () =>
      Promise.all(
        [...limits.keys()].map(async (account) => ({
          account: account.replace('provider:', ''),
          amount: (await remaining(account)) ?? 0,
        })),
      ),
  };
}
