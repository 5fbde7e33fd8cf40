import { translator } from '../i18n/index.ts'

/** What the modules in public/js say by themselves; a feature's own words stand in data attributes of its components. */
const KEYS = [
  'ui.alert.success',
  'ui.alert.danger',
  'ui.alert.info',
  'ui.confirm.title',
  'ui.confirm.cancel',
  'ui.confirm.proceed',
  'ui.http.offline',
  'ui.http.signedOut',
  'ui.http.conflict',
  'ui.http.forbidden',
  'ui.http.failed',
  'ui.sort.moved',
  'ui.sort.saved',
  'ui.sort.failed',
  'ui.save.saving',
  'ui.save.saved',
  'ui.save.failed',
]

const cache = new Map<string, string>()

/** The texts of a language for scripts, as JSON (public/js/lib/texts.js reads it); made once. */
export function scriptTexts(language: string): string {
  const known = cache.get(language)
  if (known !== undefined) return known
  const t = translator(language)
  const made = JSON.stringify(Object.fromEntries(KEYS.map((key) => [key.slice('ui.'.length), t(key)])))
  cache.set(language, made)
  return made
}
