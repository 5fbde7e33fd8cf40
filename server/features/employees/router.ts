import { noteRead } from '../../core/audit/reads.ts'
import { exportFormat, sendTable } from '../../core/export/index.ts'
import { page, type Reply } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { nowUtc } from '../../core/time.ts'
import { listComingLessons } from '../home/queries.ts'
import { readerOf } from '../tracking/load.ts'
import { listMilestonesOf } from '../tracking/milestone-queries.ts'
import { idParams, listQuery } from './input.ts'
import { listHistory, listModules, listRoute, selectEmployee } from './person-queries.ts'
import { shownOf } from './policy.ts'
import { presentHead, presentHistory, presentPerson, presentPersonTabs } from './present-person.ts'
import { presentAlert } from './present-row.ts'
import {
  ATTENTION_SHOWN,
  conditionsOf,
  firstWeek,
  presentExport,
  presentList,
  presentSentence,
  presentTabs,
  presentTrend,
} from './presenter.ts'
import {
  countEmployees,
  countLearning,
  findAttention,
  findEmployees,
  listAllEmployees,
  listCohortChoices,
  listOrganisationChoices,
  listWeeks,
  selectRows,
} from './queries.ts'

const view = may('employees.view')
const TREND_WEEKS = 16
const MOST_EXPORTED = 20_000
const MOST_PRINTED = 1000
const DATES_SHOWN = 5

export function employeeRoutes(routes: Routes): void {
  routes.get('/employees', { access: view, query: listQuery }, async (context) => {
    const { actor, query, t } = context
    const reader = readerOf(context)
    const date = reader.today
    const counts = await countLearning(actor, date)
    const isFirstLook = conditionsOf(query) === 0 && !query.after && !query.before
    const attention = isFirstLook ? await findAttention(actor, date, ATTENTION_SHOWN + 1) : []
    const found = await findEmployees(actor, query, date)
    const foundIds = found.rows.map((row) => row.id)
    const rows = new Map(
      (await selectRows(actor, [...new Set([...attention, ...foundIds])], date)).map((row) => [row.id, row]),
    )
    const rowsOf = (ids: number[]) => ids.flatMap((id) => rows.get(id) ?? [])
    const parts = {
      ...{ counts, found, attention: rowsOf(attention), rows: rowsOf(foundIds) },
      total: conditionsOf(query) ? await countEmployees(actor, query, date) : { count: counts.rows, capped: false },
      cohorts: await listCohortChoices(actor, date),
      organisations: await listOrganisationChoices(actor, date),
    }
    return page('employees/list', presentList(reader, parts, query), {
      title: t('employees.title'),
      styles: ['employees.css'],
    })
  })

  routes.get('/employees/export', { access: view, query: listQuery }, async (context) => {
    const { actor, query, req, t } = context
    const reader = readerOf(context)
    const rows = await listAllEmployees(actor, query, reader.today, MOST_EXPORTED)
    await noteRead(actor, 'employees', { type: 'list', id: 0 }, null, { filter: query, count: rows.length })
    const table = presentExport(reader, rows)
    const fileName = `${t('employees.title')} ${reader.today}`
    return sendTable(exportFormat(req.query.format), { fileName, title: t('employees.title'), ...table })
  })

  routes.get('/employees/print', { access: view, query: listQuery }, async (context) => {
    const { actor, query, t, format } = context
    const reader = readerOf(context)
    const counts = await countLearning(actor, reader.today)
    const rows = await listAllEmployees(actor, query, reader.today, MOST_PRINTED)
    await noteRead(actor, 'employees', { type: 'list', id: 0 }, null, { filter: query, count: rows.length })
    const model = { sentence: presentSentence(reader, counts), rows: rows.map((row) => presentAlert(reader, row)) }
    return page('employees/print-list', model, {
      title: t('employees.print.title'),
      layout: 'print',
      landscape: true,
      backUrl: '/employees',
      printedAt: t('employees.print.printedAt', { date: format.date(reader.today) }),
      styles: ['employees-print.css'],
    })
  })

  routes.get('/employees/trend', { access: view }, async (context) => {
    const { actor, t } = context
    const reader = readerOf(context)
    const since = firstWeek(reader.today, TREND_WEEKS)
    const counts = await countLearning(actor, reader.today)
    const trend = presentTrend(reader, await listWeeks(actor, reader.today, since), since)
    return page(
      'employees/trend',
      { tabs: presentTabs(reader, 'trend'), sentence: presentSentence(reader, counts), trend },
      {
        title: t('employees.title'),
        styles: ['employees.css'],
      },
    )
  })

  routes.get('/employees/:id', { access: view, params: idParams }, (context) => showPerson(context, 'page'))
  routes.get('/employees/:id/print', { access: view, params: idParams }, (context) => showPerson(context, 'sheet'))

  routes.get('/employees/:id/progress', { access: view, params: idParams }, async (context) => {
    const { actor, params, t } = context
    const reader = readerOf(context)
    const { employee } = await selectEmployee(actor, params.id, reader.today)
    await noteRead(actor, 'employee', { type: 'enrolment', id: employee.id }, employee.person_id)
    const since = firstWeek(reader.today, TREND_WEEKS)
    const trend = presentTrend(reader, await listWeeks(actor, reader.today, since, employee.id), since)
    const head = presentHead(reader, employee)
    const history = presentHistory(reader, await listHistory(employee, shownOf(actor, employee)))
    return page(
      'employees/progress',
      { head, tabs: presentPersonTabs(reader, employee.id, 'progress'), trend, history },
      {
        title: head.name,
        subtitle: head.work,
        breadcrumbs: [{ href: '/employees', label: t('employees.title') }],
        styles: ['employees.css'],
      },
    )
  })
}

/** One employee: route, attendance, credits, milestones, dates; on the screen or as a sheet of paper. */
async function showPerson(context: AnyContext, form: 'page' | 'sheet'): Promise<Reply> {
  const { actor, params, t, format } = context
  const reader = readerOf(context)
  const { employee, others } = await selectEmployee(actor, params.id, reader.today)
  await noteRead(actor, 'employee', { type: 'enrolment', id: employee.id }, employee.person_id)
  const shown = shownOf(actor, employee)
  const parts = {
    employee,
    others,
    shown,
    modules: await listModules(employee, shown),
    route: await listRoute(employee, shown),
    milestones: await listMilestonesOf(employee.id, employee.programme_id, employee.starts_on),
    lessons: await listComingLessons(employee.id, nowUtc(), reader.today, DATES_SHOWN),
  }
  const model = presentPerson(actor, reader, parts)
  const common = { title: model.head.name, subtitle: model.head.work }
  if (form === 'sheet') {
    return page('employees/print-person', model, {
      ...common,
      layout: 'print',
      backUrl: `/employees/${employee.id}`,
      printedAt: t('employees.print.printedAt', { date: format.date(reader.today) }),
      styles: ['employees-print.css'],
    })
  }
  return page('employees/person', model, {
    ...common,
    breadcrumbs: [{ href: '/employees', label: t('employees.title') }],
    actions: [{ href: `/employees/${employee.id}/print`, label: t('employees.person.print'), icon: 'printer' }],
    styles: ['employees.css'],
  })
}
