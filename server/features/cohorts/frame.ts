import type { PageOptions } from '../../core/http/reply.ts'
import type { AnyContext } from '../../core/http/route.ts'
import { pick } from '../../core/text.ts'
import { cohortPolicy } from './policy.ts'
import type { CohortCard } from './queries.ts'

export type Context = Pick<AnyContext, 'actor' | 't' | 'lang' | 'format' | 'zone'>
export type CohortFace = 'overview' | 'people' | 'groups' | 'timetable' | 'history'

const hrefOf = (id: number, face: CohortFace) => `/cohorts/${id}${face === 'overview' ? '' : `/${face}`}`

/** Links between the faces of a cohort; the history only for those who oversee all of it. */
export function cohortTabs({ actor, t }: Context, cohort: CohortCard, active: CohortFace) {
  const faces: CohortFace[] = ['overview', 'people', 'groups', 'timetable']
  if (cohortPolicy.can(actor, 'oversee', cohort)) faces.push('history')
  return {
    label: t('cohorts.tabs.label'),
    items: faces.map((face) => ({
      href: hrefOf(cohort.id, face),
      label: t(`cohorts.tabs.${face}`),
      active: face === active,
    })),
  }
}

/** «с 1 сентября 2026 г. по 31 мая 2027 г.» */
export const periodOf = ({ t, format }: Context, from: string, to: string): string =>
  t('cohorts.period', { from: format.date(from), to: format.date(to) })

/** Title and way back of a face of the cohort. */
export const cohortOptions = (context: Context, cohort: CohortCard, more: Partial<PageOptions> = {}): PageOptions => ({
  title: cohort.title,
  subtitle: `${pick(cohort.programmeTitle, context.lang)} · ${periodOf(context, cohort.starts_on, cohort.ends_on)}`,
  breadcrumbs: [{ href: '/cohorts', label: context.t('cohorts.list.title') }],
  styles: ['cohorts.css'],
  ...more,
})

/** Title and way back of a page below a face: a group, a class, a person's enrolment. */
export const belowCohort = (
  { t }: Context,
  cohort: Pick<CohortCard, 'id' | 'title'>,
  face: CohortFace,
  title: string,
  more: Partial<PageOptions> = {},
): PageOptions => ({
  title,
  breadcrumbs: [
    { href: '/cohorts', label: t('cohorts.list.title') },
    { href: hrefOf(cohort.id, 'overview'), label: cohort.title },
    ...(face === 'overview' ? [] : [{ href: hrefOf(cohort.id, face), label: t(`cohorts.tabs.${face}`) }]),
  ],
  styles: ['cohorts.css'],
  ...more,
})

const STATE_KIND = { planned: 'info', running: 'success', finished: 'neutral', archived: 'neutral' } as const

export const stateBadge = ({ t }: Context, state: CohortCard['state']) => ({
  kind: STATE_KIND[state],
  text: t(`cohorts.state.${state}`),
})
