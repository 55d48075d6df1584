/** CodeSystem/$lookup. https://hl7.org/fhir/R4/codesystem-operation-lookup.html */
import { badRequest } from '../fhir/outcome.ts';
import type { Operation, OperationCall, Request } from '../interaction/index.ts';
import { lookup as lookUp } from '../terminology/index.ts';
import { type InputTable, OperationInput } from './operation-input.ts';
import { answering, checkDate, codingsOf, json, readerOf } from './terminology-request.ts';

const INPUT: InputTable = {
  code: 'text',
  system: 'text',
  version: 'text',
  coding: 'Coding',
  date: 'text',
  displayLanguage: 'text',
  property: 'text*',
};

export const lookup: Operation = {
  name: '$lookup',
  at: [{ level: 'type', resourceType: 'CodeSystem' }],
  affectsState: false,
  definition: 'http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup',
  run: (request, call) => answering(() => run(request, call)),
};

async function run(request: Request, call: OperationCall) {
  const input = new OperationInput(request.server, call, INPUT);
  checkDate(input);
  const [{ system, code, version } = {}] = codingsOf(input);
  if (code === undefined || system === undefined)
    throw badRequest('A code with its system is needed', code === undefined ? 'code' : 'system');
  const content = await readerOf(request, call, system).knownCodeSystem(system, version);
  return json(
    await lookUp(content, {
      code,
      displayLanguage: input.text('displayLanguage'),
      properties: input.texts('property'),
    }),
  );
}
