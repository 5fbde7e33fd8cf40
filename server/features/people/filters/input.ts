import { z } from 'zod'
import { checkbox, id, line, versionField } from '../../../core/http/fields.ts'
import { type Draft, emptyDraft, type Row, settled } from './draft.ts'
import type { FilterField } from './field.ts'
import { MATCHES, MOST_CONDITIONS, MOST_GROUPS } from './model.ts'

export const idParams = z.object({ id: id() })

const text = z.string().max(300)
/** Inputs of one name come as text, a list or, when they are many, an object by number. */
const texts = z.preprocess(
  (value) => (value === undefined ? [] : typeof value === 'object' && value !== null ? Object.values(value) : [value]),
  z.array(text).max(320),
)
const row = z.object({
  field: text.default(''),
  op: text.default(''),
  wasField: text.default(''),
  wasOp: text.default(''),
  values: texts,
})
const match = z.enum(MATCHES).default('all')

const conditions = {
  match,
  /** "Any" or "all" of each group, by its number: `g0`. */
  group: z.record(z.string().regex(/^g\d{1,2}$/), match).default({}),
  /** Conditions by group and place, `0-2`. */
  row: z.record(z.string().regex(/^\d{1,2}-\d{1,2}$/), row).default({}),
}

/** The builder, whatever its state. */
export const buildInput = z.object({
  ...conditions,
  do: z.string().max(20).default(''),
  id: z.preprocess((value) => (value === '' ? undefined : value), id().optional()),
  version: z.preprocess((value) => (value === '' ? undefined : value), versionField().optional()),
  name: z.string().max(300).default(''),
  isShared: checkbox(),
  formKey: z.string().max(60).optional(),
})
export type BuildInput = z.infer<typeof buildInput>

export const countInput = z.object(conditions)
export const filterInput = z.object({ ...conditions, name: line(120), isShared: checkbox() })
export const filterUpdate = filterInput.extend({ version: versionField() })
export type FilterInput = z.infer<typeof filterInput>

type Typed = Pick<BuildInput, 'match' | 'group' | 'row'>

/** The typed conditions in their groups. */
export function draftFrom(typed: Typed, fields: ReadonlyMap<string, FilterField>): Draft {
  const groups = new Map<number, { at: number; row: Row }[]>()
  for (const [place, { wasField, wasOp, ...row }] of Object.entries(typed.row)) {
    const [group = 0, at = 0] = place.split('-').map(Number)
    const rows = groups.get(group) ?? []
    rows.push({ at, row: settled(row, { field: wasField, op: wasOp }, fields) })
    groups.set(group, rows)
  }
  const inOrder = [...groups].sort(([a], [b]) => a - b).slice(0, MOST_GROUPS)
  const made = inOrder.map(([number, rows]) => ({
    match: typed.group[`g${number}`] ?? 'all',
    rows: rows
      .sort((a, b) => a.at - b.at)
      .slice(0, MOST_CONDITIONS)
      .map(({ row }) => row),
  }))
  return { match: typed.match, groups: made.length ? made : emptyDraft().groups }
}
