import type { PersonalData } from '../../core/personal-data/declarations.ts'
import { checkSockets } from '../../core/realtime/index.ts'
import { demandSomeAdministrator } from '../rights/service.ts'

/** The account goes with everything that could open it. */
export const accountData: PersonalData = {
  tables: {
    accounts: {
      about: 'person_id',
      key: 'person_id',
      shows: ['login', 'state', 'last_sign_in_at', 'password_changed_at', 'created_at'],
      hides: ['login_folded', 'password_hash', 'failed_attempts', 'locked_until', 'updated_at'],
      onErasure: 'delete',
    },
    account_tokens: {
      about: 'person_id',
      by: ['created_by'],
      shows: ['purpose', 'created_at', 'expires_at', 'used_at'],
      hides: ['id', 'token_hash', 'data'],
      onErasure: 'delete',
    },
    second_factors: {
      about: 'person_id',
      key: 'person_id',
      shows: ['confirmed_at', 'created_at'],
      hides: ['secret', 'last_step'],
      onErasure: 'delete',
    },
    recovery_codes: { about: 'person_id', hides: ['id', 'code_hash', 'used_at'], onErasure: 'delete' },
    registration_links: { by: ['created_by'] },
  },
  afterErasure: async () => {
    await demandSomeAdministrator()
    checkSockets()
  },
}
