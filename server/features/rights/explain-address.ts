/** Pages that speak of one object, and of what kind it is for the explanation. */
const PAGES: readonly [beginning: string, kind: string][] = [
  ['people', 'person'],
  ['organisations', 'organisation'],
  ['programmes', 'programme'],
  ['modules', 'module'],
  ['cohorts', 'cohort'],
  ['journals', 'journal'],
  ['learning-routes', 'route'],
  ['tracking/enrolments', 'tracking'],
  ['employees', 'employee'],
]

/**
 * The object that somebody has named: by its number, or by the address of its page, which says its kind as well.
 * @returns undefined if neither makes sense
 */
export function objectOf(typed: string, kind: string | undefined): { kind: string; id: number } | undefined {
  const text = typed.trim()
  if (/^\d{1,10}$/.test(text)) return kind ? { kind, id: Number(text) } : undefined
  const path = URL.canParse(text) ? new URL(text).pathname : text.split(/[?#]/)[0]
  for (const [beginning, found] of PAGES) {
    const id = new RegExp(`^/?${beginning}/(\\d{1,10})(?:/|$)`).exec(path ?? '')?.[1]
    if (id) return { kind: found, id: Number(id) }
  }
  return undefined
}
