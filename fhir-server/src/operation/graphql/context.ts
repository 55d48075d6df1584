/** What the resolvers of one query share. */
import type { Request } from '../../interaction/index.ts';
import type { Budget } from './budget.ts';
import type { Disclosure } from './disclose.ts';
import type { ListLoader } from './list-loader.ts';
import type { ReferenceLoader } from './reference-loader.ts';
import type { Restrictions } from './prepare-document.ts';
import type { Slices } from './slices.ts';

export interface GraphqlContext {
  readonly request: Request;
  readonly budget: Budget;
  readonly disclosure: Disclosure;
  readonly references: ReferenceLoader;
  readonly lists: ListLoader;
  readonly slices: Slices;
  readonly restrictions: Restrictions;
}

export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
