/**
 * Invented people, institutions and journals for the demonstration and the city-size data set. Nothing here knows the
 * application; every function gives the same result for the same arguments.
 */
export * from './attendance.ts'
export * from './comments.ts'
export { type DemoOrganisation, makeOrganisations, type OrganisationKind } from './organisations.ts'
export * from './own-items.ts'
export { makePeople } from './people.ts'
export * from './positions.ts'
export * from './prng.ts'
