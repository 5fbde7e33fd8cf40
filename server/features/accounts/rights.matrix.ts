import { insertRow } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import { makeEmployment, makePerson } from '../../testing/builders.ts'
import { EVERYONE, type MatrixRow, SIGNED_IN } from '../../testing/matrix.ts'
import type { Half } from '../../testing/world.ts'

const newcomer = { lastName: 'Новая', firstName: 'Анна', email: 'new@example.org' }
const makeClaim = async (half: Half) => makeEmployment(await makePerson(), half.organisation, { state: 'claimed' })
let links = 0
const makeLink = () =>
  insertRow('registration_links', { token_hash: `link of the sweep ${++links}`, created_at: nowUtc() })

const rows: MatrixRow[] = [
  { route: 'GET /', path: '/', may: SIGNED_IN },
  { route: 'GET /sign-in', path: '/sign-in', may: EVERYONE },
  { route: 'POST /sign-in', path: '/sign-in', body: () => ({ login: 'nobody', password: 'wrong' }), may: EVERYONE },
  // Without a first step there is no second: the page sends back to the first.
  { route: 'GET /sign-in/code', path: '/sign-in/code', may: EVERYONE },
  { route: 'POST /sign-in/code', path: '/sign-in/code', body: () => ({ code: '000000' }), may: EVERYONE },
  { route: 'GET /profile/second-step', path: '/profile/second-step', may: SIGNED_IN },
  {
    route: 'POST /profile/second-step',
    path: '/profile/second-step',
    body: () => ({ code: '000000' }),
    may: SIGNED_IN,
  },
  {
    route: 'POST /profile/second-step/codes',
    path: '/profile/second-step/codes',
    body: () => ({ password: 'wrong' }),
    may: SIGNED_IN,
  },
  {
    route: 'POST /profile/second-step/off',
    path: '/profile/second-step/off',
    body: () => ({ password: 'wrong' }),
    may: SIGNED_IN,
  },
  {
    // Nobody may look through the eyes of who cannot sign in: 404 for the administrator, viewing.test.ts does it really.
    route: 'POST /people/:id/view',
    path: async () => `/people/${await makePerson({ login: null })}/view`,
    may: [],
    mayForeign: [],
  },
  { route: 'POST /viewing/end', path: '/viewing/end', may: SIGNED_IN },
  {
    route: 'POST /people/:id/second-step/reset',
    path: async () => `/people/${await makePerson()}/second-step/reset`,
    may: ['administrator'],
  },
  { route: 'POST /preferences', path: '/preferences', body: () => ({ language: 'ru' }), may: EVERYONE },
  { route: 'GET /start', path: '/start', may: EVERYONE },
  { route: 'POST /start', path: '/start', body: () => ({ code: 'AAAA-BBBB-CCCC' }), may: EVERYONE },
  // A token that nobody has leads nowhere, whoever asks; accounts.test.ts follows real ones.
  { route: 'GET /invitation/:token', path: '/invitation/nobody-has-this', may: [] },
  { route: 'POST /invitation/:token', path: '/invitation/nobody-has-this', body: () => ({ password: 'x' }), may: [] },
  { route: 'GET /reset/:token', path: '/reset/nobody-has-this', may: [] },
  { route: 'POST /reset/:token', path: '/reset/nobody-has-this', body: () => ({ password: 'x' }), may: [] },
  { route: 'GET /forgot', path: '/forgot', may: EVERYONE },
  { route: 'POST /forgot', path: '/forgot', body: () => ({ login: 'nobody' }), may: EVERYONE },
  // Registration is closed until an administrator opens it.
  { route: 'GET /register', path: '/register', may: [] },
  { route: 'POST /register', path: '/register', body: () => newcomer, may: [] },
  { route: 'GET /register/:token', path: '/register/nobody-has-this', may: [] },
  { route: 'POST /register/:token', path: '/register/nobody-has-this', body: () => newcomer, may: [] },
  { route: 'GET /profile', path: '/profile', may: SIGNED_IN },
  { route: 'POST /profile', path: '/profile', body: () => ({ language: '', timeZone: '' }), may: SIGNED_IN },
  { route: 'POST /profile/photo', path: '/profile/photo', upload: true, may: SIGNED_IN },
  {
    route: 'POST /profile/password',
    path: '/profile/password',
    body: () => ({ currentPassword: 'x', password: 'y' }),
    may: SIGNED_IN,
  },
  {
    route: 'POST /profile/email',
    path: '/profile/email',
    body: () => ({ emailPassword: 'x', email: 'new@example.org' }),
    may: SIGNED_IN,
  },
  // Nobody of the sweep waits for an address; email.test.ts takes a wish back.
  { route: 'POST /profile/email/cancel', path: '/profile/email/cancel', may: SIGNED_IN },
  { route: 'GET /email/:token', path: '/email/nobody-has-this', may: [] },
  { route: 'POST /email/:token', path: '/email/nobody-has-this', may: [] },
  { route: 'POST /profile/sessions/others/end', path: '/profile/sessions/others/end', may: SIGNED_IN },
  { route: 'POST /profile/sessions/:id/end', path: `/profile/sessions/${'a'.repeat(64)}/end`, may: [] },
  {
    route: 'POST /accounts/invite',
    path: '/accounts/invite',
    body: (half) => ({ people: half.person }),
    may: ['administrator'],
  },
  {
    route: 'POST /accounts/slips',
    path: '/accounts/slips',
    body: (half) => ({ people: half.person }),
    may: ['administrator'],
  },
  {
    route: 'POST /accounts/:id/code',
    path: async () => `/accounts/${await makePerson()}/code`,
    may: ['administrator'],
  },
  {
    route: 'POST /accounts/:id/state',
    path: (half) => `/accounts/${half.person}/state`,
    body: () => ({ state: 'active' }),
    may: ['administrator'],
  },
  { route: 'GET /registrations', path: '/registrations', may: ['director', 'administrator'] },
  {
    route: 'POST /registrations',
    path: '/registrations',
    body: () => ({ decision: 'approve' }),
    may: ['administrator'],
  },
  { route: 'POST /registrations/links', path: '/registrations/links', may: ['administrator'] },
  {
    route: 'POST /registrations/links/:id/revoke',
    path: async () => `/registrations/links/${await makeLink()}/revoke`,
    may: ['administrator'],
  },
  {
    route: 'POST /claims/:id',
    path: async (half) => `/claims/${await makeClaim(half)}`,
    body: () => ({ decision: 'decline' }),
    may: ['director', 'administrator'],
  },
]
export default rows
