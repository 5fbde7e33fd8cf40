import { datesOf } from './present-map.ts'
import { draftTopics, type RouteData, takenOffering } from './route-data.ts'
import type { RouteEvaluation } from './rules-types.ts'
import { topicAnchor } from './rules-types.ts'
import { type Reader, say, sayHours, sayPeriod } from './wording.ts'

/** The face "list": what will be printed. Modules without a chosen topic are named too, so that nothing is overlooked. */
export function presentList(reader: Reader, data: RouteData, evaluation: RouteEvaluation) {
  const { t } = reader
  const chosen = draftTopics(data)
  let number = 0
  return {
    modules: data.modules.map((module, index) => {
      const topics = chosen.filter((topic) => topic.moduleId === module.id)
      return {
        title: t('learning-routes.timeline.module', { number: index + 1, title: say(reader, module.title) }),
        hours: sayHours(
          reader,
          topics.reduce((sum, topic) => sum + topic.hours, 0),
        ),
        topics: topics.map((topic) => {
          number += 1
          const offering = takenOffering(topic)
          return {
            number,
            href: `#${topicAnchor(topic.id)}`,
            title: say(reader, topic.title),
            format: t(`learning-routes.format.${topic.format}`),
            compulsory: topic.isCompulsory,
            hours: sayHours(reader, topic.hours),
            place: offering?.place ?? '',
            ...datesOf(reader, offering),
          }
        }),
      }
    }),
    ownItems: presentOwnItems(reader, data).map((item) => {
      number += 1
      return { ...item, number }
    }),
    total: sayHours(reader, evaluation.hours),
    topicsTotal: sayHours(reader, evaluation.topicHours),
    ownTotal: sayHours(reader, evaluation.ownHours),
  }
}

/** Own items of the draft. */
export function presentOwnItems(reader: Reader, data: RouteData, baseUrl = '') {
  const { t } = reader
  return data.ownItems
    .filter((item) => item.inDraft)
    .map((item) => ({
      id: item.id,
      anchor: `own-item-${item.id}`,
      title: item.title,
      description: item.description,
      kindCode: item.kind,
      kind: t(`learning-routes.own.kind.${item.kind}`),
      place: t(`learning-routes.own.place.${item.place}`),
      hours: sayHours(reader, item.hours),
      period: sayPeriod(reader, item.startsOn, item.endsOn),
      editHref: `${baseUrl}/own-items/${item.id}`,
      removeHref: `${baseUrl}/own-items/${item.id}/remove`,
      removeName: t('learning-routes.own.removeName', { title: item.title }),
      editName: t('learning-routes.own.editName', { title: item.title }),
    }))
}
