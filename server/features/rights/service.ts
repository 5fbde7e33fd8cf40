import { z } from 'zod'
import { breathe, chunks, db, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { civilDate, id } from '../../core/http/fields.ts'
import { type Actor, hasEverywhere, reachOf } from '../../core/rights/index.ts'
import { POWERLESS } from '../../core/rights/power.ts'
import { SCOPE_TYPES, type ScopeType } from '../../core/rights/scopes.ts'
import { authorityToday } from '../../core/settings.ts'
import { nowUtc } from '../../core/time.ts'
import { selectRole } from './queries.ts'

const emptyDate = z.preprocess((value) => (value === '' ? undefined : value), civilDate().optional())
/** Where roles are given by hand. */
export const GRANTABLE = SCOPE_TYPES.filter((type) => type !== 'person' && type !== 'reports')

export const grantInput = z
  .object({
    roleId: id(),
    /** `organisation:12`, `authority:0` */
    scope: z
      .string()
      .regex(/^[a-z]+:\d{1,10}$/)
      .transform((text) => ({ scopeType: text.split(':')[0] as ScopeType, scopeId: Number(text.split(':')[1]) })),
    startsOn: emptyDate,
    endsOn: emptyDate,
  })
  .refine(({ startsOn, endsOn }) => !startsOn || !endsOn || startsOn <= endsOn, {
    message: 'rights.grant.order',
    path: ['endsOn'],
  })
type GrantInput = z.infer<typeof grantInput>

const TABLES: Partial<Record<ScopeType, string>> = {
  organisation: 'organisations',
  department: 'departments',
  programme: 'programmes',
  module: 'modules',
  cohort: 'cohorts',
  group: 'groups',
}

/** @throws ForbiddenError */
export const demandRights = (actor: Actor): void => {
  if (!hasEverywhere(actor, 'rights.edit')) throw new ForbiddenError()
}

/** Gives a person a role in a scope, by hand. */
export async function grantRole(actor: Actor, personId: number, input: GrantInput): Promise<void> {
  await withTransaction(async () => {
    demandRights(actor)
    const { scopeType } = input.scope
    const role = await selectRole(input.roleId).catch(() => undefined)
    if (!role || role.isImplicit) throw InputError.of('roleId', 'rights.grant.roleUnknown')
    if (!role.scopeTypes.includes(scopeType)) throw InputError.of('scope', 'rights.grant.scopeNotForRole')
    const table = TABLES[scopeType]
    const scopeId = table ? input.scope.scopeId : 0
    if (table && !(await db()(table).where({ id: scopeId }).first('id')))
      throw InputError.of('scope', 'rights.grant.scopeUnknown')
    const dates = { starts_on: input.startsOn ?? null, ends_on: input.endsOn ?? null }
    const key = {
      person_id: personId,
      role_id: role.id,
      scope_type: scopeType,
      scope_id: scopeId,
      source: 'manual',
      source_id: 0,
    }
    await db()('grants')
      .insert({ ...key, ...dates, created_by: actor.personId, created_at: nowUtc() })
      .onConflict(['person_id', 'role_id', 'scope_type', 'scope_id', 'source', 'source_id'])
      .merge(['starts_on', 'ends_on'])
    // New dates may end what was given before.
    await demandSomeAdministrator()
    await recordEvent(actor, 'roleGranted', { type: 'person', id: personId }, { role: role.code, ...key, ...dates })
  })
}

/** Takes a grant that was given by hand away at once. The last administrator cannot lose the rights. */
export async function revokeGrant(actor: Actor, personId: number, grantId: number): Promise<void> {
  await withTransaction(async () => {
    demandRights(actor)
    const grant = await db()('grants').where({ id: grantId, person_id: personId, source: 'manual' }).first()
    if (!grant) throw new NotFoundError()
    await db()('grants').where({ id: grantId }).del()
    await demandSomeAdministrator()
    await recordEvent(actor, 'roleRevoked', { type: 'person', id: personId }, { before: grant })
  })
}

/**
 * Someone who can sign in must still be able to change rights, today and without end; else nobody could mend a mistake.
 * Called in the transaction, after whatever takes access or rights away.
 * @throws ConflictError if nobody is left
 */
export async function demandSomeAdministrator(): Promise<void> {
  if (!(await isSomeAdministratorLeft())) throw new ConflictError('rights.lastAdministrator')
}

/** Whether somebody is left who can change rights; see `demandSomeAdministrator`. */
export async function isSomeAdministratorLeft(): Promise<boolean> {
  const date = authorityToday()
  // Two who take each other's rights away at the same instant wait for one another here.
  await db()('roles').where({ code: 'administrator' }).forUpdate().first('id')
  const someone = await db()('grants as g')
    .join('role_permissions as rp', 'rp.role_id', 'g.role_id')
    .join('accounts as a', 'a.person_id', 'g.person_id')
    .join('people as p', 'p.id', 'g.person_id')
    .where({ 'rp.permission': 'rights.edit', 'g.scope_type': 'authority', 'a.state': 'active', 'p.state': 'active' })
    .where((begun) => void begun.whereNull('g.starts_on').orWhere('g.starts_on', '<=', date))
    .whereNull('g.ends_on')
    .first('g.id')
  return someone !== undefined
}

/** Whether a person has power that the actor has not; see `listMorePowerful`. */
export const isMorePowerful = async (personId: number, than: Actor): Promise<boolean> =>
  (await listMorePowerful([personId], than)).length > 0

/**
 * Those of the people who may do something, now or later, where the actor may not: whoever holds their slip or changes
 * their e-mail could be them, hence could do it too. Any permission counts, in any scope, except what learners have of
 * their materials; implicit roles are granted to nobody and so do not count. Nobody has more power than oneself, and
 * nobody has more than an actor who could give themselves every right.
 */
export async function listMorePowerful(personIds: readonly number[], than: Actor): Promise<number[]> {
  if (hasEverywhere(than, 'rights.edit')) return []
  const found = new Set<number>()
  for (const piece of chunks(personIds.filter((id) => id !== than.personId))) {
    const held: { person_id: number; permission: string; scope_type: ScopeType; scope_id: number }[] = await db()(
      'grants as g',
    )
      .join('role_permissions as rp', 'rp.role_id', 'g.role_id')
      .whereIn('g.person_id', piece)
      .whereNotIn('rp.permission', POWERLESS)
      .where((open) => void open.whereNull('g.ends_on').orWhere('g.ends_on', '>=', authorityToday()))
      .distinct('g.person_id', 'rp.permission', 'g.scope_type', 'g.scope_id')
    for (const { person_id, permission, scope_type, scope_id } of held) {
      const reach = reachOf(than, permission)
      if (!reach.everywhere && !reach.ids(scope_type).includes(Number(scope_id))) found.add(person_id)
    }
    await breathe()
  }
  return [...found]
}
