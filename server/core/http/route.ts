import type { Request, Response } from 'express'
import { Router } from 'express'
import type { z } from 'zod'
import { noteSeenPage } from '../audit/reads.ts'
import { AppError, ConflictError, ForbiddenError, InputError, SecondStepError } from '../errors.ts'
import { type Format, formatFor } from '../i18n/format.ts'
import type { Translate } from '../i18n/index.ts'
import { translator } from '../i18n/index.ts'
import { type Actor, hasAnywhere, hasEverywhere, NOBODY } from '../rights/index.ts'
import { mustSetFactor } from '../rights/second-factor.ts'
import { setting, settingAsSeen } from '../settings.ts'
import { pick } from '../text.ts'
import type { Csrf } from './csrf.ts'
import { sendOnce } from './form-key.ts'
import { type Form, formAsTyped, formWithErrors, parseInput } from './forms.ts'
import { languageOf, zoneOf } from './locale.ts'
import { json, type Reply } from './reply.ts'
import { sendReply } from './send.ts'
import { receiveUpload, type Upload, type UploadedFile } from './uploads.ts'

/**
 * Who may come in at all; the service decides on the object. `permission` means: held anywhere. A route without access
 * does not compile, and one that names an unknown permission stops the start.
 */
export type Access =
  | { public: true }
  | { signedIn: true }
  | { permission: string; everywhere?: true }
  | { anyPermission: readonly string[]; everywhere?: true }

export const anyone: Access = { public: true }
export const signedIn: Access = { signedIn: true }
export const may = (...permissions: [string, ...string[]]): Access =>
  permissions.length === 1 ? { permission: permissions[0] } : { anyPermission: permissions }

/** The same, held in the whole authority: for what has no narrower place, such as settings and rights. */
export const mayEverywhere = (...permissions: [string, ...string[]]): Access => ({
  ...(may(...permissions) as { anyPermission: readonly string[] }),
  everywhere: true,
})

type Schema = z.ZodType | undefined
type Parsed<S extends Schema> = S extends z.ZodType ? z.infer<S> : undefined

/** What a handler gets: the actor and parsed input. `req` and `res` are there for streams and cookies only. */
export type Context<P extends Schema = undefined, Q extends Schema = undefined, B extends Schema = undefined> = {
  req: Request
  res: Response
  actor: Actor
  params: Parsed<P>
  query: Parsed<Q>
  body: Parsed<B>
  file: UploadedFile | undefined
  lang: string
  zone: string
  t: Translate
  format: Format
  /** A fresh form token, for scripts whose page is older than the session. */
  csrfToken: () => string
  /** The request was made by a script of ours that wants JSON (or a fragment) and not a page. */
  wantsJson: boolean
}

// biome-ignore lint/suspicious/noExplicitAny: a context of any schemas
export type AnyContext = Context<any, any, any>

type Definition<P extends Schema, Q extends Schema, B extends Schema> = {
  access: Access
  params?: P
  query?: Q
  body?: B
  upload?: Upload
  /** Adds or sends something: done once, however often the form is sent. Its template includes `form-key`. */
  once?: true
  /** Stays open to everybody during maintenance. */
  always?: true
  /** Open to people who still owe an answer to a consent: that page itself, and what the law gives them without it. */
  beforeConsent?: true
  /** Open to who must set up the second step of signing in before anything else. */
  beforeSecondStep?: true
  /** A form that counts also while one looks through somebody else's eyes: all others are refused. */
  whileViewing?: true
  /** Holds a secret of the person's own: shown to nobody who looks through their eyes. */
  isOwn?: true
  /** Shows the form again with what was typed and the reasons; without it the reasons get a page of their own. */
  invalid?: (context: Context<P, Q, undefined>, form: Form) => Reply | Promise<Reply>
  /**
   * Shows the form again when someone has changed the same thing meanwhile: nothing typed is lost. `form` is what was
   * typed; the handler puts it over the values of now (`formOverNewer`). Without it there is only the error page.
   */
  stale?: (context: Context<P, Q, undefined>, form: Form) => Reply | Promise<Reply>
}

type Handler<P extends Schema, Q extends Schema, B extends Schema> = (
  context: Context<P, Q, B>,
) => Reply | Promise<Reply>

/** A route as the sweeps over all routes see it. */
export type RouteInfo = { method: 'GET' | 'POST'; path: string; access: Access; feature: string }

/** Collects the routes of features into one Express router. */
export class Routes {
  readonly router: Router = Router()
  readonly list: RouteInfo[] = []
  readonly #bySegment = new Map<string, Router>()
  readonly #csrf: Csrf
  readonly #permissions: ReadonlySet<string>
  #feature = ''

