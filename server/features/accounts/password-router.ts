import { z } from 'zod'
import { line } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, anyone, type Routes } from '../../core/http/route.ts'
import { choosePassword, ownerOfToken, requestReset } from './password-service.ts'
import { enterAs, firstPage } from './sign-in.ts'
import { PASSWORD_PURPOSES, selectToken } from './tokens.ts'

const params = z.object({ token: z.string().min(8).max(100) })
const passwordBody = z.object({ password: z.string().min(1).max(1000) })
const codeBody = z.object({ code: line(40) })
const forgotBody = z.object({ login: line(191) })

/** The first password (invitation, printed slip) and a forgotten one. All of it for people who are not signed in. */
export function passwordRoutes(routes: Routes): void {
  routes.get('/start', { access: anyone }, (context) => showCode(context, cleanForm({})))
  routes.post('/start', { access: anyone, body: codeBody, invalid: showCode }, async (context) => {
    const code = context.body.code.replace(/\s/g, '')
    const token = await selectToken(code, PASSWORD_PURPOSES).catch(() => undefined)
    if (token) return redirect(`/invitation/${encodeURIComponent(code)}`)
    const message = context.t('accounts.start.wrong')
    return showCode(context, {
      values: { code: context.body.code },
      errors: { code: message },
      summary: [{ field: 'code', message }],
    })
  })

  for (const kind of ['invitation', 'reset'] as const) {
    routes.get(`/${kind}/:token`, { access: anyone, params }, (context) => showChoice(context, cleanForm({}), kind))
    routes.post(
      `/${kind}/:token`,
      { access: anyone, params, body: passwordBody, invalid: (context, form) => showChoice(context, form, kind) },
      async ({ req, params, body }) => {
        const { personId, isActive } = await choosePassword(params.token, body.password)
        if (!isActive) return redirect('/sign-in', { kind: 'info', key: 'accounts.signIn.pending' })
        if (!(await enterAs(req, personId))) return redirect('/sign-in/code')
        return redirect(await firstPage(personId, '/'), 'accounts.choose.done')
      },
    )
  }

  routes.get('/forgot', { access: anyone }, (context) => showForgot(context, cleanForm({})))
  routes.post('/forgot', { access: anyone, body: forgotBody, invalid: showForgot }, async ({ body }) => {
    await requestReset(body.login)
    return redirect('/sign-in', { kind: 'info', key: 'accounts.forgot.sent' })
  })
}

const showCode = ({ t, body: _body }: AnyContext, form: Form): Reply =>
  page(
    'accounts/start',
    { form },
    { title: t('accounts.start.title'), layout: 'plain', status: form.summary.length ? 422 : 200 },
  )

const showForgot = ({ t }: AnyContext, form: Form): Reply =>
  page('accounts/forgot', { form }, { title: t('accounts.forgot.title'), layout: 'plain' })

async function showChoice(context: AnyContext, form: Form, kind: 'invitation' | 'reset'): Promise<Reply> {
  const { params, t } = context
  const owner = await ownerOfToken(params.token)
  const model = {
    form,
    action: `/${kind}/${params.token}`,
    name: `${owner.first_name} ${owner.last_name}`,
    login: owner.login,
  }
  return page('accounts/choose-password', model, { title: t(`accounts.choose.title.${kind}`), layout: 'plain' })
}
