import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import i18next, { type i18n } from 'i18next'
import { packageRoot } from '../paths.ts'

/** Translates a key `feature.screen.element` with named variables. */
export type Translate = (key: string, values?: Record<string, unknown>) => string

const folder = join(packageRoot, 'server', 'locales')

/** Languages are folders of translations: one more folder, one more language. Russian first. */
export const LANGUAGES: readonly string[] = readdirSync(folder).sort((a, b) => Number(b === 'ru') - Number(a === 'ru'))

const REGIONS: Record<string, string> = { en: 'en-GB' }

/** The locale for dates and numbers of a language: English texts are British, the day comes first and a day has 24 hours. */
export const localeOf = (language: string): string => REGIONS[language] ?? language

const labels = new Map(LANGUAGES.map((code) => [code, new Intl.DisplayNames([code], { type: 'language' }).of(code)]))

/** A language's own name, e.g. "русский". */
export const languageLabel = (code: string): string => labels.get(code) ?? code

/** All texts of a language: one file per feature, mounted under the file's name. */
export const readTexts = (language: string): Record<string, unknown> =>
  Object.fromEntries(
    readdirSync(join(folder, language))
      .filter((file) => file.endsWith('.json'))
      .map((file) => [file.slice(0, -5), JSON.parse(readFileSync(join(folder, language, file), 'utf8'))]),
  )

const instance: i18n = i18next.createInstance()
await instance.init({
  resources: Object.fromEntries(LANGUAGES.map((code) => [code, { translation: readTexts(code) }])),
  fallbackLng: LANGUAGES[0],
  // Templates escape; escaping twice would show entities.
  interpolation: { escapeValue: false },
  returnNull: false,
})

const VARIABLE = /\{\{\s*(\w+)\s*\}\}/g

/**
 * A page prints hundreds of texts, and looking each of them up anew took longer than reading the database. A pattern is
 * looked up once per key and plural form; filling it is all that is left to do.
 */
function quickTranslator(language: string): Translate {
  const lookUp = instance.getFixedT(language) as unknown as Translate
  const plurals = new Intl.PluralRules(language)
  const patterns = new Map<string, string>()
  return (key, values) => {
    const count = values?.count
    // Zero may have words of its own; otherwise numbers of one plural form share their words.
    const form = typeof count !== 'number' ? '' : count === 0 ? '|0' : `|${plurals.select(count)}`
    let pattern = patterns.get(key + form)
    if (pattern === undefined) {
      pattern = String(lookUp(key, { ...(form ? { count } : {}), skipInterpolation: true }))
      // Keys made of what people typed must not fill the memory.
      if (patterns.size < 20_000) patterns.set(key + form, pattern)
    }
    if (!values || !pattern.includes('{{')) return pattern
    // A variable that nobody gave stays visible, as the library has it: tests find it.
    return pattern.replace(VARIABLE, (variable, name: string) => {
      const value = values[name]
      return value === undefined ? variable : String(value ?? '')
    })
  }
}

const translators = new Map<string, Translate>(LANGUAGES.map((code) => [code, quickTranslator(code)]))

/** The translator of a language (of the first one if it is unknown). */
export const translator = (language: string): Translate =>
  translators.get(language) ?? (translators.get(LANGUAGES[0] as string) as Translate)

/** Whether there is such a key in a language. */
export const hasText = (key: string, language: string): boolean => instance.exists(key, { lng: language })

/** A text as it stands in the translations, its variables unfilled: for scripts that fill them in the browser. */
export const rawText = (key: string, language: string): string =>
  String(
    instance.getResource(language, 'translation', key) ??
      instance.getResource(LANGUAGES[0] as string, 'translation', key),
  )
