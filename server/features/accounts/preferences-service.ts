import type { Response } from 'express'
import { db, withTransaction } from '../../core/db/index.ts'
import { recordEvent } from '../../core/events/index.ts'
import { LANGUAGES } from '../../core/i18n/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'

/** Remembers the language: with the person if signed in, and in this browser. Unknown languages change nothing. */
export async function chooseLanguage(actor: Actor, language: string, res: Response): Promise<void> {
  if (!LANGUAGES.includes(language)) return
  res.cookie('integral.lang', language, { sameSite: 'lax', httpOnly: true, maxAge: 365 * 86_400_000 })
  const { personId } = actor
  if (personId === null) return
  await withTransaction(async () => {
    await db()('people').where({ id: personId }).update({ language, updated_at: nowUtc() })
    await recordEvent(actor, 'languageChosen', { type: 'person', id: personId }, { language })
  })
}
