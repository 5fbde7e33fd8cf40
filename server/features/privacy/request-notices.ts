import { db } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import { type NoticeKind, notify } from '../../core/notices/index.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'

/** People who answer requests today, by a grant in the whole authority. */
function keepers() {
  const date = authorityToday()
  return db()('people')
    .where('people.state', 'active')
    .join('grants as g', 'g.person_id', 'people.id')
    .join('role_permissions as rp', 'rp.role_id', 'g.role_id')
    .where({ 'rp.permission': 'privacy.requests', 'g.scope_type': 'authority' })
    .where((begun) => void begun.whereNull('g.starts_on').orWhere('g.starts_on', '<=', date))
    .where((open) => void open.whereNull('g.ends_on').orWhere('g.ends_on', '>=', date))
}

/** Tells those who answer that a request has come. */
export async function tellKeepers(event: DomainEvent): Promise<void> {
  const people: number[] = await keepers().distinct('people.id').limit(50).pluck('people.id')
  await notify('privacy.requested', people, {
    subject: event.subject,
    data: { kind: event.data.kind, dueOn: event.data.dueOn },
    href: `/data-requests/${event.subject.id}`,
    dedupeKey: `data-request-${event.subject.id}`,
  })
}

/** Tells the person what was decided and why. */
export async function tellPerson(event: DomainEvent): Promise<void> {
  await notify('privacy.decided', [Number(event.data.personId)], {
    subject: event.subject,
    data: { kind: event.data.kind, state: event.data.state, decision: event.data.decision },
    href: '/my/requests',
    dedupeKey: `data-request-decided-${event.id}`,
  })
}

export const requestNotices: Record<string, NoticeKind> = {
  'privacy.requested': {
    texts: 'privacy.notice.requested',
    channels: ['app', 'email'],
    concerns: (actor) => hasEverywhere(actor, 'privacy.requests'),
    values: ({ kind, dueOn }, { t, format }) => ({
      kind: t(`privacy.requests.kind.${kind}`),
      date: format.date(String(dueOn)),
    }),
    mayReceive: async (personId) => Boolean(await keepers().where('people.id', personId).first('people.id')),
  },
  'privacy.decided': {
    texts: 'privacy.notice.decided',
    channels: ['app', 'email'],
    values: ({ kind, state, decision }, { t }) => ({
      kind: t(`privacy.requests.kind.${kind}`),
      state: t(`privacy.requests.state.${state}`),
      decision,
    }),
    mayReceive: async (personId, { id }) =>
      Boolean(await db()('data_requests').where({ id, person_id: personId }).first('id')),
  },
}
