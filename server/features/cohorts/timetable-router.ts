import { cleanForm, type Form, formOverNewer } from '../../core/http/forms.ts'
import { page, type Reply, redirect } from '../../core/http/reply.ts'
import { type AnyContext, may, type Routes } from '../../core/http/route.ts'
import { pick } from '../../core/text.ts'
import { listClashes } from './clash-queries.ts'
import { belowCohort, cohortOptions } from './frame.ts'
import { suggestHolidays } from './holidays.ts'
import {
  cancelInput,
  idParams,
  lessonInput,
  lessonParams,
  lessonUpdate,
  offeringInput,
  offeringParams,
  offeringsQuery,
  timetableInput,
  timetableQuery,
} from './input.ts'
import { addLesson, setLessonCancelled, setOfferingCancelled, updateLesson, updateOffering } from './lesson-service.ts'
import { topicOf } from './overview-presenter.ts'
import { cohortPolicy, groupPolicy } from './policy.ts'
import { selectCohort } from './queries.ts'
import {
  lessonValues,
  presentOffering,
  presentOfferings,
  presentTimetable,
  presentTimetableForm,
} from './timetable-presenter.ts'
import {
  hasLessons,
  listLessons,
  listLessonsOf,
  listOfferings,
  listTimetableGroups,
  selectLesson,
  selectOffering,
} from './timetable-queries.ts'
import { createTimetable } from './timetable-service.ts'

const view = may('cohorts.view')
const edit = may('cohorts.edit')

/** The timetable of a cohort: made at once, then changed class by class. */
export function timetableRoutes(routes: Routes): void {
  routes.get('/cohorts/:id/timetable', { access: view, params: idParams, query: timetableQuery }, showTimetable)

  routes.get('/cohorts/:id/timetable/new', { access: edit, params: idParams }, async (context) => {
    const cohort = await selectCohort(context.actor, context.params.id)
    const holidays = suggestHolidays(cohort.starts_on, cohort.ends_on)
    return showTimetableForm(context, cleanForm({ weekdays: ['2', '4'], time: '15:00', hoursPerLesson: 4, holidays }))
  })

  routes.post(
    '/cohorts/:id/timetable',
    { access: edit, params: idParams, body: timetableInput, invalid: showTimetableForm },
    async ({ actor, params, body }) => {
      const made = await createTimetable(actor, params.id, body)
      const key = made.lessons ? 'cohorts.flash.timetableCreated' : 'cohorts.flash.timetableComplete'
      const flash = { kind: made.lessons ? 'success' : 'info', key, values: { count: made.lessons } } as const
      return redirect(`/cohorts/${params.id}/timetable`, flash)
    },
  )

  routes.get('/cohorts/:id/offerings', { access: view, params: idParams, query: offeringsQuery }, async (context) => {
    const cohort = await selectCohort(context.actor, context.params.id)
    const rows = await listOfferings(context.actor, cohort.id, context.query)
    const title = context.t('cohorts.offerings.title')
    return page(
      'cohorts/offerings',
      presentOfferings(context, cohort, rows),
      belowCohort(context, cohort, 'timetable', title),
    )
  })

  offeringRoutes(routes)
  lessonRoutes(routes)
}

function offeringRoutes(routes: Routes): void {
  routes.get('/cohorts/:id/offerings/:offeringId', { access: edit, params: offeringParams }, (context) =>
    showOffering(context),
  )

  routes.post(
    '/cohorts/:id/offerings/:offeringId',
    {
      access: edit,
      params: offeringParams,
      body: offeringInput,
      invalid: (context, form) => showOffering(context, form),
      stale: async (context, form) => {
        const { id, offeringId } = context.params
        const { capacity, place, link, version } = await selectOffering(context.actor, id, offeringId)
        return showOffering(context, formOverNewer(form, { capacity, place, link, version }))
      },
    },
    async ({ actor, params, body }) => {
      await updateOffering(actor, params.id, params.offeringId, body)
      return redirect(`/cohorts/${params.id}/offerings/${params.offeringId}`, 'cohorts.flash.offeringChanged')
    },
  )

  routes.post(
    '/cohorts/:id/offerings/:offeringId/cancel',
    { access: edit, params: offeringParams, body: cancelInput },
    async ({ actor, params, body }) => {
      await setOfferingCancelled(actor, params.id, params.offeringId, body.cancelled, body.version)
      const key = body.cancelled ? 'cohorts.flash.offeringCancelled' : 'cohorts.flash.offeringRestored'
      return redirect(`/cohorts/${params.id}/offerings/${params.offeringId}`, key)
    },
  )

  routes.post(
    '/cohorts/:id/offerings/:offeringId/lessons',
    {
      access: edit,
      params: offeringParams,
      body: lessonInput,
      invalid: (context, form) => showOffering(context, undefined, form),
    },
    async ({ actor, params, body, zone }) => {
      await addLesson(actor, params.id, params.offeringId, body, zone)
      return redirect(`/cohorts/${params.id}/offerings/${params.offeringId}`, 'cohorts.flash.lessonAdded')
    },
  )
}

