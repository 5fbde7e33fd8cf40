import { db, fromJson } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import { absoluteUrl } from '../../core/http/base-url.ts'
import { formatFor } from '../../core/i18n/format.ts'
import { translator } from '../../core/i18n/index.ts'
import { queueLetter } from '../../core/mail/index.ts'
import { setting } from '../../core/settings.ts'
import { fullName, pick, type Translated } from '../../core/text.ts'
import { today } from '../../core/time.ts'
import { heldToday } from '../cohorts/group-queries.ts'
import { currentEmployments } from '../people/policy.ts'

type Recipient = { id: number; first_name: string; email: string; language: string | null }

type Cohort = {
  id: number
  title: string
  starts_on: string
  ends_on: string
  route_opens_on: string | null
  route_closes_on: string | null
  learners_from: string | null
  directors_from: string | null
  programmeTitle: Translated
}

async function selectCohort(id: number): Promise<Cohort | undefined> {
  const row = await db()('cohorts as c')
    .join('programmes as p', 'p.id', 'c.programme_id')
    .where('c.id', id)
    .first('c.*', 'p.title as programme_title')
  return row && { ...row, programmeTitle: fromJson<Translated>(row.programme_title, {}) }
}

const reachable = () => db()('people as p').where('p.state', 'active').whereNotNull('p.email')
const RECIPIENT = ['p.id', 'p.first_name', 'p.email', 'p.language']

/** Writes in the recipient's language. */
async function wordsFor(person: Recipient) {
  const { defaultLanguage, timeZone } = await setting('authority')
  const language = person.language ?? defaultLanguage
  return { language, t: translator(language), format: formatFor(language, timeZone), day: today(timeZone) }
}

/** To the learner: where they are enrolled, how and when to begin. Once per enrolment. */
export async function welcomeLearner(event: DomainEvent): Promise<void> {
  const enrolment = await db()('enrolments')
    .where({ id: event.subject.id, state: 'active' })
    .first('person_id', 'cohort_id')
  if (!enrolment) return
  const person: (Recipient & { account: string | null }) | undefined = await reachable()
    .leftJoin('accounts as a', 'a.person_id', 'p.id')
    .where('p.id', enrolment.person_id)
    .first(...RECIPIENT, 'a.state as account')
  const cohort = await selectCohort(enrolment.cohort_id)
  if (!person || !cohort) return
  const { language, t, format, day } = await wordsFor(person)
  const programme = pick(cohort.programmeTitle, language)
  const url = await absoluteUrl(`/learning-routes/${event.subject.id}`)
  const opensLater = cohort.learners_from !== null && cohort.learners_from > day
  const paragraphs = [
    t('enrolments.letter.greeting', { name: person.first_name }),
    t('enrolments.letter.enrolled', { programme, cohort: cohort.title }),
    t('enrolments.letter.period', { from: format.date(cohort.starts_on), to: format.date(cohort.ends_on) }),
    opensLater ? t('enrolments.letter.opensOn', { date: format.date(cohort.learners_from) }) : '',
    t('enrolments.letter.begin'),
    cohort.route_closes_on ? t('enrolments.letter.routeUntil', { date: format.date(cohort.route_closes_on) }) : '',
    url ? t('enrolments.letter.link', { url }) : '',
    person.account === 'active' ? '' : t('enrolments.letter.noAccount'),
  ]
  await queueLetter({
    kind: 'enrolments.enrolled',
    to: person.email,
    personId: person.id,
    language,
    subject: t('enrolments.letter.subject', { programme }),
    text: paragraphs.filter(Boolean).join('\n\n'),
    dedupeKey: `enrolled-${event.id}`,
  })
}

/** Names in a letter; the rest are counted. */
const MOST_NAMES = 15

/**
 * To those who answer for the learner's place of work: who of their people was enrolled and how to follow them. One letter
 * a day for each of them and each cohort, however many are enrolled.
 */
export async function tellDirectors(event: DomainEvent): Promise<void> {
  const cohort = await selectCohort(Number(event.data.cohortId))
  const personId = Number(event.data.personId)
  if (!cohort) return
  const day = today((await setting('authority')).timeZone)
  for (const director of await listDirectors(personId)) {
    if (director.id === personId) continue
    const dedupeKey = `director-enrolled-${director.id}-${cohort.id}-${day}`
    if (await db()('mail_outbox').where({ dedupe_key: dedupeKey }).first('id')) continue
    const names = await listEnrolledOf(director.id, cohort.id, String(event.data.on ?? day))
    if (names.length) await writeToDirector(director, cohort, names, dedupeKey)
  }
}

async function writeToDirector(director: Recipient, cohort: Cohort, names: string[], dedupeKey: string) {
  const { language, t, format, day } = await wordsFor(director)
  const programme = pick(cohort.programmeTitle, language)
  const more = names.length - MOST_NAMES
  const shown = names.slice(0, MOST_NAMES).map((name) => `— ${name}`)
  const opensLater = cohort.directors_from !== null && cohort.directors_from > day
  const url = await absoluteUrl('/')
  const paragraphs = [
    t('enrolments.directorLetter.greeting', { name: director.first_name }),
    t('enrolments.directorLetter.enrolled', { count: names.length, programme, cohort: cohort.title }),
    [...shown, more > 0 ? t('enrolments.directorLetter.more', { count: more }) : ''].filter(Boolean).join('\n'),
    t('enrolments.directorLetter.period', { from: format.date(cohort.starts_on), to: format.date(cohort.ends_on) }),
    opensLater
      ? t('enrolments.directorLetter.opensOn', { date: format.date(cohort.directors_from) })
      : t('enrolments.directorLetter.follow'),
    url ? t('enrolments.letter.link', { url }) : '',
  ]
  await queueLetter({
    kind: 'enrolments.directorEnrolled',
    to: director.email,
    personId: director.id,
    language,
    subject: t('enrolments.directorLetter.subject', { count: names.length, programme }),
    text: paragraphs.filter(Boolean).join('\n\n'),
    dedupeKey,
  })
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

const listDirectors = (personId: number): Promise<Recipient[]> =>
  reachable()
    .whereIn('p.id', overseeing().whereIn('gr.scope_id', organisationsOf(personId)).select('gr.person_id'))
    .select(RECIPIENT)

/** Names of the director's people who were enrolled in the cohort on this day, the director excepted. */
async function listEnrolledOf(directorId: number, cohortId: number, on: string): Promise<string[]> {
  const rows: { last_name: string; first_name: string; middle_name: string | null }[] = await db()('enrolments as n')
    .join('people as p', 'p.id', 'n.person_id')
    .where({ 'n.cohort_id': cohortId, 'n.enrolled_on': on, 'n.state': 'active' })
    .whereNot('p.id', directorId)
    .whereIn(
      'p.id',
      db()('employments as e')
        .modify((work) => currentEmployments(work))
        .whereIn('e.organisation_id', overseeing().where('gr.person_id', directorId).select('gr.scope_id'))
        .select('e.person_id'),
    )
    .orderBy(['p.sort_name', 'p.id'])
    .select('p.last_name', 'p.first_name', 'p.middle_name')
  return rows.map(fullName)
}
