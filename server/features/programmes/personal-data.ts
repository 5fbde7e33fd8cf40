import type { PersonalData } from '../../core/personal-data/declarations.ts'

export const programmeData: PersonalData = {
  tables: { programmes: { by: ['created_by'] }, materials: { by: ['owner_id'] } },
}
