import { z } from 'zod'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply } from '../../core/http/reply.ts'
import { type AnyContext, anyone, type Routes } from '../../core/http/route.ts'
import { setting } from '../../core/settings.ts'
import { presentAsked } from '../privacy/purpose-presenter.ts'
import { listAsked } from '../privacy/purpose-queries.ts'
import { demandRegistration, register, registerInput } from './registration-service.ts'

const params = z.object({ token: z.string().min(8).max(100) })

/** Self-registration, open or by an invitation link, as the authority's setting says. */
export function registerRoutes(routes: Routes): void {
  const done = async ({ t }: AnyContext): Promise<Reply> => {
    const { enabled } = await setting('mail')
    return page(
      'accounts/registered',
      { mailEnabled: enabled },
      { title: t('accounts.register.doneTitle'), layout: 'plain' },
    )
  }
  routes.get('/register', { access: anyone }, (context) => showForm(context, cleanForm({})))
  routes.post(
    '/register',
    { access: anyone, body: registerInput, invalid: (context, form) => showForm(context, form) },
    async (context) => {
      await register(context.body)
      return done(context)
    },
  )
  routes.get('/register/:token', { access: anyone, params }, (context) =>
    showForm(context, cleanForm({}), context.params.token),
  )
  routes.post(
    '/register/:token',
    {
      access: anyone,
      params,
      body: registerInput,
      invalid: (context, form) => showForm(context, form, context.params.token),
    },
    async (context) => {
      await register(context.body, context.params.token)
      return done(context)
    },
  )
}

async function showForm(context: AnyContext, form: Form, token?: string): Promise<Reply> {
  const link = await demandRegistration(token)
  const { approval } = await setting('registration')
  const model = {
    form,
    action: token ? `/register/${token}` : '/register',
    organisation: link?.organisation ?? null,
    approval,
    texts: (await listAsked()).map((purpose) => presentAsked(context, purpose)),
  }
  return page('accounts/register', model, {
    title: context.t('accounts.register.title'),
    layout: 'plain',
    styles: ['privacy.css'],
  })
}
