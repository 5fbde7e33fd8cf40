import { toJson } from '../../server/core/db/index.ts'
import { nowUtc } from '../../server/core/time.ts'
import {
  chance,
  intBetween,
  makeOwnItems,
  pickOne,
  type Rng,
  ROUTE_APPROVAL_COMMENTS,
  ROUTE_RETURN_COMMENTS,
} from '../demo-names/index.ts'
import type { CohortPlan } from './cohort.ts'
import type { PlanModule, PlanTopic } from './pick-route.ts'
import type { BulkWriter } from './writer.ts'

type RouteProgress = 'none' | 'draft' | 'submitted' | 'returned' | 'approved'

type Wanted = {
  enrolmentId: number
  personId: number
  /** The whole route, by module; a draft stops somewhere on the way. */
  picked: PlanTopic[][]
  progress: RouteProgress
  plan: CohortPlan
  offeringOf: (topic: PlanTopic) => number
  modules: readonly PlanModule[]
}

/** Writes a learner's route in some state. @returns the topics whose places are held */
export function writeRoute(writer: BulkWriter, rng: Rng, wanted: Wanted): PlanTopic[] {
  const { progress, plan } = wanted
  if (progress === 'none') return []
  const now = nowUtc()
  const compulsory = wanted.modules.flatMap((module) => module.topics.filter((topic) => topic.compulsory))
  const until = progress === 'draft' ? intBetween(rng, 2, wanted.picked.length - 1) : wanted.picked.length
  const chosen = [...new Set([...compulsory, ...wanted.picked.slice(0, until).flat()])]
  const isInForce = progress === 'approved'
  const submittedAt =
    progress === 'draft' ? null : `${plan.routeOpensOn} 1${intBetween(rng, 0, 7)}:2${intBetween(rng, 0, 9)}:00.000`
  const isDecided = progress === 'approved' || progress === 'returned'
  const comment =
    progress === 'returned'
      ? pickOne(rng, ROUTE_RETURN_COMMENTS)
      : isDecided && chance(rng, 0.4)
        ? pickOne(rng, ROUTE_APPROVAL_COMMENTS)
        : null
  const decided = isDecided ? { decided_at: submittedAt, decided_by: plan.methodist } : {}
  const routeId = writer.add('learning_routes', {
    enrolment_id: wanted.enrolmentId,
    state: progress,
    version_number: progress === 'draft' ? 0 : 1,
    draft_revision: 1,
    submitted_at: submittedAt,
    decided_at: null,
    decided_by: null,
    comment,
    created_at: now,
    updated_at: now,
    ...decided,
  })
  const flags = { in_draft: 1, in_force: isInForce ? 1 : 0 }
  for (const topic of chosen) {
    writer.add('route_choices', {
      route_id: routeId,
      offering_id: wanted.offeringOf(topic),
      topic_id: topic.id,
      ...flags,
      created_at: now,
    })
  }
  const items = chance(rng, 0.6) ? makeOwnItems(rng, intBetween(rng, 1, 2)) : []
  for (const item of items) {
    writer.add('route_own_items', {
      route_id: routeId,
      ...item,
      starts_on: plan.startsOn,
      ends_on: plan.endsOn,
      ...flags,
      created_at: now,
      updated_at: now,
    })
  }
  if (submittedAt) {
    const hours = chosen.reduce((sum, topic) => sum + topic.hours, 0)
    const versionId = writer.add('route_versions', {
      route_id: routeId,
      number: 1,
      state: progress,
      content: toJson(snapshot(wanted, chosen, items, hours)),
      hours,
      submitted_at: submittedAt,
      decided_at: null,
      decided_by: null,
      comment,
      ...decided,
    })
    if (progress === 'returned' && chosen[3]) {
      writer.add('route_version_comments', {
        version_id: versionId,
        topic_id: chosen[3].id,
        text: pickOne(rng, ROUTE_RETURN_COMMENTS),
      })
    }
  }
  return chosen
}

type Items = ReturnType<typeof makeOwnItems>

/** What the version looked like when it was sent (see server/features/learning-routes/snapshot.ts). */
function snapshot(wanted: Wanted, chosen: PlanTopic[], items: Items, topicHours: number) {
  const ids = new Set(chosen.map((topic) => topic.id))
  return {
    topicHours,
    ownHours: items.reduce((sum, item) => sum + item.hours, 0),
    modules: wanted.modules.map((module, index) => {
      const topics = module.topics.filter((topic) => ids.has(topic.id))
      return {
        moduleId: module.id,
        position: index + 1,
        title: module.title,
        hours: topics.reduce((sum, topic) => sum + topic.hours, 0),
        topics: topics.map((topic) => ({
          topicId: topic.id,
          title: topic.titles,
          hours: topic.hours,
          format: topic.format,
          isCompulsory: topic.compulsory,
          offeringId: wanted.offeringOf(topic),
          place: null,
          dates: [],
        })),
      }
    }),
    ownItems: items.map((item, index) => ({ id: index + 1, ...item, startsOn: null, endsOn: null })),
  }
}
