import { noteRead } from '../../core/audit/reads.ts'
import { selectLastSeal } from '../../core/audit/seal.ts'
import { exportFormat, sendTable } from '../../core/export/index.ts'
import { pagerLinks, queryString } from '../../core/http/paging.ts'
import { page, type Reply } from '../../core/http/reply.ts'
import { type AnyContext, mayEverywhere, type Routes } from '../../core/http/route.ts'
import { EVENTS_BY_AREA } from './event-kinds.ts'
import { eventParams, type Filter, filterQuery, type ListQuery, listQuery } from './input.ts'
import { actorName, eventName, presentData, presentObject, presentRow, sayData } from './presenter.ts'
import { type AuditRow, exportEvents, listEvents, selectEvent } from './queries.ts'
import { namesOf } from './subjects.ts'

const view = mayEverywhere('audit.view')
const subjectsOf = (rows: readonly AuditRow[]) => rows.map((row) => ({ type: row.subject_type, id: row.subject_id }))

export function auditRoutes(routes: Routes): void {
  routes.get('/audit', { access: view, query: listQuery }, showTrail)
  routes.get('/audit/export', { access: view, query: filterQuery }, exportTrail)
  routes.get('/audit/:id', { access: view, params: eventParams }, showEvent)
}

/** What of a filter stays in addresses, as it was typed. */
const kept = ({ subject, ...filter }: Filter) => ({
  ...{ actor: filter.actor, event: filter.event, from: filter.from, to: filter.to, ip: filter.ip },
  subject: subject && `${subject.type}:${subject.id}`,
})

async function showTrail(context: AnyContext & { query: ListQuery }): Promise<Reply> {
  const { t, lang, zone, format, query } = context
  const [result, seal] = await Promise.all([listEvents(query, zone), selectLastSeal()])
  const names = await namesOf([...subjectsOf(result.rows), ...(query.subject ? [query.subject] : [])], lang)
  const filter = kept(query)
  const subjectName = filter.subject && (names.get(filter.subject)?.name ?? filter.subject)
  const model = {
    filter,
    active: Object.values(filter).filter(Boolean).length,
    subjectNote: subjectName ? t('audit.filter.subject', { name: subjectName }) : '',
    events: [
      ...Object.keys(EVENTS_BY_AREA).map((area) => ({ value: area, label: t(`audit.area.${area}`) })),
      ...Object.entries(EVENTS_BY_AREA).flatMap(([area, types]) =>
        types.map((type) => ({ value: type, label: eventName(t, type), group: t(`audit.area.${area}`) })),
      ),
    ],
    rows: result.rows.map((row) => presentRow(context, row, names)),
    pager: pagerLinks('/audit', filter, result),
    exportHref: `/audit/export?${queryString(filter)}`,
    seal: seal
      ? t('audit.seal.fine', { when: format.human(seal.sealed_at), hash: seal.hash.slice(0, 16) })
      : t('audit.seal.waiting'),
  }
  return page('audit/trail', model, { title: t('audit.title') })
}

async function showEvent(context: AnyContext): Promise<Reply> {
  const { t, lang, format, params } = context
  const event = await selectEvent(params.id)
  const names = await namesOf(subjectsOf([event]), lang)
  const object = presentObject(t, event, names)
  const model = {
    items: [
      { label: t('audit.column.when'), value: format.dateTime(event.occurred_at) },
      {
        label: t('audit.column.who'),
        value:
          event.actor_id === null
            ? actorName(t, event)
            : { text: actorName(t, event), href: `/people/${event.actor_id}` },
      },
      { label: t('audit.column.object'), value: object },
      { label: t('audit.column.from'), value: event.ip },
    ],
    erased: event.erased_at !== null,
    ...presentData(context, event.data),
    historyHref: `/audit?subject=${event.subject_type}:${event.subject_id}`,
  }
  return page('audit/event', model, {
    title: eventName(t, event.type),
    breadcrumbs: [{ href: '/audit', label: t('audit.title') }],
  })
}

/** The trail as a table, with what was changed. Taking it out is noted in it. */
async function exportTrail(context: AnyContext & { query: Filter }): Promise<Reply> {
  const { actor, t, lang, zone, format, query, req } = context
  await noteRead(actor, 'audit', { type: 'list', id: 0 }, null, { filter: kept(query) })
  const rows = async function* () {
    for await (const piece of exportEvents(query, zone)) {
      const names = await namesOf(subjectsOf(piece), lang)
      for (const event of piece) {
        const object = presentObject(t, event, names)
        const what = [eventName(t, event.type), object.hint, object.text]
        yield [
          format.dateTime(event.occurred_at),
          actorName(t, event),
          ...what.map((text) => text ?? ''),
          event.ip,
          sayData(context, event),
        ]
      }
    }
  }
  const columns = ['when', 'who', 'what', 'kind', 'object', 'from', 'details']
  return sendTable(exportFormat(req.query.format), {
    fileName: t('audit.fileName'),
    title: t('audit.title'),
    columns: columns.map((name) => t(`audit.column.${name}`)),
    rows: rows(),
  })
}
