import { db, insertRow, insertRows, toJson, withTransaction } from '../../../core/db/index.ts'
import { ForbiddenError, InputError } from '../../../core/errors.ts'
import { recordEvent } from '../../../core/events/index.ts'
import { attachFile } from '../../../core/files/index.ts'
import { cleanIllustratedHtml, cleanTranslatedHtml, filesInHtml, withPictures } from '../../../core/rich-text.ts'
import { type Actor, hasEverywhere } from '../../../core/rights/index.ts'
import { nowUtc } from '../../../core/time.ts'
import { checkProgrammeFile, type ProgrammeFile, type ProgrammeFileMaterial } from '../programme-file.ts'
import { freeCode } from './codes.ts'

/** What was made of a programme file: the ids of its parts by their keys in the file. */
export type CreatedProgramme = {
  programmeId: number
  modules: Map<string, number>
  topics: Map<string, number>
  milestones: Map<string, number>
  /** In the order of the file. */
  routeTemplates: number[]
}

type Options = {
  /** The ready programme begins active; what people import or copy begins as a draft. */
  state?: 'draft' | 'active'
  copiedFrom?: number
  /** Ids of the files kept before, by their keys in the programme file. Others are left out. */
  files?: ReadonlyMap<string, number>
}

/**
 * Makes a programme of a file, all or nothing, in one transaction. A code that is taken gets a number behind it.
 * @throws InputError if parts of the file contradict one another; ForbiddenError without the right to make programmes
 */
export async function createProgrammeFromFile(
  actor: Actor,
  file: ProgrammeFile,
  options: Options = {},
): Promise<CreatedProgramme> {
  if (!hasEverywhere(actor, 'programmes.edit')) throw new ForbiddenError()
  const errors = checkProgrammeFile(file).filter((problem) => problem.severity === 'error')
  if (errors.length) {
    throw new InputError(
      errors.map(({ code, params }) => ({ field: 'file', code: `programmes.problem.${code}`, values: params })),
    )
  }
  return withTransaction(async () => {
    const { programme } = file
    const programmeId = await insertProgramme(actor, file, options)
    const stages = await insertStages(programmeId, programme)
    const modules = await insertModules(programmeId, programme, stages)
    const topics = await insertTopics(programme, modules)
    await insertMaterials(actor, programme, modules, topics, options.files ?? new Map())
    const milestones = await insertMilestones(programmeId, programme, modules)
    const routeTemplates = await insertRouteTemplates(programmeId, programme, topics)
    const data = { title: programme.title, modules: modules.size, topics: topics.size, copiedFrom: options.copiedFrom }
    await recordEvent(actor, 'programmeCreated', { type: 'programme', id: programmeId }, data)
    return { programmeId, modules, topics, milestones, routeTemplates }
  })
}

type Programme = ProgrammeFile['programme']
type Ids = ReadonlyMap<string, number>

const stamps = () => {
  const now = nowUtc()
  return { created_at: now, updated_at: now }
}

async function insertProgramme(actor: Actor, { programme }: ProgrammeFile, options: Options): Promise<number> {
  return insertRow('programmes', {
    code: await freeCode(programme.code),
    title: toJson(programme.title),
    description: toJson(cleanTranslatedHtml(programme.description)),
    hours: programme.hours,
    rules: toJson(programme.rules),
    state: options.state ?? 'draft',
    copied_from_id: options.copiedFrom ?? null,
    created_by: actor.personId,
    ...stamps(),
  })
}

/**
 * Ids of rows just inserted, by key. They are read back in the order of the list, since databases do not promise that the
 * ids of one statement follow one another.
 */
async function readIds(table: string, where: Record<string, unknown>, keys: readonly string[]) {
  const rows: { id: number }[] = await db()(table).where(where).orderBy('position').select('id')
  return new Map(keys.map((key, index) => [key, rows[index]?.id as number]))
}

async function insertStages(programmeId: number, { stages }: Programme): Promise<Ids> {
  const rows = stages.map(({ title }, at) => ({ programme_id: programmeId, position: at + 1, title: toJson(title) }))
  await insertRows('programme_stages', rows)
  const keys = stages.map(({ key }) => key)
  return readIds('programme_stages', { programme_id: programmeId }, keys)
}

async function insertModules(programmeId: number, { modules }: Programme, stages: Ids) {
  const rows = modules.map((module, at) => ({
    programme_id: programmeId,
    stage_id: module.stage === null ? null : (stages.get(module.stage) ?? null),
    position: at + 1,
    title: toJson(module.title),
    aim: toJson(cleanTranslatedHtml(module.aim)),
    hours: module.hours,
    min_topics: module.rules.minTopics,
    max_topics: module.rules.maxTopics,
    min_hours: module.rules.minHours,
    max_hours: module.rules.maxHours,
    credit_rule: toJson(module.credit),
    ...stamps(),
  }))
  await insertRows('modules', rows)
  const keys = modules.map(({ key }) => key)
  return readIds('modules', { programme_id: programmeId }, keys)
}