  constructor(csrf: Csrf, permissions: ReadonlySet<string>) {
    this.#csrf = csrf
    this.#permissions = permissions
    this.router.use((req, res, next) => {
      const router = this.#bySegment.get(firstSegment(req.path))
      if (router) router(req, res, next)
      else next()
    })
  }

  /** Routes that begin with the same word: a request is not compared with hundreds of patterns that begin otherwise. */
  #routerOf(path: string): Router {
    const segment = firstSegment(path)
    const router = this.#bySegment.get(segment) ?? Router()
    this.#bySegment.set(segment, router)
    return router
  }

  /** Adds a feature's routes; `define` gets this object. */
  add(feature: string, define: (routes: Routes) => void): void {
    this.#feature = feature
    define(this)
  }

  /** A page or a download: parses, reads, presents. Changes nothing. */
  get<P extends Schema = undefined, Q extends Schema = undefined>(
    path: string,
    definition: Definition<P, Q, undefined>,
    handler: Handler<P, Q, undefined>,
  ): void {
    this.#register('GET', path, definition.access)
    this.#routerOf(path).get(path, (req, res, next) => {
      this.#run(definition, handler, req, res).catch(next)
    })
  }

  /** A change: parses, calls one service, redirects (or answers JSON to scripts). */
  post<P extends Schema = undefined, Q extends Schema = undefined, B extends Schema = undefined>(
    path: string,
    definition: Definition<P, Q, B>,
    handler: Handler<P, Q, B>,
  ): void {
    this.#register('POST', path, definition.access)
    this.#routerOf(path).post(path, (req, res, next) => {
      this.#run(definition, handler, req, res).catch(next)
    })
  }

  #register(method: RouteInfo['method'], path: string, access: Access) {
    if (!access) throw new Error(`${method} ${path} does not say who may use it`)
    for (const permission of permissionsOf(access)) {
      if (!this.#permissions.has(permission)) throw new Error(`${method} ${path}: unknown permission ${permission}`)
    }
    this.list.push({ method, path, access, feature: this.#feature })
  }

  async #run<P extends Schema, Q extends Schema, B extends Schema>(
    definition: Definition<P, Q, B>,
    handler: Handler<P, Q, B>,
    req: Request,
    res: Response,
  ): Promise<void> {
    const base = await contextOf(req, res)
    demandOwnEyes(definition, base)
    enter(definition.access, base.actor)
    if (!definition.always) await demandOpen(definition.access, base)
    if (!definition.beforeSecondStep) demandSecondStep(definition.access, base)
    if (!definition.beforeConsent && mustAnswerFirst(definition.access, base)) return askConsent(base)
    const params = definition.params ? parseParams(definition.params, req.params) : undefined
    const query = definition.query ? parseQuery(definition.query, req.query) : undefined
    const csrfToken = () => this.#csrf.token(req, res)
    const context = { ...base, params, query, csrfToken } as Context<P, Q, B>
    try {
      // Too large a file is refused beside its field, hence inside; the token of such a form comes with its other fields.
      const upload = req.method === 'POST' ? definition.upload : undefined
      const file = upload && (await receiveUpload(upload, req, res))
      if (req.method !== 'GET' && req.method !== 'HEAD') this.#csrf.check(req)
      const body = definition.body ? parseInput(definition.body, req.body ?? {}) : undefined
      const work = async () => handler({ ...context, file, body } as Context<P, Q, B>)
      const reply = await (definition.once ? sendOnce(base.actor, req.body, work) : work())
      if (base.actor.viewedBy && reply.kind !== 'json' && req.method === 'GET') await noteSeenPage(base.actor, req.path)
      await sendReply(req, res, context, this.#csrf, reply)
    } catch (error) {
      const reply = base.wantsJson ? undefined : await formAgain(definition, context, error)
      if (!reply) throw error
      const status = (error as AppError).status
      const shown = reply.kind === 'page' ? { ...reply, options: { ...reply.options, status } } : reply
      await sendReply(req, res, context, this.#csrf, shown)
    }
  }
}

/** The form with what was typed, where the route shows it for this kind of error. */
async function formAgain<P extends Schema, Q extends Schema, B extends Schema>(
  { invalid, stale }: Definition<P, Q, B>,
  context: Context<P, Q, B>,
  error: unknown,
): Promise<Reply | undefined> {
  const { req, t } = context
  const untouched = context as Context<P, Q, undefined>
  if (error instanceof InputError) return invalid?.(untouched, formWithErrors(error, req.body, t))
  if (error instanceof ConflictError) return stale?.(untouched, formAsTyped(req.body))
  return undefined
}

/** In small letters: addresses are compared without regard to case. */
const firstSegment = (path: string): string => path.split('/', 2)[1]?.toLowerCase() ?? ''

export const permissionsOf = (access: Access): readonly string[] =>
  'permission' in access ? [access.permission] : 'anyPermission' in access ? access.anyPermission : []

/** The actor, the language and the zone of a request. */
export async function contextOf(req: Request, res: Response): Promise<AnyContext> {
  const actor: Actor = req.user ?? NOBODY
  const lang = await languageOf(req, actor)
  const zone = await zoneOf(actor)
  const wantsJson = (req.get('accept') ?? '').startsWith('application/json')
  const common = { req, res, actor, lang, zone, t: translator(lang), format: formatFor(lang, zone), wantsJson }
  return { ...common, params: undefined, query: undefined, body: undefined, file: undefined, csrfToken: () => '' }
}

/** Whether a person may come in at all. */
export function mayEnter(access: Access, actor: Actor): boolean {
  if ('public' in access) return true
  if (actor.personId === null) return false
  const wanted = permissionsOf(access)
  const holds = 'everywhere' in access && access.everywhere ? hasEverywhere : hasAnywhere
  return !wanted.length || wanted.some((permission) => holds(actor, permission))
}

/** Refuses who may not come in: 401 sends to the sign-in page, 403 is a page of its own. */
function enter(access: Access, actor: Actor) {
  if (mayEnter(access, actor)) return
  throw actor.personId === null ? new AppError(401, 'errors.signIn') : new ForbiddenError()
}

/** During maintenance only administrators come in. Whoever is not signed in may do so: it may be one of them. */
async function demandOpen(access: Access, { actor, lang }: AnyContext): Promise<void> {
  if ('public' in access || hasEverywhere(actor, 'settings.edit')) return
  const { enabled, message } = await setting('maintenance')
  if (enabled) throw new AppError(503, 'errors.maintenance', { values: { message: pick(message, lang) } })
}

/**
 * Whether the person has to answer to a consent before anything else. Who has never answered goes no further at all; who has
 * answered to an earlier version is stopped at the next page, so that nothing is lost of what they are just sending.
 */
function mustAnswerFirst(access: Access, { req, actor }: AnyContext): boolean {
  // Who looks through the person's eyes cannot answer for them.
  if ('public' in access || actor.personId === null || actor.viewedBy) return false
  if (actor.consentsThrough === undefined) return false
  if (actor.consentsThrough >= settingAsSeen('consents').asked) return false
  return actor.consentsThrough === 0 || req.method === 'GET'
}

function askConsent({ req, res, wantsJson }: AnyContext): void {
  if (wantsJson) throw new ForbiddenError('errors.consent')
  const next = req.method === 'GET' ? `?next=${encodeURIComponent(req.originalUrl)}` : ''
  res.redirect(303, `/consents${next}`)
}

/** Who looks through somebody else's eyes changes nothing, and sees no secrets. */
function demandOwnEyes(
  { whileViewing, isOwn }: { whileViewing?: true; isOwn?: true },
  { req, actor }: AnyContext,
): void {
  if (!actor.viewedBy || whileViewing) return
  if (isOwn) throw new ForbiddenError('errors.viewingOwn')
  if (req.method !== 'GET' && req.method !== 'HEAD')
    throw new ForbiddenError('errors.viewing', { values: { name: actor.name } })
}

/** Whose role demands the second step gets nowhere without it, once the days of grace are over. */
function demandSecondStep(access: Access, { actor }: AnyContext): void {
  if (!('public' in access) && mustSetFactor(actor)) throw new SecondStepError()
}

/** An address with an impossible id leads nowhere. */
function parseParams<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new AppError(404, 'errors.notFound')
  return parsed.data
}

/** Filters in an address that make no sense are left out one by one: a bookmark never breaks. */
function parseQuery<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const wrong = new Set(parsed.error.issues.map((issue) => String(issue.path[0])))
  const rest = Object.fromEntries(Object.entries(value as object).filter(([name]) => !wrong.has(name)))
  const second = schema.safeParse(rest)
  if (second.success) return second.data
  throw new AppError(400, 'errors.query')
}

export const jsonOrPage = (context: AnyContext, data: unknown, otherwise: Reply): Reply =>
  context.wantsJson ? json(data) : otherwise
