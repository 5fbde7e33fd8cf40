import { db, fromJson } from '../../server/core/db/index.ts'
import type { Translated } from '../../server/core/text.ts'
import { type PlanModule, validChoices } from './pick-route.ts'

export type PlanMilestone = {
  id: number
  kind: string
  moduleId: number | null
  requiredCount: number
  dueDayOffset: number | null
}
export type ProgrammePlan = {
  programmeId: number
  totals: { minTopics: number | null; maxTopics: number | null; minHours: number | null; maxHours: number | null }
  modules: PlanModule[]
  choices: ReturnType<typeof validChoices>[]
  milestones: PlanMilestone[]
}

/** Reads a programme as the generator of cohorts needs it. */
export async function readProgrammePlan(programmeId: number): Promise<ProgrammePlan> {
  const programme = await db()('programmes').where({ id: programmeId }).first()
  const moduleRows = await db()('modules')
    .where({ programme_id: programmeId })
    .whereNull('archived_at')
    .orderBy('position')
  const ids = moduleRows.map((row) => row.id)
  const topicRows = await db()('topics')
    .whereIn('module_id', ids)
    .whereNull('archived_at')
    .orderBy(['module_id', 'position'])
  const required = await db()('topic_prerequisites')
  const modules: PlanModule[] = moduleRows.map((row) => ({
    id: row.id,
    title: fromJson<Translated>(row.title, {}),
    rules: { minTopics: row.min_topics, maxTopics: row.max_topics, minHours: row.min_hours, maxHours: row.max_hours },
    minAttendancePercent: fromJson<{ minAttendancePercent?: number }>(row.credit_rule, {}).minAttendancePercent ?? 70,
    topics: topicRows
      .filter((topic) => topic.module_id === row.id)
      .map((topic) => ({
        id: topic.id,
        hours: topic.hours,
        compulsory: topic.is_compulsory === 1,
        requires: required.filter((link) => link.topic_id === topic.id).map((link) => link.requires_topic_id),
        capacity: topic.capacity,
        dayOffset: topic.day_offset ?? 0,
        titles: fromJson<Translated>(topic.title, {}),
        format: topic.format,
      })),
  }))
  const milestones = await db()('milestones')
    .where({ programme_id: programmeId })
    .whereNull('archived_at')
    .orderBy('position')
  return {
    programmeId,
    totals: fromJson(programme.rules, { minTopics: null, maxTopics: null, minHours: null, maxHours: null }),
    modules,
    choices: modules.map(validChoices),
    milestones: milestones.map((row) => ({
      id: row.id,
      kind: row.kind,
      moduleId: row.module_id,
      requiredCount: row.required_count,
      dueDayOffset: row.due_day_offset,
    })),
  }
}
