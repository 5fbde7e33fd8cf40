import type { Knex } from 'knex'
import { db } from '../../core/db/index.ts'
import { type Actor, reachOf } from '../../core/rights/index.ts'
import { isShown, isShownEverywhere, type VisibilitySwitch, whereShown } from '../../core/visibility.ts'
import { personPolicy } from './policy.ts'

const CONTACTS = 'people.visibility.contacts'

/** What an administrator regulates: whether e-mail and telephone reach those who see a person only because they teach them. */
export const peopleVisibility: Record<string, VisibilitySwitch> = {
  [CONTACTS]: { audience: 'instructors', shown: true },
}

const withoutGroups = (actor: Actor): Actor => ({
  ...actor,
  grants: actor.grants.filter(({ scope }) => scope.type !== 'group'),
})

/** Whether the actor sees the contacts of everybody whom they see: then nothing is to be looked up. */
export function seesAllContacts(actor: Actor): boolean {
  if (isShownEverywhere(CONTACTS)) return true
  return !reachOf(actor, 'people.view').ids('group').length || reachOf(withoutGroups(actor), 'people.view').everywhere
}

/**
 * Narrows people (`p`) whom the actor sees to those whose contacts they see too. Whoever looks people up by an address does
 * so among these: a search must not tell what no page shows.
 */
export const withContacts =
  (actor: Actor) =>
  (query: Knex.QueryBuilder): void => {
    if (seesAllContacts(actor)) return
    const taught = db()('group_members as m')
      .join('enrolments as n', 'n.id', 'm.enrolment_id')
      .whereNull('m.ends_on')
      .whereIn('m.group_id', reachOf(actor, 'people.view').ids('group'))
      .modify(whereShown(CONTACTS, 'n.cohort_id'))
      .select('n.person_id')
    void query.where(
      (either) =>
        void either
          .where('p.id', actor.personId)
          .orWhereIn('p.id', taught)
          .orWhere((other) => void other.modify(personPolicy.visibleTo(withoutGroups(actor), 'view'))),
    )
  }

/** Of these people, whom the actor sees, those whose contacts they see: no query, or one. */
export async function contactsOf(actor: Actor, ids: readonly number[]): Promise<(id: number) => boolean> {
  if (seesAllContacts(actor)) return () => true
  const seen: number[] = await db()('people as p')
    .whereIn('p.id', [...ids])
    .modify(withContacts(actor))
    .pluck('p.id')
  return (id) => seen.includes(id)
}

/** The same for the people of a cohort, in its own lists. @param isStaff runs the training there */
export const seesContactsIn = (cohortId: number, isStaff: boolean): boolean => isStaff || isShown(CONTACTS, cohortId)
