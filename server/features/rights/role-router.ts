import { z } from 'zod'
import { id } from '../../core/http/fields.ts'
import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { knownPermissions } from '../../core/rights/permissions.ts'
import { fullName, pick } from '../../core/text.ts'
import { presentGrants } from './presenter.ts'
import { listHolders, listRolePermissions, selectRole } from './queries.ts'
import { createRole, deleteRole, roleInput, roleUpdate, updateRole } from './role-service.ts'
import { GRANTABLE } from './service.ts'

/** The page shows whom it was given last; all of them are found by a filter over people. */
const MOST_HOLDERS = 50
const params = z.object({ id: id() })
const view = mayEverywhere('rights.view')
const edit = mayEverywhere('rights.edit')

/** Roles: new ones, what they may do, where they can be given, and whether they demand the second step. */
export function roleRoutes(routes: Routes): void {
  routes.get('/rights/roles/new', { access: edit }, (context) =>
    showNewRole(context, cleanForm({ permissions: [], scopeTypes: [] })),
  )
  routes.post(
    '/rights/roles',
    { access: edit, body: roleInput, once: true, invalid: showNewRole },
    async ({ actor, body }) => {
      const roleId = await createRole(actor, body)
      return redirect(`/rights/roles/${roleId}`, 'rights.flash.roleCreated')
    },
  )
  routes.get('/rights/roles/:id', { access: view, params }, (context) => showRole(context))
  routes.post(
    '/rights/roles/:id',
    {
      access: edit,
      params,
      body: roleUpdate,
      invalid: showRole,
      stale: async (context, form) => showRole(context, formOverNewer(form, await roleValues(context.params.id))),
    },
    async ({ actor, params, body }) => {
      await updateRole(actor, params.id, body)
      return redirect(`/rights/roles/${params.id}`, 'rights.flash.roleChanged')
    },
  )
  routes.post('/rights/roles/:id/delete', { access: edit, params }, async ({ actor, params }) => {
    await deleteRole(actor, params.id)
    return redirect('/rights', 'rights.flash.roleDeleted')
  })
}

const permissionOptions = ({ t }: AnyContext) =>
  knownPermissions().map((permission) => ({ value: permission, label: t(`rights.permission.${permission}`) }))
const scopeOptions = ({ t }: AnyContext) => GRANTABLE.map((type) => ({ value: type, label: t(`rights.scope.${type}`) }))
const crumbs = ({ t }: AnyContext) => [{ href: '/rights', label: t('rights.matrix.title') }]

async function roleValues(roleId: number): Promise<Form['values']> {
  const { version, name, scopeTypes, secondFactorSince } = await selectRole(roleId)
  const held = (await listRolePermissions()).filter((entry) => entry.role_id === roleId)
  return {
    name,
    scopeTypes,
    permissions: held.map((entry) => entry.permission),
    secondFactor: secondFactorSince !== null,
    version,
  }
}

/** A role with its form, as it is or with what was ticked. */
async function showRole(context: AnyContext, typed?: Form): Promise<Reply> {
  const { t, lang, params } = context
  const role = await selectRole(params.id)
  const isReadyMade = role.isSystem || role.isImplicit
  const holders = await listHolders(role.id, MOST_HOLDERS)
  const lines = presentGrants(context, holders)
  const model = {
    role: { id: role.id, people: role.people, isImplicit: role.isImplicit, isReadyMade },
    form: typed ?? cleanForm(await roleValues(role.id)),
    scopeNames: role.scopeTypes.map((type) => t(`rights.scope.${type}`)).join(', '),
    scopes: scopeOptions(context),
    permissions: permissionOptions(context),
    canDelete: !isReadyMade && role.people === 0,
    holders: holders.map((row, at) => ({
      ...lines[at],
      person: fullName(row),
      href: `/people/${row.person_id}`,
    })),
    hasMore: holders.length === MOST_HOLDERS,
  }
  return page('rights/role', model, { title: pick(role.name, lang), breadcrumbs: crumbs(context) })
}

function showNewRole(context: AnyContext, form: Form): Reply {
  const model = { form, permissions: permissionOptions(context), scopes: scopeOptions(context) }
  return page('rights/new-role', model, { title: context.t('rights.role.titleNew'), breadcrumbs: crumbs(context) })
}
