import { db } from '../../core/db/index.ts'
import type { PersonalData } from '../../core/personal-data/declarations.ts'
import { neutralName, neutralSortName } from '../../core/personal-data/neutral.ts'
import { authorityToday } from '../../core/settings.ts'

/** A person stays as a number, so that journals and sums keep their figures; nothing says who it was. */
export const peopleData: PersonalData = {
  tables: {
    people: {
      about: 'id',
      subject: 'person',
      shows: [
        ...['last_name', 'first_name', 'middle_name', 'gender', 'birth_date', 'email', 'phone', 'category_id'],
        ...['experience_years', 'about', 'language', 'time_zone', 'preferences', 'state', 'source', 'created_at'],
      ],
      names: { category_id: 'personCategory' },
      hides: [
        'id',
        'email_folded',
        'sort_name',
        'unread_notices',
        'consents_through',
        'seen_tours',
        'version',
        'updated_at',
      ],
      files: { photo_file_id: 'person_photo' },
      onErasure: {
        clear: {
          last_name: (_was, id) => neutralName(id).last_name,
          first_name: (_was, id) => neutralName(id).first_name,
          sort_name: (_was, id) => neutralSortName(id),
          ...{ middle_name: null, birth_date: null, email: null, email_folded: null, phone: null, about: null },
          ...{ language: null, time_zone: null, preferences: null, unread_notices: 0, state: 'erased' },
        },
        hold: 'statistics',
      },
    },
    person_words: { about: 'person_id', key: 'word', hides: ['word'], onErasure: 'delete' },
    person_field_values: {
      about: 'person_id',
      key: 'field_id',
      shows: ['field_id', 'text_value', 'number_value', 'date_value'],
      names: { field_id: 'personField' },
      hides: ['item', 'text_folded'],
      onErasure: 'delete',
    },
    employments: {
      about: 'person_id',
      by: ['manager_id', 'decided_by'],
      shows: [
        ...['organisation_id', 'department_id', 'position_id', 'claimed_position', 'is_head', 'is_primary', 'state'],
        ...['starts_on', 'ends_on', 'created_at'],
      ],
      names: { organisation_id: 'organisation', department_id: 'department', position_id: 'position' },
      hides: ['id', 'decided_at', 'version', 'updated_at'],
      onErasure: {
        clear: {
          claimed_position: null,
          ends_on: (was) => (was !== null && String(was) < authorityToday() ? was : authorityToday()),
        },
        hold: 'statistics',
      },
    },
    saved_filters: {
      about: 'owner_id',
      shows: ['name', 'is_shared', 'created_at'],
      hides: ['id', 'subject', 'criteria', 'version', 'updated_at'],
      onErasure: { clear: {}, hold: 'work' },
    },
  },
  // Nobody reports to a number.
  beforeErasure: async (_actor, personId) => {
    await db()('employments').where({ manager_id: personId }).update({ manager_id: null })
  },
}
