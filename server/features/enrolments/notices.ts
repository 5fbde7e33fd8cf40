import type { Knex } from 'knex'
import { db, fromJson } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import {
  isNotified,
  type NoticeData,
  type NoticeKind,
  notify,
  type Reviewed,
  type Words,
} from '../../core/notices/index.ts'
import { hasAnywhere } from '../../core/rights/index.ts'
import { authorityToday, setting } from '../../core/settings.ts'
import { fullName, pick, type Translated } from '../../core/text.ts'
import { civilDate, fromUtc } from '../../core/time.ts'
import { heldToday } from '../cohorts/group-queries.ts'
import { currentEmployments } from '../people/policy.ts'

/** A cohort as its notices speak of it. */
type Cohort = {
  programme: Translated
  cohort: string
  from: string
  to: string
  learnersFrom: string | null
  directorsFrom: string | null
  routeUntil: string | null
}

async function selectCohort(id: number): Promise<Cohort | undefined> {
  const row = await db()('cohorts as c')
    .join('programmes as p', 'p.id', 'c.programme_id')
    .where('c.id', id)
    .first('c.*', 'p.title as programme_title')
  return (
    row && {
      programme: fromJson<Translated>(row.programme_title, {}),
      cohort: row.title,
      from: row.starts_on,
      to: row.ends_on,
      learnersFrom: row.learners_from,
      directorsFrom: row.directors_from,
      routeUntil: row.route_closes_on,
    }
  )
}

const isLater = (date: string | null): date is string => date !== null && date > authorityToday()

/** What both notices say of the cohort. */
const aboutCohort = (data: Cohort, { language, format }: Words) => ({
  programme: pick(data.programme, language),
  cohort: data.cohort,
  from: format.date(data.from),
  to: format.date(data.to),
})

/** To the learner: where they are enrolled, how and when to begin. Once per enrolment. */
export async function welcomeLearner(event: DomainEvent): Promise<void> {
  const enrolment = await db()('enrolments as n')
    .leftJoin('accounts as a', 'a.person_id', 'n.person_id')
    .where({ 'n.id': event.subject.id, 'n.state': 'active' })
    .first('n.person_id', 'n.cohort_id', 'a.state as account')
  const cohort = enrolment && (await selectCohort(enrolment.cohort_id))
  if (!cohort) return
  await notify('enrolments.enrolled', [enrolment.person_id], {
    subject: event.subject,
    data: { ...cohort, hasAccount: enrolment.account === 'active' },
    href: `/learning-routes/${event.subject.id}`,
    dedupeKey: `enrolled-${event.id}`,
  })
}

/**
 * To those who answer for the learner's place of work: who of their people was enrolled and how to follow them. Once a day
 * for each of them and each cohort, however many are enrolled.
 */
export async function tellDirectors(event: DomainEvent): Promise<void> {
  const cohortId = Number(event.data.cohortId)
  const cohort = await selectCohort(cohortId)
  const personId = Number(event.data.personId)
  if (!cohort) return
  // The day of the event and not of its delivery, which may come once more, or after midnight.
  const day = civilDate(fromUtc(event.occurredAt), (await setting('authority')).timeZone)
  const dedupeKey = `director-enrolled-${cohortId}-${day}`
  for (const director of await listDirectors(personId)) {
    if (director === personId || (await isNotified(director, dedupeKey))) continue
    const people = await listEnrolledOf(director, cohortId, String(event.data.on ?? day))
    if (!people.length) continue
    await notify('enrolments.directorEnrolled', [director], {
      subject: { type: 'cohort', id: cohortId },
      data: { ...cohort, people },
      href: '/employees',
      dedupeKey,
    })
  }
}

/** Names in a notice; the rest are counted. */
const MOST_NAMES = 15

function listNames(names: readonly string[], { t }: Words): string {
  const more = names.length - MOST_NAMES
  const shown = names.slice(0, MOST_NAMES).map((name) => `— ${name}`)
  return [...shown, ...(more > 0 ? [t('enrolments.notice.more', { count: more })] : [])].join('\n')
}

