import type { Request, Response } from 'express'
import { fileUrl } from '../files/index.ts'
import { topicOf } from '../help/topics.ts'
import { tourOn } from '../help/tours.ts'
import { LANGUAGES, languageLabel, rawText } from '../i18n/index.ts'
import { authorityToday, setting } from '../settings.ts'
import { pick } from '../text.ts'
import { toUtc } from '../time.ts'
import type { Csrf } from './csrf.ts'
import { newFormKey } from './form-key.ts'
import { navigationFor } from './navigation.ts'
import { NewerFields } from './newer-fields.ts'
import { readAppearance } from './preferences.ts'
import type { Flash, PageOptions, Reply } from './reply.ts'
import type { AnyContext } from './route.ts'
import { scriptTexts } from './script-texts.ts'
import { renderView } from './view.ts'

const FLASH = 'integral.flash'

/** A page as it is about to be printed. */
export type RenderedPage = { view: string; layout: string; locals: Record<string, unknown> }
let observer: ((path: string, rendered: RenderedPage) => void) | undefined

/** Tells `observe` of every page; the benchmark renders the same pages again without the application. */
export const observePages = (observe: typeof observer): void => {
  observer = observe
}

/** Writes a reply to the wire. */
export async function sendReply(
  req: Request,
  res: Response,
  context: AnyContext,
  csrf: Csrf,
  reply: Reply,
): Promise<void> {
  switch (reply.kind) {
    case 'json':
      res.set('Cache-Control', 'no-store')
      res.status(reply.status).json(reply.data)
      return
    case 'redirect':
      if (reply.flash)
        res.cookie(FLASH, JSON.stringify(reply.flash), { httpOnly: true, sameSite: 'lax', maxAge: 60_000 })
      res.redirect(303, reply.to)
      return
    case 'custom':
      await reply.send(req, res)
      return
    case 'page': {
      const html = await renderPage(req, res, context, csrf, reply.view, reply.model, reply.options)
      res.status(reply.options.status ?? 200)
      // Pages hold personal data and tokens: no cache may keep them, and "back" after sign-out shows nothing.
      res.set('Cache-Control', 'no-store')
      res.type('html').send(html)
    }
  }
}

async function renderPage(
  req: Request,
  res: Response,
  context: AnyContext,
  csrf: Csrf,
  view: string,
  model: Record<string, unknown>,
  options: PageOptions,
): Promise<string> {
  const layout = options.layout ?? 'app'
  const frame = { t: context.t, lang: context.lang, page: await frameOf(req, res, context, csrf, options) }
  observer?.(req.originalUrl, { view, layout: `layouts/${layout}`, locals: { ...model, ...frame } })
  const body = await renderView(view, { ...model, ...frame })
  return layout === 'none' ? body : renderView(`layouts/${layout}`, { ...model, ...frame, body })
}

/** What the layouts print around every page. */
async function frameOf(req: Request, res: Response, context: AnyContext, csrf: Csrf, options: PageOptions) {
  const authority = await setting('authority')
  const { actor, t, lang } = context
  const back = req.method === 'GET' ? req.originalUrl : '/'
  return {
    title: options.title,
    subtitle: options.subtitle ?? '',
    hideTitle: options.hideTitle ?? false,
    wide: options.wide ?? false,
    path: back,
    layout: options.layout ?? 'app',
    csrf: csrf.token(req, res),
    newFormKey,
    actor:
      actor.personId === null
        ? null
        : {
            personId: actor.personId,
            name: actor.name,
            fullName: actor.fullName ?? actor.name,
            photoUrl: fileUrl(actor.photoFileId),
          },
    bell: bellOf(context),
    viewing: viewingOf(context),
    help: helpOf(req, context),
    tour: req.route ? tourOn(req.route.path, actor, req.query.tour, t) : null,
    nav: navigationFor(actor, req.path, t),
    flash: takeFlash(req, res, context),
    newer: new NewerFields(t, context.format),
    languages: authority.languages
      .filter((code) => LANGUAGES.includes(code))
      .map((code) => ({ code, label: languageLabel(code), current: code === lang })),
    authorityName: authority.name,
    breadcrumbs: options.breadcrumbs ?? [],
    actions: options.actions ?? [],
    styles: options.styles ?? [],
    scripts: options.scripts ?? [],
    landscape: options.landscape ?? false,
    backUrl: options.backUrl ?? '',
    printedAt: options.printedAt ?? '',
    // The page of the search has a box of its own.
    searchUrl: actor.personId !== null && req.path !== '/search' ? '/search' : null,
    banner: await bannerOf(context),
    texts: scriptTexts(lang),
    ...readAppearance(req),
  }
}

/** The bell of the header; its number came along with the session. */
function bellOf({ actor, t, lang }: AnyContext) {
  if (actor.personId === null) return null
  const unread = actor.unreadNotices ?? 0
  const label = unread ? t('notices.bell.count', { count: unread }) : t('notices.bell.none')
  return { unread, label, pattern: rawText('notices.bell.count', lang) }
}

/** Where the help of this page is; the index, where the page has none (an error). */
function helpOf(req: Request, { actor }: AnyContext) {
  if (actor.personId === null) return null
  const topic = req.route ? topicOf(req.route.path) : undefined
  return { href: topic ? `/help/topics/${topic}` : '/help' }
}

/** Whose eyes one looks through, until when. */
function viewingOf({ actor, t, format }: AnyContext) {
  if (!actor.viewedBy) return null
  const until = format.time(toUtc(new Date(actor.viewedBy.until)))
  return { text: t('accounts.viewing.text', { name: actor.fullName ?? actor.name, until }) }
}

/** What everybody reads above every page: that the system is closed, or what the administration announces. */
async function bannerOf({ t, lang }: AnyContext): Promise<{ kind: 'warning' | 'info'; text: string } | null> {
  const { enabled, message } = await setting('maintenance')
  if (enabled) return { kind: 'warning', text: t('errors.maintenance', { message: pick(message, lang) }) }
  const { text, until } = await setting('announcement')
  const said = pick(text, lang)
  return said && (!until || until >= authorityToday()) ? { kind: 'info', text: said } : null
}

function takeFlash(req: Request, res: Response, context: AnyContext): { kind: string; text: string }[] {
  const raw: unknown = req.cookies?.[FLASH]
  if (typeof raw !== 'string') return []
  res.clearCookie(FLASH)
  try {
    const flash = JSON.parse(raw) as Flash
    // The key comes from a cookie: only texts of ours may be said.
    const text = context.t(String(flash.key), flash.values ?? {})
    const kind = ['success', 'warning', 'danger', 'info'].includes(flash.kind) ? flash.kind : 'info'
    return text === flash.key ? [] : [{ kind, text }]
  } catch {
    return []
  }
}

export type Frame = Awaited<ReturnType<typeof frameOf>>
