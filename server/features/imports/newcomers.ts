import { chunks, db, toJson, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError } from '../../core/errors.ts'
import { enqueueJob, type JobDefinition } from '../../core/jobs/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import { inviteByMail, makeSlips, type Slip } from '../accounts/account-service.ts'
import { actorOf } from './check-job.ts'
import { type ImportRow, selectImport, selectOptionalImport } from './queries.ts'

/** Letters put into the outbox in one transaction. */
const LETTERS = 200
/** Slips on one print: a pile that a person can still cut and hand out. */
export const SLIPS = 500

/** People whom an import has made and who do not sign in yet. */
export interface Newcomers {
  /** With an e-mail address: they can be invited by letter. */
  reachable: number[]
  /** Without one: they get slips. */
  offline: number[]
}

/** Those whom an import has made and who have no access yet, by name. */
export async function listNewcomers(importId: number): Promise<Newcomers> {
  const rows: { id: number; email: string | null }[] = await db()('import_rows as r')
    .join('people as p', 'p.id', 'r.target_id')
    .leftJoin('accounts as a', 'a.person_id', 'p.id')
    .where({ 'r.import_id': importId, 'r.action': 'create', 'p.state': 'active' })
    .where((none) => void none.whereNull('a.state').orWhere('a.state', 'invited'))
    .orderBy('p.sort_name')
    .select('p.id', 'p.email')
  const ids = (list: typeof rows) => [...new Set(list.map(({ id }) => id))]
  return { reachable: ids(rows.filter(({ email }) => email)), offline: ids(rows.filter(({ email }) => !email)) }
}

async function selectFinished(actor: Actor, id: number): Promise<ImportRow> {
  const row = await selectImport(actor, id)
  if (!hasEverywhere(actor, 'accounts.edit')) throw new ForbiddenError()
  if (row.state !== 'done' || row.kind !== 'people') throw new ConflictError('imports.conflict')
  return row
}

/** Starts inviting those whom an import has made, by letter, in the background. A second click changes nothing. */
export async function inviteNewcomers(actor: Actor, id: number): Promise<void> {
  await withTransaction(async () => {
    await selectFinished(actor, id)
    const uniqueKey = `imports.invite:${id}`
    const payload = { importId: id, actorId: actor.personId }
    const jobId = await enqueueJob('imports.invite', payload, { uniqueKey, createdBy: actor.personId })
    if (jobId) await db()('imports').where({ id }).update({ job_id: jobId })
  })
}

/** Puts the letters into the outbox, a few at a time, so that others can write in between. */
export const inviteJob: JobDefinition = {
  kind: 'imports.invite',
  run: async ({ importId, actorId }: { importId: number; actorId: number }, { progress }) => {
    const actor = await actorOf(actorId)
    const { reachable } = await listNewcomers(importId)
    let invited = 0
    for (const part of chunks(reachable, LETTERS)) {
      invited += (await inviteByMail(actor, part)).invited
      await progress(invited, reachable.length)
    }
    await withTransaction(async () => {
      const row = await selectOptionalImport(importId)
      if (!row) return
      const summary = toJson({ ...row.summary, invited })
      await db()('imports').where({ id: importId }).update({ summary, updated_at: nowUtc() })
    })
    return { invited }
  },
}

/**
 * Makes sign-in slips for those whom an import has made. New slips void earlier ones and invitations by letter.
 * @param part from 0, `SLIPS` people each
 */
export async function printSlips(actor: Actor, id: number, whom: 'offline' | 'all', part: number): Promise<Slip[]> {
  await selectFinished(actor, id)
  const { reachable, offline } = await listNewcomers(id)
  const chosen = whom === 'offline' ? offline : [...offline, ...reachable]
  return makeSlips(actor, chosen.slice(part * SLIPS, (part + 1) * SLIPS))
}
