import { withTransaction } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/index.ts'
import { lockDraft, type OpenRoute, recordDraftChange } from './draft.ts'
import { dropFromDraft, holdPlace } from './places.ts'
import { listTemplates } from './queries.ts'
import { RouteRefusal } from './refusal.ts'
import { topicStatusOf } from './rules.ts'
import { judge, situationOf } from './situation.ts'
import { selectVersion } from './version-queries.ts'

/** What a step did: whether anything changed, for the words that follow. */
export interface StepResult {
  topicId: number
  changed: boolean
}

/**
 * Chooses a topic: its place is held at once. Choosing what is chosen changes nothing (a double click).
 * @throws RouteRefusal with the reasons if the rules forbid it or the last place has just gone
 */
export async function chooseTopic(actor: Actor, enrolmentId: number, topicId: number): Promise<StepResult> {
  return withTransaction(async () => {
    const route = await lockDraft(actor, enrolmentId)
    const status = route.evaluation.topicStatuses.get(topicId)
    const topic = route.data.topics.find((one) => one.id === topicId)
    if (!status || !topic) throw new NotFoundError()
    if (status.isChosen) return { topicId, changed: false }
    if (!status.available) {
      const obstacles = [...status.obstacles, ...status.offerings.flatMap((one) => one.obstacles)]
      const isFull = obstacles.every((one) => one.code === 'full')
      throw new RouteRefusal(isFull ? takenRefusal(route, topicId) : { kind: 'unavailable', topicId, obstacles })
    }
    // Where the rules saw a place it may have gone since: the update decides.
    if (!(await holdPlace(route.routeId, topicId, topic.offering!.id)))
      throw new RouteRefusal(takenRefusal(route, topicId))
    await recordDraftChange(actor, route, { chosen: topicId })
    return { topicId, changed: true }
  })
}

/** Names what can be chosen instead: the available topics of the same module. */
function takenRefusal(route: OpenRoute, topicId: number) {
  const { topics } = route.data
  const moduleId = topics.find((topic) => topic.id === topicId)?.moduleId
  const alternatives = topics
    .filter((topic) => topic.moduleId === moduleId && topic.id !== topicId)
    .filter((topic) => route.evaluation.topicStatuses.get(topic.id)?.available)
    .map((topic) => topic.id)
  return { kind: 'taken', topicId, alternatives } as const
}

/**
 * Takes a topic out of the draft. Its place is free at once, unless the route in force holds it: then it stays until
 * the change comes into force. Removing what is not chosen changes nothing.
 */
export async function removeTopic(actor: Actor, enrolmentId: number, topicId: number): Promise<StepResult> {
  return withTransaction(async () => {
    const route = await lockDraft(actor, enrolmentId)
    const status = route.evaluation.topicStatuses.get(topicId)
    if (!status) throw new NotFoundError()
    if (!status.isChosen) return { topicId, changed: false }
    if (status.removalObstacle)
      throw new RouteRefusal({ kind: 'not_removable', topicId, obstacle: status.removalObstacle })
    await dropFromDraft(route.routeId, topicId)
    await recordDraftChange(actor, route, { removed: topicId })
    return { topicId, changed: true }
  })
}

/** What became of a set of topics that was taken as a start. */
export interface TakenTopics {
  taken: number[]
  /** In order, those that could not be taken (full, clashing, beyond a maximum …). */
  missed: number[]
}

/**
 * Takes a recommended route as a start: what places remain, and tells which topics could not be taken.
 * @param revision the draft that the page showed
 */
export async function takeTemplate(
  actor: Actor,
  enrolmentId: number,
  templateId: number,
  revision: number,
): Promise<TakenTopics> {
  return withTransaction(async () => {
    const route = await lockDraft(actor, enrolmentId, revision)
    const templates = await listTemplates(route.data.head.programme.id)
    const template = templates.find((one) => one.id === templateId)
    if (!template) throw new NotFoundError()
    return takeTopics(actor, route, template.topicIds)
  })
}

/** Takes what an earlier version held as a start, as a recommended route is taken. Topics chosen since stay. */
export async function takeVersion(
  actor: Actor,
  enrolmentId: number,
  number: number,
  revision: number,
): Promise<TakenTopics> {
  return withTransaction(async () => {
    const route = await lockDraft(actor, enrolmentId, revision)
    const version = await selectVersion(route.routeId, number)
    const topicIds = version.content.modules.flatMap((module) => module.topics.map((topic) => topic.topicId))
    return takeTopics(actor, route, topicIds)
  })
}

/**
 * Takes as many of these topics as rules and places allow. Several rounds, because a topic may need another one of them;
 * in each round by offering, so that two people taking the same set wait for one another in the same order.
 */
export async function takeTopics(actor: Actor, route: OpenRoute, topicIds: readonly number[]): Promise<TakenTopics> {
  const { data, moment } = route
  const wanted = data.topics
    .filter((topic) => topicIds.includes(topic.id) && !topic.inDraft && !topic.isCompulsory)
    .sort((a, b) => (a.offering?.id ?? 0) - (b.offering?.id ?? 0))
  const taken: number[] = []
  for (let progress = true; progress; ) {
    progress = false
    for (const topic of wanted) {
      if (topic.inDraft || !topic.offering) continue
      if (!topicStatusOf(situationOf(data, moment), topic.id)?.available) continue
      if (!(await holdPlace(route.routeId, topic.id, topic.offering.id))) {
        topic.offering.taken = topic.offering.capacity ?? topic.offering.taken
        continue
      }
      topic.inDraft = true
      taken.push(topic.id)
      progress = true
    }
  }
  const missed = wanted.filter((topic) => !topic.inDraft).map((topic) => topic.id)
  await recordDraftChange(actor, { ...route, evaluation: judge(data, moment) }, { taken, missed })
  return { taken, missed }
}
