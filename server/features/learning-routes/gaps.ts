import { firstStart } from './clashes.ts'
import type { RulesIndex } from './rules-index.ts'
import {
  type Clash,
  type Gap,
  type ModuleRules,
  moduleAnchor,
  modulesAnchor,
  type Notice,
  ownItemsAnchor,
  type TopicStatus,
  topicAnchor,
} from './rules-types.ts'

/**
 * Everything that stands between this draft and submitting it, in the order of the map, then of the whole.
 * Only what the learner can mend is a gap: too many compulsory topics, for instance, is not their doing.
 */
export function listGaps(index: RulesIndex, statuses: Map<number, TopicStatus>, clashes: readonly Clash[]): Gap[] {
  const gaps: Gap[] = []
  for (const module of index.modules) gaps.push(...moduleGaps(index, module, statuses), ...topicGaps(index, module))
  for (const clash of clashes) {
    const elective = electiveOf(index, clash)
    if (elective !== null) gaps.push({ code: 'clash', anchor: topicAnchor(elective), ...sideOf(clash, elective) })
  }
  gaps.push(...totalGaps(index))
  return gaps
}

/** What the learner should know but cannot mend. */
export function listNotices(index: RulesIndex, clashes: readonly Clash[]): Notice[] {
  const notices: Notice[] = []
  for (const clash of clashes)
    if (electiveOf(index, clash) === null)
      notices.push({
        code: 'compulsory_clash',
        anchor: topicAnchor(clash.topicId),
        topicId: clash.topicId,
        with: clash.with,
        at: clash.at,
      })
  for (const topic of index.topics) {
    const choice = index.chosen.get(topic.id)
    if (!choice) continue
    const anchor = topicAnchor(topic.id)
    if (topic.isCompulsory && choice.offeringId === null)
      notices.push({ code: 'compulsory_without_place', anchor, topicId: topic.id })
    const start = startOf(index, topic.id)
    for (const requires of topic.requires) {
      const before = startOf(index, requires)
      if (start !== null && before !== null && before > start)
        notices.push({ code: 'prerequisite_later', anchor, topicId: topic.id, requires })
    }
  }
  return notices
}

function startOf(index: RulesIndex, topicId: number): string | null {
  const offeringId = index.chosen.get(topicId)?.offeringId
  return offeringId ? firstStart(index.offeringById.get(offeringId)?.dates ?? []) : null
}

/** The topic of a clash that the learner could take out; null when both sides are compulsory. */
function electiveOf(index: RulesIndex, clash: Clash): number | null {
  if (!index.topicById.get(clash.topicId)?.isCompulsory) return clash.topicId
  if (clash.with.kind === 'topic' && !index.topicById.get(clash.with.id)?.isCompulsory) return clash.with.id
  return null
}

function sideOf(clash: Clash, topicId: number) {
  const other = clash.topicId === topicId ? clash.with : { kind: 'topic' as const, id: clash.topicId }
  return { topicId, with: other, at: clash.at }
}

function moduleGaps(index: RulesIndex, module: ModuleRules, statuses: Map<number, TopicStatus>): Gap[] {
  const gaps: Gap[] = []
  const total = index.totals.get(module.id)!
  const where = { anchor: moduleAnchor(module.id), moduleId: module.id }
  const selectable = index.topics.filter((t) => t.moduleId === module.id && statuses.get(t.id)?.available).length
  const { minTopics, minHours, maxTopics, maxHours } = module
  if (minTopics !== null && total.topics < minTopics)
    gaps.push({ code: 'module_topics_under', ...where, min: minTopics, missing: minTopics - total.topics, selectable })
  if (minHours !== null && total.hours < minHours)
    gaps.push({ code: 'module_hours_under', ...where, min: minHours, missing: minHours - total.hours, selectable })
  if (total.electives > 0) {
    if (maxTopics !== null && total.topics > maxTopics)
      gaps.push({ code: 'module_topics_over', ...where, max: maxTopics, over: total.topics - maxTopics })
    if (maxHours !== null && total.hours > maxHours)
      gaps.push({ code: 'module_hours_over', ...where, max: maxHours, over: total.hours - maxHours })
  }
  return gaps
}

function topicGaps(index: RulesIndex, module: ModuleRules): Gap[] {
  const gaps: Gap[] = []
  for (const topic of index.topics) {
    if (topic.moduleId !== module.id) continue
    const anchor = topicAnchor(topic.id)
    const choice = index.chosen.get(topic.id)
    if (!choice) {
      if (topic.isCompulsory) gaps.push({ code: 'compulsory_missing', anchor, topicId: topic.id })
      continue
    }
    if (!topic.isCompulsory) {
      const offering = choice.offeringId === null ? undefined : index.offeringById.get(choice.offeringId)
      if (!offering?.isOfOwnGroup) gaps.push({ code: 'choice_not_offered', anchor, topicId: topic.id })
      for (const requires of topic.requires)
        if (index.topicById.has(requires) && !index.chosen.has(requires))
          gaps.push({ code: 'prerequisite', anchor, topicId: topic.id, requires })
    }
  }
  return gaps
}

function totalGaps(index: RulesIndex): Gap[] {
  const gaps: Gap[] = []
  const { minTopics, maxTopics, minHours, maxHours, ownItemsMaxHours } = index.situation.rules
  const hours = index.topicHours + index.ownHours
  if (minTopics !== null && index.topicCount < minTopics)
    gaps.push({
      code: 'total_topics_under',
      anchor: modulesAnchor,
      min: minTopics,
      missing: minTopics - index.topicCount,
    })
  if (minHours !== null && hours < minHours)
    gaps.push({ code: 'total_hours_under', anchor: modulesAnchor, min: minHours, missing: minHours - hours })
  if (maxTopics !== null && index.topicCount > maxTopics && index.electives > 0)
    gaps.push({
      code: 'total_topics_over',
      anchor: modulesAnchor,
      max: maxTopics,
      over: index.topicCount - maxTopics,
    })
  if (maxHours !== null && hours > maxHours && (index.electives > 0 || index.ownHours > 0)) {
    const anchor = index.electives > 0 ? modulesAnchor : ownItemsAnchor
    gaps.push({ code: 'total_hours_over', anchor, max: maxHours, over: hours - maxHours })
  }
  if (ownItemsMaxHours !== null && index.ownHours > ownItemsMaxHours)
    gaps.push({
      code: 'own_hours_over',
      anchor: ownItemsAnchor,
      max: ownItemsMaxHours,
      over: index.ownHours - ownItemsMaxHours,
    })
  return gaps
}
