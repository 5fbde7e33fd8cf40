import type { Form } from '../../core/http/forms.ts'
import type { AnyContext } from '../../core/http/route.ts'
import { log } from '../../core/log.ts'
import { type Choices, wants } from '../../core/notices/choices.ts'
import type { Channel, NoticeData, NoticeKind } from '../../core/notices/index.ts'
import { sayNotice } from '../../core/notices/kinds.ts'
import type { NoticeRow } from './queries.ts'

type Said = Pick<AnyContext, 't' | 'lang' | 'format'>

/** @param data what of it may still be seen; null: nothing */
export function presentNotice(context: Said, row: NoticeRow, data: NoticeData | null) {
  const { format } = context
  return {
    id: row.id,
    ...wordsFor(context, row, data),
    isOpen: data !== null,
    isUnread: row.state === 'unread',
    when: {
      iso: format.civil(row.created_at),
      text: format.human(row.created_at),
      exact: format.dateTime(row.created_at),
    },
  }
}

/** One that cannot be said must not keep the others from being read. */
function wordsFor({ t, lang, format }: Said, row: NoticeRow, data: NoticeData | null) {
  if (!data) return { title: t('notices.closed'), text: t('notices.closedText') }
  try {
    return sayNotice(row.kind, data, { t, language: lang, format })
  } catch (error) {
    log.warn({ error, notice: row.id }, 'a notice cannot be said')
    return { title: t('notices.unknown'), text: '' }
  }
}

/** What the form of choices begins with. */
export const choiceValues = (
  choices: Choices,
  kinds: readonly [string, NoticeKind][],
  channels: readonly Channel[],
): Form['values'] => ({
  choices: kinds.flatMap(([name, kind]) =>
    channels.filter((channel) => wants(choices, name, kind, channel)).map((channel) => `${name}:${channel}`),
  ),
  letters: choices.digestHour === null ? 'once' : 'daily',
  digestHour: choices.digestHour ?? 18,
  quietFrom: choices.quiet?.from ?? '',
  quietUntil: choices.quiet?.until ?? '',
})

/** A row for each kind, a box for each channel. */
export const presentKinds = (
  { t }: Said,
  kinds: readonly [string, NoticeKind][],
  channels: readonly Channel[],
  form: Form,
) => {
  const chosen = [form.values.choices ?? []].flat().map(String)
  return kinds.map(([name, kind]) => {
    const label = t(`${kind.texts}.label`)
    return {
      label,
      boxes: channels.map((channel) => ({
        value: `${name}:${channel}`,
        channel: t(`notices.channel.${channel}`),
        label: t('notices.choices.box', { kind: label, channel: t(`notices.channel.${channel}`) }),
        isTicked: chosen.includes(`${name}:${channel}`),
      })),
    }
  })
}
