import type { Feature } from '../../core/feature.ts'
import { following } from './affected.ts'
import { progressData } from './personal-data.ts'
import { rebuildProgress } from './rebuild.ts'

/** Happenings after which somebody's sums may be different. */
const CHANGING_EVENTS = [
  ...['routeChanged', 'routeSubmitted', 'routeApproved', 'routeReturned', 'routeWithdrawn', 'routeInForce'],
  ...['journalCellsChanged', 'moduleCreditSet', 'lessonChanged'],
  ...['personEnrolled', 'enrolmentSuspended', 'enrolmentResumed', 'enrolmentWithdrawn', 'enrolmentCompleted'],
  ...['enrolmentMoved', 'cohortChanged', 'programmeChanged'],
  ...['milestoneAdded', 'milestoneChanged', 'milestoneArchived', 'milestoneDeleted', 'milestoneRestored'],
  ...['milestonesReordered'],
  ...['moduleAdded', 'moduleArchived', 'moduleDeleted', 'moduleRestored', 'topicChanged'],
  ...['milestoneOffered', 'milestoneConfirmed', 'milestoneReturned', 'milestoneWaived', 'milestoneReopened'],
  ...['milestoneTicked', 'milestoneUnticked', 'milestoneFollowed', 'milestoneEvidenceWithdrawn'],
] as const

const REBUILD = 'progress.rebuild'

/** Sums of each enrolment (attendance, credits, milestones, what is due next), kept up from domain events. */
export const progress: Feature = {
  name: 'progress',
  personalData: progressData,
  subscriptions: [{ name: 'progress.follow', events: CHANGING_EVENTS, handle: following(REBUILD, rebuildProgress) }],
  jobs: [{ kind: REBUILD, run: ({ ids }: { ids: number[] }) => rebuildProgress(ids) }],
}
