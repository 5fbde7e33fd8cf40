import { fromJson } from '../../../core/db/index.ts'
import type { Form } from '../../../core/http/forms.ts'
import type { Format } from '../../../core/i18n/format.ts'
import type { Translate } from '../../../core/i18n/index.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { presentMaterials } from '../materials/presenter.ts'
import { programmeEditing } from '../policy.ts'
import { type CreditRule, type ModuleRow, moduleLimits, type StageRow } from '../rows.ts'
import { htmlOf, joined, limitsInWords, textsOf, words } from '../words.ts'
import type { ModuleWithProgramme, OwnedMaterial, ReadTopic } from './queries.ts'

type Requirement = { topic_id: number; title: string }

/** A module to be read: aim, topics, materials; with the means to change it for whoever may. */
export function presentModule(
  actor: Actor,
  t: Translate,
  format: Format,
  lang: string,
  module: ModuleWithProgramme,
  topics: ReadTopic[],
  materials: OwnedMaterial[],
  requirements: Requirement[],
) {
  const canArrange = programmeEditing.can(actor, 'edit', { programmeId: module.programme_id })
  const canEdit = module.may_edit
  // An archived topic stays readable for those who chose it.
  const shown = topics.filter((topic) => !topic.archived_at || Number(topic.chosen) > 0)
  const own = (type: 'module' | 'topic', id: number) =>
    materials.filter((material) => material.owner_type === type && material.owner_id === id)
  return {
    id: module.id,
    version: module.version,
    canArrange,
    canEdit,
    isArchived: module.archived_at !== null,
    facts: factsOf(t, format, module),
    aimHtml: htmlOf(t, module.aim, lang),
    topics: shown.map((topic, at) => ({
      id: topic.id,
      href: `/topics/${topic.id}`,
      title: words(topic.title, lang),
      compulsory: topic.is_compulsory === 1,
      chosen: Number(topic.chosen) > 0,
      isArchived: topic.archived_at !== null,
      meta: topicMeta(t, topic),
      after: afterOf(t, lang, requirements, topic.id),
      materials: presentMaterials(t, format, lang, { type: 'topic', id: topic.id }, own('topic', topic.id), false)
        .items,
      first: at === 0,
      last: at === shown.length - 1,
    })),
    sortUrl: `/modules/${module.id}/order`,
    materials: presentMaterials(t, format, lang, { type: 'module', id: module.id }, own('module', module.id), canEdit),
  }
}

export const topicMeta = (t: Translate, topic: Pick<ReadTopic, 'format' | 'hours' | 'capacity'>): string =>
  joined(
    t(`programmes.format.${topic.format}`),
    t('programmes.count.hours', { count: topic.hours }),
    topic.capacity !== null && t('programmes.count.places', { count: topic.capacity }),
  )

/** What is to be chosen before a topic, in words. */
export function afterOf(t: Translate, lang: string, requirements: readonly Requirement[], topicId: number): string {
  const titles = requirements.filter((row) => row.topic_id === topicId).map((row) => words(row.title, lang))
  return titles.length ? t('programmes.topic.after', { topics: titles.join(', ') }) : ''
}

const creditOf = (row: ModuleRow): CreditRule => fromJson<CreditRule>(row.credit_rule, {})

function factsOf(t: Translate, format: Format, module: ModuleRow) {
  const { minAttendancePercent: attendance, minMark } = creditOf(module)
  const credit = joined(
    attendance && t('programmes.module.creditAttendance', { percent: format.percent(attendance / 100) }),
    minMark && t('programmes.module.creditMark', { mark: format.number(minMark) }),
  )
  return [
    { label: t('programmes.form.hours'), value: t('programmes.count.hours', { count: module.hours }) },
    {
      label: t('programmes.page.routeRule'),
      value: limitsInWords(t, moduleLimits(module)) || t('programmes.rule.free'),
    },
    { label: t('programmes.module.credit'), value: credit || t('programmes.module.creditByInstructor') },
  ]
}

/** What the form shows of a stored module. */
export const formValues = (row: ModuleRow): Form['values'] => ({
  title: textsOf(row.title),
  aim: textsOf(row.aim),
  stageId: row.stage_id,
  hours: row.hours,
  ...moduleLimits(row),
  ...creditOf(row),
  version: row.version,
})

/** The form of a module; instructors, who do not arrange the programme, get the aim alone. */
export function presentForm(
  lang: string,
  form: Form,
  options: { stages: StageRow[]; usage: string; programmeId: number; id?: number; aimOnly: boolean },
) {
  const { id, programmeId, aimOnly } = options
  return {
    form,
    aimOnly,
    isNew: !id,
    action: id ? `/modules/${id}${aimOnly ? '/aim' : ''}` : `/programmes/${programmeId}/modules`,
    cancelHref: id ? `/modules/${id}` : `/programmes/${programmeId}`,
    stages: options.stages.map((stage) => ({ value: String(stage.id), label: words(stage.title, lang) })),
    usage: options.usage,
  }
}
