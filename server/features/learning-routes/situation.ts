import { draftTopics, type RouteData, type RouteOffering, type RouteTopic, takenOffering } from './route-data.ts'
import { closedReason, evaluateRoute } from './rules.ts'
import type { Choice, ClosedReason, Offering, RouteEvaluation, RouteSituation } from './rules-types.ts'
import type { RouteSnapshot } from './snapshot.ts'

/** The moment and manner of judging: UTC text, the civil date of the authority, and whether the dates bind who acts. */
export interface Moment {
  now: string
  today: string
  isBoundByDates: boolean
}

/** What the rules need to know of a stored route. */
export function situationOf(data: RouteData, moment: Moment): RouteSituation {
  const { head } = data
  const offerings: Offering[] = []
  const add = (topicId: number, offering: RouteOffering | null, isOfOwnGroup: boolean) => {
    if (offering) offerings.push({ ...offering, topicId, isOfOwnGroup })
  }
  for (const topic of data.topics) {
    add(topic.id, topic.offering, true)
    add(topic.id, topic.formerOffering, false)
  }
  return {
    rules: head.programme.rules,
    modules: data.modules,
    topics: data.topics,
    offerings,
    groupLessons: data.groupLessons,
    choices: draftTopics(data).map((topic): Choice => ({ topicId: topic.id, offeringId: offeringInDraft(topic) })),
    inForce: data.topics
      .filter((topic) => topic.inForce)
      .map((topic): Choice => ({ topicId: topic.id, offeringId: takenOffering(topic)?.id ?? null })),
    ownItems: data.ownItems.filter((item) => item.inDraft),
    closed: closedOf(data, moment),
    now: moment.now,
  }
}

/**
 * A compulsory topic belongs to the route even before its place is held, which happens at the first step: it counts with
 * the dates of its group unless that is full.
 */
function offeringInDraft(topic: RouteTopic): number | null {
  if (topic.inDraft) return takenOffering(topic)?.id ?? null
  const { offering } = topic
  const hasPlace = offering !== null && (offering.capacity === null || offering.taken < offering.capacity)
  return hasPlace ? offering.id : null
}

/** Why a stored route cannot be changed at a moment; null: it can. */
export const closedOf = ({ head }: RouteData, moment: Moment): ClosedReason | null =>
  closedReason({
    state: head.state,
    enrolmentIsActive: head.enrolmentState === 'active',
    isBoundByDates: moment.isBoundByDates,
    opensOn: head.cohort.routeOpensOn ?? head.cohort.learnersFrom,
    closesOn: head.cohort.routeClosesOn ?? head.cohort.endsOn,
    today: moment.today,
  })

/** Judges a stored route by the rules of its programme at a moment. */
export const judge = (data: RouteData, moment: Moment): RouteEvaluation => evaluateRoute(situationOf(data, moment))

/** What a version keeps of the draft: exactly what was agreed upon, whatever becomes of the programme. */
export function takeSnapshot(data: RouteData): RouteSnapshot {
  const chosen = draftTopics(data)
  const ownItems = data.ownItems
    .filter((item) => item.inDraft)
    .map(({ id, kind, place, title, description, hours, startsOn, endsOn }) => {
      return { id, kind, place, title, description, hours, startsOn, endsOn }
    })
  const modules = data.modules.map((module) => {
    const topics = chosen.filter((topic) => topic.moduleId === module.id)
    return {
      moduleId: module.id,
      position: module.position,
      title: module.title,
      hours: sumHours(topics),
      topics: topics.map((topic) => {
        const offering = takenOffering(topic)
        return {
          topicId: topic.id,
          title: topic.title,
          hours: topic.hours,
          format: topic.format,
          isCompulsory: topic.isCompulsory,
          offeringId: offering?.id ?? null,
          place: offering?.place ?? null,
          dates: offering?.dates ?? [],
        }
      }),
    }
  })
  return { topicHours: sumHours(chosen), ownHours: sumHours(ownItems), modules, ownItems }
}

const sumHours = (list: readonly { hours: number }[]) => list.reduce((sum, { hours }) => sum + hours, 0)
