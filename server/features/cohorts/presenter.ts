import type { Form } from '../../core/http/forms.ts'
import { type Paged, pagerLinks } from '../../core/http/paging.ts'
import { hasAnywhere } from '../../core/rights/index.ts'
import { pick } from '../../core/text.ts'
import { type Context, stateBadge } from './frame.ts'
import { COHORT_STATES, type ListQuery } from './input.ts'
import type { CohortListRow, CohortRow, listOpeningProgrammes } from './queries.ts'

type Programme = { id: number; title: Record<string, string> }

/** «34 из 40», or the number alone where there is no limit. */
export const placesOf = ({ t }: Context, row: Pick<CohortRow, 'taken' | 'capacity'>): string =>
  row.capacity === null
    ? t('cohorts.places.taken', { count: row.taken })
    : t('cohorts.places.takenOf', { taken: row.taken, capacity: row.capacity })

/** The list of cohorts: rows, filters and links, printed as they are. */
export function presentList(
  context: Context,
  filter: ListQuery,
  result: Paged<CohortListRow>,
  total: { count: number; capped: boolean },
  programmes: Programme[],
) {
  const { t, lang, format } = context
  const { after: _after, before: _before, ...kept } = filter
  return {
    filter: kept,
    activeFilters: [kept.q, kept.programme, kept.state !== 'current'].filter(Boolean).length,
    programmes: programmes.map(({ id, title }) => ({ value: String(id), label: pick(title, lang) })),
    states: ['current', ...COHORT_STATES, 'all'].map((state) => ({
      value: state,
      label: t(`cohorts.list.states.${state}`),
    })),
    rows: result.rows.map((row) => ({
      href: `/cohorts/${row.id}`,
      title: row.title,
      programme: pick(row.programmeTitle, lang),
      period: `${format.shortDate(row.starts_on)} – ${format.shortDate(row.ends_on)}`,
      state: stateBadge(context, row.state),
      places: placesOf(context, row),
      share: row.capacity ? { value: row.taken, max: row.capacity } : null,
      groups: Number(row.groups),
    })),
    total: total.capped ? t('ui.count.over', { count: total.count }) : t('cohorts.list.count', { count: total.count }),
    pager: pagerLinks('/cohorts', kept, result),
    canCreate: hasAnywhere(context.actor, 'cohorts.edit'),
  }
}

/** The form of a new cohort, or of one's title, dates and places. */
export const presentForm = (
  { t, lang }: Context,
  form: Form,
  programmes: Awaited<ReturnType<typeof listOpeningProgrammes>>,
  id?: number,
) => ({
  form,
  isNew: !id,
  action: id ? `/cohorts/${id}` : '/cohorts',
  cancelHref: id ? `/cohorts/${id}` : '/cohorts',
  programmes: programmes.map((programme) => ({
    value: String(programme.id),
    label: t('cohorts.form.programmeOption', { title: pick(programme.title, lang), count: programme.modules }),
  })),
})

/** What the form shows of a stored cohort. */
export const formValues = (row: CohortRow): Form['values'] => ({
  title: row.title,
  startsOn: row.starts_on,
  endsOn: row.ends_on,
  routeOpensOn: row.route_opens_on,
  routeClosesOn: row.route_closes_on,
  learnersFrom: row.learners_from,
  directorsFrom: row.directors_from,
  capacity: row.capacity,
  version: row.version,
})
