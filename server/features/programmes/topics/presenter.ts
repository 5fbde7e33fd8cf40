import type { Form } from '../../../core/http/forms.ts'
import type { Format } from '../../../core/i18n/format.ts'
import type { Translate } from '../../../core/i18n/index.ts'
import { presentMaterials } from '../materials/presenter.ts'
import { afterOf } from '../modules/presenter.ts'
import type { OwnedMaterial } from '../modules/queries.ts'
import { TOPIC_FORMATS } from '../programme-file.ts'
import type { TopicRow } from '../rows.ts'
import { htmlOf, textsOf, words } from '../words.ts'
import type { TopicChoice, TopicInPlace } from './queries.ts'

/** A topic to be read, with its materials. */
export function presentTopic(
  t: Translate,
  format: Format,
  lang: string,
  topic: TopicInPlace,
  materials: OwnedMaterial[],
  requirements: { topic_id: number; title: string }[],
) {
  const canEdit = topic.may_edit
  return {
    id: topic.id,
    version: topic.version,
    canEdit,
    isArchived: topic.archived_at !== null,
    compulsory: topic.is_compulsory === 1,
    facts: [
      { label: t('programmes.topic.format'), value: t(`programmes.format.${topic.format}`) },
      { label: t('programmes.form.hours'), value: t('programmes.count.hours', { count: topic.hours }) },
      topic.capacity !== null && {
        label: t('programmes.topic.capacity'),
        value: t('programmes.count.places', { count: topic.capacity }),
      },
      topic.place && { label: t('programmes.topic.place'), value: words(topic.place, lang) },
      topic.link && { label: t('programmes.topic.link'), value: { text: topic.link, href: topic.link } },
    ].filter(Boolean),
    after: afterOf(t, lang, requirements, topic.id),
    descriptionHtml: htmlOf(t, topic.description, lang),
    materials: presentMaterials(t, format, lang, { type: 'topic', id: topic.id }, materials, canEdit),
  }
}

/** What the form shows of a stored topic. */
export const formValues = (row: TopicRow, requires: number[]): Form['values'] => ({
  title: textsOf(row.title),
  description: textsOf(row.description),
  hours: row.hours,
  format: row.format,
  compulsory: row.is_compulsory === 1,
  capacity: row.capacity,
  place: textsOf(row.place),
  link: row.link,
  dayOffset: row.day_offset,
  requires,
  version: row.version,
})

const idsOf = (value: unknown): string[] => [value ?? []].flat().map(String)

/** Topics to tick, module by module; modules with ticked ones begin unfolded. */
export function topicChoices(lang: string, topics: readonly TopicChoice[], chosen: unknown, exceptId?: number) {
  const ticked = new Set(idsOf(chosen))
  const groups = new Map<number, { title: string; open: boolean; topics: object[] }>()
  for (const topic of topics) {
    if (topic.id === exceptId) continue
    const group = groups.get(topic.module_id) ?? { title: words(topic.module_title, lang), open: false, topics: [] }
    const checked = ticked.has(String(topic.id))
    group.open ||= checked
    group.topics.push({ id: topic.id, title: words(topic.title, lang), checked })
    groups.set(topic.module_id, group)
  }
  return [...groups.values()]
}

export const presentForm = (
  t: Translate,
  lang: string,
  form: Form,
  options: { moduleId: number; topic?: TopicInPlace; choices: TopicChoice[]; effects: string[] },
) => ({
  form,
  isNew: !options.topic,
  action: options.topic ? `/topics/${options.topic.id}` : `/modules/${options.moduleId}/topics`,
  cancelHref: options.topic ? `/topics/${options.topic.id}` : `/modules/${options.moduleId}`,
  formats: TOPIC_FORMATS.map((format) => ({ value: format, label: t(`programmes.format.${format}`) })),
  requires: topicChoices(lang, options.choices, form.values.requires, options.topic?.id),
  effects: options.effects,
})
