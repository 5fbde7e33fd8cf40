import { db, insertRow, insertRows, withTransaction } from '../../core/db/index.ts'
import { ConflictError, type FieldError, ForbiddenError, InputError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { translator } from '../../core/i18n/index.ts'
import { type Actor, SYSTEM } from '../../core/rights/index.ts'
import { setting } from '../../core/settings.ts'
import { nowUtc, today } from '../../core/time.ts'
import type { CohortDates, CohortInput, CohortState, CohortUpdate } from './input.ts'
import { cohortPolicy, openingPolicy } from './policy.ts'
import { type CohortCard, selectCohort } from './queries.ts'

const columnsOf = (input: CohortDates) => ({
  title: input.title,
  starts_on: input.startsOn,
  ends_on: input.endsOn,
  route_opens_on: input.routeOpensOn,
  route_closes_on: input.routeClosesOn,
  learners_from: input.learnersFrom,
  directors_from: input.directorsFrom,
  capacity: input.capacity,
})

/** Dates that contradict one another, each said beside its field. */
function demandOrder(input: CohortDates) {
  const wrong: FieldError[] = []
  const refuse = (field: string, code: string) => wrong.push({ field, code })
  if (input.endsOn < input.startsOn) refuse('endsOn', 'cohorts.form.endsBeforeStart')
  if (input.routeOpensOn && input.routeClosesOn && input.routeClosesOn < input.routeOpensOn)
    refuse('routeClosesOn', 'cohorts.form.closesBeforeOpening')
  if (input.routeOpensOn && input.routeOpensOn > input.endsOn) refuse('routeOpensOn', 'cohorts.form.afterEnd')
  if (input.learnersFrom && input.learnersFrom > input.endsOn) refuse('learnersFrom', 'cohorts.form.afterEnd')
  if (input.directorsFrom && input.directorsFrom > input.endsOn) refuse('directorsFrom', 'cohorts.form.afterEnd')
  if (wrong.length) throw new InputError(wrong)
}

async function demandOpenProgramme(actor: Actor, id: number) {
  // Locked until the end: of two forms sent at once the second sees the cohort of the first.
  const programme = await db()('programmes').where({ id }).whereNot('state', 'archived').forUpdate().first('id')
  if (!programme) throw InputError.of('programmeId', 'cohorts.form.programmeUnknown')
  if (!openingPolicy.can(actor, 'open', { id })) throw new ForbiddenError()
}

/** Two cohorts of one programme with one title and one first day are one form sent twice. */
async function demandNoTwin(input: CohortInput) {
  const same = { programme_id: input.programmeId, title: input.title, starts_on: input.startsOn }
  if (await db()('cohorts').where(same).first('id')) throw InputError.of('title', 'cohorts.form.twin')
}

/**
 * Opens a cohort of a programme, with so many groups in each of its modules ("Группа 1", "Группа 2", …, in the
 * authority's language).
 * @returns its id
 * @throws InputError for dates that contradict one another or a programme that is not there
 */
export async function createCohort(actor: Actor, input: CohortInput): Promise<number> {
  demandOrder(input)
  const { defaultLanguage } = await setting('authority')
  return withTransaction(async () => {
    await demandOpenProgramme(actor, input.programmeId)
    await demandNoTwin(input)
    const now = nowUtc()
    const stamps = { created_at: now, updated_at: now }
    const row = { ...columnsOf(input), programme_id: input.programmeId, state: 'planned', ...stamps }
    const id = await insertRow('cohorts', row)
    const modules: number[] = await db()('modules')
      .where('programme_id', input.programmeId)
      .whereNull('archived_at')
      .orderBy(['position', 'id'])
      .pluck('id')
    const t = translator(defaultLanguage)
    const names = Array.from({ length: input.groupsPerModule }, (_, index) =>
      t('cohorts.groups.defaultName', { number: index + 1 }),
    )
    const groups = modules.flatMap((module_id) =>
      names.map((name) => ({ cohort_id: id, module_id, name, capacity: null, ...stamps })),
    )
    if (groups.length) await insertRows('groups', groups)
    await recordEvent(actor, 'cohortCreated', { type: 'cohort', id }, { after: input })
    return id
  })
}

/**
 * Changes a cohort's title, dates and capacity. Learners' access follows `learnersFrom` at once.
 * @throws ConflictError if someone changed it since `version` was read
 * @throws InputError for contradicting dates or a capacity below what is taken
 */
export async function updateCohort(actor: Actor, id: number, input: CohortUpdate): Promise<void> {
  demandOrder(input)
  await withTransaction(async () => {
    const before = await selectCohort(actor, id)
    cohortPolicy.demand(actor, 'edit', before)
    const changed = await db()('cohorts')
      .where({ id, version: input.version })
      .modify((query) => {
        // Enrolments may arrive while the form is open: the limit never falls below them.
        if (input.capacity !== null) void query.where('taken', '<=', input.capacity)
      })
      .update({ ...columnsOf(input), version: input.version + 1, updated_at: nowUtc() })
    if (!changed) await explainRefusal(id, input)
    if (input.learnersFrom !== before.learners_from) await moveLearnersAccess(id, input.learnersFrom)
    const { version: _version, ...after } = input
    await recordEvent(actor, 'cohortChanged', { type: 'cohort', id }, { before, after })
  })
}

async function explainRefusal(id: number, input: CohortUpdate): Promise<never> {
  const row = await db()('cohorts').where({ id }).first('version', 'taken')
  if (row?.version !== input.version) throw new ConflictError()
  throw InputError.of('capacity', 'cohorts.form.capacityBelowTaken', { count: row.taken })
}

/** Learners come in from this date: their grants begin with it. One statement, whatever the size of the cohort. */
async function moveLearnersAccess(cohortId: number, from: string | null) {
  await db()('grants')
    .where({ source: 'enrolment', scope_type: 'cohort', scope_id: cohortId })
    .update({ starts_on: from })
}

/** Moves a cohort along: planned → running → finished → archived, or a step back. */
export async function setCohortState(actor: Actor, id: number, state: CohortState, version: number): Promise<void> {
  await withTransaction(async () => {
    const before = await selectCohort(actor, id)
    cohortPolicy.demand(actor, 'edit', before)
    await changeState(actor, before, state, version)
  })
}

async function changeState(
  actor: Actor,
  before: Pick<CohortCard, 'id' | 'state'>,
  state: CohortState,
  version: number,
) {
  const changed = await db()('cohorts')
    .where({ id: before.id, version })
    .update({ state, version: version + 1, updated_at: nowUtc() })
  if (!changed) throw new ConflictError()
  const subject = { type: 'cohort', id: before.id }
  await recordEvent(actor, 'cohortStateChanged', subject, { before: before.state, after: state })
}

/** Job: planned cohorts begin by themselves on their first day. */
export async function startDueCohorts(): Promise<{ started: number }> {
  const { timeZone } = await setting('authority')
  const due: CohortCard[] = await db()('cohorts')
    .where('state', 'planned')
    .where('starts_on', '<=', today(timeZone))
    .where('ends_on', '>=', today(timeZone))
    .limit(200)
  for (const cohort of due) {
    await withTransaction(() => changeState(SYSTEM, cohort, 'running', cohort.version)).catch((error) => {
      // Someone was changing it at this moment; the next round sees it again.
      if (!(error instanceof ConflictError)) throw error
    })
  }
  return { started: due.length }
}
