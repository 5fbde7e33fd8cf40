import type { PersonalData } from '../../core/personal-data/declarations.ts'

const about = { column: 'enrolment_id', through: 'enrolments' }
const onErasure = { clear: { comment: null }, hold: 'education' } as const

/** Attendance, marks and credits stay in the registers; what was remarked about somebody does not. */
export const journalData: PersonalData = {
  tables: {
    journal_cells: {
      about,
      by: ['updated_by'],
      key: 'lesson_id',
      shows: ['attendance', 'mark', 'comment', 'updated_at'],
      hides: ['lesson_id', 'version'],
      onErasure,
    },
    journal_cell_history: {
      about,
      by: ['actor_id'],
      shows: ['attendance', 'mark', 'comment', 'source', 'at'],
      hides: ['id', 'lesson_id'],
      onErasure,
    },
    module_credits: {
      about,
      by: ['credited_by'],
      key: 'module_id',
      shows: ['module_id', 'state', 'credited_on', 'comment'],
      names: { module_id: 'module' },
      hides: ['version', 'updated_at'],
      onErasure,
    },
    module_credit_history: {
      about,
      by: ['actor_id'],
      shows: ['module_id', 'state', 'comment', 'at'],
      names: { module_id: 'module' },
      hides: ['id'],
      onErasure,
    },
  },
}
