import { expect } from 'chai'
import { LANGUAGES, readTexts } from '../core/i18n/index.ts'
import { sources } from './sources.ts'

const PLURAL = /_(zero|one|two|few|many|other)$/

/** Leaves of nested texts as `feature.screen.element`. */
function flatten(texts: unknown, path = ''): Map<string, string> {
  if (typeof texts === 'string') return new Map([[path, texts]])
  return new Map(
    Object.entries(texts as object).flatMap(([key, value]) => [...flatten(value, path ? `${path}.${key}` : key)]),
  )
}

const byLanguage = new Map(LANGUAGES.map((language) => [language, flatten(readTexts(language))]))
const first = byLanguage.get(LANGUAGES[0] as string) as Map<string, string>
const baseOf = (key: string) => key.replace(PLURAL, '')
const bases = (texts: Map<string, string>) => new Set([...texts.keys()].map(baseOf))
/** The number itself may be left out where its plural form says it. */
const variables = (text: string) =>
  [...text.matchAll(/\{\{\s*(\w+)/g)]
    .map(([, name]) => name)
    .filter((name) => name !== 'count')
    .sort()
    .join(' ')

const code = [
  ...sources('server', '.ts'),
  ...sources('views', '.ejs'),
  ...sources('seeds', '.ts'),
  ...sources('install', '.ts'),
]
const features = new Set([...first.keys()].map((key) => key.split('.')[0]))

/** Endings that code puts after a whole key, `${item.key}Hint`. */
const endings = new Set(
  code.flatMap(({ text }) => [...text.matchAll(/`\$\{[^}`]*\}([A-Z]\w+)`/g)].map(([, end]) => end as string)),
)

/** Keys written out in code, and the beginnings of keys that are put together (`'a.b.' + x`, `a.b.${x}`). */
function usedKeys() {
  const whole = new Map<string, string>()
  const beginnings = new Set<string>()
  for (const { file, text } of code) {
    for (const [, key] of text.matchAll(/['"`]([a-z][\w-]*(?:\.[\w-]+)+)['"`]/g)) whole.set(key as string, file)
    for (const [, part] of text.matchAll(/['"`]([a-z][\w-]*\.(?:[\w-]+\.)*[\w-]*)(?:['"]\s*\+|\$\{)/g))
      beginnings.add(part as string)
  }
  return { whole, beginnings }
}

const { whole, beginnings } = usedKeys()

/** Written out, begun, named by its parent (`option('settings.mode')`), or a whole key with an ending. */
const isUsed = (key: string) =>
  whole.has(key) ||
  [...beginnings].some((part) => key.startsWith(part)) ||
  whole.has(key.slice(0, key.lastIndexOf('.'))) ||
  [...endings].some((end) => key.endsWith(end) && whole.has(key.slice(0, -end.length)))

describe('texts', () => {
  for (const language of LANGUAGES.slice(1)) {
    it(`are the same in ${LANGUAGES[0]} and ${language}: every key, every variable`, () => {
      const other = byLanguage.get(language) as Map<string, string>
      const [here, there] = [bases(first), bases(other)]
      expect(
        [...here].filter((key) => !there.has(key)),
        `missing in ${language}`,
      ).to.deep.equal([])
      expect(
        [...there].filter((key) => !here.has(key)),
        `only in ${language}`,
      ).to.deep.equal([])
      const different = [...first].filter(([key, text]) => {
        const translated = other.get(key) ?? other.get(`${baseOf(key)}_other`)
        return translated !== undefined && variables(translated) !== variables(text)
      })
      expect(
        different.map(([key]) => key),
        'variables differ',
      ).to.deep.equal([])
    })
  }

  for (const language of LANGUAGES) {
    it(`have every plural form of ${language}`, () => {
      const texts = byLanguage.get(language) as Map<string, string>
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
      const counted = new Set([...texts.keys()].filter((key) => PLURAL.test(key)).map(baseOf))
      const missing = [...counted].flatMap((key) =>
        forms.map((form) => `${key}_${form}`).filter((name) => !texts.has(name)),
      )
      expect(missing).to.deep.equal([])
    })

    it(`are not empty in ${language}`, () => {
      const empty = [...(byLanguage.get(language) as Map<string, string>)].filter(([, text]) => !text.trim())
      expect(empty.map(([key]) => key)).to.deep.equal([])
    })
  }

  it('exist for every key that the code names', () => {
    const known = bases(first)
    const parents = new Set(
      [...known].flatMap((key) => key.split('.').map((_, index, parts) => parts.slice(0, index).join('.'))),
    )
    const translated = new Set<string>()
    for (const { text } of code) {
      for (const [, key] of text.matchAll(/\bt\(\s*['"`]([\w-]+(?:\.[\w-]+)+)['"`]/g)) translated.add(key as string)
    }
    const missing = [...translated].filter((key) => !known.has(key) && !parents.has(key))
    expect(missing.map((key) => `${whole.get(key)}: ${key}`)).to.deep.equal([])
    const begun = [...beginnings].filter(
      (part) => features.has(part.split('.')[0] ?? '') && ![...known].some((key) => key.startsWith(part)),
    )
    expect(begun, 'beginnings that lead to no key').to.deep.equal([])
  })

  it('are all used', () => {
    const unused = [...bases(first)].filter((key) => !isUsed(key))
    expect(unused).to.deep.equal([])
  })

  it('stand in translations and not in templates', () => {
    const spoken = sources('views', '.ejs').flatMap(({ file, text }) => {
      const bare = text
        .replace(/<%#[\s\S]*?%>/g, '')
        .replace(/<%[\s\S]*?%>/g, ' ')
        .replace(/<!--[\s\S]*?-->/g, '')
      const russian = [...text.replace(/<%#[\s\S]*?%>/g, '').matchAll(/[А-Яа-яЁё]{2,}[^<\n]*/g)].map(([found]) => found)
      const english = [...bare.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+)/g)].map(([, found]) => found)
      return [...russian, ...english].map((found) => `${file}: ${found}`)
    })
    expect(spoken).to.deep.equal([])
  })
})
