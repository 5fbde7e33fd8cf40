import type { AnyContext } from '../../core/http/route.ts'
import { fullName, pick } from '../../core/text.ts'
import { exportedValues } from './fields/presenter.ts'
import { listSeenFields, listValues } from './fields/queries.ts'
import { narrowing } from './filters/queries.ts'
import type { Criteria } from './input.ts'
import { exportPeople, type PersonListRow } from './queries.ts'

const COLUMNS = [
  'fullName',
  'birthDate',
  'position',
  'organisation',
  'startsOn',
  'experience',
  'email',
  'phone',
  'account',
] as const

const mainCells = ({ t, format }: AnyContext, row: PersonListRow) => [
  fullName(row),
  format.shortDate(row.birth_date),
  row.position,
  row.organisation,
  format.shortDate(row.starts_on),
  row.experience_years,
  row.email,
  row.phone,
  t(`people.account.${row.account_state ?? 'none'}`),
]

/** Everybody who matches as a table, with the fields that the authority has added and the reader may see. */
export async function peopleTable(context: AnyContext, query: Criteria) {
  const { actor, t, lang } = context
  const [narrow, fields] = await Promise.all([narrowing(actor, query), listSeenFields(actor)])
  async function* rows() {
    for await (const people of exportPeople(actor, narrow)) {
      const values = await listValues(
        actor,
        people.map(({ id }) => id),
        fields,
      )
      for (const row of people)
        yield [...mainCells(context, row), ...exportedValues(context, fields, values.get(row.id))]
    }
  }
  return {
    fileName: t('people.list.fileName'),
    title: t('people.list.title'),
    columns: [...COLUMNS.map((name) => t(`people.column.${name}`)), ...fields.map(({ title }) => pick(title, lang))],
    rows: rows(),
  }
}
