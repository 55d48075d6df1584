/** What the caller gets of a stored resource, and what he may search by: without the elements that his policy hides. */
import { elementTest, type Principal, redact, tellsHidden } from '../access/index.ts';
import type { HiddenTest } from '../search/index.ts';
import type { StoredVersion } from '../storage/index.ts';
import type { Request } from './server.ts';

type Caller = Pick<Request, 'principal'>;

/** Whatever leaves the server of a stored resource comes through here, after the decision on the resource itself. */
export const disclose = ({ principal }: Caller, resourceType: string, content: string): string =>
  redact(principal.policy, resourceType, content);

export const discloseVersion = (
  caller: Caller,
  resourceType: string,
  version: StoredVersion,
): StoredVersion =>
  caller.principal.policy.elements === undefined || version.deleted
    ? version
    : { ...version, content: disclose(caller, resourceType, version.content) };

/** Searches that would tell of hidden elements; undefined where there are none. */
export function hiddenTest({ policy }: Principal): { readonly isHidden?: HiddenTest } {
  if (policy.elements === undefined) return {};
  return {
    isHidden: (resourceType, parameter) =>
      parameter === 'words'
        ? (elementTest(policy, resourceType)?.hidden.length ?? 0) > 0
        : tellsHidden(policy, resourceType, parameter),
  };
}
