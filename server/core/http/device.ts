import type { Translate } from '../i18n/index.ts'

// The more particular come first: Edge calls itself Chrome and Safari as well, Android calls itself Linux.
const BROWSERS = ['YaBrowser', 'Edg', 'OPR', 'Firefox', 'Chrome', 'Safari']
const DEVICES = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux']

/** "Chrome, Windows": enough to recognise one's own. */
export function deviceOf(agent: string | null, t: Translate): string {
  const browser = BROWSERS.find((name) => agent?.includes(name))
  const system = DEVICES.find((name) => agent?.includes(name))
  const names: Record<string, string> = { YaBrowser: 'Yandex', Edg: 'Edge', OPR: 'Opera' }
  return (
    [browser && (names[browser] ?? browser), system].filter(Boolean).join(', ') || t('accounts.profile.unknownDevice')
  )
}
