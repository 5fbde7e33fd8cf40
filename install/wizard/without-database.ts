import { LANGUAGES } from '../../server/core/i18n/index.ts'
import { pinSettings } from '../../server/core/settings.ts'

/** Every page reads the authority's settings; before there is a database these stand for them. */
export function withoutDatabase(): void {
  const [first = 'ru'] = LANGUAGES
  const authority = { name: '', languages: [...LANGUAGES], defaultLanguage: first, timeZone: 'UTC', contact: '' }
  pinSettings({ authority })
}
