/** ConceptMap/$translate. https://hl7.org/fhir/R4/conceptmap-operation-translate.html */
import type { Coding, ConceptMap } from '@medplum/fhirtypes';
import { badRequest, notFound } from '../fhir/outcome.ts';
import {
  type Operation,
  type OperationCall,
  permit,
  type Request,
  terminologySource,
} from '../interaction/index.ts';
import {
  type Dependency,
  findConceptMap,
  findConceptMaps,
  type TerminologySource,
  translate as translateCodes,
} from '../terminology/index.ts';
import { type InputTable, OperationInput } from './operation-input.ts';
import { answering, codingsOf, instanceOf, json } from './terminology-request.ts';

const INPUT: InputTable = {
  url: 'text',
  conceptMap: 'resource',
  conceptMapVersion: 'text',
  code: 'text',
  system: 'text',
  version: 'text',
  source: 'text',
  coding: 'Coding',
  codeableConcept: 'CodeableConcept',
  target: 'text',
  targetsystem: 'text',
  dependency: 'parts*',
  reverse: 'boolean',
};

export const translate: Operation = {
  name: '$translate',
  at: [
    { level: 'type', resourceType: 'ConceptMap' },
    { level: 'instance', resourceType: 'ConceptMap' },
  ],
  affectsState: false,
  definition: 'http://hl7.org/fhir/OperationDefinition/ConceptMap-translate',
  run: (request, call) => answering(() => run(request, call)),
};

async function run(request: Request, call: OperationCall) {
  permit(request, 'search-type', 'ConceptMap');
  const input = new OperationInput(request.server, call, INPUT);
  const codings = codingsOf(input);
  for (const { code, system } of codings)
    if (code === undefined || system === undefined)
      throw badRequest('A code with its system is needed', code === undefined ? 'code' : 'system');
  const source = terminologySource(request);
  const isReverse = input.boolean('reverse') ?? false;
  const maps = await mapsOf(request, call, input, source, codings, isReverse);
  const query = {
    codings,
    source: input.text('source'),
    target: input.text('target'),
    targetSystem: input.text('targetsystem'),
    isReverse,
    dependencies: dependenciesOf(input),
  };
  return json(await translateCodes(maps, query, (canonical) => findConceptMap(source, canonical)));
}

/** The instance, `conceptMap`, the one of `url`, or all that lead from (to) the systems of the codes. */
async function mapsOf(
  request: Request,
  call: OperationCall,
  input: OperationInput,
  source: TerminologySource,
  codings: readonly Coding[],
  isReverse: boolean,
): Promise<readonly ConceptMap[]> {
  const own =
    (await instanceOf<ConceptMap>(request, call)) ?? input.resource<ConceptMap>('conceptMap', 'ConceptMap');
  if (own !== undefined) return [own];
  const url = input.text('url');
  if (url === undefined) {
    const systems = new Set(codings.flatMap(({ system }) => system ?? []));
    return findConceptMaps(source, isReverse ? 'target' : 'source', [...systems]);
  }
  const version = input.text('conceptMapVersion');
  const found = await findConceptMap(source, version === undefined ? url : `${url}|${version}`);
  if (found === undefined) throw notFound(`The concept map ${url} is not known here`, 'url');
  return [found];
}

function dependenciesOf(input: OperationInput): Dependency[] {
  return input.parts('dependency').map((parts) => {
    const { valueUri, valueString, valueCode } = parts.get('element') ?? { name: 'element' };
    const element = valueUri ?? valueString ?? valueCode;
    const concept = parts.get('concept')?.valueCodeableConcept;
    if (element === undefined || concept === undefined)
      throw badRequest('A dependency has an element and a concept', 'dependency');
    return { element, concept };
  });
}
