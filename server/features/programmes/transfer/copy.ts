import type { Actor } from '../../../core/rights/index.ts'
import type { Translated } from '../../../core/text.ts'
import { demandMayCreate } from '../service.ts'
import { createProgrammeFromFile } from './create-from-file.ts'
import { programmeAsFile } from './export-file.ts'

/**
 * Copies a whole programme as a draft: structure, texts, materials, milestones and recommended routes; not cohorts, people
 * and journals. The copy's materials are its own: changing them leaves the original as it is.
 * @returns the id of the copy
 */
export async function copyProgramme(actor: Actor, programmeId: number, title: Translated): Promise<number> {
  demandMayCreate(actor)
  const file = await programmeAsFile(actor, programmeId)
  const files = new Map(file.files.map(({ key }) => [key, Number(key)]))
  const source = { ...file, programme: { ...file.programme, title } }
  const made = await createProgrammeFromFile(actor, source, { copiedFrom: programmeId, files })
  return made.programmeId
}
