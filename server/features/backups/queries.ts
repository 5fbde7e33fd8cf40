import { db } from '../../core/db/index.ts'

/** The last backup that was asked for: under way, done or failed. */
export const selectLastJob = () =>
  db()('jobs')
    .where({ kind: 'backups.make' })
    .orderBy('id', 'desc')
    .first('id', 'state', 'error', 'progress_done', 'progress_total')

/** When the first administrator was made. */
export const selectFirstDay = (): Promise<string | undefined> =>
  db()('accounts')
    .orderBy('person_id')
    .first('created_at')
    .then((row) => row?.created_at)
