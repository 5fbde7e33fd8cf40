import type { Knex } from 'knex'
import { DateTime } from 'luxon'
import { latestOf, mondayOf, plusDays } from '../../core/db/dialect.ts'
import { chunks, db, withTransaction } from '../../core/db/index.ts'
import { setting } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'

/** Enrolments rebuilt in one transaction: short enough that nobody waits for it. */
const CHUNK = 500

/**
 * Counts the sums of these enrolments anew from routes, journals, credits and milestones, in five statements for each
 * five hundred: what lists, the director's view and the learner's home show. May be repeated at will.
 */
export async function rebuildProgress(enrolmentIds: readonly number[]): Promise<void> {
  const ids = [...new Set(enrolmentIds)].sort((a, b) => a - b)
  if (!ids.length) return
  const minutes = DateTime.now().setZone((await setting('authority')).timeZone).offset
  for (const chunk of chunks(ids, CHUNK)) {
    await withTransaction(async () => {
      // Whoever counts the same enrolments at the same time waits here and then sees what was written meanwhile.
      await db()('enrolments').whereIn('id', chunk).orderBy('id').forUpdate().select('id')
      await db()('progress_weeks').whereIn('enrolment_id', chunk).del()
      await insertFrom('progress_weeks', WEEK_COLUMNS, weeks(chunk, minutes))
      await db()('enrolment_progress').whereIn('enrolment_id', chunk).del()
      await insertFrom('enrolment_progress', PROGRESS_COLUMNS, sums(chunk))
    })
  }
}

/** Rebuilds everything that there is, in the order of ids: after bulk loading. @returns how many enrolments */
export async function rebuildAllProgress(onProgress?: (done: number) => void): Promise<number> {
  let done = 0
  for (let last = 0; ; ) {
    const rows: { id: number }[] = await db()('enrolments')
      .where('id', '>', last)
      .orderBy('id')
      .limit(CHUNK)
      .select('id')
    const end = rows.at(-1)
    if (!end) return done
    await rebuildProgress(rows.map((row) => row.id))
    last = end.id
    done += rows.length
    onProgress?.(done)
  }
}

const insertFrom = (table: string, columns: readonly string[], query: Knex.QueryBuilder) =>
  db()
    .into(db().raw(`?? (${columns.map(() => '??').join(', ')})`, [table, ...columns]))
    .insert(query)

const WEEK_COLUMNS = ['enrolment_id', 'week_starts_on', 'held', 'attended', 'credits'] as const

const ATTENDED = "case when jc.attendance in ('present', 'late') then 1 else 0 end"
const MARKED = 'case when jc.mark between 2 and 5 then 1 else 0 end'

/** Cells with an attendance written down, of lessons that were not cancelled. */
const cells = (ids: number[]) =>
  db()('journal_cells as jc')
    .join('lessons as l', 'l.id', 'jc.lesson_id')
    .whereIn('jc.enrolment_id', ids)
    .whereNot('jc.attendance', '')
    .whereNot('l.state', 'cancelled')

function weeks(ids: number[], minutes: number): Knex.QueryBuilder {
  const lessons = cells(ids).select(
    'jc.enrolment_id',
    db().raw('? as week_starts_on', [mondayOf('l.starts_at', minutes)]),
    db().raw('1 as held'),
    db().raw(`${ATTENDED} as attended`),
    db().raw('0 as credits'),
  )
  const credits = db()('module_credits as mc')
    .whereIn('mc.enrolment_id', ids)
    .where('mc.state', 'passed')
    .whereNotNull('mc.credited_on')
    .select(
      'mc.enrolment_id',
      db().raw('? as week_starts_on', [mondayOf('mc.credited_on', 0)]),
      db().raw('0 as held, 0 as attended, 1 as credits'),
    )
  return db()
    .from(lessons.unionAll([credits]).as('w'))
    .groupBy('w.enrolment_id', 'w.week_starts_on')
    .select('w.enrolment_id', 'w.week_starts_on')
    .select(['held', 'attended', 'credits'].map((name) => db().raw('sum(??)', [`w.${name}`])))
}

const PROGRESS_COLUMNS = [
  ...['enrolment_id', 'lessons_held', 'lessons_attended', 'lessons_missed', 'marks_sum', 'marks_count'],
  ...['credits_passed', 'credits_failed', 'modules_total', 'milestones_done', 'milestones_total'],
  ...['next_due_on', 'next_milestone_id', 'route_state', 'route_hours', 'last_activity_at', 'updated_at'],
] as const

function sums(ids: number[]): Knex.QueryBuilder {
  const count = (column: string) => db().raw('coalesce(??, 0)', [column])
  return db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .leftJoin(attendance(ids), 'a.enrolment_id', 'e.id')
    .leftJoin(credits(ids), 'mc.enrolment_id', 'e.id')
    .leftJoin(modules(), 'pm.programme_id', 'c.programme_id')
    .leftJoin(milestones(ids), 'ms.enrolment_id', 'e.id')
    .leftJoin(nextMilestones(ids), 'nm.enrolment_id', 'e.id')
    .leftJoin('milestones as due', 'due.id', 'nm.milestone_id')
    .leftJoin('learning_routes as r', 'r.enrolment_id', 'e.id')
    .leftJoin(choices(ids), 'ch.route_id', 'r.id')
    .leftJoin(ownItems(ids), 'oi.route_id', 'r.id')
    .leftJoin(evidence(ids), 'ev.enrolment_id', 'e.id')
    .whereIn('e.id', ids)
    .select('e.id')
    .select(['held', 'attended', 'missed', 'marks_sum', 'marks_count'].map((name) => count(`a.${name}`)))
    .select(count('mc.passed'), count('mc.failed'), count('pm.total'), count('ms.done'), count('ms.total'))
    .select(plusDays('c.starts_on', 'due.due_day_offset'), 'due.id')
    .select(db().raw(ROUTE_STATE), db().raw(ROUTE_HOURS))
    .select(latestOf('r.updated_at', 'ev.latest', 'a.latest'), db().raw('?', [nowUtc()]))
}

