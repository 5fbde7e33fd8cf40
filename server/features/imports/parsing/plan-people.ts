import { fullName } from '../../../core/text.ts'
import { type ExistingPerson, PersonFinder } from './match-person.ts'
import { type NamedOrganisation, OrganisationFinder, organisationKey } from './organisation-names.ts'
import { type ListedField, type OwnValue, planOwn } from './own-fields.ts'
import { employmentChanges, personChanges, soleOrganisation, storedEmployment } from './plan-changes.ts'
import { nameKey, refuseBoth } from './repeats.ts'
import { foldText } from './text.ts'
import type { Field, FieldChange, PersonRow, PersonValues, PlanAction, Problem, SkipReason } from './types.ts'

/** What is stored and may be meant by the rows; people as found by `peopleKeys`, organisations all that may be used. */
export interface PeopleLookup {
  people: ExistingPerson[]
  organisations: NamedOrganisation[]
  /** Categories by each of their names. */
  categories: { id: number; names: string[] }[]
  /** Names of positions that no longer stand for themselves: merged into another one, or closed (null). */
  formerPositions: { name: string; becomes: string | null }[]
  /** Fields that the authority has added, those in use. */
  ownFields?: ListedField[]
}

export interface PeopleOptions {
  /** Make organisations that are not known, instead of refusing the row. */
  createOrganisations: boolean
  /** Make people of whom only initials are known, instead of refusing the row. */
  createInitials: boolean
  /** What another place of work means: one more post, or a move that ends the other. */
  otherEmployer: 'add' | 'transfer'
  /** Where everybody of the list works; null where a column says it, or nothing does. */
  employerId: number | null
  /** Today in the authority's time zone, `YYYY-MM-DD`. */
  today: string
}

/** A person's organisation in the plan: a stored one, or one that the plan makes. */
export type OrganisationTarget = { id: number } | { newKey: string }

export interface EmploymentPlan {
  action: 'create' | 'update'
  /** Of the stored place of work, when it is updated. */
  id: number | null
  organisation: OrganisationTarget
  /** Places of work that end because this one begins. */
  ends: number[]
}

export interface PlannedPerson {
  line: number
  action: PlanAction
  problems: Problem[]
  skip: SkipReason | null
  sameAs: number | null
  values: PersonValues
  personId: number | null
  /** For a second post of a person whom this import makes: the line that makes the person. */
  joinsLine: number | null
  categoryId: number | null
  changes: FieldChange[]
  /** Values of added fields that are to be written. */
  own: OwnValue[]
  employment: EmploymentPlan | null
}

export interface PeoplePlan {
  rows: PlannedPerson[]
  newOrganisations: { key: string; name: string }[]
}

/** What to look up before planning, all folded. */
export interface PeopleKeys {
  logins: string[]
  emails: string[]
  /** Whole names "surname name patronymic", as they are and with initials in place of names. */
  names: string[]
  /** Beginnings of names "surname n", for rows that have only initials. */
  namePrefixes: string[]
}

/** The logins, e-mails and names by which stored people may be meant by the rows. */
export function peopleKeys(rows: readonly PersonRow[]): PeopleKeys {
  const keys = {
    logins: new Set<string>(),
    emails: new Set<string>(),
    names: new Set<string>(),
    namePrefixes: new Set<string>(),
  }
  for (const { skip, values, initials } of rows) {
    if (skip) continue
    if (values.login) keys.logins.add(foldText(values.login))
    if (values.email) keys.emails.add(foldText(values.email))
    const { lastName, firstName, middleName } = values
    if (!lastName || !firstName) continue
    if (initials) keys.namePrefixes.add(foldText(`${lastName} ${firstName.charAt(0)}`))
    else {
      keys.names.add(foldText([lastName, firstName, middleName].filter(Boolean).join(' ')))
      keys.names.add(
        foldText(
          [lastName, firstName, middleName]
            .filter(Boolean)
            .map((part, at) => (at === 0 ? part : `${part!.charAt(0)}.`))
            .join(' '),
        ),
      )
    }
  }
  return {
    logins: [...keys.logins],
    emails: [...keys.emails],
    names: [...keys.names],
    namePrefixes: [...keys.namePrefixes],
  }
}

