/**
 * $validate-code of code systems and of value sets. https://hl7.org/fhir/R4/codesystem-operation-validate-code.html and
 * https://hl7.org/fhir/R4/valueset-operation-validate-code.html
 */
import { badRequest } from '../fhir/outcome.ts';
import type { Operation, OperationCall, Request } from '../interaction/index.ts';
import {
  type CodeQuery,
  Composer,
  validateInCodeSystem,
  validateInValueSet,
  verdictParameters,
} from '../terminology/index.ts';
import { type InputTable, OperationInput } from './operation-input.ts';
import {
  answering,
  checkDate,
  codeSystemSent,
  codingsOf,
  json,
  readerOf,
  valueSetOf,
  versionsOf,
} from './terminology-request.ts';

const SHARED: InputTable = {
  url: 'text',
  code: 'text',
  display: 'text',
  coding: 'Coding',
  codeableConcept: 'CodeableConcept',
  date: 'text',
  abstract: 'boolean',
  displayLanguage: 'text',
};
const OF_CODE_SYSTEM: InputTable = { ...SHARED, codeSystem: 'resource', version: 'text', system: 'text' };
const OF_VALUE_SET: InputTable = {
  ...SHARED,
  context: 'text',
  valueSet: 'resource',
  valueSetVersion: 'text',
  system: 'text',
  systemVersion: 'text',
  inferSystem: 'boolean',
  'system-version': 'text*',
  'check-system-version': 'text*',
  'force-system-version': 'text*',
};

export const validateCode: Operation = {
  name: '$validate-code',
  at: (['CodeSystem', 'ValueSet'] as const).flatMap((resourceType) =>
    (['type', 'instance'] as const).map((level) => ({
      level,
      resourceType,
      definition: `http://hl7.org/fhir/OperationDefinition/${resourceType}-validate-code`,
    })),
  ),
  affectsState: false,
  definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code',
  run: (request, call) =>
    answering(() => (call.resourceType === 'CodeSystem' ? inCodeSystem : inValueSet)(request, call)),
};

async function inCodeSystem(request: Request, call: OperationCall) {
  const input = new OperationInput(request.server, call, OF_CODE_SYSTEM);
  const query = queryOf(input, 'version');
  const codeSystem = await codeSystemSent(request, call, input);
  const url = codeSystem?.url ?? input.text('url') ?? query.codings[0]?.system;
  if (url === undefined) throw badRequest('The code system has to be named by url or codeSystem', 'url');
  const reader = readerOf(request, call, url, codeSystem && { sent: { codeSystem } });
  const content = await reader.knownCodeSystem(url, codeSystem ? undefined : input.text('version'));
  const verdict = await validateInCodeSystem(content, query);
  return json(verdictParameters(verdict, query.codeableConcept));
}

async function inValueSet(request: Request, call: OperationCall) {
  const input = new OperationInput(request.server, call, OF_VALUE_SET);
  const query = queryOf(input, 'systemVersion');
  const sent = input.resource('valueSet', 'ValueSet');
  const reader = readerOf(request, call, input.text('url') ?? 'the value set', {
    versions: versionsOf(input),
    ...(sent?.resourceType === 'ValueSet' && { sent: { valueSet: sent } }),
  });
  const { valueSet, canonical } = await valueSetOf(request, call, input, reader);
  const contents = await new Composer(reader, { isComplete: true }).contents(valueSet, [canonical]);
  const verdict = await validateInValueSet(reader, contents, canonical, query);
  return json(verdictParameters(verdict, query.codeableConcept));
}

function queryOf(input: OperationInput, version: 'version' | 'systemVersion'): CodeQuery {
  checkDate(input);
  return {
    codings: codingsOf(input, { version }),
    codeableConcept: input.codeableConcept('codeableConcept'),
    abstract: input.boolean('abstract'),
    displayLanguage: input.text('displayLanguage'),
  };
}
