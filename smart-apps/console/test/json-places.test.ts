/** From an expression of an OperationOutcome to the line of a JSON text. */
import { describe, expect, test } from '@jest/globals';
import { JsonFault, jsonPlaces, lineOfExpression } from '../app/pure/json-places.ts';
import { parseDocument, remarksOf } from '../app/pure/remarks.ts';

const TEXT = `{
  "resourceType": "Observation",
  "code": { "text": "a \\"quoted\\" {code}" },
  "valueQuantity": {
    "value": 1.5e3
  },
  "component": [
    { "code": {} },
    {
      "code": { "coding": [] }
    }
  ]
}`;

const lineIn = (text: string, expression: string): number =>
  lineOfExpression(text, jsonPlaces(text), expression) + 1;

describe('An expression leads to', () => {
  test.each([
    ['Observation.code.text', 3],
    ['Observation.value', 4],
    ['Observation.value[x]', 4],
    ['Observation.value.ofType(Quantity).value', 5],
    ['Observation.component[1].code.coding', 10],
    ['Observation.component[1]', 9],
    ['Observation.component.code', 8],
    ['component[0]', 8],
  ])('the line of its element: %s', (expression, line) => {
    expect(lineIn(TEXT, expression)).toBe(line);
  });

  test('the nearest element that is there, at last the first line.', () => {
    expect(lineIn(TEXT, 'Observation.component[1].interpretation[0].text')).toBe(9);
    expect(lineIn(TEXT, 'Observation.status')).toBe(1);
    expect(lineIn(TEXT, 'http.If-Match')).toBe(1);
    expect(lineIn(TEXT, '')).toBe(1);
  });
});

describe('What is no JSON is found where it begins:', () => {
  test.each([
    ['{"a": 1,}', 8],
    ['{"a": 01}', 6],
    ['{"a" 1}', 5],
    ["{'a': 1}", 1],
    ['{"a": "\n"}', 6],
    ['[1, 2', 5],
    ['{} {}', 3],
    ['', 0],
  ])('%j', (text, offset) => {
    let fault: unknown;
    try {
      jsonPlaces(text);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(JsonFault);
    expect((fault as JsonFault).offset).toBe(offset);
    expect(() => JSON.parse(text) as unknown).toThrow();
  });
});

test('A document is an object, and whatever else is a fault with a line.', () => {
  expect(parseDocument('{"a": [1]}', 'no').document).toEqual({ a: [1] });
  expect(parseDocument('[]', 'no').fault).toEqual({ line: 0, severity: 'error', text: 'no' });
  expect(parseDocument('{\n"a": x}', 'no').fault).toMatchObject({ line: 1 });
});

test('Issues stand at each of their places, in the order of the lines.', () => {
  const issues = [
    { severity: 'error', text: 'late', places: ['Observation.component[1]', 'Observation.code'] },
    { severity: 'warning', text: 'general', places: [] },
  ] as const;
  expect(remarksOf(TEXT, issues)).toEqual([
    { line: 0, severity: 'warning', text: 'general' },
    { line: 2, severity: 'error', text: 'late' },
    { line: 8, severity: 'error', text: 'late' },
  ]);
});
