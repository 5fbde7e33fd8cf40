import { expect } from 'chai'
import type { ExistingPerson } from './match-person.ts'
import { type ExistingOrganisation, planOrganisations } from './plan-organisations.ts'
import { type PeopleOptions, type PlannedPerson, peopleKeys, planPeople } from './plan-people.ts'
import { codes, LOOKUP, PEOPLE_OPTIONS, parsedPeople, storedEmployment, storedPerson } from './testing.ts'
import type { OrganisationRow, OrganisationValues } from './types.ts'

const HEAD = ['ФИО', 'Дата рождения', 'Должность', 'Учреждение', 'Email', 'Телефон', 'Дата приёма']
const CARD = [
  'Карпова Виктория Сергеевна',
  '25.09.1987',
  'учитель',
  'ГБОУ СОШ № 184',
  'v@school.example.org',
  '89000000001',
  '27.08.2023',
]
const card = (changed: Record<number, string> = {}) => CARD.map((cell, index) => changed[index] ?? cell)

function planned(lines: string[][], people: ExistingPerson[] = [], options: Partial<PeopleOptions> = {}, head = HEAD) {
  return planPeople(parsedPeople([head, ...lines]), { ...LOOKUP, people }, { ...PEOPLE_OPTIONS, ...options })
}
const only = (...args: Parameters<typeof planned>): PlannedPerson => planned(...args).rows[0]!

const karpova = (more: Partial<ExistingPerson> = {}) =>
  storedPerson({
    id: 5,
    birthDate: '1987-09-25',
    email: 'v@school.example.org',
    phone: '+7 900 000-00-01',
    employments: [storedEmployment(1, { position: 'Учитель', startDate: '2023-08-27' })],
    ...more,
  })

