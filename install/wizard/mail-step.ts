import { email } from '../../server/core/http/fields.ts'
import { cleanForm, type Form, parseInput } from '../../server/core/http/forms.ts'
import { json } from '../../server/core/http/reply.ts'
import { type AnyContext, anyone, type Routes } from '../../server/core/http/route.ts'
import { type MailReport, sendTestLetter } from '../../server/core/mail/trial.ts'
import { type MailAnswers, mailInput } from '../answers.ts'
import { guessMailServer } from '../guesses.ts'
import type { SetupStore } from './state.ts'
import { redirectAfter, stepPage } from './steps.ts'
import { mailNotice } from './words.ts'

const testInput = mailInput.extend({ to: email() })

/** The mail server: may be skipped, and may be tried with a letter that is really sent. */
export function mailRoutes(routes: Routes, store: SetupStore): void {
  const show = (context: AnyContext, form: Form, report?: MailReport) => {
    const { mail } = store.read()
    const model = {
      form,
      notice: report ? mailNotice(report, context.t, context.lang) : null,
      hasPassword: Boolean(mail?.password),
      securities: (['tls', 'starttls', 'none'] as const).map((value) => ({
        value,
        label: context.t(`install.mail.security.${value}`),
      })),
    }
    return stepPage(context, store, 'mail', model, { status: report && !report.isSent ? 422 : 200 })
  }
  const invalid = (context: AnyContext, form: Form) => show(context, form)

  routes.get('/setup/mail', { access: anyone }, (context) => {
    const { mail, administrator } = store.read()
    const address = administrator?.email ?? ''
    return show(context, cleanForm({ ...(mail ?? guessMailServer(address)), password: '', to: address }))
  })

  routes.post('/setup/mail/check', { access: anyone, body: mailInput }, () => json({ notice: null }))

  routes.post('/setup/mail/test', { access: anyone, invalid }, async (context) => {
    const { to, ...mail } = parseInput(testInput, context.req.body ?? {})
    const { t } = context
    const name = store.read().authority?.name ?? ''
    const letter = { to, subject: t('install.mail.letterSubject'), text: t('install.mail.letterText', { name }) }
    const settings = { enabled: true, ...withKnownPassword(mail, store) }
    const report = await sendTestLetter(settings, letter)
    if (context.wantsJson) return json({ notice: mailNotice(report, t, context.lang), field: report.field })
    const errors = report.field ? { [report.field]: mailNotice(report, t, context.lang).text } : {}
    return show(context, { values: { ...context.req.body, password: '' }, errors, summary: [] }, report)
  })

  routes.post('/setup/mail/skip', { access: anyone }, () => {
    store.update({ mail: null })
    return redirectAfter('mail', store)
  })

  routes.post('/setup/mail', { access: anyone, body: mailInput, invalid }, ({ body }) => {
    store.update({ mail: withKnownPassword(body, store) })
    return redirectAfter('mail', store)
  })
}

/** An empty password means the one that was given before, as long as there is a user to use it. */
function withKnownPassword(mail: MailAnswers, store: SetupStore): MailAnswers {
  const known = store.read().mail
  return mail.password || !mail.user || known?.user !== mail.user ? mail : { ...mail, password: known.password }
}
