import { type Format, formatFor } from '../i18n/format.ts'
import { hasText, rawText, type Translate, translator } from '../i18n/index.ts'
import type { Actor } from '../rights/index.ts'
import { settingAsSeen } from '../settings.ts'

/** Ways in which a notice reaches a person: in the system itself, and those that leave it. */
export const CHANNELS = ['app', 'email', 'push', 'messenger'] as const
export type Channel = (typeof CHANNELS)[number]

export type Subject = { type: string; id: number }
export type NoticeData = Record<string, unknown>
export type Words = { t: Translate; language: string; format: Format }

/** A notice whose data are looked at again. */
export type Reviewed = { subject: Subject; data: NoticeData }

/** A kind of notice, declared by the feature that sends it. */
export type NoticeKind = {
  /** Parent key of its texts: `label` (what it is about, among the choices), `title` and `text`. */
  texts: string
  /** How it comes unless the person chooses otherwise. What is shown in the system also comes to browsers and messengers that the person has linked. */
  channels: readonly ('app' | 'email')[]
  /** Who may ever get it: these people are asked how they want it. Everybody unless given. */
  concerns?: (actor: Actor) => boolean
  /** The data of a notice as the texts want them: names in the reader's language, dates as people say them. */
  values?: (data: NoticeData, words: Words) => Record<string, unknown>
  /** Whether this person may be told; asked once more when the notice leaves the system. */
  mayReceive?: (personId: number, subject: Subject) => Promise<boolean>
  /**
   * For kinds whose words tell of other people: what of each notice this person may still see, or null. Asked for all
   * notices of a page at once, in a constant number of queries, and once more when one leaves the system.
   */
  review?: (personId: number, notices: readonly Reviewed[]) => Promise<(NoticeData | null)[]>
  /** The text is somebody's own letter, with its greeting. */
  isLetter?: true
}

let kinds: Record<string, NoticeKind> = {}

/** Tells the kinds of all features. */
export const setNoticeKinds = (all: Record<string, NoticeKind>): void => {
  kinds = all
}

export const noticeKinds = (): readonly [string, NoticeKind][] => Object.entries(kinds)

/** The kind of a notice; undefined if the feature that sent it is there no more. */
export const noticeKind = (name: string): NoticeKind | undefined => kinds[name]

export const wordsOf = (language: string, zone: string): Words => {
  return { t: translator(language), language, format: formatFor(language, zone) }
}

const NOTHING = '\u0000'
const isNothing = (value: unknown) => value === undefined || value === null || value === ''

/** What a notice says in a language. A paragraph that names something which is not there is left out. */
export function sayNotice(name: string, data: NoticeData, words: Words): { title: string; text: string } {
  const kind = kinds[name]
  if (!kind) return { title: words.t('notices.unknown'), text: '' }
  const values = kind.values?.(data, words) ?? data
  const own = settingAsSeen('noticeTexts')[name]?.texts[words.language]
  const say = (part: 'title' | 'text') => {
    const template = own?.[part]
    return (filling: Record<string, unknown>) =>
      template === undefined ? words.t(`${kind.texts}.${part}`, filling) : fill(template, filling)
  }
  return sayWith(say('title'), say('text'), values)
}

type Say = (values: Record<string, unknown>) => string

/** Puts a title and a text together from what fills them with values. */
export function sayWith(title: Say, text: Say, values: Record<string, unknown>): { title: string; text: string } {
  const marked = new Proxy(values, {
    get: (all, key) => (key !== 'count' && isNothing(Reflect.get(all, key)) ? NOTHING : Reflect.get(all, key)),
  })
  return {
    title: title(values).replace(/\s+/g, ' '),
    // The abbreviated year of a Russian date ends its sentence, too; dots that people typed stay.
    text: text(marked)
      .replace(/(\d\sг\.)\.(?!\.)/g, '$1')
      .split('\n\n')
      .filter((paragraph) => !paragraph.includes(NOTHING))
      .join('\n\n'),
  }
}

const VARIABLE = /\{\{\s*(\w+)\s*\}\}/g

/** A text of an administrator with its variables filled. */
export const fill = (template: string, values: Record<string, unknown>): string =>
  template.replace(VARIABLE, (_, name: string) => String(values[name] ?? ''))

/** The names that stand in a text. */
export const variablesIn = (text: string): string[] => [...text.matchAll(VARIABLE)].map(([, name]) => name as string)

/** What a kind says by itself in a language, unfilled; of plural forms that for many. */
export function defaultTexts(kind: NoticeKind, language: string): { title: string; text: string } {
  const pattern = (part: string) => {
    const key = `${kind.texts}.${part}`
    return rawText(hasText(key, language) ? key : `${key}_other`, language)
  }
  return { title: pattern('title'), text: pattern('text') }
}
