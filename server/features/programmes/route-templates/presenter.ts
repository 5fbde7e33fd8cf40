import type { Form } from '../../../core/http/forms.ts'
import type { Translate } from '../../../core/i18n/index.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { programmeEditing } from '../policy.ts'
import type { ProgrammeRow, RouteTemplateRow } from '../rows.ts'
import { topicChoices } from '../topics/presenter.ts'
import type { TopicChoice } from '../topics/queries.ts'
import { htmlOf, textsOf, words } from '../words.ts'

/** Recommended routes with the topics in them. */
export function presentTemplates(
  actor: Actor,
  t: Translate,
  lang: string,
  programme: ProgrammeRow,
  templates: (RouteTemplateRow & { topics: number[] })[],
  topics: TopicChoice[],
) {
  return {
    id: programme.id,
    canEdit: programmeEditing.can(actor, 'edit', { programmeId: programme.id }),
    hasTopics: topics.length > 0,
    newHref: `/programmes/${programme.id}/route-templates/new`,
    sortUrl: `/programmes/${programme.id}/route-templates/order`,
    templates: templates.map((template, at) => {
      const chosen = topics.filter((topic) => template.topics.includes(topic.id))
      return {
        id: template.id,
        title: words(template.title, lang),
        descriptionHtml: htmlOf(t, template.description, lang),
        count: t('programmes.count.topics', { count: chosen.length }),
        topics: chosen.map((topic) => words(topic.title, lang)),
        first: at === 0,
        last: at === templates.length - 1,
      }
    }),
  }
}

export const formValues = (row: RouteTemplateRow, topics: number[]): Form['values'] => ({
  title: textsOf(row.title),
  description: textsOf(row.description),
  topics,
  version: row.version,
})

export const presentForm = (
  lang: string,
  form: Form,
  options: { programmeId: number; id?: number; choices: TopicChoice[] },
) => ({
  form,
  isNew: !options.id,
  action: options.id ? `/route-templates/${options.id}` : `/programmes/${options.programmeId}/route-templates`,
  cancelHref: `/programmes/${options.programmeId}/route-templates`,
  removeHref: options.id ? `/route-templates/${options.id}/remove` : '',
  topics: topicChoices(lang, options.choices, form.values.topics).map((group) => ({ ...group, open: true })),
})
