import { db, fromJson } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import { type NoticeKind, notify, type Words } from '../../core/notices/index.ts'
import { type Actor, hasAnywhere, hasFrom } from '../../core/rights/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { pick, type Translated } from '../../core/text.ts'
import { routeUrl } from './presenter.ts'

/** Tells the author of a route what was decided: once per version and decision. */
export async function tellAuthor(event: DomainEvent): Promise<void> {
  const { personId, enrolmentId, versionNumber, comment } = event.data
  const programme = await db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .join('programmes as p', 'p.id', 'c.programme_id')
    .where('e.id', Number(enrolmentId))
    .first('p.title')
  if (!programme) return
  const name = event.type === 'routeApproved' ? 'approved' : 'returned'
  await notify(`learning-routes.${name}`, [Number(personId)], {
    subject: { type: 'enrolment', id: Number(enrolmentId) },
    data: { programme: fromJson<Translated>(programme.title, {}), comment },
    href: routeUrl(Number(enrolmentId)),
    dedupeKey: `route-${name}-${event.subject.id}-${versionNumber}`,
  })
}

/**
 * Tells those who approve in this cohort or programme that routes are waiting: at most once a day each, however many are
 * sent. Who approves in the whole authority looks at the queue instead of being told of every programme, unless nobody
 * else is there.
 */
export async function tellApprovers(event: DomainEvent): Promise<void> {
  const cohort = await db()('cohorts')
    .where({ id: Number(event.data.cohortId) })
    .first('id', 'programme_id')
  const { approval } = cohort ? await approvalOf(cohort.programme_id) : { approval: 'none' }
  if (approval === 'none') return
  const near = await listApprovers([
    ['cohort', cohort.id],
    ['programme', cohort.programme_id],
  ])
  const people = near.length > 0 ? near : await listApprovers([['authority', 0]])
  const others = people.filter((id) => id !== Number(event.data.personId))
  await notify('learning-routes.waiting', others, {
    subject: { type: 'cohort', id: cohort.id },
    href: '/route-approvals',
    dedupeKey: `routes-waiting-${authorityToday()}`,
  })
}

const isAuthor: NoticeKind['mayReceive'] = async (personId, { id }) =>
  Boolean(await db()('enrolments').where({ id, person_id: personId }).whereNot('state', 'withdrawn').first('id'))

const isLearner = (actor: Actor) => hasFrom(actor, 'enrolment')

const ofProgramme = (data: Record<string, unknown>, { language }: Words) => ({
  ...data,
  programme: pick(data.programme as Translated, language),
})

export const routeNotices: Record<string, NoticeKind> = {
  'learning-routes.approved': {
    texts: 'learning-routes.notice.approved',
    channels: ['app', 'email'],
    concerns: isLearner,
    values: ofProgramme,
    mayReceive: isAuthor,
  },
  'learning-routes.returned': {
    texts: 'learning-routes.notice.returned',
    channels: ['app', 'email'],
    concerns: isLearner,
    values: ofProgramme,
    mayReceive: isAuthor,
  },
  'learning-routes.waiting': {
    texts: 'learning-routes.notice.waiting',
    channels: ['app', 'email'],
    concerns: (actor) => hasAnywhere(actor, 'routes.approve'),
    mayReceive: async (personId) => Boolean(await approving().where('people.id', personId).first('people.id')),
  },
}

async function approvalOf(programmeId: number): Promise<{ approval?: string }> {
  const programme = await db()('programmes').where({ id: programmeId }).first('rules')
  return fromJson<{ approval?: string }>(programme?.rules, {})
}

/** People with grants `g` that let them approve today, anywhere. */
const approving = () => {
  const date = authorityToday()
  return db()('people')
    .where('people.state', 'active')
    .join('grants as g', 'g.person_id', 'people.id')
    .join('role_permissions as rp', 'rp.role_id', 'g.role_id')
    .where('rp.permission', 'routes.approve')
    .where((open) => open.whereNull('g.starts_on').orWhere('g.starts_on', '<=', date))
    .where((open) => open.whereNull('g.ends_on').orWhere('g.ends_on', '>=', date))
}

const listApprovers = (scopes: [string, number][]): Promise<number[]> =>
  approving()
    .where((any) => {
      for (const [type, id] of scopes) void any.orWhere({ 'g.scope_type': type, 'g.scope_id': id })
    })
    .distinct('people.id')
    .limit(50)
    .pluck('people.id')
