import { db, insertRows, withTransaction } from '../../../core/db/index.ts'
import { ConflictError, type FieldError, ForbiddenError, InputError, NotFoundError } from '../../../core/errors.ts'
import { recordEvent } from '../../../core/events/index.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { pick, type Translated } from '../../../core/text.ts'
import { nowUtc } from '../../../core/time.ts'
import { type PersonPlaces, personPolicy } from '../policy.ts'
import { selectPlaces } from '../queries.ts'
import type { ValuesInput } from './input.ts'
import { type Option, readValue, type StoredValue, typedValue } from './kinds.ts'
import { belongs } from './policy.ts'
import { listFields, type PersonField, selectValues } from './queries.ts'

/** A person with the fields that the actor may see and edit of them. */
export type FieldsOf = {
  version: number
  places: PersonPlaces
  seen: PersonField[]
  edited: PersonField[]
  values: ReadonlyMap<number, StoredValue[]>
}

/**
 * The fields of a person: one's own, or of somebody whom one sees.
 * @throws NotFoundError if there is no such person, or the actor does not see them
 */
export async function fieldsOfPerson(actor: Actor, personId: number): Promise<FieldsOf> {
  const person = await db()('people as p')
    .where('p.id', personId)
    .modify((query) => {
      if (actor.personId !== personId) void query.modify(personPolicy.visibleTo(actor, 'view'))
    })
    .first('p.version')
  if (!person) throw new NotFoundError()
  const [places, fields, values] = await Promise.all([selectPlaces(personId), listFields(), selectValues(personId)])
  const inUse = fields.filter(({ isActive }) => isActive)
  const seen = inUse.filter(({ seenBy }) => belongs(actor, seenBy, places))
  const edited = seen.filter(({ editedBy }) => belongs(actor, editedBy, places))
  const seenIds = new Set(seen.map(({ id }) => id))
  return {
    version: person.version,
    places,
    seen,
    edited,
    values: new Map([...values].filter(([id]) => seenIds.has(id))),
  }
}

const nameOf = (options: readonly Option[], id: number): Translated =>
  options.find((option) => option.id === id)?.title ?? {}

/** A value as the audit trail keeps it: words for options, else what was typed. */
function keptText({ kind, options }: PersonField, values: readonly StoredValue[]): string | null {
  if (!values.length) return null
  if (kind === 'choice' || kind === 'choices')
    return values.map(({ item }) => pick(nameOf(options, item), 'ru')).join(', ')
  return String(typedValue(kind, values))
}

const same = (one: readonly StoredValue[], other: readonly StoredValue[]) =>
  JSON.stringify(one.map(plain)) === JSON.stringify(other.map(plain))
const plain = ({ item, text_value, number_value, date_value }: StoredValue) => [
  item,
  text_value,
  number_value,
  date_value,
]

/** What was typed for each field that the actor may edit. @throws InputError naming every field that is wrong */
function readAll({ edited, values }: FieldsOf, typed: ValuesInput['typed']): Map<PersonField, StoredValue[]> {
  const errors: FieldError[] = []
  const read = new Map<PersonField, StoredValue[]>()
  for (const field of edited) {
    const kept = new Set(values.get(field.id)?.map(({ item }) => item))
    const reading = readValue(field.kind, typed.get(field.id) ?? [], field.options, kept)
    const name = `f${field.id}`
    if ('problem' in reading) errors.push({ field: name, ...reading.problem })
    else if (field.isRequired && !reading.values.length) errors.push({ field: name, code: 'errors.field.required' })
    else
      read.set(
        field,
        reading.values.toSorted((a, b) => a.item - b.item),
      )
  }
  if (errors.length) throw new InputError(errors)
  return read
}

/** Writes the values of the fields that the actor may edit of this person; other fields stay as they are. */
export async function saveValues(actor: Actor, personId: number, { version, typed }: ValuesInput): Promise<void> {
  await withTransaction(async () => {
    const person = await fieldsOfPerson(actor, personId)
    if (!person.edited.length) throw new ForbiddenError()
    const changes = [...readAll(person, typed)].filter(
      ([field, values]) => !same(values, person.values.get(field.id) ?? []),
    )
    const locked = await db()('people')
      .where({ id: personId, version })
      .update({ version: version + (changes.length ? 1 : 0), updated_at: nowUtc() })
    if (!locked) throw new ConflictError()
    if (!changes.length) return
    await db()('person_field_values')
      .where({ person_id: personId })
      .whereIn(
        'field_id',
        changes.map(([{ id }]) => id),
      )
      .del()
    await insertRows(
      'person_field_values',
      changes.flatMap(([{ id }, values]) => values.map((value) => ({ ...value, person_id: personId, field_id: id }))),
    )
    const told = (valuesOf: (field: PersonField, values: StoredValue[]) => readonly StoredValue[]) =>
      Object.fromEntries(
        changes.map(([field, values]) => [pick(field.title, 'ru'), keptText(field, valuesOf(field, values))]),
      )
    const before = told(({ id }) => person.values.get(id) ?? [])
    const after = told((_, values) => values)
    await recordEvent(actor, 'personFieldsChanged', { type: 'person', id: personId }, { before, after })
  })
}
