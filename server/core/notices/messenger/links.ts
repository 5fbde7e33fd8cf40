import { createHash, randomInt } from 'node:crypto'
import { db, withTransaction } from '../../db/index.ts'
import { NotFoundError } from '../../errors.ts'
import { recordEvent } from '../../events/index.ts'
import { type Actor, NOBODY, SYSTEM } from '../../rights/index.ts'
import { inSeconds, nowUtc } from '../../time.ts'

export type MessengerLink = { name: string | null; linked_at: string }

const CODE_MINUTES = 15
const CODE_LENGTH = 10
// No letters and figures that are taken for one another.
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

const hash = (code: string) => createHash('sha256').update(code.toUpperCase()).digest('hex')
const links = () => db()('messenger_links')

/** The conversation that is linked with a person, if there is one. */
export const selectOptionalLink = (personId: number): Promise<MessengerLink | undefined> =>
  links().where({ person_id: personId }).whereNotNull('chat_id').first('name', 'linked_at')

/** A code that links whoever sends it to the bot with this person: once, for a quarter of an hour. Shown this once. */
export async function offerCode(actor: Actor): Promise<string> {
  const code = Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  const values = { code_hash: hash(code), code_expires_at: inSeconds(CODE_MINUTES * 60) }
  await links()
    .insert({ person_id: actor.personId, ...values })
    .onConflict('person_id')
    .merge(['code_hash', 'code_expires_at'])
  return code
}

type Linked = { personId: number; firstName: string; language: string | null }

/**
 * Links a conversation with the person who was shown this code. One conversation tells one person's notices: a former link
 * of either ends.
 * @returns undefined if the code is wrong, used or too old
 */
export async function linkByCode(code: string, chatId: string, name: string): Promise<Linked | undefined> {
  return withTransaction(async () => {
    const person = await links()
      .join('people as p', 'p.id', 'messenger_links.person_id')
      .where({ code_hash: hash(code), 'p.state': 'active' })
      .where('code_expires_at', '>', nowUtc())
      .first('p.id', 'p.first_name', 'p.language')
    if (!person) return undefined
    await links().where({ chat_id: chatId }).whereNot({ person_id: person.id }).update({ chat_id: null })
    const now = nowUtc()
    // By the code again: of two who send it at once one is linked.
    const taken = await links()
      .where({ person_id: person.id, code_hash: hash(code) })
      .update({ chat_id: chatId, name: name.slice(0, 100), linked_at: now, code_hash: null, code_expires_at: null })
    if (!taken) return undefined
    const actor = { ...NOBODY, personId: person.id }
    await recordEvent(actor, 'messengerLinked', { type: 'person', id: person.id }, { name })
    return { personId: person.id, firstName: person.first_name, language: person.language }
  })
}

/** Ends one's own link. @throws NotFoundError if there is none */
export async function unlink(actor: Actor): Promise<void> {
  const personId = actor.personId as number
  await withTransaction(async () => {
    if (!(await links().where({ person_id: personId }).whereNotNull('chat_id').del())) throw new NotFoundError()
    await recordEvent(actor, 'messengerUnlinked', { type: 'person', id: personId })
  })
}

/** The other end has ended it: the person told the bot to stop, or has blocked it. @returns whether there was a link */
export async function unlinkChat(chatId: string): Promise<boolean> {
  return withTransaction(async () => {
    const link = await links().where({ chat_id: chatId }).first('person_id')
    if (!link) return false
    await links().where({ chat_id: chatId }).del()
    await recordEvent(SYSTEM, 'messengerUnlinked', { type: 'person', id: link.person_id })
    return true
  })
}
