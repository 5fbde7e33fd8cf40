import { withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { translator } from '../../core/i18n/index.ts'
import { type MailReport, sendTestLetter } from '../../core/mail/trial.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { type Setting, saveSetting, setting } from '../../core/settings.ts'

type Name = Parameters<typeof saveSetting>[0]

const SECRETS = ['password', 'token']
const withoutSecrets = (value: object) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !SECRETS.includes(name)))

/**
 * Changes a setting of the whole system and notes who did it, without passwords.
 * @param permission who may: another feature's settings may have a right of their own
 */
export async function changeSetting<N extends Name>(
  actor: Actor,
  name: N,
  value: Setting<N>,
  permission = 'settings.edit',
): Promise<void> {
  await withTransaction(async () => {
    if (!hasEverywhere(actor, permission)) throw new ForbiddenError()
    const before = await setting(name)
    await saveSetting(name, value as Parameters<typeof saveSetting<N>>[1])
    const data = { name, before: withoutSecrets(before), after: withoutSecrets(value) }
    await recordEvent(actor, 'settingChanged', { type: 'setting', id: 0 }, data)
  })
}

/** Name, languages, time zone, contact and address of the authority. */
export const changeAuthority = (actor: Actor, value: Setting<'authority'>): Promise<void> =>
  changeSetting(actor, 'authority', value)

/** Who may register by themselves. */
export const changeRegistration = (actor: Actor, value: Setting<'registration'>): Promise<void> =>
  changeSetting(actor, 'registration', value)

/** Whether browsers may show notices. */
export const changePush = (actor: Actor, value: Setting<'push'>): Promise<void> => changeSetting(actor, 'push', value)

/** The mail server. An empty password keeps the stored one, for the same user of the same server: it goes to no other. */
export async function changeMail(actor: Actor, value: Setting<'mail'>): Promise<void> {
  const before = await setting('mail')
  await changeSetting(actor, 'mail', {
    ...value,
    password: value.password || (value.user === before.user && value.host === before.host ? before.password : ''),
  })
}

/** Sends a letter at once, past the outbox, to try the stored settings. @returns what came of it */
export async function tryMail(actor: Actor, to: string, language: string): Promise<MailReport> {
  if (!hasEverywhere(actor, 'settings.edit')) throw new ForbiddenError()
  const [mail, authority] = [await setting('mail'), await setting('authority')]
  if (!mail.enabled) throw new ConflictError('settings.mail.off')
  const t = translator(language)
  const values = { authority: authority.name }
  return sendTestLetter(mail, {
    to,
    subject: t('settings.mail.testSubject', values),
    text: t('settings.mail.testText', values),
  })
}
