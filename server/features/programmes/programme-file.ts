/**
 * The programme file: one whole programme (stages, modules, topics, materials, milestones, recommended routes)
 * as one JSON document. Export writes it, import reads it, and the ready programme that ships with the system is
 * such a file. The schema here judges shape and sizes; `checkProgrammeFile` (programme-file-check.ts, re-exported
 * below) judges how the parts refer to one another.
 *
 * HTML in the file is untrusted: whoever stores it sanitises it like any other rich text.
 */
import { z } from 'zod'

export const PROGRAMME_FILE_FORMAT = 'integral-programme'
export const PROGRAMME_FILE_VERSION = 1

export const TOPIC_FORMATS = [
  'lecture',
  'seminar',
  'workshop',
  'webinar',
  'training',
  'visit',
  'consultation',
  'online',
  'project',
] as const

export const MATERIAL_KINDS = ['article', 'link', 'video', 'file'] as const

export const MILESTONE_KINDS = [
  'questionnaire',
  'route',
  'module_credit',
  'reviewed_lesson',
  'counted_participation',
  'presentation',
  'portfolio',
  'manual',
] as const

export const APPROVAL_KINDS = ['none', 'methodist'] as const

/** Sizes beyond which a file is refused: far above any real programme, low enough to read at one go. */
const LIMIT = {
  title: 255,
  hint: 2_000,
  html: 100_000,
  fileContent: 40_000_000,
  modules: 60,
  topics: 100,
  items: 200,
  hours: 10_000,
  days: 3_660,
  places: 100_000,
} as const

const language = z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/)
const key = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/)
const code = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/)

/** A text in several languages: language code → text. */
const translated = (max: number) => z.record(language, z.string().max(max))
/** The same, with words in at least one language. */
const translatedRequired = (max: number) =>
  translated(max).refine((texts) => Object.values(texts).some((text) => text.trim() !== ''), {
    error: 'translation.empty',
  })

const title = translatedRequired(LIMIT.title)
const html = translated(LIMIT.html).default({})
const hours = z.int().min(0).max(LIMIT.hours)
const limit = hours.nullable().default(null)
const topicCount = z
  .int()
  .min(0)
  .max(LIMIT.modules * LIMIT.topics)
  .nullable()
  .default(null)
const day = z.int().min(0).max(LIMIT.days).nullable().default(null)
const percent = z.int().min(0).max(100).nullable().default(null)

/** Only addresses that are harmless in `href`: http(s), or a path of the same installation. */
const address = z
  .string()
  .max(500)
  .regex(/^(https?:\/\/\S+|\/(?!\/)\S*)$/i)
  .nullable()
  .default(null)

/** Pictures in an article's text refer to the same keys: `<img src="/files/KEY">`. */
const fileKey = z.string().regex(/^[1-9]\d{0,9}$/)

const fileSchema = z.object({
  key: fileKey,
  name: z.string().min(1).max(LIMIT.title),
  /** Base64; null where the file was too large to come along. */
  content: z.string().max(LIMIT.fileContent).nullable(),
})

const materialSchema = z.object({
  kind: z.enum(MATERIAL_KINDS),
  title,
  body: html,
  url: address,
  /** Key in `files` of what a material of the kind `file` holds. */
  file: fileKey.nullable().default(null),
  /** Time that reading or watching takes, in minutes. */
  minutes: z.int().min(0).max(6_000).nullable().default(null),
})

const topicSchema = z.object({
  key,
  title,
  description: html,
  /** Academic hours. */
  hours,
  format: z.enum(TOPIC_FORMATS),
  compulsory: z.boolean().default(false),
  /** Places in all; null: as many as come. */
  capacity: z.int().min(1).max(LIMIT.places).nullable().default(null),
  place: translated(LIMIT.title).nullable().default(null),
  link: z.preprocess((value) => (value === '' ? null : value), address),
  /** Keys of topics, of this or another module, to be chosen before this one. */
  requires: z.array(key).max(LIMIT.topics).default([]),
  materials: z.array(materialSchema).max(LIMIT.items).default([]),
  /** Days from the start of a cohort to the first class that the authors suggest. */
  dayOffset: day,
})

const moduleRulesSchema = z.object({ minTopics: topicCount, maxTopics: topicCount, minHours: limit, maxHours: limit })

const moduleSchema = z.object({
  key,
  stage: key.nullable().default(null),
  title,
  aim: html,
  /** Academic hours that the module offers, with all of its topics. */
  hours,
  rules: moduleRulesSchema.prefault({}),
  credit: z
    .object({
      minAttendancePercent: percent,
      /** Lowest mean mark for the credit, on the scale of five. */
      minMark: z.number().min(1).max(5).nullable().default(null),
    })
    .prefault({}),
  topics: z.array(topicSchema).max(LIMIT.topics).default([]),
  materials: z.array(materialSchema).max(LIMIT.items).default([]),
})

const milestoneSchema = z.object({
  kind: z.enum(MILESTONE_KINDS),
  key,
  title,
  hint: translated(LIMIT.hint).default({}),
  /** Key of the module that the milestone is about; needed by `module_credit`. */
  module: key.nullable().default(null),
  requiredCount: z.int().min(1).max(LIMIT.items).default(1),
  dueDayOffset: day,
  required: z.boolean().default(true),
})

const routeTemplateSchema = z.object({
  title,
  description: html,
  topics: z.array(key).max(LIMIT.modules * LIMIT.topics),
})

const programmeRulesSchema = moduleRulesSchema.extend({
  /** The most academic hours that a learner's own items may add; null: no limit. */
  ownItemsMaxHours: limit,
  approval: z.enum(APPROVAL_KINDS).default('none'),
})

const programmeSchema = z.object({
  code,
  title,
  description: html,
  hours,
  rules: programmeRulesSchema.prefault({}),
  stages: z.array(z.object({ key, title })).max(LIMIT.items).default([]),
  modules: z.array(moduleSchema).max(LIMIT.modules).default([]),
  milestones: z.array(milestoneSchema).max(LIMIT.items).default([]),
  routeTemplates: z.array(routeTemplateSchema).max(LIMIT.items).default([]),
})

/** The whole file. Left-out optional fields take their defaults; unknown fields are dropped. */
export const programmeFileSchema = z.object({
  format: z.literal(PROGRAMME_FILE_FORMAT),
  version: z.literal(PROGRAMME_FILE_VERSION),
  languages: z.array(language).min(1).max(50),
  programme: programmeSchema,
  files: z.array(fileSchema).max(2_000).default([]),
})

export type ProgrammeFile = z.infer<typeof programmeFileSchema>
export type ProgrammeFileProgramme = ProgrammeFile['programme']
export type ProgrammeFileModule = ProgrammeFileProgramme['modules'][number]
export type ProgrammeFileTopic = ProgrammeFileModule['topics'][number]
export type ProgrammeFileMaterial = ProgrammeFileTopic['materials'][number]
export type ProgrammeFileMilestone = ProgrammeFileProgramme['milestones'][number]
export type ProgrammeFileRouteTemplate = ProgrammeFileProgramme['routeTemplates'][number]
export type ProgrammeFileRules = ProgrammeFileProgramme['rules']
export type ProgrammeFileModuleRules = ProgrammeFileModule['rules']
/** What export and hand-written files may hold: defaults may be left out. */
export type ProgrammeFileInput = z.input<typeof programmeFileSchema>

export { checkProgrammeFile, type Problem, type ProblemCode } from './programme-file-check.ts'
