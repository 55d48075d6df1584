/** What a Consent permits and denies, as rules that SQL and memory can look up. https://hl7.org/fhir/R4/consent.html */
import type { Coding, Consent, ConsentProvision, Reference } from '@medplum/fhirtypes';
import { isResourceType } from '../fhir/definitions/index.ts';
import { localReference, type Recipient, tokenKey } from '../search/index.ts';

/** One provision. Undefined: no such criterion. */
export interface ConsentRule {
  readonly node: number;
  /** The provision to which this is an exception. */
  readonly above: number | undefined;
  readonly isPermit: boolean;
  /** Milliseconds since the epoch, both included. */
  readonly starts: number;
  readonly ends: number;
  /** `Practitioner/1`, `Organization/1`. */
  readonly actors: readonly string[] | undefined;
  /** Codes of v3-PurposeOfUse. */
  readonly purposes: readonly string[] | undefined;
  /** Resource types. */
  readonly classes: readonly string[] | undefined;
  /** Index keys of security labels. */
  readonly labels: readonly string[] | undefined;
  /** `Observation/1`. */
  readonly instances: readonly string[] | undefined;
}

export interface PatientConsent {
  readonly id: string;
  readonly patient: string;
  readonly rules: readonly ConsentRule[];
}

const PRIVACY = 'patient-privacy';
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types';
const OPEN = 8.64e15;
/** What a reader does with what he gets. */
const READING_ACTIONS = new Set(['access', 'use', 'disclose', 'collect']);
/** Parties whom a caller can be told to be. */
const KNOWN_ACTORS = new Set(['Practitioner', 'Organization', 'Patient', 'RelatedPerson', 'Device']);
const OPT_OUT = new Set(['OPTOUT', 'OPTOUTE']);

/** Undefined for what binds nobody: not active, not about privacy, or of no patient of this server. */
export function parseConsent(consent: Consent, baseUrl: string): PatientConsent | undefined {
  const patient = localReference(consent.patient?.reference ?? '', baseUrl);
  const isPrivacy = consent.scope.coding?.some((c) => c.code === PRIVACY) === true;
  if (consent.status !== 'active' || !isPrivacy || patient?.type !== 'Patient') return undefined;
  const rules: ConsentRule[] = [];
  const root = consent.provision ?? {};
  const isOptOut = consent.policyRule?.coding?.some((c) => OPT_OUT.has(c.code ?? '')) === true;
  addRule(rules, root, undefined, root.type === undefined ? !isOptOut : root.type === 'permit', baseUrl);
  return { id: consent.id ?? '', patient: patient.id, rules: rules.some((r) => !r.isPermit) ? rules : [] };
}

/** A nested provision that lacks a criterion has that of the one above. */
function addRule(
  rules: ConsentRule[],
  provision: ConsentProvision,
  above: ConsentRule | undefined,
  isPermit: boolean,
  baseUrl: string,
): void {
  const { period, actor = [], purpose = [], securityLabel = [], class: classes = [], data = [] } = provision;
  const start = period?.start === undefined ? undefined : Date.parse(period.start);
  const own: ConsentRule = {
    node: rules.length,
    above: above?.node,
    isPermit,
    starts: start ?? above?.starts ?? -OPEN,
    ends: period?.end === undefined ? (above?.ends ?? OPEN) : endOf(period.end),
    actors:
      listOf(
        actor.map((a) => partyOf(a.reference, baseUrl)),
        isPermit,
      ) ?? above?.actors,
    purposes:
      listOf(
        purpose.map((p) => p.code),
        isPermit,
      ) ?? above?.purposes,
    classes: listOf(classes.map(typeOf), isPermit) ?? above?.classes,
    labels: listOf(securityLabel.map(labelOf), isPermit) ?? above?.labels,
    instances:
      listOf(
        data.map((d) => (d.meaning === 'instance' ? nameOf(d.reference, baseUrl) : undefined)),
        isPermit,
      ) ?? above?.instances,
  };
  // A permission by criteria that cannot be told is none; a denial by such denies what the other criteria say.
  const isRule = !isPermit || isUnderstood(provision);
  if (isRule) rules.push(own);
  for (const nested of provision.provision ?? [])
    addRule(
      rules,
      nested,
      isRule ? own : undefined,
      nested.type === undefined ? !isPermit : nested.type === 'permit',
      baseUrl,
    );
}

