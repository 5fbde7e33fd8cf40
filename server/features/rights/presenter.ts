import type { AnyContext } from '../../core/http/route.ts'
import type { Grant } from '../../core/rights/index.ts'
import { pick, type Translated } from '../../core/text.ts'
import { today } from '../../core/time.ts'
import type { GrantRow, RoleRow } from './queries.ts'

type Context = Pick<AnyContext, 't' | 'lang' | 'format' | 'zone'>

const nameOf = (text: string | null, lang: string): string => {
  if (!text?.startsWith('{')) return text ?? ''
  return pick(JSON.parse(text) as Translated, lang)
}

/** Grants as lines: role, where, from when, until when, why. */
export const presentGrants = ({ t, lang, format, zone }: Context, rows: GrantRow[]) =>
  rows.map((row) => ({
    id: row.id,
    role: pick(row.role, lang),
    scope: [t(`rights.scope.${row.scope_type}`), nameOf(row.scope_name, lang)].filter(Boolean).join(': '),
    source: t(`rights.source.${row.source}`),
    from: format.shortDate(row.starts_on),
    until: format.shortDate(row.ends_on),
    isOver: row.ends_on !== null && row.ends_on < today(zone),
    isManual: row.source === 'manual',
  }))

/** Roles × permissions, permissions by the feature that they belong to. */
export function presentMatrix(
  { t, lang }: Context,
  permissions: string[],
  roles: RoleRow[],
  held: { role_id: number; permission: string }[],
) {
  const has = new Set(held.map((entry) => `${entry.role_id} ${entry.permission}`))
  return {
    roles: roles.map((role) => ({
      id: role.id,
      name: pick(role.name, lang),
      href: `/rights/roles/${role.id}`,
      people: role.people,
    })),
    permissions: permissions.map((permission) => ({
      code: permission,
      name: t(`rights.permission.${permission}`),
      holders: roles.map((role) => has.has(`${role.id} ${permission}`)),
    })),
  }
}

/** Why someone may do something: in one sentence. */
export const explainGrant = (
  { t, lang }: Context,
  grant: Grant,
  roleName: Translated | undefined,
  scopeName: string | null,
): string =>
  t('rights.explain.because', {
    role: roleName ? pick(roleName, lang) : grant.roleCode,
    scope: [t(`rights.scope.${grant.scope.type}`), nameOf(scopeName, lang)].filter(Boolean).join(': '),
    source: t(`rights.source.${grant.source}`),
  })
