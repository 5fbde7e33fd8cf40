import { wordsKey } from './text.ts'
import type { Confidence, Field, ImportKind } from './types.ts'
import { IGNORED_HEADINGS, ORGANISATION_HEADINGS, PERSON_HEADINGS } from './vocabulary.ts'

export interface HeadingMatch {
  field: Field
  confidence: Exclude<Confidence, 'none' | 'guess'>
  /** For choosing between columns that claim one field; higher is better. */
  score: number
}

interface Heading {
  field: Field
  words: string
  rank: number
}

const EXACT: Record<ImportKind, Map<string, Heading[]>> = {
  people: indexHeadings(PERSON_HEADINGS),
  organisations: indexHeadings(ORGANISATION_HEADINGS),
}

function indexHeadings(table: Record<string, string[]>): Map<string, Heading[]> {
  const index = new Map<string, Heading[]>()
  for (const [field, headings] of Object.entries(table)) {
    for (const [rank, words] of headings.entries()) {
      index.set(words, [...(index.get(words) ?? []), { field: field as Field, words, rank }])
    }
  }
  return index
}

/** Whether a heading names something that is known and not imported (numbering, a password). */
export function isIgnoredHeading(header: string): boolean {
  const key = headingKey(header)
  return key === '' || IGNORED_HEADINGS.has(key) || /^cohort ?\d*$/.test(key)
}

/**
 * The fields that a heading may mean, best first: by its exact words, or by known words inside a longer heading
 * ("Дата рождения (дд.мм.гггг)"). Moodle's `profile_field_x` is read as x.
 */
export function matchHeading(header: string, kind: ImportKind): HeadingMatch[] {
  if (isIgnoredHeading(header)) return []
  const key = headingKey(header)
  const exact = EXACT[kind].get(key)
  if (exact) return exact.map(({ field, rank }) => ({ field, confidence: 'certain' as const, score: 100 - rank * 0.5 }))
  const best = new Map<Field, HeadingMatch>()
  for (const [words, headings] of EXACT[kind]) {
    // One or two letters inside a longer heading say nothing.
    if (words.length < 4 || !` ${key} `.includes(` ${words} `)) continue
    for (const { field } of headings) {
      // A heading's meaning stands mostly at its beginning ("Должность, учреждение" is first of all a post).
      const score = 40 + words.length - (key.startsWith(words) ? 0 : 15)
      if (score > (best.get(field)?.score ?? 0)) best.set(field, { field, confidence: 'likely', score })
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score)
}

function headingKey(header: string): string {
  return wordsKey(header)
    .replace(/^profile field /, '')
    .replace(/^cohort ?\d+$/, 'cohort')
}
