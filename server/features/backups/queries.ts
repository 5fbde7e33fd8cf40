import { db } from '../../core/db/index.ts'

/** The last backup that was asked for: under way, done or failed. */
export const selectLastJob = () =>
  db()('jobs')
    .where({ kind: 'backups.make' })
    .orderBy('id', 'desc')
    .first('id', 'state', 'error', 'progress_done', 'progress_total')
