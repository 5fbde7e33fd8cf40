import { db } from '../../../core/db/index.ts'
import { ForbiddenError, NotFoundError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { moduleEditing, programmeEditing, programmePolicy } from '../policy.ts'
import type { MaterialRow, ModuleRow, ProgrammeRow, ProgrammeState, TopicRow } from '../rows.ts'
import { listTaughtGroups } from '../teaching.ts'

export type ModuleWithProgramme = ModuleRow & {
  programme_title: string
  programme_state: ProgrammeState
  programme_version: number
  /** Whether the reader may change its aim, topics and materials. */
  may_edit: boolean
}

/** @throws NotFoundError if the module is not there or its programme may not be read */
export async function selectModule(actor: Actor, id: number): Promise<ModuleWithProgramme> {
  const row = await db()('modules as m')
    .join('programmes as p', 'p.id', 'm.programme_id')
    .modify(programmePolicy.visibleTo(actor, 'read'))
    .where('m.id', id)
    .first('m.*', 'p.title as programme_title', 'p.state as programme_state', 'p.version as programme_version')
  if (!row) throw new NotFoundError()
  return { ...row, may_edit: await mayEditModule(actor, row.programme_id, id) }
}

/** Whether the actor may change the content of a module. */
export async function mayEditModule(actor: Actor, programmeId: number, moduleId: number): Promise<boolean> {
  const groups = (await listTaughtGroups(actor, [moduleId])).get(moduleId) ?? []
  return moduleEditing.can(actor, 'edit', { programmeId, moduleId, groups })
}

/** A module whose content the actor is about to change. @throws NotFoundError, ForbiddenError */
export async function selectModuleToEdit(actor: Actor, id: number): Promise<ModuleWithProgramme> {
  const row = await selectModule(actor, id)
  if (!row.may_edit) throw new ForbiddenError()
  return row
}

/** A module whose place and rules in the programme the actor is about to change. @throws NotFoundError, ForbiddenError */
export async function selectModuleToArrange(actor: Actor, id: number): Promise<ModuleWithProgramme> {
  const row = await selectModule(actor, id)
  programmeEditing.demand(actor, 'edit', { programmeId: row.programme_id })
  return row
}

/** The programme of a module, to judge its rules. */
export const selectProgrammeOf = (module: { programme_id: number }): Promise<ProgrammeRow> =>
  db()('programmes').where({ id: module.programme_id }).first()

export type ReadTopic = TopicRow & {
  materials: number
  /** Whether the reader has it in a route of their own. */
  chosen: number
}

const ownChoices = (actor: Actor) =>
  db()('route_choices as rc')
    .join('learning_routes as lr', 'lr.id', 'rc.route_id')
    .join('enrolments as e', 'e.id', 'lr.enrolment_id')
    .whereRaw('rc.topic_id = t.id')
    .where({ 'e.person_id': actor.personId ?? 0 })
    .where((either) => either.where('rc.in_draft', 1).orWhere('rc.in_force', 1))
    .count('*')
    .as('chosen')

/** The topics of a module in their order, with those in the reader's own route marked. */
export const listTopics = (actor: Actor, moduleId: number): Promise<ReadTopic[]> =>
  db()('topics as t')
    .where('t.module_id', moduleId)
    .orderBy(['t.position', 't.id'])
    .select(
      't.*',
      db()('material_links as ml')
        .where('ml.owner_type', 'topic')
        .whereRaw('ml.owner_id = t.id')
        .count('*')
        .as('materials'),
      ownChoices(actor),
    )

export type OwnedMaterial = Omit<MaterialRow, 'body'> & {
  owner_type: 'module' | 'topic'
  owner_id: number
  file_name: string | null
  media_type: string | null
  size: number | null
}

/** Materials of a module itself and of its topics, in their order, without the texts of articles. */
export const listMaterialsOfModule = (moduleId: number): Promise<OwnedMaterial[]> =>
  materials()
    .where((either) => {
      void either
        .where((own) => void own.where({ 'ml.owner_type': 'module', 'ml.owner_id': moduleId }))
        .orWhere(
          (ofTopic) =>
            void ofTopic
              .where('ml.owner_type', 'topic')
              .whereIn('ml.owner_id', db()('topics').where({ module_id: moduleId }).select('id')),
        )
    })
    .orderBy(['ml.position', 'ml.id'])

/** Materials of one module or topic, in their order. */
export const listMaterialsOf = (ownerType: 'module' | 'topic', ownerId: number): Promise<OwnedMaterial[]> =>
  materials().where({ 'ml.owner_type': ownerType, 'ml.owner_id': ownerId }).orderBy(['ml.position', 'ml.id'])

const materials = () =>
  db()('material_links as ml')
    .join('materials as x', 'x.id', 'ml.material_id')
    .leftJoin('files as f', 'f.id', 'x.file_id')
    .select(
      ...['x.id', 'x.kind', 'x.title', 'x.url', 'x.file_id', 'x.minutes', 'x.version', 'x.updated_at'],
      ...['ml.owner_type', 'ml.owner_id', 'f.name as file_name', 'f.media_type', 'f.size'],
    )

/** The topics that each topic of these requires, with their titles. */
export const listRequirements = (
  topicIds: number[],
): Promise<{ topic_id: number; requires_topic_id: number; title: string }[]> =>
  db()('topic_prerequisites as r')
    .join('topics as t', 't.id', 'r.requires_topic_id')
    .whereIn('r.topic_id', topicIds)
    .whereNull('t.archived_at')
    .orderBy('t.id')
    .select('r.topic_id', 'r.requires_topic_id', 't.title')
