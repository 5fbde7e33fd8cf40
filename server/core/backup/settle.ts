import type { Knex } from 'knex'

/**
 * Ends what was under way when the backup was made. The system that it was taken from has done it since, or an
 * administrator decides: letters of yesterday must not go out a second time by themselves.
 */
export async function settleRestored(knex: Knex): Promise<void> {
  const ended = { state: 'failed', error: 'restored', error_code: 'restored' }
  await knex('mail_outbox').whereIn('state', ['waiting', 'sending']).update(ended)
  await knex('notice_deliveries').where({ state: 'waiting' }).update(ended)
  // Among them the one that made this backup.
  await knex('jobs').where({ kind: 'backups.make' }).whereIn('state', ['queued', 'running']).del()
}
