export { find, type Hit } from './find.ts'
export {
  ofSubject,
  type SearchKind,
  type Sight,
  setSearchKinds,
  sightBy,
  subjects,
  type Wanted,
  wantedBy,
} from './kinds.ts'
export { markFound, snippetOf } from './mark.ts'
export {
  completeSearch,
  rebuildSearch,
  requestRebuild,
  searchCleanings,
  searchJobs,
  searchSubscription,
} from './rebuild.ts'
export { readSearchState } from './state.ts'
