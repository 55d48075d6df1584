/** Queries of each kind of search parameter over given resources. */
import type { Resource, SearchParameter } from '@medplum/fhirtypes';
import { SECURITY } from './generate.ts';
import { type Criterion, criterion } from './generate-values.ts';
import { Random } from './random.ts';
import { type Node, parameterOf, select } from './select.ts';

export interface Query {
  readonly resourceType: string;
  /** Decoded pairs: `name:exact=Müller&active=true`. */
  readonly query: string;
  /** Only in the compartment of this patient. */
  readonly patient?: string;
}

type Pair = readonly [resourceType: string, code: string];

const pairs = (text: string): Pair[] =>
  text
    .trim()
    .split(/\s+/)
    .map((word) => word.split('.') as unknown as Pair);

const META = ['Patient', 'Observation', 'ValueSet'];

/** Which parameters are searched for each kind of query. */
const PARAMETERS = {
  string:
    pairs(`Patient.name Patient.family Patient.given Patient.address Patient.address-city Patient.address-state
    Patient.address-country Patient.address-postalcode Organization.name Location.name Location.address
    Practitioner.name Observation.value-string ValueSet.title ValueSet.description`),
  token: pairs(`Patient.active Patient.gender Patient.identifier Patient.telecom Patient.phone Patient.email
    Patient.language Patient.deceased Patient.address-use Observation.code Observation.status Observation.category
    Observation.combo-code Observation.component-code Observation.value-concept Observation.identifier
    Observation.combo-value-concept Encounter.class Encounter.type RiskAssessment.risk RiskAssessment.method
    MedicationRequest.code MedicationRequest.intent ValueSet.version ValueSet.status ValueSet.context
    ValueSet.context-type Organization.identifier Patient._id Patient._tag Observation._security`),
  date: pairs(`Patient.birthdate Patient.death-date Observation.date Observation.date Observation.value-date
    Encounter.date Encounter.location-period RiskAssessment.date MedicationRequest.authoredon MedicationRequest.date
    ValueSet.date QuestionnaireResponse.authored`),
  number: pairs('RiskAssessment.probability'),
  quantity:
    pairs(`Observation.value-quantity Observation.combo-value-quantity Observation.component-value-quantity
    Encounter.length ValueSet.context-quantity`),
  uri: pairs(
    'ValueSet.url ValueSet.reference Patient._profile Observation._source ValueSet._profile ValueSet._source',
  ),
  reference:
    pairs(`Observation.subject Observation.patient Observation.performer Observation.encounter Encounter.patient
    Encounter.service-provider Encounter.location Patient.organization Patient.general-practitioner Organization.partof
    Location.partof Location.organization MedicationRequest.requester RiskAssessment.subject
    QuestionnaireResponse.questionnaire`),
  composite:
    pairs(`Observation.code-value-quantity Observation.code-value-concept Observation.code-value-string
    Observation.code-value-date Observation.combo-code-value-quantity Observation.combo-code-value-concept
    Observation.component-code-value-quantity Observation.component-code-value-concept
    ValueSet.context-type-quantity ValueSet.context-type-value`),
  special: pairs('Location.near'),
} as const satisfies Record<string, readonly Pair[]>;

/** From a type along references to another, and a parameter of that one at the end. */
const CHAINS: readonly (readonly [from: string, chain: string, to: string, code: string])[] = [
  ['Observation', 'subject:Patient', 'Patient', 'name'],
  ['Observation', 'patient', 'Patient', 'birthdate'],
  ['Observation', 'subject:Patient', 'Patient', 'gender'],
  ['Observation', 'subject:Location', 'Location', 'name'],
  ['Observation', 'subject:Patient.organization', 'Organization', 'name'],
  ['Observation', 'subject:Patient.organization.partof', 'Organization', 'identifier'],
  ['Observation', 'encounter:Encounter.service-provider', 'Organization', 'active'],
  ['Observation', 'encounter:Encounter.patient.organization.partof', 'Organization', 'name'],
  ['Observation', 'performer:Practitioner', 'Practitioner', 'family'],
  ['Encounter', 'location', 'Location', 'address-city'],
  ['Encounter', 'location.partof', 'Location', 'organization'],
  ['Patient', 'organization', 'Organization', 'name'],
  ['Patient', 'organization.partof.partof', 'Organization', 'name'],
  ['MedicationRequest', 'encounter', 'Encounter', 'date'],
  ['RiskAssessment', 'patient.general-practitioner:Practitioner', 'Practitioner', 'name'],
  ['Patient', '_has:Observation:patient:', 'Observation', 'code'],
  ['Patient', '_has:Observation:subject:', 'Observation', 'value-quantity'],
  ['Patient', '_has:Observation:subject:', 'Observation', 'code-value-quantity'],
  ['Patient', '_has:Encounter:patient:_has:Observation:encounter:', 'Observation', 'date'],
  ['Organization', '_has:Patient:organization:', 'Patient', 'birthdate'],
  ['Organization', '_has:Patient:organization:_has:Observation:subject:', 'Observation', 'status'],
  ['Practitioner', '_has:Observation:performer:patient', 'Patient', 'name'],
  ['Location', '_has:Encounter:location:', 'Encounter', 'class'],
  ['Encounter', 'patient._has:RiskAssessment:subject:', 'RiskAssessment', 'probability'],
];

