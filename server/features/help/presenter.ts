import { helpText, helpTopics, topicOf } from '../../core/help/topics.ts'
import { toursOf } from '../../core/help/tours.ts'
import { groupEntries, navigationFor } from '../../core/http/navigation.ts'
import { type AnyContext, mayEnter, type RouteInfo } from '../../core/http/route.ts'
import { LANGUAGES } from '../../core/i18n/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { GUIDES, guideText } from './library.ts'

type Topic = { name: string; title: string; href: string }
type Group = { title: string; topics: Topic[] }

/** The topics of pages that the person may open. */
function usableTopics(actor: Actor, routes: readonly RouteInfo[]): Set<string> {
  const open = routes.filter((route) => route.method === 'GET' && mayEnter(route.access, actor))
  return new Set(open.flatMap((route) => topicOf(route.path) ?? []))
}

const isUnder = (topic: string, name: string) => topic === name || topic.startsWith(`${name}.`)

/** Topics by the entries of the person's own navigation, in its order; then what lies elsewhere. */
export function presentIndex({ actor, lang, t }: AnyContext, routes: readonly RouteInfo[]) {
  const usable = usableTopics(actor, routes)
  const topics = helpTopics(LANGUAGES[0] as string)
    .filter((name) => usable.has(name))
    .map((name) => ({ name, title: helpText(name, lang)?.title ?? name, href: `/help/topics/${name}` }))
  const taken = new Set<string>()
  const take = (title: string, hrefs: string[]): Group => {
    const names = hrefs.map((href) => href.slice(1).replaceAll('/', '.'))
    const found = topics.filter(({ name }) => !taken.has(name) && names.some((entry) => isUnder(name, entry)))
    for (const { name } of found) taken.add(name)
    return { title, topics: found }
  }
  const entries = navigationFor(actor, '', t)
  const groups = entries.map((entry) =>
    take(
      entry.label,
      entry.href === '/administration'
        ? [entry.href, ...groupEntries('administration', actor, t).map(({ href }) => href)]
        : [entry.href],
    ),
  )
  groups.push(take(t('help.index.own'), ['/profile', '/notices', '/help']))
  groups.push({ title: t('help.index.other'), topics: topics.filter(({ name }) => !taken.has(name)) })
  return {
    groups: groups.filter((group) => group.topics.length),
    tours: toursOf(actor).map(({ name, path }) => ({
      href: `${path}?tour=${name}`,
      title: t(`help.tour.name.${name}`),
    })),
    guides: GUIDES.map((name) => ({ href: `/help/guides/${name}`, title: guideText(name, lang).title })),
  }
}
