import { randomUUID } from 'node:crypto'
import { withTransaction } from '../../core/db/index.ts'
import { ForbiddenError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { notifyEach } from '../../core/notices/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { selectCohort } from './cohort-queries.ts'
import type { LetterInput } from './input.ts'
import { listAddressees } from './journal-queries.ts'
import { trackingPolicy } from './policy.ts'

/** Stands in a letter for the first name and patronymic of who gets it. */
const NAME = /\{(имя|name)\}/giu

/**
 * Sends a letter to chosen learners of a cohort, to each by themselves: they read it in the system and in their mail.
 * @returns how many letters are sent, and how many of them are read in the system only, for want of an address
 * @throws NotFoundError if one of them is not visible, ForbiddenError if the actor may not write to one of them
 */
export async function sendLetters(
  actor: Actor,
  cohortId: number,
  input: LetterInput,
): Promise<{ sent: number; withoutAddress: number }> {
  const date = authorityToday()
  const cohort = await selectCohort(actor, cohortId, date)
  const ids = [...new Set(input.enrolments)]
  const people = await listAddressees(actor, cohort, ids, date)
  if (people.length < ids.length) throw new NotFoundError()
  const policy = trackingPolicy(date)
  if (!people.every((one) => policy.can(actor, 'write', one.places))) throw new ForbiddenError()
  // One key for all of this letter: whoever gets it twice has been sent two.
  const dedupeKey = `tracking-letter-${randomUUID()}`
  await withTransaction(async () => {
    await notifyEach(
      'tracking.reminder',
      people.map((one) => {
        const name = [one.first_name, one.middle_name].filter(Boolean).join(' ')
        return {
          personId: one.places.personId,
          subject: { type: 'cohort', id: cohort.id },
          data: { subject: input.subject, text: input.text.replace(NAME, () => name) },
          href: '/my/tracking',
          dedupeKey,
        }
      }),
    )
    const personIds = people.map((one) => one.places.personId)
    await recordEvent(actor, 'lettersSent', { type: 'cohort', id: cohort.id }, { subject: input.subject, personIds })
  })
  return { sent: people.length, withoutAddress: people.filter((one) => !one.email).length }
}
