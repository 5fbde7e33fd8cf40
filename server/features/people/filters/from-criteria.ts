import type { Actor } from '../../../core/rights/index.ts'
import { selectOptionalPlace } from '../../organisations/queries.ts'
import type { Criteria } from '../input.ts'
import type { Condition, Filter } from './model.ts'

const DIRECTORIES: Record<Exclude<Criteria['directory'], 'all'>, Condition> = {
  learners: { field: 'enrolment.any', op: 'yes', values: [] },
  instructors: { field: 'role', op: 'oneOf', values: ['instructor'] },
  heads: { field: 'work.isHead', op: 'yes', values: [] },
}

/** The conditions of the list of people as a filter to build on; undefined: nothing was asked for. */
export async function filterOfCriteria(actor: Actor, criteria: Criteria): Promise<Filter | undefined> {
  const conditions: Condition[] = criteria.directory === 'all' ? [] : [DIRECTORIES[criteria.directory]]
  const add = (field: string, op: Condition['op'], value: string | number | undefined) => {
    if (value !== undefined) conditions.push({ field, op, values: [String(value)] })
  }
  add(criteria.q?.includes('@') ? 'person.email' : 'person.name', 'begins', criteria.q)
  add('work.organisation', 'within', criteria.organisationId)
  add('work.organisationKind', 'oneOf', criteria.kind)
  if (criteria.departmentId) {
    const department = await selectOptionalPlace(actor, criteria.departmentId)
    add('work.department', 'is', department?.name)
  }
  add('work.position', 'oneOf', criteria.positionId)
  add('person.category', 'oneOf', criteria.categoryId)
  add('work.startsOn', 'from', criteria.startedFrom)
  add('work.startsOn', 'to', criteria.startedTo)
  add('account.state', 'oneOf', criteria.account)
  return conditions.length ? { match: 'all', groups: [{ match: 'all', conditions }] } : undefined
}
