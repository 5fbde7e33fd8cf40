import { z } from 'zod'
import { NotFoundError } from '../../core/errors.ts'
import { fileUrl } from '../../core/files/index.ts'
import { page, redirect } from '../../core/http/reply.ts'
import { type AnyContext, type Routes, signedIn } from '../../core/http/route.ts'
import { personalTables } from '../../core/personal-data/declarations.ts'
import { Belongings, countHeld, type Row, readHeld } from '../../core/personal-data/rows.ts'
import { fullName } from '../../core/text.ts'
import { listCopies, orderCopy } from './copy-service.ts'
import { sayRows } from './held-presenter.ts'
import { listReads } from './reads-queries.ts'

const tableParams = z.object({ table: z.string().regex(/^[a-z_]{1,64}$/) })
/** More of one kind is in the file. */
const MOST_SHOWN = 200

/** What is held about oneself: a page, a file, and who has looked at it. Open to whoever has not agreed to anything. */
export function heldRoutes(routes: Routes): void {
  const access = { access: signedIn, beforeConsent: true, isOwn: true } as const
  routes.get('/my/data', access, async (context) => {
    const { actor, t, format } = context
    const personId = actor.personId as number
    const counts = await countHeld(new Belongings(personId))
    // That one has failed is of no interest once there is a newer one.
    const copies = (await listCopies(personId)).filter(({ state }, at) => state !== 'failed' || at === 0)
    const model = {
      sections: [...counts]
        .filter(([name]) => personalTables().get(name)?.shows?.length)
        .map(([name, count]) => ({
          title: t(`privacy.table.${name}`),
          count: format.number(count),
          href: `/my/data/${name}`,
        })),
      copies: copies.map((copy) => ({
        state: copy.state,
        made: format.human(copy.created_at),
        until: format.date(format.civil(copy.expires_at)),
        href: copy.state === 'ready' ? fileUrl(copy.file_id) : null,
      })),
      isWaiting: copies.some(({ state }) => state === 'waiting'),
    }
    return page('privacy/my-data', model, { title: t('privacy.data.title'), breadcrumbs: own(context) })
  })
  routes.post('/my/data/copies', access, async ({ actor }) => {
    await orderCopy(actor)
    return redirect('/my/data', 'privacy.data.ordered')
  })
  routes.get('/my/data/reads', access, async (context) => {
    const { actor, t, format } = context
    const rows = await listReads(actor.personId as number)
    const model = {
      rows: rows.map((row) => ({
        when: {
          iso: row.occurred_at.slice(0, 10),
          text: format.human(row.occurred_at),
          exact: format.dateTime(row.occurred_at),
        },
        who:
          row.last_name && row.first_name
            ? fullName({ lastName: row.last_name, firstName: row.first_name, middleName: row.middle_name })
            : t('privacy.reads.somebody'),
        what: row.what ? t(`audit.read.${row.what}`) : t('privacy.reads.erased'),
      })),
    }
    return page('privacy/reads', model, { title: t('privacy.reads.title'), breadcrumbs: own(context) })
  })
  routes.get('/my/data/:table', { ...access, params: tableParams }, async (context) => {
    const { actor, params, t } = context
    const declared = personalTables().get(params.table)
    if (!declared?.about || !declared.shows?.length) throw new NotFoundError()
    const rows: Row[] = []
    for await (const piece of readHeld(new Belongings(actor.personId as number), params.table)) {
      rows.push(...piece)
      if (rows.length > MOST_SHOWN) break
    }
    const model = {
      rows: await sayRows(context, params.table, rows.slice(-MOST_SHOWN)),
      isMore: rows.length > MOST_SHOWN,
    }
    return page('privacy/held', model, {
      title: t(`privacy.table.${params.table}`),
      breadcrumbs: [...own(context), { href: '/my/data', label: t('privacy.data.title') }],
    })
  })
}

const own = ({ t }: AnyContext) => [{ href: '/profile', label: t('accounts.profile.title') }]
