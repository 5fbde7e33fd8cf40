import { z } from 'zod'
import { id } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { loadActor } from '../../core/rights/actor.ts'
import { explain, explainableKinds } from '../../core/rights/explanations.ts'
import { knownPermissions } from '../../core/rights/permissions.ts'
import { setting } from '../../core/settings.ts'
import { pick } from '../../core/text.ts'
import { objectOf } from './explain-address.ts'
import { explainGrant, presentMatrix } from './presenter.ts'
import { listRolePermissions, listRoles, listScopeChoices, scopeNamesOf, selectPersonName } from './queries.ts'
import { roleRoutes } from './role-router.ts'
import { secondStepRoutes } from './second-step-router.ts'
import { grantInput, grantRole, revokeGrant } from './service.ts'

const idParams = z.object({ id: id() })
const grantParams = z.object({ id: id(), grantId: id() })
const explainQuery = z.object({
  person: z.string().trim().max(200).optional(),
  kind: z.string().max(32).optional(),
  object: z.string().trim().max(500).optional(),
})
const view = mayEverywhere('rights.view')
const edit = mayEverywhere('rights.edit')

export function rightsRoutes(routes: Routes): void {
  routes.get('/rights', { access: view }, async (context) => {
    const [roles, held] = await Promise.all([listRoles(), listRolePermissions()])
    const { t } = context
    return page('rights/matrix', presentMatrix(context, [...knownPermissions()], roles, held), {
      title: t('rights.matrix.title'),
      styles: ['rights.css'],
      actions: [
        { href: '/rights/second-step', label: t('rights.factor.open'), icon: 'fingerprint' },
        { href: '/rights/why', label: t('rights.explain.open'), icon: 'help' },
        { href: '/rights/roles/new', label: t('rights.role.create'), icon: 'plus', kind: 'primary' },
      ],
    })
  })

  roleRoutes(routes)
  secondStepRoutes(routes)
  routes.get('/rights/why', { access: view, query: explainQuery }, showExplanation)

  routes.get('/people/:id/grants/new', { access: edit, params: idParams }, (context) =>
    showGrant(context, cleanForm({ scope: 'authority:0' }), context.params.id),
  )
  routes.post(
    '/people/:id/grants',
    {
      access: edit,
      params: idParams,
      body: grantInput,
      invalid: (context, form) => showGrant(context, form, context.params.id),
    },
    async ({ actor, params, body }) => {
      await selectPersonName(params.id)
      await grantRole(actor, params.id, body)
      return redirect(`/people/${params.id}`, 'rights.flash.granted')
    },
  )
  routes.post(
    '/people/:id/grants/:grantId/revoke',
    { access: edit, params: grantParams },
    async ({ actor, params }) => {
      await revokeGrant(actor, params.id, params.grantId)
      return redirect(`/people/${params.id}`, 'rights.flash.revoked')
    },
  )
}

const crumbs = ({ t }: AnyContext) => [{ href: '/rights', label: t('rights.matrix.title') }]

async function showGrant(context: AnyContext, form: Form, personId: number): Promise<Reply> {
  const { t, lang } = context
  const person = await selectPersonName(personId)
  const [roles, choices] = await Promise.all([listRoles(), listScopeChoices(lang)])
  const model = {
    form,
    personId,
    roles: roles
      .filter((role) => !role.isImplicit)
      .map((role) => ({ value: String(role.id), label: pick(role.name, lang) })),
    // One list of named scopes: the kind is the group of each option.
    scopes: [
      { value: 'authority:0', label: t('rights.scope.authority') },
      ...choices.map(({ type, id, name }) => ({
        value: `${type}:${id}`,
        label: name,
        group: t(`rights.scope.${type}`),
      })),
    ],
  }
  return page('rights/grant', model, {
    title: t('rights.grant.title', { name: person }),
    breadcrumbs: [{ href: `/people/${personId}`, label: person }],
  })
}

/** "Why may this person see this?": for each action the role and the scope that allow it, or that nothing does. */
async function showExplanation(context: AnyContext & { query: z.infer<typeof explainQuery> }): Promise<Reply> {
  const { t, query } = context
  const kinds = explainableKinds().map((kind) => ({ value: kind, label: t(`rights.kind.${kind}`) }))
  const base = {
    person: query.person ?? '',
    kind: query.kind ?? '',
    object: query.object ?? '',
    kinds,
    problem: '',
    answer: null,
  }
  const show = (model: object) =>
    page('rights/why', { ...base, ...model }, { title: t('rights.explain.title'), breadcrumbs: crumbs(context) })
  if (!query.person || !query.object) return show({})
  const object = objectOf(query.object, query.kind)
  if (!object) return show({ problem: t('rights.explain.nothing') })
  const personId = Number(/#(\d+)\s*$/.exec(query.person)?.[1] ?? query.person)
  const actor = Number.isInteger(personId)
    ? await loadActor(personId, (await setting('authority')).timeZone)
    : undefined
  if (!actor) return show({ problem: t('rights.explain.nobody') })
  const explanation = await explain(object.kind, actor, object.id)
  if (!explanation) return show({ problem: t('rights.explain.nothing') })
  const roles = new Map((await listRoles()).map((role) => [role.id, role.name]))
  const scopes = await scopeNamesOf(explanation.actions.flatMap(({ grant }) => grant?.scope ?? []))
  const lines = explanation.actions.map(({ action, grant }) => ({
    action: t(`rights.action.${action}`),
    allowed: grant !== undefined,
    because: grant
      ? explainGrant(
          context,
          grant,
          roles.get(grant.roleId),
          scopes.get(`${grant.scope.type}:${grant.scope.id}`) ?? null,
        )
      : t('rights.explain.denied'),
    roleHref: grant && roles.has(grant.roleId) ? `/rights/roles/${grant.roleId}` : undefined,
  }))
  const kind = t(`rights.kind.${object.kind}`)
  const answer = {
    person: actor.fullName ?? actor.name,
    personHref: `/people/${personId}`,
    object: explanation.name,
    kind,
    lines,
  }
  return show({ kind: object.kind, answer })
}
