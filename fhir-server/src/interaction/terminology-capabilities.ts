/** What `metadata?mode=terminology` answers. https://hl7.org/fhir/R4/terminologycapabilities.html */
import type { TerminologyCapabilities } from '@medplum/fhirtypes';
import { standardCodeSystems } from '../fhir/definitions/index.ts';
import { GRAMMAR_SYSTEMS } from '../terminology/index.ts';
import type { Server } from './server.ts';

/** The same for every caller: of what is stored and in tables, search tells each as much as he may know. */
export function terminologyCapabilities({ config }: Server, startedAt: Date): TerminologyCapabilities {
  const own = standardCodeSystems().filter(
    ({ content }) => content !== 'not-present' && content !== 'supplement',
  );
  const standard = [...Map.groupBy(own, ({ url }) => url ?? '')].map(([uri, of]) => {
    const version = of.flatMap((system) => (system.version === undefined ? [] : [{ code: system.version }]));
    return { uri, ...(version.length > 0 && { version }), subsumption: true };
  });
  return {
    resourceType: 'TerminologyCapabilities',
    status: 'active',
    date: startedAt.toISOString(),
    kind: 'instance',
    software: { name: 'Dr. Assistant FHIR server', version: '0.1.0' },
    implementation: { description: 'Dr. Assistant', url: config.fhirBase },
    lockedDate: false,
    codeSystem: [...standard, ...GRAMMAR_SYSTEMS.map((uri) => ({ uri, subsumption: false }))],
    expansion: {
      hierarchical: true,
      paging: true,
      incomplete: true,
      parameter: EXPAND_PARAMETERS.map((name) => ({ name })),
      textFilter:
        'Words of letters and digits in any order; each is the beginning of a word of the display, of a designation or of the code. Case and accents do not count.',
    },
    codeSearch: 'all',
    validateCode: { translations: false },
    translation: { needsMap: true },
    closure: { translation: false },
  };
}

const EXPAND_PARAMETERS = [
  'activeOnly',
  'count',
  'designation',
  'displayLanguage',
  'exclude-system',
  'excludeNested',
  'excludeNotForUI',
  'excludePostCoordinated',
  'filter',
  'includeDefinition',
  'includeDesignations',
  'offset',
  'system-version',
  'check-system-version',
  'force-system-version',
  'url',
  'valueSet',
  'valueSetVersion',
];
