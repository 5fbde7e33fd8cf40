import { withTransaction } from '../../core/db/index.ts'
import { ForbiddenError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { queueLetters } from '../../core/mail/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { authorityToday, setting } from '../../core/settings.ts'
import { selectCohort } from './cohort-queries.ts'
import type { LetterInput } from './input.ts'
import { listAddressees } from './journal-queries.ts'
import { trackingPolicy } from './policy.ts'

/** Stands in a letter for the first name and patronymic of who gets it. */
const NAME = /\{(имя|name)\}/giu

/**
 * Sends a letter to chosen learners of a cohort, to each by themselves, through the outbox.
 * @returns how many letters wait to be sent, and how many people have no address
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
  const { defaultLanguage } = await setting('authority')
  const reachable = people.filter((one) => one.email)
  await withTransaction(async () => {
    await queueLetters(
      reachable.map((one) => ({
        kind: 'tracking.reminder',
        to: one.email as string,
        personId: one.places.personId,
        language: one.language ?? defaultLanguage,
        subject: input.subject,
        text: input.text.replace(NAME, () => [one.first_name, one.middle_name].filter(Boolean).join(' ')),
      })),
    )
    const personIds = reachable.map((one) => one.places.personId)
    await recordEvent(actor, 'lettersSent', { type: 'cohort', id: cohort.id }, { subject: input.subject, personIds })
  })
  return { sent: reachable.length, withoutAddress: people.length - reachable.length }
}
