import { db, fromJson } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import { type NoticeKind, notify } from '../../core/notices/index.ts'
import { type Actor, hasFrom } from '../../core/rights/index.ts'
import { innerQuotes, pick, type Translated } from '../../core/text.ts'

/** Tells the learner that evidence came back, with the reason. */
export async function tellLearner(event: DomainEvent): Promise<void> {
  const row = await db()('milestone_states as s')
    .join('milestones as m', 'm.id', 's.milestone_id')
    .join('enrolments as e', 'e.id', 's.enrolment_id')
    .where('s.id', event.subject.id)
    .where('e.state', 'active')
    .first('m.title', 's.enrolment_id', 's.milestone_id', 'e.person_id')
  if (!row) return
  await notify('tracking.returned', [row.person_id], {
    subject: { type: 'enrolment', id: row.enrolment_id },
    data: { milestone: fromJson<Translated>(row.title, {}), comment: event.data.comment },
    href: `/my/tracking?enrolment=${row.enrolment_id}#milestone-${row.milestone_id}`,
    dedupeKey: `milestone-returned-${event.id}`,
  })
}

const learns: NoticeKind['mayReceive'] = async (personId, { id }) =>
  Boolean(await db()('enrolments').where({ id, person_id: personId, state: 'active' }).first('id'))

const isLearner = (actor: Actor) => hasFrom(actor, 'enrolment')

export const trackingNotices: Record<string, NoticeKind> = {
  'tracking.returned': {
    texts: 'tracking.notice.returned',
    channels: ['app', 'email'],
    concerns: isLearner,
    values: ({ milestone, comment }, { language }) => {
      const title = pick(milestone as Translated, language)
      return { title, quoted: innerQuotes(title), comment }
    },
    mayReceive: learns,
  },
  // What staff write themselves: the text is theirs.
  'tracking.reminder': {
    texts: 'tracking.notice.reminder',
    channels: ['app', 'email'],
    concerns: isLearner,
    isLetter: true,
  },
}
