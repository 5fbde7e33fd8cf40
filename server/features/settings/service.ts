import { withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { translator } from '../../core/i18n/index.ts'
import { type MailReport, sendTestLetter } from '../../core/mail/trial.ts'
import { callBot } from '../../core/notices/messenger/bot.ts'
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

/**
 * The bot in the messenger. An empty secret keeps the stored one, for the same server: it goes to no other.
 */
export async function changeMessenger(actor: Actor, value: Setting<'messenger'>): Promise<void> {
  const before = await setting('messenger')
  const token = value.token || (value.server === before.server ? before.token : '')
  if (value.enabled && !token) throw InputError.of('token', 'errors.field.required')
  await changeSetting(actor, 'messenger', { ...value, token })
}

export type BotReport =
  | { isFine: true; name: string }
  | { isFine: false; code: string; values: Record<string, unknown> }

/** Asks the messenger's server who the bot is, with the stored settings. @returns its name, or what is wrong */
export async function tryMessenger(actor: Actor): Promise<BotReport> {
  if (!hasEverywhere(actor, 'settings.edit')) throw new ForbiddenError()
  const { server } = await setting('messenger')
  const host = URL.canParse(server) ? new URL(server).host : server
  try {
    const answer = await callBot<{ username?: string; first_name?: string }>('getMe', {})
    if (answer.ok) return { isFine: true, name: answer.result.username ?? answer.result.first_name ?? host }
    const isToken = answer.status === 401 || answer.status === 404
    return { isFine: false, code: isToken ? 'wrongToken' : 'serverError', values: { host, ...answer } }
  } catch {
    return { isFine: false, code: 'noAnswer', values: { host } }
  }
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
