/**
 * `$break-glass`: a professional opens the record of a Patient in an emergency, beyond relation, labels and Consents, for some
 * time and with a reason. Not of the standard. https://profiles.ihe.net/ITI/TF/Volume2/ch-P.html
 */
import type { Parameters } from '@medplum/fhirtypes';
import type { Principal } from '../access/index.ts';
import { type AuditRecord, writeRecords } from '../audit/index.ts';
import { withTransaction } from '../db/index.ts';
import { badRequest, forbidden } from '../fhir/outcome.ts';
import {
  type Answer,
  checkStored,
  type Operation,
  type OperationCall,
  permit,
  type Request,
  unknownResource,
} from '../interaction/index.ts';
import { OperationInput } from './operation-input.ts';

const REASON_LENGTH_MIN = 10;
const REASON_LENGTH_MAX = 1_000;

export const breakGlass: Operation = {
  name: '$break-glass',
  at: [{ level: 'instance', resourceType: 'Patient' }],
  affectsState: true,
  definition: 'https://dr-assistant.example/fhir/OperationDefinition/Patient-break-glass',
  run,
};

/** An app for one patient opens no other record, and is not told which there are. Throws 404. */
function checkReach({ scopes, patient }: Principal, id: string): void {
  const reaches = scopes.some(
    ({ level, resourceType, letters }) =>
      (level === 'user' || patient === id) &&
      (resourceType === '*' || resourceType === 'Patient') &&
      letters.includes('r'),
  );
  if (!reaches) throw unknownResource('Patient', id);
}

/** Throws 400 without a reason, 403 for roles that may not, 404 for a Patient who is not there. */
async function run(request: Request, call: OperationCall): Promise<Answer> {
  const { principal, server, trail } = request;
  const { userId, policy } = principal;
  if (userId === undefined || policy.emergency !== true)
    throw forbidden(`The policy ${policy.name} does not permit to open records in an emergency`);
  // An app that may not read the user's Patients gets no more of them by his emergencies.
  permit(request, 'read', 'Patient');
  checkReach(principal, call.id ?? '');
  const input = new OperationInput(server, call, { reason: 'text' });
  const reason = input.text('reason')?.trim() ?? '';
  if (reason.length < REASON_LENGTH_MIN || reason.length > REASON_LENGTH_MAX)
    throw badRequest(
      `A reason of ${REASON_LENGTH_MIN} to ${REASON_LENGTH_MAX} characters is needed`,
      'reason',
    );
  const patient = call.id ?? '';
  await checkStored(request, 'Patient', patient);
  const ends = new Date(Date.now() + server.config.emergencyMs);
  const record: AuditRecord = {
    at: Date.now(),
    kind: 'security',
    code: 'emergency-override',
    action: 'E',
    outcome: '0',
    reason: `until ${ends.toISOString()}`,
    agent: {
      clientId: principal.clientId,
      userId,
      fhirUser: principal.fhirUser,
      address: trail?.address,
    },
    requestId: trail?.requestId,
    purpose: 'BTG',
    touched: [[`Patient/${patient}`, [patient]]],
  };
  await withTransaction(server.pool, async (client) => {
    await client.query(
      'insert into access.emergency (user_id, patient, reason, ends_at) values ($1, $2, $3, $4)',
      [userId, patient, reason, ends],
    );
    await writeRecords(client, [record]);
  });
  const body: Parameters = {
    resourceType: 'Parameters',
    parameter: [{ name: 'until', valueInstant: ends.toISOString() }],
  };
  return { status: 200, headers: {}, body: JSON.stringify(body) };
}
