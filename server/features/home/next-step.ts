import { daysBetween } from '../../core/time.ts'

/**
 * "What should I do now?" — one answer for one learner. Rules from the most urgent to the least; pure, so that each can be
 * tried by itself.
 */

export type RouteStanding = {
  /** Null until the learner makes the first step. */
  state: 'draft' | 'submitted' | 'approved' | 'returned' | null
  isInForce: boolean
  /** Civil dates between which it may be built. */
  opensOn: string | null
  closesOn: string | null
}

export type StepMilestone = {
  id: number
  title: string
  state: string
  dueOn: string | null
  isRequired: boolean
  /** Ticked by the system: the learner offers nothing, but does what it is about. */
  known: 'route' | 'credit' | null
  moduleId: number | null
}

export type StepLesson = {
  title: string
  when: string
  place: string
  day: string
  topicId: number | null
  link: string | null
}

/** The first module in which the draft has less than its rule wants. */
export type RouteGap = { moduleId: number; module: string; topics: number; hours: number }

export type Situation = {
  enrolmentId: number
  state: string
  today: string
  tomorrow: string
  learnersFrom: string | null
  route: RouteStanding
  gap: RouteGap | null
  milestones: readonly StepMilestone[]
  nextLesson: StepLesson | null
  /** Says a civil date to the reader. */
  date: (civil: string) => string
}

/** The answer: a sentence by its code and values, and where its one button leads (null: nothing to press). */
export type NextStep = {
  code: string
  values: Record<string, string | number>
  tone: 'act' | 'wait' | 'done'
  href: string | null
}

const DAYS_SOON = 14
const WAITING = ['submitted', 'done', 'waived']

const step = (
  code: string,
  href: string | null,
  values: NextStep['values'] = {},
  tone: NextStep['tone'] = 'act',
): NextStep => ({ code, values, tone, href })

type Rule = (now: Situation) => NextStep | undefined

/** The one thing to do now. */
export function nextStep(situation: Situation): NextStep {
  for (const rule of RULES) {
    const found = rule(situation)
    if (found) return found
  }
  return step('nothingNow', null, {}, 'wait')
}

const RULES: Rule[] = [
  ...[standing, building, returned, lessonSoon, late, dueSoon],
  ...[waitingForRoute, lessonLater, dueLater, rest],
]

/** Learning that is not under way asks for nothing. */
function standing({ state, learnersFrom, today, date }: Situation) {
  if (learnersFrom !== null && learnersFrom > today) return step('notOpen', null, { date: date(learnersFrom) }, 'wait')
  if (state === 'suspended') return step('suspended', null, {}, 'wait')
  if (state === 'completed') return step('completed', null, {}, 'done')
  return undefined
}

const routeHref = ({ enrolmentId }: Situation) => `/learning-routes/${enrolmentId}`

function building(now: Situation) {
  const { route, today, gap } = now
  const href = routeHref(now)
  if (route.isInForce && route.state !== 'returned') return undefined
  if (route.state === 'submitted' || route.state === 'approved') return undefined
  if (route.opensOn !== null && route.opensOn > today) return undefined
  const isClosed = route.closesOn !== null && route.closesOn < today
  if (route.state === 'returned') return step(isClosed ? 'routeReturnedLate' : 'routeReturned', href)
  if (isClosed) return step('routeMissed', href)
  const until = route.closesOn === null ? '' : now.date(route.closesOn)
  const free = until ? '' : 'Free'
  if (route.state === null) return step(`routeBegin${free}`, href, { date: until })
  if (gap === null) return step(`routeSend${free}`, href, { date: until })
  const place = `${href}#module-${gap.moduleId}`
  return gap.topics > 0
    ? step('routeTopics', place, { count: gap.topics, module: gap.module })
    : step('routeHours', place, { count: gap.hours, module: gap.module })
}

const journalHref = ({ enrolmentId }: Situation, milestone: StepMilestone) =>
  `/my/tracking?enrolment=${enrolmentId}#milestone-${milestone.id}`

/** Where a milestone is worked on: the module of a credit, the constructor of a route, else the learner's journal. */
function workHref(now: Situation, milestone: StepMilestone): string {
  if (milestone.known === 'route') return routeHref(now)
  if (milestone.known === 'credit' && milestone.moduleId !== null) return `/modules/${milestone.moduleId}`
  return journalHref(now, milestone)
}

function returned(now: Situation) {
  const found = now.milestones.find(({ state, known }) => state === 'returned' && known === null)
  return found && step('returned', journalHref(now, found), { title: found.title })
}

const lessonHref = (lesson: StepLesson) => lesson.link ?? (lesson.topicId === null ? null : `/topics/${lesson.topicId}`)

const lessonStep = (code: string, lesson: StepLesson) =>
  step(`${code}${lesson.place ? 'Place' : ''}`, lessonHref(lesson), {
    ...{ when: lesson.when, place: lesson.place, title: lesson.title },
  })

function lessonSoon({ nextLesson, today, tomorrow }: Situation) {
  if (!nextLesson || (nextLesson.day !== today && nextLesson.day !== tomorrow)) return undefined
  return lessonStep('lesson', nextLesson)
}

/** What is still with the learner, by date; what has none comes last. */
const open = ({ milestones }: Situation) =>
  milestones
    .filter((milestone) => milestone.isRequired && !WAITING.includes(milestone.state))
    .sort((a, b) => (a.dueOn ?? '9999').localeCompare(b.dueOn ?? '9999'))

function late(now: Situation) {
  const found = open(now).find(({ dueOn }) => dueOn !== null && dueOn < now.today)
  if (!found) return undefined
  const code = found.known === 'credit' ? 'lateCredit' : 'late'
  return step(code, workHref(now, found), { title: found.title, date: now.date(found.dueOn as string) })
}

/** Credits come through lessons: only what the learner does by themselves is called due. */
const own = (now: Situation) => open(now).filter(({ known }) => known === null)

function dueSoon(now: Situation) {
  const found = own(now).find(({ dueOn }) => dueOn !== null && daysBetween(now.today, dueOn) <= DAYS_SOON)
  return found && step('due', workHref(now, found), { title: found.title, date: now.date(found.dueOn as string) })
}

function waitingForRoute(now: Situation) {
  const { route, today } = now
  if (route.state === 'submitted') return step('routeWaiting', routeHref(now), {}, 'wait')
  if (route.state === null && !route.isInForce && route.opensOn !== null && route.opensOn > today) {
    return step('routeLater', null, { date: now.date(route.opensOn) }, 'wait')
  }
  return undefined
}

function lessonLater({ nextLesson }: Situation) {
  return nextLesson ? { ...lessonStep('lessonLater', nextLesson), tone: 'wait' as const } : undefined
}

function dueLater(now: Situation) {
  const [found] = own(now)
  if (!found) return undefined
  if (found.dueOn === null) return step('openTask', workHref(now, found), { title: found.title })
  return step('due', workHref(now, found), { title: found.title, date: now.date(found.dueOn) })
}

function rest(now: Situation) {
  const required = now.milestones.filter(({ isRequired }) => isRequired)
  const allMet = required.length > 0 && required.every(({ state }) => state === 'done' || state === 'waived')
  return allMet ? step('allDone', null, {}, 'done') : undefined
}
