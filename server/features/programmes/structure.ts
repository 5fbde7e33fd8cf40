import { db, fromJson } from '../../core/db/index.ts'
import { checkProgrammeFile, type Problem, type ProgrammeFile, programmeFileSchema } from './programme-file.ts'
import {
  type ModuleRow,
  moduleLimits,
  NO_RULES,
  type ProgrammeRow,
  type ProgrammeRules,
  type RouteTemplateRow,
  type StageRow,
  type TopicRow,
} from './rows.ts'

/** A topic in the tree, with the number of its materials. Descriptions are not read: the tree does not show them. */
export type TreeTopic = Omit<TopicRow, 'description'> & { materials: number; requires: number[] }
export type TreeModule = Omit<ModuleRow, 'aim'> & { materials: number; topics: TreeTopic[] }

/** How a programme is built: stages, modules and topics in their order, archived ones apart. */
export type Structure = {
  programme: ProgrammeRow
  stages: StageRow[]
  modules: TreeModule[]
  archivedModules: TreeModule[]
  archivedTopics: TreeTopic[]
  templates: (RouteTemplateRow & { topics: number[] })[]
}

const materialsOf = (ownerType: 'module' | 'topic', owner: string) =>
  db()('material_links as ml')
    .where('ml.owner_type', ownerType)
    .whereRaw('ml.owner_id = ??', [owner])
    .count('*')
    .as('materials')

const MODULE_COLUMNS = [
  ...['id', 'programme_id', 'stage_id', 'position', 'title', 'hours', 'min_topics', 'max_topics', 'min_hours'],
  ...['max_hours', 'credit_rule', 'archived_at', 'version'],
].map((column) => `m.${column}`)
const TOPIC_COLUMNS = [
  ...['id', 'module_id', 'position', 'title', 'hours', 'format', 'is_compulsory', 'capacity', 'place', 'link'],
  ...['day_offset', 'archived_at', 'version'],
].map((column) => `t.${column}`)

/** Reads the tree of a programme with five queries, whatever its size. */
export async function loadStructure(programme: ProgrammeRow): Promise<Structure> {
  const ofProgramme = { programme_id: programme.id }
  const stages: StageRow[] = await db()('programme_stages').where(ofProgramme).orderBy(['position', 'id'])
  const modules: TreeModule[] = await db()('modules as m')
    .where('m.programme_id', programme.id)
    .orderBy(['m.position', 'm.id'])
    .select(...MODULE_COLUMNS, materialsOf('module', 'm.id'))
  const topics: TreeTopic[] = await db()('topics as t')
    .join('modules as m', 'm.id', 't.module_id')
    .where('m.programme_id', programme.id)
    .orderBy(['m.position', 't.position', 't.id'])
    .select(...TOPIC_COLUMNS, materialsOf('topic', 't.id'))
  const requires: { topic_id: number; requires_topic_id: number }[] = await db()('topic_prerequisites as r')
    .join('topics as t', 't.id', 'r.topic_id')
    .join('modules as m', 'm.id', 't.module_id')
    .where('m.programme_id', programme.id)
    .select('r.topic_id', 'r.requires_topic_id')
  const templates = await listTemplates(programme.id)
  for (const topic of topics) {
    topic.materials = Number(topic.materials)
    topic.requires = requires.filter((row) => row.topic_id === topic.id).map((row) => row.requires_topic_id)
  }
  for (const module of modules) {
    module.materials = Number(module.materials)
    module.topics = topics.filter((topic) => topic.module_id === module.id && !topic.archived_at)
  }
  return {
    programme,
    stages,
    modules: modules.filter((module) => !module.archived_at),
    archivedModules: modules.filter((module) => module.archived_at),
    archivedTopics: topics.filter((topic) => topic.archived_at),
    templates,
  }
}

type TemplateTopicRow = RouteTemplateRow & { topic_id: number | null }

/** Recommended routes with the ids of their topics, in one query. */
export async function listTemplates(programmeId: number): Promise<(RouteTemplateRow & { topics: number[] })[]> {
  const rows: TemplateTopicRow[] = await db()('route_templates as rt')
    .leftJoin('route_template_topics as rtt', 'rtt.template_id', 'rt.id')
    .where('rt.programme_id', programmeId)
    .orderBy(['rt.position', 'rt.id'])
    .select('rt.*', 'rtt.topic_id')
  const templates = new Map<number, RouteTemplateRow & { topics: number[] }>()
  for (const { topic_id, ...row } of rows) {
    const template = templates.get(row.id) ?? { ...row, topics: [] }
    if (topic_id !== null) template.topics.push(topic_id)
    templates.set(row.id, template)
  }
  return [...templates.values()]
}

/** A problem of a programme with the parts that it is about, for words and links. */
export type StructureProblem = Problem & { module?: TreeModule; topic?: TreeTopic; template?: RouteTemplateRow }

const topicKey = (id: number) => `t${id}`
const moduleKey = (id: number) => `m${id}`

/** The tree as a programme file without its long texts: the same checks judge both. */
function skeleton({ programme, modules, templates }: Structure): ProgrammeFile {
  const present = new Set(modules.flatMap((module) => module.topics.map((topic) => topic.id)))
  const texts = (json: string) => fromJson<Record<string, string>>(json, {})
  return programmeFileSchema.parse({
    format: 'integral-programme',
    version: 1,
    languages: ['ru'],
    programme: {
      code: 'skeleton',
      title: texts(programme.title),
      hours: programme.hours,
      rules: fromJson<ProgrammeRules>(programme.rules, NO_RULES),
      modules: modules.map((module) => ({
        key: moduleKey(module.id),
        title: texts(module.title),
        hours: module.hours,
        rules: moduleLimits(module as unknown as ModuleRow),
        topics: module.topics.map((topic) => ({
          key: topicKey(topic.id),
          title: texts(topic.title),
          hours: topic.hours,
          format: topic.format,
          compulsory: topic.is_compulsory === 1,
          requires: topic.requires.filter((id) => present.has(id)).map(topicKey),
        })),
      })),
      routeTemplates: templates.map((template) => ({
        title: texts(template.title),
        topics: template.topics.filter((id) => present.has(id)).map(topicKey),
      })),
    },
  })
}

/** What contradicts itself in a programme. Translations are the author's own matter and not checked here. */
export function problemsOf(structure: Structure): StructureProblem[] {
  const problems = checkProgrammeFile(skeleton(structure)).filter((problem) => problem.code !== 'translation.missing')
  return problems.map((problem) => {
    const [, list, index, inner, innerIndex] = problem.path
    if (list === 'routeTemplates') return { ...problem, template: structure.templates[Number(index)] }
    if (list !== 'modules') return problem
    const module = structure.modules[Number(index)]
    return { ...problem, module, topic: inner === 'topics' ? module?.topics[Number(innerIndex)] : undefined }
  })
}

/** What two readings of one problem have in common: the rule and the part, not its place in the list. */
export const problemKey = (problem: StructureProblem): string =>
  [problem.code, problem.path.at(-1), problem.module?.id, problem.topic?.id, problem.template?.id].join('/')
