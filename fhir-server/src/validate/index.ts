/** The face of validate. */
export { prepareValidator, validateResource } from './validate-resource.ts';
