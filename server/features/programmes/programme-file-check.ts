/**
 * Cross-checks of a programme file that has passed its schema: do the keys exist, are they unique, can the
 * prerequisites and rules be met at all. Pure; shared by import, by the tests of the ready programme, and by whoever
 * wants to warn an author.
 */
import type { ProgrammeFile, ProgrammeFileModule, ProgrammeFileTopic } from './programme-file.ts'
import { checkLanguages, checkMaterials } from './programme-file-texts.ts'
import { feasibleRange, type RouteRange, sumRanges, withinRules } from './programme-rules-range.ts'

/**
 * Stable codes; the words for them live in the translations.
 * `error`: the file cannot be loaded as it stands. `warning`: it can, as an unfinished programme that nobody could
 * complete yet (an export of a draft must import again).
 */
const SEVERITY = {
  'key.duplicate': 'error',
  'stage.unknown': 'error',
  'topic.unknown': 'error',
  'module.unknown': 'error',
  'module.missing': 'error',
  'requires.self': 'error',
  'requires.cycle': 'error',
  'rules.topics_reversed': 'error',
  'rules.hours_reversed': 'error',
  'material.body_missing': 'warning',
  'material.url_missing': 'warning',
  'rules.too_few_topics': 'warning',
  'rules.compulsory_over_max': 'warning',
  'rules.unreachable': 'warning',
  'template.duplicate_topic': 'warning',
  'template.prerequisite_missing': 'warning',
  'translation.missing': 'warning',
} as const

export type ProblemCode = keyof typeof SEVERITY

export interface Problem {
  code: ProblemCode
  severity: 'error' | 'warning'
  /** Place in the file as zod prints it: keys and indexes from the root. */
  path: (string | number)[]
  /** Values for the message: the key in question, the language, and the like. */
  params: Record<string, string | number>
}

export type Path = (string | number)[]
export type Report = (code: ProblemCode, path: Path, params?: Problem['params']) => void

interface PlacedTopic {
  topic: ProgrammeFileTopic
  path: Path
}

/**
 * Every contradiction between the parts of the file, errors and warnings, in the order of the file.
 * An empty list means that it can be loaded and that, as far as counts and hours can tell, a route satisfying its
 * rules exists.
 */
export function checkProgrammeFile(file: ProgrammeFile): Problem[] {
  const problems: Problem[] = []
  const report: Report = (code, path, params = {}) => {
    problems.push({ code, severity: SEVERITY[code], path, params })
  }
  const topics = placeTopics(file)
  checkKeys(file, report)
  checkReferences(file, topics, report)
  const ordered = checkPrerequisites(topics, report)
  checkRules(file, topics, ordered, report)
  checkMaterials(file, report)
  checkTemplates(file, topics, report)
  checkLanguages(file, report)
  return problems
}

/** First topic of each key with its place; later ones of the same key are reported as duplicates elsewhere. */
function placeTopics(file: ProgrammeFile): Map<string, PlacedTopic> {
  const placed = new Map<string, PlacedTopic>()
  file.programme.modules.forEach((module, m) => {
    module.topics.forEach((topic, t) => {
      if (!placed.has(topic.key)) placed.set(topic.key, { topic, path: ['programme', 'modules', m, 'topics', t] })
    })
  })
  return placed
}

function checkKeys(file: ProgrammeFile, report: Report): void {
  const { stages, modules, milestones } = file.programme
  const lists: { key: string; path: Path }[][] = [
    stages.map(({ key }, i) => ({ key, path: ['programme', 'stages', i, 'key'] })),
    modules.map(({ key }, i) => ({ key, path: ['programme', 'modules', i, 'key'] })),
    modules.flatMap((module, m) =>
      module.topics.map(({ key }, t) => ({ key, path: ['programme', 'modules', m, 'topics', t, 'key'] })),
    ),
    milestones.map(({ key }, i) => ({ key, path: ['programme', 'milestones', i, 'key'] })),
  ]
  for (const list of lists) {
    const seen = new Set<string>()
    for (const { key, path } of list) {
      if (seen.has(key)) report('key.duplicate', path, { key })
      seen.add(key)
    }
  }
}

function checkReferences(file: ProgrammeFile, topics: Map<string, PlacedTopic>, report: Report): void {
  const { stages, modules, milestones, routeTemplates } = file.programme
  const stageKeys = new Set(stages.map(({ key }) => key))
  const moduleKeys = new Set(modules.map(({ key }) => key))
  modules.forEach(({ stage }, i) => {
    if (stage !== null && !stageKeys.has(stage)) {
      report('stage.unknown', ['programme', 'modules', i, 'stage'], { key: stage })
    }
  })
  for (const { topic, path } of topics.values()) {
    topic.requires.forEach((key, i) => {
      if (!topics.has(key)) report('topic.unknown', [...path, 'requires', i], { key })
    })
  }
  milestones.forEach(({ kind, module }, i) => {
    const path = ['programme', 'milestones', i, 'module']
    if (module === null) {
      if (kind === 'module_credit') report('module.missing', path)
    } else if (!moduleKeys.has(module)) report('module.unknown', path, { key: module })
  })
  routeTemplates.forEach((template, i) => {
    template.topics.forEach((key, t) => {
      if (!topics.has(key)) report('topic.unknown', ['programme', 'routeTemplates', i, 'topics', t], { key })
    })
  })
}

/**
 * Reports topics that require themselves or lie on a circle, each once.
 * Returns whether the prerequisites can be followed to their ends.
 */
