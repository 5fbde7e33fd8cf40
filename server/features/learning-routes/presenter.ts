import { presentList, presentOwnItems } from './present-list.ts'
import { presentMap } from './present-map.ts'
import { type ReasonWriter, reasonWriter } from './present-reasons.ts'
import { presentSummary } from './present-summary.ts'
import { presentTimeline } from './present-timeline.ts'
import { hasElectives, hasForce, type RouteData } from './route-data.ts'
import type { ClosedReason, RouteEvaluation } from './rules-types.ts'
import { type Reader, say, sayHours, sayMoment } from './wording.ts'

export const FACES = ['map', 'timeline', 'list'] as const
export type Face = (typeof FACES)[number]

const FACE_ICONS: Record<Face, string> = { map: 'map-2', timeline: 'timeline', list: 'list-details' }

/** A recommended route. */
export interface RouteTemplate {
  id: number
  title: Record<string, string>
  description: Record<string, string>
  topicIds: number[]
}

export interface ConstructorOptions {
  face: Face
  /** May change the route at all; whether now, the rules say. */
  mayEdit: boolean
  isOwn: boolean
  closed: ClosedReason | null
  /** Comments of the last decision by topic, while the route is returned. */
  comments: Map<number, string[]>
  templates: RouteTemplate[]
  message?: { kind: 'success' | 'warning' | 'danger' | 'info'; text: string } | null
  undo?: string | null
}

/** Address of a route: it is found by its enrolment, which exists before the route does. */
export const routeUrl = (enrolmentId: number): string => `/learning-routes/${enrolmentId}`

/** Exactly what the constructor prints, in whichever face. */
export function presentConstructor(
  reader: Reader,
  data: RouteData,
  evaluation: RouteEvaluation,
  options: ConstructorOptions,
) {
  const { t } = reader
  const writer = reasonWriter(reader, data)
  const baseUrl = routeUrl(data.head.enrolmentId)
  const canEdit = options.mayEdit && options.closed === null
  const mapUrl = baseUrl
  const faceUrl = options.face === 'map' ? baseUrl : `${baseUrl}?face=${options.face}`
  return {
    urls: {
      base: baseUrl,
      face: faceUrl,
      submit: `${baseUrl}/submit`,
      template: `${baseUrl}/template`,
      addOwnItem: `${baseUrl}/own-items/new`,
    },
    canEdit,
    heading: t(`learning-routes.summary.heading${options.isOwn ? '' : 'Other'}`),
    revision: data.head.draftRevision,
    activeFace: options.face,
    faces: FACES.map((face) => ({
      href: face === 'map' ? mapUrl : `${baseUrl}?face=${face}`,
      label: t(`learning-routes.faces.${face}`),
      icon: FACE_ICONS[face],
      active: face === options.face,
    })),
    message: options.message ?? null,
    undo: options.undo ? { href: options.undo, label: t('learning-routes.undo') } : null,
    notices: presentNotices(reader, data, writer, options),
    remarks: {
      label: t('learning-routes.remarks', { count: evaluation.notices.length }),
      items: evaluation.notices.map((notice) => writer.notice(notice)),
    },
    state: presentState(reader, data),
    stateActions: stateActions(reader, data, options, baseUrl),
    links: links(reader, data, baseUrl),
    templates: canEdit ? presentTemplates(reader, data, options.templates) : [],
    summary: presentSummary(reader, data, evaluation, writer, {
      canEdit,
      mayEdit: options.mayEdit,
      faceUrl: options.face === 'map' ? '' : mapUrl,
    }),
    own: presentOwnSection(reader, data, evaluation, canEdit),
    ownItems: presentOwnItems(reader, data, baseUrl),
    modules:
      options.face === 'map'
        ? presentMap(reader, data, evaluation, writer, { baseUrl, canEdit, comments: options.comments })
        : [],
    timeline: options.face === 'timeline' ? presentTimeline(reader, data, evaluation) : null,
    list: options.face === 'list' ? presentList(reader, data, evaluation) : null,
  }
}

