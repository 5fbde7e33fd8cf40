import { cleanForm, type Form } from '../../core/http/forms.ts'
import { pagerLinks } from '../../core/http/paging.ts'
import { json, page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, anyone, type Routes, signedIn } from '../../core/http/route.ts'
import { translator } from '../../core/i18n/index.ts'
import { readChoices } from '../../core/notices/choices.ts'
import { noticeKind } from '../../core/notices/kinds.ts'
import { openChannels } from '../../core/notices/outlets.ts'
import { setting } from '../../core/settings.ts'
import { browserRoutes, presentBrowsers } from './browser-router.ts'
import {
  choicesInput,
  type NoticesQuery,
  noticeParams,
  noticesQuery,
  readAllInput,
  readInput,
  tokenParams,
  unsubscribeInput,
} from './input.ts'
import { messengerRoutes, presentMessenger } from './messenger-router.ts'
import { choiceValues, presentKinds, presentNotice } from './presenter.ts'
import { listNotices, selectOwn, selectSubscription } from './queries.ts'
import { chooseNotices, kindsFor, readAll, readNotice, reviewNotices, unsubscribe } from './service.ts'

const HOURS = Array.from({ length: 24 }, (_, hour) => ({ value: hour, label: `${String(hour).padStart(2, '0')}:00` }))

/** What one is told, how one wants to be told, and the link that stops letters. */
export function noticeRoutes(routes: Routes): void {
  routes.get('/notices', { access: signedIn, query: noticesQuery }, showNotices)
  routes.get('/notices/unread', { access: signedIn }, async ({ actor }) => json({ unread: actor.unreadNotices ?? 0 }))
  routes.post('/notices/read', { access: signedIn, body: readAllInput }, async ({ actor, body }) => {
    await readAll(actor, body.upTo)
    return redirect('/notices?show=all', 'notices.flash.allRead')
  })
  routes.post('/notices/:id/open', { access: signedIn, params: noticeParams }, async ({ actor, params }) =>
    redirect(await readNotice(actor, params.id)),
  )
  routes.post(
    '/notices/:id/read',
    { access: signedIn, params: noticeParams, body: readInput },
    async ({ actor, params, body }) => {
      await readNotice(actor, params.id)
      return redirect(`/notices?show=${body.back}`)
    },
  )
  routes.get('/profile/notices', { access: signedIn }, (context) => showChoices(context))
  routes.post(
    '/profile/notices',
    { access: signedIn, body: choicesInput, invalid: (context, form) => showChoices(context, form) },
    async ({ actor, body }) => {
      await chooseNotices(actor, body)
      return redirect('/profile/notices', 'notices.flash.chosen')
    },
  )
  browserRoutes(routes)
  messengerRoutes(routes)
  // Programs that check letters open their links: the page only asks.
  routes.get('/unsubscribe/:token', { access: anyone, params: tokenParams }, showUnsubscribe)
  routes.post(
    '/unsubscribe/:token',
    { access: anyone, params: tokenParams, body: unsubscribeInput },
    async (context) => {
      await unsubscribe(context.params.token, context.body.what)
      return showUnsubscribe(context, true)
    },
  )
}

async function showNotices(context: AnyContext & { query: NoticesQuery }): Promise<Reply> {
  const { actor, t, query } = context
  const result = await listNotices(actor, query)
  const seen = await reviewNotices(actor, result.rows)
  const unread = actor.unreadNotices ?? 0
  const latest = result.rows[0]
  const model = {
    show: query.show,
    notices: result.rows.map((row) => presentNotice(context, row, seen.get(row.id) ?? null)),
    unread,
    pager: pagerLinks('/notices', { show: query.show }, result),
  }
  return page('notices/list', model, {
    title: t('notices.title'),
    styles: ['notices.css'],
    actions: [
      ...(unread && latest
        ? [
            {
              href: '/notices/read',
              method: 'post' as const,
              fields: { upTo: latest.id },
              label: t('notices.readAll'),
              icon: 'checks',
            },
          ]
        : []),
      { href: '/profile/notices', label: t('notices.choose'), icon: 'settings', kind: 'quiet' as const },
    ],
  })
}

async function showChoices(context: AnyContext, typed?: Form): Promise<Reply> {
  const { actor, t } = context
  const { preferences, email } = await selectOwn(actor)
  const choices = readChoices(preferences)
  const kinds = kindsFor(actor)
  const channels = await openChannels()
  const form = typed ?? cleanForm(choiceValues(choices, kinds, channels))
  const { timeZone } = await setting('authority')
  const zone = actor.timeZone ?? timeZone
  const model = {
    form,
    hasEmail: email !== null,
    kinds: presentKinds(context, kinds, channels, form),
    channels: channels.map((channel) => t(`notices.channel.${channel}`)),
    letters: ['once', 'daily'].map((value) => ({ value, label: t(`notices.choices.letters.${value}`) })),
    hours: HOURS,
    messenger: channels.includes('messenger') ? await presentMessenger(context) : null,
    browsers: channels.includes('push') ? await presentBrowsers(context) : null,
    zoneNote: t('notices.choices.zone', { now: new Date().toLocaleTimeString('sv', { timeZone: zone }).slice(0, 5) }),
  }
  return page('notices/choices', model, {
    title: t('notices.choices.title'),
    styles: ['notices.css'],
    breadcrumbs: [{ href: '/profile', label: t('accounts.profile.title') }],
  })
}

const hidden = (email: string) => email.replace(/^(.).*(?=@)/, '$1…')

async function showUnsubscribe(context: AnyContext, isDone = false): Promise<Reply> {
  const { params } = context
  const found = await selectSubscription(params.token)
  // The letter's language: whoever opens its link may be nobody's session.
  const t = found.language ? translator(found.language) : context.t
  const kind = noticeKind(found.kind)
  const channels = await openChannels()
  const model = {
    hasMore: channels.includes('push') || channels.includes('messenger'),
    isDone: isDone === true,
    action: `/unsubscribe/${params.token}`,
    question: t('notices.unsubscribe.question', { email: hidden(found.email ?? '') }),
    kindLabel: kind ? t('notices.unsubscribe.kind', { kind: t(`${kind.texts}.label`) }) : '',
  }
  return page('notices/unsubscribe', model, { title: t('notices.unsubscribe.title'), layout: 'plain' })
}
