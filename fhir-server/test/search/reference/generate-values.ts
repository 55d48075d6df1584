/** Search values of each parameter type, made from what a resource holds so that most of them find something. */
import type { Coding, Identifier, Quantity, Reference, SearchParameter } from '@medplum/fhirtypes';
import type { Random } from './random.ts';
import { type Node, parameterAt, selectWithin } from './select.ts';
import { escape } from './split.ts';
import { texts } from './string.ts';
import { displays, tokens } from './token.ts';

const UCUM = 'http://unitsofmeasure.org';
const PREFIXES = ['', '', '', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];

/** A modifier with its colon, or nothing, and the escaped value. */
export type Criterion = readonly [modifier: string, value: string];

function changed(r: Random, text: string): string {
  const how = r.below(6);
  if (how === 0) return text.toUpperCase();
  if (how === 1) return text.toLowerCase();
  if (how === 2) return text.normalize('NFD').replaceAll(/\p{M}/gu, '');
  if (how === 3) return text.replaceAll(/[aeiou]/g, (vowel) => `${vowel}\u0301`.normalize('NFC'));
  return text;
}

/** A part that neither begins nor ends with a space. */
function part(r: Random, text: string, fromStart: boolean): string {
  const letters = [...text];
  const start = fromStart ? 0 : r.below(letters.length);
  const cut = letters.slice(start, start + 1 + r.below(letters.length - start)).join('');
  return cut.trim() === '' ? text.trim() : cut.trim();
}

function stringCriterion(r: Random, node: Node): Criterion {
  const known = texts(node);
  const text = known.length > 0 ? r.pick(known) : 'nothing';
  const modifier = r.pick(['', '', ':exact', ':contains']);
  if (modifier === ':exact') return [modifier, escape(r.chance(70) ? text : changed(r, part(r, text, true)))];
  const cut = r.chance(30) ? text : part(r, text, modifier === '');
  return [modifier, escape(changed(r, cut))];
}

function uriCriterion(r: Random, { value }: Node): Criterion {
  const uri = String(value).split('|')[0]!;
  // A URN has nothing above or below it.
  const modifier = uri.startsWith('urn:') ? '' : r.pick(['', ':below', ':above']);
  if (modifier === '') return ['', escape(r.chance(70) ? String(value) : `${uri}/more`)];
  const segments = uri.split('/');
  if (modifier === ':above') return [modifier, escape(r.chance(50) ? `${uri}/more` : `${uri}x`)];
  const parent = segments.slice(0, Math.max(3, segments.length - r.below(3))).join('/');
  return [modifier, escape(r.chance(20) ? `${parent}/` : parent)];
}

function tokenCriterion(r: Random, node: Node): Criterion {
  const known = tokens(node);
  const token = known.length > 0 ? r.pick(known) : {};
  const { system = '', implied, isText = false } = token;
  const written = token.code ?? '1';
  const code = r.chance(isText ? 50 : 3) ? changed(r, written) : written;
  const form = r.below(10);
  const label = displays(node);
  if (form === 0 && label.length > 0) return [':text', escape(changed(r, part(r, r.pick(label), true)))];
  if (form === 1 && node.type === 'Identifier') {
    const { type, value = '' } = node.value as Identifier;
    const coding: Coding = type?.coding?.[0] ?? { system: 'http://none.example', code: 'MR' };
    return [':of-type', [coding.system!, coding.code!, r.chance(80) ? value : '2'].map(escape).join('|')];
  }
  const modifier = r.chance(20) ? ':not' : '';
  // Codes, strings and booleans stand without a system.
  if (typeof node.value !== 'object') {
    if (form === 2) return [modifier, `|${escape(code)}`];
    if (form === 3) return [modifier, `${implied ?? 'http://loinc.org'}|`];
    if (form === 4) return [modifier, `http://loinc.org|${escape(code)}`];
    return [modifier, form <= 6 && implied !== undefined ? `${implied}|${escape(code)}` : escape(code)];
  }
  const full = `${escape(system)}|${escape(code)}`;
  if (form === 2) return [modifier, `|${escape(code)}`];
  if (form === 3 && system !== '') return [modifier, `${escape(system)}|`];
  if (form === 4) return [modifier, `http://loinc.org|${escape(code)}`];
  return [modifier, form <= 6 ? escape(code) : full];
}

