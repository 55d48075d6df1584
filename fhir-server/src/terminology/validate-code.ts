/**
 * $validate-code: whether a code is in a code system or a value set.
 * https://hl7.org/fhir/R4/codesystem-operation-validate-code.html and https://hl7.org/fhir/R4/valueset-operation-validate-code.html
 */
import type { CodeableConcept, Coding, Parameters } from '@medplum/fhirtypes';
import type { CodeSystemContent } from './code-system-content.ts';
import type { Concept } from './concept.ts';
import { contains } from './concept-set.ts';
import type { Contents, Part } from './contents.ts';
import { asNamed, displayIn, isCalled, languagesOf, onlyNamed } from './designation.ts';
import type { Reader } from './source.ts';

export interface CodeQuery {
  /** One, or all of a CodeableConcept, of which one has to be valid. */
  readonly codings: readonly Coding[];
  readonly codeableConcept?: CodeableConcept | undefined;
  /** False refuses codes that are there to group others. */
  readonly abstract?: boolean | undefined;
  readonly displayLanguage?: string | undefined;
}

export interface Verdict {
  readonly result: boolean;
  /** Why not, or what is to be noted. */
  readonly message?: string | undefined;
  readonly display?: string | undefined;
  readonly system?: string | undefined;
  readonly code?: string | undefined;
  readonly version?: string | undefined;
}

export async function validateInCodeSystem(content: CodeSystemContent, query: CodeQuery): Promise<Verdict> {
  return best(query, async (coding) => {
    if (coding.system !== undefined && coding.system !== content.url)
      return refused(coding, `The coding is of ${coding.system}, not of the code system ${content.url}`);
    return judge(coding, content, query);
  });
}

/** `name`: what the value set is called in messages. */
export async function validateInValueSet(
  reader: Reader,
  contents: Contents,
  name: string,
  query: CodeQuery,
): Promise<Verdict> {
  return best(query, async (coding) => {
    const { code, system } = coding;
    if (code === undefined) return refused(coding, 'The coding has no code');
    const found = await partOf(contents, { ...coding, code });
    if (typeof found === 'string') return refused(coding, found);
    if (found === undefined) {
      const content = system === undefined ? undefined : await reader.codeSystem(system, coding.version);
      const isCode = content === undefined || (await content.find([code])).has(code);
      const reason = isCode ? '' : `; nor is it a code of ${system}`;
      return refused(coding, `The code ${shown(coding)} is not in the value set ${name}${reason}`);
    }
    return judge({ ...coding, system: found.system }, found.content, query, found);
  });
}

/**
 * What of the value set the coding is in. A text says why it cannot be told. Without a system the code has to be in one
 * system alone: https://hl7.org/fhir/R4/valueset-operation-validate-code.html.
 */
async function partOf(
  contents: Contents,
  coding: Coding & { code: string },
): Promise<Part | string | undefined> {
  const { code } = coding;
  const { found, unknown } = await findParts(contents, coding);
  const systems = new Set(found.map((part) => part.system));
  if (systems.size > 1)
    return `The code ${code} is in the value set in several code systems: ${[...systems].join(', ')}; name the system`;
  if (found[0] !== undefined) return found[0];
  return unknown[0] === undefined
    ? undefined
    : `The content of the code system ${unknown[0]} is not known here, so that the code ${code} cannot be judged`;
}

/** The parts of a value set that have the code, and the code systems that would have to be known to tell. */
export async function findParts(
  contents: Contents,
  { system, code, version }: Coding & { code: string },
): Promise<{ readonly found: readonly Part[]; readonly unknown: readonly string[] }> {
  const found: Part[] = [];
  const unknown: string[] = [];
  for (const part of contents) {
    if (system !== undefined && part.system !== system) continue;
    const partVersion = part.content?.version ?? part.version;
    if (version !== undefined && partVersion !== undefined && version !== partVersion) continue;
    const isIn = await isMember(part, code);
    if (isIn === undefined) unknown.push(part.system);
    else if (isIn) found.push(part);
  }
  return { found, unknown };
}

