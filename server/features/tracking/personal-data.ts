import type { PersonalData } from '../../core/personal-data/declarations.ts'
import { EVIDENCE_OWNER } from './evidence-service.ts'

/** That a milestone was reached stays; what was handed in for it goes. */
export const trackingData: PersonalData = {
  tables: {
    milestone_states: {
      about: { column: 'enrolment_id', through: 'enrolments' },
      by: ['confirmed_by'],
      subject: 'milestoneState',
      shows: ['milestone_id', 'state', 'count_done', 'done_on', 'source', 'comment'],
      names: { milestone_id: 'milestone' },
      hides: ['id', 'version', 'updated_at'],
      onErasure: { clear: { comment: null }, hold: 'education' },
    },
    milestone_evidence: {
      about: { column: 'milestone_state_id', through: 'milestone_states' },
      by: ['created_by'],
      shows: ['note', 'link', 'state', 'created_at'],
      hides: ['id'],
      files: { file_id: EVIDENCE_OWNER },
      onErasure: { clear: { note: null, link: null }, hold: 'education' },
    },
  },
}
