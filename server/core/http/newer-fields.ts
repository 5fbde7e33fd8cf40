import type { Format } from '../i18n/format.ts'
import type { Translate } from '../i18n/index.ts'
import { textOfHtml } from '../rich-text.ts'
import { innerQuotes } from '../text.ts'

/** A field as its template prints it, with what was typed and what someone else saved meanwhile. */
type Field = {
  id: string
  label: string
  type: string
  component?: string
  options: readonly { value: unknown; label: string }[]
  typed: unknown
  newest: unknown
}

const MOST_NAMES = 5
const MOST_SIGNS = 120

/**
 * What differs between a form that comes back and what someone else saved meanwhile. Templates of fields know labels and
 * the names of choices, therefore they ask for each field; the layout, printed after them, names all that differ.
 */
export class NewerFields {
  /** A form of this page is shown over what someone else saved. */
  isShown = false
  readonly list: { id: string; text: string }[] = []
  readonly #t: Translate
  readonly #format: Format

  constructor(t: Translate, format: Format) {
    this.#t = t
    this.#format = format
  }

  /** Notes a field. @returns what it is now, in words, or nothing where that is what was typed */
  note(field: Field): string {
    this.isShown = true
    // Nobody is told a password, and a file is not among the values.
    if (field.type === 'password' || field.type === 'file' || isSame(field)) return ''
    const value = this.#words(field)
    this.list.push({ id: field.id, text: this.#t('ui.newer.field', { label: field.label, value }) })
    return this.#t('ui.newer.now', { value })
  }

  #words(field: Field): string {
    const t = this.#t
    const { type, newest } = field
    if (type === 'checkbox') return t(newest ? 'ui.newer.on' : 'ui.newer.off')
    if (Array.isArray(newest) || type === 'checkboxes' || type === 'multiselect') return this.#difference(field)
    const text = plain(field, newest)
    if (!text) return t('ui.newer.empty')
    const choice = field.options.find((option) => String(option.value) === text)
    if (choice) return this.#quoted(choice.label)
    if (type === 'date') return this.#format.date(text)
    if (typeof newest === 'number') return this.#format.number(newest, 2)
    return this.#quoted(text)
  }

  /** Of several choices only those that came or went: a list of all would hide them. */
  #difference({ typed, newest, options }: Field): string {
    const [mine, theirs] = [new Set(itemsOf(typed)), new Set(itemsOf(newest))]
    const name = (item: string) => this.#quoted(options.find((option) => String(option.value) === item)?.label ?? item)
    const say = (key: string, items: string[]) => {
      const names = items.slice(0, MOST_NAMES).map(name).join(', ')
      const more = items.length - MOST_NAMES
      return (
        items.length && this.#t(key, { names: more > 0 ? this.#t('ui.newer.more', { names, count: more }) : names })
      )
    }
    const parts = [
      say(
        'ui.newer.with',
        [...theirs].filter((item) => !mine.has(item)),
      ),
      say(
        'ui.newer.without',
        [...mine].filter((item) => !theirs.has(item)),
      ),
    ]
    return parts.filter(Boolean).join('; ')
  }

  #quoted(text: string): string {
    const short = text.length > MOST_SIGNS ? `${text.slice(0, MOST_SIGNS).trimEnd()}…` : text
    return this.#t('ui.newer.quoted', { text: innerQuotes(short) })
  }
}

const itemsOf = (value: unknown): string[] =>
  [value ?? []]
    .flat()
    .map(String)
    .filter((item) => item !== '')

/** A value as text: of a formatted text the words alone, for the editor writes its marks in its own way. */
function plain({ component }: Pick<Field, 'component'>, value: unknown): string {
  const text = String(value ?? '')
  return (component === 'rich-text' ? textOfHtml(text) : text).replace(/\s+/g, ' ').trim()
}

const isOn = (value: unknown) =>
  value === true || (typeof value !== 'boolean' && ['1', 'on', 'true'].includes(String(value)))

function isSame(field: Field): boolean {
  const { type, typed, newest } = field
  if (type === 'checkbox') return isOn(typed) === isOn(newest)
  if (Array.isArray(typed) || Array.isArray(newest)) {
    return JSON.stringify(itemsOf(typed).sort()) === JSON.stringify(itemsOf(newest).sort())
  }
  const [mine, theirs] = [plain(field, typed), plain(field, newest)]
  // «4,5» was typed where 4.5 is kept.
  return mine === theirs || (typeof newest === 'number' && Number(mine.replace(',', '.')) === newest && mine !== '')
}