/** Undefined where the system would have to be known for the answer. */
async function isMember({ content, set }: Part, code: string): Promise<boolean | undefined> {
  if (content !== undefined) {
    // A fragment does not tell which codes the system has: https://hl7.org/fhir/R4/valueset-codesystem-content-mode.html
    if (set.kind === 'all' && isOpen(content)) return true;
    return (await content.members(set, [code])).has(code);
  }
  let isUnknown = false;
  const isIn = contains(set, code, (leaf) => {
    isUnknown ||= leaf.kind === 'all';
    return true;
  });
  return isIn && isUnknown ? undefined : isIn;
}

const isOpen = ({ content }: CodeSystemContent): boolean => content === 'fragment' || content === 'example';

async function judge(
  coding: Coding,
  content: CodeSystemContent | undefined,
  query: CodeQuery,
  part?: Part,
): Promise<Verdict> {
  const { code = '', version } = coding;
  const about = { system: content?.url ?? coding.system, code, version: content?.version ?? part?.version };
  if (code === '') return refused(coding, 'The coding has no code');
  if (content !== undefined && version !== undefined && content.version !== version)
    return refused(
      coding,
      `Version ${version} of ${content.url} is not known here, only ${content.version ?? 'one without a version'}`,
    );
  const known = (await content?.find([code]))?.get(code);
  const named = part?.named.get(code);
  if (known === undefined && content !== undefined) {
    if (!isOpen(content)) return refused(coding, `The code ${code} is not in the code system ${content.url}`);
    const message = `Of the code system ${content.url} only a part is known here, in which there is no code ${code}`;
    return { ...about, result: true, message };
  }
  const concept = known === undefined ? onlyNamed(code, named) : asNamed(known, named);
  return { ...about, ...describe(concept, coding, query) };
}

function describe(concept: Concept, coding: Coding, query: CodeQuery): Verdict {
  const display = displayIn(concept, languagesOf(query.displayLanguage));
  const shownAs = display === undefined ? {} : { display };
  if (query.abstract === false && concept.abstract)
    return {
      ...shownAs,
      result: false,
      message: `The code ${concept.code} is there to group others and not to be used`,
    };
  if (coding.display !== undefined && display !== undefined && !isCalled(concept, coding.display))
    return {
      ...shownAs,
      result: false,
      message: `The display of ${concept.code} is "${display}", not the one that was given`,
    };
  return {
    ...shownAs,
    result: true,
    ...(concept.inactive && { message: `The code ${concept.code} is inactive` }),
  };
}

const shown = ({ system, code }: Coding): string =>
  system === undefined ? `${code} without a system` : `${system}|${code}`;

const refused = ({ system, code, version }: Coding, message: string): Verdict => ({
  result: false,
  message,
  system,
  code,
  version,
});

/** The first that is valid; otherwise all that is wrong. */
async function best(
  { codings }: CodeQuery,
  judgeOne: (coding: Coding) => Promise<Verdict>,
): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const coding of codings) {
    const verdict = await judgeOne(coding);
    if (verdict.result) return verdict;
    verdicts.push(verdict);
  }
  const [first] = verdicts;
  if (first === undefined) return { result: false, message: 'There is no coding' };
  return { ...first, message: verdicts.map(({ message }) => message).join('; ') };
}

/** `code`, `system` and `version` are R5's, which clients of R4 have come to expect. */
export function verdictParameters(verdict: Verdict, codeableConcept?: CodeableConcept): Parameters {
  const { result, message, display, system, code, version } = verdict;
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'result', valueBoolean: result },
      ...(message === undefined ? [] : [{ name: 'message', valueString: message }]),
      ...(display === undefined ? [] : [{ name: 'display', valueString: display }]),
      ...(code === undefined ? [] : [{ name: 'code', valueCode: code }]),
      ...(system === undefined ? [] : [{ name: 'system', valueUri: system }]),
      ...(version === undefined ? [] : [{ name: 'version', valueString: version }]),
      ...(codeableConcept === undefined ? [] : [{ name: 'codeableConcept', valueCodeableConcept: codeableConcept }]), // prettier-ignore
    ],
  };
}