/**
 * Undefined for "no such criterion". What cannot be told leaves a permission with the rest of the list, if only with
 * nothing, and widens a denial to all.
 */
function listOf(values: readonly (string | undefined)[], isPermit: boolean): string[] | undefined {
  if (values.length === 0) return undefined;
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length || isPermit ? known : undefined;
}

const isUnderstood = ({ action = [], code = [], dataPeriod }: ConsentProvision): boolean =>
  code.length === 0 &&
  dataPeriod === undefined &&
  (action.length === 0 ||
    action.some((a) => a.coding?.some((c) => READING_ACTIONS.has(c.code ?? '')) === true));

/** What a resource is to a rule; `keys` are its index keys, in the form of the rule's labels. */
export interface Asked {
  readonly resourceType: string;
  readonly id: string;
  readonly keys: ReadonlySet<string>;
}

/** Types that a Consent hides only where it names them: by them a patient is found, and his wishes are known. */
export const NAMED_ONLY: ReadonlySet<string> = new Set(['Patient', 'Consent']);

/** Whether the rules of one Consent deny it. The same in SQL: storage/search-sql/relation.ts. */
export function isDenied(rules: readonly ConsentRule[], to: Recipient, asked: Asked, now: number): boolean {
  return rules.some(
    (rule) =>
      !rule.isPermit &&
      applies(rule, to, asked, now) &&
      !rules.some((r) => r.isPermit && r.above === rule.node && applies(r, to, asked, now)),
  );
}

function applies(rule: ConsentRule, to: Recipient, { resourceType, id, keys }: Asked, now: number): boolean {
  const isOne = (list: readonly string[] | undefined, of: readonly string[]): boolean =>
    list === undefined || list.some((value) => of.includes(value));
  const isPurpose =
    rule.purposes === undefined ||
    (to.purposes === undefined ? !rule.isPermit : isOne(rule.purposes, to.purposes));
  const isClass = NAMED_ONLY.has(resourceType)
    ? rule.classes?.includes(resourceType) === true
    : isOne(rule.classes, [resourceType]);
  return (
    rule.starts <= now &&
    rule.ends >= now &&
    isOne(rule.actors, to.actors) &&
    isPurpose &&
    isClass &&
    (rule.labels === undefined || rule.labels.some((label) => keys.has(label))) &&
    isOne(rule.instances, [`${resourceType}/${id}`])
  );
}

const nameOf = (reference: Reference | undefined, baseUrl: string): string | undefined => {
  const local = localReference(reference?.reference ?? '', baseUrl);
  return local && `${local.type}/${local.id}`;
};

function partyOf(reference: Reference | undefined, baseUrl: string): string | undefined {
  const name = nameOf(reference, baseUrl);
  return name !== undefined && KNOWN_ACTORS.has(name.split('/')[0]!) ? name : undefined;
}

const typeOf = ({ system, code }: Coding): string | undefined =>
  (system === undefined || system === RESOURCE_TYPES) && isResourceType(code ?? '') ? code : undefined;

const labelOf = ({ system, code }: Coding): string | undefined =>
  system === undefined || code === undefined ? undefined : tokenKey('_security', system, code);

/** The last moment of a date: `2024-05` ends with May. */
function endOf(text: string): number {
  const [year = '', month, day] = text.split('-');
  if (text.includes('T')) return Date.parse(text);
  if (day !== undefined) return Date.parse(text) + 86_400_000 - 1;
  return month === undefined ? Date.UTC(Number(year) + 1, 0) - 1 : Date.UTC(Number(year), Number(month)) - 1;
}
