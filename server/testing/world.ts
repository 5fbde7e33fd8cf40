import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGroup,
  makeLesson,
  makeMember,
  makeMilestone,
  makeModule,
  makeOffering,
  makeOrganisation,
  makePerson,
  makeProgramme,
  makeTopic,
  makeUser,
} from './builders.ts'

/** One half of the world: an organisation and a programme with everything in it. */
export type Half = {
  organisation: number
  person: number
  employment: number
  programme: number
  module: number
  topic: number
  milestone: number
  cohort: number
  enrolment: number
  group: number
  offering: number
  lesson: number
}

/** Who asks. `visitor` is not signed in, `stranger` is, but has no role. */
export const ROLES = [
  'visitor',
  'stranger',
  'learner',
  'instructor',
  'director',
  'manager',
  'methodist',
  'administrator',
] as const
export type Role = (typeof ROLES)[number]

/**
 * Two halves: `own` is where learner, instructor, director, manager and methodist have to do with something, `foreign` is
 * the same without them. Logins are the names of the roles.
 */
export type World = { own: Half; foreign: Half; ids: Record<Exclude<Role, 'visitor'>, number> }

async function makeHalf(learner: number, managerId: number | null): Promise<Half> {
  const organisation = await makeOrganisation()
  const employment = await makeEmployment(learner, organisation, { manager_id: managerId })
  const programme = await makeProgramme()
  const module = await makeModule({ programme_id: programme })
  const topic = await makeTopic({ module_id: module, capacity: 20 })
  const milestone = await makeMilestone({ programme_id: programme })
  const cohort = await makeCohort({ programme_id: programme })
  const enrolment = await makeEnrolment(learner, cohort)
  const group = await makeGroup(cohort, module)
  await makeMember(group, enrolment)
  const offering = await makeOffering(group, topic, { capacity: 20 })
  const lesson = await makeLesson(group, 7, { offering_id: offering, topic_id: topic })
  return {
    organisation,
    person: learner,
    employment,
    programme,
    module,
    topic,
    milestone,
    cohort,
    enrolment,
    group,
    offering,
    lesson,
  }
}

/** Builds the world of the rights matrix; also a quick start for other tests. */
export async function makeWorld(): Promise<World> {
  const manager = await makeUser('manager')
  const learner = await makeUser('learner')
  const own = await makeHalf(learner, manager)
  const foreign = await makeHalf(await makePerson({ last_name: 'Чужая' }), null)
  const ids = {
    stranger: await makeUser('stranger'),
    learner,
    manager,
    instructor: await makeUser('instructor', 'instructor', { type: 'group', id: own.group }),
    director: await makeUser('director', 'director', { type: 'organisation', id: own.organisation }),
    methodist: await makeUser('methodist', 'methodist', { type: 'programme', id: own.programme }),
    administrator: await makeUser('administrator', 'administrator'),
  }
  return { own, foreign, ids }
}
