/** References and the profiles of what they lead to, and elements that must conform to profiles. https://hl7.org/fhir/R4/references.html */
import type { ElementDefinition } from '@medplum/fhirtypes';
import { isResourceType } from '../../fhir/definitions/index.ts';
import type { Check, Item } from './item.ts';
import { isObject, type Run } from './run.ts';
import { standardElement, standardTypeOf, type Scope } from './scope.ts';

const TYPED = /(?:^|\/)([A-Z][A-Za-z]+)(?:\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?|\?.*)$/;

/** The type that a reference names, by its text or by its type. */
export function referencedType(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const { reference, type } = value;
  const named = typeof reference === 'string' ? TYPED.exec(reference)?.[1] : undefined;
  if (named !== undefined && isResourceType(named)) return named;
  return typeof type === 'string' && isResourceType(type) ? type : undefined;
}

/** Undefined for a profile that is not known, or where trials go too deep. */
export function conformsTo(
  profile: string,
  item: Item,
  run: Run,
  scope: Scope,
  resource = run.resource,
): boolean | undefined {
  const conformance = scope.conformance(profile);
  const trial = run.trial(resource);
  if (conformance === undefined || trial === undefined) return undefined;
  conformance.check(item, '', trial);
  return !trial.isFaulty;
}

/** Of an element's types with profiles, one must be conformed to. Several are tried; of one alone the faults are told. */
export function checkTypeProfiles({ type = [] }: ElementDefinition, scope: Scope): Check | undefined {
  if (!type.some(({ profile = [] }) => profile.length > 0)) return undefined;
  return (item, at, run) => {
    const found = item.type ?? (isObject(item.value) ? item.value['resourceType'] : undefined);
    const mine = type.filter(({ code }) => type.length === 1 || found === undefined || code === found);
    const profiles = mine.flatMap(({ profile = [] }) => profile);
    // A type that stands there without a profile, too, asks for none.
    if (profiles.length === 0 || mine.some(({ profile = [] }) => profile.length === 0)) return;
    const [only] = profiles;
    if (profiles.length === 1) {
      const trial = run.trial();
      const conformance = scope.conformance(only!);
      if (conformance === undefined)
        run.report(
          'not-found',
          `${scope.label}: the profile ${only!} is not known here and was not checked`,
          at,
          'warning',
        );
      if (conformance === undefined || trial === undefined) return;
      conformance.check(item, at, trial);
      run.adopt(trial);
      return;
    }
    const verdicts = profiles.map((profile) => conformsTo(profile, item, run, scope));
    if (verdicts.every((verdict) => verdict === false))
      run.report('structure', `${scope.label}: it conforms to none of ${profiles.join(', ')}`, at);
  };
}

/** The resource that a reference leads to must be of a type, and, where it is at hand, conform to a profile. */
export function checkTargets({ type = [], base }: ElementDefinition, scope: Scope): Check | undefined {
  const targets = type.flatMap(({ code, targetProfile = [] }) => (code === 'Reference' ? targetProfile : []));
  if (targets.length === 0) return undefined;
  const standard = standardElement(base?.path ?? '')?.type?.flatMap((t) => t.targetProfile ?? []) ?? [];
  if (targets.every((target) => standard.includes(target)) && standard.length === targets.length)
    return undefined;
  const types = targets.map((target) => standardTypeOf(target) ?? scope.sources.structure(target)?.type);
  const isOpen = types.includes(undefined) || types.includes('Resource');
  return (item, at, run) => {
    if (item.type !== undefined && item.type !== 'Reference') return;
    const reference = isObject(item.value) ? item.value['reference'] : undefined;
    const found = typeof reference === 'string' ? run.resolve(reference) : undefined;
    const named = (found?.['resourceType'] as string | undefined) ?? referencedType(item.value);
    if (named === undefined || isOpen) return;
    if (!types.includes(named)) {
      const text = `${scope.label}: the reference must be to ${[...new Set(types)].join(' or ')}, not to ${named}`;
      run.report('value', text, `${at}.reference`);
      return;
    }
    if (found === undefined) return;
    const profiles = targets.filter((_target, i) => types[i] === named);
    if (profiles.some((profile) => standardTypeOf(profile) !== undefined)) return;
    const whole: Item = { value: found, beside: undefined };
    const verdicts = profiles.map((profile) => conformsTo(profile, whole, run, scope, found));
    if (verdicts.every((verdict) => verdict === false))
      run.report(
        'value',
        `${scope.label}: what is referred to does not conform to ${profiles.join(' or ')}`,
        `${at}.reference`,
      );
  };
}
