import type { PersonalData } from './declarations.ts'

/** What the core itself keeps about people. The audit trail is treated by `erase-events.ts`: its chain must not break. */
export const corePersonalData: PersonalData = {
  tables: {
    sessions: {
      about: 'person_id',
      shows: ['user_agent', 'ip', 'created_at', 'seen_at', 'expires_at'],
      hides: ['id', 'data'],
      onErasure: 'delete',
    },
    notices: {
      about: 'person_id',
      shows: ['kind', 'data', 'state', 'read_at', 'created_at'],
      hides: ['id', 'dedupe_key', 'subject_type', 'subject_id', 'href'],
      mentions: ['data'],
      onErasure: 'delete',
    },
    notice_deliveries: {
      about: 'person_id',
      shows: ['channel', 'state', 'sent_at'],
      hides: [
        ...['id', 'notice_id', 'is_digest', 'attempts', 'next_attempt_at', 'lease_owner', 'error', 'error_code'],
        ...['error_values', 'reached', 'token'],
      ],
      onErasure: 'delete',
    },
    mail_outbox: {
      about: 'person_id',
      shows: ['to_address', 'subject', 'body_text', 'state', 'sent_at', 'created_at'],
      hides: [
        ...['id', 'dedupe_key', 'kind', 'language', 'body_html', 'attempts', 'next_attempt_at', 'error', 'error_code'],
        ...['error_values', 'unsubscribe_url'],
      ],
      mentions: ['subject', 'body_text', 'body_html'],
      onErasure: 'delete',
    },
    push_subscriptions: {
      about: 'person_id',
      shows: ['user_agent', 'created_at', 'used_at'],
      hides: ['id', 'endpoint', 'endpoint_hash', 'p256dh', 'auth', 'browser_hash'],
      onErasure: 'delete',
    },
    messenger_links: {
      about: 'person_id',
      key: 'person_id',
      shows: ['name', 'chat_id', 'linked_at'],
      hides: ['code_hash', 'code_expires_at'],
      onErasure: 'delete',
    },
    sent_forms: {
      about: 'person_id',
      key: 'form_key',
      shows: [],
      hides: ['form_key', 'location', 'created_at'],
      onErasure: 'delete',
    },
    files: { by: ['created_by'] },
    jobs: { by: ['created_by'] },
    domain_events: { by: ['actor_id'] },
  },
}
