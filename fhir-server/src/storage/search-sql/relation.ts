/** What access asks of the Patient that a row belongs to: whether he matches, and whether he has denied it by a Consent. */
import { NAMED_ONLY } from '../../access/index.ts';
import type { Expression, Recipient } from '../../search/index.ts';
import type { CompileContext } from './compile-expression.ts';
import { linkColumns, tableName } from './names.ts';

type Compile = (expression: Expression, context: CompileContext) => string;

/** How rows of a type lead to their Patient. */
type Belonging = 'self' | 'link' | 'compartment';

export function belongingOf({
  resourceType,
  registry,
}: Pick<CompileContext, 'resourceType' | 'registry'>): Belonging {
  if (resourceType === 'Patient') return 'self';
  return linkColumns(registry, resourceType).includes('patient') ? 'link' : 'compartment';
}

/** A Patient's row of the given alias is the one that the row at hand belongs to. */
function isHis(patient: string, context: CompileContext): string {
  const { alias, known } = context;
  switch (belongingOf(context)) {
    case 'self':
      return `${patient}.id = ${alias}.id`;
    case 'link':
      // The same for all rows: the database asks once.
      return `${patient}.id = ${known?.alias === alias ? known.patient : `${alias}.patient`}`;
    case 'compartment':
      return `fhir.compartment_key('Patient', ${patient}.id) = any(${alias}.keys)`;
  }
}

/** `offset 0` keeps it a look-up for each row: joined from the Patients, a page would read all of an organization first. */
export function compileOfPatient(
  { of }: Expression & { kind: 'ofPatient' },
  context: CompileContext,
  compile: Compile,
): string {
  const patient = `${context.alias}p`;
  const his = isHis(patient, context);
  const condition = compile(of, { ...context, resourceType: 'Patient', alias: patient });
  return `exists (select from ${tableName('Patient')} ${patient} where ${his} and not ${patient}.deleted and ${condition} offset 0)`;
}

/** A denial that applies, and no exception to it that applies as well. https://hl7.org/fhir/R4/consent.html */
export function compileDissent({ to }: Expression & { kind: 'dissent' }, context: CompileContext): string {
  const { alias, values } = context;
  const [denial, exception] = [`${alias}d`, `${alias}x`];
  const recipient = bindRecipient(to, context.resourceType, values);
  const applies = (rule: string): string => ruleApplies(rule, context, recipient);
  return `exists (select from access.consent_rule ${denial}
    where ${isOfRule(denial, context)} and not ${denial}.is_permit and ${applies(denial)}
    and not exists (select from access.consent_rule ${exception}
      where ${exception}.consent_id = ${denial}.consent_id and ${exception}.above = ${denial}.node
      and ${exception}.is_permit and ${applies(exception)} offset 0) offset 0)`;
}

function isOfRule(rule: string, context: CompileContext): string {
  const { alias, known } = context;
  switch (belongingOf(context)) {
    case 'self':
      return `${rule}.patient = ${alias}.id`;
    case 'link':
      return `${rule}.patient = ${known?.alias === alias ? known.patient : `${alias}.patient`}`;
    case 'compartment':
      return `${rule}.compartment = any(${alias}.keys)`;
  }
}

interface BoundRecipient {
  readonly actors: string;
  readonly purposes: string | undefined;
  readonly type: string;
}

function bindRecipient(to: Recipient, resourceType: string, values: unknown[]): BoundRecipient {
  return {
    actors: `$${values.push(to.actors)}::text[]`,
    purposes: to.purposes && `$${values.push(to.purposes)}::text[]`,
    type: `$${values.push(resourceType)}::text`,
  };
}

/** The same in memory: access/consent.ts. */
function ruleApplies(rule: string, { alias, resourceType }: CompileContext, to: BoundRecipient): string {
  const now = `(extract(epoch from now()) * 1000)`;
  const purposes = to.purposes === undefined ? `not ${rule}.is_permit` : `${rule}.purposes && ${to.purposes}`;
  return [
    `${rule}.starts <= ${now} and ${rule}.ends >= ${now}`,
    `(${rule}.actors is null or ${rule}.actors && ${to.actors})`,
    `(${rule}.purposes is null or ${purposes})`,
    NAMED_ONLY.has(resourceType)
      ? `${to.type} = any(${rule}.classes)`
      : `(${rule}.classes is null or ${to.type} = any(${rule}.classes))`,
    `(${rule}.labels is null or ${alias}.keys && ${rule}.labels)`,
    `(${rule}.instances is null or (${to.type} || '/' || ${alias}.id) = any(${rule}.instances))`,
  ].join(' and ');
}
