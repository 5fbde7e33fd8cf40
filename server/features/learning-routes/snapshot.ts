import type { Span } from './rules-types.ts'

/** A text in several languages, as the programme holds it. */
export type SnapshotText = Record<string, string>

export interface SnapshotTopic {
  topicId: number
  title: SnapshotText
  hours: number
  format: string
  isCompulsory: boolean
  offeringId: number | null
  place: string | null
  dates: Span[]
}

export interface SnapshotModule {
  moduleId: number
  position: number
  title: SnapshotText
  hours: number
  topics: SnapshotTopic[]
}

export interface SnapshotOwnItem {
  id: number
  kind: string
  place: string
  title: string
  description: string
  hours: number
  startsOn: string | null
  endsOn: string | null
}

/**
 * What a version of a route looked like at the moment of submitting. It repeats titles, hours and dates,
 * because the programme may change afterwards and a version must still say what was agreed upon.
 */
export interface RouteSnapshot {
  topicHours: number
  ownHours: number
  modules: SnapshotModule[]
  ownItems: SnapshotOwnItem[]
}

export type ChangeKind = 'added' | 'removed' | 'changed' | 'same'

export interface ComparedLine<T> {
  change: ChangeKind
  before: T | null
  after: T | null
}

export interface ComparedModule {
  moduleId: number
  title: SnapshotText
  topics: ComparedLine<SnapshotTopic>[]
  hoursBefore: number
  hoursAfter: number
}

export interface RouteComparison {
  modules: ComparedModule[]
  ownItems: ComparedLine<SnapshotOwnItem>[]
  hoursBefore: number
  hoursAfter: number
  /** Number of lines that are not `same`. */
  changes: number
}

/** Compares two versions line by line, in the order of the later version, what was removed after what stayed. */
export function compareSnapshots(before: RouteSnapshot, after: RouteSnapshot): RouteComparison {
  const old = new Map(before.modules.map((module) => [module.moduleId, module]))
  const modules = after.modules.map((module) => compareModule(old.get(module.moduleId), module))
  const present = new Set(after.modules.map((module) => module.moduleId))
  for (const module of before.modules)
    if (!present.has(module.moduleId)) modules.push(compareModule(module, { ...module, hours: 0, topics: [] }))
  const ownItems = compareLines(before.ownItems, after.ownItems, (item) => item.id, sameOwnItem)
  const lines = [
    ...modules.flatMap((module) => module.topics.map((line) => line.change)),
    ...ownItems.map((l) => l.change),
  ]
  return {
    modules,
    ownItems,
    hoursBefore: before.topicHours + before.ownHours,
    hoursAfter: after.topicHours + after.ownHours,
    changes: lines.filter((change) => change !== 'same').length,
  }
}

function compareModule(before: SnapshotModule | undefined, after: SnapshotModule): ComparedModule {
  return {
    moduleId: after.moduleId,
    title: after.title,
    topics: compareLines(before?.topics ?? [], after.topics, (topic) => topic.topicId, sameTopic),
    hoursBefore: before?.hours ?? 0,
    hoursAfter: after.hours,
  }
}

function compareLines<T>(
  before: readonly T[],
  after: readonly T[],
  key: (line: T) => number,
  isSame: (a: T, b: T) => boolean,
): ComparedLine<T>[] {
  const old = new Map(before.map((line) => [key(line), line]))
  const lines: ComparedLine<T>[] = after.map((line) => {
    const earlier = old.get(key(line)) ?? null
    old.delete(key(line))
    if (earlier === null) return { change: 'added', before: null, after: line }
    return { change: isSame(earlier, line) ? 'same' : 'changed', before: earlier, after: line }
  })
  for (const line of old.values()) lines.push({ change: 'removed', before: line, after: null })
  return lines
}

/** The wording of a title is not a change of the route; its hours, dates and place are. */
function sameTopic(a: SnapshotTopic, b: SnapshotTopic): boolean {
  return a.hours === b.hours && a.place === b.place && JSON.stringify(a.dates) === JSON.stringify(b.dates)
}

function sameOwnItem(a: SnapshotOwnItem, b: SnapshotOwnItem): boolean {
  const keys = ['kind', 'place', 'title', 'description', 'hours', 'startsOn', 'endsOn'] as const
  return keys.every((key) => a[key] === b[key])
}
