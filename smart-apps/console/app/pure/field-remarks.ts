/** What the server says of a document, by the fields of its form. */
import type { Remark } from '../components/JsonEditor.tsx';
import { expressionOf, formOf, type FormNode } from './form-fields.ts';
import { jsonPlaces, lineOfExpression } from './json-places.ts';

interface FieldRemarks {
  /** By the place of a value: `name[0].family`. */
  readonly remarks: ReadonlyMap<string, string>;
  /** Of what has no field, or of the document as a whole. */
  readonly others: readonly string[];
}

const leaves = (nodes: readonly FormNode[]): FormNode[] =>
  nodes.flatMap((node) => (node.kind === 'group' ? leaves(node.children) : [node]));

/** Warnings are left to the JSON. @param text of the document, which must be JSON */
export function fieldRemarks(text: string, document: object, remarks: readonly Remark[]): FieldRemarks {
  const errors = remarks.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return { remarks: new Map(), others: [] };
  const places = jsonPlaces(text);
  const fields = new Map<number, string>();
  for (const { path } of leaves(formOf(document))) {
    const expression = expressionOf(path);
    fields.set(lineOfExpression(text, places, expression), expression);
  }
  const of = new Map<string, string>();
  const others: string[] = [];
  for (const { line, text: words } of errors) {
    const field = fields.get(line);
    if (field === undefined) others.push(words);
    else of.set(field, of.has(field) ? `${of.get(field)} ${words}` : words);
  }
  return { remarks: of, others: [...new Set(others)] };
}
