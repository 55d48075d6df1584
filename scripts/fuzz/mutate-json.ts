/** JSON that was right, changed in a few places. */
import type { Random } from './random.ts';

type Container = Record<string, unknown> | unknown[];

const MARK = 'fuzz-literal-';

/** Literals that JSON.stringify would not write. */
const LITERALS = ['1e400', '-0', '1.0', '0.10', '1e-400', '9'.repeat(400), '1E2', '00', '.5', 'NaN', '"\\ud800"', '"\\u0000"']; // prettier-ignore

const TEXTS = [
  '', ' ', 'x'.repeat(5_000), '__proto__', 'constructor', 'Patient/there', 'Patient/', 'urn:uuid:', '#', '#nobody', '2023-02-30',
  '2023-02-03T24:00:00Z', '0000', '9999-12-31', 'http://', 'http://[', 'http://unitsofmeasure.org', '%', '%00', '$', '|', ',', '\\', "'",
  '(a+)+$', '<div xmlns="http://www.w3.org/1999/xhtml">', '<script>', '&amp;', '\ufeff', '\u{1f600}', 'A'.repeat(65), 'true', '-1', 'Observation',
  "Patient.name.where(given='x')", 'name[', 'repeat(children())', '1 + ', '/a/b', '~1', '- 1', 'http://hl7.org/fhir/ValueSet/administrative-gender',
]; // prettier-ignore

const VALUES: readonly unknown[] = [null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, {}, [], [null], [[]], [{}], { resourceType: 'Patient' }, { reference: 'Patient/there' }]; // prettier-ignore

const NAMES = ['__proto__', 'constructor', 'id', 'meta', 'extension', 'modifierExtension', 'contained', 'resourceType', 'valueString', 'value', '_value', '', 'text', 'url']; // prettier-ignore

function containersOf(root: unknown): Container[] {
  const found: Container[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    found.push(value as Container);
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(root);
  return found;
}

const anyValue = (random: Random, donor: unknown): unknown => {
  switch (random.below(4)) {
    case 0:
      return random.pick(TEXTS);
    case 1:
      return structuredClone(random.pick(VALUES));
    case 2:
      return `${MARK}${random.below(LITERALS.length)}`;
    default:
      return pickInside(random, donor);
  }
};

/** A value from anywhere in another resource. */
function pickInside(random: Random, donor: unknown): unknown {
  const containers = containersOf(donor);
  if (containers.length === 0) return donor;
  const values = Object.values(random.pick(containers));
  return values.length === 0 ? {} : structuredClone(random.pick(values));
}

function change(random: Random, root: unknown, donor: unknown): void {
  const container = random.pick(containersOf(root));
  const members = Object.keys(container);
  const own = container as Record<string, unknown>;
  if (members.length === 0) {
    if (Array.isArray(container)) container.push(anyValue(random, donor));
    else own[random.pick(NAMES.slice(1))] = anyValue(random, donor);
    return;
  }
  const member = random.pick(members);
  switch (random.below(7)) {
    case 0:
      if (Array.isArray(container)) container.splice(Number(member), 1);
      else delete own[member];
      return;
    case 1:
      own[member] = [own[member]];
      return;
    case 2:
      if (Array.isArray(container)) container.push(structuredClone(container[Number(member)]));
      else
        own[`${random.isOneIn(2) ? '_' : ''}${random.pick(NAMES.slice(1))}`] = structuredClone(own[member]);
      return;
    case 3:
      if (Array.isArray(own[member])) own[member] = (own[member] as unknown[])[0];
      else own[member] = anyValue(random, donor);
      return;
    case 4:
      // A new own member of this name, and not the prototype.
      if (!Array.isArray(container))
        Object.defineProperty(container, random.pick(NAMES), { value: anyValue(random, donor), enumerable: true, configurable: true, writable: true }); // prettier-ignore
      return;
    default:
      own[member] = anyValue(random, donor);
  }
}

/** JSON text of a changed copy; `donor` is another resource from which values are taken. */
export function mutateJson(random: Random, resource: object, donor: object): string {
  const copy = structuredClone(resource);
  const times = 1 + random.below(4);
  for (let i = 0; i < times; i += 1) change(random, copy, donor);
  const text = JSON.stringify(copy) ?? 'null';
  return text.replaceAll(new RegExp(`"${MARK}(\\d+)"`, 'g'), (_, i: string) => LITERALS[Number(i)] ?? '0');
}
