import { db, fromJson } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import { absoluteUrl } from '../../core/http/base-url.ts'
import { translator } from '../../core/i18n/index.ts'
import { type Letter, queueLetter, queueLetters } from '../../core/mail/index.ts'
import { setting } from '../../core/settings.ts'
import { pick } from '../../core/text.ts'
import { authorityToday } from './load-route.ts'
import { routeUrl } from './presenter.ts'

interface Recipient {
  id: number
  first_name: string
  email: string
  language: string | null
}

const reachable = () => db()('people').where('people.state', 'active').whereNotNull('people.email')

/** Tells the author of a route what was decided: one letter per version and decision. */
export async function tellAuthor(event: DomainEvent): Promise<void> {
  const { personId, enrolmentId, versionNumber, comment } = event.data
  const person: Recipient | undefined = await reachable()
    .where('people.id', Number(personId))
    .first('people.id', 'people.first_name', 'people.email', 'people.language')
  const programme = await db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .join('programmes as p', 'p.id', 'c.programme_id')
    .where('e.id', Number(enrolmentId))
    .first('p.title')
  if (!person || !programme) return
  const language = person.language ?? (await setting('authority')).defaultLanguage
  const t = translator(language)
  const name = event.type === 'routeApproved' ? 'approved' : 'returned'
  const title = pick(fromJson<Record<string, string>>(programme.title, {}), language)
  const url = await absoluteUrl(routeUrl(Number(enrolmentId)))
  const paragraphs = [
    t('learning-routes.letter.greeting', { name: person.first_name }),
    t(`learning-routes.letter.${name}Text`, { programme: title }),
    comment ? t('learning-routes.letter.comment', { comment }) : '',
    url ? t('learning-routes.letter.link', { url }) : '',
  ]
  await queueLetter({
    kind: `learning-routes.${name}`,
    to: person.email,
    personId: person.id,
    language,
    subject: t(`learning-routes.letter.${name}Subject`),
    text: paragraphs.filter(Boolean).join('\n\n'),
    dedupeKey: `route-${name}-${event.subject.id}-${versionNumber}`,
  })
}

/**
 * Tells those who approve in this cohort or programme that routes are waiting: at most one letter a day each, however
 * many are sent. Who approves in the whole authority looks at the queue instead of getting a letter for every programme,
 * unless nobody else is there.
 */
export async function tellApprovers(event: DomainEvent): Promise<void> {
  const cohort = await db()('cohorts')
    .where({ id: Number(event.data.cohortId) })
    .first('id', 'programme_id')
  const { approval } = cohort ? await approvalOf(cohort.programme_id) : { approval: 'none' }
  if (approval === 'none') return
  const date = await authorityToday()
  const near = await approvers(date, [
    ['cohort', cohort.id],
    ['programme', cohort.programme_id],
  ])
  const people = near.length > 0 ? near : await approvers(date, [['authority', 0]])
  const { defaultLanguage } = await setting('authority')
  const url = await absoluteUrl('/route-approvals')
  const letters = people
    .filter((person) => person.id !== Number(event.data.personId))
    .map((person): Letter => {
      const language = person.language ?? defaultLanguage
      const t = translator(language)
      const paragraphs = [
        t('learning-routes.letter.greeting', { name: person.first_name }),
        t('learning-routes.letter.waitingText'),
        url ? t('learning-routes.letter.link', { url }) : '',
      ]
      return {
        kind: 'learning-routes.waiting',
        to: person.email,
        personId: person.id,
        language,
        subject: t('learning-routes.letter.waitingSubject'),
        text: paragraphs.filter(Boolean).join('\n\n'),
        dedupeKey: `routes-waiting-${person.id}-${date}`,
      }
    })
  await queueLetters(letters)
}

async function approvalOf(programmeId: number): Promise<{ approval?: string }> {
  const programme = await db()('programmes').where({ id: programmeId }).first('rules')
  return fromJson<{ approval?: string }>(programme?.rules, {})
}

const approvers = (date: string, scopes: [string, number][]): Promise<Recipient[]> =>
  reachable()
    .join('grants as g', 'g.person_id', 'people.id')
    .join('role_permissions as rp', 'rp.role_id', 'g.role_id')
    .where('rp.permission', 'routes.approve')
    .where((any) => {
      for (const [type, id] of scopes) void any.orWhere({ 'g.scope_type': type, 'g.scope_id': id })
    })
    .where((open) => open.whereNull('g.starts_on').orWhere('g.starts_on', '<=', date))
    .where((open) => open.whereNull('g.ends_on').orWhere('g.ends_on', '>=', date))
    .distinct('people.id', 'people.first_name', 'people.email', 'people.language')
    .limit(50)
