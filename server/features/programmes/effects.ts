import { db } from '../../core/db/index.ts'
import { type FieldError, InputError } from '../../core/errors.ts'
import type { ProgrammeRow } from './rows.ts'
import { loadStructure, problemKey, problemsOf, type StructureProblem } from './structure.ts'

/**
 * What a change of a running programme brings about, one sentence each. They are said beside the box that confirms them:
 * until it is ticked, nothing is saved.
 * @throws InputError with the consequences, unless there are none or the person has confirmed them
 */
export function demandConfirmed(consequences: (FieldError | false | undefined)[], confirmed: boolean): void {
  const list = consequences.filter((entry): entry is FieldError => Boolean(entry))
  if (list.length && !confirmed) throw new InputError(list)
}

/** A consequence for so many learners; nothing if there are none. */
export const consequence = (name: string, count: number): FieldError | false =>
  count > 0 && { field: 'confirmed', code: `programmes.consequence.${name}`, values: { count } }

/** The field of a form beside which a problem of the rules is said. */
const fieldOf = (problem: StructureProblem, fallback: string) => {
  const last = String(problem.path.at(-1))
  return ['minTopics', 'maxTopics', 'minHours', 'maxHours'].includes(last) ? last : fallback
}

/**
 * Makes a change and demands that it leaves the rules of a programme in use possible: nobody may meet a programme that
 * cannot be completed. Drafts may be in any state; their page lists what is wrong.
 * @param field beside which a contradiction is said that belongs to no single number
 * @throws InputError with contradictions that were not there before; the surrounding transaction rolls back
 */
export async function keepingRulesPossible<T>(
  programme: ProgrammeRow,
  field: string,
  change: () => Promise<T>,
): Promise<T> {
  if (programme.state !== 'active') return change()
  const before = new Set(problemsOf(await loadStructure(programme)).map(problemKey))
  const result = await change()
  const changed = { ...programme, ...(await reload(programme.id)) }
  const after = problemsOf(await loadStructure(changed)).filter((problem) => problem.code.startsWith('rules.'))
  const fresh = after.filter((problem) => !before.has(problemKey(problem)))
  if (fresh.length) {
    throw new InputError(
      fresh.map((problem) => ({
        field: fieldOf(problem, field),
        code: `programmes.problem.${problem.code}`,
        values: problem.params,
      })),
    )
  }
  return result
}

const reload = async (id: number): Promise<ProgrammeRow> => db()('programmes').where({ id }).first()
