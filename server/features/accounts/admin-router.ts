import { z } from 'zod'
import { InputError } from '../../core/errors.ts'
import { checkbox, id, list } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { fullName } from '../../core/text.ts'
import { utcToLocal } from '../../core/time.ts'
import { listOrganisationChoices } from '../organisations/queries.ts'
import { narrowing } from '../people/filters/queries.ts'
import { type Criteria, criteria } from '../people/input.ts'
import { listPeopleIds } from '../people/queries.ts'
import { inviteByMail, makeResetSlip, makeSlips, setAccountState } from './account-service.ts'
import { decideClaim, listClaims } from './claim-service.ts'
import { listLinks, listPending } from './queries.ts'
import {
  createRegistrationLink,
  decideRegistrations,
  linkInput,
  revokeRegistrationLink,
} from './registration-service.ts'
import { slipsPage } from './slips-page.ts'

const idParams = z.object({ id: id() })
const MOST_AT_ONCE = 2000
/** Those who are ticked, or everybody who matches the conditions of the list. */
const peopleBody = z.object({ people: list(id(), MOST_AT_ONCE), everyone: checkbox() })
const decideBody = z.object({ people: list(id(), 500), decision: z.enum(['approve', 'decline']) })
const claimBody = z.object({ decision: z.enum(['confirm', 'decline']) })
const stateBody = z.object({ state: z.enum(['active', 'blocked']) })
const accountsEdit = mayEverywhere('accounts.edit')

/** Access of people as administrators manage it, and claims as directors confirm them. */
export function accountAdminRoutes(routes: Routes): void {
  routes.post('/accounts/invite', { access: accountsEdit, query: criteria, body: peopleBody }, async (context) => {
    const { actor, t } = context
    const result = await inviteByMail(actor, await chosen(context))
    return page('accounts/invited', result, { title: t('accounts.invite.done'), breadcrumbs: peopleCrumb(context) })
  })
  routes.post('/accounts/slips', { access: accountsEdit, query: criteria, body: peopleBody }, async (context) =>
    slipsPage(context.t, await makeSlips(context.actor, await chosen(context))),
  )
  routes.post('/accounts/:id/code', { access: accountsEdit, params: idParams }, async ({ actor, params, t }) =>
    slipsPage(t, [await makeResetSlip(actor, params.id)], { kind: 'reset', backUrl: `/people/${params.id}` }),
  )
  routes.post(
    '/accounts/:id/state',
    { access: accountsEdit, params: idParams, body: stateBody },
    async ({ actor, params, body }) => {
      await setAccountState(actor, params.id, body.state)
      return redirect(`/people/${params.id}`, `accounts.flash.${body.state}`)
    },
  )

  routes.get('/registrations', { access: may('accounts.edit', 'employments.confirm') }, (context) =>
    showRegistrations(context, cleanForm({})),
  )
  routes.post('/registrations', { access: accountsEdit, body: decideBody }, async ({ actor, body }) => {
    const count = await decideRegistrations(actor, body.people, body.decision)
    return redirect('/registrations', { kind: 'success', key: `accounts.flash.${body.decision}`, values: { count } })
  })
  routes.post(
    '/registrations/links',
    { access: accountsEdit, body: linkInput, invalid: showRegistrations },
    async (context) => {
      const address = await createRegistrationLink(context.actor, context.body)
      return showRegistrations(context, cleanForm({}), address)
    },
  )
  routes.post(
    '/registrations/links/:id/revoke',
    { access: accountsEdit, params: idParams },
    async ({ actor, params }) => {
      await revokeRegistrationLink(actor, params.id)
      return redirect('/registrations', 'accounts.flash.linkRevoked')
    },
  )
  routes.post(
    '/claims/:id',
    { access: may('employments.confirm'), params: idParams, body: claimBody },
    async ({ actor, params, body }) => {
      await decideClaim(actor, params.id, body.decision)
      return redirect('/registrations', `accounts.flash.claim.${body.decision}`)
    },
  )
}

type Chosen = { actor: Actor; query: Criteria; body: z.infer<typeof peopleBody> }

/** @throws InputError if more match than can be helped at once */
async function chosen({ actor, query, body }: Chosen): Promise<number[]> {
  if (!body.everyone) return body.people
  const ids = await listPeopleIds(actor, await narrowing(actor, query), MOST_AT_ONCE + 1)
  if (ids.length > MOST_AT_ONCE) throw InputError.of('', 'accounts.invite.tooMany', { limit: MOST_AT_ONCE })
  return ids
}

const peopleCrumb = ({ t }: AnyContext) => [{ href: '/people', label: t('people.list.title') }]

/** Newcomers who wait, places of work that are claimed, and invitation links. A director sees the claims alone. */
async function showRegistrations(context: AnyContext, form: Form, newLink = ''): Promise<Reply> {
  const { actor, t, format } = context
  const isAdmin = hasEverywhere(actor, 'accounts.edit')
  const claims = await listClaims(actor)
  const { timeZone } = await setting('authority')
  const [pending, links, organisations] = isAdmin
    ? await Promise.all([listPending(), listLinks(), listOrganisationChoices(actor)])
    : [[], [], []]
  const model = {
    isAdmin,
    form,
    newLink,
    pending: pending.map((row) => ({
      id: row.id,
      name: fullName(row),
      href: `/people/${row.id}`,
      email: row.email,
      at: format.human(row.created_at),
    })),
    claims: claims.map((row) => ({
      id: row.id,
      name: fullName(row),
      email: row.email,
      organisation: row.organisation,
      position: row.position,
    })),
    links: links.map((row) => ({
      id: row.id,
      note: row.note,
      organisation: row.organisation,
      uses: row.max_uses ? t('accounts.links.usesOf', { uses: row.uses, max: row.max_uses }) : String(row.uses),
      until: row.expires_at ? format.shortDate(utcToLocal(row.expires_at, timeZone).slice(0, 10)) : '',
      isRevoked: row.revoked_at !== null,
    })),
    organisations: organisations.map((row) => ({ value: String(row.id), label: row.short_name })),
  }
  return page('accounts/registrations', model, {
    title: t(isAdmin ? 'accounts.registrations.title' : 'accounts.claims.title'),
  })
}