function checkPrerequisites(topics: Map<string, PlacedTopic>, report: Report): boolean {
  let sound = true
  // Peel off topics whose prerequisites are all peeled; what stays is on a circle or behind one.
  const rest = new Map<string, Set<string>>()
  for (const { topic, path } of topics.values()) {
    const known = topic.requires.filter((key) => topics.has(key))
    if (known.includes(topic.key)) {
      report('requires.self', [...path, 'requires', topic.requires.indexOf(topic.key)], { key: topic.key })
      sound = false
    }
    rest.set(topic.key, new Set(known.filter((key) => key !== topic.key)))
  }
  const behind = new Map<string, string[]>([...rest.keys()].map((key) => [key, []]))
  for (const [key, needed] of rest) for (const before of needed) behind.get(before)?.push(key)
  peel(rest, (key) => [...(rest.get(key) ?? [])])
  // Peel from the other side too: what only stands behind a circle is not itself the mistake.
  peel(rest, (key) => behind.get(key) ?? [])
  for (const key of rest.keys()) {
    const placed = topics.get(key)
    if (placed) report('requires.cycle', [...placed.path, 'requires'], { key })
    sound = false
  }
  return sound
}

/** Removes, again and again, the keys none of whose neighbours is left. */
function peel(rest: Map<string, Set<string>>, neighbours: (key: string) => string[]): void {
  for (let changed = true; changed; ) {
    changed = false
    for (const key of [...rest.keys()]) {
      if (neighbours(key).some((other) => rest.has(other))) continue
      rest.delete(key)
      changed = true
    }
  }
}

function checkRules(file: ProgrammeFile, topics: Map<string, PlacedTopic>, ordered: boolean, report: Report): void {
  const { modules, rules } = file.programme
  const forced = ordered ? forcedTopics(topics) : new Set<string>()
  const all = modules.flatMap((module) => module.topics)
  const reversed = [
    checkOneRule(rules, all, forced, ['programme', 'rules'], report),
    ...modules.map((module, m) =>
      checkOneRule(module.rules, module.topics, forced, ['programme', 'modules', m, 'rules'], report),
    ),
  ].some(Boolean)
  if (reversed || !ordered) return
  const ranges: RouteRange[] = []
  modules.forEach((module, m) => {
    const range = feasibleRange(module.topics, forced, module.rules)
    if (range.length === 0) report('rules.unreachable', ['programme', 'modules', m, 'rules'], { key: module.key })
    ranges.push(range)
  })
  if (ranges.some((range) => range.length === 0)) return
  if (withinRules(sumRanges(ranges), rules).length === 0) report('rules.unreachable', ['programme', 'rules'])
}

/** Compulsory topics, and all that they require: nobody's route is without them. */
function forcedTopics(topics: Map<string, PlacedTopic>): Set<string> {
  const forced = new Set<string>()
  const open = [...topics.values()].filter(({ topic }) => topic.compulsory).map(({ topic }) => topic.key)
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (forced.has(key)) continue
    const placed = topics.get(key)
    if (!placed) continue
    forced.add(key)
    open.push(...placed.topic.requires)
  }
  return forced
}

/** Returns whether a minimum stands above its maximum, in which case further checks make no sense. */
function checkOneRule(
  rules: ProgrammeFileModule['rules'],
  topics: ProgrammeFileTopic[],
  forced: Set<string>,
  path: Path,
  report: Report,
): boolean {
  const { minTopics, maxTopics, minHours, maxHours } = rules
  const topicsReversed = minTopics !== null && maxTopics !== null && minTopics > maxTopics
  const hoursReversed = minHours !== null && maxHours !== null && minHours > maxHours
  if (topicsReversed) report('rules.topics_reversed', [...path, 'maxTopics'], { min: minTopics, max: maxTopics })
  if (hoursReversed) report('rules.hours_reversed', [...path, 'maxHours'], { min: minHours, max: maxHours })
  if (minTopics !== null && minTopics > topics.length) {
    report('rules.too_few_topics', [...path, 'minTopics'], { min: minTopics, topics: topics.length })
  }
  const compulsory = topics.filter(({ key }) => forced.has(key))
  const compulsoryHours = compulsory.reduce((sum, topic) => sum + topic.hours, 0)
  if (maxTopics !== null && compulsory.length > maxTopics) {
    report('rules.compulsory_over_max', [...path, 'maxTopics'], { max: maxTopics, compulsory: compulsory.length })
  }
  if (maxHours !== null && compulsoryHours > maxHours) {
    report('rules.compulsory_over_max', [...path, 'maxHours'], { max: maxHours, compulsory: compulsoryHours })
  }
  return topicsReversed || hoursReversed
}

function checkTemplates(file: ProgrammeFile, topics: Map<string, PlacedTopic>, report: Report): void {
  file.programme.routeTemplates.forEach((template, i) => {
    const chosen = new Set<string>()
    const path = (t: number): Path => ['programme', 'routeTemplates', i, 'topics', t]
    template.topics.forEach((key, t) => {
      if (chosen.has(key)) report('template.duplicate_topic', path(t), { key })
      chosen.add(key)
    })
    template.topics.forEach((key, t) => {
      const missing = topics.get(key)?.topic.requires.filter((needed) => topics.has(needed) && !chosen.has(needed))
      for (const needed of missing ?? []) report('template.prerequisite_missing', path(t), { key, needed })
    })
  })
}
