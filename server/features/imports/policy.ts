import { definePolicy } from '../../core/rights/policy.ts'

/**
 * An import holds a list with personal data: it belongs to who brought it, and to those who may handle imports
 * everywhere. Everyone may handle their own, but needs `imports.run` to make one.
 */
export const importPolicy = definePolicy<{ created_by: number }, 'handle'>({
  scopes: (row) => [{ type: 'person', id: row.created_by }],
  actions: { handle: 'imports.handle' },
  reached: { person: 'i.created_by' },
})
