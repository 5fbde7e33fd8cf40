import { chunks, db, insertRows, toJson } from '../../server/core/db/index.ts'
import { addDays } from '../../server/core/time.ts'

const PER_PERSON = 15
const UNREAD = 3
const KINDS = ['learning-routes.approved', 'learning-routes.returned', 'enrolments.enrolled'] as const
const PROGRAMME = { ru: 'Первый год в школе', en: 'First year at school' }

/** What everybody has been told in the last half year; the latest is not read yet. Two million rows in a city. */
export async function loadNotices(people: readonly number[], today: string): Promise<void> {
  const told = Array.from({ length: PER_PERSON }, (_, number) => {
    const data = { programme: PROGRAMME, comment: 'Добавьте тему.', cohort: 'Поток', from: today, to: today }
    const isRead = number < PER_PERSON - UNREAD
    const created_at = `${addDays(today, (number - PER_PERSON) * 10)} 09:00:00.000`
    return {
      kind: KINDS[number % KINDS.length],
      dedupe_key: `bulk-${number}`,
      subject_type: 'enrolment',
      subject_id: 1,
      data: toJson(data),
      href: '/home',
      state: isRead ? 'read' : 'unread',
      read_at: isRead ? created_at : null,
      created_at,
    }
  })
  for (const piece of chunks(people, 200)) {
    await insertRows(
      'notices',
      piece.flatMap((person_id) => told.map((notice) => ({ person_id, ...notice }))),
    )
  }
  await db()('people').update({ unread_notices: UNREAD })
}
