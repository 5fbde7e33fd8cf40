import { db, withTransaction } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import type { Actor } from '../../core/rights/index.ts'
import { definePolicy } from '../../core/rights/policy.ts'
import { nowUtc } from '../../core/time.ts'
import { organisationScopes } from '../organisations/policy.ts'
import { ensurePosition } from '../people/employment-service.ts'

/** A claim lies in the organisation that is claimed: its director or an administrator confirms. */
const claimPolicy = definePolicy<{ path: string }, 'decide'>({
  scopes: (claim) => organisationScopes(claim.path),
  actions: { decide: 'employments.confirm' },
  reached: { organisation: 'e.organisation_id' },
})

export type Claim = {
  id: number
  person_id: number
  last_name: string
  first_name: string
  middle_name: string | null
  email: string | null
  organisation: string
  position: string | null
  created_at: string
}

const claims = (actor: Actor) =>
  db()('employments as e')
    .join('people as p', 'p.id', 'e.person_id')
    .join('organisations as o', 'o.id', 'e.organisation_id')
    .leftJoin('positions as pos', 'pos.id', 'e.position_id')
    .where({ 'e.state': 'claimed', 'p.state': 'active' })
    .modify(claimPolicy.visibleTo(actor, 'decide'))

/** Places of work that people claim and that this person may confirm, oldest first. */
export const listClaims = (actor: Actor): Promise<Claim[]> =>
  claims(actor)
    .orderBy('e.created_at')
    .limit(200)
    .select(
      'e.id',
      'e.person_id',
      'p.last_name',
      'p.first_name',
      'p.middle_name',
      'p.email',
      'o.short_name as organisation',
    )
    .select(db().raw('coalesce(pos.name, e.claimed_position) as position'), 'e.created_at')

/**
 * Confirms or declines a claimed place of work. Until then nobody there sees the person, and what they say that they work as
 * is no position of the dictionary.
 */
export async function decideClaim(actor: Actor, id: number, decision: 'confirm' | 'decline'): Promise<void> {
  await withTransaction(async () => {
    const claim = await claims(actor)
      .where('e.id', id)
      .first('e.id', 'e.person_id', 'e.position_id', 'e.claimed_position', 'o.path')
    if (!claim) throw new NotFoundError()
    claimPolicy.demand(actor, 'decide', claim)
    const state = decision === 'confirm' ? 'confirmed' : 'declined'
    const now = nowUtc()
    const changed = await db()('employments')
      .where({ id, state: 'claimed' })
      .update({ state, decided_by: actor.personId, decided_at: now, updated_at: now })
    if (!changed) throw new NotFoundError()
    if (decision === 'confirm' && claim.claimed_position) {
      const position_id = claim.position_id ?? (await ensurePosition(claim.claimed_position)).id
      await db()('employments').where({ id }).update({ position_id, claimed_position: null })
    }
    const type = decision === 'confirm' ? 'employmentConfirmed' : 'employmentDeclined'
    await recordEvent(actor, type, { type: 'person', id: claim.person_id }, { employmentId: id })
  })
}
