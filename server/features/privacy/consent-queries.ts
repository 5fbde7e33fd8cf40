import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import { EXPORT_PAGE, type Paged, paged } from '../../core/http/paging.ts'
import type { Translated } from '../../core/text.ts'
import { addDays, localToUtc } from '../../core/time.ts'
import type { RegisterFilter, RegisterQuery } from './input.ts'
import { listAsked, type Purpose } from './purpose-queries.ts'

export type Answer = {
  id: number
  purpose_id: number
  text_id: number
  action: 'given' | 'postponed' | 'withdrawn'
  source: string
  signed_on: string | null
  note: string | null
  file_id: number | null
  answered_at: string
  number: number
}

const answers = (personId: number) =>
  db()('consents as c').join('consent_texts as x', 'x.id', 'c.text_id').where('c.person_id', personId)

/** What a person has answered last to each purpose. */
export async function latestAnswers(personId: number): Promise<Map<number, Answer>> {
  const rows: Answer[] = await answers(personId).where('c.is_latest', 1).select('c.*', 'x.number')
  return new Map(rows.map((row) => [row.purpose_id, row]))
}

export type HistoryRow = Answer & { title: Translated; recorded_by: number | null }

/** Everything that a person has ever answered, the latest first. */
export async function listAnswers(personId: number): Promise<HistoryRow[]> {
  const rows = await answers(personId).orderBy('c.id', 'desc').limit(200).select('c.*', 'x.number', 'x.title')
  return rows.map((row: HistoryRow & { title: string }) => ({ ...row, title: fromJson<Translated>(row.title, {}) }))
}

/** Whether this text still waits for the person's answer: a compulsory one until it is agreed to. */
export const isOwed = (purpose: Purpose, answer: Answer | undefined): boolean =>
  answer?.text_id !== purpose.text_id || (purpose.demands && answer?.action !== 'given')

/** Purposes whose published text this person has not answered. */
export async function listOwed(personId: number): Promise<Purpose[]> {
  const [asked, given] = [await listAsked(), await latestAnswers(personId)]
  return asked.filter((purpose) => isOwed(purpose, given.get(purpose.id)))
}

export type RegisterRow = Omit<Answer, 'purpose_id'> & {
  person_id: number
  last_name: string
  first_name: string
  middle_name: string | null
  title: Translated
  ip: string | null
}

const matching = (filter: RegisterFilter, zone: string) => (query: Knex.QueryBuilder) => {
  const day = (date: string) => localToUtc(`${date}T00:00`, zone) ?? `${date} 00:00:00.000`
  if (!filter.history) void query.where('c.is_latest', 1)
  if (filter.person) void query.where('c.person_id', Number(/(?:^|#)(\d+)\s*$/.exec(filter.person)?.[1] ?? 0))
  if (filter.purposeId) void query.where('c.purpose_id', filter.purposeId)
  if (filter.action) void query.where('c.action', filter.action)
  if (filter.source) void query.where('c.source', filter.source)
  if (filter.from) void query.where('c.answered_at', '>=', day(filter.from))
  if (filter.to) void query.where('c.answered_at', '<', day(addDays(filter.to, 1)))
}

/** One page of the register of consents, the latest answers first. */
export async function listRegister(query: RegisterQuery, zone: string, size?: number): Promise<Paged<RegisterRow>> {
  const rows = db()('consents as c')
    .join('people as p', 'p.id', 'c.person_id')
    .join('consent_texts as x', 'x.id', 'c.text_id')
    .modify(matching(query, zone))
    .select('c.id', 'c.person_id', 'c.text_id', 'c.action', 'c.source', 'c.signed_on', 'c.note', 'c.file_id', 'c.ip')
    .select('c.answered_at', 'p.last_name', 'p.first_name', 'p.middle_name', 'x.number', 'x.title')
  const page = await paged<Omit<RegisterRow, 'title'> & { title: string }>(
    rows,
    query,
    'c.id',
    'c.id',
    ({ id }) => ({ key: String(id), id }),
    { descending: true, numeric: true, ...(size ? { size } : {}) },
  )
  const named = page.rows.map((row) => ({ ...row, title: fromJson<Translated>(String(row.title), {}) }))
  return { ...page, rows: named }
}

/** The whole register that matches, in pieces. */
export async function* exportRegister(filter: RegisterFilter, zone: string): AsyncGenerator<RegisterRow[]> {
  let after: RegisterQuery['after']
  for (;;) {
    const { rows, next } = await listRegister({ ...filter, after, before: undefined }, zone, EXPORT_PAGE)
    yield rows
    if (!next) return
    after = next
  }
}
