import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import type { Actor } from '../../core/rights/index.ts'
import { type CellRefusal, type SaveResult, saveCells } from './cells-service.ts'
import { type CellChange, type LessonEntries, lessonEntries, lessonParams } from './input.ts'
import { conflictMessage, lessonHead, presentLesson, snapshotOf, type Trouble } from './lesson-presenter.ts'
import { selectLesson } from './lessons-service.ts'
import { isConsistent } from './marks.ts'
import { listTopicMaterials } from './plan-queries.ts'
import { journalPolicy } from './policy.ts'
import { journalUrl, presentHead } from './presenter.ts'
import { selectGroup } from './queries.ts'
import { loadRegister } from './register.ts'
import type { Reader } from './words.ts'

const view = may('journals.view', 'journals.edit')
const readerOf = ({ lang, zone, t }: AnyContext): Reader => ({ lang, zone, t })

/** The page of one lesson, and its form that is sent as a whole. */
export function lessonRoutes(routes: Routes): void {
  const path = '/journals/:groupId/lessons/:lessonId'
  routes.get(path, { access: view, params: lessonParams }, (context) => showLesson(context))

  routes.post(path, { access: may('journals.edit'), params: lessonParams, body: lessonEntries }, async (context) => {
    const { actor, params, body } = context
    await demandLesson(actor, params.groupId, params.lessonId)
    const { changes, troubles } = changesOf(params.lessonId, body, readerOf(context))
    if (troubles.size > 0) return showLesson(context, troubles, 422)
    const result = changes.length > 0 ? await saveCells(actor, params.groupId, changes) : undefined
    const open = result ? troublesOf(result, body, readerOf(context)) : new Map()
    if (open.size > 0) return showLesson(context, open, 409)
    return redirect(journalUrl(params.groupId, `/lessons/${params.lessonId}`), {
      kind: 'success',
      key: 'journals.lesson.saved',
      values: { count: changes.length },
    })
  })
}

/** Also a form in which nothing was touched is only for those who may write. */
async function demandLesson(actor: Actor, groupId: number, lessonId: number) {
  const group = await selectGroup(actor, groupId)
  journalPolicy.demand(actor, 'edit', group)
  await selectLesson(group.id, lessonId)
}

type Entry = LessonEntries['cells'][string]

const enrolmentOf = (name: string) => Number(name.slice(1))

/** The lines that someone touched, as changes of cells; a line that contradicts itself is trouble. */
function changesOf(lessonId: number, body: LessonEntries, { t }: Reader) {
  const changes: CellChange[] = []
  const troubles = new Map<number, Trouble>()
  for (const [name, typed] of Object.entries(body.cells)) {
    const filled = typed.attendance === '' && typed.mark === null && body.fillEmpty === 'present'
    const value = complete(filled ? { ...typed, attendance: 'present' } : typed)
    if (snapshotOf(value) === typed.before) continue
    const enrolmentId = enrolmentOf(name)
    const { version, attendance, mark, comment } = value
    if (!isConsistent(value)) {
      troubles.set(enrolmentId, { message: t('journals.lesson.markWithoutPresence'), version, typed })
    } else {
      const source = filled ? 'bulk' : 'typed'
      changes.push({ lessonId, enrolmentId, version, attendance, mark, comment, source })
    }
  }
  return { changes, troubles }
}

/** A mark alone says that the learner was there. */
const complete = (typed: Entry): Entry =>
  typed.attendance === '' && typed.mark !== null ? { ...typed, attendance: 'present' } : typed

function troublesOf(result: SaveResult, body: LessonEntries, reader: Reader): Map<number, Trouble> {
  const troubles = new Map<number, Trouble>()
  const typed = (enrolmentId: number) => body.cells[`e${enrolmentId}`] as Entry
  for (const theirs of result.conflicts) {
    const { enrolmentId, version } = theirs
    troubles.set(enrolmentId, { message: conflictMessage(theirs, reader), version, typed: typed(enrolmentId) })
  }
  for (const { enrolmentId, reason } of result.refused) {
    if (!typed(enrolmentId)) continue
    const message = reader.t(`journals.lesson.refused.${reason satisfies CellRefusal}`)
    troubles.set(enrolmentId, { message, version: typed(enrolmentId).version, typed: typed(enrolmentId) })
  }
  return troubles
}

async function showLesson(context: AnyContext, troubles?: Map<number, Trouble>, status = 200): Promise<Reply> {
  const { actor, params } = context
  const reader = readerOf(context)
  const group = await selectGroup(actor, params.groupId)
  const row = await selectLesson(group.id, params.lessonId)
  const [register, materials] = await Promise.all([
    loadRegister(group, { lessonIds: [row.id] }),
    listTopicMaterials(row.topic_id),
  ])
  const head = presentHead(actor, group, reader, 'plan')
  const lesson = presentLesson(actor, group, row, register, materials, reader, troubles)
  const { title, moment } = lessonHead(register.lessons[0] as never, reader)
  const parts = { readOnly: lesson.readOnly, tools: false, fillEmpty: true, reloadUrl: lesson.action }
  const edit = { href: lesson.editUrl, label: reader.t('journals.lesson.edit'), icon: 'pencil', kind: 'plain' as const }
  return page(
    'journals/lesson',
    { lesson, parts, troubled: troubles?.size ?? 0 },
    {
      title,
      subtitle: `${moment}. ${group.name}, ${head.title}`,
      breadcrumbs: [...head.breadcrumbs, { href: journalUrl(group.id), label: group.name }],
      actions: head.can.plan && !group.isClosed ? [edit] : [],
      styles: ['journal.css', 'journal-lesson.css'],
      status,
    },
  )
}
