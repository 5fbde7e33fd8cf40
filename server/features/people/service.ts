import { db, insertRow, isUniqueViolation, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { detachFile } from '../../core/files/index.ts'
import { checkSockets } from '../../core/realtime/index.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { fold } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { demandSomeAdministrator, isMorePowerful } from '../rights/service.ts'
import { addEmployment } from './employment-service.ts'
import type { PersonInput } from './input.ts'
import { personPolicy } from './policy.ts'
import { selectPerson, selectPlaces } from './queries.ts'

/** "петрова анна ивановна": how a name is sorted and searched. */
export const sortName = (person: { lastName: string; firstName: string; middleName: string | null }): string =>
  fold(`${person.lastName} ${person.firstName} ${person.middleName ?? ''}`).slice(0, 191)

/** The words by which a person is found: every part of the name, double names also by their halves. */
export const nameWords = (sorted: string): string[] => {
  const words = sorted.split(' ').filter(Boolean)
  return [...new Set([...words, ...words.flatMap((word) => word.split('-'))])]
    .filter(Boolean)
    .map((word) => word.slice(0, 64))
}

export const personColumns = (input: PersonInput) => ({
  last_name: input.lastName,
  first_name: input.firstName,
  middle_name: input.middleName,
  sort_name: sortName(input),
  gender: input.gender,
  birth_date: input.birthDate,
  email: input.email,
  email_folded: input.email ? fold(input.email) : null,
  phone: input.phone,
  category_id: input.categoryId,
  experience_years: input.experienceYears,
  about: input.about,
})

async function writeWords(personId: number, sorted: string) {
  await db()('person_words').where({ person_id: personId }).del()
  await db()('person_words').insert(nameWords(sorted).map((word) => ({ word, person_id: personId })))
}

/** One address, one person: it is what people sign in by. */
async function orEmailTaken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isUniqueViolation(error)) throw InputError.of('email', 'people.form.emailTaken')
    throw error
  }
}

async function demandCategory(id: number | null, kept: number | null = null) {
  if (id !== null && id !== kept && !(await db()('person_categories').where({ id, state: 'active' }).first('id')))
    throw InputError.of('categoryId', 'errors.field.invalid')
}

type FirstWork = { organisation: string | null; position: string | null; startsOn: string | null }

/** Adds a person, with the first place of work if one is given. @returns the id */
export async function createPerson(actor: Actor, input: PersonInput & FirstWork): Promise<number> {
  return withTransaction(async () => {
    if (!hasEverywhere(actor, 'people.edit')) throw new ForbiddenError()
    const now = nowUtc()
    const columns = personColumns(input)
    await demandCategory(input.categoryId)
    const id = await orEmailTaken(() => insertRow('people', { ...columns, created_at: now, updated_at: now }))
    await writeWords(id, columns.sort_name)
    await recordEvent(actor, 'personCreated', { type: 'person', id }, { after: input })
    if (input.organisation) {
      if (!input.position) throw InputError.of('position', 'errors.field.required')
      const work = { department: null, manager: null, isHead: false, endsOn: null }
      await addEmployment(actor, id, {
        ...work,
        organisation: input.organisation,
        position: input.position,
        startsOn: input.startsOn,
      })
    }
    return id
  })
}

/** Corrects a person's data. @throws ConflictError if someone changed them since `version` was read */
export async function updatePerson(actor: Actor, id: number, input: PersonInput & { version: number }): Promise<void> {
  await withTransaction(async () => {
    const before = await selectPerson(actor, id)
    personPolicy.demand(actor, 'edit', await selectPlaces(id))
    const columns = personColumns(input)
    await demandCategory(input.categoryId, before.category_id)
    const isOtherAddress = columns.email_folded !== (before.email === null ? null : fold(before.email))
    if (isOtherAddress && id !== actor.personId && (await isMorePowerful(id, actor)))
      throw InputError.of('email', 'people.form.emailOfAdministrator')
    // One's own is confirmed by a letter, wherever letters can be sent.
    if (isOtherAddress && id === actor.personId && (await setting('mail')).enabled)
      throw InputError.of('email', 'people.form.emailOneself')
    const changed = await orEmailTaken(() =>
      db()('people')
        .where({ id, version: input.version })
        .update({ ...columns, version: input.version + 1, updated_at: nowUtc() }),
    )
    if (!changed) throw new ConflictError()
    if (columns.sort_name !== before.sort_name) await writeWords(id, columns.sort_name)
    await recordEvent(actor, 'personChanged', { type: 'person', id }, { before, after: input })
  })
}

/** Puts a person away (they can no longer sign in and are in no list) or takes them back. History stays. */
export async function setPersonState(
  actor: Actor,
  id: number,
  state: 'active' | 'archived',
  version: number,
): Promise<void> {
  await withTransaction(async () => {
    await selectPerson(actor, id)
    personPolicy.demand(actor, 'edit', await selectPlaces(id))
    if (id === actor.personId) throw InputError.of('', 'people.card.notOneself')
    const changed = await db()('people')
      .where({ id, version })
      .update({ state, version: version + 1, updated_at: nowUtc() })
    if (!changed) throw new ConflictError()
    if (state === 'archived') {
      if (await isMorePowerful(id, actor)) throw new ForbiddenError()
      await demandSomeAdministrator()
      await db()('sessions').where({ person_id: id }).del()
      checkSockets()
    }
    await recordEvent(actor, state === 'archived' ? 'personArchived' : 'personRestored', { type: 'person', id })
  })
}

/** Takes away somebody's photo that is not fit to be seen, or not theirs. They may put another in its place. */
export async function removePhoto(actor: Actor, id: number): Promise<void> {
  await withTransaction(async () => {
    const { photo_file_id: fileId } = await selectPerson(actor, id)
    personPolicy.demand(actor, 'edit', await selectPlaces(id))
    if (fileId === null) return
    await detachFile(fileId, 'person_photo', id)
    await db()('people').where({ id, photo_file_id: fileId }).update({ photo_file_id: null, updated_at: nowUtc() })
    await recordEvent(actor, 'photoChanged', { type: 'person', id }, { before: fileId, fileId: null })
  })
}
