import { z } from 'zod'
import { checkbox, line, list, optionalEmail, optionalLine, whole } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { LANGUAGES, languageLabel } from '../../core/i18n/index.ts'
import { setting } from '../../core/settings.ts'
import { channelRoutes } from './channel-router.ts'
import { changeAuthority, changeMail, changeRegistration, tryMail } from './service.ts'

const isZone = (zone: string) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
  } catch {
    return false
  }
}

const authorityInput = z
  .object({
    name: line(200),
    languages: list(z.enum(LANGUAGES as [string, ...string[]])).refine(
      (codes) => codes.length > 0,
      'errors.field.choose',
    ),
    defaultLanguage: z.enum(LANGUAGES as [string, ...string[]]),
    timeZone: z.string().max(64).refine(isZone, 'errors.field.invalid'),
    contact: optionalLine(300).transform((text) => text ?? ''),
    url: z
      .preprocess(
        (text) => text || undefined,
        z
          .url({ protocol: /^https?$/ })
          .max(300)
          .optional(),
      )
      .transform((text) => text ?? ''),
  })
  .refine((input) => input.languages.includes(input.defaultLanguage), {
    message: 'settings.authority.defaultMissing',
    path: ['defaultLanguage'],
  })
const registrationInput = z.object({ mode: z.enum(['open', 'invitation', 'closed']), approval: checkbox() })
const mailInput = z
  .object({
    enabled: checkbox(),
    host: optionalLine(200).transform((text) => text ?? ''),
    port: whole(1, 65_535),
    security: z.enum(['none', 'starttls', 'tls']),
    user: optionalLine(200).transform((text) => text ?? ''),
    /** Empty keeps the stored one: it is never shown. */
    password: z.string().max(500).default(''),
    from: optionalLine(300).transform((text) => text ?? ''),
  })
  .refine((input) => !input.enabled || input.host, { message: 'errors.field.required', path: ['host'] })
  .refine((input) => !input.enabled || input.from, { message: 'errors.field.required', path: ['from'] })
const testInput = z.object({ to: optionalEmail().refine((text) => text !== null, 'errors.field.required') })

const access = mayEverywhere('settings.edit')

/** What an administrator sets for the whole system while it runs. */
export function settingsRoutes(routes: Routes): void {
  routes.get('/settings', { access }, (context) => showSettings(context))
  routes.post(
    '/settings/authority',
    { access, body: authorityInput, invalid: (context, form) => showSettings(context, { authority: form }) },
    async ({ actor, body }) => {
      await changeAuthority(actor, body)
      return redirect('/settings', 'settings.flash.saved')
    },
  )
  routes.post('/settings/registration', { access, body: registrationInput }, async ({ actor, body }) => {
    await changeRegistration(actor, body)
    return redirect('/settings', 'settings.flash.saved')
  })
  channelRoutes(routes, showSettings)
  routes.post(
    '/settings/mail',
    { access, body: mailInput, invalid: (context, form) => showSettings(context, { mail: form }) },
    async ({ actor, body }) => {
      await changeMail(actor, body)
      return redirect('/settings', 'settings.flash.saved')
    },
  )
  routes.post(
    '/settings/mail/test',
    { access, body: testInput, invalid: (context, form) => showSettings(context, { test: form }) },
    async ({ actor, body, lang, t }) => {
      const report = await tryMail(actor, body.to as string, lang)
      if (report.isSent) return redirect('/settings', 'settings.flash.testSent')
      // The wizard's words: what is wrong, and how to mend it.
      const [found, mend] = ['Found', 'Mend'].map((part) => `install.mail${part}.${report.code}`) as [string, string]
      const advice = t(mend, report.values)
      const problem = `${t(found, report.values)} ${advice === mend ? '' : advice}`
      return redirect('/settings', { kind: 'danger', key: 'settings.flash.testFailed', values: { problem } })
    },
  )
}

/** Forms that are shown again with what was typed. */
export type Shown = { authority?: Form; mail?: Form; test?: Form; messenger?: Form }

async function showSettings({ t }: AnyContext, shown: Shown = {}): Promise<Reply> {
  const messenger = await setting('messenger')
  const [authority, registration, mail] = [
    await setting('authority'),
    await setting('registration'),
    await setting('mail'),
  ]
  const model = {
    authority: shown.authority ?? cleanForm(authority),
    registration: cleanForm(registration),
    mail: shown.mail ?? cleanForm({ ...mail, password: '' }),
    push: cleanForm(await setting('push')),
    messenger: shown.messenger ?? cleanForm({ ...messenger, token: '' }),
    hasToken: messenger.token !== '',
    messengerEnabled: messenger.enabled,
    test: shown.test ?? cleanForm({}),
    hasPassword: mail.password !== '',
    mailEnabled: mail.enabled,
    languages: LANGUAGES.map((code) => ({ value: code, label: languageLabel(code) })),
    modes: ['closed', 'invitation', 'open'].map((value) => ({
      value,
      label: t(`settings.registration.mode.${value}`),
    })),
    securities: ['starttls', 'tls', 'none'].map((value) => ({ value, label: t(`settings.mail.security.${value}`) })),
  }
  return page('settings/settings', model, { title: t('settings.title') })
}
