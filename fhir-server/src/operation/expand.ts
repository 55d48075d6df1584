/** ValueSet/$expand. https://hl7.org/fhir/R4/valueset-operation-expand.html */
import type { ValueSet, ValueSetExpansionParameter } from '@medplum/fhirtypes';
import type { Operation, OperationCall, Request } from '../interaction/index.ts';
import { expand as expandValueSet } from '../terminology/index.ts';
import { type InputTable, OperationInput } from './operation-input.ts';
import { answering, checkDate, json, readerOf, valueSetOf, versionsOf } from './terminology-request.ts';

const INPUT: InputTable = {
  url: 'text',
  valueSet: 'resource',
  valueSetVersion: 'text',
  context: 'text',
  contextDirection: 'text',
  filter: 'text',
  date: 'text',
  offset: 'whole',
  count: 'whole',
  includeDesignations: 'boolean',
  designation: 'text*',
  includeDefinition: 'boolean',
  activeOnly: 'boolean',
  excludeNested: 'boolean',
  excludeNotForUI: 'boolean',
  excludePostCoordinated: 'boolean',
  displayLanguage: 'text',
  'exclude-system': 'text*',
  'system-version': 'text*',
  'check-system-version': 'text*',
  'force-system-version': 'text*',
};

export const expand: Operation = {
  name: '$expand',
  at: [
    { level: 'type', resourceType: 'ValueSet' },
    { level: 'instance', resourceType: 'ValueSet' },
  ],
  affectsState: false,
  definition: 'http://hl7.org/fhir/OperationDefinition/ValueSet-expand',
  run: (request, call) => answering(() => run(request, call)),
};

async function run(request: Request, call: OperationCall) {
  const input = new OperationInput(request.server, call, INPUT);
  checkDate(input);
  const sent = input.resource<ValueSet>('valueSet', 'ValueSet');
  const reader = readerOf(request, call, input.text('url') ?? sent?.url ?? 'the value set', {
    versions: versionsOf(input),
    ...(sent && { sent: { valueSet: sent } }),
  });
  const { valueSet, canonical } = await valueSetOf(request, call, input, reader);
  const filter = input.text('filter')?.trim();
  const designations = input.texts('designation');
  return json(
    await expandValueSet(reader, valueSet, canonical, {
      filter: filter === '' ? undefined : filter,
      offset: input.whole('offset') ?? 0,
      count: input.whole('count'),
      includeDesignations: input.boolean('includeDesignations') ?? designations.length > 0,
      designations,
      includeDefinition: input.boolean('includeDefinition') ?? false,
      activeOnly: input.boolean('activeOnly') ?? false,
      excludeNotForUI: input.boolean('excludeNotForUI') ?? false,
      // Post-coordinated codes are never listed, so that excludePostCoordinated changes nothing.
      isNested: input.boolean('excludeNested') === false,
      displayLanguage: input.text('displayLanguage'),
      excludedSystems: input.texts('exclude-system'),
      parameters: echo(input),
    }),
  );
}

/** What affects the contents is told in the expansion. */
function echo(input: OperationInput): ValueSetExpansionParameter[] {
  return Object.entries(INPUT).flatMap(([name, kind]) => {
    if (NOT_TOLD.has(name) || kind === 'resource') return [];
    return input.texts(name).map((text): ValueSetExpansionParameter => {
      if (kind === 'boolean') return { name, valueBoolean: text === 'true' };
      if (kind === 'whole') return { name, valueInteger: Number(text) };
      if (name.endsWith('-version') || name === 'exclude-system') return { name, valueUri: text };
      return name === 'displayLanguage' ? { name, valueCode: text } : { name, valueString: text };
    });
  });
}

const NOT_TOLD = new Set(['url', 'valueSetVersion', 'context', 'contextDirection']);
