/** The code stage by the clinic's own FHIR server, whose code systems are asked. */
import type { CodeProvider } from '../stages.ts';
import { codeByTerminology, type AskTerminology } from './code-by-terminology.ts';

/** `ask` must stop when the signal aborts, and throw ProviderFault when the server gives no answer. */
export const terminologyCodeProvider = (
  ask: (parameters: Parameters<AskTerminology>[0], signal: AbortSignal) => ReturnType<AskTerminology>,
): CodeProvider => ({
  name: 'FHIR terminology service',
  version: 'R4',
  party: 'clinic',
  refusal: () => undefined,
  run: async ({ entities }, signal) => ({
    output: await codeByTerminology(entities, (parameters) => ask(parameters, signal)),
  }),
});
