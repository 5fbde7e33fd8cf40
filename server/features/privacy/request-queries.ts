import { db } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import { COUNT_CAP, countCapped, type Paged, type Paging, paged } from '../../core/http/paging.ts'

export const REQUEST_KINDS = ['access', 'correction', 'erasure', 'withdrawal'] as const
export type RequestKind = (typeof REQUEST_KINDS)[number]
export type RequestState = 'open' | 'working' | 'done' | 'declined' | 'cancelled'
/** What still waits for an answer. */
export const PENDING: readonly RequestState[] = ['open', 'working']

export type DataRequest = {
  id: number
  person_id: number
  kind: RequestKind
  text: string
  state: RequestState
  due_on: string
  decision: string | null
  decided_by: number | null
  decided_at: string | null
  recorded_by: number | null
  version: number
  created_at: string
  last_name: string
  first_name: string
  middle_name: string | null
}

const requests = () =>
  db()('data_requests as r')
    .join('people as p', 'p.id', 'r.person_id')
    .select('r.*', 'p.last_name', 'p.first_name', 'p.middle_name')

/** The queue, what is due first before the rest; or what was answered, the latest first. */
export function listRequests(isPending: boolean, paging: Paging): Promise<Paged<DataRequest>> {
  const rows = requests()[isPending ? 'whereIn' : 'whereNotIn']('r.state', [...PENDING])
  const key = isPending ? 'r.due_on' : 'r.updated_at'
  return paged<DataRequest & { updated_at: string }>(
    rows,
    paging,
    key,
    'r.id',
    (row) => ({ key: isPending ? row.due_on : row.updated_at, id: row.id }),
    { descending: !isPending },
  )
}

/** @throws NotFoundError */
export async function selectRequest(id: number): Promise<DataRequest> {
  const row = await requests().where('r.id', id).first()
  if (!row) throw new NotFoundError()
  return row
}

/** What a person has asked for, the latest first. */
export const listOwn = (personId: number): Promise<DataRequest[]> =>
  requests().where('r.person_id', personId).orderBy('r.id', 'desc').limit(100)

/** How many wait, and how many of them are late. */
export async function countPending(today: string): Promise<{ waiting: number; late: number }> {
  const pending = () => db()('data_requests').whereIn('state', [...PENDING])
  const [waiting, late] = [await countCapped(pending()), await countCapped(pending().where('due_on', '<', today))]
  return { waiting: Math.min(waiting.count, COUNT_CAP), late: Math.min(late.count, COUNT_CAP) }
}
