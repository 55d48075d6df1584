/** The summary as a Composition, a DocumentReference and a Provenance, in which each sentence leads to what says it. */
import type {
  Composition,
  CompositionSection,
  DocumentReference,
  Meta,
  Provenance,
  Reference,
} from '@medplum/fhirtypes';
import { contentHash } from './content-hash.ts';
import type { Fact } from './facts/fact.ts';
import type { Section } from './sections.ts';
import type { Visit } from './visit.ts';

/** System of the identifier, whose value is the hash of the facts. */
const SUMMARY_SYSTEM = 'https://dr-assistant.example/fhir/NamingSystem/chart-summary';
/** System of the identifiers of a Provenance's targets, whose value is the hash of their content. */
const CONTENT_SYSTEM = 'https://dr-assistant.example/fhir/NamingSystem/chart-summary-content';
const NOTHING = 'Nothing is recorded in the chart.';

const aiMeta = (): Meta => ({
  security: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
      code: 'AIAST',
      display: 'Artificial Intelligence asserted',
    },
  ],
});

const TYPE = {
  coding: [{ system: 'http://loinc.org', code: '60591-5', display: 'Patient summary Document' }],
  text: 'Patient summary',
};

export interface Summarised {
  readonly visit: Visit;
  readonly sections: readonly Section[];
  readonly facts: readonly Fact[];
  /** Who wrote it, in words, and who was asked in vain. */
  readonly provider: string;
  readonly remarks: readonly string[];
  /** Of what it was made from. */
  readonly hash: string;
}

export interface Names {
  readonly composition: string;
  readonly document: string;
  readonly provenance: string;
  readonly device: string;
}

export function composition(summary: Summarised, names: Names, now: string): Composition {
  const { visit, sections, hash } = summary;
  return {
    resourceType: 'Composition',
    id: names.composition,
    meta: aiMeta(),
    identifier: { system: SUMMARY_SYSTEM, value: hash },
    status: 'preliminary',
    type: TYPE,
    title: 'Chart summary for the visit (draft)',
    subject: { reference: visit.patient },
    ...(visit.encounter === undefined ? {} : { encounter: { reference: visit.encounter } }),
    date: now,
    author: [{ reference: `Device/${names.device}` }],
    section: sections.map(sectionOf),
  };
}

function sectionOf({ title, code, sentences }: Section): CompositionSection {
  const sources = [...new Set(sentences.flatMap((s) => s.source))];
  return {
    title,
    ...(code === undefined
      ? {}
      : { code: { coding: [{ system: 'http://loinc.org', code, display: title }] } }),
    text: { status: 'generated', div: narrative(sentences, title) },
    ...(sources.length === 0
      ? { emptyReason: { text: NOTHING } }
      : { entry: sources.map((reference) => ({ reference })) }),
  };
}

/** XHTML as FHIR allows it: sentences have ids and link to what says them. https://hl7.org/fhir/R4/narrative.html */
function narrative(sentences: Section['sentences'], title: string): string {
  const lines = sentences.map(({ id, text, source }) => {
    const links = source.map((reference, i) => `<a href="${escapeXml(reference)}">[${i + 1}]</a>`).join(' ');
    return `<p id="${id}">${escapeXml(text)} ${links}</p>`;
  });
  const body = lines.length === 0 ? `<p>${escapeXml(title)}: ${NOTHING}</p>` : lines.join('');
  return `<div xmlns="http://www.w3.org/1999/xhtml">${body}</div>`;
}

/** Control characters have no place in XML at all. */
function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/\p{Cc}/gu, ' ').replace(/[&<>"]/g, (c) => entities[c] ?? c);
}

/** content[0] is the summary as text, content[1] as JSON with each sentence's sources. */
export function documentReference(summary: Summarised, names: Names, now: string): DocumentReference {
  const { visit, sections, provider, remarks } = summary;
  const lines = sections.map(({ title, sentences }) =>
    [title.toUpperCase(), ...(sentences.length === 0 ? [NOTHING] : sentences.map((s) => s.text))].join('\n'),
  );
  const structured = { version: 1, provider: { summarise: provider }, fallbacks: remarks, sections };
  return {
    resourceType: 'DocumentReference',
    id: names.document,
    meta: aiMeta(),
    status: 'current',
    docStatus: 'preliminary',
    type: TYPE,
    description: 'Summary of the chart for the visit, written by software',
    subject: { reference: visit.patient },
    date: now,
    author: [{ reference: `Device/${names.device}` }],
    content: [
      { attachment: attachment('text/plain', 'Chart summary', lines.join('\n\n')) },
      { attachment: attachment('application/json', 'ChartSummary', JSON.stringify(structured)) },
    ],
    context: {
      related: [{ reference: `Composition/${names.composition}` }],
      ...(visit.encounter === undefined ? {} : { encounter: [{ reference: visit.encounter }] }),
    },
  };
}

const attachment = (contentType: string, title: string, text: string) => ({
  contentType,
  title,
  data: Buffer.from(text, 'utf8').toString('base64'),
});

/** Names each source in the version that was read, and what was written with the hash of its content. */
export function provenance(
  summary: Summarised,
  names: Names,
  written: readonly (Composition | DocumentReference)[],
  now: string,
): Provenance {
  const { sections, facts, provider, remarks } = summary;
  const cited = new Set(sections.flatMap((s) => s.sentences.flatMap((sentence) => sentence.source)));
  const versions = facts.filter((f) => cited.has(f.reference)).map((f) => f.version);
  return {
    resourceType: 'Provenance',
    id: names.provenance,
    meta: aiMeta(),
    target: written.map(targetOf),
    recorded: now,
    activity: { text: [`Summarised by software (${provider}).`, ...remarks].join(' ') },
    agent: [
      {
        type: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
              code: 'assembler',
              display: 'Assembler',
            },
          ],
        },
        who: { reference: `Device/${names.device}` },
      },
    ],
    ...(versions.length === 0
      ? {}
      : { entity: versions.map((reference) => ({ role: 'source' as const, what: { reference } })) }),
  };
}

const targetOf = (resource: Composition | DocumentReference): Reference => ({
  reference: `${resource.resourceType}/${resource.id ?? ''}`,
  identifier: { system: CONTENT_SYSTEM, value: contentHash(resource) },
});

/** Whether it says what this software wrote last: somebody's correction may leave it a draft. */
export const isAsWritten = (resource: Composition | DocumentReference, { target }: Provenance): boolean => {
  const { reference, identifier } = targetOf(resource);
  return target.some((one) => one.reference === reference && one.identifier?.value === identifier?.value);
};
