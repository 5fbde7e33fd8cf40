import { chunks, db, insertRows } from '../../../core/db/index.ts'
import { recordEvents } from '../../../core/events/index.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { nowUtc } from '../../../core/time.ts'
import { demandEditEverywhere } from '../bulk-service.ts'
import type { StoredValue } from './kinds.ts'

/** What a list says of the added fields of a person; fields that it does not name stay. */
export type ListedValues = {
  personId: number
  values: { fieldId: number; values: StoredValue[] }[]
  /** In words, for the audit trail. */
  before: Record<string, string | null>
  after: Record<string, string | null>
}

/** Writes the values of many people, inside the ambient transaction. */
export async function saveManyValues(actor: Actor, listed: readonly ListedValues[]): Promise<void> {
  demandEditEverywhere(actor)
  for (const part of chunks(listed, 200)) {
    const written = part.flatMap(({ personId, values }) => values.map(({ fieldId }) => [personId, fieldId]))
    for (const pairs of chunks(written, 400))
      await db()('person_field_values').whereIn(['person_id', 'field_id'], pairs).del()
    await insertRows(
      'person_field_values',
      part.flatMap(({ personId, values: fields }) =>
        fields.flatMap(({ fieldId, values }) =>
          values.map((value) => ({ ...value, person_id: personId, field_id: fieldId })),
        ),
      ),
    )
    const ids = part.map(({ personId }) => personId)
    await db()('people')
      .whereIn('id', ids)
      .update({ version: db().raw('version + 1'), updated_at: nowUtc() })
  }
  await recordEvents(
    actor,
    'personFieldsChanged',
    listed.map(({ personId, before, after }) => ({
      subject: { type: 'person', id: personId },
      data: { before, after },
    })),
  )
}
