import { db } from '../../core/db/index.ts'
import type { PersonalData } from '../../core/personal-data/declarations.ts'
import { withdrawEnrolments } from './change-service.ts'

/** Who learnt where and when stays as a record of education, without a name. */
export const enrolmentData: PersonalData = {
  tables: {
    enrolments: {
      about: 'person_id',
      subject: 'enrolment',
      shows: ['cohort_id', 'state', 'source', 'enrolled_on', 'ended_on', 'created_at'],
      names: { cohort_id: 'cohort' },
      hides: ['id', 'version', 'updated_at'],
      onErasure: { clear: {}, hold: 'education' },
    },
    enrolment_history: {
      about: { column: 'enrolment_id', through: 'enrolments' },
      by: ['actor_id'],
      shows: ['action', 'reason', 'at'],
      hides: ['id', 'data'],
      onErasure: { clear: { reason: null }, hold: 'education' },
    },
    group_members: {
      about: { column: 'enrolment_id', through: 'enrolments' },
      shows: ['group_id', 'starts_on', 'ends_on'],
      names: { group_id: 'group' },
      hides: ['id'],
      onErasure: { clear: {}, hold: 'education' },
    },
  },
  // Places in cohorts, groups and topics are free at once.
  beforeErasure: async (actor, personId) => {
    const rows = await db()('enrolments').where({ person_id: personId }).whereIn('state', ['active', 'suspended'])
    for (const { id, cohort_id } of rows) await withdrawEnrolments(actor, cohort_id, [id])
  },
}
