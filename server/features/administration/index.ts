import { listAttention } from '../../core/attention.ts'
import { db } from '../../core/db/index.ts'
import type { Feature } from '../../core/feature.ts'
import { groupEntries } from '../../core/http/navigation.ts'
import { page } from '../../core/http/reply.ts'
import { mayEverywhere } from '../../core/http/route.ts'
import { hasEverywhere } from '../../core/rights/index.ts'

const counted = (table: string, where: object, alias: string) => db()(table).where(where).count('*').as(alias)

/** The administrator's first page: what needs a decision, then the numbers, then the sections that are used seldom. */
export const administration: Feature = {
  name: 'administration',
  routes: (routes) => {
    routes.get(
      '/administration',
      { access: mayEverywhere('settings.edit', 'rights.view') },
      async ({ actor, t, format }) => {
        const attention = await listAttention(actor)
        const numbers = await db().first(
          counted('people', { state: 'active' }, 'people'),
          counted('organisations', { state: 'active' }, 'organisations'),
          counted('enrolments', { state: 'active' }, 'learners'),
          counted('cohorts', { state: 'running' }, 'cohorts'),
        )
        const model = {
          attention: attention.map(({ key, count, href }) => ({ text: t(key, { count }), href })),
          numbers: ['people', 'organisations', 'learners', 'cohorts'].map((name) => ({
            label: t(`administration.numbers.${name}`),
            value: format.number(Number(numbers[name])),
          })),
          sections: groupEntries('administration', actor, t),
        }
        return page('administration/hub', model, { title: t('administration.title') })
      },
    )
  },
  tours: [
    {
      name: 'administrator',
      path: '/administration',
      visible: (actor) => hasEverywhere(actor, 'settings.edit'),
      steps: [
        { at: '#attention-title', key: 'administration.tour.attention' },
        { at: '#sections-title', key: 'administration.tour.sections' },
        { at: 'nav a[href="/people"]', key: 'administration.tour.people' },
        { at: '[data-tour=help]', key: 'help.tour.help' },
      ],
    },
  ],
  navigation: [
    { key: 'administration.nav', href: '/administration', icon: 'adjustments', order: 5, permission: 'settings.edit' },
  ],
}
