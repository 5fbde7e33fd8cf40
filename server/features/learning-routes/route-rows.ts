import { fromJson } from '../../core/db/index.ts'
import { isShown } from '../../core/visibility.ts'
import { ROUTE_TO_EMPLOYERS, type RoutePlaces } from './policy.ts'
import type { OwnItemKind, OwnItemPlace, RouteHead, RouteModule, RouteOwnItem, RouteState } from './route-data.ts'

// What the queries of queries.ts return, and how it becomes the domain's own words.

export interface HeadRow {
  enrolment_id: number
  enrolment_state: string
  person_id: number
  last_name: string
  first_name: string
  middle_name: string | null
  cohort_id: number
  cohort_title: string
  starts_on: string
  ends_on: string
  route_opens_on: string | null
  route_closes_on: string | null
  learners_from: string | null
  directors_from: string | null
  programme_id: number
  programme_title: string
  programme_hours: number
  rules: string
  route_id: number | null
  state: string | null
  version_number: number | null
  draft_revision: number | null
  submitted_at: string | null
  decided_at: string | null
  comment: string | null
  decider_first_name: string | null
  decider_last_name: string | null
  group_ids: string | null
  module_ids: string | null
  organisation_paths: string | null
  department_ids: string | null
  manager_ids: string | null
}

const RULES = ['minTopics', 'maxTopics', 'minHours', 'maxHours', 'ownItemsMaxHours'] as const

const idsOf = (list: string | null): number[] =>
  list === null ? [] : [...new Set(String(list).split(/[,/]/).filter(Boolean).map(Number))]

const nameOf = (...parts: (string | null)[]) => parts.filter(Boolean).join(' ')

export function toHead(row: HeadRow): RouteHead {
  const rules = fromJson<Record<string, unknown>>(row.rules, {})
  const limits = Object.fromEntries(RULES.map((name) => [name, (rules[name] as number | null | undefined) ?? null]))
  return {
    enrolmentId: row.enrolment_id,
    enrolmentState: row.enrolment_state,
    personId: row.person_id,
    personName: nameOf(row.last_name, row.first_name, row.middle_name),
    cohort: {
      id: row.cohort_id,
      title: row.cohort_title,
      startsOn: row.starts_on,
      endsOn: row.ends_on,
      routeOpensOn: row.route_opens_on,
      routeClosesOn: row.route_closes_on,
      learnersFrom: row.learners_from,
      directorsFrom: row.directors_from,
    },
    programme: {
      id: row.programme_id,
      title: fromJson(row.programme_title, {}),
      hours: row.programme_hours,
      rules: limits as unknown as RouteHead['programme']['rules'],
      approval: rules.approval === 'none' ? 'none' : 'methodist',
    },
    routeId: row.route_id,
    state: (row.state ?? 'draft') as RouteState,
    versionNumber: row.version_number ?? 0,
    draftRevision: row.draft_revision ?? 1,
    submittedAt: row.submitted_at,
    decidedAt: row.decided_at,
    decidedByName: nameOf(row.decider_first_name, row.decider_last_name) || null,
    comment: row.comment,
  }
}

export const toPlaces = (row: HeadRow, date: string): RoutePlaces => {
  const areIn =
    (row.directors_from === null || row.directors_from <= date) && isShown(ROUTE_TO_EMPLOYERS, row.cohort_id)
  return {
    personId: row.person_id,
    cohortId: row.cohort_id,
    programmeId: row.programme_id,
    groupIds: idsOf(row.group_ids),
    moduleIds: idsOf(row.module_ids),
    organisationIds: areIn ? idsOf(row.organisation_paths) : [],
    departmentIds: areIn ? idsOf(row.department_ids) : [],
    managerIds: areIn ? idsOf(row.manager_ids) : [],
  }
}

export interface ModuleRow {
  id: number
  position: number
  title: string
  hours: number
  min_topics: number | null
  max_topics: number | null
  min_hours: number | null
  max_hours: number | null
  group_id: number | null
  group_name: string | null
}

export const toModule = (row: ModuleRow): RouteModule => ({
  id: row.id,
  position: row.position,
  title: fromJson(row.title, {}),
  hours: row.hours,
  minTopics: row.min_topics,
  maxTopics: row.max_topics,
  minHours: row.min_hours,
  maxHours: row.max_hours,
  groupId: row.group_id,
  groupName: row.group_name,
})

export interface TopicRow {
  id: number
  module_id: number
  position: number
  title: string
  description: string
  hours: number
  format: string
  is_compulsory: number
  requires: string | null
  in_draft: number | null
  in_force: number | null
  o_id: number | null
  o_capacity: number | null
  o_taken: number | null
  o_place: string | null
  o_link: string | null
  f_id: number | null
  f_capacity: number | null
  f_taken: number | null
  f_place: string | null
  f_link: string | null
}

/** Ids of the topics that a topic requires, from `group_concat`. */
export const requiresOf = (row: TopicRow): number[] => idsOf(row.requires).filter((id) => id !== row.id)

export interface LessonRow {
  group_id: number
  offering_id: number | null
  title: string | null
  place: string | null
  starts_at: string
  ends_at: string
}

export interface OwnItemRow {
  id: number
  kind: OwnItemKind
  place: OwnItemPlace
  title: string
  description: string | null
  hours: number
  starts_on: string | null
  ends_on: string | null
  in_draft: number
  in_force: number
  version: number
}

export const toOwnItem = (row: OwnItemRow): RouteOwnItem => ({
  id: row.id,
  kind: row.kind,
  place: row.place,
  title: row.title,
  description: row.description ?? '',
  hours: row.hours,
  startsOn: row.starts_on,
  endsOn: row.ends_on,
  inDraft: row.in_draft === 1,
  inForce: row.in_force === 1,
  version: row.version,
})
