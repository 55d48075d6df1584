/** What access asks of the Patient that a row belongs to: whether he matches, and whether he has denied it by a Consent. */
import { NAMED_ONLY } from '../../access/index.ts';
import type { Expression } from '../../search/index.ts';
import type { CompileContext } from './compile-expression.ts';
import { compileDissentApart, compileOfPatientApart } from './apart.ts';
import { belongingOf, tableName } from './names.ts';

type Compile = (expression: Expression, context: CompileContext) => string;

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
  // One of several ways to be related leads to no index; the planner need not look for one.
  if (context.resourceType === 'Patient') return compile(of, { ...context, isLook: of.kind === 'or' });
  if (context.isDistributed) return compileOfPatientApart(of, context, compile);
  const patient = `${context.alias}p`;
  const his = isHis(patient, context);
  const condition = compile(of, { ...context, resourceType: 'Patient', alias: patient, isLook: true });
  return `exists (select from ${tableName('Patient')} ${patient} where ${his} and not ${patient}.deleted and ${condition} offset 0)`;
}

/**
 * https://hl7.org/fhir/R4/consent.html: access.denies of migration 0020, which memory has in access/consent.ts. Few patients have
 * a Consent that denies anything: of one patient that is asked once, and for none of his rows where there is none.
 */
export function compileDissent(
  expression: Expression & { kind: 'dissent' },
  context: CompileContext,
): string {
  if (context.isDistributed) return compileDissentApart(expression, context);
  const { to } = expression;
  const { alias, resourceType, values, known } = context;
  const rule = `${alias}d`;
  const actors = to.actors.length === 0 ? `'{}'::text[]` : `$${values.push(to.actors)}::text[]`;
  const purposes = to.purposes === undefined ? 'null::text[]' : `$${values.push(to.purposes)}::text[]`;
  const from = `select from access.consent_rule ${rule} where ${isOfRule(rule, context)} and not ${rule}.is_permit`;
  const asked = `'${resourceType}', ${alias}.id, ${alias}.keys, ${NAMED_ONLY.has(resourceType)}, ${actors}, ${purposes}`;
  const denial = `exists (${from} and access.denies(${rule}, ${asked}) offset 0)`;
  const isOnce = known?.alias === alias && belongingOf(context) === 'link';
  return isOnce ? `(exists (${from} offset 0) and ${denial})` : denial;
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
