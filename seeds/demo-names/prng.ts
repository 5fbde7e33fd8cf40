/** A source of numbers in [0, 1). The same seed gives the same numbers on every machine. */
export type Rng = () => number

/** mulberry32: small, fast, and good enough for invented people; never for secrets. */
export function mulberry32(seed: number): Rng {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A whole number from `low` to `high`, both included. */
export const intBetween = (rng: Rng, low: number, high: number): number => low + Math.floor(rng() * (high - low + 1))

/** True with the given probability. */
export const chance = (rng: Rng, probability: number): boolean => rng() < probability

/** One item of a list that is not empty. */
export function pickOne<T>(rng: Rng, items: readonly T[]): T {
  if (items.length === 0) throw new Error('Nothing to pick from')
  return items[Math.floor(rng() * items.length)]!
}

/** Up to `count` different items of a list, in random order. */
export function pickSome<T>(rng: Rng, items: readonly T[], count: number): T[] {
  const rest = [...items]
  const chosen: T[] = []
  while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(Math.floor(rng() * rest.length), 1))
  return chosen
}

/** Draws items in proportion to their weights; the sums are computed once, since it is called a million times. */
export function weightedPicker<T>(items: readonly (readonly [T, number])[]): (rng: Rng) => T {
  const sums: number[] = []
  let total = 0
  for (const [, weight] of items) {
    total += weight
    sums.push(total)
  }
  if (total <= 0) throw new Error('Weights add up to nothing')
  return (rng) => {
    const wanted = rng() * total
    let low = 0
    let high = sums.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! > wanted) high = middle
      else low = middle + 1
    }
    return items[low]![0]
  }
}
