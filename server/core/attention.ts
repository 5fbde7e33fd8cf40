import type { Attention, Feature } from './feature.ts'
import type { Actor } from './rights/index.ts'

type Ask = NonNullable<Feature['attention']>
let sources: readonly Ask[] = []

export const setAttention = (all: readonly Ask[]): void => {
  sources = all
}

/** Everything that waits for a decision of this person; what is nothing is left out. */
export async function listAttention(actor: Actor): Promise<Attention[]> {
  const all = await Promise.all(sources.map((ask) => ask(actor)))
  return all.flat().filter((entry) => entry.count > 0)
}
