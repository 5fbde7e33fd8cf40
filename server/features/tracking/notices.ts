import { db, fromJson } from '../../core/db/index.ts'
import type { DomainEvent } from '../../core/events/index.ts'
import { absoluteUrl } from '../../core/http/base-url.ts'
import { translator } from '../../core/i18n/index.ts'
import { queueLetter } from '../../core/mail/index.ts'
import { setting } from '../../core/settings.ts'
import { innerQuotes, pick, type Translated } from '../../core/text.ts'

/** Tells the learner by letter that evidence came back, with the reason. Repeated delivery sends nothing twice. */
export async function tellLearner(event: DomainEvent): Promise<void> {
  const row = await db()('milestone_states as s')
    .join('milestones as m', 'm.id', 's.milestone_id')
    .join('enrolments as e', 'e.id', 's.enrolment_id')
    .join('people as p', 'p.id', 'e.person_id')
    .where('s.id', event.subject.id)
    .where('e.state', 'active')
    .whereNotNull('p.email')
    .first(
      'm.title',
      's.enrolment_id',
      's.milestone_id',
      'p.id as person_id',
      'p.email',
      'p.language',
      'p.first_name',
      'p.middle_name',
    )
  if (!row) return
  const language: string = row.language ?? (await setting('authority')).defaultLanguage
  const t = translator(language)
  const title = pick(fromJson<Translated>(row.title, {}), language)
  const values = {
    title,
    quoted: innerQuotes(title),
    name: [row.first_name, row.middle_name].filter(Boolean).join(' '),
    comment: String(event.data.comment ?? ''),
  }
  const url = await absoluteUrl(`/my/tracking?enrolment=${row.enrolment_id}#milestone-${row.milestone_id}`)
  await queueLetter({
    kind: 'tracking.returned',
    to: row.email,
    personId: row.person_id,
    language,
    subject: t('tracking.mail.returnedSubject', values),
    text: [t('tracking.mail.returnedText', values), url && t('tracking.mail.link', { url })]
      .filter(Boolean)
      .join('\n\n'),
    dedupeKey: `milestone-returned-${event.id}`,
  })
}
