import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { EXPORT_PAGE, eachPage, type Paged, type Paging, paged } from '../../core/http/paging.ts'
import { addDays, localToUtc } from '../../core/time.ts'
import { EVENTS_BY_AREA } from './event-kinds.ts'
import { type Filter, type ListQuery, pickedId } from './input.ts'

export type AuditRow = {
  id: number
  type: string
  occurred_at: string
  subject_type: string
  subject_id: number
  ip: string | null
  actor_id: number | null
  last_name: string | null
  first_name: string | null
  middle_name: string | null
}
export type AuditEvent = AuditRow & { data: Record<string, unknown>; erased_at: string | null; seal_id: number | null }

const rows = () =>
  db()('domain_events as ev')
    .leftJoin('people as p', 'p.id', 'ev.actor_id')
    .select('ev.id', 'ev.type', 'ev.occurred_at', 'ev.subject_type', 'ev.subject_id', 'ev.ip', 'ev.actor_id')
    .select('p.last_name', 'p.first_name', 'p.middle_name')

/** The moment at which a civil day begins for the reader. */
const startOf = (date: string, zone: string): string => localToUtc(`${date}T00:00`, zone) ?? `${date} 00:00:00.000`

const matching = (filter: Filter, zone: string) => (query: Knex.QueryBuilder) => {
  if (filter.actor) void query.where('ev.actor_id', pickedId(filter.actor))
  if (filter.event) void query.whereIn('ev.type', EVENTS_BY_AREA[filter.event] ?? [filter.event])
  if (filter.subject) void query.where({ 'ev.subject_type': filter.subject.type, 'ev.subject_id': filter.subject.id })
  if (filter.from) void query.where('ev.occurred_at', '>=', startOf(filter.from, zone))
  if (filter.to) void query.where('ev.occurred_at', '<', startOf(addDays(filter.to, 1), zone))
  if (filter.ip) void query.where('ev.ip', filter.ip)
}

/** The trail, the latest first. It is read along the time: a page costs the same whatever there is. */
export const listEvents = (filter: ListQuery, zone: string): Promise<Paged<AuditRow>> =>
  pageOf(rows(), filter, filter, zone)

const pageOf = <Row extends AuditRow>(
  query: Knex.QueryBuilder,
  filter: Filter,
  paging: Paging,
  zone: string,
  size?: number,
): Promise<Paged<Row>> =>
  paged<Row>(
    query.modify(matching(filter, zone)),
    paging,
    'ev.occurred_at',
    'ev.id',
    (row) => ({ key: row.occurred_at, id: Number(row.id) }),
    { descending: true, ...(size ? { size } : {}) },
  )

/** The whole trail that matches, the latest first, with what was changed; read in pieces. */
export async function* exportEvents(filter: Filter, zone: string): AsyncGenerator<AuditEvent[]> {
  const withData = () => rows().select('ev.data', 'ev.erased_at', 'ev.seal_id')
  const list = (paging: Paging) => pageOf<AuditRow & { data: string }>(withData(), filter, paging, zone, EXPORT_PAGE)
  for await (const found of eachPage(list)) {
    yield found.map((row) => ({ ...row, data: fromJson(row.data, {}) }) as AuditEvent)
  }
}

/** @throws NotFoundError */
export async function selectEvent(id: number): Promise<AuditEvent> {
  const row = await rows().select('ev.data', 'ev.erased_at', 'ev.seal_id').where('ev.id', id).first()
  if (!row) throw new NotFoundError()
  return { ...row, data: fromJson(row.data, {}) }
}
