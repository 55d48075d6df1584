/** State that apps keep here as Basic resources: who may see and change what of it. https://hl7.org/fhir/smart-app-launch/STU2.2/app-state.html#security-and-access-controls */
import { and, type Expression, NONE, not, or } from '../search/index.ts';
import { compileCriteria, type CriteriaContext } from './criteria.ts';
import { type Interaction, isReading } from './interaction.ts';
import type { Principal } from './principal.ts';

/** Set by the server, and by nobody else: a Basic resource with it is state. */
export const STATE_TAG = { system: 'urn:dr-assistant:app-state', code: 'state' } as const;

const stateOnly = (context: CriteriaContext): Expression =>
  compileCriteria('Basic', [['_tag', `${STATE_TAG.system}|${STATE_TAG.code}`]], context);

/** To all but the endpoint for state it does not exist: it may hold keys, and is no part of the record. */
export const withoutState = (resourceType: string, context: CriteriaContext): readonly Expression[] =>
  resourceType === 'Basic' ? [not(stateOnly(context))] : [];

/** Whether a right is limited by nothing but that. */
export const hidesStateOnly = (filter: Expression): boolean =>
  filter.kind === 'not' &&
  filter.of.kind === 'key' &&
  filter.of.keys.length === 1 &&
  filter.of.keys[0]!.includes(STATE_TAG.system);

/**
 * State of the codes that the app is trusted with, and of the one subject at hand, whose patient or user the endpoint has
 * checked. Without a subject it is the same for everybody: it is changed by apps that are trusted to, within `byPolicy`.
 */
export function stateFilter(
  { appState, stateCodes = [], globalStateCodes = [] }: Principal,
  interaction: Interaction,
  resourceType: string,
  context: CriteriaContext,
  byPolicy: () => Expression,
): Expression {
  if (resourceType !== 'Basic' || appState === undefined) return NONE;
  const where = (params: readonly (readonly [string, string])[]): Expression =>
    compileCriteria('Basic', params, context);
  const of = (codes: readonly string[]): Expression => or(...codes.map((code) => where([['code', code]])));
  const isGlobal = where([['subject:missing', 'true']]);
  const globalCodes = isReading(interaction) ? [...stateCodes, ...globalStateCodes] : globalStateCodes;
  const ofAll = (): Expression =>
    and(isGlobal, of(globalCodes), ...(isReading(interaction) ? [] : [byPolicy()]));
  const ofSubject = (...subject: readonly Expression[]): Expression =>
    and(not(isGlobal), ...subject, of(stateCodes));
  const { subject } = appState;
  if (subject === 'none') return and(stateOnly(context), ofAll());
  if (subject === 'any') return and(stateOnly(context), or(ofAll(), ofSubject()));
  return and(stateOnly(context), ofSubject(where([['subject', subject]])));
}
