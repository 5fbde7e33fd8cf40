import type { Form } from '../../../core/http/forms.ts'
import type { Translate } from '../../../core/i18n/index.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { programmeEditing } from '../policy.ts'
import { MILESTONE_KINDS } from '../programme-file.ts'
import type { MilestoneRow } from '../rows.ts'
import { joined, textsOf, words } from '../words.ts'
import type { MilestoneListRow } from './queries.ts'

/** The milestones of a programme in their order, archived ones apart. */
export function presentMilestones(
  actor: Actor,
  t: Translate,
  lang: string,
  programmeId: number,
  rows: MilestoneListRow[],
) {
  const canEdit = programmeEditing.can(actor, 'edit', { programmeId })
  const shown = rows.filter((row) => !row.archived_at)
  return {
    id: programmeId,
    canEdit,
    newHref: `/programmes/${programmeId}/milestones/new`,
    sortUrl: `/programmes/${programmeId}/milestones/order`,
    milestones: shown.map((row, at) => ({
      id: row.id,
      number: at + 1,
      title: words(row.title, lang),
      hint: words(row.hint, lang),
      meta: joined(
        t(`programmes.milestoneKind.${row.kind}`),
        row.module_title &&
          !words(row.title, lang).includes(words(row.module_title, lang)) &&
          t('programmes.milestone.ofModule', { module: words(row.module_title, lang) }),
        row.required_count > 1 && t('programmes.milestone.times', { count: row.required_count }),
        row.due_day_offset !== null && t('programmes.milestone.due', { count: row.due_day_offset }),
      ),
      optional: row.is_required !== 1,
      first: at === 0,
      last: at === shown.length - 1,
    })),
    archived: canEdit
      ? rows
          .filter((row) => row.archived_at)
          .map((row) => ({
            title: words(row.title, lang),
            hint: t(`programmes.milestoneKind.${row.kind}`),
            href: '',
            restoreHref: `/milestones/${row.id}/restore`,
            version: row.version,
          }))
      : [],
  }
}

/** What the form shows of a stored milestone. */
export const formValues = (row: MilestoneRow): Form['values'] => ({
  kind: row.kind,
  title: textsOf(row.title),
  hint: textsOf(row.hint),
  moduleId: row.module_id,
  requiredCount: row.required_count,
  dueDayOffset: row.due_day_offset,
  required: row.is_required === 1,
  version: row.version,
})

export const presentForm = (
  t: Translate,
  lang: string,
  form: Form,
  options: { programmeId: number; id?: number; modules: { id: number; title: string }[]; usage: string },
) => ({
  form,
  isNew: !options.id,
  action: options.id ? `/milestones/${options.id}` : `/programmes/${options.programmeId}/milestones`,
  cancelHref: `/programmes/${options.programmeId}/milestones`,
  removeHref: options.id ? `/milestones/${options.id}/remove` : '',
  kinds: MILESTONE_KINDS.map((kind) => ({
    value: kind,
    label: t(`programmes.milestoneKind.${kind}`),
    hint: t(`programmes.milestoneKindHint.${kind}`),
  })),
  modules: options.modules.map((module) => ({ value: String(module.id), label: words(module.title, lang) })),
  usage: options.usage,
})
