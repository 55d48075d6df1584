/** Whether codes are in value sets that are not in memory. https://hl7.org/fhir/R4/terminologies.html#strength */
import { type Binding, Bindings, type BindingVerdict } from '../terminology/index.ts';
import type { Server } from './server.ts';
import { serverTerminology } from './terminology-source.ts';

const bindingsBy = new WeakMap<Server, Bindings>();

/** Verdicts are kept for a while: the same few codes come again and again. */
export function judgeBinding(server: Server, binding: Binding): Promise<BindingVerdict> {
  let bindings = bindingsBy.get(server);
  if (bindings === undefined) {
    bindings = new Bindings(serverTerminology(server));
    bindingsBy.set(server, bindings);
  }
  return bindings.judge(binding);
}
