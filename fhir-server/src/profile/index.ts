/** Profiles that are stored here, as validators. */
export { followProfiles, type ProfileFollower } from './follow.ts';
export { createProfileStore } from './profile-store.ts';
export { StoredProfiles, type ProfileStore } from './stored-profiles.ts';
export { createStructureDefinitionRule } from './structure-definition-rule.ts';
