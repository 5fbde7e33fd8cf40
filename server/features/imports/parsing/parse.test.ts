import { expect } from 'chai'
import { suggestColumns } from './columns.ts'
import { parseOrganisations } from './parse-organisations.ts'
import { codes, parsedPeople, parsedPerson, TEST_TODAY, tableOf } from './testing.ts'

const HEAD = ['ФИО', 'Дата рождения', 'Должность', 'Учреждение', 'Стаж', 'Дата приёма', 'Email', 'Телефон']
const ANNA = [
  'Титова Анна Дмитриевна',
  '23.03.1996',
  'учитель',
  'Школа № 5',
  '3',
  '01.09.2024',
  'a@school.example.org',
  '89000000001',
]
const anna = (changed: Record<number, string>) => ANNA.map((cell, index) => changed[index] ?? cell)

describe('imports: rows of people', () => {
  it('reads a whole row', () => {
    const [row] = parsedPeople([HEAD, ANNA])
    expect(row!.problems).to.deep.equal([])
    expect(row!.values).to.deep.equal({
      lastName: 'Титова',
      firstName: 'Анна',
      middleName: 'Дмитриевна',
      birthDate: '1996-03-23',
      email: 'a@school.example.org',
      phone: '+7 900 000-00-01',
      login: null,
      organisation: 'Школа № 5',
      department: null,
      position: 'учитель',
      startDate: '2024-09-01',
      endDate: null,
      experience: 3,
      category: null,
    })
  })

  it('refuses what contradicts itself and only warns of what is missing or incomplete', () => {
    const problems = (cells: Record<string, string>) =>
      parsedPerson({ ФИО: 'Титова Анна', ...cells }).problems.map(({ code, severity }) => `${severity} ${code}`)
    expect(problems({ 'Дата рождения': '31.02.1990' })).to.deep.equal(['error dateImpossible'])
    expect(problems({ 'Дата рождения': 'весной' })).to.deep.equal(['error dateUnreadable'])
    expect(problems({ 'Дата рождения': '1990 г.' })).to.deep.equal(['warning dateIncomplete'])
    expect(problems({ 'Дата рождения': '01.01.2020' })).to.deep.equal(['error birthDateImplausible'])
    expect(problems({ 'Дата рождения': '01.01.1900' })).to.deep.equal(['error birthDateImplausible'])
    expect(problems({ Email: 'a(at)b.example' })).to.deep.equal(['error emailMalformed'])
    expect(problems({ Email: '' })).to.deep.equal(['warning emailMissing'])
    expect(problems({ Email: 'a@b.example, c@b.example' })).to.deep.equal(['warning emailSeveral'])
    expect(problems({ Учреждение: '' })).to.deep.equal(['warning organisationMissing'])
    expect(problems({ Телефон: 'у завуча' })).to.deep.equal(['warning phoneDoubtful'])
    expect(problems({ Стаж: 'большой' })).to.deep.equal(['warning experienceUnreadable'])
    expect(problems({ Логин: 'a b' })).to.deep.equal(['error loginMalformed'])
    expect(problems({ 'Дата приёма': '02.09.2026', 'Дата увольнения': '01.09.2026' })).to.deep.equal([
      'error endBeforeStart',
    ])
    expect(problems({ 'Дата рождения': '01.09.2000', 'Дата приёма': '01.09.2010' })).to.deep.equal([
      'warning startDateImplausible',
    ])
    expect(problems({ Должность: 'у'.repeat(201) })).to.deep.equal(['error tooLong'])
  })

  it('keeps nothing of a doubtful value', () => {
    const { values } = parsedPerson({
      ФИО: 'Титова Анна',
      'Дата рождения': '1990 г.',
      Телефон: 'у завуча',
      Стаж: 'большой',
    })
    expect(values).to.include({ birthDate: null, phone: null, experience: null })
  })

  for (const [text, years] of [
    ['нет', 0],
    ['-', 0],
    ['б/с', 0],
    ['7', 7],
    ['7 лет', 7],
    ['5 лет 3 мес.', 5],
    ['2,5', 2],
    ['8 мес.', 0],
    ['', null],
  ] as const) {
    it(`reads the experience "${text}" as ${years}`, () => {
      expect(parsedPerson({ ФИО: 'Титова Анна', Стаж: text, Email: 'a@b.example' }).values.experience).to.equal(years)
    })
  }

  it('lets a correction stand before what the file says', () => {
    const rows = parsedPeople([HEAD, anna({ 1: '31.02.1990', 6: 'a(at)b.example' })], {
      2: { birthDate: '28.02.1990', email: 'a@b.example' },
    })
    expect(rows[0]!.problems).to.deep.equal([])
    expect(rows[0]!.values).to.include({ birthDate: '1990-02-28', email: 'a@b.example' })
  })

  it('lets a correction take a value away', () => {
    const rows = parsedPeople([HEAD, anna({ 6: 'a(at)b.example' })], { 2: { email: '' } })
    expect(codes(rows[0]!)).to.deep.equal(['emailMissing'])
  })

  it('leaves out lines that are no rows, with the reason', () => {
    const rows = parsedPeople([
      HEAD,
      ['1', '2', '3', '4', '5', '6', '7', '8'],
      ANNA,
      ['Школа № 6'],
      HEAD,
      ['Вакансия', '', 'учитель физики', 'Школа № 5'],
      ['Итого: 180 человек'],
      ['', 'Всего', '180'],
      ['Ответственный: методист Иванова'],
      ['Директор ____________', '', '', 'Петрова А. А.'],
    ])
    expect(rows.map(({ skip }) => skip)).to.deep.equal([
      'numbering',
      null,
      'note',
      'repeatedHeader',
      'vacancy',
      'total',
      'total',
      'note',
      'note',
    ])
  })

  it('does not take a row with only a name for a note', () => {
    const rows = parsedPeople([HEAD, ['Титова Анна Дмитриевна']])
    expect(rows[0]!.skip).to.equal(null)
  })

  it("leaves out those whom Moodle's list calls deleted", () => {
    const row = parsedPerson({ username: 'old', firstname: 'Анна', lastname: 'Тестова', email: '', deleted: '1' })
    expect(row).to.deep.include({ skip: 'deleted', problems: [] })
    expect(
      parsedPerson({ username: 'new', firstname: 'Анна', lastname: 'Тестова', email: 'a@b.example', deleted: '0' })
        .skip,
    ).to.equal(null)
  })

  it('reads American dates in a column that proves to have them', () => {
    const rows = parsedPeople([
      ['ФИО', 'Дата приёма'],
      ['Титова Анна', '09/01/2025'],
      ['Зайцева Вера', '09/24/2025'],
    ])
    expect(rows.map(({ values }) => values.startDate)).to.deep.equal(['2025-09-01', '2025-09-24'])
  })
})

