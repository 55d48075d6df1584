/** A fault that another attempt would meet again; its message is shown to the clinician in the Task. */
export { PermanentFault } from '../../sdk/index.ts';
