import { noteRead } from '../../core/audit/reads.ts'
import { exportFormat, sendTable } from '../../core/export/index.ts'
import { limitOf } from '../../core/files/uses.ts'
import { cleanForm, type Form } from '../../core/http/forms.ts'
import { pagerLinks, queryString } from '../../core/http/paging.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { fullName, pick } from '../../core/text.ts'
import { selectPerson } from '../people/queries.ts'
import { presentAnswers, presentRegisterRow, registerCells } from './consent-presenter.ts'
import { exportRegister, latestAnswers, listAnswers, listRegister } from './consent-queries.ts'
import { recordPaper } from './consent-service.ts'
import {
  ACTIONS,
  idParams,
  paperInput,
  type RegisterFilter,
  type RegisterQuery,
  registerFilter,
  registerQuery,
  SOURCES,
} from './input.ts'
import { listAsked, listPurposes } from './purpose-queries.ts'

const access = mayEverywhere('privacy.consents')
const COLUMNS = ['person', 'purpose', 'version', 'answer', 'when', 'source', 'from', 'note'] as const

/** The register of consents, and what people have signed on paper. */
export function registerRoutes(routes: Routes): void {
  routes.get('/consents/register', { access, query: registerQuery }, showRegister)
  routes.get('/consents/register/export', { access, query: registerFilter }, async (context) => {
    const { actor, query, req, t, zone } = context
    await noteRead(actor, 'consents', { type: 'list', id: 0 }, null, { filter: kept(query) })
    const rows = async function* () {
      for await (const piece of exportRegister(query, zone)) for (const row of piece) yield registerCells(context, row)
    }
    return sendTable(exportFormat(req.query.format), {
      fileName: t('privacy.register.fileName'),
      title: t('privacy.register.title'),
      columns: COLUMNS.map((name) => t(`privacy.column.${name}`)),
      rows: rows(),
    })
  })

  routes.get('/people/:id/consents', { access, params: idParams }, (context) => showPerson(context, cleanForm()))
  routes.post(
    '/people/:id/consents',
    {
      access,
      params: idParams,
      upload: { field: 'scan', use: 'consent' },
      body: paperInput,
      once: true,
      invalid: showPerson,
    },
    async ({ actor, params, body, file }) => {
      await recordPaper(actor, params.id, body, file)
      return redirect(`/people/${params.id}/consents`, 'privacy.paper.saved')
    },
  )
}

const kept = (filter: RegisterFilter) =>
  Object.fromEntries(
    Object.entries(filter).filter(([, value]) => value !== undefined && value !== null && value !== false),
  )

async function showRegister(context: AnyContext & { query: RegisterQuery }): Promise<Reply> {
  const { query, t, lang, zone } = context
  const { after, before, ...filter } = query
  const [result, purposes] = [await listRegister(query, zone), await listPurposes()]
  const words = (name: string, values: readonly string[]) =>
    values.map((value) => ({ value, label: t(`privacy.${name}.${value}`) }))
  const shown = { ...kept(filter), history: filter.history ? '1' : undefined }
  const model = {
    filter,
    active: Object.keys(kept(filter)).length,
    purposes: purposes
      .filter(({ text_id }) => text_id !== null)
      .map(({ id, title }) => ({ value: String(id), label: pick(title, lang) })),
    actions: words('action', ACTIONS),
    sources: words('source', SOURCES),
    rows: result.rows.map((row) => presentRegisterRow(context, row)),
    pager: pagerLinks('/consents/register', shown, result),
    exportHref: `/consents/register/export?${queryString(shown)}`,
  }
  return page('privacy/register', model, { title: t('privacy.register.title') })
}

async function showPerson(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params, t, lang } = context
  const person = await selectPerson(actor, params.id)
  const [asked, latest, history] = [await listAsked(), await latestAnswers(person.id), await listAnswers(person.id)]
  await noteRead(actor, 'consents', { type: 'person', id: person.id }, person.id)
  const { rows, history: answers } = presentAnswers(context, asked, latest, history)
  const model = {
    form,
    rows,
    history: answers,
    scanMegabytes: limitOf('consent'),
    action: `/people/${person.id}/consents`,
    texts: asked.map(({ text_id, title }) => ({ value: String(text_id), label: pick(title, lang) })),
  }
  return page('privacy/person-consents', model, {
    title: t('privacy.person.title'),
    subtitle: fullName(person),
    breadcrumbs: [
      { href: '/people', label: t('people.list.title') },
      { href: `/people/${person.id}`, label: fullName(person) },
    ],
  })
}