const IN_FORCE = '(coalesce(ch.in_force, 0) + coalesce(oi.in_force, 0) > 0)'

/** `changing`: one version is in force while the next is being made. */
const ROUTE_STATE = `case when r.id is null or r.state = 'approved' then r.state
  when ${IN_FORCE} then 'changing' else r.state end`

/** Academic hours of the version in force; before there is one, of the draft. */
const ROUTE_HOURS = `case when ${IN_FORCE} then coalesce(ch.force_hours, 0) + coalesce(oi.force_hours, 0)
  else coalesce(ch.draft_hours, 0) + coalesce(oi.draft_hours, 0) end`

const attendance = (ids: number[]) =>
  cells(ids)
    .groupBy('jc.enrolment_id')
    .select('jc.enrolment_id', db().raw('count(*) as held'))
    .select(db().raw(`sum(${ATTENDED}) as attended`))
    // Missed without a good reason; illness and leave are neither attendance nor reproach.
    .select(db().raw("sum(case when jc.attendance = 'absent' then 1 else 0 end) as missed"))
    .select(db().raw(`sum(${MARKED} * coalesce(jc.mark, 0)) as marks_sum`), db().raw(`sum(${MARKED}) as marks_count`))
    .select(db().raw(`max(case when jc.attendance in ('present', 'late') then l.starts_at end) as latest`))
    .as('a')

const credits = (ids: number[]) =>
  db()('module_credits as k')
    .join('modules as m', 'm.id', 'k.module_id')
    .whereIn('k.enrolment_id', ids)
    .whereNull('m.archived_at')
    .groupBy('k.enrolment_id')
    .select('k.enrolment_id')
    .select(db().raw("sum(case when k.state = 'passed' then 1 else 0 end) as passed"))
    .select(db().raw("sum(case when k.state = 'failed' then 1 else 0 end) as failed"))
    .as('mc')

const modules = () =>
  db()('modules')
    .whereNull('archived_at')
    .groupBy('programme_id')
    .select('programme_id', db().raw('count(*) as total'))
    .as('pm')

/** Each enrolment with each milestone that completion demands, and its state where it has one. */
const required = (ids: number[]) =>
  db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .join('milestones as m', 'm.programme_id', 'c.programme_id')
    .leftJoin('milestone_states as s', (on) => on.on('s.enrolment_id', 'e.id').andOn('s.milestone_id', 'm.id'))
    .whereIn('e.id', ids)
    .whereNull('m.archived_at')
    .where('m.is_required', 1)

const milestones = (ids: number[]) =>
  required(ids)
    .groupBy('e.id')
    .select('e.id as enrolment_id', db().raw('count(*) as total'))
    .select(db().raw("sum(case when s.state in ('done', 'waived') then 1 else 0 end) as done"))
    .as('ms')

/** The milestone that is due first of those still with the learner: evidence that awaits a decision is not their delay. */
const nextMilestones = (ids: number[]) =>
  db()
    .from(
      required(ids)
        .whereNotNull('m.due_day_offset')
        .where((open) => open.whereNull('s.state').orWhereIn('s.state', ['open', 'returned']))
        .select('e.id as enrolment_id', 'm.id as milestone_id')
        .select(db().raw('row_number() over (partition by e.id order by m.due_day_offset, m.position, m.id) as place'))
        .as('ordered'),
    )
    .where('ordered.place', 1)
    .select('ordered.enrolment_id', 'ordered.milestone_id')
    .as('nm')

const sumIf = (flag: string, hours: string, name: string) =>
  db().raw(`sum(case when ${flag} = 1 then ${hours} else 0 end) as ${name}`)

const choices = (ids: number[]) =>
  db()('route_choices as rc')
    .join('learning_routes as lr', 'lr.id', 'rc.route_id')
    .join('topics as t', 't.id', 'rc.topic_id')
    .whereIn('lr.enrolment_id', ids)
    .groupBy('rc.route_id')
    .select('rc.route_id', db().raw('sum(rc.in_force) as in_force'))
    .select(sumIf('rc.in_force', 't.hours', 'force_hours'), sumIf('rc.in_draft', 't.hours', 'draft_hours'))
    .as('ch')

const ownItems = (ids: number[]) =>
  db()('route_own_items as o')
    .join('learning_routes as lr', 'lr.id', 'o.route_id')
    .whereIn('lr.enrolment_id', ids)
    .groupBy('o.route_id')
    .select('o.route_id', db().raw('sum(o.in_force) as in_force'))
    .select(sumIf('o.in_force', 'o.hours', 'force_hours'), sumIf('o.in_draft', 'o.hours', 'draft_hours'))
    .as('oi')

/** The latest evidence that the learner offered. */
const evidence = (ids: number[]) =>
  db()('milestone_evidence as me')
    .join('milestone_states as st', 'st.id', 'me.milestone_state_id')
    .join('enrolments as en', 'en.id', 'st.enrolment_id')
    .whereIn('st.enrolment_id', ids)
    .whereRaw('me.created_by = en.person_id')
    .groupBy('st.enrolment_id')
    .select('st.enrolment_id', db().raw('max(me.created_at) as latest'))
    .as('ev')