/**
 * Decides for every row what importing it would do. Pure: the same rows, lookup and options give the same plan, which is
 * how a confirmed plan is compared with what it would be now.
 *
 * An empty cell never erases what is stored. A row that could not be recognised when the same file comes again (no
 * login, e-mail, birth date or organisation) is refused, for it would be made twice.
 */
export function planPeople(rows: readonly PersonRow[], lookup: PeopleLookup, options: PeopleOptions): PeoplePlan {
  const planner = new PeoplePlanner(lookup, options)
  const planned = rows.map((row) => planner.plan(row))
  planner.refuseSharedTargets(planned)
  const used = new Set(
    planned.flatMap(({ action, employment }) =>
      action !== 'refused' && employment && 'newKey' in employment.organisation ? [employment.organisation.newKey] : [],
    ),
  )
  return { rows: planned, newOrganisations: planner.newOrganisations.filter(({ key }) => used.has(key)) }
}

class PeoplePlanner {
  readonly newOrganisations: { key: string; name: string }[] = []
  readonly #finder: PersonFinder
  readonly #organisations: OrganisationFinder
  readonly #organisationNames: Map<number, string>
  readonly #categories = new Map<string, number>()
  readonly #options: PeopleOptions
  /** Lines that make a person, by name and birth date, for second posts further down. */
  readonly #makers = new Map<string, number>()

  readonly #formerPositions: ReadonlyMap<string, string | null>
  readonly #employer: NamedOrganisation | undefined
  readonly #ownFields: readonly ListedField[]

  constructor(lookup: PeopleLookup, options: PeopleOptions) {
    this.#options = options
    this.#finder = new PersonFinder(lookup.people)
    this.#organisations = new OrganisationFinder(lookup.organisations)
    this.#ownFields = lookup.ownFields ?? []
    this.#employer = lookup.organisations.find(({ id }) => id === options.employerId)
    this.#organisationNames = new Map(lookup.organisations.map(({ id, name }) => [Number(id), name]))
    this.#formerPositions = new Map(lookup.formerPositions.map(({ name, becomes }) => [foldText(name), becomes]))
    for (const { id, names } of lookup.categories) for (const name of names) this.#categories.set(foldText(name), id)
  }

  plan(listed: PersonRow): PlannedPerson {
    const row = this.#withEmployer(this.#withPosition(listed))
    const planned: PlannedPerson = {
      line: row.line,
      action: row.skip ? 'skipped' : 'refused',
      problems: [...row.problems],
      skip: row.skip,
      sameAs: row.sameAs,
      values: row.values,
      personId: null,
      joinsLine: null,
      categoryId: null,
      changes: [],
      own: [],
      employment: null,
    }
    if (row.skip) return planned
    const organisation = this.#organisation(row, planned)
    this.#category(planned)
    const person = this.#match(row, organisation, planned)
    this.#refuseClosedPosition(planned, person)
    if (planned.problems.some((problem) => problem.severity === 'error')) return planned
    if (person) this.#planUpdate(planned, person, organisation, row.initials)
    else this.#planCreate(planned, organisation)
    return planned
  }

