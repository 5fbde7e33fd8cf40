import { type Actor, allows, type Scope } from '../../core/rights/index.ts'
import { type EnrolmentPlaces, enrolmentPolicy } from '../progress/places.ts'

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

/** Whether the actor sees the evidence: the learner, who decides on it, the learner's director, and staff with the right. */
export const maySeeEvidence = (actor: Actor, milestone: MilestonePlaces): boolean => {
  const { places } = milestone
  if (isOwn(actor, places) || mayConfirm(actor, milestone)) return true
  const employers: Scope[] = places.organisationIds.map((id) => ({ type: 'organisation', id }))
  return allows(actor, 'tracking.evidence', [
    { type: 'cohort', id: places.cohortId },
    { type: 'programme', id: places.programmeId },
    ...employers,
  ])
}

/** What staff write to the learner (why it came back, why it was waived) stays between them: employers do not read it. */
export const mayReadComments = (actor: Actor, milestone: MilestonePlaces): boolean => {
  const { places } = milestone
  if (isOwn(actor, places) || mayConfirm(actor, milestone)) return true
  return allows(actor, 'tracking.view', [
    { type: 'cohort', id: places.cohortId },
    { type: 'programme', id: places.programmeId },
  ])
}
