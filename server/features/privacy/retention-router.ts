import { z } from 'zod'
import { NotFoundError } from '../../core/errors.ts'
import { allKeepings, type Keeping, keptDays } from '../../core/housekeeping/index.ts'
import { optionalWhole } from '../../core/http/fields.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { setting } from '../../core/settings.ts'
import { daysAgo } from '../../core/time.ts'
import { changeSetting } from '../settings/service.ts'

const access = mayEverywhere('privacy.retention')
const nameParams = z.object({ name: z.string().regex(/^[a-z_]{1,32}$/) })
const MOST_DAYS = 36_500
const daysQuery = z.object({ days: optionalWhole(1, MOST_DAYS) })
const daysInput = z.object({ days: optionalWhole(1, MOST_DAYS) })
const MOST_LISTED = 100

/** How long things are kept: first it is shown what would go, then the period is set. */
export function retentionRoutes(routes: Routes): void {
  routes.get('/retention', { access }, async (context) => {
    const { t } = context
    const rows = []
    for (const keeping of allKeepings()) {
      const days = keptDays(keeping)
      rows.push({
        href: `/retention/${keeping.name}`,
        title: t(`privacy.kept.${keeping.name}.title`),
        what: t(`privacy.kept.${keeping.name}.what`),
        period: sayDays(context, days),
        tonight: days === null ? '' : sayCount(context, await keeping.count(daysAgo(days))),
      })
    }
    return page('privacy/retention', { rows }, { title: t('privacy.retention.title') })
  })
  routes.get('/retention/:name', { access, params: nameParams, query: daysQuery }, (context) => {
    const keeping = keepingOf(context.params.name)
    return showKeeping(context, cleanForm({ days: context.query.days ?? keptDays(keeping) ?? '' }))
  })
  routes.post(
    '/retention/:name',
    { access, params: nameParams, body: daysInput, invalid: (context, form) => showKeeping(context, form) },
    async (context) => {
      const { actor, params, body } = context
      const keeping = keepingOf(params.name)
      if (body.days !== null && body.days < keeping.least)
        return showKeeping(context, refused(context, body.days, keeping.least))
      await changeSetting(
        actor,
        'retention',
        { ...(await setting('retention')), [keeping.name]: body.days },
        'privacy.retention',
      )
      return redirect('/retention', 'privacy.retention.saved')
    },
  )
}

function keepingOf(name: string): Keeping {
  const keeping = allKeepings().find((one) => one.name === name)
  if (!keeping) throw new NotFoundError()
  return keeping
}

function refused({ t }: AnyContext, days: number, least: number): Form {
  const message = t('privacy.retention.tooFew', { count: least })
  return { values: { days }, errors: { days: message }, summary: [{ field: 'days', message }] }
}

const sayDays = ({ t }: AnyContext, days: number | null): string =>
  days === null ? t('privacy.retention.forever') : t('privacy.retention.days', { count: days })

/** Counts end at a thousand. */
const sayCount = ({ t, format }: AnyContext, count: number): string =>
  count >= 1000 ? t('ui.count.over', { count: 1000 }) : format.number(count)

async function showKeeping(context: AnyContext, form: Form): Promise<Reply> {
  const { params, t } = context
  const keeping = keepingOf(params.name)
  const days = Number(form.values.days) || null
  const isShown = days !== null && days >= keeping.least && days <= MOST_DAYS
  const before = daysAgo(isShown ? days : 1)
  const model = {
    form,
    name: keeping.name,
    what: t(`privacy.kept.${keeping.name}.what`),
    current: sayDays(context, keptDays(keeping)),
    usual: sayDays(context, keeping.days),
    least: keeping.least,
    preview: isShown ? { days: sayDays(context, days), count: sayCount(context, await keeping.count(before)) } : null,
    people: isShown
      ? ((await keeping.list?.(before, MOST_LISTED)) ?? []).map(({ id, name }) => ({ name, href: `/people/${id}` }))
      : [],
    isListed: keeping.list !== undefined,
  }
  const options = {
    title: t(`privacy.kept.${keeping.name}.title`),
    breadcrumbs: [{ href: '/retention', label: t('privacy.retention.title') }],
    status: form.summary.length ? 422 : 200,
  }
  return page('privacy/keeping', model, options)
}
