import { db } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import { type NoticeKind, notify } from '../../core/notices/index.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'

/** People who set up the system today, by a grant in the whole authority. */
function administrators() {
  const date = authorityToday()
  return db()('people')
    .where('people.state', 'active')
    .join('grants as g', 'g.person_id', 'people.id')
    .join('role_permissions as rp', 'rp.role_id', 'g.role_id')
    .where({ 'rp.permission': 'settings.edit', 'g.scope_type': 'authority' })
    .where((open) => void open.whereNull('g.starts_on').orWhere('g.starts_on', '<=', date))
    .where((open) => void open.whereNull('g.ends_on').orWhere('g.ends_on', '>=', date))
}

/** Tells those who can do something about it that files can no longer be kept, or can again. */
export async function tellAdministrators(event: DomainEvent): Promise<void> {
  const people: number[] = await administrators().distinct('people.id').limit(50).pluck('people.id')
  const isFull = event.data.code === 'errors.storeFull'
  const kind = event.type === 'fileStoreFound' ? 'found' : isFull ? 'full' : 'lost'
  await notify(`files.${kind}`, people, {
    subject: { type: 'setting', id: 0 },
    href: '/storage',
    // A network that comes and goes is told of once an hour.
    dedupeKey: `file-store-${kind}-${nowUtc().slice(0, 13)}`,
  })
}

const kindOf = (name: string): NoticeKind => ({
  texts: `files.notice.${name}`,
  channels: ['app', 'email'],
  concerns: (actor) => hasEverywhere(actor, 'settings.edit'),
  mayReceive: async (personId) => Boolean(await administrators().where('people.id', personId).first('people.id')),
})

export const fileNotices: Record<string, NoticeKind> = {
  'files.lost': kindOf('lost'),
  'files.full': kindOf('full'),
  'files.found': kindOf('found'),
}
