import { fromJson } from '../../core/db/index.ts'
import { pagerLinks } from '../../core/http/paging.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { sayNotice } from '../../core/notices/kinds.ts'
import { type Setting, setting } from '../../core/settings.ts'
import { fullName } from '../../core/text.ts'
import { countTroubles, type FailedNotice, type LetterRow, listFailedNotices, listLetters } from './delivery-queries.ts'
import { retryAll, retryLetter } from './delivery-service.ts'
import { type DeliveriesQuery, deliveriesQuery, LETTER_TABS, noticeParams, retryInput } from './input.ts'

const access = mayEverywhere('notices.deliveries')

/** What became of letters and notices: what failed, why, and once more. */
export function deliveryRoutes(routes: Routes): void {
  routes.get('/deliveries', { access, query: deliveriesQuery }, showDeliveries)
  routes.post('/deliveries/retry', { access, body: retryInput }, async ({ actor, body }) => {
    return retried(await retryAll(actor, body.state), body.state)
  })
  routes.post(
    '/deliveries/:id/retry',
    { access, params: noticeParams, body: retryInput },
    async ({ actor, params, body }) => retried(await retryLetter(actor, params.id), body.state),
  )
}

const retried = (count: number, state: 'failed' | 'waiting'): Reply =>
  redirect(
    `/deliveries?state=${state}`,
    count
      ? { kind: 'success', key: 'notices.deliveries.retried', values: { count } }
      : { kind: 'info', key: 'notices.deliveries.nothing' },
  )

async function showDeliveries(context: AnyContext & { query: DeliveriesQuery }): Promise<Reply> {
  const { t, query } = context
  const { state } = query
  const mail = await setting('mail')
  const [result, notices, troubles] = await Promise.all([
    listLetters(query),
    state === 'failed' ? listFailedNotices() : [],
    countTroubles(),
  ])
  const canRetry = state !== 'sent' && (result.rows.some((row) => row.attempts > 0) || notices.length > 0)
  const model = {
    state,
    q: query.q ?? '',
    tabs: LETTER_TABS.map((name) => ({
      href: `/deliveries?state=${name}`,
      label: t(`notices.deliveries.tab.${name}`),
      active: name === state,
      ...(name === 'failed' && troubles.failed ? { badge: troubles.failed } : {}),
    })),
    isOff: !mail.enabled,
    rows: result.rows.map((row) => presentLetter(context, row, mail)),
    notices: notices.map((row) => presentFailed(context, row)),
    empty: {
      icon: 'send',
      title: t(`notices.deliveries.empty.${state}`),
      text: t(`notices.deliveries.empty.${state}Text`),
    },
    pager: pagerLinks('/deliveries', { state, q: query.q }, result),
  }
  return page('notices/deliveries', model, {
    title: t('notices.deliveries.title'),
    actions: canRetry
      ? [
          {
            href: '/deliveries/retry',
            method: 'post',
            fields: { state },
            label: t(state === 'failed' ? 'notices.deliveries.retryAll' : 'notices.deliveries.tryAll'),
            icon: 'refresh',
          },
        ]
      : [],
  })
}

const personOf = (row: Pick<LetterRow, 'last_name' | 'first_name' | 'middle_name'>) =>
  row.last_name && row.first_name
    ? fullName({ lastName: row.last_name, firstName: row.first_name, middleName: row.middle_name })
    : ''

/** Why it did not go, in the wizard's words; what the server said stands beside it. */
function reasonOf({ t }: AnyContext, row: LetterRow, mail: Setting<'mail'>): string {
  if (!row.error) return ''
  const values = { ...mail, to: row.to_address, message: row.error }
  return row.error_code
    ? t(`install.mailFound.${row.error_code}`, values)
    : t('notices.deliveries.serverSaid', { words: row.error })
}

function presentLetter(context: AnyContext, row: LetterRow, mail: Setting<'mail'>) {
  const { t, format } = context
  const isTried = row.attempts > 0
  const now = {
    failed: t('notices.deliveries.attempts', { count: row.attempts }),
    waiting: isTried
      ? t('notices.deliveries.nextTry', { when: format.human(row.next_attempt_at) })
      : t('notices.deliveries.waits'),
    sending: t('notices.deliveries.sending'),
    sent: t('notices.deliveries.sentAt', { when: row.sent_at ? format.human(row.sent_at) : '' }),
  }[row.state]
  const said = row.error && row.error_code && row.error_code !== 'unknown'
  return {
    id: row.id,
    when: {
      iso: format.civil(row.created_at),
      text: format.human(row.created_at),
      exact: format.dateTime(row.created_at),
    },
    to: row.to_address,
    person: personOf(row),
    personHref: row.person_id === null ? undefined : `/people/${row.person_id}`,
    subject: row.subject,
    now,
    reason: reasonOf(context, row, mail),
    said: said ? t('notices.deliveries.serverSaid', { words: row.error }) : '',
    retry: row.state === 'failed' ? t('notices.deliveries.retry') : isTried ? t('notices.deliveries.tryNow') : '',
    canRetry: row.state === 'failed' || (row.state === 'waiting' && isTried),
  }
}

/** That it cannot be said may be the very reason why it failed. */
function titleOf({ t, lang, format }: AnyContext, row: FailedNotice): string {
  try {
    return sayNotice(row.kind, fromJson(row.data, {}), { t, language: lang, format }).title
  } catch {
    return t('notices.unknown')
  }
}

const presentFailed = (context: AnyContext, row: FailedNotice) => ({
  title: titleOf(context, row),
  person: personOf(row),
  personHref: `/people/${row.person_id}`,
  channel: context.t(`notices.channel.${row.channel}`),
  reason: row.error ?? '',
})
