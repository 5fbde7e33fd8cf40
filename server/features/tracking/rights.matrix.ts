import { db } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import { makeMilestone } from '../../testing/builders.ts'
import type { MatrixRow } from '../../testing/matrix.ts'
import type { Half } from '../../testing/world.ts'

const cohort = (half: Half) => `/tracking/cohorts/${half.cohort}`
const card = (half: Half) => `/tracking/enrolments/${half.enrolment}/milestones/${half.milestone}`

/** A milestone of the half's programme in this state; a new one each time, since deciding changes it. */
async function freshCard(half: Half, state: string): Promise<string> {
  const milestone = await makeMilestone({ programme_id: half.programme })
  await evidenceOn(half, milestone, state)
  return `/tracking/enrolments/${half.enrolment}/milestones/${milestone}`
}

async function evidenceOn(half: Half, milestone: number, state: string): Promise<number> {
  const key = { enrolment_id: half.enrolment, milestone_id: milestone }
  await db()('milestone_states').insert({ ...key, state, source: 'manual', updated_at: nowUtc() })
  const row = await db()('milestone_states').where(key).first('id')
  const evidence = { milestone_state_id: row.id, note: 'Сделано', created_by: half.person, created_at: nowUtc() }
  await db()('milestone_evidence').insert(evidence)
  return (await db()('milestone_evidence').where({ milestone_state_id: row.id }).first('id')).id
}

const counted = async (half: Half) =>
  evidenceOn(
    half,
    await makeMilestone({ programme_id: half.programme, kind: 'counted_participation', required_count: 3 }),
    'open',
  )

const staff = ['methodist', 'administrator'] as const
const watching = ['instructor', 'director', ...staff] as const
const comment = () => ({ comment: 'Нужна подпись', version: 1 })

const rows: MatrixRow[] = [
  { route: 'GET /tracking', path: '/tracking', may: watching },
  { route: 'GET /tracking/export', path: '/tracking/export', may: watching },
  { route: 'GET /tracking/cohorts/:id', path: cohort, may: watching },
  { route: 'GET /tracking/cohorts/:id/export', path: (half) => `${cohort(half)}/export`, may: watching },
  { route: 'GET /tracking/cohorts/:id/print', path: (half) => `${cohort(half)}/print`, may: watching },
  {
    route: 'POST /tracking/cohorts/:id/confirm',
    path: (half) => `${cohort(half)}/confirm`,
    body: (half) => ({ milestone: half.milestone, enrolments: half.enrolment, note: '' }),
    may: staff,
  },
  {
    route: 'GET /tracking/cohorts/:id/letter',
    path: (half) => `${cohort(half)}/letter`,
    may: ['instructor', ...staff],
  },
  {
    route: 'POST /tracking/cohorts/:id/letter',
    path: (half) => `${cohort(half)}/letter`,
    body: (half) => ({ enrolments: half.enrolment, subject: 'Срок', text: 'Здравствуйте, {имя}!' }),
    may: ['instructor', ...staff],
  },
  { route: 'GET /tracking/enrolments/:id', path: (half) => `/tracking/enrolments/${half.enrolment}`, may: watching },
  { route: 'GET /tracking/enrolments/:id/milestones/:milestone', path: card, may: watching },
  {
    route: 'POST /tracking/enrolments/:id/milestones/:milestone/confirm',
    path: async (half) => `${await freshCard(half, 'submitted')}/confirm`,
    body: () => ({ version: 1 }),
    upload: true,
    may: staff,
  },
  {
    route: 'POST /tracking/enrolments/:id/milestones/:milestone/return',
    path: async (half) => `${await freshCard(half, 'submitted')}/return`,
    body: comment,
    may: staff,
  },
  {
    route: 'POST /tracking/enrolments/:id/milestones/:milestone/waive',
    path: async (half) => `${await freshCard(half, 'open')}/waive`,
    body: comment,
    may: staff,
  },
  {
    route: 'POST /tracking/enrolments/:id/milestones/:milestone/reopen',
    path: async (half) => `${await freshCard(half, 'done')}/reopen`,
    body: comment,
    may: staff,
  },
  {
    route: 'POST /tracking/evidence/:id/accept',
    path: async (half) => `/tracking/evidence/${await counted(half)}/accept`,
    body: () => ({ version: 1 }),
    may: staff,
  },
  {
    route: 'POST /tracking/evidence/:id/decline',
    path: async (half) => `/tracking/evidence/${await counted(half)}/decline`,
    body: comment,
    may: staff,
  },
  {
    route: 'GET /my/tracking',
    path: (half) => `/my/tracking?enrolment=${half.enrolment}`,
    may: ['learner'],
    mayForeign: [],
  },
  {
    route: 'POST /my/tracking/:id/milestones/:milestone/evidence',
    path: async (half) =>
      `/my/tracking/${half.enrolment}/milestones/${await makeMilestone({ programme_id: half.programme })}/evidence`,
    body: () => ({ note: 'Провела урок', version: 0 }),
    upload: true,
    may: ['learner'],
    mayForeign: [],
  },
  {
    route: 'POST /my/evidence/:id/withdraw',
    path: async (half) => {
      const milestone = await makeMilestone({ programme_id: half.programme })
      return `/my/evidence/${await evidenceOn(half, milestone, 'submitted')}/withdraw`
    },
    may: ['learner'],
    mayForeign: [],
  },
]
export default rows
