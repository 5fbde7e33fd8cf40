import { createHash } from 'node:crypto'
import { withTransaction } from '../../core/db/index.ts'
import { ConflictError } from '../../core/errors.ts'
import type { Actor } from '../../core/rights/index.ts'
import { type Setting, setting } from '../../core/settings.ts'
import { visibilitySwitches } from '../../core/visibility.ts'
import { changeSetting } from '../settings/service.ts'
import { selectCohort } from './queries.ts'

type Visibility = Setting<'visibility'>

/** A switch as the name of a field: `tracking.visibility.comments` is `tracking-comments`. */
export const fieldOf = (key: string): string => key.replace('.visibility.', '-')

/** What a page has shown, as a short word: two administrators do not undo each other's work unseen. */
export const stampOf = (value: Visibility): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16)

async function change(actor: Actor, stamp: string, next: (now: Visibility) => Visibility): Promise<void> {
  await withTransaction(async () => {
    const now = await setting('visibility')
    if (stampOf(now) !== stamp) throw new ConflictError()
    await changeSetting(actor, 'visibility', next(now))
  })
}

/** Sets every switch of the whole system. @throws ConflictError if they have changed since the page was shown */
export const changeForAll = (actor: Actor, stamp: string, keys: readonly string[]): Promise<void> =>
  change(actor, stamp, ({ cohorts }) => ({
    shown: Object.fromEntries(visibilitySwitches().map(([key]) => [key, keys.includes(key)])),
    cohorts,
  }))

export type Choice = 'same' | 'shown' | 'hidden'

/**
 * Sets what is otherwise in one cohort; what is left out follows the whole system.
 * @param choices by the name of the field
 * @throws ConflictError if the switches have changed since the page was shown
 */
export async function changeForCohort(
  actor: Actor,
  cohortId: number,
  stamp: string,
  choices: Partial<Record<string, Choice>>,
): Promise<void> {
  await selectCohort(cohortId)
  const own = Object.fromEntries(
    visibilitySwitches().flatMap(([key]) => {
      const choice = choices[fieldOf(key)] ?? 'same'
      return choice === 'same' ? [] : [[key, choice === 'shown']]
    }),
  )
  await change(actor, stamp, ({ shown, cohorts: { [cohortId]: _former, ...others } }) => ({
    shown,
    cohorts: Object.keys(own).length ? { ...others, [cohortId]: own } : others,
  }))
}
