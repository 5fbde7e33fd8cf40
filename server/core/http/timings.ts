import type { Request } from 'express'

/** How many of the latest answers of a page are remembered, and of how many pages. */
const REMEMBERED = 200
const PAGES = 500

const timings = new Map<string, number[]>()

/** Notes how long a page took, in milliseconds, by its route: `GET /people/:id`. Kept by this process, since its start. */
export function noteTiming(req: Request, milliseconds: number): void {
  const path: unknown = req.route?.path
  if (typeof path !== 'string' || (timings.size >= PAGES && !timings.has(`${req.method} ${path}`))) return
  const key = `${req.method} ${path}`
  const list = timings.get(key) ?? []
  list.push(milliseconds)
  if (list.length > REMEMBERED) list.shift()
  timings.set(key, list)
}

export type Timing = { page: string; count: number; p50: number; p95: number; longest: number }

/** The pages that take longest, by the time within which nineteen of twenty answers came. */
export function listSlowest(most: number): Timing[] {
  return [...timings]
    .map(([page, list]) => {
      const sorted = [...list].sort((a, b) => a - b)
      const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
      return { page, count: sorted.length, p50: at(0.5), p95: at(0.95), longest: sorted.at(-1) ?? 0 }
    })
    .sort((a, b) => b.p95 - a.p95)
    .slice(0, most)
}