describe('imports: repeated rows', () => {
  it('takes identical rows once, whatever their numbering', () => {
    const rows = parsedPeople([
      ['№ п/п', ...HEAD],
      ['1', ...ANNA],
      ['1', ...ANNA],
      ['7', ...anna({ 0: 'ТИТОВА АННА ДМИТРИЕВНА' })],
    ])
    expect(rows.map(({ skip, sameAs }) => [skip, sameAs])).to.deep.equal([
      [null, null],
      ['duplicate', 2],
      ['duplicate', 2],
    ])
  })

  it('refuses both rows of one person with contradicting data', () => {
    const differences: Record<number, string>[] = [
      { 6: 'b@school.example.org' },
      { 7: '89000000002' },
      { 2: 'методист' },
      { 4: '5' },
    ]
    for (const changed of differences) {
      const rows = parsedPeople([HEAD, ANNA, anna(changed)])
      expect(rows.map(codes), JSON.stringify(changed)).to.deep.equal([['repeatedDifferent'], ['repeatedDifferent']])
      expect(rows.map(({ problems }) => problems[0]!.values)).to.deep.equal([{ line: 3 }, { line: 2 }])
    }
  })

  it('takes another organisation of the same person for a second post', () => {
    const rows = parsedPeople([HEAD, ANNA, anna({ 2: 'методист', 3: 'Детский сад № 7', 5: '01.09.2025' })])
    expect(rows.map(codes)).to.deep.equal([[], ['secondPost']])
  })

  it('knows namesakes by their birth dates', () => {
    const rows = parsedPeople([HEAD, ANNA, anna({ 1: '24.03.1996', 6: 'b@school.example.org' })])
    expect(rows.map(codes)).to.deep.equal([[], []])
  })

  it('refuses one e-mail or login for two people', () => {
    const mail = parsedPeople([HEAD, ANNA, anna({ 0: 'Зайцева Вера Олеговна', 1: '24.03.1981' })])
    expect(mail.map(codes)).to.deep.equal([['emailRepeated'], ['emailRepeated']])
    const logins = parsedPeople([
      ['Логин', 'ФИО'],
      ['x', 'Титова Анна'],
      ['X', 'Зайцева Вера'],
    ])
    expect(logins.map(codes)).to.deep.equal([['loginRepeated'], ['loginRepeated']])
  })
})

