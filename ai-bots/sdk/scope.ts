/** SMART system scopes as bots declare them, and what they allow. https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html */

/** Create, read (with vread and history), update, delete, search. */
export type Interaction = 'c' | 'r' | 'u' | 'd' | 's';

interface Scope {
  /** A resource type, or `*`. */
  readonly type: string;
  readonly interactions: string;
}

/** Undefined for what is no system scope in the form of SMART v2. A restriction by search (`?…`) is allowed and not looked into. */
export function parseScope(text: string): Scope | undefined {
  const [, type = '', interactions = ''] =
    /^system\/(\*|[A-Z][A-Za-z]+)\.(c?r?u?d?s?)(?:\?\S+)?$/.exec(text) ?? [];
  return type === '' || interactions === '' ? undefined : { type, interactions };
}

export function allows(scopes: readonly string[], interaction: Interaction, type: string): boolean {
  return scopes.some((text) => {
    const scope = parseScope(text);
    return (scope?.type === type || scope?.type === '*') && scope.interactions.includes(interaction);
  });
}
