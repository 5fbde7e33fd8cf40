import { fileUrl } from '../../core/files/index.ts'
import type { AnyContext } from '../../core/http/route.ts'
import { fullName, pick } from '../../core/text.ts'
import type { Answer, HistoryRow, RegisterRow } from './consent-queries.ts'
import type { Purpose } from './purpose-queries.ts'

const BADGES = { given: 'success', postponed: 'neutral', withdrawn: 'warning' } as const

export const badgeOf = ({ t }: Pick<AnyContext, 't'>, action: Answer['action'] | undefined) =>
  action
    ? { kind: BADGES[action], text: t(`privacy.action.${action}`) }
    : { kind: 'neutral' as const, text: t('privacy.action.none') }

const whenOf = ({ format }: AnyContext, at: string) => ({
  iso: at.slice(0, 10),
  text: format.human(at),
  exact: format.dateTime(at),
})

/** A person's consents: what holds now, and everything that was answered. */
export const presentAnswers = (
  context: AnyContext,
  asked: Purpose[],
  latest: Map<number, Answer>,
  history: HistoryRow[],
) => ({
  rows: asked.map((purpose) => {
    const answer = latest.get(purpose.id)
    const isGiven = answer?.action === 'given'
    return {
      title: pick(purpose.published_title ?? purpose.title, context.lang),
      href: `/personal-data/texts/${isGiven ? answer.text_id : purpose.text_id}`,
      note: context.t(purpose.demands ? 'privacy.purposes.compulsory' : 'privacy.purposes.optional'),
      badge: badgeOf(context, answer?.action),
      version: answer ? context.t('privacy.text.number', { number: answer.number }) : '',
      when: answer ? whenOf(context, answer.answered_at) : null,
      textId: Number(purpose.text_id),
      withdrawHref: isGiven ? `/my/consents/${purpose.id}/withdraw` : null,
      mayAgree: !isGiven || answer.text_id !== purpose.text_id,
    }
  }),
  history: history.map((row) => presentHistory(context, row)),
})

export const presentHistory = (context: AnyContext, row: HistoryRow) => ({
  ...presentAnswer(context, row),
  note: row.note ?? '',
})

/** An answer to a text, whoever gave it. */
const presentAnswer = (context: AnyContext, row: HistoryRow | RegisterRow) => ({
  title: pick(row.title, context.lang),
  href: `/personal-data/texts/${row.text_id}`,
  version: context.t('privacy.text.number', { number: row.number }),
  badge: badgeOf(context, row.action),
  when: whenOf(context, row.answered_at),
  source: sourceOf(context, row),
  scanHref: fileUrl(row.file_id),
})

/** From where an answer came; of a paper also the day that stands on it. */
const sourceOf = ({ t, format }: AnyContext, { source, signed_on }: Pick<Answer, 'source' | 'signed_on'>): string =>
  signed_on ? t('privacy.source.paperOn', { date: format.date(signed_on) }) : t(`privacy.source.${source}`)

export const presentRegisterRow = (context: AnyContext, row: RegisterRow) => ({
  ...presentAnswer(context, row),
  person: fullName(row),
  personHref: `/people/${row.person_id}/consents`,
})

/** A row of the register as it is taken out. */
export const registerCells = (context: AnyContext, row: RegisterRow) => [
  fullName(row),
  pick(row.title, context.lang),
  row.number,
  context.t(`privacy.action.${row.action}`),
  context.format.dateTime(row.answered_at),
  sourceOf(context, row),
  row.ip ?? '',
  row.note ?? '',
]
