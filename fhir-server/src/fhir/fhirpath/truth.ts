/** The expression fails on this content. https://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections */
import { type Collection, valueOf } from './item.ts';

/** Several items, or another type, where one of some type is asked for. */
export class EvaluationError extends Error {}

export function truth(items: Collection): boolean | undefined {
  if (items.length === 0) return undefined;
  if (items.length > 1) throw new EvaluationError('One item is expected');
  const value = valueOf(items[0]);
  return typeof value === 'boolean' ? value : true;
}
