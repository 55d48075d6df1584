/** Elements of the FHIR definitions, as the schema needs them: by the path that contains them. https://hl7.org/fhir/R4/graphql.html#fields */
import { structure } from '../../fhir/definitions/index.ts';

/** One field: a choice of types has one for each. */
export interface ElementField {
  readonly name: string;
  /** A data type, `Resource`, or the path of what is defined in place: `Patient.contact`. */
  readonly type: string;
  readonly isPrimitive: boolean;
  readonly isList: boolean;
}

const known = new Map<string, ReadonlyMap<string, readonly ElementField[]>>();

/** Of a type or path: `Patient`, `Patient.contact`. */
export function elementFields(path: string): readonly ElementField[] {
  const [name = ''] = path.split('.');
  let byPath = known.get(name);
  if (!byPath) known.set(name, (byPath = fieldsByPath(name)));
  return byPath.get(path) ?? [];
}

function fieldsByPath(name: string): ReadonlyMap<string, readonly ElementField[]> {
  const elements = structure(name)?.elements ?? [];
  const parents = new Set(elements.map(({ path }) => parentOf(path)));
  const fields = new Map<string, ElementField[]>();
  for (const { path, max, types, contentReference } of elements) {
    const parent = parentOf(path);
    const own = path.slice(parent.length + 1);
    const isList = max !== '0' && max !== '1';
    const isChoice = own.endsWith('[x]');
    const here = fields.get(parent) ?? [];
    fields.set(parent, here);
    if (contentReference !== undefined || parents.has(path))
      here.push({ name: own, type: contentReference ?? path, isPrimitive: false, isList });
    else
      for (const { code } of types)
        here.push({
          name: isChoice ? own.slice(0, -3) + code.charAt(0).toUpperCase() + code.slice(1) : own,
          type: code,
          isPrimitive: /^[a-z]/.test(code),
          isList,
        });
  }
  return fields;
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('.'));

/** `Patient.contact` → `PatientContact`. */
export const typeName = (path: string): string =>
  path
    .split('.')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
