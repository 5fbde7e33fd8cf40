import type { Actor } from '../../core/rights/index.ts'
import { find, type Hit } from '../../core/search/index.ts'
import { seesAllContacts } from '../people/contacts.ts'

export type Searched = Awaited<ReturnType<typeof find>> & {
  /** Hints that are read when they are shown. */
  hints: Map<Hit, string>
}

/** Finds, and reads what stands below the hits. */
export async function search(actor: Actor, question: Parameters<typeof find>[1]): Promise<Searched> {
  return withHints(await find(actor, { ...question, withoutAddresses: !seesAllContacts(actor) }))
}

/** At most so many of the best, no group taking all the room while others have something. */
export async function suggest(actor: Actor, text: string, most: number): Promise<Searched> {
  const found = await find(actor, { text, size: most, isTyping: true, withoutAddresses: !seesAllContacts(actor) })
  return withHints({ ...found, hits: fairly(found.hits, most) })
}

function fairly(hits: readonly Hit[], most: number): Hit[] {
  const groups = new Set(hits.map(({ group }) => group)).size
  const ofEach = Math.max(2, Math.ceil(most / Math.max(1, groups)))
  const taken = new Map<string, number>()
  const first = hits.filter(({ group }) => {
    const count = (taken.get(group) ?? 0) + 1
    taken.set(group, count)
    return count <= ofEach
  })
  const chosen = new Set(first.slice(0, most))
  for (const hit of hits) if (chosen.size < most) chosen.add(hit)
  const order = [...new Set(hits.map(({ group }) => group))]
  return hits.filter((hit) => chosen.has(hit)).sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group))
}

async function withHints(found: Awaited<ReturnType<typeof find>>): Promise<Searched> {
  const hints = new Map<Hit, string>()
  for (const kind of new Set(found.hits.map((hit) => hit.kind))) {
    const own = found.hits.filter((hit) => hit.kind === kind)
    const read = await kind.hints?.(own.map(({ id }) => id))
    for (const hit of own) {
      const hint = read?.get(hit.id)
      if (hint !== undefined) hints.set(hit, hint)
    }
  }
  return { ...found, hints }
}
