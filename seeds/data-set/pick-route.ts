import { pickOne, type Rng } from '../demo-names/index.ts'

export type PlanTopic = {
  id: number
  hours: number
  compulsory: boolean
  requires: number[]
  capacity: number | null
  dayOffset: number
  titles: Record<string, string>
  format: string
}
export type PlanModule = {
  id: number
  title: Record<string, string>
  rules: { minTopics: number | null; maxTopics: number | null; minHours: number | null; maxHours: number | null }
  topics: PlanTopic[]
  minAttendancePercent: number
}

/** Every choice of topics that keeps a module's rules: with five topics there are at most 32 to look at. */
export function validChoices(module: PlanModule): PlanTopic[][] {
  const choices: PlanTopic[][] = []
  for (let mask = 0; mask < 1 << module.topics.length; mask++) {
    const chosen = module.topics.filter((_topic, index) => mask & (1 << index))
    const hours = chosen.reduce((sum, topic) => sum + topic.hours, 0)
    const { minTopics, maxTopics, minHours, maxHours } = module.rules
    if (chosen.length < (minTopics ?? 0) || chosen.length > (maxTopics ?? 99)) continue
    if (hours < (minHours ?? 0) || hours > (maxHours ?? 999)) continue
    const ids = new Set(chosen.map((topic) => topic.id))
    if (module.topics.some((topic) => topic.compulsory && !ids.has(topic.id))) continue
    if (chosen.some((topic) => topic.requires.some((id) => !ids.has(id)))) continue
    choices.push(chosen)
  }
  return choices
}

type Totals = { minTopics: number | null; maxTopics: number | null; minHours: number | null; maxHours: number | null }

/**
 * A route that keeps all the rules and takes only topics with places left (`hasPlace`).
 * @returns topics per module, or undefined if none was found in two hundred tries
 */
export function pickRoute(
  rng: Rng,
  modules: PlanModule[],
  choices: PlanTopic[][][],
  totals: Totals,
  hasPlace: (topic: PlanTopic) => boolean,
) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const picked = modules.map((_module, index) => {
      const free = (choices[index] ?? []).filter((choice) => choice.every(hasPlace))
      return free.length ? pickOne(rng, free) : undefined
    })
    if (picked.some((choice) => choice === undefined)) return undefined
    const all = picked.flat() as PlanTopic[]
    const hours = all.reduce((sum, topic) => sum + topic.hours, 0)
    const fits = all.length >= (totals.minTopics ?? 0) && all.length <= (totals.maxTopics ?? 999)
    if (fits && hours >= (totals.minHours ?? 0) && hours <= (totals.maxHours ?? 9999)) return picked as PlanTopic[][]
  }
  return undefined
}
