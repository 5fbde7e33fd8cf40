import { breathe, chunks, db, insertRows, updateRows } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError } from '../../core/errors.ts'
import { recordEvents } from '../../core/events/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { nameWords, sortName } from './service.ts'

/** What a list says of a person's own data. In a change, what is not named stays as it is. */
export type ListedPerson = {
  lastName: string
  firstName: string
  middleName: string | null
  gender: 'female' | 'male' | null
  birthDate: string | null
  email: string | null
  phone: string | null
  experience: number | null
  categoryId: number | null
}

const COLUMNS: Record<keyof ListedPerson, string> = {
  lastName: 'last_name',
  firstName: 'first_name',
  middleName: 'middle_name',
  gender: 'gender',
  birthDate: 'birth_date',
  email: 'email',
  phone: 'phone',
  experience: 'experience_years',
  categoryId: 'category_id',
}

function columnsOf(person: Partial<ListedPerson>): Record<string, string | number | null> {
  const columns: Record<string, string | number | null> = {}
  for (const [name, value] of Object.entries(person)) {
    if (value !== undefined) columns[COLUMNS[name as keyof ListedPerson]] = value
  }
  if (person.email !== undefined) columns.email_folded = person.email && fold(person.email)
  return columns
}

export function demandEditEverywhere(actor: Actor): void {
  if (!hasEverywhere(actor, 'people.edit')) throw new ForbiddenError()
}

/**
 * Adds many people, inside the ambient transaction.
 * @param batch a short name of this act, unique while it lasts
 * @returns their ids in the order given
 */
export async function createPeople(actor: Actor, batch: string, people: readonly ListedPerson[]): Promise<number[]> {
  demandEditEverywhere(actor)
  if (people.length === 0) return []
  const now = nowUtc()
  const last = (await db()('people').max('id as id').first())?.id ?? 0
  // Neither database returns the ids of many rows, so each carries its place in the list until they are read back.
  const mark = `${batch}:`
  for await (const { part, from } of pieces(people)) {
    await insertRows(
      'people',
      part.map((person, at) => {
        const names = { sort_name: sortName(person), source: `${mark}${from + at}` }
        return { ...columnsOf(person), ...names, created_at: now, updated_at: now }
      }),
    )
  }
  const made = () => db()('people').where('id', '>', last).where('source', 'like', `${mark}%`)
  const rows: { id: number; source: string }[] = await made().select('id', 'source')
  await made().update({ source: 'import' })
  const ids: number[] = []
  for (const { id, source } of rows) ids[Number(source.slice(mark.length))] = id
  for await (const { part, from } of pieces(people)) {
    await insertWords(part.map((person, at) => ({ id: ids[from + at]!, sorted: sortName(person) })))
    const happenings = part.map((person, at) => ({
      subject: { type: 'person', id: ids[from + at]! },
      data: { after: person },
    }))
    await recordEvents(actor, 'personCreated', happenings)
  }
  return ids
}

/** A long list in pieces, with a breath after each: building the rows of ten thousand people holds up everybody else. */
async function* pieces<T>(list: readonly T[]): AsyncGenerator<{ part: T[]; from: number }> {
  let from = 0
  for (const part of chunks(list)) {
    yield { part, from }
    from += part.length
    await breathe()
  }
}

async function insertWords(people: { id: number; sorted: string }[]) {
  await insertRows(
    'person_words',
    people.flatMap(({ id, sorted }) => [...new Set(nameWords(sorted))].map((word) => ({ word, person_id: id }))),
  )
}

/** Changes many people as a list says, inside the ambient transaction. @throws ConflictError if one of them is gone */
export async function updatePeople(
  actor: Actor,
  changes: readonly { id: number; values: Partial<ListedPerson> }[],
): Promise<void> {
  demandEditEverywhere(actor)
  const before = await selectForUpdate(changes.map(({ id }) => id))
  const renamed: { id: number; sorted: string }[] = []
  const rows = changes.map(({ id, values }) => {
    const stored = before.get(id)
    if (!stored) throw new ConflictError()
    const columns = columnsOf(values)
    const sorted = sortName({
      lastName: values.lastName ?? stored.last_name,
      firstName: values.firstName ?? stored.first_name,
      middleName: values.middleName === undefined ? stored.middle_name : values.middleName,
    })
    if (sorted !== stored.sort_name) {
      columns.sort_name = sorted
      renamed.push({ id, sorted })
    }
    return { key: id, values: columns }
  })
  await updateRows('people', 'id', rows, { updated_at: nowUtc(), version: db().raw('version + 1') })
  for (const part of chunks(renamed)) {
    await db()('person_words')
      .whereIn(
        'person_id',
        part.map(({ id }) => id),
      )
      .del()
    await insertWords(part)
  }
  await recordEvents(
    actor,
    'personChanged',
    changes.map(({ id, values }) => {
      const stored = before.get(id) as unknown as Record<string, unknown>
      const old = Object.fromEntries(
        Object.keys(values).map((name) => [name, stored[COLUMNS[name as keyof ListedPerson]]]),
      )
      return { subject: { type: 'person', id }, data: { before: old, after: values } }
    }),
  )
}

type StoredName = { id: number; last_name: string; first_name: string; middle_name: string | null; sort_name: string }

async function selectForUpdate(ids: readonly number[]): Promise<Map<number, StoredName>> {
  const people = new Map<number, StoredName>()
  for (const part of chunks(ids)) {
    const rows: StoredName[] = await db()('people').whereIn('id', part).forUpdate()
    for (const row of rows) people.set(row.id, row)
  }
  return people
}
