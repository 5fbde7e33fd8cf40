import { createHash, randomBytes } from 'node:crypto'
import { chunks, db, insertRow, updateRows, withTransaction } from '../db/index.ts'
import { inSeconds, nowUtc } from '../time.ts'

/** An event is sealed once it is so old, in seconds: those recorded by a transaction still under way come in then. */
const AGE_SECONDS = 120
const BATCH = 500

type Row = {
  id: number
  type: string
  occurred_at: string
  actor_id: number | null
  subject_type: string
  subject_id: number
  request_id: string | null
  ip: string | null
  data: string
  salt: string | null
  personal_hash: string | null
  erased_at: string | null
}
type Seal = { id: number; previous_id: number; event_count: number; hash: string; sealed_at: string }

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** What may be personal goes in by this hash alone: erasing it, with its salt, breaks no seal. */
const personalHash = (salt: string, { ip, data }: Pick<Row, 'ip' | 'data'>) => sha256(JSON.stringify([salt, ip, data]))

/** Of an erased event nothing personal is left; a mark beside other data hides a change. */
const isErased = (row: Row) => row.erased_at !== null && row.data === '{}' && row.ip === null && row.salt === null

const lineOf = (row: Row) =>
  JSON.stringify([
    ...[Number(row.id), row.type, row.occurred_at, row.actor_id, row.subject_type, row.subject_id, row.request_id],
    row.personal_hash,
  ])

const sealHash = (previous: string, rows: readonly Row[]) => sha256([previous, ...rows.map(lineOf)].join('\n'))

const COLUMNS = ['id', 'type', 'occurred_at', 'actor_id', 'subject_type', 'subject_id', 'request_id', 'ip', 'data']
const events = () => db()('domain_events').select(COLUMNS).select('salt', 'personal_hash', 'erased_at')

/** The seal on top of the chain. */
export const selectLastSeal = (): Promise<Seal | undefined> => db()('audit_seals').orderBy('id', 'desc').first()

/**
 * Seals the next batch of events. Safe beside another process: the second of two fails on the index of the chain.
 * @returns how many were sealed; fewer than a batch means that no more are old enough
 */
export async function sealSome(most = BATCH): Promise<number> {
  return withTransaction(async () => {
    const open = () => events().whereNull('seal_id').where('occurred_at', '<', inSeconds(-AGE_SECONDS)).orderBy('id')
    if (!(await open().first())) return 0
    const last = await selectLastSeal()
    // The place in the chain is taken before the events are read: no other process can then seal the same ones.
    const place = { previous_id: last?.id ?? 0, event_count: 0, hash: '', sealed_at: nowUtc() }
    const seal_id = await insertRow('audit_seals', place)
    const rows: Row[] = await open().limit(most)
    for (const row of rows) {
      row.salt = randomBytes(16).toString('hex')
      row.personal_hash = personalHash(row.salt, row)
    }
    const values = ({ salt, personal_hash }: Row) => ({ salt, personal_hash, seal_id })
    await updateRows(
      'domain_events',
      'id',
      rows.map((row) => ({ key: row.id, values: values(row) })),
    )
    const hash = sealHash(last?.hash ?? '', rows)
    await db()('audit_seals').where({ id: seal_id }).update({ hash, event_count: rows.length })
    return rows.length
  })
}

/** Seals whatever is old enough, batch by batch. */
export async function sealAll(mayGoOn: () => boolean): Promise<number> {
  let total = 0
  while (mayGoOn()) {
    const count = await sealSome()
    total += count
    if (count < BATCH) break
  }
  return total
}

export type SealProblem = { sealId: number; kind: 'chain' | 'count' | 'hash' | 'personal'; eventIds: number[] }
export type Verdict = { seals: number; events: number; erased: number; head: Seal | undefined; problems: SealProblem[] }

/**
 * Reads the whole trail and says where it is not what was sealed: seals out of order (`chain`), events added to a batch or
 * taken out (`count`), changed (`hash`), or their personal part changed (`personal`).
 */
export async function verifySeals(): Promise<Verdict> {
  const verdict: Verdict = { seals: 0, events: 0, erased: 0, head: undefined, problems: [] }
  for (;;) {
    const after = verdict.head?.id ?? 0
    const seals: Seal[] = await db()('audit_seals').where('id', '>', after).orderBy('id').limit(20)
    for (const seal of seals) await verifySeal(seal, verdict)
    if (seals.length < 20) break
  }
  const astray = await db()('domain_events')
    .whereNotNull('seal_id')
    .whereNotIn('seal_id', db()('audit_seals').select('id'))
    .limit(20)
    .select('id', 'seal_id')
  for (const group of chunks(astray, 20)) {
    const eventIds = group.map((row) => Number(row.id))
    verdict.problems.push({ sealId: Number(group[0]?.seal_id), kind: 'chain', eventIds })
  }
  return verdict
}

async function verifySeal(seal: Seal, verdict: Verdict): Promise<void> {
  const rows: Row[] = await events().where('seal_id', seal.id).orderBy('id')
  const problem = (kind: SealProblem['kind'], eventIds: number[] = []) =>
    verdict.problems.push({ sealId: seal.id, kind, eventIds })
  if (seal.previous_id !== (verdict.head?.id ?? 0)) problem('chain')
  else if (rows.length !== seal.event_count) problem('count')
  else if (sealHash(verdict.head?.hash ?? '', rows) !== seal.hash) problem('hash')
  const changed = rows.filter((row) => !isErased(row) && personalHash(row.salt ?? '', row) !== row.personal_hash)
  if (changed.length)
    problem(
      'personal',
      changed.map((row) => Number(row.id)),
    )
  verdict.seals++
  verdict.events += rows.length
  verdict.erased += rows.filter(isErased).length
  verdict.head = seal
}
