import { db, fromJson } from '../../core/db/index.ts'
import { Belongings } from '../../core/personal-data/rows.ts'

const MOST = 200

export type ReadRow = {
  id: number
  occurred_at: string
  /** As the audit trail names it; null once it was erased. */
  what: string | null
  last_name: string | null
  first_name: string | null
  middle_name: string | null
}

/** Who has looked at a person's pages, the latest first. Neither addresses nor what they sought are shown. */
export async function listReads(personId: number): Promise<ReadRow[]> {
  const enrolments = await new Belongings(personId).keys('enrolments')
  const about = (type: string, ids: readonly number[]) =>
    db()('domain_events as ev')
      .leftJoin('people as p', 'p.id', 'ev.actor_id')
      .where({ 'ev.subject_type': type, 'ev.type': 'dataRead' })
      .whereIn('ev.subject_id', [...ids])
      .orderBy('ev.id', 'desc')
      .limit(MOST)
      .select('ev.id', 'ev.occurred_at', 'ev.data', 'p.last_name', 'p.first_name', 'p.middle_name')
  const rows = [
    ...(await about('person', [personId])),
    ...(enrolments.length ? await about('enrolment', enrolments) : []),
  ] as (ReadRow & { data: string })[]
  return rows
    .sort((a, b) => Number(b.id) - Number(a.id))
    .slice(0, MOST)
    .map(({ data, ...row }) => ({ ...row, what: fromJson<{ what?: string }>(data, {}).what ?? null }))
}
