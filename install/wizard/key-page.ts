import type { Request, RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { z } from 'zod'
import { AppError, InputError } from '../../server/core/errors.ts'
import { cleanForm, type Form } from '../../server/core/http/forms.ts'
import { page, type Reply, redirect } from '../../server/core/http/reply.ts'
import { type AnyContext, anyone, type Routes } from '../../server/core/http/route.ts'
import { log } from '../../server/core/log.ts'
import { isKey, isPass, passFor } from './key.ts'
import type { SetupStore } from './state.ts'
import { currentStep, pathOf } from './steps.ts'

const COOKIE = 'integral.setup'
const WINDOW_MS = 15 * 60_000
const TRIES = 10

const keyInput = z.object({ key: z.string().trim().min(1).max(100) })

/** Who has shown the key; nobody else gets beyond its page. */
export interface Doorkeeper {
  /** Slows down guessing: ten wrong keys from one address in a quarter of an hour. */
  limit: RequestHandler
  /** Sends everyone without the key to its page. */
  guard: RequestHandler
  routes: (routes: Routes) => void
}

/** The door of the wizard. The printed address brings the key along; without it, it can be typed. */
export function doorkeeper(store: SetupStore, key: string): Doorkeeper {
  const pass = () => passFor(store.read().secret, key)
  const isInside = (req: Request) => isPass(pass(), req.cookies?.[COOKIE])

  const limit = rateLimit({
    windowMs: WINDOW_MS,
    limit: TRIES,
    standardHeaders: false,
    legacyHeaders: false,
    skip: (req) => req.path !== '/setup' || (req.method === 'GET' && req.query.key === undefined),
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_req, res) => res.locals.hasKey === true,
    handler: (_req, _res, next) =>
      next(new AppError(429, 'errors.tooMany', { values: { seconds: WINDOW_MS / 1000, count: WINDOW_MS / 60_000 } })),
  })

  const guard: RequestHandler = (req, res, next) => {
    if (req.path === '/setup' || req.path === '/preferences' || isInside(req)) return next()
    if (req.method === 'GET' && req.accepts(['html', 'json']) === 'html') return res.redirect(303, '/setup')
    next(new AppError(403, 'install.key.needed'))
  }

  const show = (context: AnyContext, form: Form): Reply =>
    page('install/key', { form }, { title: context.t('install.key.title'), layout: 'plain', styles: ['install.css'] })

  const enter = (context: AnyContext, typed: string): Reply => {
    if (!isKey(key, typed)) {
      log.warn({ ip: context.req.ip }, 'a wrong key was entered in the installer')
      throw InputError.of('key', 'install.key.wrong')
    }
    context.res.locals.hasKey = true
    context.res.cookie(COOKIE, pass(), { httpOnly: true, sameSite: 'lax', secure: context.req.secure })
    return redirect(pathOf(currentStep(store.read())))
  }

  const routes = (collector: Routes) => {
    collector.get('/setup', { access: anyone }, (context) => {
      if (isInside(context.req)) return redirect(pathOf(currentStep(store.read())))
      const typed = context.req.query.key
      if (typeof typed !== 'string') return show(context, cleanForm())
      try {
        return enter(context, typed)
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        const message = context.t('install.key.wrong')
        const form = { values: {}, errors: { key: message }, summary: [{ field: 'key', message }] }
        const reply = show(context, form)
        return reply.kind === 'page' ? { ...reply, options: { ...reply.options, status: 422 } } : reply
      }
    })
    collector.post('/setup', { access: anyone, body: keyInput, invalid: show }, (context) =>
      enter(context, context.body.key),
    )
  }
  return { limit, guard, routes }
}
