/** Which resources refer to others, as an expression of the search. https://hl7.org/fhir/R4/search.html#revinclude */
import { resourceTypes } from '../fhir/definitions/index.ts';
import { type Expression, LINKS, or, referenceKey, type SupportedParameter } from '../search/index.ts';
import { hiddenTest } from './disclose.ts';
import type { Request } from './server.ts';

interface Target {
  readonly resourceType: string;
  readonly id: string;
}

/** The reference parameters of a type that can be searched by: one, or all for `*`. */
export function referenceParameters(
  { server, principal }: Request,
  sourceType: string,
  param: string,
): SupportedParameter[] {
  const { registry } = server;
  const { isHidden } = hiddenTest(principal);
  const all = registry
    .list(sourceType)
    .filter((p) => p.type === 'reference' && isHidden?.(sourceType, p) !== true);
  return param === '*'
    ? all.filter((p) => registry.isReady(sourceType, p.code))
    : all.filter((p) => p.code === param);
}

/** Refers by this parameter to one of the targets. */
export function referTo(
  { server: { registry } }: Request,
  sourceType: string,
  parameter: SupportedParameter,
  targets: readonly Target[],
): Expression {
  const possible = new Set(parameter.target ?? resourceTypes());
  const form = registry.form(sourceType, parameter.code);
  const codes = form.kind === 'union' ? form.of : [form.kind === 'narrowed' ? form.of : parameter.code];
  const only = form.kind === 'narrowed' ? form.target : undefined;
  const aimed = targets.filter(
    (t) => possible.has(t.resourceType) && (only ?? t.resourceType) === t.resourceType,
  );
  return or(
    ...codes.map((code) => {
      const own = registry.form(sourceType, code);
      const link = own.kind === 'own' ? own.link : undefined;
      const linked = aimed
        .filter((t) => link !== undefined && LINKS[link] === t.resourceType)
        .map((t) => t.id);
      const keys = aimed
        .filter((t) => link === undefined || LINKS[link] !== t.resourceType)
        .map((t) => referenceKey(code, `${t.resourceType}/${t.id}`));
      return or(
        ...(link !== undefined && linked.length > 0 ? [{ kind: 'link', link, ids: linked } as const] : []),
        ...(keys.length > 0 ? [{ kind: 'key', keys } as const] : []),
      );
    }),
  );
}