  #organisation(row: PersonRow, planned: PlannedPerson): OrganisationTarget | null {
    const name = row.values.organisation
    if (name === null) return null
    if (this.#employer && !this.#employer.closed) return { id: Number(this.#employer.id) }
    const match = this.#organisations.find(name)
    if (match.kind === 'found') {
      return typeof match.id === 'number' ? { id: match.id } : { newKey: match.id }
    }
    if (match.kind === 'ambiguous') {
      const values = { value: name, titles: match.titles.join('; ') }
      planned.problems.push({ code: 'organisationAmbiguous', severity: 'error', field: 'organisation', values })
      return null
    }
    if (match.kind === 'closed') {
      const values = { value: match.title }
      planned.problems.push({ code: 'organisationClosed', severity: 'error', field: 'organisation', values })
      return null
    }
    if (this.#options.createOrganisations) {
      const key = organisationKey(name)
      this.#organisations.add({ id: key, name, shortName: null })
      this.newOrganisations.push({ key, name })
      return { newKey: key }
    }
    const suggestion = match.suggestion ? { suggestion: match.suggestion } : {}
    planned.problems.push({
      code: 'organisationUnknown',
      severity: 'error',
      field: 'organisation',
      values: { value: name },
      ...suggestion,
    })
    return null
  }

