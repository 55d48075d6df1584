/** `:missing`: how it shows that a resource has a value. https://hl7.org/fhir/R4/search.html#modifiers */
import { notSupported } from '../fhir/outcome.ts';
import { ALL, type Expression, or } from './expression.ts';
import { presenceKey } from './index-row.ts';
import { isSimpleType, PARAMETER_TYPES } from './parameter/index.ts';
import { narrowedParam } from './parameter/reference.ts';
import { latitudeOf } from './parameter/special.ts';
import type { SearchParameterRegistry, SupportedParameter } from './search-parameter-registry.ts';

export const noModifier = (code: string, modifier: string) =>
  notSupported(
    `Modifier :${modifier.slice(0, 64)} of search parameter ${code} is not supported.`,
    `${code}:${modifier.slice(0, 64)}`,
  );

/** Whether a resource has any value of the parameter. Throws 400 for composites. */
export function presence(
  parameter: SupportedParameter,
  resourceType: string,
  registry: SearchParameterRegistry,
): Expression {
  const { code, type } = parameter;
  const form = registry.form(resourceType, code);
  if (form.kind === 'union')
    return or(
      ...form.of.flatMap((part) => {
        const found = registry.get(resourceType, part);
        return found ? [presence(found, resourceType, registry)] : [];
      }),
    );
  if (form.kind === 'narrowed')
    return or(
      { kind: 'present', store: 'link', param: 'patient' },
      { kind: 'key', keys: [presenceKey(narrowedParam(form.of, form.target))] },
    );
  if (form.kind !== 'own' || !isSimpleType(type)) throw noModifier(code, 'missing');
  if (form.required === true) return ALL;
  const { store } = PARAMETER_TYPES[type];
  if (type === 'special') return { kind: 'present', store: 'range', param: latitudeOf(code) };
  if (store !== 'key') return { kind: 'present', store, param: code };
  const key: Expression = { kind: 'key', keys: [presenceKey(code)] };
  return form.link ? or({ kind: 'present', store: 'link', param: form.link }, key) : key;
}
