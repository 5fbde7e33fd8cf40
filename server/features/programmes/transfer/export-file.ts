import { buffer } from 'node:stream/consumers'
import { chunks, db, fromJson } from '../../../core/db/index.ts'
import { listStoredFiles, openFile, type StoredFile } from '../../../core/files/index.ts'
import { filesInHtml, withPictures } from '../../../core/rich-text.ts'
import type { Actor } from '../../../core/rights/index.ts'
import type { Translated } from '../../../core/text.ts'
import {
  PROGRAMME_FILE_FORMAT,
  PROGRAMME_FILE_VERSION,
  type ProgrammeFile,
  type ProgrammeFileMaterial,
} from '../programme-file.ts'
import { selectProgramme } from '../queries.ts'
import {
  type CreditRule,
  type MaterialRow,
  type MilestoneRow,
  type ModuleRow,
  moduleLimits,
  NO_RULES,
  type ProgrammeRules,
  type TopicRow,
} from '../rows.ts'
import { loadStructure, type Structure } from '../structure.ts'

/** So much of uploaded files comes along in a programme file; what is beyond stays behind, and the page says so. */
export const MOST_EMBEDDED_BYTES = 30_000_000

const texts = (json: string | null): Translated => fromJson<Translated>(json, {})

type Long = {
  modules: Map<number, string>
  topics: Map<number, string>
  materials: Map<string, ProgrammeFileMaterial[]>
}

/** A programme as a file, without the contents of uploaded files: they are named in `files`. */
export async function programmeAsFile(actor: Actor, programmeId: number): Promise<ProgrammeFile> {
  const programme = await selectProgramme(actor, programmeId)
  const structure = await loadStructure(programme)
  const milestones: MilestoneRow[] = await db()('milestones')
    .where({ programme_id: programmeId })
    .whereNull('archived_at')
    .orderBy(['position', 'id'])
  const long = await readLongTexts(structure)
  const keys = keysOf(structure)
  const parts = {
    stages: structure.stages.map((stage) => ({ key: keys.stage(stage.id), title: texts(stage.title) })),
    modules: structure.modules.map((module) => moduleAsFile(module as unknown as ModuleRow, structure, long, keys)),
    milestones: milestones
      .filter((row) => row.module_id === null || keys.hasModule(row.module_id))
      .map((row, index) => milestoneAsFile(row, index, keys)),
    routeTemplates: structure.templates.map((template) => ({
      title: texts(template.title),
      description: texts(template.description),
      topics: template.topics.filter(keys.hasTopic).map(keys.topic),
    })),
  }
  const file = {
    code: programme.code,
    title: texts(programme.title),
    description: texts(programme.description),
    hours: programme.hours,
    rules: { ...NO_RULES, ...fromJson<Partial<ProgrammeRules>>(programme.rules, {}) },
    ...parts,
  }
  const files = [...long.materials.values()].flat().flatMap(filesOfMaterial)
  return {
    format: PROGRAMME_FILE_FORMAT,
    version: PROGRAMME_FILE_VERSION,
    languages: languagesIn(file),
    programme: file,
    files: [...new Set(files)].map((key) => ({ key, name: key, content: null })),
  }
}

const filesOfMaterial = (material: ProgrammeFileMaterial): string[] => [
  ...(material.file === null ? [] : [material.file]),
  ...Object.values(material.body).flatMap(filesInHtml).map(String),
]

/** The languages that the title or any module is written in. */
function languagesIn({ title, modules }: ProgrammeFile['programme']): string[] {
  const found = new Set([title, ...modules.map((module) => module.title)].flatMap((words) => Object.keys(words)))
  return found.size ? [...found] : ['ru']
}

async function readLongTexts({ modules }: Structure): Promise<Long> {
  const moduleIds = modules.map((module) => module.id)
  const topicIds = modules.flatMap((module) => module.topics.map((topic) => topic.id))
  const aims: { id: number; aim: string }[] = await db()('modules').whereIn('id', moduleIds).select('id', 'aim')
  const descriptions: { id: number; description: string }[] = await db()('topics')
    .whereIn('id', topicIds)
    .select('id', 'description')
  const rows: (MaterialRow & { owner_type: string; owner_id: number })[] = await db()('material_links as ml')
    .join('materials as x', 'x.id', 'ml.material_id')
    .where((either) => {
      void either
        .where((own) => void own.where('ml.owner_type', 'module').whereIn('ml.owner_id', moduleIds))
        .orWhere((own) => void own.where('ml.owner_type', 'topic').whereIn('ml.owner_id', topicIds))
    })
    .orderBy(['ml.position', 'ml.id'])
    .select('x.*', 'ml.owner_type', 'ml.owner_id')
  const materials = new Map<string, ProgrammeFileMaterial[]>()
  const attached = await listAttached(rows.map((row) => row.id))
  for (const row of rows) {
    const owner = `${row.owner_type}.${row.owner_id}`
    materials.set(owner, [...(materials.get(owner) ?? []), materialAsFile(row, attached.get(row.id))])
  }
  return {
    modules: new Map(aims.map((row) => [row.id, row.aim])),
    topics: new Map(descriptions.map((row) => [row.id, row.description])),
    materials,
  }
}

