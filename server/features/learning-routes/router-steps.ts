import { noteRead } from '../../core/audit/reads.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import type { AnyContext } from '../../core/http/route.ts'
import { type LoadedRoute, loadRoute, loadShownRoute } from './load-route.ts'
import { reasonWriter } from './present-reasons.ts'
import { refusalText } from './present-refusal.ts'
import { type ConstructorOptions, type Face, presentConstructor, routeUrl } from './presenter.ts'
import { listTemplates } from './queries.ts'
import { RouteRefusal } from './refusal.ts'
import { hasElectives } from './route-data.ts'
import type { TakenTopics } from './service.ts'
import { listTopicComments } from './version-queries.ts'
import { type Reader, say } from './wording.ts'

export const readerOf = ({ t, lang, zone }: AnyContext, now: string): Reader => ({ t, lang, timeZone: zone, now })

/** Kept apart by size; the phone's comes last. */
export const STYLES = ['', '-summary', '-faces', '-versions', '-phone'].map((part) => `/css/learning-routes${part}.css`)

/** Where a step leads without scripts: the face and the place on it where it was made. */
export const backTo = (enrolmentId: number, face: Face | undefined, anchor = ''): string =>
  `${routeUrl(enrolmentId)}${face && face !== 'map' ? `?face=${face}` : ''}${anchor && `#${anchor}`}`

type Words = Pick<ConstructorOptions, 'message' | 'undo'>

/** The constructor as a page, or its body alone for our scripts. */
export async function showConstructor(
  context: AnyContext,
  enrolmentId: number,
  face: Face,
  words: (route: LoadedRoute, reader: Reader) => Words = () => ({}),
  status = 200,
): Promise<Reply> {
  const route = await loadShownRoute(context.actor, enrolmentId)
  const { data, closed, evaluation, can, isOwn } = route
  if (!isOwn) await noteRead(context.actor, 'route', { type: 'enrolment', id: enrolmentId }, null)
  const reader = readerOf(context, route.moment.now)
  const isReturned = data.head.state === 'returned'
  const offersTemplates = can.edit && closed === null && !hasElectives(data)
  const model = presentConstructor(reader, data, evaluation, {
    face,
    mayEdit: can.edit,
    isOwn,
    closed,
    comments: isReturned ? await listTopicComments(data.head.routeId, data.head.versionNumber) : new Map(),
    templates: offersTemplates ? await listTemplates(data.head.programme.id) : [],
    ...words(route, reader),
  })
  const { programme, cohort, personName } = data.head
  const place = { programme: say(reader, programme.title), cohort: cohort.title, person: personName }
  return page('learning-routes/constructor', model, {
    title: context.t('learning-routes.title'),
    subtitle: context.t(`learning-routes.${isOwn ? 'subtitle' : 'subtitlePerson'}`, place),
    styles: STYLES,
    layout: context.wantsJson ? 'none' : 'app',
    status,
  })
}

/** The words after a step that succeeded: what was done with which topic, and how to take it back. */
export interface StepWords {
  key: string
  topicId?: number
  values?: Record<string, unknown>
  /** Topics to name in `{{missed}}`. */
  missed?: number[]
  undo?: string
  kind?: 'success' | 'warning' | 'info'
  anchor?: string
}

/**
 * Runs one step and answers it: our scripts get the constructor as it is now, others are sent back to where they were.
 * A refusal shows the route as it is now with the reason in words, status 409.
 */
export async function answerStep(
  context: AnyContext,
  enrolmentId: number,
  face: Face | undefined,
  step: () => Promise<StepWords>,
): Promise<Reply> {
  try {
    const done = await step()
    if (context.wantsJson)
      return await showConstructor(context, enrolmentId, face ?? 'map', (route, reader) => ({
        message: { kind: done.kind ?? 'success', text: wordsOf(reader, route, done) },
        undo: done.undo ?? null,
      }))
    const route = await loadRoute(context.actor, enrolmentId)
    const values = valuesOf(readerOf(context, route.moment.now), route, done)
    return redirect(backTo(enrolmentId, face, done.anchor), { kind: done.kind ?? 'success', key: done.key, values })
  } catch (error) {
    if (!(error instanceof RouteRefusal)) throw error
    return showConstructor(
      context,
      enrolmentId,
      face ?? 'map',
      (route, reader) => ({ message: { kind: 'warning', text: refusalText(reader, route.data, error.refusal) } }),
      error.status,
    )
  }
}

const wordsOf = (reader: Reader, route: LoadedRoute, done: StepWords) =>
  reader.t(done.key, valuesOf(reader, route, done))

function valuesOf(reader: Reader, route: LoadedRoute, done: StepWords): Record<string, unknown> {
  const writer = reasonWriter(reader, route.data)
  return {
    ...done.values,
    ...(done.topicId === undefined ? {} : { topic: writer.topic(done.topicId) }),
    ...(done.missed ? { missed: someTopics(reader, done.missed.map(writer.topic)) } : {}),
  }
}

/** As many names as fit into a message (and, without scripts, into its cookie). */
const MOST_NAMES = 4

function someTopics(reader: Reader, names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => reader.t('learning-routes.quoted', { name }))
  const rest = names.length - shown.length
  return shown.join(', ') + (rest > 0 ? reader.t('learning-routes.andMore', { count: rest }) : '')
}

/** The words after a set of topics was taken as a start. */
export function takenWords({ taken, missed }: TakenTopics): StepWords {
  const values = { count: taken.length }
  if (missed.length === 0) return { key: 'learning-routes.flash.templateTaken', values }
  return { key: 'learning-routes.flash.templateTakenPartly', values, missed, kind: 'warning' }
}
