import type { ExportTable } from '../../core/export/index.ts'
import type { Translate } from '../../core/i18n/index.ts'
import type { ImportKind } from './parsing/types.ts'

const COLUMNS = {
  people: ['fullName', 'birthDate', 'organisation', 'position', 'startDate', 'experience', 'email', 'phone'],
  organisations: ['name', 'shortName', 'kind', 'inn', 'address', 'phone', 'email', 'headName'],
} as const

/** A table to fill in: headings as the import knows them, and a row that shows how. */
export function exampleTable(t: Translate, kind: ImportKind): ExportTable {
  const fields = COLUMNS[kind]
  return {
    fileName: t(`imports.example.${kind}.fileName`),
    title: t(`imports.kind.${kind}`),
    columns: fields.map((field) => t(`imports.field.${field}`)),
    rows: [fields.map((field) => t(`imports.example.${kind}.${field}`))],
  }
}