const SORTS: readonly (readonly [resourceType: string, ...codes: string[]])[] = [
  ['Patient', '_id', 'birthdate', 'family', 'name', 'address-city', 'death-date'],
  ['Observation', 'date', '_id', 'value-date', 'value-string'],
  ['Encounter', 'date', 'location-period', '_id'],
  ['RiskAssessment', 'date', '_id'],
  ['ValueSet', 'title', 'date', 'url', 'description'],
];

export class QueryGenerator {
  readonly #r: Random;
  readonly #resources: readonly Resource[];
  readonly #baseUrl: string;
  readonly #known = new Map<string, Node[]>();

  constructor(resources: readonly Resource[], baseUrl: string, seed: number) {
    this.#r = new Random(seed);
    this.#resources = resources;
    this.#baseUrl = baseUrl;
  }

  /** Values of the parameter in resources of the type. */
  #nodes(resourceType: string, parameter: SearchParameter): Node[] {
    const key = `${resourceType} ${parameter.url}`;
    const all = this.#resources.filter((resource) => resource.resourceType === resourceType);
    const nodes = this.#known.get(key) ?? all.flatMap((resource) => select(resource, parameter));
    this.#known.set(key, nodes);
    return nodes;
  }

  /** One criterion, several joined by commas, or `:missing`. */
  #criterion(resourceType: string, code: string): Criterion {
    const r = this.#r;
    const parameter = parameterOf(resourceType, code)!;
    if (r.chance(3) && parameter.type !== 'composite' && parameter.type !== 'special')
      return [':missing', r.pick(['true', 'false'])];
    const nodes = this.#nodes(resourceType, parameter);
    const make = (): Criterion => criterion(r, parameter, r.pick(nodes), this.#baseUrl);
    const [modifier, value] = make();
    const more = r.chance(20) ? [make(), make()].filter((other) => other[0] === modifier) : [];
    return [modifier, [value, ...more.map((other) => other[1])].join(',')];
  }

  #pair(resourceType: string, code: string, chain = ''): string {
    const [modifier, value] = this.#criterion(resourceType, code);
    const glue = chain === '' || chain.endsWith(':') ? '' : '.';
    return `${chain}${glue}${code}${modifier}=${value}`;
  }

  ofType(type: keyof typeof PARAMETERS): Query {
    const [resourceType, code] = this.#r.pick<Pair>(PARAMETERS[type]);
    const twice = this.#r.chance(10) ? `&${this.#pair(resourceType, code)}` : '';
    return { resourceType, query: this.#pair(resourceType, code) + twice };
  }

  chain(): Query {
    const [resourceType, chain, to, code] = this.#r.pick(CHAINS);
    const query = this.#pair(to, code, chain);
    if (this.#r.chance(80)) return { resourceType, query };
    return { resourceType, query: `${query}&${this.#pair(resourceType, '_id')}` };
  }

  /** Two or three parameters of one type, those of all resources, lists and compartments. */
  combined(): Query {
    const r = this.#r;
    const all = Object.values(PARAMETERS).flat();
    const [resourceType] = r.pick<Pair>(all);
    const own = all.filter((pair) => pair[0] === resourceType);
    const criteria = Array.from({ length: 1 + r.below(3) }, () =>
      this.#pair(resourceType, r.pick<Pair>(own)[1]),
    );
    if (META.includes(resourceType) && r.chance(30))
      criteria.push(
        r.pick([
          `_tag=http://tags.example|${r.pick(['a', 'b', 'a,http://tags.example|c'])}`,
          `_security${r.pick(['', ':not'])}=${SECURITY}|${r.pick(['N', 'R'])}`,
          `_lastUpdated=${r.pick(['gt', 'lt', 'ge', ''])}${r.pick(['2020', '2300-01-01', '2000'])}`,
          `_list=list-${r.below(8)}`,
        ]),
      );
    const hasCompartment = ['Observation', 'Encounter', 'MedicationRequest'].includes(resourceType);
    return {
      resourceType,
      query: criteria.join('&'),
      ...(hasCompartment && r.chance(40) ? { patient: `patient-${r.below(80)}` } : {}),
    };
  }

  /** Ordered by one to three keys, of which several resources have the same or none. */
  sorted(): Query {
    const r = this.#r;
    const [resourceType, ...codes] = r.pick(SORTS);
    const keys = Array.from({ length: 1 + r.below(3) }, () => `${r.pick(['', '-'])}${r.pick(codes)}`);
    const own = Object.values(PARAMETERS).flat();
    const [, code] = r.pick<Pair>(own.filter((pair) => pair[0] === resourceType));
    const filter = r.chance(30) ? `${this.#pair(resourceType, code)}&` : '';
    return { resourceType, query: `${filter}_sort=${keys.join(',')}` };
  }
}
