import { z } from 'zod'
import { checkbox, optionalLine, optionalWebAddress } from '../../core/http/fields.ts'
import type { Form } from '../../core/http/forms.ts'
import { type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import type { Shown } from './router.ts'
import { changeMessenger, changePush, tryMessenger } from './service.ts'

const orEmpty = (text: string | null) => text ?? ''
const pushInput = z.object({ enabled: checkbox() })
const messengerInput = z
  .object({
    enabled: checkbox(),
    server: optionalWebAddress(300).transform(orEmpty),
    /** Empty keeps the stored one: it is never shown. */
    token: optionalLine(200)
      .transform(orEmpty)
      // It becomes a part of an address.
      .refine((text) => /^[\w:.-]*$/.test(text), 'errors.field.invalid'),
    link: optionalWebAddress(300).transform(orEmpty),
  })
  .refine((input) => !input.enabled || input.server, { message: 'errors.field.required', path: ['server'] })

const access = mayEverywhere('settings.edit')

/** Ways beside mail in which the system tells people something. */
export function channelRoutes(routes: Routes, show: (context: AnyContext, shown?: Shown) => Promise<Reply>): void {
  routes.post('/settings/push', { access, body: pushInput }, async ({ actor, body }) => {
    await changePush(actor, body)
    return redirect('/settings', 'settings.flash.saved')
  })
  routes.post(
    '/settings/messenger',
    { access, body: messengerInput, invalid: (context, form: Form) => show(context, { messenger: form }) },
    async ({ actor, body }) => {
      await changeMessenger(actor, body)
      return redirect('/settings', 'settings.flash.saved')
    },
  )
  routes.post('/settings/messenger/test', { access }, async ({ actor, t }) => {
    const report = await tryMessenger(actor)
    if (report.isFine)
      return redirect('/settings', {
        kind: 'success',
        key: 'settings.messenger.fine',
        values: { name: report.name },
      })
    const problem = t(`notices.why.${report.code}`, report.values)
    return redirect('/settings', { kind: 'danger', key: 'settings.messenger.wrong', values: { problem } })
  })
}
