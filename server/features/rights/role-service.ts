import { z } from 'zod'
import { db, insertRow, insertRows, toJson, withTransaction } from '../../core/db/index.ts'
import { ConflictError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { checkbox, list, translated, versionField } from '../../core/http/fields.ts'
import type { Actor } from '../../core/rights/index.ts'
import { knownPermissions } from '../../core/rights/permissions.ts'
import { nowUtc } from '../../core/time.ts'
import { type RoleRow, selectRole } from './queries.ts'
import { demandRights, GRANTABLE, isSomeAdministratorLeft } from './service.ts'

const permissions = list(z.string().max(64))

export const roleInput = z.object({
  name: translated(100),
  scopeTypes: list(z.enum(GRANTABLE)),
  permissions,
  secondFactor: checkbox(),
})
export const roleUpdate = z.object({
  name: translated(100),
  scopeTypes: list(z.enum(GRANTABLE)),
  permissions,
  secondFactor: checkbox(),
  version: versionField(),
})
type RoleInput = z.infer<typeof roleInput>
type RoleUpdate = z.infer<typeof roleUpdate>

const real = (typed: readonly string[]) => {
  const known = new Set(knownPermissions())
  return [...new Set(typed)].filter((permission) => known.has(permission))
}

const writePermissions = (roleId: number, held: readonly string[]) =>
  insertRows(
    'role_permissions',
    held.map((permission) => ({ role_id: roleId, permission })),
  )

/** Makes a new role. @returns its id */
export async function createRole(actor: Actor, input: RoleInput): Promise<number> {
  return withTransaction(async () => {
    demandRights(actor)
    if (!input.scopeTypes.length) throw InputError.of('scopeTypes', 'errors.field.choose')
    const now = nowUtc()
    const roleId = await insertRow('roles', {
      code: `role-${now.replace(/\D/g, '')}`,
      name: toJson(input.name),
      scope_types: toJson(input.scopeTypes),
      second_factor_since: input.secondFactor ? now : null,
      created_at: now,
      updated_at: now,
    })
    await writePermissions(roleId, real(input.permissions))
    await recordEvent(actor, 'roleCreated', { type: 'role', id: roleId }, { after: input })
    return roleId
  })
}

/** Where the system itself gives a ready-made role, it stays so; of one's own, where nobody holds it. */
async function scopesAfter(role: RoleRow, input: RoleUpdate): Promise<RoleRow['scopeTypes']> {
  if (role.isSystem) return role.scopeTypes
  if (!input.scopeTypes.length) throw InputError.of('scopeTypes', 'errors.field.choose')
  const held = await db()('grants').where({ role_id: role.id }).whereNotIn('scope_type', input.scopeTypes).first('id')
  if (held) throw InputError.of('scopeTypes', 'rights.role.scopeHeld')
  return input.scopeTypes
}

/**
 * Changes the name of a role, what it may do and where it can be given, for everybody who holds it, at once.
 * @throws InputError if nobody could change rights then, ConflictError if someone changed it since `version` was read
 */
export async function updateRole(actor: Actor, roleId: number, input: RoleUpdate): Promise<void> {
  await withTransaction(async () => {
    demandRights(actor)
    const role = await selectRole(roleId)
    const before: string[] = await db()('role_permissions').where({ role_id: roleId }).pluck('permission')
    const now = nowUtc()
    const after = {
      name: input.name,
      scopeTypes: await scopesAfter(role, input),
      permissions: real(input.permissions),
      secondFactor: input.secondFactor,
    }
    const changed = await db()('roles')
      .where({ id: roleId, version: input.version })
      .update({
        name: toJson(after.name),
        scope_types: toJson(after.scopeTypes),
        second_factor_since: input.secondFactor ? (role.secondFactorSince ?? now) : null,
        version: input.version + 1,
        updated_at: now,
      })
    if (!changed) throw new ConflictError()
    await db()('role_permissions').where({ role_id: roleId }).del()
    await writePermissions(roleId, after.permissions)
    if (!(await isSomeAdministratorLeft())) throw InputError.of('permissions', 'rights.lastAdministrator')
    const { name, scopeTypes } = role
    const former = { name, scopeTypes, permissions: before, secondFactor: role.secondFactorSince !== null }
    await recordEvent(actor, 'roleChanged', { type: 'role', id: roleId }, { before: former, after })
  })
}

/** Removes a role that nobody holds, now, later or in the past. @throws ConflictError for others and for ready-made ones */
export async function deleteRole(actor: Actor, roleId: number): Promise<void> {
  await withTransaction(async () => {
    demandRights(actor)
    const role = await selectRole(roleId)
    if (role.isSystem || role.isImplicit) throw new ConflictError('rights.role.readyMade')
    if (await db()('grants').where({ role_id: roleId }).first('id')) throw new ConflictError('rights.role.held')
    await db()('role_permissions').where({ role_id: roleId }).del()
    await db()('roles').where({ id: roleId }).del()
    await recordEvent(actor, 'roleDeleted', { type: 'role', id: roleId }, { before: { name: role.name } })
  })
}
