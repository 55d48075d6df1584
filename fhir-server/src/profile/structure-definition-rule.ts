/** What a StructureDefinition must pass when it is written, and how all processes learn of it. */
import type { StructureDefinition } from '@medplum/fhirtypes';
import { afterCommit } from '../db/index.ts';
import { standardStructureDefinition } from '../fhir/definitions/index.ts';
import { FhirError, issue } from '../fhir/outcome.ts';
import type { WriteRule } from '../interaction/index.ts';
import { DefinitionError, ProfileSet } from '../validate/index.ts';

/** Where a fault may go away when other definitions are stored. */
const LATER = new Set(['StructureDefinition.baseDefinition']);

/** `forget` is called in this process after the commit. */
export function createStructureDefinitionRule(
  forget: () => void,
): Required<Pick<WriteRule, 'check' | 'record'>> {
  return {
    check(resource) {
      const definition = resource as StructureDefinition;
      const fault = faultOf(definition);
      if (fault === undefined) return definition;
      throw new FhirError(422, [
        issue('business-rule', `No profile can be made of this: ${fault.message}`, fault.expression),
      ]);
    },
    async record(client) {
      await client.query('update fhir.structure_definition_change set changes = changes + 1');
      await client.query('notify structure_definition');
      afterCommit(client, forget);
    },
  };
}

/** Of a profile on what is known here; one whose base comes later is looked at when it is used. */
function faultOf(definition: StructureDefinition): DefinitionError | undefined {
  const { url, derivation, kind, snapshot, differential } = definition;
  if (derivation !== 'constraint' || kind === 'logical') return undefined;
  if (standardStructureDefinition(url)?.derivation === 'specialization')
    return new DefinitionError('the standard has a type of this url', 'StructureDefinition.url');
  if (snapshot === undefined && differential === undefined) return undefined;
  const set = new ProfileSet({
    structure: (canonical) => (canonical === url ? definition : standardStructureDefinition(canonical)),
    codes: () => undefined,
  });
  try {
    set.profile(url);
    return undefined;
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    return LATER.has(error.expression) ? undefined : error;
  }
}
