/** The face of http. */
export { createDrain } from './drain.ts';
export { createHttpServer } from './limits.ts';
export { type ApiFigures, createApiMetrics } from './api-metrics.ts';
export { type Admission, createAdmission } from './admission.ts';
export { createApp, type AppOptions } from './app.ts';
export { registerReplica } from './replica-metrics.ts';
