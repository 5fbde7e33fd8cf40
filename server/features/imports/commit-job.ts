import { createHash, randomUUID } from 'node:crypto'
import { updateRows, withTransaction } from '../../core/db/index.ts'
import { AppError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { releaseFile } from '../../core/files/index.ts'
import type { JobContext, JobDefinition } from '../../core/jobs/index.ts'
import { takeLease } from '../../core/jobs/leases.ts'
import type { Actor } from '../../core/rights/index.ts'
import { actorOf, choiceOf, fail, ImportFailure, lookUp, settle, withFileOf } from './check-job.ts'
import { writeOrganisations } from './commit-organisations.ts'
import { type EndingEmployments, writePeople } from './commit-people.ts'
import { type ImportRow, type ImportSummary, selectCorrections, selectOptionalImport } from './queries.ts'
import { withImportWorker } from './worker/import-worker.ts'
import type { LookupAnswer, WritingPlan } from './worker/protocol.ts'

/** Longer than any commit; a process that dies leaves the lease to expire. */
const LEASE_SECONDS = 600

/**
 * Writes a confirmed import, as a whole or not at all. The plan is made anew from the file and from what is stored now,
 * outside the transaction; it must be the plan that was confirmed. Inside, what is stored must still be what the plan
 * was made from. Otherwise nothing is written and the person is asked to check again.
 */
export const commitJob: JobDefinition = {
  kind: 'imports.commit',
  attempts: 5,
  run: async ({ importId, actorId }: { importId: number; actorId: number }, context) => {
    const row = await selectOptionalImport(importId)
    if (row?.state !== 'committing') return
    const lease = await waitForLease()
    try {
      await commit(row, await actorOf(actorId), context)
    } catch (error) {
      await fail(row, 'committing', asFailure(error))
    } finally {
      await lease.release()
    }
  },
}

/** One commit at a time in all processes: two imports of the same people would each find them missing. */
async function waitForLease() {
  const owner = randomUUID()
  for (;;) {
    const lease = await takeLease('imports.commit', owner, LEASE_SECONDS)
    if (lease) return lease
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/** A row that the database refused means that somebody else wrote it meanwhile. */
function asFailure(error: unknown): unknown {
  if (error instanceof AppError && error.status === 409) return new ImportFailure('stale')
  if (error instanceof AppError && error.status === 403) return new ImportFailure('forbidden')
  return error
}

async function commit(row: ImportRow, actor: Actor, { progress }: JobContext): Promise<void> {
  const choice = await choiceOf(row, await selectCorrections(row.id))
  const prepared = await withImportWorker(async (worker) => {
    await progress(5, 100)
    const need = await withFileOf(actor, row, (path) => worker.ask({ task: 'read', path, choice }))
    await progress(35, 100)
    const answer = await lookUp(actor, need, row, choice.today)
    const check = await worker.ask({ task: 'plan', answer })
    await progress(55, 100)
    if (check.fingerprint !== row.summary.check?.fingerprint) throw new ImportFailure('stale')
    return { need, seen: digest(answer), plan: await worker.ask({ task: 'writing' }) }
  })
  await progress(65, 100)
  await withTransaction(async () => {
    const now = await lookUp(actor, prepared.need, row, choice.today)
    if (digest(now) !== prepared.seen) throw new ImportFailure('stale')
    const result = await write(actor, row, prepared.plan, now, choice.today)
    if (!(await settle(row, 'committing', 'done', { ...row.summary, result }))) throw new ImportFailure('stale')
    await recordEvent(actor, 'importCommitted', { type: 'import', id: row.id }, { fileName: row.file_name, ...result })
    if (row.file_id !== null) await releaseFile(row.file_id, 'import', row.id)
  })
  await progress(100, 100)
}

const digest = (answer: LookupAnswer) => createHash('sha256').update(JSON.stringify(answer)).digest('hex')

async function write(
  actor: Actor,
  row: ImportRow,
  plan: WritingPlan,
  stored: LookupAnswer,
  today: string,
): Promise<NonNullable<ImportSummary['result']>> {
  const targets =
    plan.kind === 'people'
      ? await writePeople(actor, plan, row.id, endingOf(stored), today)
      : await writeOrganisations(actor, plan.rows)
  await keepTargets(row.id, targets)
  const created = plan.rows.filter(({ action }) => action === 'create').length
  const organisations = plan.kind === 'people' ? plan.newOrganisations.length : 0
  return { created, updated: plan.rows.length - created, organisations }
}

function endingOf(stored: LookupAnswer): EndingEmployments {
  const people = stored.kind === 'people' ? stored.lookup.people : []
  return new Map(
    people.flatMap(({ id: personId, employments }) =>
      employments.map(({ id, startDate, organisationId }) => [id, { personId, startDate, organisationId }] as const),
    ),
  )
}

/** Remembers whom each line made, for the invitations that may follow. */
async function keepTargets(importId: number, targets: Map<number, number>): Promise<void> {
  const changes = [...targets].map(([line, id]) => ({ key: line, values: { target_id: id } }))
  await updateRows('import_rows', 'row_number', changes, {}, { import_id: importId })
}