describe('imports: the plan for people', () => {
  it('makes who is not known, with a place of work', () => {
    const row = only([card()])
    expect(row).to.deep.include({ action: 'create', personId: null, problems: [] })
    expect(row.employment).to.deep.equal({ action: 'create', id: null, organisation: { id: 1 }, ends: [] })
  })

  it('changes nothing for who is stored as the list says', () => {
    const row = only([card()], [karpova()])
    expect(row).to.deep.include({ action: 'same', personId: 5, changes: [], employment: null })
  })

  it('says what an update changes, and never erases by an empty cell', () => {
    const row = only([card({ 2: 'методист', 4: '', 5: '89000000002' })], [karpova()])
    expect(row.action).to.equal('update')
    expect(row.changes).to.deep.equal([
      { field: 'phone', before: '+7 900 000-00-01', after: '+7 900 000-00-02' },
      { field: 'position', before: 'Учитель', after: 'методист' },
    ])
    expect(row.employment).to.deep.include({ action: 'update', id: 10 })
  })

  it('recognises by e-mail, by name and birth date, by name and organisation', () => {
    expect(only([card({ 0: 'Карпова-Белова Виктория Сергеевна' })], [karpova()]).changes).to.deep.equal([
      { field: 'lastName', before: 'Карпова', after: 'Карпова-Белова' },
    ])
    expect(only([card({ 4: 'new@school.example.org', 3: 'ГБДОУ д/с № 19' })], [karpova()])).to.deep.include({
      personId: 5,
    })
    expect(only([card({ 1: '', 4: '' })], [karpova()])).to.deep.include({ personId: 5, action: 'same' })
    expect(only([card({ 1: '', 4: '', 3: 'ГБДОУ д/с № 19' })], [karpova()])).to.deep.include({
      personId: null,
      action: 'create',
    })
  })

  it('does not take a namesake with another birth date for the same person', () => {
    expect(only([card({ 1: '26.09.1987', 4: '' })], [karpova()])).to.deep.include({ personId: null, action: 'create' })
  })

  it('refuses an e-mail or login that somebody else has, and an unclear match', () => {
    const other = storedPerson({
      id: 6,
      lastName: 'Зайцева',
      firstName: 'Вера',
      middleName: null,
      email: 'v@school.example.org',
    })
    const taken = only([card()], [other])
    expect(taken.action).to.equal('refused')
    expect(taken.problems).to.deep.equal([
      { code: 'emailTaken', severity: 'error', field: 'email', values: { name: 'Зайцева Вера' } },
    ])
    const twins = [karpova({ id: 5, email: null }), karpova({ id: 6, email: null })]
    expect(codes(only([card({ 4: '' })], twins))).to.include('personAmbiguous')
  })

  it('refuses an unknown organisation with a suggestion, or makes it once when told to', () => {
    const lines = [card({ 3: 'СОШ № 184' }), card({ 0: 'Зайцева Вера Олеговна', 3: 'Гимназия № 7', 4: 'z@b.example' })]
    const refused = planned(lines).rows
    expect(refused.map(({ action }) => action)).to.deep.equal(['refused', 'refused'])
    expect(refused[0]!.problems[0]).to.include({
      code: 'organisationUnknown',
      suggestion: 'ГБОУ средняя общеобразовательная школа № 184',
    })
    const twice = [...lines, card({ 0: 'Титова Анна', 3: 'ГИМНАЗИЯ №7', 4: 't@b.example' })]
    const made = planned(twice, [], { createOrganisations: true })
    expect(made.rows.map(({ action }) => action)).to.deep.equal(['create', 'create', 'create'])
    expect(made.newOrganisations.map(({ name }) => name)).to.deep.equal(['СОШ № 184', 'Гимназия № 7'])
  })

  it('does not make organisations for rows that are refused', () => {
    const made = planned([card({ 3: 'Гимназия № 7', 1: '31.02.1990' })], [], { createOrganisations: true })
    expect(made.newOrganisations).to.deep.equal([])
  })

  it('matches initials within the organisation and keeps the full name; otherwise leaves the choice', () => {
    const initials = card({ 0: 'Карпова В.С.', 1: '', 4: '' })
    expect(only([initials], [karpova()])).to.deep.include({ action: 'same', personId: 5 })
    expect(only([card({ 0: 'Карпова А.С.', 1: '', 4: '' })], [karpova()])).to.deep.include({ action: 'refused' })
    expect(codes(only([initials]))).to.include('nameInitials')
    expect(only([initials]).action).to.equal('refused')
    const made = only([initials], [], { createInitials: true })
    expect(made.action).to.equal('create')
    expect(made.problems.find(({ code }) => code === 'nameInitials')).to.include({
      severity: 'warning',
      field: 'fullName',
    })
  })

  it('completes a person made of initials by the full name', () => {
    const row = only([card({ 4: '' })], [karpova({ firstName: 'В.', middleName: 'С.', email: null })])
    expect(row.changes.map(({ field, after }) => [field, after])).to.deep.equal([
      ['firstName', 'Виктория'],
      ['middleName', 'Сергеевна'],
    ])
  })

  it('refuses who could not be recognised again', () => {
    expect(codes(only([['Титова Анна']], [], {}, ['ФИО']))).to.deep.equal(['identityMissing'])
    expect(only([['Титова Анна', '01.02.1990']], [], {}, ['ФИО', 'Дата рождения']).action).to.equal('create')
  })

  it('adds a second place of work or moves the person, as chosen', () => {
    const elsewhere = karpova({ employments: [storedEmployment(2)] })
    const added = only([card()], [elsewhere])
    expect(codes(added)).to.deep.equal(['otherEmployer'])
    expect(added.employment).to.deep.equal({ action: 'create', id: null, organisation: { id: 1 }, ends: [] })
    const moved = only([card()], [elsewhere], { otherEmployer: 'transfer' })
    expect(codes(moved)).to.deep.equal(['transferred'])
    expect(moved.employment!.ends).to.deep.equal([20])
  })

  it('begins ended work anew only with a later start', () => {
    const left = karpova({
      employments: [storedEmployment(1, { position: 'учитель', startDate: '2020-09-01', endDate: '2024-06-30' })],
    })
    expect(only([card({ 6: '01.09.2020' })], [left]).employment).to.equal(null)
    expect(only([card({ 6: '01.09.2026' })], [left]).employment).to.deep.include({ action: 'create' })
  })

  it('confirms work that the person has claimed', () => {
    const claimed = karpova({
      employments: [storedEmployment(1, { position: 'учитель', startDate: '2023-08-27', claimed: true })],
    })
    expect(only([card()], [claimed])).to.deep.include({ action: 'update' })
  })

  it('attaches second posts to the person whom an earlier row makes', () => {
    const rows = planned([card(), card({ 3: 'ГБДОУ д/с № 19', 2: 'воспитатель' })]).rows
    expect(rows.map(({ action, joinsLine }) => [action, joinsLine])).to.deep.equal([
      ['create', null],
      ['create', 2],
    ])
  })

  it('refuses two rows that lead to one person', () => {
    const rows = planned([card(), card({ 0: 'Карпова В.С.', 4: '', 5: '' })], [karpova()]).rows
    expect(rows.map(codes)).to.deep.equal([['sameTarget'], ['emailMissing', 'sameTarget']])
    expect(rows.map(({ action }) => action)).to.deep.equal(['refused', 'refused'])
  })

  it('refuses closed organisations and archived people', () => {
    const lookup = { ...LOOKUP, organisations: [{ ...LOOKUP.organisations[0]!, closed: true }] }
    const rows = planPeople(parsedPeople([HEAD, card()]), lookup, { ...PEOPLE_OPTIONS, createOrganisations: true }).rows
    expect(codes(rows[0]!)).to.deep.equal(['organisationClosed'])
    expect(codes(only([card()], [karpova({ archived: true })]))).to.deep.equal(['personArchived'])
  })

  it('takes a merged position for what it became and begins nobody in a closed one', () => {
    const formerPositions = [{ name: 'Учитель', becomes: 'педагог' }]
    const rows = parsedPeople([HEAD, card()])
    const stored = karpova({ employments: [storedEmployment(1, { position: 'педагог', startDate: '2023-08-27' })] })
    const merged = planPeople(rows, { ...LOOKUP, people: [stored], formerPositions }, PEOPLE_OPTIONS).rows[0]!
    expect(merged).to.deep.include({ action: 'same', changes: [] })
    const closed = { ...LOOKUP, formerPositions: [{ name: 'учитель', becomes: null }] }
    const refused = planPeople(rows, closed, PEOPLE_OPTIONS).rows[0]!
    expect(refused.action).to.equal('refused')
    expect(codes(refused)).to.deep.equal(['positionClosed'])
    const holder = planPeople(rows, { ...closed, people: [karpova()] }, PEOPLE_OPTIONS).rows[0]!
    expect(holder).to.deep.include({ action: 'same', problems: [] })
  })

  it('leaves name and addresses of a guarded person as they are', () => {
    const row = only([card({ 4: 'thief@b.example', 5: '89000000002' })], [karpova({ guarded: true })])
    expect(row.changes.map(({ field }) => field)).to.deep.equal(['phone'])
    expect(codes(row)).to.deep.equal(['emailKept'])
  })

  it('gives a login to who has none and leaves others theirs', () => {
    const head = ['username', 'firstname', 'lastname', 'email']
    const line = [['v.karpova', 'Виктория', 'Карпова', 'v@school.example.org']]
    expect(only(line, [karpova()], {}, head).changes).to.deep.equal([
      { field: 'login', before: null, after: 'v.karpova' },
    ])
    expect(only(line, [karpova({ login: 'karpova' })], {}, head).action).to.equal('same')
  })

  it('says that a position without an organisation is not kept', () => {
    const row = only([['Титова Анна', 'учитель', 'a@b.example']], [], {}, ['ФИО', 'Должность', 'Email'])
    expect(codes(row)).to.deep.equal(['positionWithoutOrganisation'])
    expect(row.action).to.equal('create')
  })

  it('lists what must be looked up', () => {
    const rows = parsedPeople([HEAD, card(), card({ 0: 'Данилова В.И.', 4: 'd@b.example' })])
    expect(peopleKeys(rows)).to.deep.equal({
      logins: [],
      emails: ['v@school.example.org', 'd@b.example'],
      names: ['карпова виктория сергеевна', 'карпова в. с.'],
      namePrefixes: ['данилова в'],
    })
  })

  it('plans ten thousand rows twice within five seconds, and the second time changes nothing', () => {
    const lines = Array.from({ length: 10_000 }, (_, i) => [
      `Карпова Виктория Сергеевна`,
      `${String(1 + (i % 28)).padStart(2, '0')}.${String(1 + (Math.floor(i / 28) % 12)).padStart(2, '0')}.${1960 + Math.floor(i / 336)}`,
      'учитель',
      i % 2 ? 'ГБОУ СОШ № 184' : 'ГБДОУ д/с № 19',
      `p${i}@school.example.org`,
      '89000000001',
      '01.09.2015',
    ])
    // Work and not time: other tests run beside this one.
    const before = process.cpuUsage()
    const rows = parsedPeople([HEAD, ...lines])
    const first = planPeople(rows, LOOKUP, PEOPLE_OPTIONS)
    expect(first.rows.every(({ action }) => action === 'create')).to.equal(true)
    const people = first.rows.map(({ values, employment }, index) => {
      const { id } = employment!.organisation as { id: number }
      const { position, startDate } = values
      return storedPerson({
        id: index + 1,
        ...values,
        employments: [storedEmployment(id, { position, startDate })],
      } as Partial<ExistingPerson> & { id: number })
    })
    const second = planPeople(rows, { ...LOOKUP, people }, PEOPLE_OPTIONS)
    expect(second.rows.every(({ action }) => action === 'same')).to.equal(true)
    expect(process.cpuUsage(before).user / 1000, 'milliseconds of work').to.be.lessThan(5_000)
  }).timeout(20_000)
})