describe('imports: rows of organisations', () => {
  const parsed = (...lines: string[][]) => {
    const table = tableOf(...lines)
    const mapping = suggestColumns(table, 1, 'organisations').map(({ field }) => field)
    return parseOrganisations(table, { headerLine: 1, mapping, corrections: {}, today: TEST_TODAY })
  }
  const ORGANISATION_HEAD = [
    'Полное наименование',
    'Краткое наименование',
    'Тип',
    'ИНН',
    'Адрес',
    'Телефон',
    'E-mail',
    'Сайт',
    'Руководитель',
  ]

  it('reads a whole row; the head stays a name', () => {
    const [row] = parsed(ORGANISATION_HEAD, [
      'ГБОУ средняя общеобразовательная школа № 107',
      'ГБОУ СОШ № 107',
      'школа',
      '7800000000',
      'г. Новоречинск, ул. Школьная, д. 5',
      '8 (000) 555-10-00',
      'org1@school.example.org',
      'school107.example.org',
      'ЗАХАРОВ ПАВЕЛ ПАВЛОВИЧ',
    ])
    expect(row!.problems).to.deep.equal([])
    expect(row!.values).to.include({
      name: 'ГБОУ средняя общеобразовательная школа № 107',
      shortName: 'ГБОУ СОШ № 107',
      kind: 'school',
      inn: '7800000000',
      phone: '+7 000 555-10-00',
      website: 'https://school107.example.org',
      headName: 'Захаров Павел Павлович',
    })
  })

  it('judges values by the same rule as those of people', () => {
    const [lostZero, noName, vague] = parsed(
      ORGANISATION_HEAD,
      ['Школа № 1', '', '', '780000000', '', '', '', '', ''],
      ['', '', 'школа', '7800000001', 'ул. Школьная', '', '', '', ''],
      ['Школа № 2', '', 'учреждение', '', '', '', '', 'скоро', 'и. о. директора Петрова А.А. (приказ 5)'],
    )
    expect(lostZero!.problems).to.deep.equal([
      { code: 'innWrong', severity: 'error', field: 'inn', values: { value: '780000000' }, suggestion: '0780000000' },
    ])
    expect(codes(noName!)).to.deep.equal(['organisationNameMissing'])
    expect(vague!.problems.map(({ code, severity }) => `${severity} ${code}`)).to.deep.equal([
      'warning kindUnknown',
      'warning websiteDoubtful',
    ])
    expect(vague!.values.headName).to.equal('и. о. директора Петрова А.А. (приказ 5)')
  })

  it('takes identical rows once and refuses contradicting ones', () => {
    const rows = parsed(
      ['Наименование', 'ИНН', 'Адрес'],
      ['Школа № 1', '7800000001', 'а'],
      ['Школа № 1', '7800000001', 'а'],
      ['Школа №1', '7800000001', 'б'],
    )
    expect(rows.map(({ skip }) => skip)).to.deep.equal([null, 'duplicate', null])
    expect(codes(rows[2]!)).to.deep.equal(['repeatedDifferent'])
    expect(codes(rows[0]!)).to.deep.equal(['repeatedDifferent'])
  })
})
