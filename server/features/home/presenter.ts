import { innerQuotes } from '../../core/text.ts'
import { addDays } from '../../core/time.ts'
import { isKnown, kindOf } from '../tracking/kinds.ts'
import type { LearnerMilestone } from '../tracking/milestone-queries.ts'
import { presentDue, presentLook, type Reader, say, shortNames } from '../tracking/present-state.ts'
import { isLate, isMet } from '../tracking/state.ts'
import { type NextStep, nextStep, type RouteGap, type Situation, type StepLesson } from './next-step.ts'
import type { ChosenMaterial, ComingLesson, ModuleChoice, OwnEnrolment } from './queries.ts'

export type HomeParts = {
  enrolment: OwnEnrolment
  all: OwnEnrolment[]
  milestones: LearnerMilestone[]
  lessons: ComingLesson[]
  materials: ChosenMaterial[]
  modules: ModuleChoice[]
  /** What a cohort shows its learners of the others; null: nothing. */
  mean: number | null
  companions: string[] | null
}

const titleOf = (reader: Reader, lesson: ComingLesson) =>
  lesson.title || say(reader, lesson.topicTitle ?? lesson.moduleTitle)

/** Only an address of the web opens from here. */
const webLink = (link: string | null) => (link && /^https?:\/\//i.test(link) ? link : null)

function stepLesson(reader: Reader, lesson: ComingLesson | undefined): StepLesson | null {
  if (!lesson) return null
  const { format } = reader
  return {
    title: titleOf(reader, lesson),
    when: format.human(lesson.starts_at),
    place: lesson.place ?? '',
    day: format.civil(lesson.starts_at),
    topicId: lesson.topic_id,
    link: webLink(lesson.link),
  }
}

/** The first module whose rule the draft does not meet yet. */
function gapOf(reader: Reader, modules: ModuleChoice[]): RouteGap | null {
  for (const module of modules) {
    const topics = Math.max(0, (module.min_topics ?? 0) - module.topics)
    const hours = Math.max(0, (module.min_hours ?? 0) - module.hours)
    if (topics > 0 || hours > 0) return { moduleId: module.id, module: say(reader, module.title), topics, hours }
  }
  return null
}

/** What the rules of `next-step.ts` ask about, in the reader's words. */
export function situationOf(reader: Reader, parts: HomeParts): Situation {
  const { enrolment, milestones, lessons, modules } = parts
  return {
    enrolmentId: enrolment.id,
    state: enrolment.state,
    today: reader.today,
    tomorrow: addDays(reader.today, 1),
    learnersFrom: enrolment.learners_from,
    route: {
      state: enrolment.route_state,
      isInForce: enrolment.isInForce,
      opensOn: enrolment.route_opens_on ?? enrolment.learners_from,
      closesOn: enrolment.route_closes_on ?? enrolment.ends_on,
    },
    gap: gapOf(reader, modules),
    milestones: milestones.map((milestone) => ({
      id: milestone.id,
      title: say(reader, milestone.title),
      state: milestone.state,
      dueOn: milestone.dueOn,
      isRequired: milestone.isRequired,
      known: isKnown(milestone) ? kindOf(milestone).known : null,
      moduleId: milestone.module_id,
    })),
    nextLesson: stepLesson(reader, lessons[0]),
    date: reader.format.dayOfYear,
  }
}

const actionOf = (step: NextStep) => (step.href?.startsWith('http') ? 'join' : step.code.replace(/(Place|Free)$/, ''))

/** Titles stand in quotation marks there, and have some of their own. */
const quoted = (values: NextStep['values']) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? innerQuotes(value) : value]),
  )

const TONE_ICONS = { act: 'target-arrow', wait: 'clock', done: 'circle-check' }

function presentNow(reader: Reader, step: NextStep) {
  const { t } = reader
  return {
    sentence: t(`home.next.${step.code}`, quoted(step.values)),
    tone: step.tone,
    icon: TONE_ICONS[step.tone],
    action: step.href && {
      href: step.href,
      label: t(`home.action.${actionOf(step)}`),
      isOutside: step.href.startsWith('http'),
    },
  }
}

function presentLessons(reader: Reader, lessons: ComingLesson[]) {
  const { format } = reader
  return lessons.map((lesson) => ({
    date: {
      iso: lesson.starts_at.slice(0, 10),
      text: format.human(lesson.starts_at),
      exact: format.dateTime(lesson.starts_at),
    },
    until: format.time(lesson.ends_at),
    title: titleOf(reader, lesson),
    href: lesson.topic_id === null ? null : `/topics/${lesson.topic_id}`,
    module: say(reader, lesson.moduleTitle),
    place: lesson.place ?? '',
    link: webLink(lesson.link),
  }))
}

const MATERIAL_ICONS: Record<string, string> = { article: 'file-text', link: 'link', video: 'video', file: 'file' }

function presentMaterials(reader: Reader, materials: ChosenMaterial[]) {
  return materials.map((material) => ({
    href: `/materials/${material.id}`,
    icon: MATERIAL_ICONS[material.kind] ?? 'file',
    title: say(reader, material.title),
    owner: say(reader, material.ownerTitle),
    minutes: material.minutes ? reader.t('home.materials.minutes', { count: material.minutes }) : '',
  }))
}

/** The learner's home, exactly as it is printed. */
export function presentHome(reader: Reader, parts: HomeParts) {
  const { t } = reader
  const { enrolment, all, milestones } = parts
  const short = shortNames(t, milestones, reader.lang)
  const journal = `/my/tracking?enrolment=${enrolment.id}`
  const required = milestones.filter((milestone) => milestone.isRequired)
  const done = required.filter((milestone) => isMet(milestone.state)).length
  const isOpen = enrolment.learners_from === null || enrolment.learners_from <= reader.today
  return {
    now: presentNow(reader, nextStep(situationOf(reader, parts))),
    isOpen,
    choices: all.map((row) => ({
      href: `/home?enrolment=${row.id}`,
      label: row.cohort_title,
      active: row.id === enrolment.id,
    })),
    journalHref: journal,
    progress: {
      value: done,
      max: required.length || 1,
      text: t('tracking.progress', { done, count: required.length }),
    },
    steps: milestones.map((milestone) => ({
      ...presentLook(reader, milestone),
      short: short.get(milestone.id) as string,
      title: say(reader, milestone.title),
      href: `${journal}#milestone-${milestone.id}`,
    })),
    late: required
      .filter((milestone) => isLate(milestone.state, milestone.dueOn, reader.today))
      .map((milestone) => ({
        title: say(reader, milestone.title),
        href: `${journal}#milestone-${milestone.id}`,
        due: presentDue(reader, milestone.dueOn),
      })),
    lessons: presentLessons(reader, parts.lessons),
    materials: presentMaterials(reader, parts.materials),
    numbers: [
      { label: t('home.numbers.credits'), value: `${enrolment.credits_passed} / ${enrolment.modules_total}` },
      {
        label: t('home.numbers.attendance'),
        value: reader.format.percent(
          enrolment.lessons_held ? enrolment.lessons_attended / enrolment.lessons_held : null,
        ),
      },
      ...(parts.mean === null ? [] : [{ label: t('home.numbers.mean'), value: reader.format.percent(parts.mean) }]),
    ],
    companions: parts.companions,
    routeHref: `/learning-routes/${enrolment.id}`,
    routeText: t(`home.route.${routeKey(enrolment)}`),
  }
}

const routeKey = (enrolment: OwnEnrolment) =>
  enrolment.isInForce && enrolment.route_state !== 'approved' ? 'changing' : (enrolment.route_state ?? 'none')
