/** A SMART session, calls with its token, and RTK Query on top; nothing here needs React. */
export { ApiError, faultOf, faultText, issuesOf, type ApiFault, type ApiIssue } from './api-error.ts';
export { baseQuery, matchesOf, nextPageOf, resourcesOf, type Work } from './base-query.ts';
export { call, callJson, holdTokensOf, type Call, type Sent, type TokenHolder } from './call.ts';
export { logInAgain } from './log-in-again.ts';
export { launchFromEhr, openSession, type PatientSession, type Session, type SmartApp } from './session.ts';
