/** JSON as it comes from clients: what is refused, and what is kept to the letter. */
import { describe, expect, test } from '@jest/globals';
import { FhirError } from '../../../src/fhir/outcome.ts';
import {
  carryNumbers,
  parseJson,
  parseJsonInTurns,
  parseStored,
  toJson,
} from '../../../src/fhir/json/index.ts';

const refusal = (text: string): readonly [number, string | undefined, string | undefined] => {
  try {
    parseJson(text);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const [first] = error.outcome.issue;
    return [error.status, first?.expression?.[0], first?.diagnostics];
  }
  throw new Error('It was not refused');
};

describe('Numbers keep their text', () => {
  test.each([
    '1.00',
    '0.0',
    '-0',
    '-0.00',
    '1e3',
    '1E+3',
    '100',
    '0.1',
    '1.23456789012345678901234567890',
    '0.00000001',
    '12345678901234567890',
  ])('%s', (number) => {
    const text = `{"resourceType":"Observation","valueQuantity":{"value":${number}},"x":[1.5,[${number}]],"n":${number}}`; // prettier-ignore
    const value = parseJson(text) as object;
    expect(toJson(value)).toBe(text);
    expect(toJson(carryNumbers(value, { ...value }))).toBe(text);
    expect(toJson(parseStored<object>(text))).toBe(text);
  });

  test('A number that was changed is written as it is now.', () => {
    const value = parseJson('{"a":{"value":1.00},"b":2.50}') as { a: { value: number }; b: number };
    value.a.value = 7;
    expect(toJson(value)).toBe('{"a":{"value":7},"b":2.50}');
  });

  test('Text that looks like a number in a string is left alone.', () => {
    const text = '{"a":"1.00, 2.0","b":[": 1.0"],"c":{"d":"\\"e\\": 1.0"}}';
    expect(toJson(parseJson(text) as object)).toBe(text);
  });
});

describe('Refused with its place', () => {
  test.each([
    ['{"resourceType":"Patient","active":true,"active":false}', 'Patient.active'],
    [
      '{"resourceType":"Patient","name":[{},{"family":"a","given":[],"family":"b"}]}',
      'Patient.name[1].family',
    ],
    ['{"resourceType":"Patient","n\\u0061me":[],"name":[]}', 'Patient.name'],
    ['{"a":{"b":1,"b":2}}', 'http.body.a.b'],
    ['{"resourceType":"Patient","contact":[{"__proto__":{"x":1}}]}', 'Patient.contact[0].__proto__'],
    ['{"resourceType":"Patient","\\u005f_proto__":{}}', 'Patient.__proto__'],
  ])('%s', (text, place) => {
    expect(refusal(text).slice(0, 2)).toEqual([400, place]);
  });

  test.each([
    ['{"a":\n  tru}', 'The body is not valid JSON at line 2, column 6'],
    ['{"a":1', /not valid JSON/],
    ['', /not valid JSON/],
    ['{"a":"x\ny"}', /line 1, column 8/],
    ['[1,]', /line 1, column 4/],
    ['{"a":01}', /not valid JSON/],
    ['{"a":.5}', /not valid JSON/],
    ['"\\', /not valid JSON/],
  ])('%s', (text, words) => {
    const [status, place, said] = refusal(text);
    expect([status, place]).toEqual([400, 'http.body']);
    expect(said).toMatch(words);
  });

  test.each(['[', '{"a":'])('Depth of %s beyond the limit.', (open) => {
    const close = open === '[' ? ']' : '}';
    const nested = (depth: number): string => `${open.repeat(depth)}1${close.repeat(depth)}`;
    expect(refusal(nested(257))[2]).toMatch(/more than 256 levels/);
    expect(refusal(nested(100_000))[2]).toMatch(/more than 256 levels/);
    expect(parseJson(nested(256))).toBeDefined();
  });

  test('The same member in different objects is no duplicate.', () => {
    expect(parseJson('{"a":{"b":1},"c":[{"b":1},{"b":1}],"b":{}}')).toBeDefined();
  });
});

describe('A large Bundle', () => {
  const entry = (i: number, rest = ''): string =>
    `{"resource":{"resourceType":"Observation","id":"${i}","valueQuantity":{"value":${i}.50},"note":"${'x'.repeat(2_000)}"${rest}}}`;
  const bundle = (entries: readonly string[]): string =>
    `{"resourceType":"Bundle", "type":"batch" ,"entry" : [ ${entries.join(' , ')} ] ,"total":1.0}`;
  const entries = Array.from({ length: 2_000 }, (_, i) => entry(i));

  test('comes out as if parsed at once, and lets others have their turn.', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    const value = (await parseJsonInTurns(bundle(entries))) as { entry: object[] };
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
    expect(value).toEqual(JSON.parse(bundle(entries)));
    expect(toJson(value.entry[7]!)).toBe(entries[7]);
    expect(toJson(value)).toContain('"total":1.0}');
  });

  test.each([
    ['a comma too few', (all: string[]) => all.with(1_000, `${all[1_000]} ${all[1_001]}`), 'http.body'],
    ['a comma too many', (all: string[]) => all.with(1_999, ''), 'http.body'],
    ['a brace too many', (all: string[]) => all.with(1_000, `${all[1_000]}}`), 'http.body'],
    ['a fault inside', (all: string[]) => all.with(1_000, '{"resource":nul}'), 'http.body'],
    [
      'a duplicate',
      (all: string[]) => all.with(1_500, entry(1, ',"id":"2"')),
      'Bundle.entry[1500].resource.id',
    ],
  ])('is refused for %s.', async (_name, change, place) => {
    const refused = parseJsonInTurns(bundle(change([...entries])));
    await expect(refused).rejects.toMatchObject({
      status: 400,
      outcome: { issue: [{ expression: [place] }] },
    });
  });

  test('says where a fault is in the whole text.', async () => {
    const text = bundle(entries.with(1_000, '\n\n {"resource":nul}'));
    await expect(parseJsonInTurns(text)).rejects.toThrow(/at line 3, column 17/);
  });

  test('may have entries that are no array, or none.', async () => {
    const filler = `"x":"${'y'.repeat(1_100_000)}"`;
    expect(await parseJsonInTurns(`{"entry":[ ],${filler}}`)).toMatchObject({ entry: [] });
    expect(await parseJsonInTurns(`{"entry":{"a":[1]},${filler}}`)).toMatchObject({ entry: { a: [1] } });
    expect(await parseJsonInTurns(`[{"entry":[1]},{${filler}}]`)).toMatchObject([{ entry: [1] }, {}]);
    expect(await parseJsonInTurns(`{"entry":[[1,2],"a",null],${filler}}`)).toMatchObject({ entry: [[1, 2], 'a', null] }); // prettier-ignore
  });
});
