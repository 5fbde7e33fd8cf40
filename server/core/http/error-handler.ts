import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { translateDriverError } from '../db/index.ts'
import { AppError, InputError, NotFoundError, SecondStepError } from '../errors.ts'
import { translator } from '../i18n/index.ts'
import { log, loggedUrl } from '../log.ts'
import { NOBODY } from '../rights/index.ts'
import { requestContext } from './context.ts'
import type { Csrf } from './csrf.ts'
import { type KeptForm, keptForm, receiveTyped } from './kept-form.ts'
import { referringPath } from './own-path.ts'
import { page, redirect } from './reply.ts'
import { type AnyContext, contextOf } from './route.ts'
import { sendReply } from './send.ts'

export const notFound: RequestHandler = (_req, _res, next) => next(new NotFoundError())

/** Express's own refusals of bad requests (malformed address, body too large) carry a status of 4xx. */
function toAppError(thrown: unknown): AppError {
  const error = translateDriverError(thrown)
  if (error instanceof AppError) return error
  const status = Number((error as { status?: unknown }).status)
  if (status === 413) return new AppError(413, 'errors.tooLarge', { cause: error })
  if (status >= 400 && status < 500) return new AppError(status, 'errors.badRequest', { cause: error })
  return new AppError(500, 'errors.internal', { cause: error })
}

/** The one place where errors become answers: words for people, a reference for the log, never a stack. */
export function errorHandler(csrf: Csrf): ErrorRequestHandler {
  return (thrown, req, res, _next) => {
    const error = toAppError(thrown)
    const reference = requestContext()?.requestId.slice(0, 8) ?? ''
    if (error.status >= 500 && error.code !== 'errors.maintenance')
      log.error({ error: error.cause ?? error, reference, url: loggedUrl(req.originalUrl) }, error.code)
    if (res.headersSent) return void res.destroy()
    answer(error, reference, req, res, csrf).catch((second) => {
      log.error({ error: second, reference }, 'the error page failed')
      res.status(error.status).type('text').send(`${error.status} ${reference}`)
    })
  }
}

async function answer(error: AppError, reference: string, req: Request, res: Response, csrf: Csrf) {
  const context = await safeContext(req, res)
  const { t } = context
  const message = t(error.code, error.values)
  const fields =
    error instanceof InputError
      ? error.fields.map((field) => ({ field: field.field, message: t(field.code, field.values) }))
      : []
  if (error.status === 429 && error.values.seconds) res.set('Retry-After', String(error.values.seconds))
  if (context.wantsJson) {
    res.status(error.status).json({ error: { code: error.code, message, reference, fields, ...error.values } })
    return
  }
  if (error instanceof SecondStepError) {
    await sendReply(req, res, context, csrf, redirect(`/profile/second-step`))
    return
  }
  if (error.status === 401) {
    await receiveTyped(req, res)
    await sendReply(req, res, context, csrf, signInFirst(req, context, keptForm(req)))
    return
  }
  const typed = error.code === 'errors.csrf' && context.actor.personId !== null ? keptForm(req) : null
  if (typed) {
    // A page from before one signed in anew, in another tab: what was typed is shown, to be sent once more by hand.
    const options = { title: t('accounts.continue.title'), layout: 'plain', status: 403 } as const
    await sendReply(req, res, context, csrf, page('accounts/continue', { ...typed }, options))
    return
  }
  // A refused button: what has changed, or is missing, stands on the page that has it.
  const backHref = req.method === 'POST' && [409, 422].includes(error.status) ? referringPath(req) : ''
  // No field is marked on a page of its own.
  const said = fields.length ? t('errors.refused') : message
  const model = { status: error.status, message: said, fields, reference, retry: req.method === 'GET', backHref }
  const layout = context.actor.personId === null ? 'plain' : 'app'
  const reply = page('errors/error', model, {
    title: t(`errors.title.${titleOf(error.status)}`),
    status: error.status,
    layout,
  })
  await sendReply(req, res, context, csrf, reply)
}

const TITLES = [403, 404, 409, 422, 429, 503]
const titleOf = (status: number) => (TITLES.includes(status) ? String(status) : status >= 500 ? '500' : '400')

/** The sign-in page in place of the wanted one; what was being sent is kept in it, so that nothing typed is lost. */
function signInFirst(req: Request, context: AnyContext, kept: KeptForm | null) {
  const next = req.method === 'GET' ? req.originalUrl : ''
  const model = {
    form: { values: { login: '' }, errors: {}, summary: [] },
    next,
    kept,
    registration: null,
  }
  return page('accounts/sign-in', model, { title: context.t('accounts.signIn.title'), layout: 'plain', status: 401 })
}

/** Even with the database gone there is a page, in the first language. */
async function safeContext(req: Request, res: Response): Promise<AnyContext> {
  try {
    return await contextOf(req, res)
  } catch {
    const wantsJson = (req.get('accept') ?? '').startsWith('application/json')
    const { formatFor } = await import('../i18n/format.ts')
    const basics = { lang: 'ru', zone: 'UTC', t: translator('ru'), format: formatFor('ru', 'UTC') }
    return {
      req,
      res,
      actor: NOBODY,
      ...basics,
      wantsJson,
      csrfToken: () => '',
      params: undefined,
      query: undefined,
      body: undefined,
      file: undefined,
    }
  }
}
