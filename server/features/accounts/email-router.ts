import { z } from 'zod'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, anyone, type Routes } from '../../core/http/route.ts'
import { confirmEmail, selectNewEmail } from './email-service.ts'

const params = z.object({ token: z.string().min(8).max(100) })

/** The link in the letter to a new address. Opening it changes nothing yet: programs that check letters open links, too. */
export function emailRoutes(routes: Routes): void {
  routes.get('/email/:token', { access: anyone, params }, (context) => showQuestion(context, cleanForm({})))
  routes.post('/email/:token', { access: anyone, params, invalid: showQuestion }, async ({ actor, params }) => {
    const personId = await confirmEmail(params.token)
    return redirect(actor.personId === personId ? '/profile' : '/sign-in', 'accounts.email.confirmed')
  })
}

async function showQuestion({ params, t }: AnyContext, form: Form): Promise<Reply> {
  const { person, email } = await selectNewEmail(params.token)
  const name = `${person.first_name} ${person.last_name}`
  return page(
    'accounts/confirm-email',
    { form, action: `/email/${params.token}`, question: t('accounts.email.question', { name, email }) },
    { title: t('accounts.email.confirmTitle'), layout: 'plain' },
  )
}
