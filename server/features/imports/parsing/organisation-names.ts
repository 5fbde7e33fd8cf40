import { wordsKey } from './text.ts'
import { ORGANISATION_KINDS, ORGANISATION_SHORTENINGS } from './vocabulary.ts'

/** An organisation to be recognised by its names. */
export interface NamedOrganisation {
  id: string | number
  name: string
  shortName: string | null
  /** Closed: known, but nobody begins to work there. */
  closed?: boolean
}

/**
 * Names of an organisation that people would call the same: without quotation marks, with any number sign ("№ 5", "N5",
 * "No 5") alike and the usual long forms shortened.
 */
export function organisationKey(name: string): string {
  let key = wordsKey(name)
    .replace(/(^| )(?:no|n|номер)(?= ?\d)/g, '$1№')
    .replace(/№ ?(?=\d)/g, '№')
    .replace(/№(?!\d)/g, ' ')
  for (const [long, short] of ORGANISATION_SHORTENINGS) key = key.replace(long, short)
  return key.replace(/\s+/g, ' ').trim()
}

/** The kind code that a name or a word in a "kind" column says, or null. */
export function organisationKindOf(text: string): string | null {
  const key = wordsKey(text)
  return ORGANISATION_KINDS.find(([, pattern]) => pattern.test(key))?.[0] ?? null
}

export type OrganisationMatch =
  | { kind: 'found'; id: string | number }
  | { kind: 'closed'; title: string }
  | { kind: 'ambiguous'; titles: string[] }
  | { kind: 'unknown'; suggestion: string | null }

/** Finds organisations by full or short name. Built once, asked for every row. */
export class OrganisationFinder {
  readonly #byKey = new Map<string, Set<string | number>>()
  readonly #titles = new Map<string | number, string>()
  readonly #closed = new Set<string | number>()
  readonly #answers = new Map<string, OrganisationMatch>()

  constructor(organisations: Iterable<NamedOrganisation>) {
    for (const organisation of organisations) this.add(organisation)
  }

  /** Makes one more organisation known. */
  add(organisation: NamedOrganisation): void {
    this.#titles.set(organisation.id, organisation.name)
    if (organisation.closed) this.#closed.add(organisation.id)
    for (const name of [organisation.name, organisation.shortName]) {
      if (!name) continue
      const key = organisationKey(name)
      if (key === '') continue
      const ids = this.#byKey.get(key) ?? new Set()
      ids.add(organisation.id)
      this.#byKey.set(key, ids)
    }
    this.#answers.clear()
  }

  /** The organisation that the name means; an unknown one comes with the nearest known name, if any is near. */
  find(name: string): OrganisationMatch {
    const key = organisationKey(name)
    const known = this.#answers.get(key)
    if (known) return known
    const answer = this.#answer(key)
    this.#answers.set(key, answer)
    return answer
  }

  #answer(key: string): OrganisationMatch {
    const ids = [...(this.#byKey.get(key) ?? [])]
    // One that is open is meant rather than a closed one of the same name.
    const open = ids.filter((id) => !this.#closed.has(id))
    if (open.length === 1) return { kind: 'found', id: open[0]! }
    if (open.length > 1) return { kind: 'ambiguous', titles: open.map((id) => this.#titles.get(id)!) }
    if (ids.length > 0) return { kind: 'closed', title: this.#titles.get(ids[0]!)! }
    return { kind: 'unknown', suggestion: this.#nearest(key) }
  }

  /** The title of the one organisation that shares the number and most words; none when two are equally near. */
  #nearest(key: string): string | null {
    const words = new Set(key.split(' '))
    const number = /\d+/.exec(key)?.[0] ?? null
    let best: string | number | null = null
    let bestScore = 0.45
    let tied = false
    for (const [candidate, ids] of this.#byKey) {
      if (ids.size !== 1 || this.#closed.has([...ids][0]!) || (/\d+/.exec(candidate)?.[0] ?? null) !== number) continue
      const [id] = ids
      const score = likeness(words, new Set(candidate.split(' ')))
      if (score > bestScore) {
        bestScore = score
        best = id!
        tied = false
      } else if (score === bestScore && best !== null && id !== best) tied = true
    }
    return best === null || tied ? null : this.#titles.get(best)!
  }
}

/** Shared words over the words of the shorter name, lightly weighed down by how much longer the other is. */
function likeness(a: Set<string>, b: Set<string>): number {
  let shared = 0
  for (const word of a) if (b.has(word)) shared++
  return shared / (Math.min(a.size, b.size) + Math.abs(a.size - b.size) * 0.25)
}
