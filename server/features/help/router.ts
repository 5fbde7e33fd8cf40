import { z } from 'zod'
import { NotFoundError } from '../../core/errors.ts'
import { readAppearance } from '../../core/http/preferences.ts'
import { page, redirect } from '../../core/http/reply.ts'
import { jsonOrPage, type Routes, signedIn } from '../../core/http/route.ts'
import { GUIDES, guideText, topicText } from './library.ts'
import { presentIndex } from './presenter.ts'
import { noteTourSeen } from './tour-service.ts'

const topicParams = z.object({ topic: z.string().max(100) })
const tourParams = z.object({ name: z.string().max(40) })
const guideParams = z.object({ guide: z.enum(GUIDES) })
/** `part`: only the text, for the panel beside a page. */
const topicQuery = z.object({ part: z.literal('1').optional() })

export function helpRoutes(routes: Routes): void {
  routes.get('/help', { access: signedIn }, (context) => {
    const { t, req } = context
    const model = { ...presentIndex(context, routes.list), shortcut: readAppearance(req).shortcuts }
    return page('help/index', model, { title: t('help.index.title'), styles: ['help.css'] })
  })

  routes.post('/help/tours/:name/seen', { access: signedIn, params: tourParams }, async (context) => {
    const tour = await noteTourSeen(context.actor, context.params.name)
    return jsonOrPage(context, {}, redirect(tour.path))
  })

  routes.get(
    '/help/topics/:topic',
    { access: signedIn, params: topicParams, query: topicQuery },
    ({ params, query, lang, t }) => {
      const text = topicText(params.topic, lang, query.part ? 1 : 0)
      if (!text) throw new NotFoundError()
      const { html } = text
      if (query.part) return page('help/topic-part', { title: text.title, html }, { title: text.title, layout: 'none' })
      return page(
        'help/text',
        { html, chapters: [] },
        { title: text.title, breadcrumbs: [{ href: '/help', label: t('help.index.title') }], styles: ['help.css'] },
      )
    },
  )

  routes.get('/help/guides/:guide', { access: signedIn, params: guideParams }, ({ params, lang, t }) => {
    const { title, html, chapters } = guideText(params.guide, lang)
    return page(
      'help/text',
      { html, chapters },
      { title, breadcrumbs: [{ href: '/help', label: t('help.index.title') }], styles: ['help.css'] },
    )
  })
}
