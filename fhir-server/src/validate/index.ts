/** The face of validate. */
export { validateResource } from './validate-resource.ts';
