/** What stands at a place of a resource, for the two sides of a difference. */

/** The value at `Patient.name[0].family`; undefined where there is none. */
export function valueAt(resource: unknown, path: string): unknown {
  let value: unknown = resource;
  for (const [, name, index] of path.matchAll(/\.?([A-Za-z_]\w*)|\[(\d+)\]/g)) {
    if (value === undefined || value === null) return undefined;
    if (index !== undefined) value = Array.isArray(value) ? (value as unknown[])[Number(index)] : undefined;
    else if (value === resource && /^[A-Z]/.test(name ?? '')) continue;
    else value = memberOf(value as Readonly<Record<string, unknown>>, name ?? '');
  }
  return value;
}

/** A choice is named without its type: `value` for `valueQuantity`. */
function memberOf(object: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const form = new RegExp(`^${name}[A-Z]`);
  const key = Object.keys(object).find((member) => form.test(member));
  return key === undefined ? undefined : object[key];
}

export interface Change {
  /** `add`, `insert`, `replace`, `delete` or `move`. */
  readonly type: string;
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

interface Part {
  readonly name?: string | undefined;
  readonly part?: readonly Part[] | undefined;
}

/** What a parameter has: its `value[x]`, or its parts as an object. */
function contentOf(part: Part | undefined): unknown {
  if (part === undefined) return undefined;
  if (part.part !== undefined)
    return Object.fromEntries(part.part.map((inner) => [inner.name ?? '', contentOf(inner)]));
  return Object.entries(part).find(([member]) => member.startsWith('value'))?.[1];
}

/** The operations of a FHIRPath Patch (https://hl7.org/fhir/R4/fhirpatch.html) with what was there before. */
export function changesOf(
  patch: { readonly parameter?: readonly Part[] | undefined },
  before: unknown,
): Change[] {
  return (patch.parameter ?? []).map(({ part = [] }) => {
    const of = (name: string) => contentOf(part.find((p) => p.name === name));
    const [type, path, name, index] = [of('type'), of('path'), of('name'), of('index')].map((v) =>
      typeof v === 'string' || typeof v === 'number' ? String(v) : undefined,
    );
    const place = [
      path ?? '',
      name === undefined ? '' : `.${name}`,
      index === undefined ? '' : `[${index}]`,
    ].join('');
    const isThere = type === 'replace' || type === 'delete';
    return {
      type: type ?? '',
      path: place,
      before: isThere ? valueAt(before, place) : undefined,
      after: of('value'),
    };
  });
}
