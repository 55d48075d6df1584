/** What FHIRPath is compiled to. */
import type { Collection, Item } from './item.ts';

/** What an expression may ask for besides its focus. */
export interface Environment {
  /** `%resource`: the resource in which the focus is, contained or not. */
  readonly resource: unknown;
  /** `%rootResource`: the one that contains it, or the same. */
  readonly rootResource: unknown;
  /** What a reference's text leads to, of what is at hand. */
  readonly resolve?: ((reference: string) => unknown) | undefined;
}

export type Select = (environment: Environment, focus: Item, context: Item) => Collection;
/** Undefined is FHIRPath's empty collection. */
export type Test = (environment: Environment, focus: Item, context: Item) => boolean | undefined;

/** Left to the library. */
export class NotCompiled extends Error {}
