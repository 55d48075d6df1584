/** $lookup: all that a code system says about a concept. https://hl7.org/fhir/R4/codesystem-operation-lookup.html */
import type { CodeSystemConceptProperty, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { notFound } from '../fhir/outcome.ts';
import type { CodeSystemContent } from './code-system-content.ts';
import type { Concept, ConceptProperty, Neighbours } from './concept.ts';
import { designationsOf, displayIn, languagesOf } from './designation.ts';

export interface LookupQuery {
  readonly code: string;
  readonly displayLanguage?: string | undefined;
  /** Codes of the properties that are wanted; none means all. */
  readonly properties: readonly string[];
}

/** Throws 404 for a code that the system does not have. */
export async function lookup(content: CodeSystemContent, query: LookupQuery): Promise<Parameters> {
  const languages = languagesOf(query.displayLanguage);
  const { properties } = query;
  const isWanted = (name: string): boolean => properties.length === 0 || properties.includes(name);
  const wantsLinks = isWanted('parent') || isWanted('child');
  const [found, neighbours] = await Promise.all([
    content.find([query.code]),
    wantsLinks ? content.neighbours(query.code) : { parents: [], children: [] },
  ]);
  const concept = found.get(query.code);
  if (concept === undefined) throw unknownCode(content, query.code);
  const all = [...ownProperties(concept), ...links(neighbours)].filter(({ code }) => isWanted(code));
  const described = await describe(content, all);
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'name', valueString: content.name ?? content.title ?? content.url },
      ...(content.version === undefined ? [] : [{ name: 'version', valueString: content.version }]),
      { name: 'display', valueString: displayIn(concept, languages) ?? concept.code },
      { name: 'abstract', valueBoolean: concept.abstract },
      ...designations(concept, properties),
      ...described,
    ],
  };
}

/** Throws 404 for the first code that the system does not have. */
export async function checkCodes(content: CodeSystemContent, codes: readonly string[]): Promise<void> {
  const known = await content.find(codes);
  const unknown = codes.find((code) => !known.has(code));
  if (unknown !== undefined) throw unknownCode(content, unknown);
}

const unknownCode = ({ url, version }: CodeSystemContent, code: string) =>
  notFound(
    `The code ${code.slice(0, 64)} is not in the code system ${url}${version ? `|${version}` : ''}`,
    'code',
  );

/** `lang.X` asks for those of one language. */
function designations(concept: Concept, properties: readonly string[]): ParametersParameter[] {
  const languages = properties.flatMap((name) => (name.startsWith('lang.') ? [name.slice(5)] : []));
  const wantsAll = properties.length === 0 || properties.includes('designation');
  if (!wantsAll && languages.length === 0) return [];
  return designationsOf(concept, wantsAll ? [] : languages).map(({ language, use, value }) => ({
    name: 'designation',
    part: [
      ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
      ...(use === undefined ? [] : [{ name: 'use', valueCoding: use }]),
      { name: 'value', valueString: value },
    ],
  }));
}

function ownProperties({ definition, inactive, properties }: Concept): ConceptProperty[] {
  const own = properties.filter(({ code }) => code !== 'inactive');
  return [
    ...(definition === undefined ? [] : [{ code: 'definition', valueString: definition }]),
    { code: 'inactive', valueBoolean: inactive },
    ...own,
  ];
}

const links = ({ parents, children }: Neighbours): ConceptProperty[] => [
  ...parents.map((code) => ({ code: 'parent', valueCode: code })),
  ...children.map((code) => ({ code: 'child', valueCode: code })),
];

/** With the displays of the codes that are values, which are looked up together. */
async function describe(
  content: CodeSystemContent,
  properties: readonly ConceptProperty[],
): Promise<ParametersParameter[]> {
  const codes = properties.flatMap(({ valueCode }) => valueCode ?? []);
  const known = codes.length === 0 ? new Map<string, Concept>() : await content.find([...new Set(codes)]);
  return properties.map((property) => {
    const description = property.description ?? known.get(property.valueCode ?? '')?.display;
    return {
      name: 'property',
      part: [
        { name: 'code', valueCode: property.code },
        ...valuePart(property),
        ...(description === undefined ? [] : [{ name: 'description', valueString: description }]),
        ...(property.of ?? []).map((part) => ({
          name: 'subproperty',
          part: [{ name: 'code', valueCode: part.code }, ...valuePart(part)],
        })),
      ],
    };
  });
}

function valuePart(property: CodeSystemConceptProperty): ParametersParameter[] {
  const value = Object.entries(property).find(([name]) => name.startsWith('value'));
  return value === undefined ? [] : [{ name: 'value', [value[0]]: value[1] as unknown }];
}
