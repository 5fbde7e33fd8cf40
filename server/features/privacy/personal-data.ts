import type { PersonalData } from '../../core/personal-data/declarations.ts'
import { BLANK } from '../../core/personal-data/neutral.ts'
import { SCAN_OWNER } from './consent-service.ts'

/** What a copy of everything that is held hangs on. */
export const COPY_OWNER = 'data_copy'

/** That the processing was lawful has to be proved afterwards, too: dates and versions stay, words and scans go. */
export const privacyData: PersonalData = {
  tables: {
    consents: {
      about: 'person_id',
      by: ['recorded_by'],
      shows: ['purpose_id', 'action', 'source', 'signed_on', 'note', 'ip', 'answered_at'],
      names: { purpose_id: 'purpose' },
      hides: ['id', 'text_id', 'is_latest'],
      files: { file_id: SCAN_OWNER },
      onErasure: { clear: { note: null, ip: null }, hold: 'evidence' },
    },
    consent_texts: { by: ['published_by'] },
    data_requests: {
      about: 'person_id',
      by: ['decided_by', 'recorded_by'],
      subject: 'dataRequest',
      shows: ['kind', 'text', 'state', 'due_on', 'decision', 'decided_at', 'created_at'],
      hides: ['id', 'version', 'updated_at'],
      onErasure: { clear: { text: BLANK, decision: null }, hold: 'evidence' },
    },
    data_copies: {
      about: 'person_id',
      shows: ['state', 'created_at', 'expires_at'],
      hides: ['id'],
      files: { file_id: COPY_OWNER },
      onErasure: 'delete',
    },
    erasures: {
      about: 'person_id',
      by: ['ordered_by'],
      shows: ['state', 'reason', 'ordered_at'],
      hides: ['id', 'counts', 'done_at'],
      onErasure: { clear: {}, hold: 'evidence' },
    },
  },
}
