import type { ReasonWriter } from './present-reasons.ts'
import { type RouteData, type RouteModule, type RouteOffering, type RouteTopic, takenOffering } from './route-data.ts'
import {
  type ModuleStatus,
  moduleAnchor,
  type Obstacle,
  type RouteEvaluation,
  type TopicStatus,
  topicAnchor,
} from './rules-types.ts'
import { machineMoment, type Reader, say, sayHours, saySpan } from './wording.ts'

/** Few places left is said in another colour, so that nobody is surprised by the last one. */
const FEW_PLACES = 3

/** The face "map": modules in order as cards, each with its topics as tiles. */
export function presentMap(
  reader: Reader,
  data: RouteData,
  evaluation: RouteEvaluation,
  writer: ReasonWriter,
  options: { baseUrl: string; canEdit: boolean; comments: Map<number, string[]> },
) {
  const byModule = new Map<number, RouteTopic[]>(data.modules.map((module) => [module.id, []]))
  for (const topic of data.topics) byModule.get(topic.moduleId)?.push(topic)
  const statuses = new Map(evaluation.modules.map((status) => [status.moduleId, status]))
  const last = data.modules.length - 1
  return data.modules.map((module, index) => {
    const topics = byModule.get(module.id) ?? []
    const status = statuses.get(module.id)!
    const neighbour = (at: number) => {
      const other = data.modules[at]
      return other ? { href: `#${moduleAnchor(other.id)}`, number: at + 1, title: say(reader, other.title) } : null
    }
    return {
      anchor: moduleAnchor(module.id),
      number: index + 1,
      total: last + 1,
      title: say(reader, module.title),
      groupName: module.groupName,
      rule: moduleRule(reader, module, topics),
      satisfied: status.satisfied,
      progress: progressOf(reader, status),
      stateLabel: reader.t(`learning-routes.module.${status.satisfied ? 'satisfied' : 'open'}`),
      previous: neighbour(index - 1),
      next: neighbour(index + 1),
      tiles: topics.map((topic) =>
        presentTile(reader, topic, evaluation.topicStatuses.get(topic.id)!, writer, options),
      ),
    }
  })
}

const progressOf = (reader: Reader, status: ModuleStatus) =>
  reader.t('learning-routes.module.progress', { count: status.topics, hours: sayHours(reader, status.hours) })

/** The rule of a module in words, e.g. "Выберите от 2 до 3 тем. Не меньше 8 часов." */
export function moduleRule(reader: Reader, module: RouteModule, topics: readonly RouteTopic[]): string {
  const { t } = reader
  const compulsory = topics.filter((topic) => topic.isCompulsory).length
  if (topics.length > 0 && compulsory === topics.length) return t('learning-routes.rule.allCompulsory')
  const sentences = [
    limitSentence(reader, 'topics', module.minTopics, module.maxTopics),
    limitSentence(reader, 'hours', module.minHours, module.maxHours),
  ].filter(Boolean)
  if (sentences.length === 0) sentences.push(t('learning-routes.rule.free'))
  if (compulsory > 0) sentences.push(t('learning-routes.rule.compulsory', { count: compulsory }))
  return sentences.join(' ')
}

/** One limit in words; empty when there is none. */
export function limitSentence(
  reader: Reader,
  what: 'topics' | 'hours',
  min: number | null,
  max: number | null,
): string {
  const key = `learning-routes.rule.${what}`
  const least = min ?? 0
  if (max === null) return least > 0 ? reader.t(`${key}Min`, { count: least }) : ''
  if (least === max) return reader.t(`${key}Exactly`, { count: max })
  return least > 0 ? reader.t(`${key}Range`, { min: least, count: max }) : reader.t(`${key}Max`, { count: max })
}

