import { fromJson } from '../../core/db/index.ts'
import type { Cell } from '../../core/export/index.ts'
import { type Paged, pagerLinks, queryString } from '../../core/http/paging.ts'
import { formatFor } from '../../core/i18n/format.ts'
import { fullName } from '../../core/text.ts'
import type { QueueQuery } from './input.ts'
import type { OwnRoute, WaitingRow } from './list-queries.ts'
import { routeUrl } from './presenter.ts'
import type { RouteHead } from './route-data.ts'
import {
  type ChangeKind,
  compareSnapshots,
  type RouteSnapshot,
  type SnapshotOwnItem,
  type SnapshotTopic,
} from './snapshot.ts'
import type { RouteVersion, VersionState } from './version-queries.ts'
import { type Reader, say, sayHours, sayMoment, sayPeriod, saySpan } from './wording.ts'

const STATE_LOOKS = {
  none: 'neutral',
  draft: 'neutral',
  submitted: 'warning',
  approved: 'success',
  returned: 'danger',
  withdrawn: 'neutral',
} as const

/** A person's routes, when there are several. */
export const presentOwnRoutes = (reader: Reader, routes: readonly OwnRoute[]) => ({
  routes: routes.map((route) => ({
    href: routeUrl(route.enrolmentId),
    title: say(reader, route.programme),
    detail: reader.t('learning-routes.own-routes.detail', {
      cohort: route.cohort,
      period: sayPeriod(reader, route.startsOn, route.endsOn),
    }),
    badge: {
      kind: STATE_LOOKS[route.state ?? 'none'],
      text: reader.t(`learning-routes.state.${route.state ?? 'none'}`),
    },
  })),
})

const versionBadge = (reader: Reader, state: VersionState) => ({
  kind: STATE_LOOKS[state],
  text: reader.t(`learning-routes.versions.state.${state}`),
})

/** The history of a route; the comparison is offered between neighbours. */
export function presentVersions(reader: Reader, head: RouteHead, versions: readonly RouteVersion[]) {
  const base = routeUrl(head.enrolmentId)
  const inForce = versions.find((version) => version.state === 'approved')?.number
  return {
    versions: versions.map((version, index) => {
      const before = versions[index + 1]
      return {
        number: version.number,
        href: `${base}/versions/${version.number}`,
        title: reader.t('learning-routes.versions.number', { number: version.number }),
        hours: sayHours(reader, version.hours),
        badge:
          version.state === 'approved' && version.number !== inForce
            ? { kind: 'neutral', text: reader.t('learning-routes.versions.state.past') }
            : versionBadge(reader, version.state),
        sent: reader.t('learning-routes.versions.sent', { at: sayMoment(reader, version.submittedAt) }),
        decided: version.decidedAt
          ? reader.t(`learning-routes.versions.decided.${version.decidedByName ? version.state : 'itself'}`, {
              at: sayMoment(reader, version.decidedAt),
              name: version.decidedByName,
            })
          : '',
        comment: version.comment,
        compareHref: before ? `${base}/versions/compare?from=${before.number}&to=${version.number}` : null,
        compareLabel: before ? reader.t('learning-routes.versions.compareWith', { number: before.number }) : '',
      }
    }),
    compareAction: `${base}/versions/compare`,
    choices: versions.map((version) => ({
      value: String(version.number),
      label: reader.t('learning-routes.versions.number', { number: version.number }),
    })),
  }
}

const EMPTY: RouteSnapshot = { topicHours: 0, ownHours: 0, modules: [], ownItems: [] }

/**
 * A version line by line, compared with an earlier one where there is one.
 * @param before null: nothing to compare with, every line is shown as it is
 */
export function presentSnapshot(
  reader: Reader,
  after: RouteSnapshot,
  before: RouteSnapshot | null,
  comments: Map<number, string[]> = new Map(),
) {
  const { t } = reader
  const comparison = compareSnapshots(before ?? EMPTY, after)
  const change = (kind: ChangeKind) =>
    before ? { kind, text: kind === 'same' ? '' : t(`learning-routes.compare.change.${kind}`) } : null
  const topic = (line: SnapshotTopic) => ({
    id: line.topicId,
    title: say(reader, line.title),
    kind: t(`learning-routes.format.${line.format}`),
    compulsory: line.isCompulsory,
    hours: sayHours(reader, line.hours),
    dates: line.dates.map((span) => saySpan(reader, span)),
    place: line.place ?? '',
    comments: comments.get(line.topicId) ?? [],
  })
  const item = (line: SnapshotOwnItem) => ({
    id: line.id,
    title: line.title,
    description: line.description,
    kind: t(`learning-routes.own.kind.${line.kind}`),
    place: t(`learning-routes.own.place.${line.place}`),
    hours: sayHours(reader, line.hours),
    dates: [sayPeriod(reader, line.startsOn, line.endsOn)].filter(Boolean),
  })
  return {
    hours: sayHours(reader, comparison.hoursAfter),
    summary: before
      ? t('learning-routes.compare.summary', {
          count: comparison.changes,
          before: sayHours(reader, comparison.hoursBefore),
          after: sayHours(reader, comparison.hoursAfter),
        })
      : '',
    modules: comparison.modules
      .map((module, index) => ({
        title: t('learning-routes.timeline.module', { number: index + 1, title: say(reader, module.title) }),
        hours: sayHours(reader, module.hoursAfter),
        topics: module.topics.map((line) => ({
          ...topic((line.after ?? line.before) as SnapshotTopic),
          change: change(line.change),
          before: line.change === 'changed' && line.before ? topic(line.before) : null,
        })),
      }))
      .filter((module) => module.topics.length > 0),
    ownItems: comparison.ownItems.map((line) => ({
      ...item((line.after ?? line.before) as SnapshotOwnItem),
      change: change(line.change),
    })),
  }
}

/** Routes that wait for a decision. */
export function presentQueue(
  reader: Reader,
  result: Paged<WaitingRow>,
  filter: QueueQuery,
  cohorts: readonly { id: number; title: string }[],
) {
  const { t } = reader
  const { after: _after, before: _before, ...kept } = filter
  return {
    filter: kept,
    cohorts: cohorts.map((cohort) => ({ value: String(cohort.id), label: cohort.title })),
    rows: result.rows.map((row) => {
      const name = fullName(row)
      return {
        id: `${row.enrolment_id}.${row.version_number}`,
        href: `/route-approvals/${row.enrolment_id}`,
        name,
        organisation: row.organisation ?? '',
        cohort: row.cohort,
        programme: say(reader, fromJson(row.programme, {})),
        submitted: sayMoment(reader, row.submitted_at),
        hours: sayHours(reader, row.hours),
        kind: sayKind(reader, row),
        selectLabel: t('learning-routes.queue.select', { name }),
      }
    }),
    pager: pagerLinks('/route-approvals', kept, result),
    exportHref: `/route-approvals/export?${queryString(kept)}`,
  }
}

const sayKind = ({ t }: Reader, row: WaitingRow) =>
  t(`learning-routes.queue.kind.${row.had_force > 0 ? 'change' : 'first'}`)

/** The routes that wait, as rows of a file; hours as numbers. */
export const presentQueueExport = (reader: Reader, rows: readonly WaitingRow[]): Cell[][] =>
  rows.map((row) => [
    ...[fullName(row), row.organisation, row.cohort, say(reader, fromJson(row.programme, {}))],
    ...[sayKind(reader, row), row.hours, formatFor(reader.lang, reader.timeZone).shortMoment(row.submitted_at)],
  ])
