/** The cases of HL7's FHIRPath test suite for R4. https://github.com/FHIR/fhir-test-cases */
import { readFileSync } from 'node:fs';
import { SaxesParser } from 'saxes';

export interface SuiteCase {
  readonly group: string;
  readonly name: string;
  readonly input: string;
  readonly expression: string;
  /** Whether only the truth of the result counts. */
  readonly isPredicate: boolean;
  /** Whether evaluation has to fail. */
  readonly isInvalid: boolean;
  readonly outputs: readonly { readonly type: string; readonly text: string }[];
}

type Draft = { -readonly [K in keyof Omit<SuiteCase, 'outputs'>]: SuiteCase[K] } & {
  outputs: { type: string; text: string }[];
};

export function readSuite(file: string): SuiteCase[] {
  const cases: SuiteCase[] = [];
  const parser = new SaxesParser();
  let group = '';
  let draft: Draft | undefined;
  let text = '';
  parser.on('opentag', ({ name, attributes }) => {
    text = '';
    if (name === 'group') group = String(attributes['name']);
    if (name === 'test')
      draft = {
        group,
        name: String(attributes['name']),
        input: String(attributes['inputfile'] ?? ''),
        expression: '',
        isPredicate: attributes['predicate'] === 'true',
        isInvalid: attributes['invalid'] !== undefined,
        outputs: [],
      };
    if (name === 'expression' && draft !== undefined && attributes['invalid'] !== undefined)
      draft.isInvalid = true;
    if (name === 'output') draft?.outputs.push({ type: String(attributes['type'] ?? ''), text: '' });
  });
  parser.on('text', (piece) => (text += piece));
  parser.on('closetag', ({ name }) => {
    if (draft === undefined) return;
    if (name === 'expression') draft.expression = text;
    if (name === 'output') draft.outputs.at(-1)!.text = text;
    if (name === 'test') {
      cases.push(draft);
      draft = undefined;
    }
  });
  parser.write(readFileSync(file, 'utf8')).close();
  return cases;
}
