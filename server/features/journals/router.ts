import { noteRead } from '../../core/audit/reads.ts'
import { NotFoundError } from '../../core/errors.ts'
import { exportFormat, sendTable } from '../../core/export/index.ts'
import { EXPORT_PAGE, eachPage, pagerLinks, queryString } from '../../core/http/paging.ts'
import { json, page } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { fullName, pick } from '../../core/text.ts'
import { nowUtc } from '../../core/time.ts'
import { saveCells, toView } from './cells-service.ts'
import { presentHistory, presentLearner } from './credits-presenter.ts'
import { creditRoutes } from './credits-router.ts'
import { cellsInput, exportQuery, groupParams, groupsQuery, historyQuery, learnerParams } from './input.ts'
import { lessonRoutes } from './lessons-router.ts'
import { planRoutes } from './plan-router.ts'
import { journalUrl, listTitle, presentGrid, presentGroupExport, presentGroups, presentHead } from './presenter.ts'
import {
  countGroups,
  listAgendas,
  listCellHistory,
  listCreditHistory,
  listGroups,
  listInstructorNames,
  selectGroup,
} from './queries.ts'
import { loadRegister, sumsOf } from './register.ts'
import { exportRegister, paperRegister, presentSheet } from './sheet.ts'
import { lessonMoment, lessonTitle, type Reader } from './words.ts'

const view = may('journals.view', 'journals.edit')

const readerOf = ({ lang, zone, t }: AnyContext): Reader => ({ lang, zone, t })

export function journalRoutes(routes: Routes): void {
  groupList(routes)
  register(routes)
  paper(routes)
  // Before the lessons themselves: `lessons/new` is no id.
  planRoutes(routes)
  lessonRoutes(routes)
  creditRoutes(routes)
}

function groupList(routes: Routes): void {
  routes.get('/journals', { access: view, query: groupsQuery }, async (context) => {
    const { actor, query, t } = context
    const [result, total] = await Promise.all([listGroups(actor, query), countGroups(actor, query)])
    const agendas = await listAgendas(
      result.rows.map((group) => group.id),
      nowUtc(),
    )
    const { after: _after, before: _before, ...filter } = query
    const count = total.capped ? 'ui.count.over' : 'journals.list.count'
    const model = {
      filter,
      rows: presentGroups(result.rows, agendas, readerOf(context)),
      pager: { ...pagerLinks('/journals', filter, result), countLabel: t(count, { count: total.count }) },
      isFiltered: Boolean(query.q) || query.state === 'all',
      exportHref: `/journals/export?${queryString(filter)}`,
    }
    return page('journals/list', model, { title: listTitle(actor, t) })
  })

  routes.get('/journals/export', { access: view, query: groupsQuery }, async (context) => {
    const { actor, query, req, t } = context
    const rows = async function* () {
      for await (const groups of eachPage((paging) => listGroups(actor, { ...query, ...paging }, EXPORT_PAGE))) {
        const ids = groups.map((group) => group.id)
        const agendas = await listAgendas(ids, nowUtc())
        yield* presentGroupExport(groups, agendas, readerOf(context))
      }
    }
    const names = ['group', 'cohort', 'module', 'learners', 'next', 'unmarked']
    return sendTable(exportFormat(req.query.format), {
      fileName: listTitle(actor, t),
      title: listTitle(actor, t),
      columns: names.map((name) => t(`journals.list.${name}`)),
      rows: rows(),
    })
  })
}

