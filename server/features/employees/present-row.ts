import { queryString } from '../../core/http/paging.ts'
import { fullName, innerQuotes } from '../../core/text.ts'
import { type Reader, say } from '../tracking/present-state.ts'
import { type Reason, reasonsOf } from './attention.ts'
import type { EmployeeRow } from './queries.ts'

const ROUTE_LOOKS: Record<string, { kind: string; icon: string }> = {
  none: { kind: 'neutral', icon: 'circle-dashed' },
  draft: { kind: 'neutral', icon: 'pencil' },
  submitted: { kind: 'info', icon: 'hourglass' },
  returned: { kind: 'danger', icon: 'arrow-back-up' },
  approved: { kind: 'success', icon: 'circle-check' },
  changing: { kind: 'success', icon: 'pencil' },
}

export const presentRoute = ({ t }: Reader, state: string | null) => {
  const name = state !== null && state in ROUTE_LOOKS ? state : 'none'
  return { ...(ROUTE_LOOKS[name] as { kind: string; icon: string }), text: t(`employees.route.${name}`) }
}

export const shareOf = (attended: number | null, held: number | null): number | null =>
  held ? (attended ?? 0) / held : null

/** Each reason in words that a director understands without the system. */
export function presentReasons(reader: Reader, row: EmployeeRow): string[] {
  const reasons = reasonsOf(row, reader.today)
  return reasons
    .filter((reason) => !(reason === 'late' && row.nextMilestoneKind === 'route' && hasRouteReason(reasons)))
    .map((reason) => presentReason(reader, row, reason))
}

const hasRouteReason = (reasons: Reason[]) => reasons.includes('routeMissing') || reasons.includes('routeReturned')

function presentReason(reader: Reader, row: EmployeeRow, reason: Reason): string {
  const { t, format, today } = reader
  switch (reason) {
    case 'late': {
      const title = innerQuotes(row.nextMilestone ? say(reader, row.nextMilestone) : '')
      return t('employees.reason.late', { title, date: format.dayOfYear(row.next_due_on) })
    }
    case 'missed': {
      const held = row.lessons_held ?? 0
      return t('employees.reason.missed', { count: held, attended: row.lessons_attended ?? 0 })
    }
    case 'routeReturned':
      return t('employees.reason.routeReturned')
    case 'routeMissing': {
      const isPast = row.route_closes_on !== null && row.route_closes_on < today
      return t(`employees.reason.${isPast ? 'routeMissed' : 'routeMissing'}`, {
        date: format.dayOfYear(row.route_closes_on),
      })
    }
  }
}

/** One employee in a list. */
export function presentRow(reader: Reader, row: EmployeeRow) {
  const { t, format } = reader
  const share = shareOf(row.lessons_attended, row.lessons_held)
  return {
    id: row.id,
    href: `/employees/${row.id}`,
    name: fullName(row),
    position: row.position,
    organisation: row.organisation,
    cohort: row.cohort_title,
    state: row.state === 'active' ? '' : t(`employees.state.${row.state}`),
    route: presentRoute(reader, row.route_state),
    attendance: format.percent(share),
    attendanceHint: row.lessons_held
      ? t('employees.attended', { count: row.lessons_held, attended: row.lessons_attended ?? 0 })
      : '',
    credits: `${row.credits_passed ?? 0} / ${row.modules_total ?? 0}`,
    milestones: `${row.milestones_done ?? 0} / ${row.milestones_total ?? 0}`,
    due: row.next_due_on
      ? { iso: row.next_due_on, text: format.dayOfYear(row.next_due_on), exact: format.date(row.next_due_on) }
      : null,
    dueHint: row.nextMilestone && row.next_due_on ? say(reader, row.nextMilestone) : '',
    isLate: reasonsOf(row, reader.today).includes('late'),
  }
}

/** One employee with the reasons why attention is needed. */
export const presentAlert = (reader: Reader, row: EmployeeRow) => ({
  ...presentRow(reader, row),
  reasons: presentReasons(reader, row),
})

export const hrefWith = (path: string, values: Record<string, unknown>): string => {
  const query = queryString(values)
  return query ? `${path}?${query}` : path
}
