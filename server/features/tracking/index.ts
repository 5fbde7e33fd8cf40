import type { Feature } from '../../core/feature.ts'
import type { Actor } from '../../core/rights/index.ts'
import { following } from '../progress/affected.ts'
import { EVIDENCE_OWNER, mayReadEvidenceFile } from './evidence-service.ts'
import { explainEnrolment } from './explain.ts'
import { tellLearner, trackingNotices } from './notices.ts'
import { trackingData } from './personal-data.ts'
import { trackingPolicy, trackingVisibility } from './policy.ts'
import { trackingRoutes } from './router.ts'
import { evidenceSearch } from './search.ts'
import { syncKnownMilestones } from './sync.ts'

/** Happenings after which the system may know more, or less, of somebody's milestones. */
const TICKING_EVENTS = [
  ...['routeSubmitted', 'routeApproved', 'routeReturned', 'routeWithdrawn', 'routeInForce', 'routeChanged'],
  ...['moduleCreditSet', 'personEnrolled', 'enrolmentMoved', 'enrolmentResumed'],
  ...['milestoneAdded', 'milestoneChanged', 'milestoneRestored', 'programmeChanged'],
] as const

/** Who learns in some cohort: the grant follows from the enrolment. */
const isLearner = (actor: Actor): boolean => actor.grants.some((grant) => grant.source === 'enrolment')

const TICK = 'tracking.tick'

/** Tracking journals: the milestones of each learner, evidence, confirmation, and letters to those who are missing something. */
export const tracking: Feature = {
  name: 'tracking',
  personalData: trackingData,
  permissions: {
    'tracking.view': { roles: ['methodist', 'instructor', 'director'] },
    'tracking.confirm': { roles: ['methodist', 'instructor'] },
    'tracking.evidence': { roles: ['methodist', 'director'] },
    'tracking.letter': { roles: ['methodist', 'instructor'] },
    'tracking.offer': { roles: ['everyone'] },
  },
  routes: trackingRoutes,
  navigation: [
    { key: 'tracking.navOwn', href: '/my/tracking', icon: 'list-check', order: 25, visible: isLearner },
    { key: 'tracking.nav', href: '/tracking', icon: 'checklist', order: 40, permission: 'tracking.confirm' },
  ],
  subscriptions: [
    { name: 'tracking.tick', events: TICKING_EVENTS, handle: following(TICK, syncKnownMilestones) },
    { name: 'tracking.tellLearner', events: ['milestoneReturned'], handle: tellLearner },
  ],
  search: [evidenceSearch],
  explanations: { tracking: explainEnrolment(trackingPolicy, ['view', 'write']) },
  visibility: trackingVisibility,
  notices: trackingNotices,
  jobs: [{ kind: TICK, run: ({ ids }: { ids: number[] }) => syncKnownMilestones(ids) }],
  fileUses: { evidence: { label: 'tracking.files.evidence', megabytes: 25, room: 'person' } },
  fileOwners: { [EVIDENCE_OWNER]: mayReadEvidenceFile },
}
