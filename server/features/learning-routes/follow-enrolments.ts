import { chunks, db, withTransaction } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import { nowUtc } from '../../core/time.ts'
import { exchangePlace } from './places.ts'

/**
 * People leave a cohort: their places in its topics are free at once, what they had sent is withdrawn. Versions stay.
 * A constant number of statements; call it in the transaction in which they leave.
 */
export async function releaseRoutes(enrolmentIds: readonly number[]): Promise<void> {
  for (const ids of chunks(enrolmentIds)) {
    const routes: number[] = await db()('learning_routes').whereIn('enrolment_id', ids).orderBy('id').pluck('id')
    if (routes.length === 0) continue
    const choices = () => db()('route_choices').whereIn('route_id', routes)
    // Raising the revision locks the routes, as every other change of them does.
    await db()('learning_routes')
      .whereIn('id', routes)
      .update({ state: 'draft', draft_revision: db().raw('draft_revision + 1'), updated_at: nowUtc() })
    const held = db()('route_choices as rc').whereIn('rc.route_id', routes).whereRaw('rc.offering_id = offerings.id')
    await db()('offerings')
      .whereIn('id', choices().select('offering_id'))
      .update({ taken: db().raw('taken - (?)', [held.count('*')]) })
    await choices().del()
    await db()('route_own_items').whereIn('route_id', routes).update({ in_force: 0 })
    await db()('route_versions')
      .whereIn('route_id', routes)
      .where('state', 'submitted')
      .update({ state: 'withdrawn', decided_at: nowUtc() })
  }
}

/**
 * Someone moves to another group of a module: the topics chosen in the old group are exchanged for the same topics of the
 * new one, as far as they are offered there and have places. The others stay until the learner chooses anew; the
 * constructor says so. May be repeated without harm.
 */
export async function followMove(event: DomainEvent): Promise<void> {
  const groupId = Number(event.data.toGroupId)
  const enrolmentId = Number(event.data.enrolmentId ?? event.subject.id)
  if (!groupId || !enrolmentId) return
  await withTransaction(async () => {
    const locked = await db()('learning_routes')
      .where({ enrolment_id: enrolmentId })
      .update({ draft_revision: db().raw('draft_revision + 1'), updated_at: nowUtc() })
    if (!locked) return
    const rows: { id: number; old_id: number; new_id: number }[] = await db()('route_choices as rc')
      .join('learning_routes as r', 'r.id', 'rc.route_id')
      .join('offerings as old', 'old.id', 'rc.offering_id')
      .join('groups as og', 'og.id', 'old.group_id')
      .join('groups as ng', (on) => on.on('ng.module_id', 'og.module_id').andOnVal('ng.id', groupId))
      .join('offerings as new', (on) => on.on('new.group_id', 'ng.id').andOn('new.topic_id', 'rc.topic_id'))
      .where('r.enrolment_id', enrolmentId)
      // An event that is delivered again, after a later move, changes nothing any more.
      .whereIn(
        'ng.id',
        db()('group_members').where({ enrolment_id: enrolmentId }).whereNull('ends_on').select('group_id'),
      )
      .whereRaw('new.id <> old.id')
      .orderBy('new.id')
      .select('rc.id', 'old.id as old_id', 'new.id as new_id')
    for (const row of rows) await exchangePlace(row.id, row.old_id, row.new_id)
  })
}
