import type { Actor } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { nowUtc, today } from '../../core/time.ts'
import { type RoutePlaces, routePolicy } from './policy.ts'
import { selectHead, selectRoute } from './queries.ts'
import { asOnlookersSee, type RouteData } from './route-data.ts'
import type { RouteEvaluation } from './rules-types.ts'
import { closedOf, judge, type Moment } from './situation.ts'

/** A route with the rules' judgement of it, and what this actor may do with it. */
export interface LoadedRoute {
  data: RouteData
  places: RoutePlaces
  evaluation: RouteEvaluation
  moment: Moment
  /** Why the draft cannot be changed now; null: it can. */
  closed: ReturnType<typeof closedOf>
  can: { edit: boolean; approve: boolean }
  /** It is the actor's own. */
  isOwn: boolean
}

/** Today's civil date of the authority: employment, groups and windows count by it. */
export async function authorityToday(): Promise<string> {
  return today((await setting('authority')).timeZone)
}

/**
 * Loads a route for one look: five queries, however large it is.
 * @throws NotFoundError if it is not there or not visible to the actor
 */
export async function loadRoute(actor: Actor, enrolmentId: number): Promise<LoadedRoute> {
  const date = await authorityToday()
  const { head, places } = await selectHead(actor, enrolmentId, date)
  return judgeFor(actor, await selectRoute(head, date), places, date)
}

/**
 * Loads a route for showing it to this actor: who may not edit it sees what is in force.
 * @throws NotFoundError
 */
export async function loadShownRoute(actor: Actor, enrolmentId: number): Promise<LoadedRoute> {
  const route = await loadRoute(actor, enrolmentId)
  if (route.can.edit) return route
  const data = asOnlookersSee(route.data)
  return { ...route, data, evaluation: judge(data, route.moment), closed: closedOf(data, route.moment) }
}

function judgeFor(actor: Actor, data: RouteData, places: RoutePlaces, date: string): LoadedRoute {
  const policy = routePolicy(date)
  const isOwn = actor.personId === places.personId
  const moment: Moment = {
    now: nowUtc(),
    today: date,
    // Who may edit it for another reason than being its author is not bound by the dates of the window.
    isBoundByDates: !policy.can(actor, 'edit', { ...places, personId: 0 }),
  }
  return {
    data,
    places,
    moment,
    evaluation: judge(data, moment),
    closed: closedOf(data, moment),
    // Nobody approves their own route, whatever their grants.
    can: { edit: policy.can(actor, 'edit', places), approve: !isOwn && policy.can(actor, 'approve', places) },
    isOwn,
  }
}
