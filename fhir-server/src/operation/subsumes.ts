/** CodeSystem/$subsumes. https://hl7.org/fhir/R4/codesystem-operation-subsumes.html */
import type { Coding } from '@medplum/fhirtypes';
import { badRequest } from '../fhir/outcome.ts';
import type { Operation, OperationCall, Request } from '../interaction/index.ts';
import { checkCodes } from '../terminology/index.ts';
import { type InputTable, OperationInput } from './operation-input.ts';
import { answering, codeSystemSent, json, readerOf } from './terminology-request.ts';

const INPUT: InputTable = {
  codeA: 'text',
  codeB: 'text',
  system: 'text',
  version: 'text',
  codingA: 'Coding',
  codingB: 'Coding',
};

export const subsumes: Operation = {
  name: '$subsumes',
  at: [
    { level: 'type', resourceType: 'CodeSystem' },
    { level: 'instance', resourceType: 'CodeSystem' },
  ],
  affectsState: false,
  definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes',
  run: (request, call) => answering(() => run(request, call)),
};

async function run(request: Request, call: OperationCall) {
  const input = new OperationInput(request.server, call, INPUT);
  const codeSystem = await codeSystemSent(request, call, input);
  const [a, b] = [codingOf(input, 'A'), codingOf(input, 'B')];
  const systems = new Set([codeSystem?.url ?? input.text('system'), a.system, b.system].filter((s) => s !== undefined)); // prettier-ignore
  const [system, other] = systems;
  if (system === undefined) throw badRequest('The system of the codes is needed', 'system');
  if (other !== undefined)
    throw badRequest('The codes are of different code systems, between which no relation is known', 'system');
  const sent = codeSystem && { sent: { codeSystem } };
  const reader = readerOf(request, call, system, sent);
  const content = await reader.knownCodeSystem(system, input.text('version') ?? a.version ?? b.version);
  await checkCodes(content, [a.code, b.code]);
  const outcome = await content.subsumption(a.code, b.code);
  return json({ resourceType: 'Parameters', parameter: [{ name: 'outcome', valueCode: outcome }] });
}

function codingOf(input: OperationInput, letter: 'A' | 'B'): Coding & { code: string } {
  const coding = input.codings(`coding${letter}`)[0];
  const code = input.text(`code${letter}`) ?? coding?.code;
  if (code === undefined || (coding !== undefined && input.has(`code${letter}`)))
    throw badRequest(`Either code${letter} or coding${letter} is needed`, `code${letter}`);
  return { ...coding, code };
}
