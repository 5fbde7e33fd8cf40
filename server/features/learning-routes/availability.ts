import { firstClash, firstStart, lastEnd } from './clashes.ts'
import type { RulesIndex } from './rules-index.ts'
import type { Obstacle, Offering, OfferingStatus, RemovalObstacle, TopicRules, TopicStatus } from './rules-types.ts'

/** Says of one topic whether it can be chosen, on which dates, or why not; or whether it can be removed. */
export function topicStatus(index: RulesIndex, topic: TopicRules): TopicStatus {
  const choice = index.chosen.get(topic.id)
  const offerings = (index.offeringsByTopic.get(topic.id) ?? []).filter((offering) => offering.isOfOwnGroup)
  const obstacles = choice ? [] : topicObstacles(index, topic, offerings)
  const statuses = offerings.map((offering) => offeringStatus(index, topic, offering, obstacles.length > 0))
  return {
    topicId: topic.id,
    isChosen: choice !== undefined,
    isInForce: index.inForce.has(topic.id),
    chosenOfferingId: choice?.offeringId ?? null,
    available: !choice && statuses.some((status) => status.available),
    obstacles,
    offerings: statuses,
    removalObstacle: choice ? removalObstacle(index, topic) : null,
  }
}

function topicObstacles(index: RulesIndex, topic: TopicRules, offerings: readonly Offering[]): Obstacle[] {
  const { rules, closed, modules } = index.situation
  if (closed) return [{ code: 'closed', because: closed }]
  if (offerings.length === 0) return [{ code: 'not_offered' }]
  const obstacles: Obstacle[] = []
  const missing = topic.requires.filter((id) => index.topicById.has(id) && !index.chosen.has(id))
  if (missing.length > 0) obstacles.push({ code: 'prerequisite', topicIds: missing })

  const module = modules.find((one) => one.id === topic.moduleId)!
  const total = index.totals.get(topic.moduleId)!
  if (module.maxTopics !== null && total.topics + 1 > module.maxTopics)
    obstacles.push({ code: 'module_max_topics', max: module.maxTopics })
  if (module.maxHours !== null && total.hours + topic.hours > module.maxHours)
    obstacles.push({ code: 'module_max_hours', max: module.maxHours, left: left(module.maxHours, total.hours) })
  if (rules.maxTopics !== null && index.topicCount + 1 > rules.maxTopics)
    obstacles.push({ code: 'total_max_topics', max: rules.maxTopics })
  const hours = index.topicHours + index.ownHours
  if (rules.maxHours !== null && hours + topic.hours > rules.maxHours)
    obstacles.push({ code: 'total_max_hours', max: rules.maxHours, left: left(rules.maxHours, hours) })
  return obstacles
}

const left = (max: number, used: number) => Math.max(0, max - used)

function offeringStatus(
  index: RulesIndex,
  topic: TopicRules,
  offering: Offering,
  topicIsBlocked: boolean,
): OfferingStatus {
  const { now, groupLessons } = index.situation
  const obstacles: Obstacle[] = []
  // What is in force is the learner's already: neither a full group nor a class that has begun takes it away.
  const isHeld = index.inForce.get(topic.id)?.offeringId === offering.id
  const isChosenHere = index.chosen.get(topic.id)?.offeringId === offering.id
  if (!isHeld && !isChosenHere) {
    const start = firstStart(offering.dates)
    const end = lastEnd(offering.dates)
    if (end !== null && end <= now) obstacles.push({ code: 'past', at: end })
    else if (start !== null && start <= now) obstacles.push({ code: 'begun', at: start })
    if (offering.capacity !== null && offering.taken >= offering.capacity)
      obstacles.push({ code: 'full', capacity: offering.capacity })
  }
  if (!isChosenHere) {
    const others = index.occupations.filter((occupation) => occupation.topicId !== topic.id)
    const clash = firstClash(offering.dates, others, groupLessons)
    if (clash) obstacles.push({ code: 'clash', with: clash.with, at: clash.at })
  }
  return {
    offeringId: offering.id,
    placesLeft: offering.capacity === null ? null : left(offering.capacity, offering.taken),
    available: !index.chosen.has(topic.id) && !topicIsBlocked && obstacles.length === 0,
    obstacles,
  }
}

function removalObstacle(index: RulesIndex, topic: TopicRules): RemovalObstacle | null {
  const { closed, now } = index.situation
  if (topic.isCompulsory) return { code: 'compulsory' }
  if (closed) return { code: 'closed', because: closed }
  const inForce = index.inForce.get(topic.id)
  const offering = inForce?.offeringId ? index.offeringById.get(inForce.offeringId) : undefined
  // Classes of a group that the learner has left bind nobody.
  const start = offering?.isOfOwnGroup ? firstStart(offering.dates) : null
  return start !== null && start <= now ? { code: 'begun', at: start } : null
}
