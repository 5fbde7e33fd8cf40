import { hasAnywhere } from '../../core/rights/index.ts'
import { pick, type Translated } from '../../core/text.ts'
import { type Context, cohortTabs, periodOf, stateBadge } from './frame.ts'
import type { CohortState } from './input.ts'
import type { ComingLesson, ModuleSummary, Numbers } from './overview-queries.ts'
import { cohortPolicy } from './policy.ts'
import { placesOf } from './presenter.ts'
import type { CohortCard } from './queries.ts'

const sum = (list: readonly ModuleSummary[], field: 'offerings' | 'withoutDates' | 'full' | 'withoutInstructor') =>
  list.reduce((total, module) => total + module[field], 0)

/** The cohort at a glance: numbers, what needs attention, the next classes, dates. */
export function presentOverview(
  context: Context,
  cohort: CohortCard,
  numbers: Numbers,
  modules: ModuleSummary[],
  lessons: ComingLesson[],
) {
  const { actor, format } = context
  const can = {
    edit: cohortPolicy.can(actor, 'edit', cohort),
    enrol: cohortPolicy.can(actor, 'enrol', cohort),
    oversee: cohortPolicy.can(actor, 'oversee', cohort),
  }
  return {
    id: cohort.id,
    version: cohort.version,
    tabs: cohortTabs(context, cohort, 'overview'),
    state: stateBadge(context, cohort.state),
    stats: presentStats(context, cohort, numbers, modules),
    attention: can.oversee ? attentionOf(context, cohort, numbers, modules) : [],
    showsAttention: can.oversee,
    lessons: lessons.map((lesson) => ({
      date: {
        iso: lesson.starts_at.slice(0, 10),
        text: format.human(lesson.starts_at),
        exact: format.dateTime(lesson.starts_at),
      },
      title: topicOf(context, lesson.topicTitle, lesson.title),
      detail: [lesson.groupName, lesson.place].filter(Boolean).join(', '),
    })),
    facts: presentFacts(context, cohort),
    steps: can.edit ? stepsFrom(context, cohort) : [],
    can,
  }
}

/** What a class is about: its topic, else its own title. */
export const topicOf = ({ t, lang }: Context, topic: Translated | null, title: string | null): string =>
  title || (topic && pick(topic, lang)) || t('cohorts.lesson.untitled')

function presentStats({ t }: Context, cohort: CohortCard, { states, routes }: Numbers, modules: ModuleSummary[]) {
  const people = `/cohorts/${cohort.id}/people`
  const left = cohort.capacity === null ? null : cohort.capacity - cohort.taken
  const stats = [
    { value: (states.active ?? 0) + (states.suspended ?? 0), label: t('cohorts.stat.enrolled'), href: people },
    left !== null && { value: left, label: t('cohorts.stat.left'), kind: left === 0 ? 'warning' : undefined },
    { value: routes.submitted ?? 0, label: t('cohorts.stat.submitted'), href: `${people}?route=submitted` },
    { value: routes.approved ?? 0, label: t('cohorts.stat.approved'), href: `${people}?route=approved` },
    states.suspended && {
      value: states.suspended,
      label: t('cohorts.stat.suspended'),
      href: `${people}?state=suspended`,
    },
    states.withdrawn && {
      value: states.withdrawn,
      label: t('cohorts.stat.withdrawn'),
      href: `${people}?state=withdrawn`,
    },
    states.completed && {
      value: states.completed,
      label: t('cohorts.stat.completed'),
      href: `${people}?state=completed`,
    },
    sum(modules, 'full') > 0 && {
      value: sum(modules, 'full'),
      label: t('cohorts.stat.full'),
      href: `/cohorts/${cohort.id}/timetable?from=all`,
    },
  ]
  return stats.filter((stat) => Boolean(stat))
}

type Attention = { text: string; href?: string; action?: string }

