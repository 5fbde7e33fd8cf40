import type { Occupation } from './clashes.ts'
import type { Choice, ModuleRules, Offering, RouteSituation, TopicRules } from './rules-types.ts'

/** A situation prepared for many look-ups; built once per evaluation. */
export interface RulesIndex {
  situation: RouteSituation
  modules: ModuleRules[]
  /** In the order of the map: by module, then by position. */
  topics: TopicRules[]
  topicById: Map<number, TopicRules>
  offeringById: Map<number, Offering>
  offeringsByTopic: Map<number, Offering[]>
  chosen: Map<number, Choice>
  inForce: Map<number, Choice>
  occupations: Occupation[]
  totals: Map<number, { topics: number; hours: number; electives: number }>
  topicCount: number
  topicHours: number
  ownHours: number
  electives: number
}

/** Prepares a situation. Choices of topics that the programme no longer has are left out. */
export function indexSituation(situation: RouteSituation): RulesIndex {
  const modules = [...situation.modules].sort((a, b) => a.position - b.position || a.id - b.id)
  const order = new Map(modules.map((module, index) => [module.id, index]))
  const topics = situation.topics
    .filter((topic) => order.has(topic.moduleId))
    .sort((a, b) => order.get(a.moduleId)! - order.get(b.moduleId)! || a.position - b.position || a.id - b.id)
  const topicById = new Map(topics.map((topic) => [topic.id, topic]))
  const offeringById = new Map(situation.offerings.map((offering) => [offering.id, offering]))
  const chosen = new Map(situation.choices.filter((c) => topicById.has(c.topicId)).map((c) => [c.topicId, c]))

  const totals: RulesIndex['totals'] = new Map(modules.map((m) => [m.id, { topics: 0, hours: 0, electives: 0 }]))
  const occupations: Occupation[] = []
  let topicHours = 0
  let electives = 0
  for (const [topicId, choice] of chosen) {
    const topic = topicById.get(topicId)!
    const total = totals.get(topic.moduleId)!
    total.topics += 1
    total.hours += topic.hours
    topicHours += topic.hours
    if (!topic.isCompulsory) {
      total.electives += 1
      electives += 1
    }
    const offering = choice.offeringId === null ? undefined : offeringById.get(choice.offeringId)
    occupations.push({ topicId, dates: offering?.dates ?? [] })
  }
  return {
    situation,
    modules,
    topics,
    topicById,
    offeringById,
    offeringsByTopic: groupOfferings(situation.offerings),
    chosen,
    inForce: new Map(situation.inForce.map((choice) => [choice.topicId, choice])),
    occupations,
    totals,
    topicCount: chosen.size,
    topicHours,
    ownHours: situation.ownItems.reduce((sum, item) => sum + item.hours, 0),
    electives,
  }
}

function groupOfferings(offerings: readonly Offering[]): Map<number, Offering[]> {
  const byTopic = new Map<number, Offering[]>()
  for (const offering of offerings) {
    const list = byTopic.get(offering.topicId)
    if (list) list.push(offering)
    else byTopic.set(offering.topicId, [offering])
  }
  return byTopic
}