function referenceCriterion(r: Random, { type, value }: Node, baseUrl: string): Criterion {
  if (type === 'canonical')
    return ['', escape(String(value).split('|')[r.chance(70) ? 0 : 1] ?? String(value))];
  const { reference, identifier } = value as Reference;
  if (identifier !== undefined && (reference === undefined || r.chance(50)))
    return [':identifier', `${escape(identifier.system ?? '')}|${escape(identifier.value!)}`];
  if (reference === undefined) return ['', 'none'];
  const url = reference.replace(/\/_history\/.*$/, '').replace(`${baseUrl}/`, '');
  const [targetType, id] = url.split('/').slice(-2) as [string, string];
  return r.pick<Criterion>([
    ['', id],
    ['', url],
    ['', `${targetType}/${id}`],
    ['', `${baseUrl}/${targetType}/${id}`],
    [`:${targetType}`, id],
  ]);
}

/** An element's dates as written. */
function dates(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Object.values(value ?? {}).flatMap((inner): string[] =>
    Array.isArray(inner)
      ? inner.flatMap(dates)
      : typeof inner === 'string' && /^\d{4}/.test(inner)
        ? [inner]
        : typeof inner === 'object'
          ? dates(inner)
          : [],
  );
}

const LENGTHS = [4, 7, 10, 16, 19, 23];

function dateValue(r: Random, node: Node): string {
  const known = dates(node.value);
  let text = known.length > 0 ? r.pick(known) : '2020-02-29';
  const zone = /(?:Z|[+-]\d\d:\d\d)$/.exec(text.slice(10))?.[0] ?? '';
  const local = zone === '' ? text : text.slice(0, -zone.length);
  if (r.chance(50)) {
    const length = r.pick(LENGTHS.filter((l) => l <= local.length));
    text = local.slice(0, length) + (length > 10 ? r.pick([zone, 'Z', '+02:00', '']) : '');
  }
  if (text.length === 10 && r.chance(20))
    text += r.pick(['T00:00Z', 'T23:59:59+02:00', 'T12:00', 'T10:00:00.500Z']);
  if (text.length === 4 && r.chance(20)) text = String(Number(text) + r.below(3) - 1);
  return `${r.pick(PREFIXES)}${text}`;
}

/** A number near the given one, with more or fewer digits. */
function numberText(r: Random, value: number): string {
  const form = r.below(8);
  if (form === 0) return value.toFixed(r.below(3));
  if (form === 1) return value.toFixed(3);
  if (form === 2) return String(Math.round(value));
  if (form === 3) return value.toExponential(1 + r.below(3)).replace('e+', 'e');
  if (form === 4) return String(Number((value * r.pick([0.9, 0.95, 1.05, 1.1, 2])).toPrecision(6)));
  if (form === 5) return String(Math.round(value + r.pick([-1, 1])));
  return String(value);
}

const plain = (text: string): string =>
  /[eE]/.test(text) && !/^-?\d(\.\d+)?e-?\d+$/.test(text) ? '1' : text;

export function numberValue(r: Random, value: number): string {
  return `${r.pick(PREFIXES)}${plain(numberText(r, value))}`;
}

const anyNumber = ({ value }: Node): number => {
  const { low, high, value: inner } = Object(value) as { low?: Quantity; high?: Quantity; value?: number };
  return typeof value === 'number' ? value : (inner ?? low?.value ?? high?.value ?? 5);
};

