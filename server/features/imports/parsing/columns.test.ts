import { expect } from 'chai'
import { mappingErrors, suggestColumns } from './columns.ts'
import { chooseTable, detectKind, findHeader } from './header.ts'
import { tableOf } from './testing.ts'
import type { ImportKind, RawTable } from './types.ts'

const fields = (table: RawTable, kind: ImportKind = 'people') =>
  suggestColumns(table, findHeader(table).line, kind).map(({ field }) => field)

describe('imports: headings and columns', () => {
  it('finds the headings among the titles above them', () => {
    const table = tableOf(
      ['Список педагогических работников района на 01.11.2026'],
      ['Должность, ФИО и учреждение каждого обязательны'],
      [],
      ['№ п/п', 'ФИО', 'Дата рождения'],
      ['1', 'Титова Анна Дмитриевна', '23.03.1996'],
    )
    expect(findHeader(table)).to.include({ line: 4 })
  })

  it('sees that a list begins without headings and knows columns by their values', () => {
    const table = tableOf(
      [
        '1',
        'Титова Анна Дмитриевна',
        '23.03.1996',
        'ГБОУ СОШ № 5',
        'a@school.example.org',
        '01.09.2025',
        '+7 900 000-00-01',
      ],
      [
        '2',
        'Зайцева Вера Олеговна',
        '24.03.1981',
        'ГБДОУ детский сад № 3',
        'b@school.example.org',
        '02.09.2024',
        '+7 900 000-00-02',
      ],
    )
    expect(findHeader(table).line).to.equal(0)
    expect(fields(table)).to.deep.equal([null, 'fullName', 'birthDate', 'organisation', 'email', 'startDate', 'phone'])
  })

  it('takes unforeseen headings as headings when data follow', () => {
    const table = tableOf(['Кто', 'Куда писать'], ['Титова Анна', 'a@school.example.org'])
    expect(findHeader(table)).to.deep.equal({ line: 1, recognised: 0 })
    expect(fields(table)).to.deep.equal([null, 'email'])
  })

  it('knows usual headings, longer ones around them, English ones and those of Moodle', () => {
    const headings = (...cells: string[]) =>
      fields(
        tableOf(
          cells,
          cells.map(() => 'x'),
        ),
      )
    expect(headings('Фамилия', 'Имя', 'Отчество', 'Учреждение')).to.deep.equal([
      'lastName',
      'firstName',
      'middleName',
      'organisation',
    ])
    expect(headings('Ф.И.О. (полностью)', 'Дата рождения (дд.мм.гггг)', 'Педагогический стаж, лет')).to.deep.equal([
      'fullName',
      'birthDate',
      'experience',
    ])
    expect(headings('Full name', 'E-mail', 'Job title', 'School')).to.deep.equal([
      'fullName',
      'email',
      'position',
      'organisation',
    ])
    expect(
      headings(
        'username',
        'password',
        'firstname',
        'lastname',
        'email',
        'cohort1',
        'profile_field_position',
        'deleted',
      ),
    ).to.deep.equal(['login', null, 'firstName', 'lastName', 'email', null, 'position', 'deleted'])
  })

  it('says how sure it is and shows examples', () => {
    const table = tableOf(
      ['ФИО', 'Дата рождения педагога', 'Контакт'],
      ['Титова Анна', '23.03.1996', 'a@school.example.org'],
    )
    const suggestions = suggestColumns(table, 1, 'people')
    expect(suggestions.map(({ confidence }) => confidence)).to.deep.equal(['certain', 'likely', 'guess'])
    expect(suggestions[2]).to.include({ field: 'email', header: 'Контакт' })
    expect(suggestions[0]!.samples).to.deep.equal(['Титова Анна'])
  })

  it('gives each field to one column only', () => {
    expect(fields(tableOf(['Телефон', 'Мобильный телефон', 'ФИО'], ['1', '2', 'Титова Анна']))).to.deep.equal([
      'phone',
      null,
      'fullName',
    ])
  })

  it('tells people from organisations', () => {
    const kind = (...cells: string[]) => detectKind(tableOf(cells), 1)
    expect(
      kind('Полное наименование', 'Краткое наименование', 'ИНН', 'Адрес', 'Телефон', 'E-mail', 'Руководитель'),
    ).to.equal('organisations')
    expect(kind('Наименование', 'ФИО руководителя', 'Телефон')).to.equal('organisations')
    expect(kind('ФИО', 'Должность', 'Образовательное учреждение', 'Телефон')).to.equal('people')
    expect(kind('username', 'firstname', 'lastname', 'email')).to.equal('people')
  })

  it('prefers the sheet that has headings', () => {
    const list = tableOf(['ФИО', 'Почта'], ['Титова Анна', 'a@b.example'])
    const notes = tableOf(['Как заполнять'], ['Пишите разборчиво'], ['Спасибо'])
    expect(chooseTable({ format: 'xlsx', encoding: null, separator: null, tables: [notes, list] })).to.equal(1)
  })

  it('says what is wrong with a choice of columns', () => {
    const errors = (kind: ImportKind, ...mapping: Parameters<typeof mappingErrors>[1]) =>
      mappingErrors(kind, mapping).map(({ code }) => code)
    expect(errors('people', 'fullName', 'email')).to.deep.equal([])
    expect(errors('people', 'lastName', 'firstName')).to.deep.equal([])
    expect(errors('people', 'email', null)).to.deep.equal(['nameColumnMissing'])
    expect(errors('people', 'fullName', 'email', 'email')).to.deep.equal(['fieldTwice'])
    expect(errors('people', 'fullName', 'firstName')).to.deep.equal(['nameTwice'])
    expect(errors('people', 'fullName', 'inn')).to.deep.equal(['fieldForeign'])
    expect(errors('organisations', 'inn')).to.deep.equal(['organisationNameColumnMissing'])
    expect(errors('organisations', 'shortName')).to.deep.equal([])
  })
})
