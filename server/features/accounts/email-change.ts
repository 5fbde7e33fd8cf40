import { db, withTransaction } from '../../core/db/index.ts'
import type { DomainEvent, Subscription } from '../../core/events/index.ts'
import { translator } from '../../core/i18n/index.ts'
import { queueLetter } from '../../core/mail/index.ts'
import { setting } from '../../core/settings.ts'
import { fold } from '../../core/text.ts'
import { voidTokens } from './tokens.ts'

const emailOf = (part: unknown) => (part as { email?: string | null } | undefined)?.email ?? null

/**
 * When somebody's e-mail changes, links that were sent to the old one no longer open the account, and the old one is told:
 * whoever took an account over must not keep its owner out in silence.
 */
async function followEmail(event: DomainEvent): Promise<void> {
  const [before, after] = [emailOf(event.data.before), emailOf(event.data.after)]
  if (before === null || (after !== null && fold(before) === fold(after))) return
  const person = await db()('people as p')
    .join('accounts as a', 'a.person_id', 'p.id')
    .where({ 'p.id': event.subject.id })
    .first('p.id', 'p.first_name', 'p.language', 'a.login', 'a.state')
  if (!person) return
  const authority = await setting('authority')
  const language = person.language ?? authority.defaultLanguage
  const t = translator(language)
  const { name, contact } = authority
  const values = { name: person.first_name, login: person.login, authority: name, contact }
  await withTransaction(async () => {
    await voidTokens([person.id])
    if (person.state !== 'active') return
    await queueLetter({
      kind: 'accounts.emailChanged',
      to: before,
      personId: person.id,
      language,
      subject: t('accounts.letter.emailChanged.subject', values),
      text: t('accounts.letter.emailChanged.text', values).trim(),
      dedupeKey: `email-changed-${event.id}`,
    })
  })
}

export const emailChange: Subscription = {
  name: 'accounts.follow-email',
  events: ['personChanged', 'emailChanged'],
  handle: followEmail,
}