  #category(planned: PlannedPerson): void {
    const name = planned.values.category
    if (name === null) return
    planned.categoryId = this.#categories.get(foldText(name)) ?? null
    if (planned.categoryId === null) {
      planned.problems.push({
        code: 'categoryUnknown',
        severity: 'warning',
        field: 'category',
        values: { value: name },
      })
    }
  }

  /** The row with the position that the written one was merged into. */
  #withPosition(row: PersonRow): PersonRow {
    const { position } = row.values
    const becomes = position === null ? null : this.#formerPositions.get(foldText(position))
    return becomes ? { ...row, values: { ...row.values, position: becomes } } : row
  }

  /** The row with the organisation that was named for the whole list. */
  #withEmployer(row: PersonRow): PersonRow {
    const organisation = this.#employer?.name
    return organisation ? { ...row, values: { ...row.values, organisation } } : row
  }

  /** Nobody begins in a position that is closed; who holds it goes on. */
  #refuseClosedPosition(planned: PlannedPerson, person: ExistingPerson | null): void {
    const { position } = planned.values
    if (position === null || this.#formerPositions.get(foldText(position)) !== null) return
    if (person?.employments.some((work) => work.position && foldText(work.position) === foldText(position))) return
    planned.problems.push({ code: 'positionClosed', severity: 'error', field: 'position', values: { value: position } })
  }

  #match(row: PersonRow, organisation: OrganisationTarget | null, planned: PlannedPerson): ExistingPerson | null {
    if (!row.values.lastName || !row.values.firstName) return null
    const match = this.#finder.find(row, organisation && 'id' in organisation ? organisation.id : null)
    const refuse = (code: Problem['code'], field: Field, values: Problem['values'] = {}) =>
      planned.problems.push({ code, severity: 'error', field, values })
    if (match.kind === 'one') {
      if (match.person.archived) refuse('personArchived', nameField(row), { name: fullName(match.person) })
      return match.person
    }
    if (match.kind === 'several') refuse('personAmbiguous', 'email', { count: match.count })
    else if (match.kind === 'taken') {
      refuse(match.field === 'email' ? 'emailTaken' : 'loginTaken', match.field, { name: fullName(match.person) })
    } else if (row.initials) {
      if (this.#options.createInitials)
        planned.problems.push({ code: 'nameInitials', severity: 'warning', field: nameField(row) })
      else refuse('nameInitials', nameField(row))
    }
    return null
  }

  #planCreate(planned: PlannedPerson, organisation: OrganisationTarget | null): void {
    const { values } = planned
    if (!values.login && !values.email && !values.birthDate && !organisation) {
      planned.problems.push({ code: 'identityMissing', severity: 'error', field: 'email' })
      return
    }
    const key = `${nameKey(values)}|${values.birthDate ?? values.email ?? ''}`
    const maker = planned.problems.some((problem) => problem.code === 'secondPost') ? this.#makers.get(key) : undefined
    if (maker === undefined) this.#makers.set(key, planned.line)
    else planned.joinsLine = maker
    // A second post adds nothing to the person.
    if (maker === undefined) this.#planOwn(planned, undefined)
    planned.action = 'create'
    if (organisation) planned.employment = { action: 'create', id: null, organisation, ends: [] }
    else if (values.position) warnPosition(planned)
  }

  #planUpdate(
    planned: PlannedPerson,
    person: ExistingPerson,
    organisation: OrganisationTarget | null,
    initials: boolean,
  ): void {
    planned.personId = person.id
    planned.changes = personChanges(planned, person, initials)
    this.#planOwn(planned, person)
    const employment = this.#employment(planned, person, organisation)
    planned.employment = employment
    planned.action = planned.changes.length > 0 || employment ? 'update' : 'same'
  }

  #planOwn(planned: PlannedPerson, person: ExistingPerson | undefined): void {
    const { own } = planned.values
    if (!own) return
    const { values, changes, problems } = planOwn(own, this.#ownFields, person?.own ?? {}, this.#options.today)
    planned.own = values
    planned.problems.push(...problems)
    planned.changes.push(...changes)
  }

  #employment(
    planned: PlannedPerson,
    person: ExistingPerson,
    organisation: OrganisationTarget | null,
  ): EmploymentPlan | null {
    const { values } = planned
    const current = person.employments.filter(({ endDate }) => endDate === null || endDate >= this.#options.today)
    const target = organisation ?? soleOrganisation(current)
    if (!target) {
      if (values.position) warnPosition(planned)
      return null
    }
    const stored = 'id' in target ? storedEmployment(person, target.id, values, this.#options.today) : undefined
    if (stored) {
      const changes = employmentChanges(values, stored, this.#nameOf(target, values))
      planned.changes.push(...changes)
      return changes.length > 0 ? { action: 'update', id: stored.id, organisation: target, ends: [] } : null
    }
    const others = current.filter(({ organisationId }) => !('id' in target) || organisationId !== target.id)
    const transfer = this.#options.otherEmployer === 'transfer'
    if (others.length > 0 && !planned.problems.some(({ code }) => code === 'secondPost')) {
      const organisations = others
        .map(({ organisationId }) => this.#organisationNames.get(organisationId) ?? '')
        .join('; ')
      planned.problems.push({
        code: transfer ? 'transferred' : 'otherEmployer',
        severity: 'warning',
        field: 'organisation',
        values: { organisations },
      })
    }
    planned.changes.push({ field: 'organisation', before: null, after: this.#nameOf(target, values) })
    const ends = transfer ? others.map(({ id }) => id) : []
    return { action: 'create', id: null, organisation: target, ends }
  }

  #nameOf(target: OrganisationTarget, values: PersonValues): string | null {
    return 'id' in target ? (this.#organisationNames.get(target.id) ?? values.organisation) : values.organisation
  }

  /** Two rows that lead to one stored person, without being posts at different organisations, contradict each other. */
  refuseSharedTargets(planned: PlannedPerson[]): void {
    const first = new Map<number, PlannedPerson>()
    for (const row of planned) {
      if (row.personId === null || row.action === 'refused') continue
      const earlier = first.get(row.personId)
      if (!earlier) {
        first.set(row.personId, row)
        continue
      }
      if (row.problems.some(({ code }) => code === 'secondPost')) {
        // The person's own data change once, with the first row.
        row.changes = row.changes.filter(({ field }) => EMPLOYMENT_FIELDS.has(field))
        row.own = []
        row.action = row.employment ? 'update' : 'same'
        continue
      }
      refuseBoth(earlier, row)
    }
  }
}

const EMPLOYMENT_FIELDS = new Set<Field>(['organisation', 'department', 'position', 'startDate', 'endDate'])

function warnPosition(planned: PlannedPerson): void {
  const values = { value: planned.values.position ?? '' }
  planned.problems.push({ code: 'positionWithoutOrganisation', severity: 'warning', field: 'position', values })
}

function nameField(row: PersonRow): Field {
  // The initials stand where the first name should; a list in one column is corrected as a whole.
  return row.nameInOneColumn ? 'fullName' : 'firstName'
}
