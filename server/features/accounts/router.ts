import passport from 'passport'
import { z } from 'zod'
import { line } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { navigationFor } from '../../core/http/navigation.ts'
import { ownPath } from '../../core/http/own-path.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, anyone, type Context, type Routes, signedIn } from '../../core/http/route.ts'
import { browserOf } from '../../core/notices/push/cookie.ts'
import { forgetBrowser } from '../../core/notices/push/subscriptions.ts'
import { checkSockets } from '../../core/realtime/index.ts'
import { setting } from '../../core/settings.ts'
import { accountAdminRoutes } from './admin-router.ts'
import { emailRoutes } from './email-router.ts'
import { passwordRoutes } from './password-router.ts'
import { preferenceRoutes } from './preferences-router.ts'
import { profileRoutes } from './profile-router.ts'
import { registerRoutes } from './register-router.ts'
import { passSecondStep } from './second-factor.ts'
import { secondFactorRoutes } from './second-factor-router.ts'
import { comeIn, enterAs, firstPage, waitingPerson } from './sign-in.ts'
import { viewingRoutes } from './viewing-router.ts'
import { stopViewing } from './viewing-service.ts'

const nextQuery = z.object({ next: z.string().max(2000).optional() })
const keptFields = z.record(z.string(), z.object({ name: z.string(), value: z.string() }))
const carried = {
  next: z.string().max(2000).optional(),
  kept_action: z.string().max(2000).optional(),
  kept: keptFields.optional(),
}
const signInBody = z.object({ login: line(191), password: z.string().min(1).max(1000), ...carried })
const codeBody = z.object({ code: line(20), ...carried })

export function accountRoutes(routes: Routes): void {
  routes.get('/', { access: signedIn }, ({ actor, t }) => {
    const first = navigationFor(actor, '/', t).find((item) => item.href !== '/')
    return first ? redirect(first.href) : page('accounts/nothing-yet', {}, { title: t('accounts.nothingYet.title') })
  })

  routes.get('/sign-in', { access: anyone, query: nextQuery }, (context) =>
    context.actor.personId === null
      ? showSignIn(context, cleanForm({ login: '' }), context.query.next)
      : redirect(ownPath(context.query.next)),
  )

  routes.post(
    '/sign-in',
    { access: anyone, body: signInBody, invalid: (context, form) => showSignIn(context, form) },
    signIn,
  )

  routes.get('/sign-in/code', { access: anyone }, (context) => showSecondStep(context, cleanForm({ code: '' })))
  routes.post(
    '/sign-in/code',
    { access: anyone, body: codeBody, invalid: (context, form) => showSecondStep(context, form) },
    async (context) => {
      const personId = waitingPerson(context.req)
      if (personId === undefined) return redirect('/sign-in', { kind: 'warning', key: 'accounts.factor.late' })
      await passSecondStep(personId, context.body.code)
      await comeIn(context.req, personId)
      return goOn(context, personId)
    },
  )

  // Always: whoever signed in during maintenance with another account may be an administrator.
  const openToAll = { always: true, beforeConsent: true, beforeSecondStep: true, whileViewing: true } as const
  routes.post('/sign-out', { access: signedIn, ...openToAll }, async ({ req, actor }) => {
    await stopViewing(req, actor)
    await forgetBrowser(browserOf(req))
    await new Promise<void>((resolve, reject) => req.session.destroy((error) => (error ? reject(error) : resolve())))
    checkSockets()
    return redirect('/sign-in', { kind: 'info', key: 'accounts.signOut.done' })
  })

  preferenceRoutes(routes)
  passwordRoutes(routes)
  registerRoutes(routes)
  emailRoutes(routes)
  profileRoutes(routes)
  secondFactorRoutes(routes)
  accountAdminRoutes(routes)
  viewingRoutes(routes)
}

/** Where one wanted to go and what was being sent, from the fields that carry it. */
function keptOf(body: unknown): {
  next: string
  kept: { action: string; fields: { name: string; value: string }[] } | null
} {
  const typed = (body ?? {}) as { kept_action?: unknown; kept?: unknown; next?: unknown }
  const fields = keptFields.safeParse(typed.kept)
  const isKept = typed.kept_action && fields.success
  return {
    next: ownPath(typed.next),
    kept: isKept ? { action: ownPath(typed.kept_action), fields: Object.values(fields.data) } : null,
  }
}

async function showSignIn(context: AnyContext, form: Form, next?: string): Promise<Reply> {
  const registration = await setting('registration')
  const typed = keptOf(context.req.body)
  const model = {
    form,
    kept: typed.kept,
    next: next === undefined ? typed.next : ownPath(next),
    registration: registration.mode,
  }
  return page('accounts/sign-in', model, { title: context.t('accounts.signIn.title'), layout: 'plain' })
}

async function signIn(context: Context<undefined, undefined, typeof signInBody>): Promise<Reply> {
  const { req, res } = context
  const user = await new Promise<Express.User>((resolve, reject) => {
    passport.authenticate('local', (error: unknown, found: Express.User) => (error ? reject(error) : resolve(found)))(
      req,
      res,
      reject,
    )
  })
  const isIn = await enterAs(req, user.personId as number)
  return isIn ? goOn(context, user.personId as number) : showSecondStep(context, cleanForm({ code: '' }))
}

/** The page for the code, which carries on what the sign-in page had kept. */
function showSecondStep(context: AnyContext, form: Form): Reply {
  if (waitingPerson(context.req) === undefined) return redirect('/sign-in')
  const { next, kept } = keptOf(context.req.body)
  return page(
    'accounts/second-step',
    { form, next, kept },
    { title: context.t('accounts.factor.step'), layout: 'plain' },
  )
}

/** To where one wanted to go; first to the second step if a role demands it; what was being sent is shown, to be sent by the person and not by itself. */
async function goOn(
  {
    body,
    t,
  }: {
    body: { next?: string | undefined; kept_action?: string | undefined; kept?: z.infer<typeof keptFields> | undefined }
    t: AnyContext['t']
  },
  personId: number,
): Promise<Reply> {
  if (!body.kept_action) return redirect(await firstPage(personId, ownPath(body.next)))
  const model = { action: ownPath(body.kept_action), fields: Object.values(body.kept ?? {}) }
  return page('accounts/continue', model, { title: t('accounts.continue.title'), layout: 'plain' })
}
