import { makeEnrolment, makePerson } from '../../testing/builders.ts'
import type { MatrixRow } from '../../testing/matrix.ts'
import type { Half } from '../../testing/world.ts'

const SEERS = ['instructor', 'methodist', 'administrator'] as const
const EDITORS = ['methodist', 'administrator'] as const

const cohort = (half: Half, rest: string) => `/cohorts/${half.cohort}${rest}`

let extra = 0

const rows: MatrixRow[] = [
  { route: 'GET /cohorts/:id/people', path: (half) => cohort(half, '/people'), may: SEERS },
  { route: 'GET /cohorts/:id/people/export', path: (half) => cohort(half, '/people/export'), may: SEERS },
  {
    route: 'POST /cohorts/:id/people/bulk',
    path: (half) => cohort(half, '/people/bulk'),
    body: (half) => ({ action: 'suspend', ids: half.enrolment }),
    may: EDITORS,
  },
  {
    route: 'GET /cohorts/:id/people/change',
    path: (half) => cohort(half, `/people/change?action=suspend&ids=${half.enrolment}`),
    may: EDITORS,
  },
  {
    route: 'POST /cohorts/:id/people/change',
    // Of their own: what is suspended here must not be missing in other rows.
    path: async (half) => {
      extra = await makeEnrolment(await makePerson({ login: null }), half.cohort)
      return cohort(half, '/people/change')
    },
    body: () => ({ action: 'suspend', ids: extra }),
    may: EDITORS,
  },
  {
    route: 'GET /cohorts/:id/people/:enrolmentId',
    path: (half) => cohort(half, `/people/${half.enrolment}`),
    may: SEERS,
  },
  {
    route: 'POST /cohorts/:id/people/:enrolmentId/groups',
    path: (half) => cohort(half, `/people/${half.enrolment}/groups`),
    body: (half) => ({ groups: { [`m${half.module}`]: half.group }, version: 1 }),
    may: EDITORS,
  },
  {
    route: 'GET /cohorts/:id/people/:enrolmentId/dates',
    path: (half) => cohort(half, `/people/${half.enrolment}/dates`),
    may: EDITORS,
  },
  {
    route: 'POST /cohorts/:id/people/:enrolmentId/dates',
    path: (half) => cohort(half, `/people/${half.enrolment}/dates`),
    body: () => ({ enrolledOn: '2026-09-01', endedOn: '', version: 1 }),
    may: EDITORS,
  },
  { route: 'GET /cohorts/:id/enrol', path: (half) => cohort(half, '/enrol'), may: EDITORS },
  {
    route: 'POST /cohorts/:id/enrol',
    path: (half) => cohort(half, '/enrol'),
    body: (half) => ({ ids: half.person }),
    may: EDITORS,
  },
  { route: 'GET /cohorts/:id/enrol/list', path: (half) => cohort(half, '/enrol/list'), may: EDITORS },
  {
    route: 'POST /cohorts/:id/enrol/list',
    path: (half) => cohort(half, '/enrol/list'),
    body: () => ({ text: 'Тестова Анна' }),
    may: EDITORS,
  },
]
export default rows
