/** The Basic resource that an app sends. https://hl7.org/fhir/smart-app-launch/STU2.2/app-state.html#create */
import type { Basic } from '@medplum/fhirtypes';
import { STATE_TAG } from '../access/index.ts';
import { badRequest } from '../fhir/outcome.ts';
import { checkResource, type Server } from '../interaction/index.ts';
import { localReference } from '../search/index.ts';

export interface State {
  /** With the tag by which the server knows it. */
  readonly resource: Basic;
  /** `system|code`. */
  readonly code: string;
  /** `Patient/1`; undefined for the state of everybody. */
  readonly subject: string | undefined;
}

/** Throws 400 for what is no state, 422 for what is no Basic. */
export function parseState(server: Server, body: unknown): State {
  const sent = checkResource(server, body, 'Basic') as Basic;
  const { meta, code, subject, extension = [] } = sent;
  const [coding, ...others] = code.coding ?? [];
  if (coding?.code === undefined || coding.system === undefined || others.length > 0)
    throw badRequest('State has exactly one code.coding, with system and code', 'Basic.code.coding');
  const odd = extension.findIndex((e) => e.valueString === undefined);
  if (odd >= 0) throw badRequest('Extensions of state have a valueString', `Basic.extension[${odd}]`);
  const tags = (meta?.tag ?? []).filter(({ system }) => system !== STATE_TAG.system);
  const resource: Basic = { ...sent, meta: { ...meta, tag: [...tags, { ...STATE_TAG }] } };
  return {
    resource,
    code: `${coding.system}|${coding.code}`,
    subject: subject && subjectOf(server, subject),
  };
}

/** Another base would be taken for that of the state. */
function subjectOf({ config }: Server, { reference = '' }: NonNullable<Basic['subject']>): string {
  const local = reference.startsWith(`${config.fhirBase}/`)
    ? localReference(reference, config.fhirBase)
    : undefined;
  if (local) return `${local.type}/${local.id}`;
  throw badRequest(
    `The subject is a reference that begins with ${config.fhirBase}/`,
    'Basic.subject.reference',
  );
}

/** Code and subject of what is stored. */
export function keyOf({ config }: Server, { code, subject }: Basic): Pick<State, 'code' | 'subject'> {
  const [coding] = code.coding ?? [];
  const local = localReference(subject?.reference ?? '', config.fhirBase);
  return { code: `${coding?.system}|${coding?.code}`, subject: local && `${local.type}/${local.id}` };
}
