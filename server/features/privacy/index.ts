import { db } from '../../core/db/index.ts'
import type { Feature } from '../../core/feature.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { consentRoutes } from './consent-router.ts'
import { SCAN_OWNER } from './consent-service.ts'
import { purposeRoutes } from './purpose-router.ts'
import { registerRoutes } from './register-router.ts'

/** Personal data as the law wants them kept: what for, with whose consent, what is held, corrected, erased and when. */
export const privacy: Feature = {
  name: 'privacy',
  permissions: {
    'privacy.purposes': { roles: [] },
    'privacy.consents': { roles: [] },
  },
  routes: (routes) => {
    purposeRoutes(routes)
    consentRoutes(routes)
    registerRoutes(routes)
  },
  navigation: [
    {
      key: 'privacy.purposes.nav',
      href: '/purposes',
      icon: 'shield-check',
      order: 76,
      permission: 'privacy.purposes',
      group: 'administration',
      hint: 'privacy.purposes.navHint',
    },
    {
      key: 'privacy.register.nav',
      href: '/consents/register',
      icon: 'clipboard-check',
      order: 76,
      permission: 'privacy.consents',
      group: 'administration',
      hint: 'privacy.register.navHint',
    },
  ],
  fileUses: { consent: { label: 'privacy.files.consent', megabytes: 20, room: 'authority' } },
  fileOwners: {
    // The scan of a paper: the person who signed it, and whoever keeps the register.
    [SCAN_OWNER]: async (actor, id) =>
      hasEverywhere(actor, 'privacy.consents') ||
      Boolean(actor.personId && (await db()('consents').where({ id, person_id: actor.personId }).first('id'))),
  },
}
