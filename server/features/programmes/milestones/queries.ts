import { db } from '../../../core/db/index.ts'
import { NotFoundError } from '../../../core/errors.ts'
import type { Actor } from '../../../core/rights/index.ts'
import { programmeEditing, programmePolicy } from '../policy.ts'
import type { MilestoneRow, ProgrammeState } from '../rows.ts'

export type MilestoneInPlace = MilestoneRow & { programme_title: string; programme_state: ProgrammeState }
export type MilestoneListRow = MilestoneRow & { module_title: string | null }

/** A milestone that the actor is about to change. @throws NotFoundError, ForbiddenError */
export async function selectMilestoneToEdit(actor: Actor, id: number): Promise<MilestoneInPlace> {
  const row = await db()('milestones as ms')
    .join('programmes as p', 'p.id', 'ms.programme_id')
    .modify(programmePolicy.visibleTo(actor, 'view'))
    .where('ms.id', id)
    .first('ms.*', 'p.title as programme_title', 'p.state as programme_state')
  if (!row) throw new NotFoundError()
  programmeEditing.demand(actor, 'edit', { programmeId: row.programme_id })
  return row
}

/** The lines of the tracking journal in their order, archived ones too. */
export const listMilestones = (programmeId: number): Promise<MilestoneListRow[]> =>
  db()('milestones as ms')
    .leftJoin('modules as m', 'm.id', 'ms.module_id')
    .where('ms.programme_id', programmeId)
    .orderBy(['ms.position', 'ms.id'])
    .select('ms.*', 'm.title as module_title')

/** Modules that a milestone may be about. */
export const listModuleChoices = (programmeId: number): Promise<{ id: number; title: string }[]> =>
  db()('modules')
    .where({ programme_id: programmeId })
    .whereNull('archived_at')
    .orderBy(['position', 'id'])
    .select('id', 'title')
