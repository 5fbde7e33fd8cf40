import type { ReasonWriter } from './present-reasons.ts'
import { differsFromForce, type RouteData } from './route-data.ts'
import { type Gap, moduleAnchor, type RouteEvaluation } from './rules-types.ts'
import { type Reader, say, sayDate, sayHours } from './wording.ts'

/** What never leaves the screen: hours, modules, what is missing, and sending. */
export function presentSummary(
  reader: Reader,
  data: RouteData,
  evaluation: RouteEvaluation,
  writer: ReasonWriter,
  options: { canEdit: boolean; mayEdit: boolean; faceUrl: string },
) {
  const { t } = reader
  const { rules, approval } = data.head.programme
  const goal = rules.minHours
  const statuses = new Map(evaluation.modules.map((status) => [status.moduleId, status]))
  const byModule = gapsByModule(evaluation.gaps)
  // What is to be done is said to those who can do it.
  const gaps = (options.mayEdit ? evaluation.gaps : [])
    .filter((gap) => !('moduleId' in gap))
    .map((gap) => ({ text: writer.gap(gap), anchor: gap.anchor, href: jump(options, gap.anchor) }))
  const missing = gaps.length + byModule.size
  const changed = differsFromForce(data)
  return {
    hours: evaluation.hours,
    hoursLabel:
      goal === null
        ? t('learning-routes.summary.hours', { count: evaluation.hours })
        : t('learning-routes.summary.hoursOf', { goal }),
    hoursShort:
      goal === null
        ? sayHours(reader, evaluation.hours)
        : t('learning-routes.summary.hoursShort', { hours: evaluation.hours, goal }),
    goal,
    parts:
      evaluation.ownHours > 0
        ? t('learning-routes.summary.parts', {
            topics: sayHours(reader, evaluation.topicHours),
            own: sayHours(reader, evaluation.ownHours),
          })
        : '',
    topicsLabel: t('learning-routes.summary.topics', { count: evaluation.topics }),
    modulesLabel: t('learning-routes.summary.modules', {
      count: data.modules.length,
      done: evaluation.satisfiedModules,
    }),
    modules: data.modules.map((module, index) => {
      const status = statuses.get(module.id)!
      return {
        anchor: moduleAnchor(module.id),
        href: jump(options, moduleAnchor(module.id)),
        number: index + 1,
        title: say(reader, module.title),
        satisfied: status.satisfied,
        started: status.topics > 0,
        detail: t('learning-routes.module.progress', { count: status.topics, hours: sayHours(reader, status.hours) }),
        stateLabel: t(`learning-routes.module.${status.satisfied ? 'satisfied' : 'open'}`),
        missing: options.mayEdit ? missingWords(reader, byModule.get(module.id) ?? []) : '',
      }
    }),
    gaps,
    missing,
    missingLabel: t('learning-routes.summary.missing', { count: missing }),
    deadline: canStillSend(data, options)
      ? t('learning-routes.summary.deadline', { date: sayDate(reader, data.head.cohort.routeClosesOn as string) })
      : '',
    changed,
    canSubmit: options.canEdit && evaluation.canSubmit && changed,
    submitLabel: t(`learning-routes.submit.${approval === 'none' ? 'take' : 'send'}`),
    submitHint: t(`learning-routes.submit.${approval === 'none' ? 'takeHint' : 'sendHint'}`),
  }
}

const canStillSend = (data: RouteData, options: { canEdit: boolean }) =>
  options.canEdit && data.head.state === 'draft' && data.head.cohort.routeClosesOn !== null

type ModuleGap = Extract<Gap, { moduleId: number }>

function gapsByModule(gaps: readonly Gap[]): Map<number, ModuleGap[]> {
  const byModule = new Map<number, ModuleGap[]>()
  for (const gap of gaps)
    if ('moduleId' in gap) byModule.set(gap.moduleId, [...(byModule.get(gap.moduleId) ?? []), gap])
  return byModule
}

/** What a module lacks or has too much of, in a few words beside its name; empty if nothing. */
function missingWords(reader: Reader, gaps: readonly ModuleGap[]): string {
  const { t } = reader
  const amount = (gap: ModuleGap, count: number) =>
    t(`learning-routes.step.${gap.code.includes('topics') ? 'topics' : 'hours'}`, { count })
  const lacking = gaps.flatMap((gap) => ('missing' in gap ? [amount(gap, gap.missing)] : []))
  const beyond = gaps.flatMap((gap) => ('over' in gap ? [amount(gap, gap.over)] : []))
  const isStuck = gaps.some((gap) => 'selectable' in gap && gap.selectable === 0)
  return [
    lacking.length > 0 ? t('learning-routes.step.lacking', { what: lacking.join(', ') }) : '',
    beyond.length > 0 ? t('learning-routes.step.beyond', { what: beyond.join(', ') }) : '',
    isStuck ? t('learning-routes.step.stuck') : '',
  ]
    .filter(Boolean)
    .join('; ')
}

/** Modules and topics stand on the map only: from another face a jump changes the face first. */
function jump(options: { faceUrl: string }, anchor: string): string {
  return anchor === 'own-items' ? `#${anchor}` : `${options.faceUrl}#${anchor}`
}
