import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { today } from '../../core/time.ts'
import { groupParams, lessonInput, lessonParams, lessonStateInput, lessonUpdate } from './input.ts'
import { ClashError } from './lesson-clashes.ts'
import { lessonFormValues } from './lesson-presenter.ts'
import { cancelLesson, changeLesson, planLessons, restoreLesson, selectLesson } from './lessons-service.ts'
import { presentLessonForm, presentPlan } from './plan-presenter.ts'
import { listPlan, listTopics } from './plan-queries.ts'
import { journalPolicy } from './policy.ts'
import { journalUrl, presentHead } from './presenter.ts'
import { selectGroup } from './queries.ts'
import type { Reader } from './words.ts'

const view = may('journals.view', 'journals.edit')
const plan = may('journals.plan')
const readerOf = ({ lang, zone, t }: AnyContext): Reader => ({ lang, zone, t })

/** The plan of a group: lessons are planned, moved, called off and brought back. */
export function planRoutes(routes: Routes): void {
  routes.get('/journals/:groupId/lessons', { access: view, params: groupParams }, async (context) => {
    const { actor, params, t } = context
    const group = await selectGroup(actor, params.groupId)
    const rows = await listPlan(group.id)
    const head = presentHead(actor, group, readerOf(context), 'plan')
    const model = presentPlan(group, rows, head.can.plan && !group.isClosed, readerOf(context))
    const create = { href: model.newHref, label: t('journals.plan.new'), icon: 'plus', kind: 'primary' as const }
    const actions = model.newHref ? [create] : []
    return page('journals/plan', { head, ...model }, { ...head, actions })
  })

  routes.get('/journals/:groupId/lessons/new', { access: plan, params: groupParams }, (context) =>
    showForm(context, cleanForm({ date: today(context.zone), startsAt: '15:00', endsAt: '16:30', times: 8 })),
  )

  routes.post(
    '/journals/:groupId/lessons',
    { access: plan, params: groupParams, body: lessonInput, once: true, invalid: showForm },
    async ({ actor, params, body, zone }) => {
      const ids = await planLessons(actor, params.groupId, body, zone)
      const flash = { kind: 'success' as const, key: 'journals.plan.planned', values: { count: ids.length } }
      return redirect(journalUrl(params.groupId, '/lessons'), flash)
    },
  )

  routes.get('/journals/:groupId/lessons/:lessonId/edit', { access: plan, params: lessonParams }, async (context) => {
    const group = await selectGroup(context.actor, context.params.groupId)
    const lesson = await selectLesson(group.id, context.params.lessonId)
    return showForm(context, cleanForm(lessonFormValues(lesson, context.zone)))
  })

  routes.post(
    '/journals/:groupId/lessons/:lessonId/edit',
    { access: plan, params: lessonParams, body: lessonUpdate, invalid: showForm, stale: showStale },
    async ({ actor, params, body, zone }) => {
      await changeLesson(actor, params.groupId, params.lessonId, body, zone)
      return redirect(journalUrl(params.groupId, `/lessons/${params.lessonId}`), 'journals.plan.changed')
    },
  )

  for (const [name, act] of [
    ['cancel', cancelLesson],
    ['restore', restoreLesson],
  ] as const) {
    routes.post(
      `/journals/:groupId/lessons/:lessonId/${name}`,
      { access: plan, params: lessonParams, body: lessonStateInput },
      async ({ actor, params, body }) => {
        await act(actor, params.groupId, params.lessonId, body.version)
        return redirect(journalUrl(params.groupId, `/lessons/${params.lessonId}`), `journals.plan.done.${name}`)
      },
    )
  }
}

/** What was typed stays; the lesson as it is now stands above it, and sending again puts the typed over it knowingly. */
async function showStale(context: AnyContext, form: Form): Promise<Reply> {
  const lesson = await selectLesson(context.params.groupId, context.params.lessonId)
  return showForm(context, formOverNewer(form, lessonFormValues(lesson, context.zone)))
}

/** The form, empty, filled or with reasons; where the plan collides with other lessons, with those. */
async function showForm(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params, t } = context
  const reader = readerOf(context)
  const group = await selectGroup(actor, params.groupId)
  journalPolicy.demand(actor, 'plan', group)
  const lesson = params.lessonId ? await selectLesson(group.id, params.lessonId) : null
  const topics = await listTopics(group)
  const clashes = form.refusal instanceof ClashError ? form.refusal.clashes : []
  const head = presentHead(actor, group, reader, 'plan')
  const model = presentLessonForm(group, form, topics, reader, lesson, clashes)
  return page(
    'journals/lesson-form',
    { ...model, isClosed: group.isClosed },
    {
      title: t(lesson ? 'journals.plan.titleEdit' : 'journals.plan.titleNew'),
      subtitle: `${head.title}. ${head.subtitle}`,
      breadcrumbs: [
        ...head.breadcrumbs,
        { href: journalUrl(group.id), label: group.name },
        { href: journalUrl(group.id, '/lessons'), label: t('journals.tab.plan') },
      ],
      styles: ['journal-lesson.css'],
    },
  )
}
