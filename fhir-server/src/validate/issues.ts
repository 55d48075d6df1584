/** ajv's errors → issues with FHIRPath expressions and words that a person can act on. */
import type { ErrorObject } from 'ajv';
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { issue } from '../fhir/outcome.ts';
import type { Fault } from './keywords.ts';

/** `/name/0/_given` below Patient → `Patient.name[0].given`. */
export function expressionOf(root: string, instancePath: string): string {
  let expression = root;
  for (const raw of instancePath.split('/').slice(1)) {
    const segment = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (/^\d+$/.test(segment)) expression += `[${segment}]`;
    else
      expression += `.${segment
        .replace(/^_/, '')
        .replace(/[^\x20-\x7e]/g, '?')
        .slice(0, 64)}`;
  }
  return expression;
}

const NAMES: Readonly<Record<string, string>> = { object: 'an object', array: 'an array', null: 'null' };

export function toIssues(root: string, error: ErrorObject): OperationOutcomeIssue[] {
  const at = expressionOf(root, error.instancePath);
  const params = error.params as Record<string, unknown>;
  if ('fault' in params) return faultIssues(params['fault'] as Fault, at);
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty'])
        .replace(/[^\x20-\x7e]/g, '?')
        .slice(0, 64);
      return [issue('structure', `There is no element ${name} here`, `${at}.${name}`)];
    }
    case 'type':
      // Of the two branches of a nullable array item only the one that is no null has something to say.
      if (params['type'] === 'null') return [];
      return [
        issue('structure', `This must be ${NAMES[String(params['type'])] ?? String(params['type'])}`, at),
      ];
    case 'minItems':
      return [issue('structure', 'An array may not be empty; leave the element out', at)];
    case 'maxItems':
      return [issue('structure', `At most ${String(params['limit'])} are allowed`, at)];
    case 'minProperties':
      return [issue('structure', 'An object may not be empty; leave the element out', at)];
    case 'anyOf':
      return [];
    default:
      return [issue('structure', `This is not valid: ${error.message ?? error.keyword}`, at)];
  }
}

function faultIssues(fault: Fault, at: string): OperationOutcomeIssue[] {
  if (fault.nested === undefined)
    return [issue(fault.code, fault.text, fault.member === undefined ? at : `${at}.${fault.member}`)];
  return fault.nested.map((inner) => ({
    ...inner,
    expression: (inner.expression ?? ['']).map((e) => e.replace(/^[A-Za-z]*/, at)),
  }));
}
