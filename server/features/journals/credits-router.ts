import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { today } from '../../core/time.ts'
import { presentCredits } from './credits-presenter.ts'
import { setCredits } from './credits-service.ts'
import { creditsInput, groupParams } from './input.ts'
import { journalUrl, presentHead } from './presenter.ts'
import { selectGroup } from './queries.ts'
import { loadRegister } from './register.ts'

/** Credits of a group's learners: what the rule suggests, confirmed by a person for one or for many. */
export function creditRoutes(routes: Routes): void {
  const path = '/journals/:groupId/credits'
  routes.get(path, { access: may('journals.view', 'journals.edit'), params: groupParams }, (context) =>
    showCredits(context, cleanForm({ on: today(context.zone) })),
  )
  routes.post(
    path,
    { access: may('journals.credit'), params: groupParams, body: creditsInput, invalid: showCredits },
    async ({ actor, params, body }) => {
      const count = await setCredits(actor, params.groupId, body)
      return redirect(journalUrl(params.groupId, '/credits'), {
        kind: 'success',
        key: `journals.credits.done.${body.state}`,
        values: { count },
      })
    },
  )
}

async function showCredits(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params, lang, zone, t } = context
  const reader = { lang, zone, t }
  const group = await selectGroup(actor, params.groupId)
  const register = await loadRegister(group)
  const head = presentHead(actor, group, reader, 'credits')
  const model = presentCredits(group, register, head.can.credit && !group.isClosed, reader)
  return page('journals/credits', { head, form, ...model }, { ...head, styles: ['journal.css'] })
}
