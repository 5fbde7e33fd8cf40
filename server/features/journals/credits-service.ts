import { db, insertRows, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { nowUtc, today } from '../../core/time.ts'
import type { CreditsInput } from './input.ts'
import { journalPolicy } from './policy.ts'
import { selectGroup } from './queries.ts'

/** How a credit stands: given, refused, or (after it was taken back) open again. */
export type CreditState = 'passed' | 'failed' | ''

/**
 * Gives, refuses or takes back the module's credit for learners of a group, all of them or none.
 * @returns how many credits changed
 * @throws ConflictError if any of them was changed since the page was shown
 */
export async function setCredits(actor: Actor, groupId: number, input: CreditsInput): Promise<number> {
  const date = today((await setting('authority')).timeZone)
  return withTransaction(async () => {
    const group = await selectGroup(actor, groupId)
    journalPolicy.demand(actor, 'credit', group)
    if (group.isClosed) throw new ForbiddenError('journals.credits.closed')
    if (input.on !== null && input.on > date) throw InputError.of('on', 'journals.credits.inFuture')
    const ids = [...new Set(input.enrolments)]
    await demandCreditable(groupId, ids)
    const existing = await lockCredits(ids, group.module_id)
    const stale = ids.filter((id) => (existing.get(id)?.version ?? 0) !== (input.seen[`e${id}`] ?? 0))
    if (stale.length > 0) throw new ConflictError('journals.credits.stale', { values: { count: stale.length } })
    const state: CreditState = input.state === 'none' ? '' : input.state
    const changed = ids.filter((id) => (existing.get(id)?.state ?? '') !== state)
    if (changed.length === 0) return 0
    const now = nowUtc()
    const rows = changed.map((enrolment_id) => ({
      ...{ enrolment_id, module_id: group.module_id, state },
      ...{ credited_on: state === '' ? null : (input.on ?? date), credited_by: actor.personId },
      ...{ comment: input.comment, version: (existing.get(enrolment_id)?.version ?? 0) + 1, updated_at: now },
    }))
    await db()('module_credits')
      .insert(rows)
      .onConflict(['enrolment_id', 'module_id'])
      .merge(['state', 'credited_on', 'credited_by', 'comment', 'version', 'updated_at'])
    const history = { module_id: group.module_id, state, comment: input.comment, actor_id: actor.personId, at: now }
    await insertRows(
      'module_credit_history',
      changed.map((enrolment_id) => ({ enrolment_id, ...history })),
    )
    await recordEvent(
      actor,
      'moduleCreditSet',
      { type: 'module', id: group.module_id },
      {
        ...{ groupId, cohortId: group.cohort_id, moduleId: group.module_id, enrolmentIds: changed, state },
        before: Object.fromEntries(changed.map((id) => [id, existing.get(id)?.state ?? ''])),
      },
    )
    return changed.length
  })
}

/** All of them must be in the group and still enrolled. */
async function demandCreditable(groupId: number, ids: number[]) {
  const rows: { id: number; state: string }[] = await db()('group_members as gm')
    .join('enrolments as e', 'e.id', 'gm.enrolment_id')
    .where('gm.group_id', groupId)
    .whereIn('gm.enrolment_id', ids)
    .distinct('e.id', 'e.state')
  if (rows.length < ids.length) throw new NotFoundError()
  if (rows.some(({ state }) => state === 'withdrawn' || state === 'suspended')) {
    throw InputError.of('enrolments', 'journals.credits.gone')
  }
}

/** Locks the learners in order, so that two people who credit the same ones follow one another. */
async function lockCredits(ids: number[], moduleId: number) {
  await db()('enrolments').whereIn('id', ids).orderBy('id').forUpdate().select('id')
  const rows: { enrolment_id: number; state: string; version: number }[] = await db()('module_credits')
    .where({ module_id: moduleId })
    .whereIn('enrolment_id', ids)
    .select('enrolment_id', 'state', 'version')
  return new Map(rows.map((row) => [row.enrolment_id, row]))
}
