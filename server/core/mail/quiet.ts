import { rootDatabase } from '../db/index.ts'
import { quietUntil, readChoices } from '../notices/choices.ts'
import { setting } from '../settings.ts'
import { inSeconds } from '../time.ts'

/** A letter that leaves so soon was asked about its reader's quiet hours when it was made. */
const FRESH_SECONDS = 600

type Waiting = { dedupe_key: string | null; person_id: number | null; attempts: number; created_at: string }

/**
 * Until when a letter about events rests in its reader's quiet hours, which may have begun while the mail server was away.
 * Letters about accounts come at any hour.
 */
export async function restsUntil(letter: Waiting): Promise<string | undefined> {
  const isNotice = /^(notice|digest)-/.test(letter.dedupe_key ?? '')
  const isFresh = letter.attempts === 0 && letter.created_at > inSeconds(-FRESH_SECONDS)
  if (!isNotice || isFresh || letter.person_id === null) return undefined
  const person = await rootDatabase()('people').where({ id: letter.person_id }).first('preferences', 'time_zone')
  const zone = person?.time_zone ?? (await setting('authority')).timeZone
  return person && quietUntil(readChoices(person.preferences), zone)
}
