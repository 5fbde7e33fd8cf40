import { fromJson } from '../../core/db/index.ts'
import type { AnyContext } from '../../core/http/route.ts'
import { sayNotice } from '../../core/notices/kinds.ts'
import { fullName } from '../../core/text.ts'
import type { DeliveryRow, LetterRow } from './delivery-queries.ts'

type Tried = Pick<LetterRow, 'attempts' | 'next_attempt_at' | 'sent_at' | 'created_at'> & { state: LetterRow['state'] }

const personOf = (row: { last_name: string | null; first_name: string | null; middle_name: string | null }) =>
  row.last_name && row.first_name
    ? fullName({ lastName: row.last_name, firstName: row.first_name, middleName: row.middle_name })
    : ''

/** What became of it until now, and whether it can be sent again. */
function stateOf({ t, format }: AnyContext, row: Tried, isTried: boolean) {
  const now = {
    failed: t('notices.deliveries.attempts', { count: row.attempts }),
    waiting: isTried
      ? t('notices.deliveries.nextTry', { when: format.human(row.next_attempt_at) })
      : t('notices.deliveries.waits'),
    sending: t('notices.deliveries.sending'),
    sent: t('notices.deliveries.sentAt', { when: row.sent_at ? format.human(row.sent_at) : '' }),
  }[row.state]
  return {
    when: {
      iso: format.civil(row.created_at),
      text: format.human(row.created_at),
      exact: format.dateTime(row.created_at),
    },
    now,
    retry: row.state === 'failed' ? t('notices.deliveries.retry') : isTried ? t('notices.deliveries.tryNow') : '',
    canRetry: row.state === 'failed' || (row.state === 'waiting' && isTried),
  }
}

/** It waited when the backup was made from which the system was restored: no server has said anything of it. */
const RESTORED = 'restored'

/** Why a letter did not go, in the wizard's words, with the settings of that time. */
function reasonOf({ t }: AnyContext, row: LetterRow): string {
  if (!row.error) return ''
  // What an earlier version tried does not say what the settings were: only the server's own words are sure.
  if (!row.error_code || (!row.error_values && row.error_code !== RESTORED))
    return t('notices.deliveries.serverSaid', { words: row.error })
  const values = fromJson<Record<string, unknown>>(row.error_values, {})
  return t(`install.mailFound.${row.error_code}`, { ...values, to: row.to_address, message: row.error })
}

export function presentLetter(context: AnyContext, row: LetterRow) {
  const { t } = context
  const said = row.error && row.error_values && row.error_code !== 'unknown'
  return {
    id: row.id,
    to: row.to_address,
    person: personOf(row),
    personHref: row.person_id === null ? undefined : `/people/${row.person_id}`,
    subject: row.subject,
    reason: reasonOf(context, row),
    said: said ? t('notices.deliveries.serverSaid', { words: row.error }) : '',
    ...stateOf(context, row, row.attempts > 0),
    retryHref: `/deliveries/${row.id}/retry`,
  }
}

/** That it cannot be said may be the very reason why it failed. */
function titleOf({ t, lang, format }: AnyContext, row: DeliveryRow): string {
  try {
    return sayNotice(row.kind, fromJson(row.data, {}), { t, language: lang, format }).title
  } catch {
    return t('notices.unknown')
  }
}

/** A notice on its way by a channel beside mail, or one that did not become a letter. */
export function presentDelivery(context: AnyContext, row: DeliveryRow) {
  const { t } = context
  const values = fromJson<Record<string, unknown>>(row.error_values, {})
  const reason = row.error_code ? t(`notices.why.${row.error_code}`, values) : (row.error ?? '')
  const said =
    row.error_code && row.error && row.error_code !== RESTORED
      ? t('notices.deliveries.serverSaid', { words: row.error })
      : ''
  return {
    id: row.id,
    subject: titleOf(context, row),
    person: personOf(row),
    personHref: `/people/${row.person_id}`,
    to: '',
    reason: row.state === 'sent' ? '' : reason,
    said: row.state === 'sent' ? '' : said,
    ...stateOf(context, row, row.error_code !== null),
    retryHref: `/deliveries/notices/${row.id}/retry`,
  }
}
