/** Contained resources: each is referred to, and by an id of its own. https://hl7.org/fhir/R4/references.html#contained */
import { isJson, type Json } from './json.ts';
import type { Walk } from './walk.ts';

/** Constraint dom-3. Any text that is `#id` counts as a reference: canonicals and URIs are not told from others. */
export function checkContained(walk: Walk, resource: Json): void {
  const { contained } = resource;
  if (!Array.isArray(contained) || contained.length === 0) return;
  const fragments = fragmentsIn(resource);
  const ids = new Set<unknown>();
  contained.forEach((inner: unknown, i) => {
    if (!isJson(inner)) return;
    const { id } = inner;
    const place = `.contained[${i}]`;
    if (typeof id === 'string' && ids.has(id))
      walk.report('duplicate', 'Two contained resources have this id', `${place}.id`);
    ids.add(id);
    const isReferred = typeof id === 'string' && fragments.has(`#${id}`);
    if (!isReferred && !fragmentsIn(inner).has('#'))
      walk.report(
        'invariant',
        typeof id === 'string'
          ? 'A contained resource must be referred to from elsewhere in the resource (dom-3)'
          : 'A contained resource needs an id, by which it is referred to (dom-3)',
        place,
      );
  });
}

function fragmentsIn(value: unknown): Set<string> {
  const found = new Set<string>();
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') {
      if (next.startsWith('#')) found.add(next);
    } else if (typeof next === 'object' && next !== null)
      for (const inner of Object.values(next)) waiting.push(inner);
  }
  return found;
}
