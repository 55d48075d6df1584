/** The face of validate. */
export {
  type CodeTest,
  type CompiledProfile,
  DefinitionError,
  dependenciesOf,
  ProfileSet,
  snapshotOf,
} from './profile/index.ts';
export { bindingText, type Coded, type OpenBinding, SEVERITY } from './binding.ts';
export type { ExtensionLookup } from './extension-rule.ts';
export {
  prepareValidator,
  validate,
  type ValidateOptions,
  validateResource,
  type Validation,
} from './validate-resource.ts';
