import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { Translated } from '../../core/text.ts'
import type { LegalBasis } from './input.ts'

export const TRANSLATED_COLUMNS = [
  'title',
  'description',
  'basis_note',
  'data_categories',
  'people_categories',
  'recipients',
  'retention',
  'consent_text',
] as const
type TranslatedColumn = (typeof TRANSLATED_COLUMNS)[number]

export type Purpose = {
  id: number
  position: number
  legal_basis: LegalBasis
  is_compulsory: number
  state: 'active' | 'closed'
  version: number
  /** Of the newest published version; null if none was published. */
  text_id: number | null
  text_number: number | null
  published_at: string | null
  published_text: Translated | null
  published_title: Translated | null
  /** Whether the published version must be agreed to. */
  demands: boolean
} & Record<TranslatedColumn, Translated>

/** The newest published version of each purpose. */
const newest = () => db()('consent_texts').groupBy('purpose_id').select('purpose_id').max({ id: 'id' })

const purposes = () =>
  db()('processing_purposes as p')
    .leftJoin(newest().as('n'), 'n.purpose_id', 'p.id')
    .leftJoin('consent_texts as x', 'x.id', 'n.id')
    .select('p.*', 'x.id as text_id', 'x.number as text_number', 'x.published_at')
    .select({ published_text: 'x.text', published_title: 'x.title', demands: 'x.is_compulsory' })

type Row = Omit<Purpose, TranslatedColumn | 'published_text' | 'published_title' | 'demands'> &
  Record<TranslatedColumn, string> & { published_text: string | null; published_title: string | null; demands: number }

const toPurpose = (row: Row): Purpose => ({
  ...row,
  ...(Object.fromEntries(TRANSLATED_COLUMNS.map((name) => [name, fromJson(row[name], {})])) as Record<
    TranslatedColumn,
    Translated
  >),
  published_text: row.published_text === null ? null : fromJson<Translated>(row.published_text, {}),
  published_title: row.published_title === null ? null : fromJson<Translated>(row.published_title, {}),
  demands: Boolean(row.demands),
})

/** All purposes in their order, the closed ones last. */
export const listPurposes = async (): Promise<Purpose[]> =>
  (await purposes().orderBy(['p.state', 'p.position', 'p.id'])).map(toPurpose)

/** Those for which people are asked: open, resting on consent, and with a published text. */
export const listAsked = async (): Promise<Purpose[]> =>
  (
    await purposes()
      .where({ 'p.state': 'active', 'p.legal_basis': 'consent' })
      .whereNotNull('x.id')
      .orderBy([{ column: 'x.is_compulsory', order: 'desc' }, 'p.position', 'p.id'])
  ).map(toPurpose)

/** @throws NotFoundError */
export async function selectPurpose(id: number): Promise<Purpose> {
  const row = await purposes().where('p.id', id).first()
  if (!row) throw new NotFoundError()
  return toPurpose(row)
}

export type ConsentText = {
  id: number
  purpose_id: number
  number: number
  title: Translated
  text: Translated
  is_compulsory: number
  published_at: string
}

const toText = (row: ConsentText & { title: string; text: string }): ConsentText => ({
  ...row,
  title: fromJson<Translated>(row.title, {}),
  text: fromJson<Translated>(row.text, {}),
})

/** Every version that was ever published for a purpose, the newest first. */
export const listTexts = async (purposeId: number): Promise<ConsentText[]> =>
  (await db()('consent_texts').where({ purpose_id: purposeId }).orderBy('number', 'desc')).map(toText)

/** A published version. @throws NotFoundError */
export async function selectText(id: number): Promise<ConsentText> {
  const row = await db()('consent_texts').where({ id }).first()
  if (!row) throw new NotFoundError()
  return toText(row)
}

/** How many people hold each answer to a purpose now. */
export async function countAnswers(): Promise<Map<number, Record<string, number>>> {
  const rows: { purpose_id: number; action: string; count: number }[] = await db()('consents')
    .where({ is_latest: 1 })
    .groupBy('purpose_id', 'action')
    .select('purpose_id', 'action')
    .count({ count: '*' })
  const counts = new Map<number, Record<string, number>>()
  for (const { purpose_id, action, count } of rows)
    counts.set(purpose_id, { ...counts.get(purpose_id), [action]: Number(count) })
  return counts
}
