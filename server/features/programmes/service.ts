import { insertRow, toJson, withTransaction } from '../../core/db/index.ts'
import { ConflictError, ForbiddenError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { cleanTranslatedHtml } from '../../core/rich-text.ts'
import { type Actor, hasEverywhere } from '../../core/rights/index.ts'
import { nowUtc } from '../../core/time.ts'
import { consequence, demandConfirmed, keepingRulesPossible } from './effects.ts'
import type { NewProgrammeInput, ProgrammeInput } from './input.ts'
import { changeVersioned } from './order.ts'
import { selectProgrammeToEdit } from './queries.ts'
import { NO_RULES, type ProgrammeRules, type ProgrammeState } from './rows.ts'
import { loadStructure, problemsOf } from './structure.ts'
import { codeFromTitle, freeCode } from './transfer/codes.ts'
import { countRoutesOutside, selectUsage } from './usage.ts'

/** New programmes belong to the whole authority. @throws ForbiddenError */
export function demandMayCreate(actor: Actor): void {
  if (!hasEverywhere(actor, 'programmes.edit')) throw new ForbiddenError()
}

/** Begins a programme as an empty draft. @returns its id */
export async function createProgramme(actor: Actor, input: NewProgrammeInput): Promise<number> {
  demandMayCreate(actor)
  return withTransaction(async () => {
    const now = nowUtc()
    const id = await insertRow('programmes', {
      code: await freeCode(codeFromTitle(input.title)),
      title: toJson(input.title),
      description: toJson(cleanTranslatedHtml(input.description)),
      hours: input.hours,
      rules: toJson(NO_RULES),
      state: 'draft',
      created_by: actor.personId,
      created_at: now,
      updated_at: now,
    })
    await recordEvent(actor, 'programmeCreated', { type: 'programme', id }, { title: input.title })
    return id
  })
}

const rulesOf = (input: ProgrammeInput): ProgrammeRules => ({
  minTopics: input.minTopics,
  maxTopics: input.maxTopics,
  minHours: input.minHours,
  maxHours: input.maxHours,
  ownItemsMaxHours: input.ownItemsMaxHours,
  approval: input.approval,
})

/**
 * Changes description, hours and rules of a programme.
 * @throws InputError if routes in force would break the new rules and this was not confirmed, or if the rules of a
 *   programme in use would become impossible; ConflictError if someone changed it since `version` was read
 */
export async function updateProgramme(actor: Actor, id: number, input: ProgrammeInput): Promise<void> {
  await withTransaction(async () => {
    const before = await selectProgrammeToEdit(actor, id)
    const rules = rulesOf(input)
    const rulesChanged = toJson(rules) !== before.rules
    if (rulesChanged) {
      demandConfirmed([consequence('routesOutside', await countRoutesOutside(id, rules))], input.confirmed)
    }
    const description = cleanTranslatedHtml(input.description)
    const values = { title: toJson(input.title), description: toJson(description), hours: input.hours }
    await keepingRulesPossible(before, 'minTopics', () =>
      changeVersioned('programmes', id, input.version, { ...values, rules: toJson(rules), updated_at: nowUtc() }),
    )
    const data = { before, after: { title: input.title, hours: input.hours, rules }, rulesChanged }
    await recordEvent(actor, 'programmeChanged', { type: 'programme', id }, { programmeId: id, ...data })
  })
}

const ALLOWED: Record<ProgrammeState, ProgrammeState[]> = {
  draft: ['active', 'archived'],
  active: ['draft', 'archived'],
  archived: ['active', 'draft'],
}

/**
 * Opens a programme for cohorts, takes it back into work, or archives it.
 * @throws InputError if it cannot be completed as it stands, is learnt by now, or has nothing to learn
 */
export async function setProgrammeState(
  actor: Actor,
  id: number,
  state: ProgrammeState,
  version: number,
): Promise<void> {
  await withTransaction(async () => {
    const before = await selectProgrammeToEdit(actor, id)
    if (!ALLOWED[before.state].includes(state)) throw new ConflictError()
    if (state === 'active') {
      const structure = await loadStructure(before)
      const hasTopics = structure.modules.some((module) => module.topics.length)
      if (!hasTopics) throw InputError.of('state', 'programmes.state.nothingToLearn')
      const broken = problemsOf(structure).filter((problem) => problem.code.startsWith('rules.'))
      if (broken.length) throw InputError.of('state', 'programmes.state.cannotBeCompleted', { count: broken.length })
    } else {
      const { cohorts } = await selectUsage(id)
      if (cohorts) throw InputError.of('state', `programmes.state.${state}InUse`, { count: cohorts })
    }
    await changeVersioned('programmes', id, version, { state, updated_at: nowUtc() })
    const type = { active: 'programmeOpened', draft: 'programmeClosed', archived: 'programmeArchived' }[state]
    await recordEvent(actor, type, { type: 'programme', id }, { programmeId: id, before: before.state, after: state })
  })
}

/** Raises the version of a programme whose parts without a version of their own (stages) change. @throws ConflictError */
export const touchProgramme = (id: number, version: number): Promise<void> =>
  changeVersioned('programmes', id, version, { updated_at: nowUtc() })
