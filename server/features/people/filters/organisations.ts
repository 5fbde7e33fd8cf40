import { db } from '../../../core/db/index.ts'
import { InputError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { organisationPolicy } from '../../organisations/policy.ts'
import { resolveOrganisation } from '../../organisations/resolve.ts'
import type { Draft, Row } from './draft.ts'
import { type Operator, shapeOf } from './model.ts'

// An organisation is typed by name and kept by id. The form carries both: [id, name typed, name that the id had].

const isOrganisation = ({ op }: { op: string }) => op !== '' && shapeOf(op as Operator) === 'organisation'

/** Finds the organisations that were typed; a name that fits none or several is the row's error. */
export async function withOrganisations(actor: Actor, draft: Draft): Promise<Draft> {
  const resolve = async (row: Row): Promise<Row> => {
    if (!isOrganisation(row)) return row
    const [id = '', typed = '', known = ''] = row.values
    if (id && typed === known) return row
    if (!typed.trim()) return { ...row, values: ['', '', ''] }
    try {
      const found = await resolveOrganisation(actor, typed, '')
      return { ...row, values: [String(found.id), found.short_name, found.short_name] }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return { ...row, values: ['', typed, ''], error: error.fields[0] ?? { code: 'errors.field.invalid' } }
    }
  }
  return { ...draft, groups: await eachRow(draft, resolve) }
}

const eachRow = (draft: Draft, change: (row: Row) => Promise<Row>) =>
  Promise.all(draft.groups.map(async (group) => ({ ...group, rows: await Promise.all(group.rows.map(change)) })))

/** The names of organisations by id, as far as the actor may see them. */
export async function organisationNames(actor: Actor, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (!ids.length) return new Map()
  const rows: { id: number; short_name: string }[] = await db()('organisations as o')
    .modify(organisationPolicy.visibleTo(actor, 'view'))
    .whereIn('o.id', [...ids])
    .select('o.id', 'o.short_name')
  return new Map(rows.map((row) => [row.id, row.short_name]))
}

/** Puts the names of the organisations into a draft made of a stored filter. */
export async function withNames(actor: Actor, draft: Draft): Promise<Draft> {
  const rows = draft.groups.flatMap((group) => group.rows).filter(isOrganisation)
  const names = await organisationNames(
    actor,
    rows.map(({ values }) => Number(values[0])),
  )
  return {
    ...draft,
    groups: await eachRow(draft, async (row) => {
      const name = isOrganisation(row) ? (names.get(Number(row.values[0])) ?? '') : ''
      return isOrganisation(row) ? { ...row, values: [row.values[0] ?? '', name, name] } : row
    }),
  }
}
