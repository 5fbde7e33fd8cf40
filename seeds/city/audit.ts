import { insertRow, insertRows } from '../../server/core/db/index.ts'
import { addDays, nowUtc } from '../../server/core/time.ts'
import type { Rng } from '../demo-names/index.ts'

const PIECE = 5000
const DAYS = 365
/** What happens in an authority, roughly as often as it stands here. */
const KINDS = [
  ['signedIn', 'person'],
  ['dataRead', 'person'],
  ['journalChanged', 'group'],
  ['journalChanged', 'group'],
  ['routeChanged', 'enrolment'],
  ['personChanged', 'person'],
] as const

/**
 * A year of the audit trail, sealed and delivered. Two of five events are of the staff, whose days fill whole pages.
 * @param people who may have done it, the staff first
 */
export async function loadAudit(rng: Rng, people: readonly number[], count: number, today: string): Promise<void> {
  const sealed_at = nowUtc()
  const seal_id = await insertRow('audit_seals', { previous_id: 0, event_count: count, hash: 'bulk', sealed_at })
  const staff = people.slice(0, Math.max(5, Math.floor(people.length / 250)))
  const anyOf = (list: readonly number[]) => list[Math.floor(rng() * list.length)] as number
  for (let at = 0; at < count; at += PIECE) {
    const rows = Array.from({ length: Math.min(PIECE, count - at) }, (_, offset) => {
      const [type, subject_type] = KINDS[(at + offset) % KINDS.length] as (typeof KINDS)[number]
      const day = addDays(today, Math.floor((at / count) * DAYS) - DAYS)
      return {
        ...{ type, subject_type, subject_id: anyOf(people), actor_id: anyOf(rng() < 0.4 ? staff : people) },
        ...{ occurred_at: `${day} 09:00:00.000`, delivered_at: `${day} 09:00:01.000`, seal_id },
        ...{ data: '{"after":{"mark":"5"}}', ip: `10.0.${offset % 250}.${at % 250}` },
      }
    })
    await insertRows('domain_events', rows)
  }
}
