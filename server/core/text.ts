/** A content text in several languages, stored as JSON. */
export type Translated = Record<string, string>

/** The text in the wanted language, else in any. */
export const pick = (text: Translated, language: string): string =>
  text[language] || Object.values(text).find((value) => value) || ''

type Named =
  | { last_name: string; first_name: string; middle_name?: string | null }
  | { lastName: string | null; firstName: string | null; middleName?: string | null }

/** A person's whole name, the family name first, as registers have it. */
export const fullName = (person: Named): string =>
  ('last_name' in person
    ? [person.last_name, person.first_name, person.middle_name]
    : [person.lastName, person.firstName, person.middleName]
  )
    .filter(Boolean)
    .join(' ')

/** Folds for search, sorting and uniqueness: spaces, case and ё/е no longer matter. SQLite knows only Latin case. */
export const fold = (text: string): string =>
  text.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase().replaceAll('ё', 'е')

/** Escapes `%` and `_` for LIKE with `\` as the escape character. */
export const likePrefix = (text: string): string => `${text.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`

// The last sign there is; no text holds it.
const LAST_SIGN = '\u{10ffff}'

/**
 * The first and the last text that begin with `prefix`, for whereBetween: both databases look such a range up in an index,
 * where SQLite answers LIKE by reading the whole table. The column has to be folded as the prefix is.
 */
export const beginningWith = (prefix: string): [string, string] => [prefix, prefix + LAST_SIGN]

const INNER_MARKS: Record<string, string> = { '«': '„', '»': '“' }
const INNER_MARKS_LATIN: Record<string, string> = { '“': '‘', '”': '’' }

/** A text that is going to stand inside quotation marks: «a» becomes „a“, “a” becomes ‘a’. */
export const innerQuotes = (text: string): string =>
  /[«»]/.test(text)
    ? text.replace(/[«»]/g, (mark) => INNER_MARKS[mark] as string)
    : text.replace(/[“”]/g, (mark) => INNER_MARKS_LATIN[mark] as string)
