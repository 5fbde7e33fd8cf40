import { db } from '../../core/db/index.ts'
import type { Feature } from '../../core/feature.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { consentRoutes } from './consent-router.ts'
import { SCAN_OWNER } from './consent-service.ts'
import { copyJob, forgetCopies, mayFetchCopy } from './copy-service.ts'
import { erasureRoutes } from './erasure-router.ts'
import { erasureJob } from './erasure-service.ts'
import { heldRoutes } from './held-router.ts'
import { COPY_OWNER, privacyData } from './personal-data.ts'
import { purposeRoutes } from './purpose-router.ts'
import { registerRoutes } from './register-router.ts'
import { requestNotices, tellKeepers, tellPerson } from './request-notices.ts'
import { countPending } from './request-queries.ts'
import { requestRoutes } from './request-router.ts'
import { peopleKeepings } from './retention.ts'
import { retentionRoutes } from './retention-router.ts'

/** Personal data as the law wants them kept: what for, with whose consent, what is held, corrected, erased and when. */
export const privacy: Feature = {
  name: 'privacy',
  personalData: privacyData,
  permissions: {
    'privacy.purposes': { roles: [] },
    'privacy.consents': { roles: [] },
    'privacy.requests': { roles: [] },
    'privacy.erase': { roles: [] },
    'privacy.retention': { roles: [] },
  },
  routes: (routes) => {
    purposeRoutes(routes)
    consentRoutes(routes)
    registerRoutes(routes)
    requestRoutes(routes)
    heldRoutes(routes)
    retentionRoutes(routes)
    erasureRoutes(routes)
  },
  endsRights: ['personErased'],
  notices: requestNotices,
  subscriptions: [
    { name: 'privacy.keepers', events: ['dataRequestSent'], handle: tellKeepers },
    { name: 'privacy.person', events: ['dataRequestDecided'], handle: tellPerson },
  ],
  attention: async (actor) => {
    if (!hasEverywhere(actor, 'privacy.requests')) return []
    const { waiting, late } = await countPending(authorityToday())
    return [
      { key: 'privacy.attention.waiting', count: waiting, href: '/data-requests' },
      { key: 'privacy.attention.late', count: late, href: '/data-requests' },
    ]
  },
  retention: peopleKeepings,
  jobs: [copyJob, erasureJob],
  housekeeping: [{ name: 'privacy.copies', clean: forgetCopies }],
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
    {
      key: 'privacy.requests.nav',
      href: '/data-requests',
      icon: 'clipboard-text',
      order: 76,
      permission: 'privacy.requests',
      group: 'administration',
      hint: 'privacy.requests.navHint',
    },
    {
      key: 'privacy.retention.nav',
      href: '/retention',
      icon: 'hourglass',
      order: 77,
      permission: 'privacy.retention',
      group: 'administration',
      hint: 'privacy.retention.navHint',
    },
    {
      key: 'privacy.erasures.nav',
      href: '/erasures',
      icon: 'eraser',
      order: 77,
      permission: 'privacy.erase',
      group: 'administration',
      hint: 'privacy.erasures.navHint',
    },
  ],
  fileUses: {
    consent: { label: 'privacy.files.consent', megabytes: 20, room: 'authority' },
    copy: { label: 'privacy.files.copy', megabytes: 500, room: 'authority' },
  },
  fileOwners: {
    [COPY_OWNER]: mayFetchCopy,
    // The scan of a paper: the person who signed it, and whoever keeps the register.
    [SCAN_OWNER]: async (actor, id) =>
      hasEverywhere(actor, 'privacy.consents') ||
      Boolean(actor.personId && (await db()('consents').where({ id, person_id: actor.personId }).first('id'))),
  },
}
