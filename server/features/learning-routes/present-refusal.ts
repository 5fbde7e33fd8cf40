import { type ReasonWriter, reasonWriter } from './present-reasons.ts'
import type { Refusal } from './refusal.ts'
import type { RouteData } from './route-data.ts'
import { type Reader, sayHours } from './wording.ts'

/** As many alternatives as one reads in a hurry. */
const MOST_ALTERNATIVES = 3

/** Says in words why a step was refused, and what can be done instead. */
export function refusalText(reader: Reader, data: RouteData, refusal: Refusal): string {
  const { t } = reader
  const writer = reasonWriter(reader, data)
  switch (refusal.kind) {
    case 'closed':
      return writer.closed(refusal.because)
    case 'unavailable':
      return t('learning-routes.refusal.unavailable', {
        topic: writer.topic(refusal.topicId),
        reasons: refusal.obstacles.map((one) => writer.obstacle(one)).join(' '),
      })
    case 'taken':
      return takenText(reader, data, writer, refusal)
    case 'not_removable': {
      const { obstacle } = refusal
      if (obstacle.code === 'closed') return writer.closed(obstacle.because)
      return t(`learning-routes.removal.${obstacle.code}`, { topic: writer.topic(refusal.topicId) })
    }
    case 'incomplete':
      return t('learning-routes.refusal.incomplete', {
        count: refusal.gaps.length,
        first: refusal.gaps[0] ? writer.gap(refusal.gaps[0]) : '',
      })
    default:
      return t(`learning-routes.refusal.${refusal.kind}`)
  }
}

function takenText(
  reader: Reader,
  data: RouteData,
  writer: ReasonWriter,
  refusal: Extract<Refusal, { kind: 'taken' }>,
): string {
  const { t } = reader
  const topic = writer.topic(refusal.topicId)
  if (refusal.alternatives.length === 0) return t('learning-routes.refusal.takenNone', { topic })
  const alternatives = refusal.alternatives.slice(0, MOST_ALTERNATIVES).map((id) => {
    const hours = data.topics.find((one) => one.id === id)?.hours ?? 0
    return t('learning-routes.refusal.alternative', { title: writer.topic(id), hours: sayHours(reader, hours) })
  })
  return t('learning-routes.refusal.taken', { topic, alternatives: alternatives.join(', ') })
}
