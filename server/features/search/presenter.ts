import { COUNT_CAP, queryString } from '../../core/http/paging.ts'
import type { AnyContext } from '../../core/http/route.ts'
import { type Hit, markFound, snippetOf } from '../../core/search/index.ts'
import { pick } from '../../core/text.ts'
import { LAST_PAGE } from './input.ts'
import type { Searched } from './queries.ts'

type Query = { q: string; kind: string; page: number }

/** So many of each group stand on the first page, so many of one group on its own. */
export const OF_EACH = 5
export const OF_ONE = 20

const address = (query: Partial<Query>) => `/search?${queryString(query)}`

/** Counts are capped as in lists. */
const say = ({ format }: AnyContext, count: number) =>
  count > COUNT_CAP ? `${format.number(COUNT_CAP)}+` : format.number(count)

const presentHit = ({ lang }: AnyContext, { words, hints }: Searched, hit: Hit) => ({
  href: hit.kind.href(hit.id),
  icon: hit.kind.icon,
  title: markFound(pick(hit.title, lang), words),
  hint: hints.get(hit) ?? pick(hit.hint, lang),
  snippet: snippetOf(hit.text, lang, words),
})

/** What was found, by groups: the best of each, or a page of one. */
export function presentResults(context: AnyContext, query: Query, found: Searched) {
  const { t } = context
  const { q, kind, page } = query
  const total = found.totals.find(({ group }) => group === kind)?.count ?? 0
  const shown = kind ? found.totals.filter(({ group }) => group === kind) : found.totals
  const hasNext = kind !== '' && total > page * OF_ONE && page < LAST_PAGE
  return {
    query: q,
    kind,
    note: noteOf(context, q, found),
    tabs: [
      { href: address({ q }), label: t('search.all'), active: !kind },
      ...found.totals.map(({ group, count }) => ({
        href: address({ q, kind: group }),
        label: t(`search.kind.${group}`),
        badge: say(context, count),
        active: group === kind,
      })),
    ],
    groups: shown.map(({ group, count }) => ({
      group,
      title: t(`search.kind.${group}`),
      hits: found.hits.filter((hit) => hit.group === group).map((hit) => presentHit(context, found, hit)),
      more:
        !kind && count > OF_EACH
          ? { href: address({ q, kind: group }), label: t('search.more', { total: say(context, count) }) }
          : null,
    })),
    pager: {
      prevHref: page > 1 ? address({ q, kind, page: page - 1 }) : null,
      nextHref: hasNext ? address({ q, kind, page: page + 1 }) : null,
    },
  }
}

/** What the reader should know when something else was found than what they typed. */
function noteOf({ t }: AnyContext, typed: string, { reading, readAs, totals }: Searched): string {
  if (!totals.length) return ''
  if (reading === 'layout') return t('search.note.layout', { typed, readAs })
  return reading === 'alike' ? t('search.note.alike', { typed }) : ''
}

/** The best hits while one types, for the box of the header. */
export const presentSuggestions = (context: AnyContext, found: Searched) =>
  found.hits.map((hit) => {
    const { href, icon, title, hint } = presentHit(context, found, hit)
    return { href, icon, title, hint, group: context.t(`search.kind.${hit.group}`) }
  })