/** The state of a route as a pill: word, icon and colour. */
export function presentState(reader: Reader, data: RouteData) {
  const name = data.head.state === 'draft' && hasForce(data) ? 'changing' : data.head.state
  const looks = {
    draft: { kind: 'neutral', icon: 'pencil' },
    changing: { kind: 'info', icon: 'pencil' },
    submitted: { kind: 'warning', icon: 'hourglass' },
    approved: { kind: 'success', icon: 'circle-check' },
    returned: { kind: 'danger', icon: 'message' },
  } as const
  return { ...looks[name], label: reader.t(`learning-routes.state.${name}`) }
}

function presentNotices(reader: Reader, data: RouteData, writer: ReasonWriter, options: ConstructorOptions) {
  const { t } = reader
  const { head } = data
  const notices: { kind: string; heading?: string; text?: string; items?: string[] }[] = []
  if (head.state === 'returned') {
    const values = { name: head.decidedByName ?? '', at: head.decidedAt ? sayMoment(reader, head.decidedAt) : '' }
    notices.push({ kind: 'warning', heading: t('learning-routes.returned.heading', values), text: head.comment ?? '' })
  }
  const other = options.isOwn ? '' : 'Other'
  if (options.closed && options.mayEdit) {
    const key = head.state === 'approved' && options.closed === 'window_over' ? 'approvedAndOver' : options.closed
    notices.push({ kind: 'info', text: writer.closed(`${key}${key === 'submitted' ? other : ''}`) })
  } else if (head.state !== 'approved' && hasForce(data))
    notices.push({ kind: 'info', text: t(`learning-routes.changing${other}`) })
  return notices
}

function stateActions(reader: Reader, data: RouteData, options: ConstructorOptions, baseUrl: string) {
  const { t } = reader
  if (!options.mayEdit) return []
  const action = (name: string, kind: string, icon: string, extra = {}) => ({
    href: `${baseUrl}/${name}`,
    label: t(`learning-routes.action.${name}`),
    method: 'post',
    kind,
    icon,
    fields: { revision: data.head.draftRevision },
    ...extra,
  })
  if (options.closed === 'submitted') return [action('withdraw', 'plain', 'arrow-back-up')]
  if (options.closed === 'approved') return [action('change', 'primary', 'pencil')]
  if (options.closed === null && hasForce(data))
    return [action('discard', 'quiet', 'restore', { confirm: t('learning-routes.action.discardConfirm') })]
  return []
}

function links(reader: Reader, data: RouteData, baseUrl: string) {
  const link = (name: string, icon: string) => ({
    href: `${baseUrl}/${name}`,
    icon,
    label: reader.t(`learning-routes.link.${name}`),
  })
  return [link('print', 'printer'), ...(data.head.versionNumber > 0 ? [link('versions', 'history')] : [])]
}

/** Recommended routes are offered as long as nothing was chosen by the learner. */
function presentTemplates(reader: Reader, data: RouteData, templates: readonly RouteTemplate[]) {
  if (hasElectives(data)) return []
  const topics = new Map(data.topics.map((topic) => [topic.id, topic]))
  return templates.map((template) => {
    const title = say(reader, template.title)
    const known = template.topicIds.flatMap((id) => topics.get(id) ?? [])
    const hours = known.reduce((sum, topic) => sum + topic.hours, 0)
    return {
      id: template.id,
      title,
      descriptionHtml: say(reader, template.description),
      size: reader.t('learning-routes.templates.size', { count: known.length, hours: sayHours(reader, hours) }),
      takeName: reader.t('learning-routes.templates.takeName', { title }),
    }
  })
}

function presentOwnSection(reader: Reader, data: RouteData, evaluation: RouteEvaluation, canEdit: boolean) {
  const max = data.head.programme.rules.ownItemsMaxHours
  const key = max === null ? 'ruleFree' : max === 0 ? 'ruleNone' : 'rule'
  return {
    rule: reader.t(`learning-routes.own.${key}`, { count: max ?? 0 }),
    canEdit,
    canAdd: canEdit && (evaluation.ownHoursLeft === null || evaluation.ownHoursLeft > 0),
    empty: reader.t(`learning-routes.own.${canEdit && max !== 0 ? 'empty' : 'emptyReadOnly'}`),
  }
}
