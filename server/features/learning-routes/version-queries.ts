import { db, fromJson } from '../../core/db/index.ts'
import { NotFoundError } from '../../core/errors.ts'
import type { RouteSnapshot } from './snapshot.ts'

export type VersionState = 'submitted' | 'approved' | 'returned' | 'withdrawn'

export interface RouteVersion {
  id: number
  number: number
  state: VersionState
  hours: number
  submittedAt: string
  decidedAt: string | null
  decidedByName: string | null
  comment: string | null
}

interface VersionRow {
  id: number
  number: number
  state: VersionState
  hours: number
  submitted_at: string
  decided_at: string | null
  comment: string | null
  first_name: string | null
  last_name: string | null
}

const COLUMNS = ['v.id', 'v.number', 'v.state', 'v.hours', 'v.submitted_at', 'v.decided_at', 'v.comment']

const toVersion = (row: VersionRow): RouteVersion => ({
  id: row.id,
  number: row.number,
  state: row.state,
  hours: row.hours,
  submittedAt: row.submitted_at,
  decidedAt: row.decided_at,
  decidedByName: [row.first_name, row.last_name].filter(Boolean).join(' ') || null,
  comment: row.comment,
})

const versionsOf = (routeId: number) =>
  db()('route_versions as v')
    .leftJoin('people as d', 'd.id', 'v.decided_by')
    .where('v.route_id', routeId)
    .select(...COLUMNS, 'd.first_name', 'd.last_name')

/** All versions of a route, the latest first. The caller has checked that the route is visible. */
export async function listVersions(routeId: number | null): Promise<RouteVersion[]> {
  if (routeId === null) return []
  const rows: VersionRow[] = await versionsOf(routeId).orderBy('v.number', 'desc')
  return rows.map(toVersion)
}

/** One version with what it held. @throws NotFoundError */
export async function selectVersion(
  routeId: number | null,
  number: number,
): Promise<RouteVersion & { content: RouteSnapshot }> {
  const row: (VersionRow & { content: string }) | undefined =
    routeId === null ? undefined : await versionsOf(routeId).where('v.number', number).first('v.content')
  if (!row) throw new NotFoundError()
  return { ...toVersion(row), content: fromJson<RouteSnapshot>(row.content, EMPTY) }
}

const EMPTY: RouteSnapshot = { topicHours: 0, ownHours: 0, modules: [], ownItems: [] }

/** Comments of a version by topic; those on the whole stand in the version. */
export async function listTopicComments(routeId: number | null, number: number): Promise<Map<number, string[]>> {
  const comments = new Map<number, string[]>()
  if (routeId === null || number === 0) return comments
  const rows: { topic_id: number; text: string }[] = await db()('route_version_comments as vc')
    .join('route_versions as v', 'v.id', 'vc.version_id')
    .where({ 'v.route_id': routeId, 'v.number': number })
    .whereNotNull('vc.topic_id')
    .orderBy('vc.id')
    .select('vc.topic_id', 'vc.text')
  for (const row of rows) comments.set(row.topic_id, [...(comments.get(row.topic_id) ?? []), row.text])
  return comments
}

/** The version before `number` that was in force, for comparing; null if this is the first. */
export async function selectOptionalForceBefore(
  routeId: number,
  number: number,
): Promise<(RouteVersion & { content: RouteSnapshot }) | null> {
  const row: (VersionRow & { content: string }) | undefined = await versionsOf(routeId)
    .where('v.number', '<', number)
    .where('v.state', 'approved')
    .orderBy('v.number', 'desc')
    .first('v.content')
  return row ? { ...toVersion(row), content: fromJson<RouteSnapshot>(row.content, EMPTY) } : null
}
