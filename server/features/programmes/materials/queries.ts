import { db } from '../../../core/db/index.ts'
import { ForbiddenError, NotFoundError } from '../../../core/errors.ts'
import { type Actor, hasAnywhere } from '../../../core/rights/index.ts'
import { mayEditModule, selectModule, selectModuleToEdit } from '../modules/queries.ts'
import { programmePolicy } from '../policy.ts'
import type { MaterialRow } from '../rows.ts'
import { selectTopic, selectTopicToEdit } from '../topics/queries.ts'

export type OwnerType = 'module' | 'topic'

/** Where a material hangs, with the titles of what is around it. */
export type MaterialPlace = {
  owner_type: OwnerType
  owner_id: number
  programme_id: number
  programme_title: string
  module_id: number
  module_title: string
  topic_title: string | null
}

export type MaterialInPlace = MaterialRow &
  MaterialPlace & {
    file_name: string | null
    media_type: string | null
    size: number | null
    /** Whether the reader may change it. */
    may_edit: boolean
  }

/** Materials (`x`) with one row per place (`ml`), its module (`m`), topic (`t`) and programme (`p`). */
export const placedMaterials = () =>
  db()('materials as x')
    .join('material_links as ml', 'ml.material_id', 'x.id')
    .leftJoin('topics as t', (on) => void on.on('t.id', 'ml.owner_id').andOnVal('ml.owner_type', 'topic'))
    .join('modules as m', (on) =>
      on
        .on((own) => void own.on('m.id', 'ml.owner_id').andOnVal('ml.owner_type', 'module'))
        .orOn((ofTopic) => void ofTopic.on('m.id', 't.module_id')),
    )
    .join('programmes as p', 'p.id', 'm.programme_id')

/**
 * A material in the first of its places where the actor may read it.
 * @throws NotFoundError if there is none
 */
export async function selectMaterial(actor: Actor, id: number): Promise<MaterialInPlace> {
  const row = await placedMaterials()
    .leftJoin('files as f', 'f.id', 'x.file_id')
    .modify(programmePolicy.visibleTo(actor, 'read'))
    .where('x.id', id)
    .orderBy('ml.id')
    .first(
      ...['x.*', 'ml.owner_type', 'ml.owner_id', 'm.programme_id', 'p.title as programme_title', 'm.id as module_id'],
      ...['m.title as module_title', 't.title as topic_title', 'f.name as file_name', 'f.media_type', 'f.size'],
    )
  if (!row) throw new NotFoundError()
  return { ...row, may_edit: await mayEditModule(actor, row.programme_id, row.module_id) }
}

/** A material that the actor is about to change. @throws NotFoundError, ForbiddenError */
export async function selectMaterialToEdit(actor: Actor, id: number): Promise<MaterialInPlace> {
  const row = await selectMaterial(actor, id)
  if (!row.may_edit) throw new ForbiddenError()
  return row
}

/** Whether the actor may read the material, and with it the files that hang on it. */
export async function mayReadMaterial(actor: Actor, id: number): Promise<boolean> {
  if (!programmePolicy.permissions('read').some((permission) => hasAnywhere(actor, permission))) return false
  const row = await placedMaterials().modify(programmePolicy.visibleTo(actor, 'read')).where('x.id', id).first('x.id')
  return row !== undefined
}

export type Owner = {
  type: OwnerType
  id: number
  title: string
  programmeId: number
  programmeTitle: string
  moduleId: number
  moduleTitle: string
}

/** What a material hangs on: a module or a topic. @throws NotFoundError, and ForbiddenError when it is to be edited */
export async function selectOwner(actor: Actor, type: OwnerType, id: number, toEdit: boolean): Promise<Owner> {
  if (type === 'module') {
    const module = await (toEdit ? selectModuleToEdit : selectModule)(actor, id)
    const around = { programmeId: module.programme_id, programmeTitle: module.programme_title }
    return { type, id, title: module.title, ...around, moduleId: id, moduleTitle: module.title }
  }
  const topic = await (toEdit ? selectTopicToEdit : selectTopic)(actor, id)
  const around = { programmeId: topic.programme_id, programmeTitle: topic.programme_title }
  return { type, id, title: topic.title, ...around, moduleId: topic.module_id, moduleTitle: topic.module_title }
}
