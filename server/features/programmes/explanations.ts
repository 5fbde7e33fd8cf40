import { db } from '../../core/db/index.ts'
import { type Explain, explainBy } from '../../core/rights/explanations.ts'
import { moduleEditing, programmeEditing, programmePolicy } from './policy.ts'
import { selectProgrammePlace } from './queries.ts'
import { selectModulePlace } from './teaching.ts'
import { textsOf } from './words.ts'

const nameOf = (json: string) => Object.values(textsOf(json))[0] ?? ''

/** Several explanations of one object as one. */
const together =
  (...parts: Explain[]): Explain =>
  async (actor, id) => {
    const found = await Promise.all(parts.map((explain) => explain(actor, id)))
    const [first] = found
    return first && { name: first.name, actions: found.flatMap((one) => one?.actions ?? []) }
  }

const programme = async (id: number) => {
  const row = await db()('programmes').where({ id }).first('title')
  return row && { name: nameOf(row.title), resource: await selectProgrammePlace(id) }
}

const module = async (id: number) => {
  const row = await db()('modules').where({ id }).first('title', 'programme_id')
  return row && { name: nameOf(row.title), programmeId: row.programme_id }
}

/** Why a person may see or change a programme or a module. */
export const explanations: Record<string, Explain> = {
  programme: together(
    explainBy(programmePolicy, ['view', 'read'], programme),
    explainBy(programmeEditing, ['edit'], programme),
  ),
  module: together(
    explainBy(programmePolicy, ['read'], async (id) => {
      const found = await module(id)
      return found && { name: found.name, resource: await selectProgrammePlace(found.programmeId) }
    }),
    explainBy(moduleEditing, ['edit'], async (id) => {
      const found = await module(id)
      return found && { name: found.name, resource: await selectModulePlace(found.programmeId, id) }
    }),
  ),
}
