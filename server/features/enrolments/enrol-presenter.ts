import type { Form } from '../../core/http/forms.ts'
import { type Paged, pagerLinks, queryString } from '../../core/http/paging.ts'
import { fullName } from '../../core/text.ts'
import type { Context } from '../cohorts/frame.ts'
import type { CohortCard } from '../cohorts/queries.ts'
import { ORGANISATION_KINDS } from '../organisations/input.ts'
import type { SavedFilter } from '../people/filters/queries.ts'
import type { PickedPerson } from '../people/picker/lookups.ts'
import { type Matched, MOST_LINES } from '../people/picker/pasted-list.ts'
import type { Candidate, listImports } from './candidates.ts'
import { MOST_AT_ONCE } from './enrol-service.ts'
import type { CandidateQuery } from './input.ts'

type Face = 'search' | 'list'

/** How many can still be enrolled, in words; null: no limit. */
const leftText = ({ t }: Context, cohort: CohortCard): string | null =>
  cohort.capacity === null ? null : t('enrolments.enrol.left', { count: Math.max(0, cohort.capacity - cohort.taken) })

const facesOf = ({ t }: Context, cohort: CohortCard, active: Face) => ({
  label: t('enrolments.enrol.faces'),
  items: (['search', 'list'] as const).map((face) => ({
    href: `/cohorts/${cohort.id}/enrol${face === 'list' ? '/list' : ''}`,
    label: t(`enrolments.enrol.face.${face}`),
    active: face === active,
  })),
})

/** Into which group of each module: evenly, or all into the first, the second … */
function groupField({ t }: Context, cohort: CohortCard, form: Form) {
  const most = Number(cohort.most_groups ?? 0)
  if (most < 2) return []
  const numbers = Array.from({ length: most }, (_, index) => index + 1)
  return [
    {
      name: 'groupNumber',
      type: 'select',
      form,
      label: t('enrolments.enrol.groups'),
      emptyOption: t('enrolments.enrol.evenly'),
      options: numbers.map((number) => ({ value: String(number), label: t('enrolments.enrol.intoGroup', { number }) })),
    },
  ]
}

type Lists = {
  result: Paged<Candidate>
  /** Everybody who matches, at most one more than can be enrolled at once; null: nothing was asked for. */
  matching: number | null
  positions: { id: number; name: string }[]
  saved: SavedFilter[]
  imports: Awaited<ReturnType<typeof listImports>>
}

/** People to tick, with filters, saved choices and imports. */
export function presentSearch(context: Context, cohort: CohortCard, filter: CandidateQuery, lists: Lists, form: Form) {
  const { t, format } = context
  // A saved choice may ask for more than the form has fields for: what has none is carried along.
  const { after: _after, before: _before, state: _state, directory, ...asked } = filter
  const kept = { ...asked, directory: directory === 'all' ? undefined : directory }
  const base = `/cohorts/${cohort.id}/enrol`
  const ticked = new Set([form.values.ids ?? []].flat().map(String))
  const matching = lists.matching ?? 0
  const tooMany = matching > MOST_AT_ONCE
  const found = tooMany ? t('ui.count.over', { count: MOST_AT_ONCE }) : t('enrolments.enrol.found', { count: matching })
  return {
    form,
    faces: facesOf(context, cohort, 'search'),
    left: leftText(context, cohort),
    action: base,
    filter: kept,
    activeFilters: Object.values(kept).filter(Boolean).length,
    kinds: ORGANISATION_KINDS.map((kind) => ({ value: kind, label: t(`organisations.kind.${kind}`) })),
    positions: lists.positions.map(({ id, name }) => ({ value: String(id), label: name })),
    imports: lists.imports.map((row) => ({
      value: String(row.id),
      label: row.committed_at ? `${row.file_name}, ${format.human(row.committed_at)}` : row.file_name,
    })),
    saved: lists.saved.map(({ id, name }) => ({ value: String(id), label: name })),
    rows: lists.result.rows.map((row) => ({
      id: row.id,
      name: fullName(row),
      selectLabel: t('enrolments.list.select', { name: fullName(row) }),
      isSelected: ticked.has(String(row.id)),
      position: row.position,
      organisation: row.organisation,
      email: row.email,
    })),
    pager: pagerLinks(base, kept, lists.result),
    total: matching ? found : null,
    bulk: {
      form: 'enrol',
      action: `${base}?${queryString(kept)}`,
      fields: groupField(context, cohort, form),
      buttons: [{ label: t('enrolments.enrol.ticked'), kind: 'primary' }],
    },
    everyone: tooMany || matching < 2 ? null : presentEveryone(context, cohort, matching, form),
    tooMany: tooMany ? t('enrolments.enrol.tooManyFound', { limit: MOST_AT_ONCE }) : null,
  }
}

/** All who match at once, as many as the page shows: another number by then is refused. */
const presentEveryone = (context: Context, cohort: CohortCard, matching: number, form: Form) => ({
  fields: groupField(context, cohort, form).map((field) => ({ ...field, id: 'f-everyone-group' })),
  expected: matching,
  label: context.t('enrolments.enrol.allFound', { count: matching }),
  confirm: context.t('enrolments.enrol.allConfirm', { count: matching, cohort: cohort.title }),
})

const lineOf = (person: PickedPerson) => ({
  id: person.id,
  name: fullName(person),
  detail: [person.position, person.organisation, person.email].filter(Boolean).join(', '),
})

/** The field for a pasted list, and what was understood of it. */
export function presentPasted(
  context: Context,
  cohort: CohortCard,
  form: Form,
  checked: { matched: Matched<PickedPerson>; enrolled: ReadonlySet<number>; cutOff: number } | null,
  saved: SavedFilter[],
) {
  const { t } = context
  const base = `/cohorts/${cohort.id}/enrol/list`
  const common = {
    form,
    faces: facesOf(context, cohort, 'list'),
    left: leftText(context, cohort),
    action: base,
    groupFields: groupField(context, cohort, form),
    limit: MOST_LINES,
    filters: saved.map(({ id, name }) => ({ value: String(id), label: name })),
  }
  if (!checked) return { ...common, checked: null }
  const { matched, enrolled, cutOff } = checked
  const free = matched.found.filter(({ person }) => !enrolled.has(person.id))
  return {
    ...common,
    checked: {
      found: free.map(({ person }) => lineOf(person)),
      already: matched.found.filter(({ person }) => enrolled.has(person.id)).map(({ person }) => fullName(person)),
      ambiguous: matched.ambiguous.map(({ line, people }, index) => ({
        name: `choice[l${index}]`,
        text: line.text,
        options: [
          ...people.map((person) => ({
            value: String(person.id),
            label: fullName(person),
            hint: [lineOf(person).detail, enrolled.has(person.id) ? t('enrolments.paste.alreadyHere') : '']
              .filter(Boolean)
              .join(' · '),
            disabled: enrolled.has(person.id),
          })),
          { value: '', label: t('enrolments.paste.nobody') },
        ],
      })),
      notFound: matched.notFound.map((line) => line.text),
      cutOff,
      submitLabel: t('enrolments.paste.submit'),
    },
  }
}
