/** One validation of one resource against profiles: what is found, and what the checks need of their surroundings. */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import type { Environment } from '../../fhir/fhirpath/index.ts';
import { issue, type IssueCode } from '../../fhir/outcome.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface Coded {
  readonly system?: string;
  readonly code?: string;
}

/** A binding that memory cannot decide; `issue` holds when none of the codings is in the value set. */
export interface OpenBinding {
  readonly valueSet: string;
  readonly strength: 'required' | 'extensible';
  readonly codings: readonly Coded[];
  readonly issue: OperationOutcomeIssue;
}

export interface ProfileReport {
  /** At most a hundred, each once. */
  readonly issues: readonly OperationOutcomeIssue[];
  readonly open: readonly OpenBinding[];
}

/** What a resource is validated in. */
export interface ProfileContext {
  /** Where the resource stands: `Bundle.entry[3].resource`; its type when it stands alone. */
  readonly place?: string;
  /** The resource that contains this one; itself when nothing does. */
  readonly rootResource?: unknown;
  /** Finds what a reference leads to in the same bundle. */
  readonly resolve?: (reference: string) => unknown;
  /** Whether must-support elements that are absent are told, as information. */
  readonly reportsMustSupport?: boolean;
}

const ISSUES_MAX = 100;
const OPEN_MAX = 200;
/** Profiles that refer to each other, over resources that do. */
const DEPTH_MAX = 12;

export class Run {
  readonly issues: OperationOutcomeIssue[] = [];
  readonly open: OpenBinding[] = [];
  readonly resource: unknown;
  readonly context: ProfileContext;
  readonly #depth: number;
  readonly #seen = new Set<string>();
  #isFaulty = false;

  constructor(resource: unknown, context: ProfileContext, depth = 0) {
    this.resource = resource;
    this.context = context;
    this.#depth = depth;
    this.environment = {
      resource,
      rootResource: context.rootResource ?? resource,
      resolve: (reference) => this.resolve(reference),
    };
  }

  /** For invariants. */
  readonly environment: Environment;

  /** Whether an error was found. */
  get isFaulty(): boolean {
    return this.#isFaulty;
  }

  report(
    code: IssueCode,
    text: string,
    at: string,
    severity: OperationOutcomeIssue['severity'] = 'error',
  ): void {
    if (severity === 'error') this.#isFaulty = true;
    const key = `${at} ${text}`;
    if (this.issues.length >= ISSUES_MAX || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.issues.push(issue(code, text, at, severity));
  }

  leaveOpen(binding: OpenBinding): void {
    const key = `open ${binding.issue.expression?.[0]} ${binding.issue.diagnostics}`;
    if (this.open.length >= OPEN_MAX || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.open.push(binding);
  }

  /** A trial that reports nothing here; undefined when trials go too deep. */
  trial(resource = this.resource): Run | undefined {
    if (this.#depth >= DEPTH_MAX) return undefined;
    const { reportsMustSupport: _ignored, ...context } = this.context;
    return new Run(
      resource,
      resource === this.resource ? context : { ...context, rootResource: this.environment.rootResource },
      this.#depth + 1,
    );
  }

  adopt(trial: Run): void {
    for (const { code, diagnostics = '', expression, severity } of trial.issues)
      this.report(code, diagnostics, expression?.[0] ?? '', severity);
    for (const binding of trial.open) this.leaveOpen(binding);
  }

  /** The resource that a reference leads to here: contained, or in the same bundle. */
  resolve(reference: string): JsonObject | undefined {
    const found = reference.startsWith('#')
      ? (containedIn(this.resource, reference.slice(1)) ??
        containedIn(this.environment.rootResource, reference.slice(1)))
      : this.context.resolve?.(reference);
    return isObject(found) ? found : undefined;
  }
}

function containedIn(resource: unknown, id: string): unknown {
  const contained = isObject(resource) ? resource['contained'] : undefined;
  return Array.isArray(contained) ? contained.find((c) => isObject(c) && c['id'] === id) : undefined;
}
