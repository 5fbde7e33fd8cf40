import type { Knex } from 'knex'
import { type Setting, settingAsSeen } from './settings.ts'

/** Whose view a switch concerns: those who answer for people at work, who teach, who learn. */
export const AUDIENCES = ['employers', 'instructors', 'learners'] as const
export type Audience = (typeof AUDIENCES)[number]

/**
 * Something that flows from one kind of people to another, which an administrator can stop or let through: for the whole
 * system, and otherwise for a cohort. Rights decide whom one may see; a switch decides how much of them.
 */
export type VisibilitySwitch = {
  audience: Audience
  /** What holds until somebody decides. */
  shown: boolean
}

let switches: Record<string, VisibilitySwitch> = {}

/** @param all by the key of their text; the line below it is `<key>Hint` */
export const setVisibility = (all: Record<string, VisibilitySwitch>): void => {
  switches = all
}

export const visibilitySwitches = (): [string, VisibilitySwitch][] => Object.entries(switches)

function initially(key: string): boolean {
  const found = switches[key]
  if (!found) throw new Error(`no feature declares the visibility switch ${key}`)
  return found.shown
}

const inSystem = (key: string, { shown }: Setting<'visibility'>) => shown[key] ?? initially(key)

/** Whether this is shown; of a cohort, whether it is shown there. Settings are in memory: it costs no query. */
export function isShown(key: string, cohortId?: number): boolean {
  const setting = settingAsSeen('visibility')
  const own = cohortId === undefined ? undefined : setting.cohorts[cohortId]?.[key]
  return own ?? inSystem(key, setting)
}

/** Whether this is shown in every cohort: then nothing needs to be looked up. */
export function isShownEverywhere(key: string): boolean {
  const setting = settingAsSeen('visibility')
  return inSystem(key, setting) && Object.values(setting.cohorts).every((own) => own[key] !== false)
}

/** The same in SQL: narrows a query to the cohorts in which this is shown. @param column holds the id of a cohort */
export const whereShown =
  (key: string, column: string) =>
  (query: Knex.QueryBuilder): void => {
    const setting = settingAsSeen('visibility')
    const shown = inSystem(key, setting)
    const others = Object.entries(setting.cohorts).flatMap(([id, own]) => (own[key] === !shown ? [Number(id)] : []))
    if (!shown) void query.whereIn(column, others)
    else if (others.length) void query.whereNotIn(column, others)
  }