/** What someone should do next, in order of urgency, each with the place where it is done. */
function attentionOf(context: Context, cohort: CohortCard, numbers: Numbers, modules: ModuleSummary[]): Attention[] {
  const { t, lang, format } = context
  if (cohort.state === 'finished' || cohort.state === 'archived') return []
  const base = `/cohorts/${cohort.id}`
  const list: (Attention | false)[] = []
  const enrolled = (numbers.states.active ?? 0) + (numbers.states.suspended ?? 0)
  list.push(enrolled === 0 && say(t, 'nobody', `${base}/enrol`))
  list.push(
    (numbers.routes.submitted ?? 0) > 0 &&
      say(t, 'submitted', approvalHref(context, base), { count: numbers.routes.submitted }),
  )
  const missing = (numbers.routes.none ?? 0) + (numbers.routes.draft ?? 0) + (numbers.routes.returned ?? 0)
  if (missing && cohort.route_closes_on) {
    const values = { count: missing, date: format.date(cohort.route_closes_on) }
    list.push(say(t, 'unsent', `${base}/people?route=missing`, values))
  }
  for (const module of modules) {
    const values = { module: pick(module.title, lang) }
    list.push(module.groups === 0 && say(t, 'noGroups', `${base}/groups`, values))
    list.push(
      module.groups > 0 &&
        module.withoutGroup > 0 &&
        say(t, 'withoutGroup', `${base}/people?without=${module.id}`, { ...values, count: module.withoutGroup }),
    )
  }
  const untaught = sum(modules, 'withoutInstructor')
  list.push(untaught > 0 && say(t, 'withoutInstructor', `${base}/groups`, { count: untaught }))
  const hasGroups = modules.some((module) => module.groups > 0)
  list.push(hasGroups && sum(modules, 'offerings') === 0 && say(t, 'noTimetable', `${base}/timetable/new`))
  const withoutDates = sum(modules, 'withoutDates')
  list.push(withoutDates > 0 && say(t, 'withoutDates', `${base}/timetable`, { count: withoutDates }))
  return list.filter((item): item is Attention => item !== false)
}

/** Where routes are approved, for those who do; else the list of whose they are. */
const approvalHref = ({ actor }: Context, base: string) =>
  hasAnywhere(actor, 'routes.approve') ? '/route-approvals' : `${base}/people?route=submitted`

const say = (t: Context['t'], kind: string, href: string, values?: Record<string, unknown>): Attention => ({
  text: t(`cohorts.attention.${kind}`, values),
  action: t(`cohorts.attention.${kind}Action`),
  href,
})

function presentFacts(context: Context, cohort: CohortCard) {
  const { t, lang, format } = context
  const day = (date: string | null) => (date ? format.date(date) : null)
  const window =
    cohort.route_opens_on && cohort.route_closes_on
      ? periodOf(context, cohort.route_opens_on, cohort.route_closes_on)
      : cohort.route_closes_on
        ? t('cohorts.facts.until', { date: day(cohort.route_closes_on) })
        : day(cohort.route_opens_on)
  return [
    { label: t('cohorts.facts.state'), value: { badge: stateBadge(context, cohort.state) } },
    { label: t('cohorts.facts.programme'), value: pick(cohort.programmeTitle, lang) },
    { label: t('cohorts.facts.period'), value: periodOf(context, cohort.starts_on, cohort.ends_on) },
    { label: t('cohorts.facts.window'), value: window },
    { label: t('cohorts.facts.learnersFrom'), value: day(cohort.learners_from) },
    { label: t('cohorts.facts.directorsFrom'), value: day(cohort.directors_from) },
    { label: t('cohorts.facts.places'), value: placesOf(context, cohort) },
  ].filter((fact) => fact.value)
}

/** Where the cohort can go from its state. */
const STEPS: Record<CohortState, CohortState[]> = {
  planned: ['running'],
  running: ['finished', 'planned'],
  finished: ['archived', 'running'],
  archived: ['finished'],
}
const ORDER: CohortState[] = ['planned', 'running', 'finished', 'archived']

const stepsFrom = ({ t }: Context, cohort: CohortCard) =>
  STEPS[cohort.state].map((state) => {
    const back = ORDER.indexOf(state) < ORDER.indexOf(cohort.state)
    return {
      label: t(`cohorts.step.${back ? 'back' : 'to'}.${state}`),
      confirm: t(`cohorts.step.confirm.${back ? 'back' : 'to'}.${state}`),
      href: `/cohorts/${cohort.id}/state`,
      method: 'post',
      kind: back ? 'quiet' : 'plain',
      fields: { state, version: cohort.version },
    }
  })
