import type { Feature } from '../../core/feature.ts'
import { hasAnywhere, hasEverywhere } from '../../core/rights/index.ts'
import { VIEWING_PERMISSION } from '../../core/session/viewing.ts'
import { selectPerson } from '../people/queries.ts'
import { listClaims } from './claim-service.ts'
import { emailChange } from './email-change.ts'
import { resetJob } from './password-service.ts'
import { accountData } from './personal-data.ts'
import { listPending } from './queries.ts'
import { accountRoutes } from './router.ts'
import { forgetTokens } from './tokens.ts'

/** Signing in and out, registration, invitations, sessions and the person's own profile. */
export const accounts: Feature = {
  name: 'accounts',
  personalData: accountData,
  permissions: {
    'accounts.edit': { roles: [] },
    [VIEWING_PERMISSION]: { roles: [] },
    'employments.confirm': { roles: ['director'] },
  },
  routes: accountRoutes,
  subscriptions: [emailChange],
  navigation: [
    {
      key: 'accounts.claims.nav',
      href: '/registrations',
      icon: 'user-check',
      order: 55,
      visible: (actor) => hasAnywhere(actor, 'employments.confirm') && !hasEverywhere(actor, 'accounts.edit'),
    },
    {
      key: 'accounts.registrations.nav',
      href: '/registrations',
      icon: 'user-check',
      order: 55,
      permission: 'accounts.edit',
      group: 'administration',
      hint: 'accounts.registrations.navHint',
    },
  ],
  attention: async (actor) => {
    const claims = await listClaims(actor)
    const pending = hasEverywhere(actor, 'accounts.edit') ? await listPending() : []
    return [
      { key: 'accounts.attention.pending', count: pending.length, href: '/registrations' },
      { key: 'accounts.attention.claims', count: claims.length, href: '/registrations' },
    ]
  },
  fileUses: { photo: { label: 'accounts.files.photo', megabytes: 10, room: 'person' } },
  fileOwners: {
    // A photo is seen by its person and by whoever may see the person.
    person_photo: async (actor, personId) =>
      actor.personId === personId ||
      (await selectPerson(actor, personId).then(
        () => true,
        () => false,
      )),
  },
  jobs: [resetJob],
  housekeeping: [{ name: 'accounts.tokens', clean: forgetTokens }],
}
