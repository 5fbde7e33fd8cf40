import { db } from '../../core/db/index.ts'
import { type Paged, type Paging, paged } from '../../core/http/paging.ts'

export const JOB_STATES = ['failed', 'running', 'queued', 'done'] as const
export type JobState = (typeof JOB_STATES)[number]
export type JobRow = {
  id: number
  kind: string
  state: JobState
  attempts: number
  error: string | null
  progress_done: number
  progress_total: number
  created_at: string
  run_at: string
  finished_at: string | null
}

/** Background work in one state, the latest first. */
export const listJobs = (state: JobState, paging: Paging): Promise<Paged<JobRow>> =>
  paged<JobRow>(db()('jobs').where({ state }), paging, 'id', 'id', (row) => ({ key: String(row.id), id: row.id }), {
    descending: true,
    numeric: true,
  })