/** The files that hang on each of these materials: whoever may read a material may read these, and no others. */
async function listAttached(materialIds: readonly number[]): Promise<Map<number, Set<number>>> {
  const attached = new Map<number, Set<number>>()
  for (const piece of chunks([...new Set(materialIds)])) {
    const rows: { file_id: number; owner_id: number }[] = await db()('attachments')
      .where({ owner_type: 'material' })
      .whereIn('owner_id', piece)
      .select('file_id', 'owner_id')
    for (const row of rows) attached.set(row.owner_id, (attached.get(row.owner_id) ?? new Set()).add(row.file_id))
  }
  return attached
}

/** A material with its own files; a picture that hangs elsewhere stays behind, whatever the text says. */
function materialAsFile(row: MaterialRow, attached: ReadonlySet<number> = new Set()): ProgrammeFileMaterial {
  const ownFile = (id: number) => (attached.has(id) ? id : undefined)
  const body = Object.entries(texts(row.body)).map(([language, html]) => [language, withPictures(html, ownFile)])
  return {
    kind: row.kind,
    title: texts(row.title),
    body: Object.fromEntries(body),
    url: row.url,
    file: row.file_id !== null && attached.has(row.file_id) ? String(row.file_id) : null,
    minutes: row.minutes,
  }
}

type Keys = ReturnType<typeof keysOf>

/** Short keys by place: `m2t3` is the third topic of the second module. */
function keysOf({ stages, modules }: Structure) {
  const stageKeys = new Map(stages.map((stage, at) => [stage.id, `s${at + 1}`]))
  const moduleKeys = new Map(modules.map((module, at) => [module.id, `m${at + 1}`]))
  const topicKeys = new Map(
    modules.flatMap((module, m) => module.topics.map((topic, t) => [topic.id, `m${m + 1}t${t + 1}`] as const)),
  )
  return {
    stage: (id: number) => stageKeys.get(id) as string,
    module: (id: number) => moduleKeys.get(id) as string,
    topic: (id: number) => topicKeys.get(id) as string,
    hasModule: (id: number) => moduleKeys.has(id),
    hasTopic: (id: number) => topicKeys.has(id),
  }
}

function moduleAsFile(row: ModuleRow, structure: Structure, long: Long, keys: Keys) {
  const credit = fromJson<CreditRule>(row.credit_rule, {})
  const topics = structure.modules.find((module) => module.id === row.id)?.topics ?? []
  return {
    key: keys.module(row.id),
    stage: row.stage_id === null ? null : keys.stage(row.stage_id),
    title: texts(row.title),
    aim: texts(long.modules.get(row.id) ?? null),
    hours: row.hours,
    rules: moduleLimits(row),
    credit: { minAttendancePercent: credit.minAttendancePercent ?? null, minMark: credit.minMark ?? null },
    topics: topics.map((topic) => ({
      key: keys.topic(topic.id),
      title: texts(topic.title),
      description: texts(long.topics.get(topic.id) ?? null),
      hours: topic.hours,
      format: topic.format as ProgrammeFile['programme']['modules'][number]['topics'][number]['format'],
      compulsory: (topic as TopicRow | typeof topic).is_compulsory === 1,
      capacity: topic.capacity,
      place: topic.place === null ? null : texts(topic.place),
      link: topic.link,
      requires: topic.requires.filter(keys.hasTopic).map(keys.topic),
      materials: long.materials.get(`topic.${topic.id}`) ?? [],
      dayOffset: topic.day_offset,
    })),
    materials: long.materials.get(`module.${row.id}`) ?? [],
  }
}

const milestoneAsFile = (row: MilestoneRow, index: number, keys: Keys) => ({
  kind: row.kind as ProgrammeFile['programme']['milestones'][number]['kind'],
  key: `ms${index + 1}`,
  title: texts(row.title),
  hint: texts(row.hint),
  module: row.module_id === null ? null : keys.module(row.module_id),
  requiredCount: row.required_count,
  dueDayOffset: row.due_day_offset,
  required: row.is_required === 1,
})

/** Which uploaded files come along, the smallest first, and which are too large for that. */
export async function listFilesToEmbed(file: ProgrammeFile): Promise<{ taken: StoredFile[]; left: StoredFile[] }> {
  const stored = await listStoredFiles(file.files.map(({ key }) => Number(key)))
  stored.sort((a, b) => a.size - b.size)
  const taken: StoredFile[] = []
  let sum = 0
  for (const one of stored) {
    sum += one.size
    if (sum > MOST_EMBEDDED_BYTES) break
    taken.push(one)
  }
  return { taken, left: stored.filter((one) => !taken.includes(one)) }
}

/** The same programme file with the contents of its uploaded files, as far as they fit. */
export async function withContents(file: ProgrammeFile): Promise<ProgrammeFile> {
  const { taken, left } = await listFilesToEmbed(file)
  const files: ProgrammeFile['files'] = left.map((one) => ({ key: String(one.id), name: one.name, content: null }))
  for (const one of taken) {
    files.push({ key: String(one.id), name: one.name, content: (await buffer(await openFile(one))).toString('base64') })
  }
  return { ...file, files }
}
