import type { Request } from 'express'
import { loadActor } from '../../core/rights/actor.ts'
import { setting } from '../../core/settings.ts'
import { hasSecondFactor } from './second-factor.ts'
import { noteSignIn } from './sign-in-service.ts'

/** How long the second step may take. */
const SECOND_STEP_MS = 10 * 60_000

/**
 * Signs a person in on this browser, whose first step is done: a new session id, with where it is from.
 * @returns false if a second step is asked for first (`waitingPerson` knows whose)
 */
export async function enterAs(req: Request, personId: number): Promise<boolean> {
  if (await hasSecondFactor(personId)) {
    await new Promise<void>((resolve, reject) => req.session.regenerate((error) => (error ? reject(error) : resolve())))
    req.session.secondStep = { personId, until: Date.now() + SECOND_STEP_MS }
    return false
  }
  await comeIn(req, personId)
  return true
}

/** The person whose second step this browser owes, if there is still time for it. */
export function waitingPerson(req: Request): number | undefined {
  const step = req.session.secondStep
  return step && step.until > Date.now() ? step.personId : undefined
}

/** The last step: whoever comes here has shown everything that is asked. */
export async function comeIn(req: Request, personId: number): Promise<void> {
  await noteSignIn(personId)
  await new Promise<void>((resolve, reject) =>
    req.login({ personId } as Express.User, (error) => (error ? reject(error) : resolve())),
  )
  req.session.ip = req.ip
  req.session.userAgent = req.get('user-agent')?.slice(0, 255)
}

/** Where somebody goes who has just come in: to set up the second step, if a role of theirs demands it. */
export async function firstPage(personId: number, wanted: string): Promise<string> {
  const actor = await loadActor(personId, (await setting('authority')).timeZone)
  const isMissing = actor?.secondFactor && !actor.secondFactor.isOn
  return isMissing ? `/profile/second-step?next=${encodeURIComponent(wanted)}` : wanted
}
