import { db } from '../../core/db/index.ts'
import type { Feature } from '../../core/feature.ts'
import { explainBy } from '../../core/rights/explanations.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { fullName } from '../../core/text.ts'
import { peopleVisibility } from './contacts.ts'
import { peopleData } from './personal-data.ts'
import { personPolicy } from './policy.ts'
import { selectPlaces } from './queries.ts'
import { peopleRoutes } from './router.ts'
import { personSearch } from './search.ts'

// Directors and instructors meet people in lists of their own; the directory is for those who see everybody.
const seesManyPeople = (actor: Actor) => hasEverywhere(actor, 'people.view')

/** People, their places of work and saved filters over them. */
export const people: Feature = {
  name: 'people',
  personalData: peopleData,
  permissions: {
    'people.view': { roles: ['methodist', 'director', 'manager', 'instructor'] },
    'people.edit': { roles: [] },
    'people.fields': { roles: [] },
  },
  routes: peopleRoutes,
  search: [personSearch],
  visibility: peopleVisibility,
  endsRights: ['employmentChanged', 'personArchived'],
  explanations: {
    person: explainBy(personPolicy, ['view', 'edit'], async (id) => {
      const row = await db()('people').where({ id }).first('last_name', 'first_name', 'middle_name')
      return row && { name: fullName(row), resource: await selectPlaces(id) }
    }),
  },
  navigation: [
    { key: 'people.nav', href: '/people', icon: 'users', order: 50, visible: seesManyPeople },
    {
      key: 'person-fields.nav',
      href: '/person-fields',
      icon: 'forms',
      order: 64,
      permission: 'people.fields',
      group: 'administration',
      hint: 'person-fields.navHint',
    },
  ],
}
