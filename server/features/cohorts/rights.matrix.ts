import { makeEnrolment, makeGrant, makeGroup, makePerson } from '../../testing/builders.ts'
import type { MatrixRow } from '../../testing/matrix.ts'
import type { Half } from '../../testing/world.ts'

const SEERS = ['instructor', 'methodist', 'administrator'] as const
const EDITORS = ['methodist', 'administrator'] as const

const dates = {
  title: 'Поток',
  startsOn: '2026-09-01',
  endsOn: '2027-05-31',
  routeOpensOn: '',
  routeClosesOn: '',
  learnersFrom: '',
  directorsFrom: '',
  capacity: '',
}
const times = { date: '2027-02-01', startsAt: '15:00', endsAt: '16:30', place: '', link: '' }
const version = 1

const cohort = (half: Half, rest = '') => `/cohorts/${half.cohort}${rest}`
const group = (half: Half, rest = '') => cohort(half, `/groups/${half.group}${rest}`)
const offering = (half: Half, rest = '') => cohort(half, `/offerings/${half.offering}${rest}`)
const lesson = (half: Half, rest = '') => cohort(half, `/lessons/${half.lesson}${rest}`)

/** Somebody of the cohort, so that whoever may edit it sees them; nobody of whom other rows speak. */
async function someLearner(half: Half): Promise<number> {
  const person = await makePerson({ login: null })
  await makeEnrolment(person, half.cohort)
  return person
}

/** Somebody who teaches the group, so that there is someone to remove. */
async function withTeacher(half: Half): Promise<number> {
  const person = await makePerson({ login: null })
  await makeGrant(
    person,
    'instructor',
    { type: 'group', id: half.group },
    { source: 'teaching', source_id: half.group },
  )
  return person
}
let teacher = 0

const rows: MatrixRow[] = [
  { route: 'GET /cohorts', path: '/cohorts', may: SEERS },
  { route: 'GET /cohorts/new', path: '/cohorts/new', may: EDITORS },
  {
    // A cohort is opened in a programme: whoever has no rights in it is refused by the service.
    route: 'POST /cohorts',
    path: (half) => `/cohorts?in=${half.programme}`,
    body: (half) => ({ ...dates, programmeId: half.programme, groupsPerModule: 1 }),
    may: EDITORS,
  },
  { route: 'GET /cohorts/:id', path: (half) => cohort(half), may: SEERS },
  { route: 'GET /cohorts/:id/edit', path: (half) => cohort(half, '/edit'), may: EDITORS },
  { route: 'POST /cohorts/:id', path: (half) => cohort(half), body: () => ({ ...dates, version }), may: EDITORS },
  {
    route: 'POST /cohorts/:id/state',
    path: (half) => cohort(half, '/state'),
    body: () => ({ state: 'running', version }),
    may: EDITORS,
  },
  { route: 'GET /cohorts/:id/history', path: (half) => cohort(half, '/history'), may: EDITORS },
  { route: 'GET /cohorts/:id/groups', path: (half) => cohort(half, '/groups'), may: SEERS },
  {
    route: 'POST /cohorts/:id/groups',
    path: (half) => cohort(half, '/groups'),
    body: (half) => ({ moduleId: half.module, name: 'Ещё одна', capacity: '' }),
    may: EDITORS,
  },
  { route: 'GET /cohorts/:id/groups/:groupId', path: (half) => group(half), may: SEERS },
  {
    route: 'POST /cohorts/:id/groups/:groupId',
    path: (half) => group(half),
    body: () => ({ name: 'Новое имя', capacity: '', version }),
    may: EDITORS,
  },
  {
    route: 'POST /cohorts/:id/groups/:groupId/archive',
    path: async (half) => cohort(half, `/groups/${await makeGroup(half.cohort, half.module)}/archive`),
    body: () => ({ version, archived: 1 }),
    may: EDITORS,
  },
  {
    route: 'POST /cohorts/:id/groups/:groupId/instructors',
    path: async (half) => {
      teacher = await someLearner(half)
      return group(half, '/instructors')
    },
    body: () => ({ people: `#${teacher}` }),
    may: EDITORS,
  },
  {
    route: 'POST /cohorts/:id/groups/:groupId/instructors/remove',
    path: async (half) => {
      teacher = await withTeacher(half)
      return group(half, '/instructors/remove')
    },
    body: () => ({ personId: teacher }),
    may: EDITORS,
  },
  { route: 'GET /cohorts/:id/timetable', path: (half) => cohort(half, '/timetable'), may: SEERS },
  { route: 'GET /cohorts/:id/timetable/new', path: (half) => cohort(half, '/timetable/new'), may: EDITORS },
  {
    route: 'POST /cohorts/:id/timetable',
    path: (half) => cohort(half, '/timetable'),
    body: () => ({ weekdays: ['2'], time: '15:00', hoursPerLesson: 4, holidays: '' }),
    may: EDITORS,
  },
  { route: 'GET /cohorts/:id/offerings', path: (half) => cohort(half, '/offerings'), may: SEERS },
  { route: 'GET /cohorts/:id/offerings/:offeringId', path: (half) => offering(half), may: EDITORS },
  {
    route: 'POST /cohorts/:id/offerings/:offeringId',
    path: (half) => offering(half),
    body: () => ({ capacity: 20, place: '', link: '', version }),
    may: EDITORS,
  },
  {
    route: 'POST /cohorts/:id/offerings/:offeringId/cancel',
    path: (half) => offering(half, '/cancel'),
    body: () => ({ version }),
    may: EDITORS,
  },
  {
    route: 'POST /cohorts/:id/offerings/:offeringId/lessons',
    path: (half) => offering(half, '/lessons'),
    body: () => times,
    may: EDITORS,
  },
  { route: 'GET /cohorts/:id/lessons/:lessonId', path: (half) => lesson(half), may: EDITORS },
  {
    route: 'POST /cohorts/:id/lessons/:lessonId',
    path: (half) => lesson(half),
    body: () => ({ ...times, version }),
    may: EDITORS,
  },
  {
    route: 'POST /cohorts/:id/lessons/:lessonId/cancel',
    path: (half) => lesson(half, '/cancel'),
    body: () => ({ version }),
    may: EDITORS,
  },
]
export default rows
