import type { FilterField } from './field.ts'
import {
  type Condition,
  type Filter,
  type Group,
  type Match,
  MOST_CONDITIONS,
  MOST_GROUPS,
  OPERATORS,
  type Operator,
  problemOf,
  shapeOf,
} from './model.ts'

/** A filter while it is being made: rows may be unfinished. Pure. */

type Problem = { code: string; values?: Record<string, unknown> }
/** A condition as it is typed. `values` are those of the form's inputs, which `typedOf` and `meant` translate. */
export type Row = { field: string; op: string; values: string[]; error?: Problem }
export type Draft = { match: Match; groups: { match: Match; rows: Row[] }[] }

type Fields = ReadonlyMap<string, FilterField>

export const operatorsOf = (field: FilterField): readonly Operator[] => field.ops ?? OPERATORS[field.kind]

export const emptyRow = (): Row => ({ field: '', op: '', values: [] })
export const emptyDraft = (): Draft => ({ match: 'all', groups: [{ match: 'all', rows: [emptyRow()] }] })

/** The inputs of a condition: a day of the year is typed as a day and a month. */
const typedOf = ({ field, op, values }: Condition): Row => ({
  field,
  op,
  values: shapeOf(op) === 'yearly' ? (values[0] ?? '').split('-').reverse() : values,
})

/** What the inputs mean. */
function meant({ field, op, values }: Row): Condition {
  const shape = shapeOf(op as Operator)
  const [first = '', second = ''] = values
  if (shape === 'yearly')
    return { field, op: op as Operator, values: [`${second.padStart(2, '0')}-${first.padStart(2, '0')}`] }
  const count = { none: 0, text: 1, number: 1, date: 1, dates: 2, days: 1, span: 2, organisation: 1 } as Record<
    string,
    number
  >
  const kept = shape === 'choices' ? values.filter(Boolean) : values.slice(0, count[shape])
  return { field, op: op as Operator, values: kept.map((text) => text.trim()) }
}

export function draftOf(filter: Filter): Draft {
  const groups = filter.groups.map(({ match, conditions }) => ({ match, rows: conditions.map(typedOf) }))
  return { match: filter.match, groups: groups.length ? groups : emptyDraft().groups }
}

/** A row whose operator fits its field, and whose values fit the operator. @param was what the row was before */
export function settled(row: Row, was: { field: string; op: string }, fields: Fields): Row {
  const field = fields.get(row.field)
  if (!field) return row.field === was.field ? row : { ...row, op: '', values: [] }
  const ops: readonly string[] = operatorsOf(field)
  const op = ops.includes(row.op) ? row.op : (ops[0] as string)
  const isSame = was.op
    ? row.field === was.field && shapeOf(was.op as Operator) === shapeOf(op as Operator)
    : row.values.length > 0
  return { field: row.field, op, values: isSame ? row.values : initialValues(op as Operator) }
}

function initialValues(op: Operator): string[] {
  switch (shapeOf(op)) {
    case 'days':
      return ['90']
    case 'span':
      return ['1', 'year']
    case 'yearly':
      return ['1', '9']
    default:
      return []
  }
}

/** What a button of the builder does: `condition:0`, `remove:0-2`, `group`, `ungroup:1`; anything else changes nothing. */
export function changed(draft: Draft, action: string): Draft {
  const [verb, place = ''] = action.split(':')
  const [group = -1, row = -1] = place.split('-').map(Number)
  const groups = draft.groups.map((one) => ({ ...one, rows: [...one.rows] }))
  if (verb === 'group' && groups.length < MOST_GROUPS) groups.push({ match: 'all', rows: [emptyRow()] })
  if (verb === 'condition' && groups[group] && groups[group].rows.length < MOST_CONDITIONS)
    groups[group].rows.push(emptyRow())
  if (verb === 'remove') groups[group]?.rows.splice(row, 1)
  if (verb === 'ungroup') groups.splice(group, 1)
  const left = groups.filter(({ rows }) => rows.length > 0)
  return { ...draft, groups: left.length ? left : emptyDraft().groups }
}

/** The filter that is meant, and what is wrong with the rows that cannot be meant; blank rows are left out. */
export function filterOf(
  draft: Draft,
  fields: Fields,
): { filter: Filter; errors: { row: string; problem: Problem }[] } {
  const errors: { row: string; problem: Problem }[] = []
  const groups = draft.groups.map(({ match, rows }, at): Group => {
    const conditions = rows.flatMap((row, place): Condition[] => {
      if (!row.field) return []
      const key = `${at}-${place}`
      const field = fields.get(row.field)
      const condition = meant(row)
      const isPossible = field && (operatorsOf(field) as readonly string[]).includes(row.op)
      const code = isPossible ? problemOf(condition) : 'people-filters.problem.field'
      const problem = row.error ?? (code ? { code } : undefined)
      if (!problem) return [condition]
      errors.push({ row: key, problem })
      return []
    })
    return { match, conditions }
  })
  return { filter: { match: draft.match, groups: groups.filter(({ conditions }) => conditions.length) }, errors }
}
