/** Values of one parameter of one type → expression, by the form in which the parameter is kept. */
import { resourceTypes } from '../fhir/definitions/index.ts';
import { notSupported } from '../fhir/outcome.ts';
import { narrowerPart } from './composite-part.ts';
import { and, type Expression, NONE, not, or } from './expression.ts';
import { referenceKey } from './index-row.ts';
import { LINKS, type ParameterForm } from './parameter-form.ts';
import { isSimpleType, PARAMETER_TYPES, type SimpleType } from './parameter/index.ts';
import type { ParseValue, ValueContext } from './parameter/parameter-type.ts';
import { localReference, relativeToBase } from './parameter/reference.ts';
import { parseToken } from './parse-token.ts';
import { noModifier, presence } from './presence.ts';
import type { SearchParameterRegistry, SupportedParameter } from './search-parameter-registry.ts';
import { badValue, splitEscaped, unescapeValue } from './search-value.ts';
import { tokenDatatype } from './token-datatype.ts';

export interface ParseContext extends ValueContext {
  readonly registry: SearchParameterRegistry;
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** Alternatives of one parameter; `modifier` is empty or one of its type's own. Throws FhirError 400. */
export function parseValues(
  parameter: SupportedParameter,
  resourceType: string,
  modifier: string,
  values: readonly string[],
  context: ParseContext,
): Expression {
  const form = context.registry.form(resourceType, parameter.code);
  return or(...values.map((text) => parseValue(parameter, form, resourceType, modifier, text, context)));
}

function parseValue(
  parameter: SupportedParameter,
  form: ParameterForm,
  resourceType: string,
  modifier: string,
  text: string,
  context: ParseContext,
): Expression {
  const { code, type } = parameter;
  if (!isSimpleType(type)) {
    if (modifier !== '') throw noModifier(code, modifier);
    return parseComposite(parameter, form, resourceType, text, context);
  }
  if (form.kind === 'union')
    return or(...form.of.map((part) => parseValues(partOf(part, resourceType, context), resourceType, modifier, [text], context))); // prettier-ignore
  if (type === 'reference') return parseReference(parameter, form, resourceType, modifier, text, context);
  if (type === 'token' && modifier === '') {
    const present = (): Expression => presence(parameter, resourceType, context.registry);
    return parseToken(code, tokenDatatype(parameter, resourceType), text, present);
  }
  const parse = modifier === '' ? PARAMETER_TYPES[type].parse : ownModifier(code, type, modifier);
  return parse(code, text, context);
}

function ownModifier(code: string, type: SimpleType, modifier: string): ParseValue {
  const { modifiers } = PARAMETER_TYPES[type];
  const parse = Object.hasOwn(modifiers, modifier) ? modifiers[modifier] : undefined;
  if (parse === undefined) throw noModifier(code, modifier);
  return parse;
}

function partOf(code: string, resourceType: string, { registry }: ParseContext): SupportedParameter {
  const parameter = registry.get(resourceType, code);
  if (!parameter) throw notSupported(`Search parameter ${code} of ${resourceType} is not supported.`, code);
  return parameter;
}

function parseReference(
  parameter: SupportedParameter,
  form: ParameterForm,
  resourceType: string,
  modifier: string,
  text: string,
  context: ParseContext,
): Expression {
  const { code } = parameter;
  const narrowed = form.kind === 'narrowed' ? form : undefined;
  const param = narrowed?.of ?? code;
  const targets = narrowed ? [narrowed.target] : (parameter.target ?? resourceTypes());
  // Where it leads must be known by its URL or type, though not be here.
  const narrow = (of: Expression): Expression =>
    narrowed ? and(of, presence(parameter, resourceType, context.registry)) : of;
  if (modifier === 'identifier')
    return narrow(ownModifier(code, 'reference', modifier)(param, text, context));
  if (modifier === 'above' || modifier === 'below')
    return parseHierarchy(param, targets, modifier, text, context);
  if (modifier !== '' && !targets.includes(modifier)) throw noModifier(code, modifier);
  // `patient` has no column of its own; what `subject` has in its column is `patient` too.
  const link = narrowed ? 'patient' : form.kind === 'own' ? form.link : undefined;
  const to = (type: string, id: string): Expression =>
    link !== undefined && LINKS[link] === type
      ? { kind: 'link', link, ids: [id] }
      : { kind: 'key', keys: [referenceKey(param, `${type}/${id}`)] };
  const value = unescapeValue(text);
  if (modifier !== '') return to(modifier, typedId(`${code}:${modifier}`, modifier, value));
  if (ID.test(value)) return or(...targets.map((type) => to(type, value)));
  const local = localReference(value, context.baseUrl);
  const relative = relativeToBase(value, context.baseUrl);
  if (local && narrowed && local.type !== narrowed.target) return NONE;
  if (local && relative === `${local.type}/${local.id}`) return to(local.type, local.id);
  const key: Expression = { kind: 'key', keys: [referenceKey(param, relative)] };
  return local ? key : narrow(key);
}

/** `subject:Patient=123` means `subject=Patient/123`. */
function typedId(name: string, resourceType: string, text: string): string {
  const id = text.startsWith(`${resourceType}/`) ? text.slice(resourceType.length + 1) : text;
  if (!ID.test(id)) throw badValue(name, `not the id of a ${resourceType}`);
  return id;
}

/** The parameters by which a type refers to its own kind one step up. https://hl7.org/fhir/R4/search.html#hierarchy */
const PARENTS = ['partof', 'part-of'];

function parseHierarchy(
  param: string,
  targets: readonly string[],
  relation: 'above' | 'below',
  text: string,
  { registry, baseUrl }: ParseContext,
): Expression {
  const value = unescapeValue(text);
  const local = ID.test(value) ? undefined : localReference(value, baseUrl);
  const id = local?.id ?? value;
  if (!ID.test(id)) throw badValue(`${param}:${relation}`, 'not the id of a resource');
  const alternatives = targets.flatMap((targetType): Expression[] => {
    if (local && local.type !== targetType) return [];
    const parent = PARENTS.find((code) => registry.get(targetType, code)?.target?.includes(targetType));
    return parent === undefined ? [] : [{ kind: 'hierarchy', param, targetType, parent, relation, id }];
  });
  if (alternatives.length === 0) throw noModifier(param, relation);
  return or(...alternatives);
}

/** `8480-6$gt140`: all parts in one element. https://hl7.org/fhir/R4/search.html#combining */
function parseComposite(
  parameter: SupportedParameter,
  form: ParameterForm,
  resourceType: string,
  text: string,
  context: ParseContext,
): Expression {
  const { code } = parameter;
  const components = parameter.component ?? [];
  const values = splitEscaped(text, '$');
  if (values.length !== components.length || values.includes(''))
    throw badValue(code, `needs ${components.length} values joined by $`);
  const parts = components.map(({ definition }) => {
    const found = context.registry.byUrl(definition);
    const type = found?.type ?? 'token';
    return { code: found?.code ?? '', type: isSimpleType(type) ? type : 'token' } as const;
  });
  const conjunction = (codes: readonly string[]): Expression =>
    and(
      ...codes.flatMap((part, i) => {
        const definition = partOf(part, resourceType, context);
        const found = parseValues(definition, resourceType, '', [values[i]!], context);
        // Nothing marks the resources for composites that come and go.
        const isMarked = !context.registry.isCustom(parameter);
        const narrower = isMarked && narrowerPart(definition, components[i]!.expression, resourceType);
        return narrower ? [found, not({ kind: 'key', keys: [narrower.key] })] : [found];
      }),
    );
  // Elements of a custom composite need not be those that the parameters of its components index.
  const narrowing = context.registry.isCustom(parameter)
    ? []
    : parts.flatMap((part, i) => indexedPart(part, resourceType, values[i]!, context));
  const elements = (param: string): Expression =>
    and(...narrowing, {
      kind: 'element',
      param,
      of: parts.map((part, i) => parsePart(part, String(i), resourceType, values[i]!, context)),
    });
  switch (form.kind) {
    case 'conjunction':
      return conjunction(form.of);
    case 'elements':
      return elements(form.param);
    case 'alternatives':
      return or(...form.of.map((f) => (f.kind === 'conjunction' ? conjunction(f.of) : elements(f.param))));
    default:
      throw notSupported(`Search parameter ${code} of ${resourceType} is not supported.`, code);
  }
}

/** A component in the index row of one element, where it has the name `param`. */
function parsePart(
  { code, type }: { readonly code: string; readonly type: SimpleType },
  param: string,
  resourceType: string,
  text: string,
  context: ParseContext,
): Expression {
  const own = context.registry.get(resourceType, code);
  if (type === 'token' && own) return parseToken(param, tokenDatatype(own, resourceType), text, () => NONE);
  const id = unescapeValue(text);
  if (type === 'reference' && own?.target && ID.test(id))
    return { kind: 'key', keys: own.target.map((target) => referenceKey(param, `${target}/${id}`)) };
  return PARAMETER_TYPES[type].parse(param, text, context);
}

/** A token of an element is indexed by itself as well, which narrows the search before elements are looked at. */
function indexedPart(
  part: { readonly code: string; readonly type: SimpleType },
  resourceType: string,
  value: string,
  context: ParseContext,
): Expression[] {
  const parameter = context.registry.get(resourceType, part.code);
  if (part.type !== 'token' || parameter?.type !== 'token') return [];
  return [parseValues(parameter, resourceType, '', [value], context)];
}
