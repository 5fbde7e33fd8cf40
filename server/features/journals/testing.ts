/** A group with learners and lessons, for the tests of journals. */
import { db, toJson } from '../../core/db/index.ts'
import {
  makeCohort,
  makeEnrolment,
  makeGroup,
  makeLesson,
  makeMember,
  makeModule,
  makeOffering,
  makePerson,
  makeProgramme,
  makeTopic,
  makeUser,
} from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

export type Class = { cohort: number; module: number; group: number; enrolments: number[]; lessons: number[] }

/** So many learners and so many lessons, the last of them an hour ago or later; group and cohort of their own. */
export async function makeClass(
  learners: number,
  lessons: number,
  values: { lastInDays?: number } = {},
): Promise<Class> {
  const programme = await makeProgramme()
  const credit_rule = toJson({ minAttendancePercent: 70, minMark: null })
  const module = await makeModule({ programme_id: programme, credit_rule })
  const cohort = await makeCohort({ programme_id: programme })
  const group = await makeGroup(cohort, module)
  const made: Class = { cohort, module, group, enrolments: [], lessons: [] }
  for (let n = 0; n < learners; n++) {
    const person = await makePerson({ last_name: `Ученик${String(n).padStart(3, '0')}`, login: null })
    const enrolment = await makeEnrolment(person, cohort)
    await makeMember(group, enrolment)
    made.enrolments.push(enrolment)
  }
  const last = values.lastInDays ?? -1
  for (let n = lessons - 1; n >= 0; n--) made.lessons.push(await makeLesson(group, last - n, { title: `Занятие ${n}` }))
  return made
}

/** An elective topic that only these learners have in their route, with a lesson. */
export async function makeElective(from: Class, chosenBy: number[], inDays = -1): Promise<number> {
  const topic = await makeTopic({ module_id: from.module })
  const offering = await makeOffering(from.group, topic)
  for (const enrolment of chosenBy) {
    const at = '2026-01-01 00:00:00.000'
    const route = { enrolment_id: enrolment, state: 'approved', created_at: at, updated_at: at }
    const [id] = await db()('learning_routes').insert(route)
    const choice = { route_id: id, offering_id: offering, topic_id: topic, in_draft: 1, in_force: 1, created_at: at }
    await db()('route_choices').insert(choice)
  }
  return makeLesson(from.group, inDays, { offering_id: offering, topic_id: topic })
}

export const makeInstructor = (login: string, group: number): Promise<number> =>
  makeUser(login, 'instructor', { type: 'group', id: group })

/** A change of a cell as the grid sends it. */
export const change = (lessonId: number, enrolmentId: number, values: object = {}) => ({
  ...{ lessonId, enrolmentId, version: 0, attendance: 'present', mark: null, comment: '' },
  ...values,
})

export type Saved = {
  saved: { lessonId: number; enrolmentId: number; version: number; attendance: string; by: string }[]
  conflicts: { version: number; attendance: string; mark: number | null; comment: string; by: string }[]
  refused: { reason: string }[]
  totals: Record<string, { percent: number | null; behind: object[] }>
}

/** Saves cells as the grid does. */
export async function save(client: TestClient, group: number, ...cells: object[]): Promise<Saved & { status: number }> {
  const answer = await client.postJson(`/journals/${group}/cells`, { cells })
  return { status: answer.status, ...answer.json<Saved>() }
}
