import { makeLesson } from '../../testing/builders.ts'
import type { MatrixRow } from '../../testing/matrix.ts'
import type { Half } from '../../testing/world.ts'

const readers = ['instructor', 'methodist', 'administrator'] as const
const writers = ['instructor', 'administrator'] as const

const group = (rest: string) => (half: Half) => `/journals/${half.group}${rest}`
const lesson = (rest: string) => (half: Half) => `/journals/${half.group}/lessons/${half.lesson}${rest}`
/** A lesson of its own for each who asks: one that is changed is stale for the next. */
const newLesson = (rest: string) => async (half: Half) =>
  `/journals/${half.group}/lessons/${await makeLesson(half.group, 9)}${rest}`

const cell = (half: Half) => ({
  ...{ lessonId: half.lesson, enrolmentId: half.enrolment, version: 0 },
  ...{ attendance: 'present', mark: null, comment: '' },
})
const planned = (half: Half) => ({
  ...{ topicId: half.topic, date: new Date().toISOString().slice(0, 10), startsAt: '10:00', endsAt: '11:00' },
  ...{ anyway: 'on', version: 1 },
})

const rows: MatrixRow[] = [
  { route: 'GET /journals', path: '/journals', may: readers },
  { route: 'GET /journals/export', path: '/journals/export', may: readers },
  { route: 'GET /journals/:groupId', path: group(''), may: readers },
  { route: 'GET /journals/:groupId/cells', path: group('/cells'), may: readers },
  {
    route: 'POST /journals/:groupId/cells',
    path: group('/cells'),
    // As a form would send a list.
    body: (half) => ({ cells: { 0: cell(half) } }),
    may: writers,
  },
  {
    route: 'GET /journals/:groupId/history',
    path: (half) => `/journals/${half.group}/history?lesson=${half.lesson}&enrolment=${half.enrolment}`,
    may: readers,
  },
  {
    route: 'GET /journals/:groupId/learners/:enrolmentId',
    path: (half) => `/journals/${half.group}/learners/${half.enrolment}`,
    may: readers,
  },
  { route: 'GET /journals/:groupId/export', path: group('/export?format=csv'), may: readers },
  { route: 'GET /journals/:groupId/print', path: group('/print'), may: readers },
  { route: 'GET /journals/:groupId/lessons', path: group('/lessons'), may: readers },
  { route: 'GET /journals/:groupId/lessons/new', path: group('/lessons/new'), may: readers },
  { route: 'POST /journals/:groupId/lessons', path: group('/lessons'), body: planned, may: readers },
  { route: 'GET /journals/:groupId/lessons/:lessonId', path: lesson(''), may: readers },
  {
    route: 'POST /journals/:groupId/lessons/:lessonId',
    path: lesson(''),
    body: (half) => ({ cells: { [`e${half.enrolment}`]: { version: 0, before: '["",null,""]' } } }),
    may: writers,
  },
  { route: 'GET /journals/:groupId/lessons/:lessonId/edit', path: lesson('/edit'), may: readers },
  {
    route: 'POST /journals/:groupId/lessons/:lessonId/edit',
    path: newLesson('/edit'),
    body: planned,
    may: readers,
  },
  {
    route: 'POST /journals/:groupId/lessons/:lessonId/cancel',
    path: newLesson('/cancel'),
    body: () => ({ version: 1 }),
    may: readers,
  },
  {
    route: 'POST /journals/:groupId/lessons/:lessonId/restore',
    path: newLesson('/restore'),
    body: () => ({ version: 1 }),
    may: readers,
  },
  { route: 'GET /journals/:groupId/credits', path: group('/credits'), may: readers },
  {
    route: 'POST /journals/:groupId/credits',
    path: group('/credits'),
    body: (half) => ({ enrolments: [half.enrolment], state: 'none' }),
    may: writers,
  },
]
export default rows
