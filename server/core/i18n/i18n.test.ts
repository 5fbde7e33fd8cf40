import { expect } from 'chai'
import i18next from 'i18next'
import { LANGUAGES, readTexts, translator } from './index.ts'

/** Every key of a language with its text. */
function leaves(texts: unknown, path: string[] = []): [string, string][] {
  if (typeof texts === 'string') return [[path.join('.'), texts]]
  return Object.entries(texts as object).flatMap(([name, value]) => leaves(value, [...path, name]))
}

describe('translations', () => {
  it('say what the library says, for every key, number and variable', async () => {
    for (const language of LANGUAGES) {
      const reference = i18next.createInstance()
      await reference.init({
        lng: language,
        resources: { [language]: { translation: readTexts(language) } },
        interpolation: { escapeValue: false },
      })
      const t = translator(language)
      for (const [leaf, text] of leaves(readTexts(language))) {
        const key = leaf.replace(/_(zero|one|few|many|other)$/, '')
        const names = [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1] as string)
        const values = Object.fromEntries(names.map((name) => [name, `«${name}» & $1 <b>`]))
        for (const count of key === leaf ? [undefined] : [0, 1, 2, 5, 11, 21, 101, 1.5]) {
          const all: Record<string, unknown> = count === undefined ? values : { ...values, count }
          expect(t(key, all), `${language} ${key} ${count}`).to.equal(reference.t(key, all))
        }
      }
    }
  })

  it('give an unknown key back, and show a variable that was forgotten', () => {
    expect(translator('ru')('no.such.key')).to.equal('no.such.key')
    expect(translator('ru')('ui.head.title', { page: 'Люди' })).to.equal('Люди — {{site}}')
    expect(translator('ru')('ui.head.title', { page: 'Люди', site: null })).to.equal('Люди — ')
  })

  it('speak the first language where a language is unknown', () => {
    expect(translator('xx')('ui.skip')).to.equal(translator(LANGUAGES[0] as string)('ui.skip'))
  })
})
