import type { AnyContext } from '../../core/http/route.ts'
import { authorityToday } from '../../core/settings.ts'
import { fullName } from '../../core/text.ts'
import { type DataRequest, PENDING } from './request-queries.ts'

const BADGES = { open: 'warning', working: 'info', done: 'success', declined: 'neutral', cancelled: 'neutral' } as const

/** A request as both its person and whoever answers read it. */
export function presentRequest({ t, format }: AnyContext, row: DataRequest) {
  const isPending = PENDING.includes(row.state)
  const isLate = isPending && row.due_on < authorityToday()
  return {
    href: `/data-requests/${row.id}`,
    cancelHref: isPending ? `/my/requests/${row.id}/cancel` : null,
    kind: t(`privacy.requests.kind.${row.kind}`),
    text: row.text,
    person: fullName(row),
    badge: { kind: BADGES[row.state], text: t(`privacy.requests.state.${row.state}`) },
    due: isPending ? { iso: row.due_on, text: format.date(row.due_on), exact: format.date(row.due_on) } : null,
    late: isLate ? { kind: 'danger' as const, text: t('privacy.requests.late') } : null,
    sent: {
      iso: row.created_at.slice(0, 10),
      text: format.human(row.created_at),
      exact: format.dateTime(row.created_at),
    },
    decision: row.decision ?? '',
    decided: row.decided_at ? format.dateTime(row.decided_at) : '',
    onPaper: row.recorded_by !== null,
  }
}
