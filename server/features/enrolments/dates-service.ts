import { db, withTransaction } from '../../core/db/index.ts'
import { ConflictError, InputError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'
import { writeHistory } from './change-service.ts'
import type { DatesInput } from './input.ts'
import { selectEnrolmentToEdit } from './queries.ts'

/**
 * Corrects the days on which somebody was enrolled and left: what was entered late, or mistyped. Rights, groups and places
 * stay as they are. @throws InputError for days that cannot be, ConflictError for a stale page
 */
export async function correctDates(actor: Actor, cohortId: number, id: number, input: DatesInput): Promise<void> {
  const today = authorityToday()
  await withTransaction(async () => {
    const row = await selectEnrolmentToEdit(actor, cohortId, id)
    const isOver = row.ended_on !== null
    if (input.enrolledOn > today) throw InputError.of('enrolledOn', 'enrolments.dates.inFuture')
    if (isOver && input.endedOn === null) throw InputError.of('endedOn', 'errors.field.required')
    if (!isOver && input.endedOn !== null) throw InputError.of('endedOn', 'enrolments.dates.goesOn')
    if (input.endedOn !== null && input.endedOn > today) throw InputError.of('endedOn', 'enrolments.dates.inFuture')
    if (input.endedOn !== null && input.endedOn < input.enrolledOn)
      throw InputError.of('endedOn', 'enrolments.dates.endsBefore')
    const changed = await db()('enrolments')
      .where({ id, version: input.version })
      .update({ enrolled_on: input.enrolledOn, ended_on: input.endedOn, updated_at: nowUtc() })
      .increment('version', 1)
    if (!changed) throw new ConflictError()
    const before = { enrolledOn: row.enrolled_on, endedOn: row.ended_on }
    const after = { enrolledOn: input.enrolledOn, endedOn: input.endedOn }
    if (before.enrolledOn === after.enrolledOn && before.endedOn === after.endedOn) return
    const happened = [{ id, person_id: row.person_id, data: { before, after } }]
    await writeHistory(actor, cohortId, 'enrolmentDatesCorrected', 'dates_corrected', input.reason, happened)
  })
}
