/**
 * Which numbers of topics and hours a route can have at all. Used to tell an author that rules contradict one another
 * before a learner meets them.
 *
 * For each number of topics the hours lie between the sum of the shortest and that of the longest topics. The answer
 * is generous (hours inside such a span may be missed, and optional topics' prerequisites are not followed), so
 * "nothing is possible" is always right, and a possible-looking rule is nearly always possible.
 */

/** So many topics, with hours between these two. */
export interface RouteSpan {
  topics: number
  leastHours: number
  mostHours: number
}

/** At most one span for each number of topics. */
export type RouteRange = RouteSpan[]

interface Rules {
  minTopics: number | null
  maxTopics: number | null
  minHours: number | null
  maxHours: number | null
}

/** The spans that one module allows, given the topics that every route must have. Empty: the rules cannot be met. */
export function feasibleRange(
  topics: readonly { key: string; hours: number }[],
  forced: ReadonlySet<string>,
  rules: Rules,
): RouteRange {
  const sum = (list: readonly { hours: number }[]) => list.reduce((total, { hours }) => total + hours, 0)
  const base = topics.filter(({ key }) => forced.has(key))
  const free = topics.filter(({ key }) => !forced.has(key)).sort((a, b) => a.hours - b.hours)
  const baseHours = sum(base)
  const range: RouteRange = []
  for (let added = 0; added <= free.length; added++) {
    range.push({
      topics: base.length + added,
      leastHours: baseHours + sum(free.slice(0, added)),
      mostHours: baseHours + sum(free.slice(free.length - added)),
    })
  }
  return withinRules(range, rules)
}

/** The spans of several modules taken together. */
export function sumRanges(ranges: readonly RouteRange[]): RouteRange {
  let total: RouteRange = [{ topics: 0, leastHours: 0, mostHours: 0 }]
  for (const range of ranges) {
    const next = new Map<number, RouteSpan>()
    for (const a of total) {
      for (const b of range) {
        const topics = a.topics + b.topics
        const known = next.get(topics)
        next.set(topics, {
          topics,
          leastHours: Math.min(known?.leastHours ?? Number.POSITIVE_INFINITY, a.leastHours + b.leastHours),
          mostHours: Math.max(known?.mostHours ?? 0, a.mostHours + b.mostHours),
        })
      }
    }
    total = [...next.values()]
  }
  return total
}

/** The part of the spans that the rules leave; null in a rule means no limit. */
export function withinRules(range: RouteRange, rules: Rules): RouteRange {
  const left: RouteRange = []
  for (const { topics, leastHours, mostHours } of range) {
    if (topics < (rules.minTopics ?? 0) || topics > (rules.maxTopics ?? Number.POSITIVE_INFINITY)) continue
    const span = {
      topics,
      leastHours: Math.max(leastHours, rules.minHours ?? 0),
      mostHours: Math.min(mostHours, rules.maxHours ?? Number.POSITIVE_INFINITY),
    }
    if (span.leastHours <= span.mostHours) left.push(span)
  }
  return left
}
