import type { Form } from '../../core/http/forms.ts'
import { type Paged, pagerLinks, queryString } from '../../core/http/paging.ts'
import type { AnyContext } from '../../core/http/route.ts'
import { hasAnywhere } from '../../core/rights/index.ts'
import { pick } from '../../core/text.ts'
import type { PositionQuery } from './input.ts'
import type { CategoryRow, PositionRow } from './queries.ts'

/** People who hold a position or are in a category, as a link for those who may see people. */
const peopleHref = ({ actor }: AnyContext, filter: Record<string, unknown>) =>
  hasAnywhere(actor, 'people.view') ? `/people?${queryString(filter)}` : null

export function presentPositions(
  { t }: AnyContext,
  query: PositionQuery,
  result: Paged<PositionRow & { uses: number }>,
  total: { count: number; capped: boolean },
  form: Form,
) {
  const filter = { q: query.q, state: query.state }
  const kept = { q: query.q, state: query.state === 'active' ? undefined : query.state }
  return {
    filter,
    form,
    rows: result.rows.map((row) => ({ href: `/positions/${row.id}`, name: row.name, uses: Number(row.uses) })),
    total: total.capped
      ? t('ui.count.over', { count: total.count })
      : t('dictionaries.positions.count', { count: total.count }),
    pager: pagerLinks('/positions', kept, result),
  }
}

export const presentPosition = (
  context: AnyContext,
  position: PositionRow & { uses: number },
  spellings: string[],
  forms: { rename: Form; merge: Form },
) => ({
  address: `/positions/${position.id}`,
  version: position.version,
  isClosed: position.state === 'closed',
  facts: [
    {
      label: context.t('dictionaries.positions.uses'),
      value: { text: String(position.uses), href: peopleHref(context, { positionId: position.id }) },
    },
    { label: context.t('dictionaries.positions.spellings'), value: spellings.join(', ') },
  ].filter(({ value }) => value),
  form: forms.rename,
  mergeForm: forms.merge,
})

export function presentCategories(context: AnyContext, all: CategoryRow[], form: Form) {
  const present = (category: CategoryRow) => ({
    id: category.id,
    href: `/categories/${category.id}`,
    name: pick(category.name, context.lang),
    people: { text: String(category.people), href: peopleHref(context, { categoryId: category.id }) },
  })
  const [open, closed] = ['active', 'closed'].map((state) => all.filter((category) => category.state === state))
  return { form, open: (open ?? []).map(present), closed: (closed ?? []).map(present) }
}

export const presentCategory = (category: CategoryRow, form: Form) => ({
  address: `/categories/${category.id}`,
  version: category.version,
  isClosed: category.state === 'closed',
  form,
})
