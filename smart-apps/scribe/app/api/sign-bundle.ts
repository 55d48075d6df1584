/** Signing as one transaction: the note becomes final, what was accepted confirmed, what was rejected entered in error. */
import type {
  Bundle,
  BundleEntry,
  CodeableConcept,
  Composition,
  CompositionSection,
  Condition,
  DocumentReference,
  MedicationStatement,
  Practitioner,
  Provenance,
  Reference,
  Resource,
} from '@medplum/fhirtypes';
import { noteText, type NoteDraft, type NoteSection } from './note-draft.ts';
import type { Proposal } from './proposal.ts';
import { toBase64 } from './text-encoding.ts';

export interface Verdict {
  readonly decision: 'accepted' | 'rejected';
  /** Other words for it, when the clinician changed them; its code is dropped, since it may no longer fit. */
  readonly text?: string;
}

export interface SigningInput {
  readonly note: DocumentReference;
  readonly composition?: Composition | undefined;
  readonly draft: NoteDraft;
  readonly sections: readonly NoteSection[];
  readonly proposals: readonly Proposal[];
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly signer: Reference<Practitioner>;
  /** Instant. */
  readonly now: string;
}

export function signBundle(input: SigningInput): Bundle {
  const { note, composition, proposals, verdicts } = input;
  const resources: Resource[] = [
    finalNote(input),
    ...(composition === undefined ? [] : [finalComposition(composition, input)]),
    ...proposals.map((p) => judged(p, verdicts[p.id ?? ''] ?? { decision: 'accepted' })),
  ];
  const before = new Map<string, string | undefined>(
    [note, composition, ...proposals].flatMap((r) => (r ? [[nameOf(r), r.meta?.versionId]] : [])),
  );
  const entry = resources.map((resource): BundleEntry => {
    const url = nameOf(resource);
    return { resource, request: { method: 'PUT', url, ifMatch: `W/"${before.get(url) ?? ''}"` } };
  });
  const provenance = verification(resources, input);
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [...entry, { resource: provenance, request: { method: 'POST', url: 'Provenance' } }],
  };
}

const TITLE = 'Visit note';

const nameOf = (resource: Resource): string => `${resource.resourceType}/${resource.id ?? ''}`;

function finalNote({ note, draft, sections, signer }: SigningInput): DocumentReference {
  const signed: NoteDraft = { ...draft, sections };
  return {
    ...note,
    docStatus: 'final',
    description: TITLE,
    authenticator: signer,
    content: [
      { attachment: { contentType: 'text/plain; charset=utf-8', data: toBase64(noteText(sections)) } },
      { attachment: { contentType: 'application/json', data: toBase64(JSON.stringify(signed)) } },
    ],
  };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => ENTITIES[c] ?? c);

function narrative(section: NoteSection | undefined): string {
  const texts = section?.sentences.map((s) => s.text) ?? [];
  const lines = texts.length === 0 ? ['Nothing was said about this.'] : texts;
  return `<div xmlns="http://www.w3.org/1999/xhtml">${lines.map((t) => `<p>${escaped(t)}</p>`).join('')}</div>`;
}

/** Those of the draft with their entries, in the order of the note, and those that the clinician opened. */
function signedSections(
  drafted: readonly CompositionSection[],
  sections: readonly NoteSection[],
): CompositionSection[] {
  const codeOf = ({ code }: CompositionSection): string | undefined => code?.coding?.[0]?.code;
  const written = sections.flatMap((section): CompositionSection[] => {
    const { code, title, sentences } = section;
    const before = drafted.find((one) => codeOf(one) === code);
    if (before === undefined && sentences.length === 0) return [];
    return [
      {
        ...(before ?? { title, code: { coding: [{ system: 'http://loinc.org', code }] } }),
        text: { status: 'generated', div: narrative(section) },
      },
    ];
  });
  const codes = new Set(sections.map(({ code }) => code));
  const others = drafted
    .filter((one) => !codes.has(codeOf(one) ?? ''))
    .map((one) => ({ ...one, text: { status: 'generated' as const, div: narrative(undefined) } }));
  return [...written, ...others];
}

function finalComposition(composition: Composition, { sections, signer, now }: SigningInput): Composition {
  return {
    ...composition,
    status: 'final',
    title: TITLE,
    attester: [{ mode: 'legal', time: now, party: signer }],
    section: signedSections(composition.section ?? [], sections),
  };
}

const status = (system: string, code: string): CodeableConcept => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${system}`, code }],
});

function judged(proposal: Proposal, { decision, text }: Verdict): Proposal {
  const isAccepted = decision === 'accepted';
  const changed: CodeableConcept | undefined = text === undefined ? undefined : { text };
  switch (proposal.resourceType) {
    case 'Condition': {
      const { clinicalStatus, ...rest } = proposal;
      // Constraint con-5: what was entered in error has no clinical status.
      return {
        ...rest,
        ...(changed ? { code: changed } : {}),
        ...(isAccepted && clinicalStatus ? { clinicalStatus } : {}),
        verificationStatus: status('condition-ver-status', isAccepted ? 'confirmed' : 'entered-in-error'),
      } satisfies Condition;
    }
    case 'MedicationStatement':
      return {
        ...proposal,
        ...(changed ? { medicationCodeableConcept: changed } : {}),
        status: isAccepted ? proposal.status : 'entered-in-error',
      } satisfies MedicationStatement;
    case 'FamilyMemberHistory':
      return { ...proposal, status: isAccepted ? proposal.status : 'entered-in-error' };
    case 'Observation':
      return { ...proposal, status: isAccepted ? 'final' : 'entered-in-error' };
  }
}

function verification(targets: readonly Resource[], { signer, now }: SigningInput): Provenance {
  return {
    resourceType: 'Provenance',
    target: targets.map((r) => ({ reference: nameOf(r) })),
    recorded: now,
    activity: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation',
          code: 'UPDATE',
          display: 'revise',
        },
      ],
      text: 'Reviewed and signed',
    },
    agent: [
      {
        type: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
              code: 'verifier',
              display: 'Verifier',
            },
          ],
        },
        who: signer,
      },
    ],
  };
}
