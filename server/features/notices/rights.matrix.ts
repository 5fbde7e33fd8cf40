import { db, insertRow } from '../../core/db/index.ts'
import { saveSetting } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'
import { type MatrixRow, SIGNED_IN } from '../../testing/matrix.ts'
import type { Half } from '../../testing/world.ts'

let count = 0
const KIND = 'learning-routes.returned'

/** A notice of the learner; in the foreign half of a person who never signs in. */
async function makeNotice(half: Half): Promise<number> {
  return insertRow('notices', {
    person_id: half.person,
    kind: 'tracking.reminder',
    dedupe_key: `sweep ${++count}`,
    subject_type: 'cohort',
    subject_id: half.cohort,
    data: '{"subject":"Письмо","text":"Слова"}',
    href: '/profile',
    state: 'unread',
    created_at: nowUtc(),
  })
}

const makeBrowser = (half: Half) =>
  insertRow('push_subscriptions', {
    person_id: half.person,
    endpoint: 'https://push.example.org',
    endpoint_hash: `sweep ${++count}`,
    p256dh: 'B',
    auth: 'a',
    browser_hash: `sweep ${count}`,
    created_at: nowUtc(),
  })

/** The messenger is switched on for the sweep, at a server that is never asked. */
async function linkMessenger(half: Half): Promise<void> {
  await saveSetting('messenger', { enabled: true, server: 'http://127.0.0.1:9', token: 'sweep' })
  const link = { person_id: half.person, chat_id: `sweep ${half.person}`, linked_at: nowUtc() }
  await db()('messenger_links').insert(link).onConflict('person_id').merge()
}

const makeDelivery = async (half: Half) =>
  insertRow('notice_deliveries', {
    notice_id: await makeNotice(half),
    person_id: half.person,
    channel: 'push',
    state: 'failed',
    next_attempt_at: nowUtc(),
  })

const makeLetter = () =>
  insertRow('mail_outbox', {
    kind: 'test.letter',
    to_address: 'sweep@example.org',
    language: 'ru',
    subject: 'Письмо',
    body_text: 'Слова',
    state: 'failed',
    next_attempt_at: nowUtc(),
    created_at: nowUtc(),
  })

const rows: MatrixRow[] = [
  { route: 'GET /notices', path: '/notices', may: SIGNED_IN },
  { route: 'GET /notices/unread', path: '/notices/unread', may: SIGNED_IN },
  { route: 'POST /notices/read', path: '/notices/read', body: () => ({ upTo: 1 }), may: SIGNED_IN },
  {
    route: 'POST /notices/:id/open',
    path: async (half) => `/notices/${await makeNotice(half)}/open`,
    may: ['learner'],
    mayForeign: [],
  },
  {
    route: 'POST /notices/:id/read',
    path: async (half) => `/notices/${await makeNotice(half)}/read`,
    may: ['learner'],
    mayForeign: [],
  },
  { route: 'GET /profile/notices', path: '/profile/notices', may: SIGNED_IN },
  { route: 'POST /profile/notices', path: '/profile/notices', body: () => ({ letters: 'once' }), may: SIGNED_IN },
  {
    route: 'POST /profile/notices/browsers',
    path: '/profile/notices/browsers',
    body: () => ({
      endpoint: `https://push.example.org/${++count}`,
      keys: { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) },
    }),
    may: SIGNED_IN,
  },
  {
    route: 'POST /profile/notices/browsers/:id/remove',
    path: async (half) => `/profile/notices/browsers/${await makeBrowser(half)}/remove`,
    may: ['learner'],
    mayForeign: [],
  },
  {
    route: 'POST /profile/notices/messenger',
    path: async (half) => {
      await linkMessenger(half)
      return '/profile/notices/messenger'
    },
    may: SIGNED_IN,
    mayForeign: SIGNED_IN,
  },
  {
    route: 'POST /profile/notices/messenger/unlink',
    path: async (half) => {
      await linkMessenger(half)
      return '/profile/notices/messenger/unlink'
    },
    may: ['learner'],
    mayForeign: [],
  },
  // A token that nobody has leads nowhere; notices.test.ts follows a real one.
  { route: 'GET /unsubscribe/:token', path: `/unsubscribe/${'a'.repeat(48)}`, may: [] },
  {
    route: 'POST /unsubscribe/:token',
    path: `/unsubscribe/${'a'.repeat(48)}`,
    body: () => ({ what: 'all' }),
    may: [],
  },
  { route: 'GET /deliveries', path: '/deliveries', may: ['administrator'] },
  {
    route: 'POST /deliveries/retry',
    path: '/deliveries/retry',
    body: () => ({ state: 'failed' }),
    may: ['administrator'],
  },
  {
    route: 'POST /deliveries/:id/retry',
    path: async () => `/deliveries/${await makeLetter()}/retry`,
    body: () => ({ state: 'failed' }),
    may: ['administrator'],
  },
  {
    route: 'POST /deliveries/notices/:id/retry',
    path: async (half) => `/deliveries/notices/${await makeDelivery(half)}/retry`,
    body: () => ({ state: 'failed', channel: 'push' }),
    may: ['administrator'],
  },
  { route: 'GET /notice-texts', path: '/notice-texts', may: ['administrator'] },
  { route: 'GET /notice-texts/:kind', path: `/notice-texts/${KIND}`, may: ['administrator'] },
  {
    route: 'POST /notice-texts/:kind',
    path: `/notice-texts/${KIND}`,
    body: () => ({ version: 0, title: { ru: 'Иначе' }, text: { ru: 'Слова' } }),
    may: ['administrator'],
  },
  { route: 'POST /notice-texts/:kind/reset', path: `/notice-texts/${KIND}/reset`, may: ['administrator'] },
]

export default rows
