import type { PersonalData } from '../../core/personal-data/declarations.ts'

/** What a person may do ends with them. */
export const rightsData: PersonalData = {
  tables: {
    grants: {
      about: 'person_id',
      by: ['created_by'],
      shows: ['role_id', 'scope_type', 'starts_on', 'ends_on', 'source', 'created_at'],
      names: { role_id: 'role' },
      hides: ['id', 'scope_id', 'source_id'],
      onErasure: 'delete',
    },
  },
}
