import type { PersonalData } from '../../core/personal-data/declarations.ts'

/** A head who is known by name alone may be somebody who is erased. */
export const organisationData: PersonalData = { tables: { organisations: { mentions: ['head_name'] } } }