describe('imports: the plan for organisations', () => {
  const stored: ExistingOrganisation = {
    id: 1,
    name: 'ГБОУ средняя общеобразовательная школа № 107',
    shortName: 'ГБОУ СОШ № 107',
    kind: 'school',
    inn: '7800000000',
    address: null,
    phone: '+7 000 555-10-00',
    email: null,
    website: null,
    headName: null,
    closed: false,
  }
  const row = (line: number, values: Partial<OrganisationValues>): OrganisationRow => ({
    line,
    cells: [],
    problems: [],
    skip: null,
    sameAs: null,
    values: {
      name: null,
      shortName: null,
      kind: null,
      inn: null,
      address: null,
      phone: null,
      email: null,
      website: null,
      headName: null,
      ...values,
    },
  })
  const plan = (...rows: OrganisationRow[]) => planOrganisations(rows, [stored])

  it('makes, updates and leaves alone', () => {
    const [made, updated, same] = [
      plan(row(2, { name: 'ГБДОУ д/с № 3' }))[0]!,
      plan(row(2, { name: 'ГБОУ СОШ №107', headName: 'Захаров Павел' }))[0]!,
      plan(row(2, { name: stored.name, shortName: stored.shortName, inn: stored.inn, phone: '8 (000) 555-10-00' }))[0]!,
    ]
    expect(made).to.deep.include({ action: 'create', organisationId: null })
    expect(made.values.kind).to.equal('kindergarten')
    expect(updated).to.deep.include({ action: 'update', organisationId: 1 })
    expect(updated.changes).to.deep.equal([{ field: 'headName', before: null, after: 'Захаров Павел' }])
    expect(same.action).to.equal('same')
  })

  it('knows a renamed organisation by its tax number', () => {
    expect(plan(row(2, { name: 'ГБОУ Гимназия № 107', inn: stored.inn }))[0]!.changes).to.deep.equal([
      { field: 'name', before: stored.name, after: 'ГБОУ Гимназия № 107' },
    ])
  })

  it('refuses another tax number under a known name, and two rows for one organisation', () => {
    expect(codes(plan(row(2, { name: stored.name, inn: '7800000009' }))[0]!)).to.deep.equal(['innTaken'])
    const both = plan(row(2, { name: stored.name }), row(3, { name: 'Гимназия', inn: stored.inn }))
    expect(both.map(codes)).to.deep.equal([['sameTarget'], ['sameTarget']])
  })
})
