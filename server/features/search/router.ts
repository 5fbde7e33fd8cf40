import { json, page, redirect } from '../../core/http/reply.ts'
import { mayEverywhere, type Routes, signedIn } from '../../core/http/route.ts'
import { searchQuery, suggestQuery } from './input.ts'
import { OF_EACH, OF_ONE, presentResults, presentSuggestions } from './presenter.ts'
import { search, suggest } from './queries.ts'
import { rebuildIndex } from './service.ts'

const MOST_SUGGESTED = 8

/** One box and one page over everything that the reader may see. */
export function searchRoutes(routes: Routes): void {
  routes.get('/search', { access: signedIn, query: searchQuery }, async (context) => {
    const { actor, query, t } = context
    const size = query.kind ? OF_ONE : OF_EACH
    const from = query.kind ? (query.page - 1) * OF_ONE : 0
    const found = await search(actor, { text: query.q, group: query.kind || undefined, from, size, withText: true })
    return page('search/results', presentResults(context, query, found), {
      title: t('search.title'),
      styles: ['search.css'],
    })
  })

  routes.get('/search/suggest', { access: signedIn, query: suggestQuery }, async (context) => {
    const found = await suggest(context.actor, context.query.q, MOST_SUGGESTED)
    return json({ hits: presentSuggestions(context, found) })
  })

  routes.post('/search/rebuild', { access: mayEverywhere('settings.edit') }, async ({ actor }) => {
    await rebuildIndex(actor)
    return redirect('/system', 'search.flash.rebuilding')
  })
}
