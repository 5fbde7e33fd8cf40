import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { hasAnywhere } from '../../core/rights/index.ts'
import { pick } from '../../core/text.ts'
import { belowCohort, cohortOptions } from './frame.ts'
import { presentGroup, presentGroups } from './group-presenter.ts'
import { listGroups, listInstructors, listMembers, listModules, selectGroup } from './group-queries.ts'
import { archiveGroup, createGroup, restoreGroup, updateGroup } from './group-service.ts'
import {
  archiveInput,
  groupInput,
  groupParams,
  groupUpdate,
  idParams,
  instructorInput,
  instructorRemoval,
} from './input.ts'
import { addInstructors, removeInstructor } from './instructor-service.ts'
import { selectCohort } from './queries.ts'

const view = may('cohorts.view')
const edit = may('cohorts.edit')

/** Groups of a cohort and who teaches them. */
export function groupRoutes(routes: Routes): void {
  routes.get('/cohorts/:id/groups', { access: view, params: idParams }, (context) => showGroups(context, cleanForm()))

  routes.post(
    '/cohorts/:id/groups',
    { access: edit, params: idParams, body: groupInput, invalid: showGroups },
    async ({ actor, params, body }) => {
      const count = await createGroup(actor, params.id, body)
      return redirect(`/cohorts/${params.id}/groups`, {
        kind: 'success',
        key: 'cohorts.flash.groupCreated',
        values: { count },
      })
    },
  )

  routes.get('/cohorts/:id/groups/:groupId', { access: view, params: groupParams }, (context) => showGroup(context))

  routes.post(
    '/cohorts/:id/groups/:groupId',
    {
      access: edit,
      params: groupParams,
      body: groupUpdate,
      invalid: showGroup,
      stale: async (context, form) => {
        const { id, groupId } = context.params
        const { name, capacity, version } = await selectGroup(context.actor, id, groupId)
        return showGroup(context, formOverNewer(form, { name, capacity, version }))
      },
    },
    async ({ actor, params, body }) => {
      await updateGroup(actor, params.id, params.groupId, body)
      return redirect(hrefOf(params), 'cohorts.flash.groupChanged')
    },
  )

  routes.post(
    '/cohorts/:id/groups/:groupId/archive',
    { access: edit, params: groupParams, body: archiveInput, invalid: showGroup },
    async ({ actor, params, body }) => {
      if (body.archived) await archiveGroup(actor, params.id, params.groupId, body.version)
      else await restoreGroup(actor, params.id, params.groupId, body.version)
      return redirect(hrefOf(params), body.archived ? 'cohorts.flash.groupArchived' : 'cohorts.flash.groupRestored')
    },
  )

  routes.post(
    '/cohorts/:id/groups/:groupId/instructors',
    { access: edit, params: groupParams, body: instructorInput, invalid: showAppointing },
    async ({ actor, params, body }) => {
      const { people, added } = await addInstructors(actor, params.id, params.groupId, body.people, body.inWholeModule)
      const [key, count] = people > 1 ? ['instructorsAdded', people] : ['instructorAdded', added]
      return redirect(hrefOf(params), { kind: 'success', key: `cohorts.flash.${key}`, values: { count } })
    },
  )

  routes.post(
    '/cohorts/:id/groups/:groupId/instructors/remove',
    { access: edit, params: groupParams, body: instructorRemoval },
    async ({ actor, params, body }) => {
      await removeInstructor(actor, params.id, params.groupId, body.personId)
      return redirect(hrefOf(params), 'cohorts.flash.instructorRemoved')
    },
  )
}

/** The group with what was typed of its instructors; its own data are as they are. */
async function showAppointing(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params } = context
  const { name, capacity } = await selectGroup(actor, params.id, params.groupId)
  return showGroup(context, { ...form, values: { name, capacity, ...form.values } })
}

const hrefOf = (params: { id: number; groupId: number }) => `/cohorts/${params.id}/groups/${params.groupId}`

async function showGroups(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params } = context
  const cohort = await selectCohort(actor, params.id)
  const groups = await listGroups(actor, cohort.id)
  const [instructors, modules] = await Promise.all([
    listInstructors(groups.map((group) => group.id)),
    listModules(cohort.programme_id),
  ])
  const model = presentGroups(context, cohort, groups, instructors, modules, form)
  return page('cohorts/groups', model, cohortOptions(context, cohort))
}

async function showGroup(context: AnyContext, form?: Form): Promise<Reply> {
  const { actor, params, lang, t } = context
  const cohort = await selectCohort(actor, params.id)
  const group = await selectGroup(actor, cohort.id, params.groupId)
  const [instructors, members] = await Promise.all([listInstructors([group.id]), listMembers(group.id)])
  const shown = form ?? cleanForm({ name: group.name, capacity: group.capacity })
  const model = presentGroup(context, cohort, group, instructors, members, shown)
  const subtitle = pick(group.moduleTitle, lang)
  const journal = { href: `/journals/${group.id}`, label: t('cohorts.group.journal'), icon: 'notebook' }
  const actions = hasAnywhere(actor, 'journals.view') ? [journal] : []
  return page('cohorts/group', model, belowCohort(context, cohort, 'groups', group.name, { subtitle, actions }))
}