async function insertTopics({ modules }: Programme, moduleIds: Ids) {
  const rows = modules.flatMap((module) =>
    module.topics.map((topic, at) => ({
      module_id: moduleIds.get(module.key),
      position: at + 1,
      title: toJson(topic.title),
      description: toJson(cleanTranslatedHtml(topic.description)),
      hours: topic.hours,
      format: topic.format,
      is_compulsory: topic.compulsory ? 1 : 0,
      capacity: topic.capacity,
      place: topic.place && toJson(topic.place),
      link: topic.link,
      day_offset: topic.dayOffset,
      ...stamps(),
    })),
  )
  await insertRows('topics', rows)
  const ids = [...moduleIds.values()]
  const stored: { id: number; module_id: number; position: number }[] = await db()('topics')
    .whereIn('module_id', ids)
    .select('id', 'module_id', 'position')
  const found = new Map(stored.map((row) => [`${row.module_id}.${row.position}`, row.id]))
  const topics = new Map(
    modules.flatMap((module) =>
      module.topics.map(
        (topic, at) => [topic.key, found.get(`${moduleIds.get(module.key)}.${at + 1}`) as number] as const,
      ),
    ),
  )
  const needed = modules.flatMap((module) =>
    module.topics.flatMap((topic) =>
      [...new Set(topic.requires)].map((key) => ({
        topic_id: topics.get(topic.key),
        requires_topic_id: topics.get(key),
      })),
    ),
  )
  await insertRows('topic_prerequisites', needed)
  return topics
}

async function insertMaterials(
  actor: Actor,
  { modules }: Programme,
  moduleIds: Ids,
  topicIds: Ids,
  files: ReadonlyMap<string, number>,
) {
  const links: object[] = []
  const insertOwned = async (ownerType: string, ownerId: number, materials: readonly ProgrammeFileMaterial[]) => {
    for (const [at, material] of materials.entries()) {
      const material_id = await insertMaterial(actor, material, files)
      links.push({ material_id, owner_type: ownerType, owner_id: ownerId, position: at + 1 })
    }
  }
  for (const module of modules) {
    await insertOwned('module', moduleIds.get(module.key) as number, module.materials)
    for (const topic of module.topics) await insertOwned('topic', topicIds.get(topic.key) as number, topic.materials)
  }
  await insertRows('material_links', links)
}

async function insertMaterial(actor: Actor, material: ProgrammeFileMaterial, files: ReadonlyMap<string, number>) {
  // A picture that did not come along is left out: under its number this installation keeps something else.
  const fileOf = (key: number) => files.get(String(key))
  const body = Object.fromEntries(
    Object.entries(cleanIllustratedHtml(material.body)).map(([code, html]) => [code, withPictures(html, fileOf)]),
  )
  const fileId = material.file === null ? null : (files.get(material.file) ?? null)
  const id = await insertRow('materials', {
    kind: material.kind,
    title: toJson(material.title),
    body: toJson(body),
    url: material.url,
    file_id: fileId,
    minutes: material.minutes,
    owner_id: actor.personId,
    ...stamps(),
  })
  const pictures = Object.values(body).flatMap(filesInHtml)
  for (const file of new Set(fileId === null ? pictures : [fileId, ...pictures])) await attachFile(file, 'material', id)
  return id
}

async function insertMilestones(programmeId: number, { milestones }: Programme, modules: Ids) {
  const rows = milestones.map((milestone, at) => ({
    programme_id: programmeId,
    position: at + 1,
    kind: milestone.kind,
    title: toJson(milestone.title),
    hint: toJson(milestone.hint),
    module_id: milestone.module === null ? null : (modules.get(milestone.module) ?? null),
    required_count: milestone.requiredCount,
    due_day_offset: milestone.dueDayOffset,
    is_required: milestone.required ? 1 : 0,
    settings: toJson({}),
    ...stamps(),
  }))
  await insertRows('milestones', rows)
  const keys = milestones.map(({ key }) => key)
  return readIds('milestones', { programme_id: programmeId }, keys)
}

async function insertRouteTemplates(programmeId: number, { routeTemplates }: Programme, topics: Ids) {
  const rows = routeTemplates.map((template, at) => ({
    programme_id: programmeId,
    position: at + 1,
    title: toJson(template.title),
    description: toJson(cleanTranslatedHtml(template.description)),
  }))
  await insertRows('route_templates', rows)
  const stored: { id: number }[] = await db()('route_templates')
    .where({ programme_id: programmeId })
    .orderBy('position')
    .select('id')
  const links = routeTemplates.flatMap((template, at) =>
    [...new Set(template.topics)].map((key) => ({ template_id: stored[at]?.id, topic_id: topics.get(key) })),
  )
  await insertRows('route_template_topics', links)
  return stored.map((row) => row.id)
}
