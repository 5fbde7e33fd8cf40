import { topicStatus } from './availability.ts'
import { allClashes } from './clashes.ts'
import { listGaps, listNotices } from './gaps.ts'
import { indexSituation, type RulesIndex } from './rules-index.ts'
import type { ClosedReason, Gap, ModuleStatus, RouteEvaluation, RouteSituation, TopicStatus } from './rules-types.ts'

/**
 * Judges a draft route: what it holds, what is missing, what can still be chosen and why not the rest.
 * Pure: the same situation gives the same answer, in whatever order the topics were chosen.
 */
export function evaluateRoute(situation: RouteSituation): RouteEvaluation {
  const index = indexSituation(situation)
  const topicStatuses = new Map(index.topics.map((topic) => [topic.id, topicStatus(index, topic)]))
  const clashes = allClashes(index.occupations, situation.groupLessons)
  const gaps = listGaps(index, topicStatuses, clashes)
  const modules = index.modules.map((module) => moduleStatus(index, module.id, gaps))
  return {
    topics: index.topicCount,
    topicHours: index.topicHours,
    ownHours: index.ownHours,
    hours: index.topicHours + index.ownHours,
    ownHoursLeft: ownHoursLeft(index),
    modules,
    satisfiedModules: modules.filter((module) => module.satisfied).length,
    topicStatuses,
    clashes,
    gaps,
    notices: listNotices(index, clashes),
    canSubmit: situation.closed === null && gaps.length === 0,
  }
}

function moduleStatus(index: RulesIndex, moduleId: number, gaps: readonly Gap[]): ModuleStatus {
  const total = index.totals.get(moduleId)!
  const concernsModule = (gap: Gap) =>
    'moduleId' in gap
      ? gap.moduleId === moduleId
      : gap.code !== 'clash' && 'topicId' in gap && index.topicById.get(gap.topicId)?.moduleId === moduleId
  return { moduleId, topics: total.topics, hours: total.hours, satisfied: !gaps.some(concernsModule) }
}

function ownHoursLeft(index: RulesIndex): number | null {
  const { ownItemsMaxHours, maxHours } = index.situation.rules
  const limits: number[] = []
  if (ownItemsMaxHours !== null) limits.push(ownItemsMaxHours - index.ownHours)
  if (maxHours !== null) limits.push(maxHours - index.topicHours - index.ownHours)
  return limits.length === 0 ? null : Math.max(0, Math.min(...limits))
}

/** What decides whether a route may be changed today. Dates are civil dates of the authority's time zone. */
export interface RouteWindow {
  state: 'draft' | 'submitted' | 'approved' | 'returned'
  enrolmentIsActive: boolean
  /** False for staff who act on behalf of a learner: dates bind learners only. */
  isBoundByDates: boolean
  opensOn: string | null
  closesOn: string | null
  today: string
}

/**
 * Why the route cannot be changed now, or null. A returned route may be mended after the window has closed:
 * else a late decision would leave its author without any route.
 */
export function closedReason(window: RouteWindow): ClosedReason | null {
  if (!window.enrolmentIsActive) return 'enrolment_ended'
  if (window.state === 'submitted') return 'submitted'
  if (window.isBoundByDates) {
    if (window.opensOn !== null && window.today < window.opensOn) return 'not_open_yet'
    if (window.closesOn !== null && window.today > window.closesOn && window.state !== 'returned') return 'window_over'
  }
  if (window.state === 'approved') return 'approved'
  return null
}

/** The status of one topic alone: cheaper than judging the whole route when only this is asked. */
export function topicStatusOf(situation: RouteSituation, topicId: number): TopicStatus | null {
  const index = indexSituation(situation)
  const topic = index.topicById.get(topicId)
  return topic ? topicStatus(index, topic) : null
}
