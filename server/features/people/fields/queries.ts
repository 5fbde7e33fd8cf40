import { db, fromJson } from '../../../core/db/index.ts'
import { NotFoundError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/rights/index.ts'
import type { Translated } from '../../../core/text.ts'
import type { FieldKind, Option, StoredValue } from './kinds.ts'
import { type Audience, belongsSomewhere, forWhom } from './policy.ts'

/** A field that the authority has added to people. */
export type PersonField = {
  id: number
  kind: FieldKind
  title: Translated
  hint: Translated
  section: Translated
  isRequired: boolean
  seenBy: Audience[]
  editedBy: Audience[]
  isActive: boolean
  version: number
  options: Option[]
}

type FieldRow = {
  id: number
  kind: FieldKind
  title: string
  hint: string
  section: string
  is_required: number
  seen_by: string
  edited_by: string
  state: string
  version: number
}
type OptionRow = { id: number; field_id: number; title: string; state: string }

/** All fields in their order, archived ones last, with their options. */
export async function listFields(): Promise<PersonField[]> {
  const [rows, options]: [FieldRow[], OptionRow[]] = await Promise.all([
    db()('person_fields').orderBy(['state', 'position', 'id']),
    db()('person_field_options').orderBy(['position', 'id']),
  ])
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    title: fromJson<Translated>(row.title, {}),
    hint: fromJson<Translated>(row.hint, {}),
    section: fromJson<Translated>(row.section, {}),
    isRequired: row.is_required === 1,
    seenBy: fromJson<Audience[]>(row.seen_by, []),
    editedBy: fromJson<Audience[]>(row.edited_by, []),
    isActive: row.state === 'active',
    version: row.version,
    options: options
      .filter(({ field_id }) => field_id === row.id)
      .map(({ id, title, state }) => ({ id, title: fromJson<Translated>(title, {}), isActive: state === 'active' })),
  }))
}

/** Fields in use that the actor may see of somebody. */
export const listSeenFields = async (actor: Actor): Promise<PersonField[]> =>
  (await listFields()).filter(({ isActive, seenBy }) => isActive && belongsSomewhere(actor, seenBy))

/** @throws NotFoundError */
export async function selectField(id: number): Promise<PersonField> {
  const field = (await listFields()).find((one) => one.id === id)
  if (!field) throw new NotFoundError()
  return field
}

/** Values by person and field. */
export type Values = ReadonlyMap<number, ReadonlyMap<number, StoredValue[]>>

/** The values of these fields of these people, as far as the actor may see each: one query. */
export async function listValues(
  actor: Actor,
  personIds: readonly number[],
  fields: readonly PersonField[],
): Promise<Values> {
  const values = new Map<number, Map<number, StoredValue[]>>()
  if (!personIds.length || !fields.length) return values
  // Fields that the same audiences see are looked up together.
  const alike = new Map<string, PersonField[]>()
  for (const field of fields) {
    const key = [...field.seenBy].sort().join()
    alike.set(key, [...(alike.get(key) ?? []), field])
  }
  const rows: (StoredValue & { person_id: number; field_id: number })[] = await db()('person_field_values as v')
    .join('people as p', 'p.id', 'v.person_id')
    .whereIn('v.person_id', [...personIds])
    .where((either) => {
      for (const same of alike.values()) {
        const ids = same.map(({ id }) => id)
        void either.orWhere((one) => void one.whereIn('v.field_id', ids).modify(forWhom(actor, same[0]?.seenBy ?? [])))
      }
    })
    .orderBy(['v.person_id', 'v.field_id', 'v.item'])
    .select('v.*')
  for (const row of rows) {
    const own = values.get(row.person_id) ?? new Map<number, StoredValue[]>()
    values.set(row.person_id, own)
    own.set(row.field_id, [...(own.get(row.field_id) ?? []), row])
  }
  return values
}

/** The stored values of many people by field, for what acts on the whole list of people. */
export async function listStoredValues(personIds: readonly number[]): Promise<Values> {
  const rows: (StoredValue & { person_id: number; field_id: number })[] = await db()('person_field_values')
    .whereIn('person_id', [...personIds])
    .orderBy(['person_id', 'field_id', 'item'])
  const values = new Map<number, Map<number, StoredValue[]>>()
  for (const { person_id, field_id, ...value } of rows) {
    const own = values.get(person_id) ?? new Map<number, StoredValue[]>()
    values.set(person_id, own)
    own.set(field_id, [...(own.get(field_id) ?? []), value])
  }
  return values
}

/** The stored values of one person, for whoever has been let in already. */
export async function selectValues(personId: number): Promise<ReadonlyMap<number, StoredValue[]>> {
  return (await listStoredValues([personId])).get(personId) ?? new Map()
}
