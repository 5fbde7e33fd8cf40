import { db } from '../../core/db/index.ts'
import { type Actor, allows, reachOf, type Scope } from '../../core/rights/index.ts'
import { isShown, type VisibilitySwitch } from '../../core/visibility.ts'
import { type EnrolmentPlaces, employerScopes, enrolmentPolicy, trainingScopes } from '../progress/places.ts'

const COMMENTS = 'tracking.visibility.comments'
export const EVIDENCE_TO_EMPLOYERS = 'tracking.visibility.evidence'
const OTHER_MODULES = 'tracking.visibility.otherModules'

/** What an administrator regulates. */
export const trackingVisibility: Record<string, VisibilitySwitch> = {
  [EVIDENCE_TO_EMPLOYERS]: { audience: 'employers', shown: true },
  [COMMENTS]: { audience: 'employers', shown: false },
  [OTHER_MODULES]: { audience: 'instructors', shown: true },
}

/** Seeing a learner's tracking journal: staff of the training, and the employer once directors are let in. */
export const trackingPolicy = (date: string) =>
  enrolmentPolicy<'view' | 'write'>({ view: 'tracking.view', write: 'tracking.letter' }, date)

/** What confirming one milestone needs to know: the learner's places and the module that the milestone is of. */
export type MilestonePlaces = { places: EnrolmentPlaces; moduleId: number | null }

/**
 * Where a milestone of a learner lies for those who decide on it: the programme and the cohort, and for a milestone of a
 * module that module and the learner's group in it. An instructor decides on their own module and on nothing else.
 */
function decidingScopes({ places, moduleId }: MilestonePlaces): Scope[] {
  const scopes: Scope[] = [
    { type: 'cohort', id: places.cohortId },
    { type: 'programme', id: places.programmeId },
  ]
  const groups = places.groups.filter((group) => group.moduleId === moduleId)
  if (!groups.length) return scopes
  return [
    ...scopes,
    { type: 'module', id: groups[0]?.moduleId as number },
    ...groups.map((group): Scope => ({ type: 'group', id: group.id })),
  ]
}

/** Whether the actor confirms, returns and waives this milestone of this learner. */
export const mayConfirm = (actor: Actor, milestone: MilestonePlaces): boolean =>
  allows(actor, 'tracking.confirm', decidingScopes(milestone))

/** Whether the learner's own: who offers evidence and takes it back. */
export const isOwn = (actor: Actor, places: EnrolmentPlaces): boolean =>
  allows(actor, 'tracking.offer', [{ type: 'person', id: places.personId }]) && actor.personId === places.personId

/** Whether the actor sees the evidence: the learner, who decides on it, staff with the right, and employers if they are let. */
export const maySeeEvidence = (actor: Actor, milestone: MilestonePlaces): boolean => {
  const { places } = milestone
  if (isOwn(actor, places) || mayConfirm(actor, milestone)) return true
  if (allows(actor, 'tracking.evidence', trainingScopes(places))) return true
  return isShown(EVIDENCE_TO_EMPLOYERS, places.cohortId) && allows(actor, 'tracking.evidence', employerScopes(places))
}

/** What staff write to the learner (why it came back, why it was waived) stays between them unless employers are let in. */
export const mayReadComments = (actor: Actor, milestone: MilestonePlaces): boolean => {
  const { places } = milestone
  if (isOwn(actor, places) || mayConfirm(actor, milestone)) return true
  if (allows(actor, 'tracking.view', trainingScopes(places))) return true
  return isShown(COMMENTS, places.cohortId) && allows(actor, 'tracking.view', employerScopes(places))
}

/**
 * Whether the actor sees milestones of this module. Who sees the learner for no other reason than teaching them sees, where
 * it is so decided, only what belongs to the modules that they teach, and what belongs to none.
 */
export const seesModule = (actor: Actor, { places, moduleId }: MilestonePlaces): boolean =>
  moduleId === null ||
  isShown(OTHER_MODULES, places.cohortId) ||
  isOwn(actor, places) ||
  allows(actor, 'tracking.view', [...decidingScopes({ places, moduleId }), ...employerScopes(places)])

/** The same for the columns of a cohort's journal: the modules that may be seen; null: all. */
export async function seenModules(
  actor: Actor,
  cohort: { id: number; programme_id: number },
): Promise<number[] | null> {
  const scopes: Scope[] = [
    { type: 'cohort', id: cohort.id },
    { type: 'programme', id: cohort.programme_id },
  ]
  if (isShown(OTHER_MODULES, cohort.id) || allows(actor, 'tracking.view', scopes)) return null
  const reach = reachOf(actor, 'tracking.view')
  const groups = reach.ids('group')
  const modules = reach.ids('module')
  // Who teaches nothing here is an employer: the other modules are not kept from them.
  if (!groups.length && !modules.length) return null
  const taught: number[] = await db()('groups').whereIn('id', groups).where('cohort_id', cohort.id).pluck('module_id')
  return [...modules, ...taught]
}