function presentTile(
  reader: Reader,
  topic: RouteTopic,
  status: TopicStatus,
  writer: ReasonWriter,
  options: { baseUrl: string; canEdit: boolean; comments: Map<number, string[]> },
) {
  const { t } = reader
  const title = say(reader, topic.title)
  const offering = (status.isChosen && topic.inDraft ? takenOffering(topic) : topic.offering) ?? null
  const obstacles = status.isChosen
    ? status.removalObstacle && status.removalObstacle.code === 'begun'
      ? [status.removalObstacle]
      : []
    : telling([...status.obstacles, ...status.offerings.flatMap((one) => one.obstacles)])
  const isClosed = obstacles.some((one) => one.code === 'closed')
  const canRemove = options.canEdit && status.isChosen && status.removalObstacle === null
  const canChoose = options.canEdit && status.available
  const url = `${options.baseUrl}/topics/${topic.id}`
  return {
    anchor: topicAnchor(topic.id),
    topicId: topic.id,
    title,
    descriptionHtml: say(reader, topic.description),
    hours: sayHours(reader, topic.hours),
    format: t(`learning-routes.format.${topic.format}`),
    compulsory: topic.isCompulsory,
    chosen: status.isChosen,
    available: status.available,
    kind: status.isChosen ? 'chosen' : status.available ? 'open' : 'shut',
    badge: badgeOf(reader, topic, status),
    ...datesOf(reader, offering),
    place: offering?.place ?? null,
    places: placesOf(reader, offering, status, topic),
    // What shuts every tile alike is said once, above the map.
    reasons: isClosed ? [] : obstacles.map((one) => writer.obstacle(one)),
    comments: options.comments.get(topic.id) ?? [],
    action: canRemove
      ? {
          kind: 'remove',
          href: `${url}/remove`,
          label: t('learning-routes.tile.remove'),
          name: t('learning-routes.tile.removeName', { title }),
        }
      : canChoose
        ? {
            kind: 'choose',
            href: `${url}/choose`,
            label: t('learning-routes.tile.choose'),
            name: t('learning-routes.tile.chooseName', { title }),
          }
        : null,
  }
}

/** With no topic left to take, it does not help to know of the hours too. */
function telling(obstacles: readonly Obstacle[]): Obstacle[] {
  const codes = new Set(obstacles.map((one) => one.code))
  if (codes.has('module_max_topics')) return obstacles.filter((one) => !/^(module_max_hours|total_max_)/.test(one.code))
  return obstacles.filter((one) => one.code !== 'total_max_hours' || !codes.has('total_max_topics'))
}

export type Tile = ReturnType<typeof presentTile>

function badgeOf(reader: Reader, topic: RouteTopic, status: TopicStatus): { text: string; tone: string } | null {
  const badge = (name: string, tone: string) => ({ text: reader.t(`learning-routes.badge.${name}`), tone })
  if (topic.isCompulsory) return badge('compulsory', 'must')
  if (status.isChosen && status.isInForce) return badge('inForce', 'force')
  if (status.isChosen) return badge('chosen', 'draft')
  return status.isInForce ? badge('leaving', 'leaving') : null
}

/** First class in the line, the others behind it; all of them in print and on demand. */
export function datesOf(reader: Reader, offering: RouteOffering | null) {
  const dates = offering?.dates ?? []
  const all = dates.map((span) => ({ text: saySpan(reader, span), machine: machineMoment(span.startsAt) }))
  const [first, ...rest] = all
  return {
    firstDate: first ?? null,
    moreDates: rest,
    moreLabel: rest.length > 0 ? reader.t('learning-routes.tile.moreDates', { count: rest.length }) : '',
    noDates: offering !== null && dates.length === 0 ? reader.t('learning-routes.tile.noDates') : '',
  }
}

function placesOf(reader: Reader, offering: RouteOffering | null, status: TopicStatus, topic: RouteTopic) {
  if (!offering || offering.capacity === null || topic.isCompulsory) return null
  const left = Math.max(0, offering.capacity - offering.taken)
  if (status.isChosen || status.isInForce) return { text: reader.t('learning-routes.tile.placeHeld'), tone: 'held' }
  // Said among the reasons.
  if (left === 0) return null
  const key = left <= FEW_PLACES ? 'fewPlaces' : 'places'
  return {
    text: reader.t(`learning-routes.tile.${key}`, { count: left, capacity: offering.capacity }),
    tone: left <= FEW_PLACES ? 'few' : 'many',
  }
}
