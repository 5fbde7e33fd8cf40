import type { Form } from '../../core/http/forms.ts'
import { fullName } from '../../core/text.ts'
import type { Context } from '../cohorts/frame.ts'
import { placesOf } from '../cohorts/presenter.ts'
import type { CohortCard } from '../cohorts/queries.ts'
import type { Action } from './input.ts'
import { groupOptions } from './presenter.ts'
import type { EnrolmentRow, GroupChoice, listOtherCohorts } from './queries.ts'

const MOST_NAMES = 12

type Choices = { groups: GroupChoice[]; cohorts: Awaited<ReturnType<typeof listOtherCohorts>> }

/** The question before people are moved, suspended, withdrawn …: whom it concerns, what follows, what is still to be said. */
export function presentChange(
  context: Context,
  cohort: CohortCard,
  action: Action,
  people: EnrolmentRow[],
  choices: Choices,
  form: Form,
  version: number | undefined,
) {
  const { t } = context
  const count = people.length
  const one = count === 1 ? people[0] : undefined
  return {
    form,
    action: `/cohorts/${cohort.id}/people/change`,
    cancelHref:
      version !== undefined && one ? `/cohorts/${cohort.id}/people/${one.id}` : `/cohorts/${cohort.id}/people`,
    text: t(`enrolments.change.text.${action}`, { count }),
    names: people.slice(0, MOST_NAMES).map((row) => `${fullName(row)}${stateNote(context, row)}`),
    more: Math.max(0, count - MOST_NAMES),
    fields: { action, ids: people.map((row) => row.id).join(','), version: version ?? '' },
    inputs: inputsFor(context, action, choices, form),
    submitLabel: t(`enrolments.change.submit.${action}`, { count }),
    isDangerous: action === 'withdraw',
  }
}

const stateNote = ({ t }: Context, row: EnrolmentRow) =>
  row.state === 'active' ? '' : ` (${t(`enrolments.state.${row.state}`)})`

function inputsFor(context: Context, action: Action, { groups, cohorts }: Choices, form: Form) {
  const { t } = context
  const reason = {
    name: 'reason',
    form,
    label: t('enrolments.change.reason'),
    hint: t(`enrolments.change.reasonHint.${action}`),
    required: action === 'withdraw',
    maxlength: 500,
  }
  if (action === 'move') {
    const label = t('enrolments.change.target')
    const emptyOption = t('enrolments.change.chooseGroup')
    const options = [...sameNumber(context, groups), ...groupOptions(context, groups)]
    return [{ name: 'target', type: 'select', form, label, emptyOption, options, required: true }, reason]
  }
  if (action === 'cohort') {
    const options = cohorts.map((row) => ({
      value: String(row.id),
      label: t('enrolments.change.cohortOption', { title: row.title, places: placesOf(context, row) }),
    }))
    const label = t('enrolments.change.toCohort')
    const emptyOption = t(options.length ? 'enrolments.change.chooseCohort' : 'enrolments.change.noCohorts')
    return [{ name: 'toCohortId', type: 'select', form, label, emptyOption, options, required: true }, reason]
  }
  return [reason]
}

/** «Вторая группа каждого модуля»: the groups of one number in all modules at once. */
function sameNumber({ t }: Context, groups: readonly GroupChoice[]) {
  const modules = groupsByModule(groups)
  const most = Math.max(0, ...modules.map((own) => own.length))
  if (modules.length < 2 || most < 2) return []
  return Array.from({ length: most }, (_, index) => ({
    value: `all:${index + 1}`,
    label: t('enrolments.change.everyModule', { number: index + 1 }),
    group: t('enrolments.change.everyModuleTitle'),
  }))
}

const groupsByModule = (groups: readonly GroupChoice[]): GroupChoice[][] => {
  const ids = [...new Set(groups.map((group) => group.module_id))]
  return ids.map((id) => groups.filter((group) => group.module_id === id))
}

/** The groups that a chosen target stands for. */
export function groupsOfTarget(groups: readonly GroupChoice[], target: string | undefined): number[] {
  const number = /^all:(\d{1,3})$/.exec(target ?? '')?.[1]
  if (!number) return /^\d{1,10}$/.test(target ?? '') ? [Number(target)] : []
  return groupsByModule(groups).flatMap((own) => own[Number(number) - 1]?.id ?? [])
}

export const titleOf = ({ t }: Context, action: Action, count: number): string =>
  t(`enrolments.change.title.${action}`, { count })