/** Whoever answers for people no more does not read their names in old notices, either. */
async function reviewNames(directorId: number, notices: readonly Reviewed[]): Promise<(NoticeData | null)[]> {
  const rows = await enrolledOf(directorId, [...new Set(notices.map(({ subject }) => subject.id))])
  const known = new Set(rows.map((row) => `${row.cohort_id} ${fullName(row)}`))
  return notices.map(({ subject, data }) => {
    const people = (data.people as string[]).filter((name) => known.has(`${subject.id} ${name}`))
    return people.length ? { ...data, people } : null
  })
}

export const enrolmentNotices: Record<string, NoticeKind> = {
  'enrolments.enrolled': {
    texts: 'enrolments.notice.enrolled',
    channels: ['app', 'email'],
    values: (data, words) => {
      const cohort = data as Cohort & { hasAccount: boolean }
      return {
        ...aboutCohort(cohort, words),
        date: isLater(cohort.learnersFrom) ? words.format.date(cohort.learnersFrom) : '',
        until: words.format.date(cohort.routeUntil),
        noAccount: cohort.hasAccount ? '' : words.t('enrolments.notice.noAccount'),
      }
    },
    mayReceive: async (personId, { id }) =>
      Boolean(await db()('enrolments').where({ id, person_id: personId, state: 'active' }).first('id')),
  },
  'enrolments.directorEnrolled': {
    texts: 'enrolments.notice.directorEnrolled',
    channels: ['app', 'email'],
    concerns: (actor) => hasAnywhere(actor, 'employees.view'),
    values: (data, words) => {
      const { people, ...cohort } = data as Cohort & { people: string[] }
      const opens = isLater(cohort.directorsFrom) ? words.format.date(cohort.directorsFrom) : ''
      return {
        ...aboutCohort(cohort, words),
        count: people.length,
        people: listNames(people, words),
        follow: opens ? words.t('enrolments.notice.opensOn', { date: opens }) : words.t('enrolments.notice.follow'),
      }
    },
    mayReceive: async (personId, { id }) => (await listEnrolledOf(personId, id)).length > 0,
    review: reviewNames,
  },
}

/** Grants in organisations that let someone follow the employees there: heads have them while employed. */
const overseeing = () =>
  db()('grants as gr')
    .join('role_permissions as rp', 'rp.role_id', 'gr.role_id')
    .where({ 'gr.scope_type': 'organisation', 'rp.permission': 'employees.view' })
    .modify(heldToday)

const organisationsOf = (personId: number) =>
  db()('employments as e')
    .where('e.person_id', personId)
    .modify((work) => currentEmployments(work))
    .select('e.organisation_id')

const listDirectors = (personId: number): Promise<number[]> =>
  db()('people as p')
    .where('p.state', 'active')
    .whereIn('p.id', overseeing().whereIn('gr.scope_id', organisationsOf(personId)).select('gr.person_id'))
    .pluck('p.id')

type Named = { cohort_id: number; last_name: string; first_name: string; middle_name: string | null }

/** The director's people who are or were enrolled in these cohorts, the director excepted. */
const enrolledOf = (
  directorId: number,
  cohortIds: readonly number[],
  narrow: (query: Knex.QueryBuilder) => void = () => {},
): Promise<Named[]> =>
  db()('enrolments as n')
    .join('people as p', 'p.id', 'n.person_id')
    .whereIn('n.cohort_id', cohortIds)
    .whereNot('p.id', directorId)
    .whereIn(
      'p.id',
      db()('employments as e')
        .modify((work) => currentEmployments(work))
        .whereIn('e.organisation_id', overseeing().where('gr.person_id', directorId).select('gr.scope_id'))
        .select('e.person_id'),
    )
    .modify(narrow)
    .orderBy(['p.sort_name', 'p.id'])
    .select('n.cohort_id', 'p.last_name', 'p.first_name', 'p.middle_name')

/** Names of the director's people who are enrolled in the cohort (on this day, if one is given). */
async function listEnrolledOf(directorId: number, cohortId: number, on?: string): Promise<string[]> {
  const rows = await enrolledOf(directorId, [cohortId], (query) => {
    void query.where({ 'n.state': 'active', ...(on ? { 'n.enrolled_on': on } : {}) })
  })
  return rows.map(fullName)
}
