import type { RouteData } from './route-data.ts'
import type { ClashWith, ClosedReason, Gap, Notice, Obstacle, RemovalObstacle } from './rules-types.ts'
import { type Reader, say, sayDate, sayMoment } from './wording.ts'

/** Puts the reasons of the rules into words. Built once per page, because it knows every title. */
export function reasonWriter(reader: Reader, data: RouteData) {
  const { t } = reader
  const topics = new Map(data.topics.map((topic) => [topic.id, say(reader, topic.title)]))
  const modules = new Map(data.modules.map((module) => [module.id, say(reader, module.title)]))
  const topic = (id: number) => topics.get(id) ?? ''
  const module = (id: number) => modules.get(id) ?? ''

  const other = (withWhat: ClashWith) => (withWhat.kind === 'topic' ? topic(withWhat.id) : module(withWhat.id))
  const clashKey = (name: string, withWhat: ClashWith) =>
    `learning-routes.${name}.${withWhat.kind === 'topic' ? 'clash' : 'clashWithGroup'}`

  /** `because` may be narrowed by the page, e.g. to how the same reason sounds to an onlooker. */
  function closed(because: ClosedReason | string): string {
    const { cohort } = data.head
    const opens = cohort.routeOpensOn ?? cohort.learnersFrom
    const closes = cohort.routeClosesOn ?? cohort.endsOn
    return t(`learning-routes.closed.${because}`, {
      opens: opens ? sayDate(reader, opens) : '',
      closes: sayDate(reader, closes),
    })
  }

  function obstacle(one: Obstacle | RemovalObstacle): string {
    const key = `learning-routes.obstacle.${one.code}`
    switch (one.code) {
      case 'closed':
        return closed(one.because)
      case 'prerequisite':
        return t(key, {
          count: one.topicIds.length,
          topics: one.topicIds.map(topic).join(t('learning-routes.listJoin')),
        })
      case 'module_max_topics':
      case 'total_max_topics':
        return t(key, { count: one.max })
      case 'module_max_hours':
      case 'total_max_hours':
        return t(key, { count: one.max, left: one.left })
      case 'full':
        return t(key, { count: one.capacity })
      case 'begun':
      case 'past':
        return t(key, { at: sayMoment(reader, one.at) })
      case 'clash':
        return t(clashKey('obstacle', one.with), { title: other(one.with), at: sayMoment(reader, one.at) })
      default:
        return t(key)
    }
  }

  function gap(one: Gap): string {
    const key = `learning-routes.gap.${one.code}`
    switch (one.code) {
      case 'module_topics_under':
      case 'module_hours_under': {
        const values = { count: one.missing, module: module(one.moduleId) }
        return t(one.selectable > 0 ? key : `${key}_none`, values)
      }
      case 'module_topics_over':
      case 'module_hours_over':
        return t(key, { count: one.over, module: module(one.moduleId), max: one.max })
      case 'total_topics_under':
      case 'total_hours_under':
        return t(key, { count: one.missing, min: one.min })
      case 'total_topics_over':
      case 'total_hours_over':
      case 'own_hours_over':
        return t(key, { count: one.over, max: one.max })
      case 'prerequisite':
        return t(key, { topic: topic(one.topicId), requires: topic(one.requires) })
      case 'clash':
        return t(clashKey('gap', one.with), {
          topic: topic(one.topicId),
          title: other(one.with),
          at: sayMoment(reader, one.at),
        })
      default:
        return t(key, { topic: topic(one.topicId) })
    }
  }

  function notice(one: Notice): string {
    if (one.code === 'compulsory_clash')
      return t(clashKey('notice', one.with), {
        topic: topic(one.topicId),
        title: other(one.with),
        at: sayMoment(reader, one.at),
      })
    const requires = one.code === 'prerequisite_later' ? topic(one.requires) : ''
    return t(`learning-routes.notice.${one.code}`, { topic: topic(one.topicId), requires })
  }

  return { closed, obstacle, gap, notice, topic, module }
}

export type ReasonWriter = ReturnType<typeof reasonWriter>
