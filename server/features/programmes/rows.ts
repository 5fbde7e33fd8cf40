import type { APPROVAL_KINDS } from './programme-file.ts'

/** Rows as the databases return them; JSON columns are text. */

export type ProgrammeState = 'draft' | 'active' | 'archived'

export type ProgrammeRow = {
  id: number
  code: string
  title: string
  description: string
  hours: number
  rules: string
  state: ProgrammeState
  version: number
  created_at: string
  updated_at: string
}

/** Least and most topics and academic hours; null means no limit. */
export type Limits = {
  minTopics: number | null
  maxTopics: number | null
  minHours: number | null
  maxHours: number | null
}
export type ProgrammeRules = Limits & { ownItemsMaxHours: number | null; approval: (typeof APPROVAL_KINDS)[number] }
export type CreditRule = { minAttendancePercent?: number | null; minMark?: number | null }

export type StageRow = { id: number; programme_id: number; position: number; title: string }

export type ModuleRow = {
  id: number
  programme_id: number
  stage_id: number | null
  position: number
  title: string
  aim: string
  hours: number
  min_topics: number | null
  max_topics: number | null
  min_hours: number | null
  max_hours: number | null
  credit_rule: string
  archived_at: string | null
  version: number
}

export type TopicRow = {
  id: number
  module_id: number
  position: number
  title: string
  description: string
  hours: number
  format: string
  is_compulsory: number
  capacity: number | null
  place: string | null
  link: string | null
  day_offset: number | null
  archived_at: string | null
  version: number
}

export type MaterialRow = {
  id: number
  kind: 'article' | 'link' | 'video' | 'file'
  title: string
  body: string
  url: string | null
  file_id: number | null
  minutes: number | null
  version: number
  updated_at: string
}

export type MilestoneRow = {
  id: number
  programme_id: number
  position: number
  kind: string
  title: string
  hint: string
  module_id: number | null
  required_count: number
  due_day_offset: number | null
  is_required: number
  archived_at: string | null
  version: number
}

export type RouteTemplateRow = {
  id: number
  programme_id: number
  position: number
  title: string
  description: string
  version: number
}

export const moduleLimits = (row: ModuleRow): Limits => ({
  minTopics: row.min_topics,
  maxTopics: row.max_topics,
  minHours: row.min_hours,
  maxHours: row.max_hours,
})

export const NO_RULES: ProgrammeRules = {
  minTopics: null,
  maxTopics: null,
  minHours: null,
  maxHours: null,
  ownItemsMaxHours: null,
  approval: 'methodist',
}
