import { chunks, db, withTransaction } from '../../core/db/index.ts'
import { recordEvents } from '../../core/events/index.ts'
import { formatFor } from '../../core/i18n/format.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { nowUtc, today } from '../../core/time.ts'
import { holdMilestones } from './change.ts'
import { KNOWN_KINDS, kindOf } from './kinds.ts'
import type { MilestoneState } from './state.ts'

type Row = {
  enrolment_id: number
  milestone_id: number
  kind: string
  state: string | null
  source: string | null
  version: number | null
  route_state: string | null
  route_decided_at: string | null
  in_force: number
  credit_state: string | null
  credited_on: string | null
}

/**
 * Follows with the milestones that the system knows: ticks them (the route is in force, the module's credit is given),
 * unticks what it ticked and what no longer holds, and says of a route that it waits for a decision or came back. What a
 * person decided (waived, confirmed) stays. A handful of statements for any number of learners; may be repeated at will.
 */
export async function syncKnownMilestones(enrolmentIds: readonly number[]): Promise<void> {
  const ids = [...new Set(enrolmentIds)].sort((a, b) => a - b)
  const { timeZone } = await setting('authority')
  const civil = formatFor('ru', timeZone).civil
  for (const chunk of chunks(ids)) {
    await withTransaction(async () => {
      await holdMilestones(chunk)
      const moves = (await selectKnown(chunk)).flatMap((row): Move[] => {
        const to = stateKnown(row, civil, today(timeZone))
        return isByHand(row) || (row.state ?? 'open') === to.state ? [] : [{ row, to }]
      })
      for (const [type, belongs] of EVENTS) await store(moves.filter(belongs), type)
    })
  }
}

type Known = { state: MilestoneState; on: string | null }
type Move = { row: Row; to: Known }

const EVENTS: [string, (move: Move) => boolean][] = [
  ['milestoneTicked', ({ to }) => to.state === 'done'],
  ['milestoneUnticked', ({ row, to }) => to.state !== 'done' && row.state === 'done'],
  ['milestoneFollowed', ({ row, to }) => to.state !== 'done' && row.state !== 'done'],
]

/** Ticks everything that the system knows of, in the order of enrolments: after bulk loading. */
export async function syncAllKnownMilestones(): Promise<void> {
  for (let last = 0; ; ) {
    const rows: { id: number }[] = await db()('enrolments').where('id', '>', last).orderBy('id').limit(500).select('id')
    const end = rows.at(-1)
    if (!end) return
    await syncKnownMilestones(rows.map((row) => row.id))
    last = end.id
  }
}

/** What a person decided: waived, or confirmed while the milestone was of another kind. */
const isByHand = (row: Row) => row.state === 'waived' || (row.state === 'done' && row.source !== 'auto')

/** How the milestone stands by what the system knows, and since which civil date. */
function stateKnown(row: Row, civil: (utc: string) => string, now: string): Known {
  if (kindOf(row).known === 'credit') {
    return row.credit_state === 'passed' ? { state: 'done', on: row.credited_on ?? now } : { state: 'open', on: null }
  }
  if (row.route_state === 'approved' || Number(row.in_force)) {
    return { state: 'done', on: row.route_decided_at ? civil(row.route_decided_at) : now }
  }
  const waits = row.route_state === 'submitted' || row.route_state === 'returned'
  return { state: waits ? (row.route_state as 'submitted' | 'returned') : 'open', on: null }
}

const selectKnown = (ids: number[]): Promise<Row[]> =>
  db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .join('milestones as m', 'm.programme_id', 'c.programme_id')
    .leftJoin('milestone_states as s', (on) => on.on('s.enrolment_id', 'e.id').andOn('s.milestone_id', 'm.id'))
    .leftJoin('learning_routes as r', 'r.enrolment_id', 'e.id')
    .leftJoin('module_credits as k', (on) => on.on('k.enrolment_id', 'e.id').andOn('k.module_id', 'm.module_id'))
    .whereIn('e.id', ids)
    .whereIn('m.kind', KNOWN_KINDS)
    .where((either) => either.whereNot('m.kind', 'module_credit').orWhereNotNull('m.module_id'))
    .whereNull('m.archived_at')
    .select('e.id as enrolment_id', 'm.id as milestone_id', 'm.kind', 's.state', 's.source', 's.version')
    .select('r.state as route_state', 'k.state as credit_state', 'k.credited_on')
    .select(db().raw('coalesce(r.decided_at, r.submitted_at) as route_decided_at'))
    .select(
      db().raw('case when exists ? or exists ? then 1 else 0 end as in_force', [
        db()('route_choices as rc').whereRaw('rc.route_id = r.id').where('rc.in_force', 1).select(db().raw('1')),
        db()('route_own_items as oi').whereRaw('oi.route_id = r.id').where('oi.in_force', 1).select(db().raw('1')),
      ]),
    )

async function store(moves: Move[], type: string) {
  if (!moves.length) return
  const rows = moves.map(({ row, to }) => ({
    ...{ enrolment_id: row.enrolment_id, milestone_id: row.milestone_id, state: to.state },
    ...{ count_done: to.state === 'done' ? 1 : 0, done_on: to.on, source: 'auto', confirmed_by: null, comment: null },
    ...{ version: (row.version ?? 0) + 1, updated_at: nowUtc() },
  }))
  for (const chunk of chunks(rows, 1000)) {
    await db()('milestone_states')
      .insert(chunk)
      .onConflict(['enrolment_id', 'milestone_id'])
      .merge(['state', 'count_done', 'done_on', 'source', 'confirmed_by', 'comment', 'version', 'updated_at'])
  }
  const stored: { id: number; enrolment_id: number; milestone_id: number }[] = await db()('milestone_states')
    .whereIn('enrolment_id', [...new Set(rows.map((row) => row.enrolment_id))])
    .select('id', 'enrolment_id', 'milestone_id')
  const ids = new Map(stored.map((row) => [`${row.enrolment_id}:${row.milestone_id}`, row.id]))
  await recordEvents(
    SYSTEM,
    type,
    moves.map(({ row, to }) => ({
      subject: { type: 'milestoneState', id: ids.get(`${row.enrolment_id}:${row.milestone_id}`) as number },
      data: {
        ...{ enrolmentId: row.enrolment_id, milestoneId: row.milestone_id },
        before: { state: row.state ?? 'open' },
        after: { state: to.state, on: to.on },
      },
    })),
  )
}
