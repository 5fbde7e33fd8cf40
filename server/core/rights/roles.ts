import { db, fromJson, insertRow, insertRows, toJson, withTransaction } from '../db/index.ts'
import { nowUtc } from '../time.ts'
import type { ScopeType } from './scopes.ts'

/** What a feature says of a permission: which of the ready-made roles have it to begin with. */
export type PermissionDeclaration = { roles: readonly string[] }

type SystemRole = { code: string; name: { ru: string; en: string }; scopes: ScopeType[]; implicit?: boolean }

/** The roles of a new installation. Names are content (an administrator may change them), hence not in translations. */
const SYSTEM_ROLES: SystemRole[] = [
  { code: 'administrator', name: { ru: 'Администратор', en: 'Administrator' }, scopes: ['authority'] },
  { code: 'methodist', name: { ru: 'Методист', en: 'Methodist' }, scopes: ['authority', 'programme', 'cohort'] },
  { code: 'instructor', name: { ru: 'Преподаватель модуля', en: 'Module instructor' }, scopes: ['module', 'group'] },
  { code: 'director', name: { ru: 'Руководитель учреждения', en: 'Director' }, scopes: ['organisation'] },
  { code: 'learner', name: { ru: 'Слушатель', en: 'Learner' }, scopes: ['cohort'] },
  {
    code: 'manager',
    name: { ru: 'Непосредственный руководитель', en: 'Manager' },
    scopes: ['reports'],
    implicit: true,
  },
  { code: 'everyone', name: { ru: 'Каждый вошедший', en: 'Everyone signed in' }, scopes: ['person'], implicit: true },
]

/**
 * Creates the ready-made roles that are missing and gives them each permission that is declared for the first time. What
 * an administrator took away stays away: only permissions never seen before are added.
 */
export async function syncRoles(declared: Record<string, PermissionDeclaration>): Promise<void> {
  await withTransaction(async () => {
    const now = nowUtc()
    const existing: { id: number; code: string }[] = await db()('roles').select('id', 'code')
    const ids = new Map(existing.map((role) => [role.code, role.id]))
    for (const role of SYSTEM_ROLES.filter((candidate) => !ids.has(candidate.code))) {
      const row = { code: role.code, name: toJson(role.name), scope_types: toJson(role.scopes) }
      const flags = { is_implicit: role.implicit ? 1 : 0, is_system: 1, created_at: now, updated_at: now }
      ids.set(role.code, await insertRow('roles', { ...row, ...flags }))
    }
    const setting = await db()('settings').where({ name: 'known_permissions' }).first()
    const known = new Set(fromJson<string[]>(setting?.value, []))
    const fresh = Object.entries(declared).filter(([permission]) => !known.has(permission))
    if (!fresh.length) return
    const rows = fresh.flatMap(([permission, { roles }]) =>
      [...new Set([...roles, 'administrator'])].map((code) => ({ role_id: ids.get(code), permission })),
    )
    await insertRows('role_permissions', rows)
    await db()('roles').increment('version', 1)
    const value = toJson([...known, ...fresh.map(([permission]) => permission)])
    await db()('settings').insert({ name: 'known_permissions', value, updated_at: now }).onConflict('name').merge()
  })
}

/** The id of a role by its code. */
export async function roleId(code: string): Promise<number> {
  const role = await db()('roles').where({ code }).first('id')
  if (!role) throw new Error(`No role ${code}`)
  return role.id
}
