import { db, fromJson, withTransaction } from '../../core/db/index.ts'
import { ConflictError, type FieldError, ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { LANGUAGES } from '../../core/i18n/index.ts'
import { defaultTexts, type NoticeKind, noticeKind, noticeKinds, variablesIn } from '../../core/notices/kinds.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { type Setting, saveSetting } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'
import type { TextInput } from './input.ts'

type Texts = Setting<'noticeTexts'>
type Own = Texts[string]

/** Kinds whose words are the system's: what staff write themselves is theirs. */
export const wordedKinds = (): [string, NoticeKind][] => noticeKinds().filter(([, kind]) => !kind.isLetter)

/** @throws NotFoundError */
export function selectWorded(name: string): NoticeKind {
  const kind = noticeKind(name)
  if (!kind || kind.isLetter) throw new NotFoundError()
  return kind
}

/** What the texts of a kind may name: whatever its own texts name in any language. */
export const variablesOf = (kind: NoticeKind): string[] => [
  ...new Set(
    LANGUAGES.flatMap((language) => {
      const { title, text } = defaultTexts(kind, language)
      return [...variablesIn(title), ...variablesIn(text)]
    }),
  ),
]

/** The texts as they are edited: those of the administrator where there are any. */
export function editableTexts(kind: NoticeKind, own: Own | undefined) {
  const all = LANGUAGES.map((language) => {
    return [language, { ...defaultTexts(kind, language), ...own?.texts[language] }] as const
  })
  return {
    version: own?.version ?? 0,
    title: Object.fromEntries(all.map(([language, { title }]) => [language, title])),
    text: Object.fromEntries(all.map(([language, { text }]) => [language, text])),
  }
}

/** Line ends as they are written here: what was not changed must be equal. */
const plain = (text: string) => text.replace(/\r\n?/g, '\n').trim()

/** @throws InputError for an empty text or an insertion that nobody fills */
export function checkTexts(kind: NoticeKind, input: Pick<TextInput, 'title' | 'text'>): void {
  const known = variablesOf(kind)
  const wrong: FieldError[] = []
  for (const part of ['title', 'text'] as const) {
    for (const [language, typed] of Object.entries(input[part])) {
      if (!LANGUAGES.includes(language)) continue
      const field = `${part}.${language}`
      if (!plain(typed)) wrong.push({ field, code: 'errors.field.required' })
      const name = variablesIn(typed).find((one) => !known.includes(one))
      if (name) wrong.push({ field, code: 'notices.texts.unknown', values: { name } })
    }
  }
  if (wrong.length) throw new InputError(wrong)
}

/** Only what differs from the system's own words is kept: these may get better with the next version. */
function differing(kind: NoticeKind, own: Own | undefined, input: Pick<TextInput, 'title' | 'text'>): Own['texts'] {
  const texts = LANGUAGES.map((language) => {
    const usual = defaultTexts(kind, language)
    const parts = (['title', 'text'] as const).flatMap((part) => {
      const typed = input[part][language]
      const value = typed === undefined ? own?.texts[language]?.[part] : plain(typed)
      return value === undefined || value === usual[part] ? [] : [[part, value] as const]
    })
    return [language, Object.fromEntries(parts)] as const
  })
  return Object.fromEntries(texts.filter(([, parts]) => Object.keys(parts).length))
}

/** Changes what a kind of notices says. @throws ConflictError if somebody else has changed it meanwhile */
export async function changeTexts(actor: Actor, name: string, input: TextInput): Promise<void> {
  const kind = selectWorded(name)
  checkTexts(kind, input)
  await change(actor, name, (own) => {
    if ((own?.version ?? 0) !== input.version) throw new ConflictError()
    return { version: input.version + 1, texts: differing(kind, own, input) }
  })
}

/** Gives a kind the system's own words back. */
export const resetTexts = (actor: Actor, name: string): Promise<void> => {
  selectWorded(name)
  return change(actor, name, (own) => own && { version: own.version + 1, texts: {} })
}

async function change(actor: Actor, name: string, next: (own: Own | undefined) => Own | undefined): Promise<void> {
  await withTransaction(async () => {
    if (!hasEverywhere(actor, 'notices.texts')) throw new ForbiddenError()
    // All kinds share one row: another kind's change at this instant must not be lost.
    const empty = { name: 'noticeTexts', value: '{}', updated_at: nowUtc() }
    await db()('settings').insert(empty).onConflict('name').ignore()
    const row = await db()('settings').where({ name: 'noticeTexts' }).forUpdate().first('value')
    const all = fromJson<Texts>(row?.value, {})
    const own = next(all[name])
    if (!own) return
    await saveSetting('noticeTexts', { ...all, [name]: own })
    const data = { kind: name, before: all[name]?.texts ?? {}, after: own.texts }
    await recordEvent(actor, 'noticeTextChanged', { type: 'setting', id: 0 }, data)
  })
}
