import { pagerLinks } from '../../core/http/paging.ts'
import { type Action, page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { isBotOn } from '../../core/notices/messenger/bot.ts'
import { setting } from '../../core/settings.ts'
import { presentDelivery, presentLetter } from './delivery-presenter.ts'
import { countFailed, listDeliveries, listLetters, listUnsaid } from './delivery-queries.ts'
import { retryAll, retryDelivery, retryLetter } from './delivery-service.ts'
import {
  type DeliveriesQuery,
  deliveriesQuery,
  LETTER_TABS,
  noticeParams,
  OUTWARD_CHANNELS,
  type RetryInput,
  retryInput,
} from './input.ts'

const access = mayEverywhere('notices.deliveries')

/** What became of letters and notices: what failed, why, and once more. */
export function deliveryRoutes(routes: Routes): void {
  routes.get('/deliveries', { access, query: deliveriesQuery }, showDeliveries)
  routes.post('/deliveries/retry', { access, body: retryInput }, async ({ actor, body }) => {
    return retried(await retryAll(actor, body), body)
  })
  routes.post(
    '/deliveries/:id/retry',
    { access, params: noticeParams, body: retryInput },
    async ({ actor, params, body }) => retried(await retryLetter(actor, params.id), body),
  )
  routes.post(
    '/deliveries/notices/:id/retry',
    { access, params: noticeParams, body: retryInput },
    async ({ actor, params, body }) => retried(await retryDelivery(actor, params.id), body),
  )
}

/** The page of a channel and a state; those that it begins with are not named. */
const addressOf = ({ channel, state }: Pick<DeliveriesQuery, 'channel' | 'state'>) =>
  `/deliveries?${channel === 'email' ? '' : `channel=${channel}&`}state=${state}`

const retried = (count: number, body: RetryInput): Reply =>
  redirect(
    addressOf(body),
    count
      ? { kind: 'success', key: 'notices.deliveries.retried', values: { count } }
      : { kind: 'info', key: 'notices.deliveries.nothing' },
  )

/** Whether nothing can leave by this channel just now. */
async function isOff(channel: DeliveriesQuery['channel']): Promise<boolean> {
  if (channel === 'email') return !(await setting('mail')).enabled
  return channel === 'push' ? !(await setting('push')).enabled : !isBotOn(await setting('messenger'))
}

async function rowsOf(context: AnyContext & { query: DeliveriesQuery }) {
  const { query } = context
  if (query.channel !== 'email') {
    const result = await listDeliveries(query)
    return { result, rows: result.rows.map((row) => presentDelivery(context, row)) }
  }
  const result = await listLetters(query)
  return { result, rows: result.rows.map((row) => presentLetter(context, row)) }
}

async function showDeliveries(context: AnyContext & { query: DeliveriesQuery }): Promise<Reply> {
  const { t, query } = context
  const { state, channel } = query
  const [{ result, rows }, unsaid, failed] = await Promise.all([
    rowsOf(context),
    state === 'failed' && channel === 'email' ? listUnsaid() : [],
    countFailed(channel),
  ])
  const model = {
    state,
    channel,
    q: query.q ?? '',
    channels: OUTWARD_CHANNELS.map((value) => ({ value, label: t(`notices.channel.${value}`) })),
    tabs: LETTER_TABS.map((name) => ({
      href: addressOf({ channel, state: name }),
      label: t(`notices.deliveries.tab.${name}`),
      active: name === state,
      ...(name === 'failed' && failed ? { badge: failed } : {}),
    })),
    isOff: await isOff(channel),
    rows,
    notices: unsaid.map((row) => presentDelivery(context, row)),
    empty: {
      icon: 'send',
      title: t(`notices.deliveries.empty.${state}`),
      text: t(`notices.deliveries.empty.${state}Text`),
    },
    pager: pagerLinks('/deliveries', { channel, state, q: query.q }, result),
  }
  const canRetry = rows.some((row) => row.canRetry) || unsaid.length > 0
  return page('notices/deliveries', model, {
    title: t('notices.deliveries.title'),
    actions: canRetry ? [retryAction(context, { state, channel })] : [],
  })
}

const retryAction = ({ t }: AnyContext, fields: Pick<DeliveriesQuery, 'state' | 'channel'>): Action => ({
  href: '/deliveries/retry',
  method: 'post',
  fields,
  label: t(fields.state === 'failed' ? 'notices.deliveries.retryAll' : 'notices.deliveries.tryAll'),
  icon: 'refresh',
})
