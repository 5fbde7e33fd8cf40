import type { Knex } from 'knex'
import type { Scope } from '../../core/rights/index.ts'
import { definePolicy } from '../../core/rights/policy.ts'
import { type VisibilitySwitch, whereShown } from '../../core/visibility.ts'
import { presentEmployments, presentMemberships } from '../progress/places.ts'

export const ROUTE_TO_EMPLOYERS = 'learning-routes.visibility.employers'

/** What an administrator regulates. */
export const routeVisibility: Record<string, VisibilitySwitch> = {
  [ROUTE_TO_EMPLOYERS]: { audience: 'employers', shown: true },
}

/** Everything that a learning route lies in. Loaded with its head, so that checks need no query. */
export interface RoutePlaces {
  personId: number
  cohortId: number
  programmeId: number
  groupIds: number[]
  moduleIds: number[]
  /** Of the present employments, with all organisations above them. Empty until directors are let in, and where they may not see routes. */
  organisationIds: number[]
  departmentIds: number[]
  /** Direct managers. */
  managerIds: number[]
}

type RouteAction = 'view' | 'edit' | 'approve'

const scopes = (type: Scope['type'], ids: readonly number[]): Scope[] => ids.map((id) => ({ type, id }))

/**
 * Who may see, build and approve a route: its author (the implicit role of everyone signed in), staff of its programme,
 * cohort, module or group, and — once the cohort lets them in — those who employ the author today.
 * @param date today's civil date: employment counts only while it lasts
 */
export const routePolicy = (date: string) =>
  definePolicy<RoutePlaces, RouteAction>({
    scopes: (route) => [
      { type: 'person', id: route.personId },
      { type: 'cohort', id: route.cohortId },
      { type: 'programme', id: route.programmeId },
      ...scopes('group', route.groupIds),
      ...scopes('module', route.moduleIds),
      ...scopes('organisation', route.organisationIds),
      ...scopes('department', route.departmentIds),
      ...scopes('reports', route.managerIds),
    ],
    actions: { view: ['routes.view', 'routes.edit', 'routes.approve'], edit: 'routes.edit', approve: 'routes.approve' },
    reached: {
      person: 'e.person_id',
      cohort: 'e.cohort_id',
      programme: 'c.programme_id',
      group: (either, ids) => void either.orWhereIn('e.id', memberships(date).whereIn('gm.group_id', ids)),
      module: (either, ids) => void either.orWhereIn('e.id', memberships(date).whereIn('g.module_id', ids)),
      organisation: (either, ids) =>
        void either.orWhere((employer) => {
          const employed = employments(date).whereIn('emp.organisation_id', ids)
          void employer.whereIn('e.person_id', employed).modify(directorsAreIn(date))
        }),
      department: (either, ids) =>
        void either.orWhere((employer) => {
          const employed = employments(date).whereIn('emp.department_id', ids)
          void employer.whereIn('e.person_id', employed).modify(directorsAreIn(date))
        }),
      reports: (either, ids) =>
        void either.orWhere((employer) => {
          const employed = employments(date).whereIn('emp.manager_id', ids)
          void employer.whereIn('e.person_id', employed).modify(directorsAreIn(date))
        }),
    },
  })

const memberships = (date: string) => presentMemberships(date).select('gm.enrolment_id')

const employments = (date: string) => presentEmployments(date).select('emp.person_id')

const directorsAreIn = (date: string) => (query: Knex.QueryBuilder) =>
  void query
    .modify(whereShown(ROUTE_TO_EMPLOYERS, 'e.cohort_id'))
    .where((open) => open.whereNull('c.directors_from').orWhere('c.directors_from', '<=', date))
