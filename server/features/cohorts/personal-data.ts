import type { PersonalData } from '../../core/personal-data/declarations.ts'

export const cohortData: PersonalData = { tables: { lessons: { by: ['created_by'] } } }
