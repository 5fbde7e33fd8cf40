import { toJson } from '../../core/db/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { addDays } from '../../core/time.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGroup,
  makeMember,
  makeMilestone,
  makeModule,
  makeOrganisation,
  makePerson,
  makeProgramme,
  makeUser,
} from '../../testing/builders.ts'

/** Today where the authority is, which late in the evening is not today in UTC. */
export const TODAY = (): string => authorityToday()

const title = (ru: string) => ({ title: toJson({ ru, en: `${ru} (en)` }) })

/**
 * For tests: a cohort that began thirty days ago, two schools with a director and a learner each, and a milestone of each
 * manner. Logins: `learner` (of the first school), `methodist`, `instructor` (of the module), `director`, `otherDirector`.
 */
export async function makeTrackingStage() {
  const programme = await makeProgramme()
  const module = await makeModule({ programme_id: programme })
  const cohort = await makeCohort({ programme_id: programme, title: 'Поток осени' })
  const group = await makeGroup(cohort, module)
  const schools = [
    await makeOrganisation({ name: 'Первая школа' }),
    await makeOrganisation({ name: 'Вторая школа' }),
  ] as const
  const anna = await makePerson({ login: 'learner', last_name: 'Аннина', first_name: 'Анна', middle_name: 'Ивановна' })
  const boris = await makePerson({ login: 'learner2', last_name: 'Борисов', first_name: 'Борис', middle_name: null })
  const employments = [await makeEmployment(anna, schools[0]), await makeEmployment(boris, schools[1])] as const
  const enrolments = [await makeEnrolment(anna, cohort), await makeEnrolment(boris, cohort)] as const
  for (const enrolment of enrolments) await makeMember(group, enrolment)
  const milestone = (kind: string, values: Record<string, unknown>) =>
    makeMilestone({ programme_id: programme, kind, ...values })
  const milestones = {
    questionnaire: await milestone('questionnaire', { ...title('Входная анкета'), due_day_offset: 5 }),
    route: await milestone('route', { ...title('Маршрут построен'), due_day_offset: 14 }),
    credit: await milestone('module_credit', { ...title('Зачёт по модулю'), module_id: module, due_day_offset: 60 }),
    actions: await milestone('counted_participation', { ...title('Три акции'), required_count: 3, due_day_offset: 90 }),
    lesson: await milestone('reviewed_lesson', { ...title('Открытый урок'), due_day_offset: 100 }),
    ofModule: await milestone('manual', { ...title('Работа по модулю'), module_id: module }),
    optional: await milestone('manual', { ...title('По желанию'), is_required: 0 }),
  }
  await makeUser('methodist', 'methodist', { type: 'programme', id: programme })
  await makeUser('instructor', 'instructor', { type: 'module', id: module })
  await makeUser('director', 'director', { type: 'organisation', id: schools[0] })
  await makeUser('otherDirector', 'director', { type: 'organisation', id: schools[1] })
  await makeUser('administrator', 'administrator')
  return {
    programme,
    module,
    cohort,
    group,
    schools,
    people: [anna, boris] as const,
    employments,
    enrolments,
    milestones,
  }
}

export type TrackingStage = Awaited<ReturnType<typeof makeTrackingStage>>

/** Adds learners to the cohort of a stage. @returns their enrolments */
export async function addLearners(stage: TrackingStage, count: number): Promise<number[]> {
  const ids: number[] = []
  for (let number = 0; number < count; number++) {
    const person = await makePerson({ login: null, last_name: `Ученица${number}` })
    await makeEmployment(person, stage.schools[0])
    const enrolment = await makeEnrolment(person, stage.cohort)
    await makeMember(stage.group, enrolment)
    ids.push(enrolment)
  }
  return ids
}

export const daysAgo = (days: number): string => addDays(TODAY(), -days)