function register(routes: Routes): void {
  routes.get('/journals/:groupId', { access: view, params: groupParams }, async (context) => {
    const { actor, params } = context
    const group = await selectGroup(actor, params.groupId)
    const register = await loadRegister(group)
    const head = presentHead(actor, group, readerOf(context), 'grid')
    const grid = presentGrid(actor, group, register, readerOf(context))
    const parts = { readOnly: grid.readOnly, tools: true, reloadUrl: journalUrl(group.id) }
    const newLesson = head.can.plan && !group.isClosed ? journalUrl(group.id, '/lessons/new') : ''
    return page(
      'journals/group',
      { head, grid, parts, newLesson },
      { ...head, styles: ['journal.css', 'journal-grid.css', 'journal-dialogs.css'] },
    )
  })

  routes.get('/journals/:groupId/cells', { access: view, params: groupParams }, async (context) => {
    const group = await selectGroup(context.actor, context.params.groupId)
    const register = await loadRegister(group, { withAuthors: true })
    return json({
      groupId: group.id,
      csrfToken: context.csrfToken(),
      cells: register.cells.map(toView),
      totals: sumsOf(register, group),
    })
  })

  routes.post(
    '/journals/:groupId/cells',
    { access: may('journals.edit'), params: groupParams, body: cellsInput },
    async ({ actor, params, body }) => {
      const result = await saveCells(actor, params.groupId, body.cells)
      return json(result, result.conflicts.length > 0 ? 409 : 200)
    },
  )

  routes.get('/journals/:groupId/history', { access: view, params: groupParams, query: historyQuery }, showHistory)

  routes.get('/journals/:groupId/learners/:enrolmentId', { access: view, params: learnerParams }, async (context) => {
    const { actor, params } = context
    const group = await selectGroup(actor, params.groupId)
    const [register, history] = await Promise.all([
      loadRegister(group, { enrolmentIds: [params.enrolmentId] }),
      listCreditHistory(params.enrolmentId, group.module_id),
    ])
    const learner = register.learners[0]
    if (!learner) throw new NotFoundError()
    await noteRead(actor, 'journal', { type: 'enrolment', id: params.enrolmentId }, learner.personId)
    const reader = readerOf(context)
    const head = presentHead(actor, group, reader, 'grid')
    const model = presentLearner(group, register, learner, history, reader)
    return page('journals/learner', model, {
      title: fullName(learner),
      subtitle: `${head.title}. ${head.subtitle}`,
      breadcrumbs: [...head.breadcrumbs, { href: journalUrl(group.id), label: group.name }],
    })
  })
}

/** Who wrote what into a cell and when: JSON for the grid's dialog, a page without scripts. */
async function showHistory(context: AnyContext) {
  const { actor, params, query } = context
  const reader = readerOf(context)
  const group = await selectGroup(actor, params.groupId)
  const [register, rows] = await Promise.all([
    loadRegister(group, { lessonIds: [query.lesson], enrolmentIds: [query.enrolment] }),
    listCellHistory(query.lesson, query.enrolment),
  ])
  const [lesson, learner] = [register.lessons[0], register.learners[0]]
  if (!lesson || !learner) throw new NotFoundError()
  const entries = presentHistory(rows, reader)
  if (context.wantsJson) {
    return json({ entries: entries.map(({ value, comment, who }) => ({ value, comment, who })) })
  }
  const label = `${lessonMoment(lesson.startsAt, reader)}, ${lessonTitle(lesson, reader)}`
  return page(
    'journals/history',
    { entries },
    {
      title: fullName(learner),
      subtitle: label,
      breadcrumbs: [
        { href: '/journals', label: listTitle(actor, reader.t) },
        { href: journalUrl(group.id), label: group.name },
        { href: journalUrl(group.id, `/lessons/${lesson.id}`), label: lessonTitle(lesson, reader) },
      ],
    },
  )
}

function paper(routes: Routes): void {
  routes.get(
    '/journals/:groupId/export',
    { access: view, params: groupParams, query: exportQuery },
    async (context) => {
      const { actor, params, query, lang, t } = context
      const group = await selectGroup(actor, params.groupId)
      const register = await loadRegister(group)
      await noteRead(actor, 'learners', { type: 'group', id: group.id }, null)
      return sendTable(query.format, {
        fileName: t('journals.export.fileName', { module: pick(group.moduleTitle, lang), group: group.name }),
        title: `${pick(group.moduleTitle, lang)}. ${group.name}`,
        ...exportRegister(register, readerOf(context)),
        paper: paperRegister(group, register, readerOf(context)),
      })
    },
  )

  routes.get('/journals/:groupId/print', { access: view, params: groupParams }, async (context) => {
    const { actor, params, t, format } = context
    const group = await selectGroup(actor, params.groupId)
    const [register, instructors] = await Promise.all([loadRegister(group), listInstructorNames(group)])
    await noteRead(actor, 'learners', { type: 'group', id: group.id }, null)
    const model = presentSheet(group, register, instructors, readerOf(context))
    return page('journals/sheet', model, {
      title: t('journals.sheet.title'),
      subtitle: model.head,
      layout: 'print',
      landscape: true,
      backUrl: journalUrl(group.id),
      printedAt: t('journals.sheet.printed', { date: format.dateTime(nowUtc()) }),
      styles: ['journal-sheet.css'],
    })
  })
}