function lessonRoutes(routes: Routes): void {
  routes.get('/cohorts/:id/lessons/:lessonId', { access: edit, params: lessonParams }, (context) => showLesson(context))

  routes.post(
    '/cohorts/:id/lessons/:lessonId',
    {
      access: edit,
      params: lessonParams,
      body: lessonUpdate,
      invalid: showLesson,
      stale: async (context, form) => {
        const lesson = await selectLesson(context.actor, context.params.id, context.params.lessonId)
        return showLesson(context, formOverNewer(form, lessonValues(lesson, context.zone)))
      },
    },
    async ({ actor, params, body, zone }) => {
      await updateLesson(actor, params.id, params.lessonId, body, zone)
      return redirect(`/cohorts/${params.id}/timetable`, 'cohorts.flash.lessonChanged')
    },
  )

  routes.post(
    '/cohorts/:id/lessons/:lessonId/cancel',
    { access: edit, params: lessonParams, body: cancelInput },
    async ({ actor, params, body }) => {
      await setLessonCancelled(actor, params.id, params.lessonId, body.cancelled, body.version)
      const key = body.cancelled ? 'cohorts.flash.lessonCancelled' : 'cohorts.flash.lessonRestored'
      return redirect(`/cohorts/${params.id}/lessons/${params.lessonId}`, key)
    },
  )
}

async function showTimetable(context: AnyContext): Promise<Reply> {
  const { actor, params, query, t } = context
  const cohort = await selectCohort(actor, params.id)
  const canEdit = cohortPolicy.can(actor, 'edit', cohort)
  const [result, groups, clashes] = await Promise.all([
    listLessons(actor, cohort.id, query),
    listTimetableGroups(actor, cohort.id),
    canEdit ? listClashes(cohort.id) : [],
  ])
  const model = presentTimetable(context, cohort, query, result, groups, clashes)
  const create = { href: model.newHref, label: t('cohorts.timetable.create'), icon: 'wand', kind: 'primary' } as const
  return page('cohorts/timetable', model, cohortOptions(context, cohort, { actions: canEdit ? [create] : [] }))
}

async function showTimetableForm(context: AnyContext, form: Form): Promise<Reply> {
  const { actor, params, t } = context
  const cohort = await selectCohort(actor, params.id)
  cohortPolicy.demand(actor, 'edit', cohort)
  const model = presentTimetableForm(context, cohort, form, await hasLessons(cohort.id))
  return page(
    'cohorts/timetable-form',
    model,
    belowCohort(context, cohort, 'timetable', t('cohorts.timetable.formTitle')),
  )
}

async function showOffering(context: AnyContext, form?: Form, lessonForm?: Form): Promise<Reply> {
  const { actor, params, lang } = context
  const cohort = await selectCohort(actor, params.id)
  const offering = await selectOffering(actor, cohort.id, params.offeringId)
  groupPolicy.demand(actor, 'edit', { ...offering, id: offering.group_id })
  const lessons = await listLessonsOf(actor, offering.id)
  const { capacity, place, link } = offering
  const model = presentOffering(
    context,
    cohort,
    offering,
    lessons,
    form ?? cleanForm({ capacity, place, link }),
    lessonForm ?? cleanForm(),
  )
  return page('cohorts/offering', model, belowCohort(context, cohort, 'timetable', pick(offering.topicTitle, lang)))
}

async function showLesson(context: AnyContext, form?: Form): Promise<Reply> {
  const { actor, params, zone } = context
  const cohort = await selectCohort(actor, params.id)
  const lesson = await selectLesson(actor, cohort.id, params.lessonId)
  groupPolicy.demand(actor, 'edit', { ...lesson, id: lesson.group_id })
  const title = topicOf(context, lesson.topicTitle, lesson.title)
  const model = {
    form: form ?? cleanForm(lessonValues(lesson, zone)),
    base: `/cohorts/${cohort.id}/lessons/${lesson.id}`,
    cancelHref: `/cohorts/${cohort.id}/timetable`,
    version: lesson.version,
    isCancelled: lesson.state === 'cancelled',
  }
  const subtitle = [lesson.group_name, pick(lesson.moduleTitle, context.lang)].join(' · ')
  return page('cohorts/lesson', model, belowCohort(context, cohort, 'timetable', title, { subtitle }))
}
