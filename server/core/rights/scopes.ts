/**
 * Where a grant may hold. `person` is oneself (every signed-in person has the implicit role "everyone" there) and
 * `reports` are the people whose direct manager one is (the implicit role "manager"): both follow from data, not a switch.
 */
export const SCOPE_TYPES = [
  'authority',
  'organisation',
  'department',
  'programme',
  'module',
  'cohort',
  'group',
  'person',
  'reports',
] as const

export type ScopeType = (typeof SCOPE_TYPES)[number]