/** The same amount in other units, by factors that a person knows. */
const FACTORS: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  mg: [['g', 1e-3], ['ug', 1e3], ['kg', 1e-6]],
  g: [['mg', 1e3], ['kg', 1e-3], ['[lb_av]', 1 / 453.59237]],
  kg: [['g', 1e3], ['mg', 1e6]],
  ug: [['mg', 1e-3]],
  '[lb_av]': [['g', 453.59237], ['kg', 0.45359237]],
  'mmol/L': [['mol/m3', 1], ['mol/L', 1e-3], ['umol/mL', 1]],
  'mol/m3': [['mmol/L', 1]],
}; // prettier-ignore

function quantityValue(r: Random, node: Node): string {
  const { low } = Object(node.value) as { low?: Quantity };
  const { system, code, unit } = low ?? (node.value as Quantity);
  const value = anyNumber(node);
  const form = r.below(10);
  if (form <= 1) return numberValue(r, value);
  if (form <= 3 && (code ?? unit) !== undefined) return `${numberValue(r, value)}||${escape(code ?? unit!)}`;
  if (form === 4) return `${numberValue(r, value)}||${r.pick(['mg', 'g', 'drops', 'milligram'])}`;
  if (form === 5) return `${numberValue(r, value)}|${UCUM}|${r.pick(['mg', 'g', 'K', 'Cel'])}`;
  if (system === undefined || code === undefined) return numberValue(r, value);
  const others = system === UCUM ? FACTORS[code] : undefined;
  if (form <= 8 && others !== undefined) {
    const [other, factor] = r.pick(others);
    return `${numberValue(r, Number((value * factor).toPrecision(5)))}|${UCUM}|${other}`;
  }
  return `${numberValue(r, value)}|${system}|${code}`;
}

/** What to look for where an element has nothing of the kind. */
const OTHER = {
  token: { type: 'Coding', value: { system: 'http://loinc.org', code: '1' }, path: '' },
  quantity: { type: 'Quantity', value: { value: 5 }, path: '' },
  date: { type: 'dateTime', value: '2020', path: '' },
  string: { type: 'string', value: 'Mu', path: '' },
};

function compositeValue(
  r: Random,
  { component = [] }: SearchParameter,
  element: Node,
  baseUrl: string,
): string {
  const values = component.map(({ definition, expression }) => {
    const nodes = selectWithin(element, expression);
    const parameter = parameterAt(definition)!;
    const node = nodes.length > 0 ? r.pick(nodes) : OTHER[parameter.type as keyof typeof OTHER];
    // A component takes no modifier.
    for (;;) {
      const [modifier, value] = criterion(r, parameter, node, baseUrl);
      if (modifier === '') return value;
    }
  });
  return values.join('$');
}

/** A criterion of the parameter's type that the node may satisfy. */
export function criterion(r: Random, parameter: SearchParameter, node: Node, baseUrl: string): Criterion {
  switch (parameter.type) {
    case 'string':
      return stringCriterion(r, node);
    case 'uri':
      return uriCriterion(r, node);
    case 'token':
      return tokenCriterion(r, node);
    case 'reference':
      return referenceCriterion(r, node, baseUrl);
    case 'date':
      return ['', dateValue(r, node)];
    case 'number':
      return ['', numberValue(r, anyNumber(node))];
    case 'quantity':
      return ['', quantityValue(r, node)];
    case 'composite':
      return ['', compositeValue(r, parameter, node, baseUrl)];
    case 'special': {
      const { latitude, longitude } = node.value as { latitude: number; longitude: number };
      const jitter = (): number => (r.below(200) - 100) / 10;
      const from = [latitude + jitter(), Math.max(-180, Math.min(180, longitude + jitter()))];
      const unit = r.pick(['', '|km', '|[mi_us]', '|m']);
      const distance = (1 + r.below(300)) * (unit === '|m' ? 10_000 : 10);
      return ['', `${from.map((x) => x.toFixed(1)).join('|')}|${distance}${unit}`];
    }
  }
}
