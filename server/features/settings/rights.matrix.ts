import type { MatrixRow } from '../../testing/matrix.ts'

const may = ['administrator'] as const
const authority = { name: 'Отдел', languages: ['ru', 'en'], defaultLanguage: 'ru', timeZone: 'Europe/Moscow' }
const rows: MatrixRow[] = [
  { route: 'GET /settings', path: '/settings', may },
  { route: 'POST /settings/authority', path: '/settings/authority', body: () => authority, may },
  { route: 'POST /settings/registration', path: '/settings/registration', body: () => ({ mode: 'closed' }), may },
  { route: 'POST /settings/push', path: '/settings/push', body: () => ({ enabled: 'on' }), may },
  { route: 'POST /settings/messenger', path: '/settings/messenger', body: () => ({}), may },
  { route: 'POST /settings/messenger/test', path: '/settings/messenger/test', may },
  { route: 'POST /settings/mail', path: '/settings/mail', body: () => ({ port: 25, security: 'none' }), may },
  { route: 'POST /settings/mail/test', path: '/settings/mail/test', body: () => ({ to: 'a@example.org' }), may },
]
export default rows
