import { z } from 'zod'
import { checkbox, line } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { type Effect, previewErasure } from '../../core/personal-data/erase.ts'
import { neutralText } from '../../core/personal-data/neutral.ts'
import { fullName } from '../../core/text.ts'
import { demandErasable, type Erasure, listErasures, orderErasure, selectErasure } from './erasure-service.ts'
import { idParams } from './input.ts'

const access = mayEverywhere('privacy.erase')
const reasonQuery = z.object({ reason: z.string().trim().max(500).optional() })
const orderInput = z.object({
  reason: line(500),
  surname: line(100),
  sure: checkbox().refine((ticked) => ticked, 'privacy.erasure.notSure'),
})

/** Erasing a person: what goes and what stays, asked twice, and the act of it. */
export function erasureRoutes(routes: Routes): void {
  routes.get('/people/:id/erasure', { access, params: idParams }, showPreview)
  routes.get('/people/:id/erasure/confirm', { access, params: idParams, query: reasonQuery }, (context) =>
    showConfirm(context, cleanForm({ reason: context.query.reason ?? '' })),
  )
  routes.post(
    '/people/:id/erasure',
    { access, params: idParams, body: orderInput, invalid: showConfirm },
    async ({ actor, params, body }) => redirect(`/erasures/${await orderErasure(actor, params.id, body)}`),
  )
  routes.get('/erasures', { access }, async (context) => {
    const rows = (await listErasures()).map((act) => presentAct(context, act))
    return page('privacy/erasures', { rows }, { title: context.t('privacy.erasures.title') })
  })
  routes.get('/erasures/:id', { access, params: idParams }, async (context) => {
    const { t, params } = context
    const act = presentAct(context, await selectErasure(params.id))
    return page('privacy/erasure-act', act, {
      title: t('privacy.erasures.act', { number: params.id }),
      breadcrumbs: [{ href: '/erasures', label: t('privacy.erasures.title') }],
    })
  })
}

const crumbs = ({ t, params }: AnyContext, name: string) => [
  { href: '/people', label: t('people.list.title') },
  { href: `/people/${params.id}`, label: name },
]

const presentEffect = ({ t, format }: AnyContext, effect: Effect) => ({
  table: t(`privacy.table.${effect.table}`),
  rows: format.number(effect.rows),
  cleared: effect.cleared.map((column) => t(`privacy.field.${column}`)).join(', '),
  hold: effect.hold ? t(`privacy.hold.${effect.hold}`) : '',
})

async function showPreview(context: AnyContext): Promise<Reply> {
  const { actor, params, t } = context
  const person = await demandErasable(actor, params.id)
  const effects = await previewErasure(person.id)
  const model = {
    goes: effects.filter(({ goes }) => goes).map((effect) => presentEffect(context, effect)),
    stays: effects.filter(({ goes }) => !goes).map((effect) => presentEffect(context, effect)),
    neutral: neutralText(person.id),
    confirmHref: `/people/${person.id}/erasure/confirm`,
    backHref: `/people/${person.id}`,
  }
  return page('privacy/erasure-preview', model, {
    title: t('privacy.erasure.title'),
    subtitle: fullName(person),
    breadcrumbs: crumbs(context, fullName(person)),
  })
}

async function showConfirm(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params, t } = context
  const person = await demandErasable(actor, params.id)
  const name = fullName(person)
  const model = { form, name, action: `/people/${person.id}/erasure`, backHref: `/people/${person.id}/erasure` }
  return page('privacy/erasure-confirm', model, {
    title: t('privacy.erasure.confirmTitle'),
    subtitle: name,
    breadcrumbs: crumbs(context, name),
  })
}

const BADGES = { waiting: 'info', done: 'success', failed: 'danger' } as const

function presentAct({ t, format }: AnyContext, act: Erasure) {
  const { error, ...counts } = act.counts
  return {
    href: `/erasures/${act.id}`,
    number: act.id,
    who: neutralText(act.person_id),
    isWaiting: act.state === 'waiting',
    badge: { kind: BADGES[act.state], text: t(`privacy.erasures.state.${act.state}`) },
    reason: act.reason,
    ordered: {
      iso: act.ordered_at.slice(0, 10),
      text: format.human(act.ordered_at),
      exact: format.dateTime(act.ordered_at),
    },
    done: act.done_at ? format.dateTime(act.done_at) : '',
    failure: typeof error === 'string' ? t(error) : '',
    counts: Object.entries(counts)
      .filter(([, count]) => Number(count) > 0)
      .map(([table, count]) => ({ table: t(`privacy.table.${table}`), count: format.number(Number(count)) })),
  }
}
