import type { Scope } from '../../core/rights/index.ts'
import { definePolicy } from '../../core/rights/policy.ts'

/** An organisation lies in itself and in every organisation above it. */
export const organisationScopes = (path: string): Scope[] =>
  path
    .split('/')
    .filter(Boolean)
    .map((id) => ({ type: 'organisation', id: Number(id) }))

export const organisationPolicy = definePolicy<{ path: string }, 'view' | 'edit'>({
  scopes: (organisation) => organisationScopes(organisation.path),
  actions: { view: 'organisations.view', edit: 'organisations.edit' },
  reached: { organisation: 'o.id' },
})
