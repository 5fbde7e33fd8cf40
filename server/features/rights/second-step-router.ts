import { z } from 'zod'
import { whole } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { pagerLinks, pagingQuery } from '../../core/http/paging.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { hasEverywhere } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { fullName, pick } from '../../core/text.ts'
import { changeSetting } from '../settings/service.ts'
import { listRoles } from './queries.ts'
import { countLacking, listLacking } from './second-step-queries.ts'

const query = z.object({ ...pagingQuery })
const graceInput = z.object({ factorGraceDays: whole(0, 365) })

/** Who has to sign in by two steps and does not yet. */
export function secondStepRoutes(routes: Routes): void {
  routes.get('/rights/second-step', { access: mayEverywhere('rights.view'), query }, (context) => showLacking(context))
  routes.post(
    '/rights/second-step',
    {
      access: mayEverywhere('rights.edit'),
      body: graceInput,
      invalid: (context, form) => showLacking({ ...context, query: query.parse({}) }, form),
    },
    async ({ actor, body }) => {
      await changeSetting(actor, 'security', body, 'rights.edit')
      return redirect('/rights/second-step', 'rights.factor.saved')
    },
  )
}

async function showLacking(context: AnyContext & { query: z.infer<typeof query> }, typed?: Form): Promise<Reply> {
  const { actor, t, lang, query } = context
  const [roles, result, count] = [await listRoles(), await listLacking(query), await countLacking()]
  const demanding = roles.filter((role) => role.secondFactorSince !== null)
  const model = {
    roles: demanding.map((role) => ({ name: pick(role.name, lang), href: `/rights/roles/${role.id}` })),
    summary: t('rights.factor.lacking', { count }),
    form: typed ?? cleanForm({ ...(await setting('security')) }),
    canEdit: hasEverywhere(actor, 'rights.edit'),
    rows: result.rows.map((row) => ({
      name: fullName(row),
      href: `/people/${row.id}`,
      login: row.login,
      hasBegun: row.last_sign_in_at !== null,
    })),
    pager: pagerLinks('/rights/second-step', {}, result),
  }
  return page('rights/second-step', model, {
    title: t('rights.factor.title'),
    breadcrumbs: [{ href: '/rights', label: t('rights.matrix.title') }],
  })
}
