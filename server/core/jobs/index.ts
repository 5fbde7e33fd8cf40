import { randomUUID } from 'node:crypto'
import type { Knex } from 'knex'
import cron from 'node-cron'
import { inBackground } from '../background.ts'
import { afterCommit, db, fromJson, insertRow, isUniqueViolation, rootDatabase, toJson } from '../db/index.ts'
import { log } from '../log.ts'
import { inSeconds, nowUtc } from '../time.ts'
import { keepLease, takeLease } from './leases.ts'

export type JobContext = {
  jobId: number
  progress: (done: number, total: number) => Promise<void>
  /** False once the process stops or another one has the work: long work that comes in pieces asks between them. */
  mayGoOn: () => boolean
}

/** Background work of a feature. It may be repeated after a crash, so it must bear that. Its result is kept with the job. */
export type JobDefinition = {
  /** `feature.purpose` */
  kind: string
  // biome-ignore lint/suspicious/noExplicitAny: each job knows its own payload
  run: (payload: any, context: JobContext) => Promise<unknown>
  /** Tries before it counts as failed. */
  attempts?: number
  /** Notes where somebody waits for the result that there will be none: the last try has failed. */
  // biome-ignore lint/suspicious/noExplicitAny: each job knows its own payload
  givenUp?: (payload: any) => Promise<unknown>
  /** Cron expression; such a job takes no payload and one process of several runs it. */
  schedule?: string
  /** Waited for by somebody: it does not queue behind long work. Each lane does one job at a time, beside the others. */
  lane?: 'urgent' | 'previews'
}

const LEASE_SECONDS = 60
const SCHEDULE_LEASE_SECONDS = 50
const owner = randomUUID()
let definitions = new Map<string, JobDefinition>()
let timer: NodeJS.Timeout | undefined
// In each lane one job at a time.
type Lane = NonNullable<JobDefinition['lane']> | 'usual'
const lanes: { name: Lane; working?: Promise<void> }[] = [{ name: 'urgent' }, { name: 'previews' }, { name: 'usual' }]
let stopping = false
let scheduled: { stop: () => unknown }[] = []
const underWay = new Set<Promise<void>>()

type Options = { uniqueKey?: string; inSeconds?: number; createdBy?: number | null }

/**
 * Puts work into the queue, in the ambient transaction if there is one.
 * @returns the job's id, or undefined if a job with this unique key is there already
 */
export async function enqueueJob(kind: string, payload: unknown, options: Options = {}): Promise<number | undefined> {
  const row = {
    kind,
    unique_key: options.uniqueKey ?? null,
    payload: toJson(payload),
    state: 'queued',
    run_at: inSeconds(options.inSeconds ?? 0),
    created_by: options.createdBy ?? null,
    created_at: nowUtc(),
  }
  try {
    const id = await insertRow('jobs', row)
    afterCommit(() => setTimeout(wakeWorker, 20).unref())
    return id
  } catch (error) {
    if (options.uniqueKey && isUniqueViolation(error)) return undefined
    throw error
  }
}

/** State and progress of a job, for the page that waits for it. */
export async function selectOptionalJob(id: number) {
  const row = await db()('jobs').where({ id }).first()
  return row && { ...row, result: fromJson<Record<string, unknown> | null>(row.result, null) }
}

/** Starts taking jobs from the queue (one at a time per process and lane) and running scheduled ones. */
export function startWorker(all: readonly JobDefinition[]): void {
  definitions = new Map(all.map((definition) => [definition.kind, definition]))
  stopping = false
  timer = setInterval(wakeWorker, 1000)
  timer.unref()
  scheduled = all.flatMap((definition) => {
    if (!definition.schedule) return []
    const options = { noOverlap: true, suppressMissedWarning: true }
    return [cron.schedule(definition.schedule, () => follow(runScheduled(definition)), options)]
  })
}

/** A scheduled job must end before the database closes: a letter that went out is noted, or it would go out again. */
function follow(work: Promise<void>): Promise<void> {
  underWay.add(work)
  return work.finally(() => underWay.delete(work))
}

/** Finishes the jobs under way and stops. */
export async function stopWorker(): Promise<void> {
  stopping = true
  clearInterval(timer)
  for (const task of scheduled) task.stop()
  timer = undefined
  await Promise.all([...lanes.map(({ working }) => working), ...underWay])
}

/** Jobs run in no request and in no transaction, whoever wakes the worker. */
function wakeWorker() {
  if (stopping || !timer) return
  for (const lane of lanes) {
    lane.working ??= inBackground(() => runLane(lane.name))
      .catch((error) => log.error({ error }, 'the job queue could not be read'))
      .finally(() => {
        lane.working = undefined
      })
  }
}

/** Runs every job that is due; tests call it to wait for the end. */
export async function runJobs(): Promise<void> {
  await Promise.all(lanes.map(({ name }) => runLane(name)))
}

