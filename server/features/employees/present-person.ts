import type { Actor } from '../../core/rights/index.ts'
import { hasAnywhere } from '../../core/rights/index.ts'
import { fullName } from '../../core/text.ts'
import type { ComingLesson } from '../home/queries.ts'
import { kindOf } from '../tracking/kinds.ts'
import type { LearnerMilestone } from '../tracking/milestone-queries.ts'
import { presentBadge, presentDue, type Reader, say } from '../tracking/present-state.ts'
import { isMet } from '../tracking/state.ts'
import type { EmployeeHead, HistoryRow, ModuleRow, RouteItem } from './person-queries.ts'
import type { Shown } from './policy.ts'
import { presentReasons, presentRoute, shareOf } from './present-row.ts'

export type PersonParts = {
  employee: EmployeeHead
  others: EmployeeHead[]
  shown: Shown
  modules: ModuleRow[]
  route: RouteItem[]
  milestones: LearnerMilestone[]
  lessons: ComingLesson[]
}

/** A milestone that is a module's credit. */
const isCredit = (milestone: LearnerMilestone) => kindOf(milestone).known === 'credit' && milestone.module_id !== null

const CREDIT_LOOKS: Record<string, { kind: string; icon: string }> = {
  passed: { kind: 'success', icon: 'circle-check' },
  failed: { kind: 'danger', icon: 'circle-x' },
  none: { kind: 'neutral', icon: 'circle' },
}

function presentModules(reader: Reader, modules: ModuleRow[], route: RouteItem[], milestones: LearnerMilestone[]) {
  const { t, format } = reader
  return modules.map((module, index) => {
    const wanted = milestones.find((milestone) => milestone.module_id === module.id && isCredit(milestone))
    const credit = module.credit === 'passed' || module.credit === 'failed' ? module.credit : 'none'
    return {
      number: index + 1,
      title: say(reader, module.title),
      attendance: format.percent(shareOf(module.attended, module.held)),
      attendanceHint: module.held ? t('employees.attended', { count: module.held, attended: module.attended }) : '',
      mean: module.mean === null ? '' : format.number(module.mean, 2),
      credit: { ...(CREDIT_LOOKS[credit] as { kind: string; icon: string }), text: t(`employees.credit.${credit}`) },
      creditDate: credit === 'none' ? '' : format.shortDate(module.credited_on),
      creditDue: (wanted && !isMet(wanted.state) && presentDue(reader, wanted.dueOn)?.text) || '',
      topics: route
        .filter((item) => item.moduleId === module.id)
        .map((item) => ({ title: say(reader, item.title), hours: t('employees.hours', { count: item.hours }) })),
    }
  })
}

/** Faces of one employee. */
export const presentPersonTabs = ({ t }: Reader, id: number, active: 'card' | 'progress') => ({
  label: t('employees.person.tabs'),
  items: [
    { href: `/employees/${id}`, label: t('employees.person.card'), active: active === 'card' },
    { href: `/employees/${id}/progress`, label: t('employees.person.progress'), active: active === 'progress' },
  ],
})

/** What stands above every face: who, where, what is amiss. */
export function presentHead(reader: Reader, employee: EmployeeHead) {
  const { t, format } = reader
  return {
    name: fullName(employee),
    work: [employee.position, employee.organisation].filter(Boolean).join(', '),
    study: `${employee.cohort_title} · ${say(reader, employee.programmeTitle)}`,
    period: t('employees.person.period', { from: format.date(employee.starts_on), to: format.date(employee.ends_on) }),
    state: employee.state === 'active' ? '' : t(`employees.state.${employee.state}`),
    reasons: presentReasons(reader, employee),
  }
}

/** An employee's page, and the printed sheet: read-only, without comments and anything written between people. */
export function presentPerson(actor: Actor, reader: Reader, parts: PersonParts) {
  const { t, format } = reader
  const { employee, others, shown, modules, route, milestones, lessons } = parts
  const own = route.filter((item) => item.moduleId === null)
  const hours = route.reduce((sum, item) => sum + item.hours, 0)
  const id = employee.id
  return {
    head: presentHead(reader, employee),
    tabs: presentPersonTabs(reader, id, 'card'),
    numbers: [
      {
        value: format.percent(shareOf(employee.lessons_attended, employee.lessons_held)),
        label: t('employees.person.attendance'),
        hint: employee.lessons_held
          ? t('employees.attended', { count: employee.lessons_held, attended: employee.lessons_attended ?? 0 })
          : '',
      },
      {
        value: `${employee.credits_passed ?? 0} / ${employee.modules_total ?? 0}`,
        label: t('employees.person.credits'),
      },
      {
        value: `${employee.milestones_done ?? 0} / ${employee.milestones_total ?? 0}`,
        label: t('employees.person.milestones'),
      },
    ],
    route: presentRoute(reader, employee.route_state),
    routeHours: hours ? t('employees.person.routeHours', { hours: t('employees.hours', { count: hours }) }) : '',
    showsMarks: shown.marks,
    showsRoute: shown.route,
    routeIsInForce: route.length > 0,
    routeHref:
      shown.route && hasAnywhere(actor, 'routes.view') && employee.route_state !== null
        ? `/learning-routes/${id}`
        : null,
    modules: presentModules(reader, modules, route, milestones),
    ownItems: own.map((item) => ({
      title: say(reader, item.title),
      hours: t('employees.hours', { count: item.hours }),
    })),
    milestones: milestones.map((milestone) => ({
      title: say(reader, milestone.title),
      badge: presentBadge(reader, milestone),
      due: isMet(milestone.state) ? null : presentDue(reader, milestone.dueOn),
      doneOn: milestone.doneOn ? format.date(milestone.doneOn) : '',
      isOptional: !milestone.isRequired,
      // Paper has them beside the modules already.
      isCredit: isCredit(milestone),
    })),
    journalHref: hasAnywhere(actor, 'tracking.view') ? `/tracking/enrolments/${id}` : null,
    lessons: lessons.map((lesson) => ({
      date: {
        iso: lesson.starts_at.slice(0, 10),
        text: format.human(lesson.starts_at),
        exact: format.dateTime(lesson.starts_at),
      },
      title: lesson.title || say(reader, lesson.topicTitle ?? lesson.moduleTitle),
      place: lesson.place ?? '',
    })),
    others: others.map((other) => ({
      href: `/employees/${other.id}`,
      label: `${other.cohort_title} · ${say(reader, other.programmeTitle)}`,
    })),
  }
}

const HISTORY_LOOKS: Record<string, { icon: string; kind: string }> = {
  enrolled: { icon: 'user-plus', kind: 'success' },
  moved: { icon: 'transfer', kind: 'info' },
  cohort_changed: { icon: 'transfer', kind: 'info' },
  suspended: { icon: 'clock', kind: 'warning' },
  resumed: { icon: 'player-play', kind: 'success' },
  withdrawn: { icon: 'user-x', kind: 'danger' },
  completed: { icon: 'award', kind: 'success' },
}

export const presentHistory = ({ t, format }: Reader, rows: HistoryRow[]) =>
  rows.flatMap((row) => {
    const look = HISTORY_LOOKS[row.action]
    if (!look) return []
    const date = { iso: row.at.slice(0, 10), text: format.date(format.civil(row.at)) }
    return [{ title: t(`employees.history.${row.action}`), text: row.reason ?? '', date, ...look }]
  })