async function runLane(name: Lane) {
  const kindsOf = (wanted: (lane: Lane | undefined) => boolean) =>
    [...definitions.values()].filter(({ lane }) => wanted(lane)).map(({ kind }) => kind)
  // Jobs of a kind that no feature has any more are found, and fail, in the usual lane.
  const [own, others] = [kindsOf((lane) => lane === name), kindsOf((lane) => lane !== undefined)]
  while (!stopping) {
    const job = await claim((jobs) => (name === 'usual' ? jobs.whereNotIn('kind', others) : jobs.whereIn('kind', own)))
    if (!job) return
    await run(job)
  }
}

type JobRow = { id: number; kind: string; payload: string; attempts: number }

async function claim(ofLane: (jobs: Knex.QueryBuilder) => Knex.QueryBuilder): Promise<JobRow | undefined> {
  const now = nowUtc()
  const due = () =>
    rootDatabase()('jobs').where((query) =>
      query
        .where((queued) => queued.where('state', 'queued').where('run_at', '<=', now))
        .orWhere((abandoned) => abandoned.where('state', 'running').where('lease_until', '<', now)),
    )
  for (const job of await ofLane(due()).orderBy('run_at').limit(5).select('id', 'kind', 'payload', 'attempts')) {
    const lease = { state: 'running', lease_owner: owner, lease_until: inSeconds(LEASE_SECONDS) }
    const mine = await due()
      .where('id', job.id)
      .update({ ...lease, attempts: job.attempts + 1 })
    if (!mine) continue
    if (job.attempts < attemptsOf(job)) return { ...job, attempts: job.attempts + 1 }
    await giveUp(job)
  }
  return undefined
}

const attemptsOf = (job: JobRow) => definitions.get(job.kind)?.attempts ?? 5

/** A job that ended its process every time must not do so for ever. */
async function giveUp(job: JobRow) {
  log.error({ job: job.id, kind: job.kind }, 'a job ended its process too often and is given up')
  const error = 'The process ended while the job ran'
  await rootDatabase()('jobs')
    .where({ id: job.id, lease_owner: owner })
    .update({ state: 'failed', finished_at: nowUtc(), unique_key: null, error })
  await tellGivenUp(job)
}

async function tellGivenUp(job: JobRow) {
  try {
    await definitions.get(job.kind)?.givenUp?.(fromJson(job.payload, null))
  } catch (error) {
    log.error({ error, job: job.id, kind: job.kind }, 'that a job failed could not be noted')
  }
}

async function run(job: JobRow) {
  // Who lost the lease (a machine that slept) no longer speaks for the job: another process has it.
  const jobs = () =>
    rootDatabase()('jobs').where({ id: job.id, lease_owner: owner, attempts: job.attempts, state: 'running' })
  const definition = definitions.get(job.kind)
  const renew = async () => (await jobs().update({ lease_until: inSeconds(LEASE_SECONDS) })) > 0
  const kept = keepLease({ renew }, LEASE_SECONDS)
  const mayGoOn = () => !stopping && kept.isHeld()
  const progress = async (done: number, total: number) => {
    await jobs().update({ progress_done: done, progress_total: total })
  }
  try {
    if (!definition) throw new Error(`No feature runs jobs of kind ${job.kind}`)
    const result = await definition.run(fromJson(job.payload, null), { jobId: job.id, progress, mayGoOn })
    await jobs().update({ state: 'done', result: toJson(result), finished_at: nowUtc(), unique_key: null, error: null })
  } catch (error) {
    log.error({ error, job: job.id, kind: job.kind }, 'a job failed')
    const last = job.attempts >= attemptsOf(job)
    const message = error instanceof Error ? error.message : String(error)
    const next = last
      ? { state: 'failed', finished_at: nowUtc(), unique_key: null }
      : { state: 'queued', run_at: inSeconds(2 ** job.attempts * 15) }
    const isMine = (await jobs().update({ ...next, error: message.slice(0, 2000) })) > 0
    if (last && isMine) await tellGivenUp(job)
  } finally {
    kept.stop()
  }
}

async function runScheduled(definition: JobDefinition) {
  try {
    // Not given back at the end: a process whose clock is a little late finds it still taken.
    const lease = await takeLease(`schedule:${definition.kind}`, owner, SCHEDULE_LEASE_SECONDS)
    if (!lease) return
    const kept = keepLease(lease, SCHEDULE_LEASE_SECONDS)
    try {
      const mayGoOn = () => !stopping && kept.isHeld()
      await definition.run(null, { jobId: 0, progress: async () => {}, mayGoOn })
    } finally {
      kept.stop()
    }
  } catch (error) {
    log.error({ error, kind: definition.kind }, 'a scheduled job failed')
  }
}
