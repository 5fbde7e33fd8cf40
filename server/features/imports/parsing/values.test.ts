import { expect } from 'chai'
import { readEmail, readPhone, readWebsite } from './contacts.ts'
import { findDateOrder, readDate, yearsBetween } from './dates.ts'
import { genderOf, properCase, readFullName, readNameParts } from './names.ts'
import { OrganisationFinder, organisationKey, organisationKindOf } from './organisation-names.ts'
import { TEST_TODAY } from './testing.ts'

const date = (text: string, order: 'dmy' | 'mdy' = 'dmy') => {
  const reading = readDate(text, TEST_TODAY, order)
  return reading.kind === 'date' ? reading.date : reading.kind
}

describe('imports: dates', () => {
  for (const text of [
    '19.10.2002',
    '19/10/2002',
    '19-10-2002',
    '19,10,2002',
    '19.10.02',
    '19.10.2002 г.',
    '19.10.2002г',
    '2002-10-19',
    '2002.10.19',
    '2002-10-19 00:00',
    '19.10.2002 12:30:00',
    '19 октября 2002 г.',
    '19 окт. 2002',
    '19 ОКТЯБРЯ 2002 года',
    'October 19, 2002',
    '19th Oct 2002',
    '37548',
    '37548.5',
  ]) {
    it(`reads ${text}`, () => expect(date(text)).to.equal('2002-10-19'))
  }

  it("reads a spreadsheet's day number", () => expect(date('28390')).to.equal('1977-09-22'))

  it('places two-digit years by today', () => {
    expect(date('01.09.27')).to.equal('2027-09-01')
    expect(date('01.09.28')).to.equal('1928-09-01')
  })

  it('reads months that end like the word for year', () => expect(date('5 авг 2020')).to.equal('2020-08-05'))

  for (const text of ['1990 г.', '1990', '1990 год', 'сентябрь 2026', '09.2026']) {
    it(`finds ${text} incomplete`, () => expect(date(text)).to.equal('incomplete'))
  }
  for (const text of ['31.02.1990', '29.02.2023', '00.01.1990', '12.13.1990', '1990-02-30', '31 июня 1990']) {
    it(`finds ${text} impossible`, () => expect(date(text)).to.equal('impossible'))
  }
  for (const text of ['весной', '19..10.2002', '123', 'май май 1990', '12345678', '19.10.20022']) {
    it(`cannot read ${text}`, () => expect(date(text)).to.equal('unreadable'))
  }

  it('reads month-first dates where the column proves them', () => {
    expect(findDateOrder(['09/01/2026', '09/24/2026'])).to.equal('mdy')
    expect(findDateOrder(['24/09/2026', '09/24/2026'])).to.equal('dmy')
    expect(findDateOrder(['01.09.2026', '09/01/2026'])).to.equal('dmy')
    expect(date('09/24/2026', 'mdy')).to.equal('2026-09-24')
  })

  it('counts full years', () => {
    expect(yearsBetween('2000-05-10', '2026-05-09')).to.equal(25)
    expect(yearsBetween('2000-05-10', '2026-05-10')).to.equal(26)
  })
})

describe('imports: names', () => {
  const full = (text: string) => {
    const { lastName, firstName, middleName } = readFullName(text)
    return [lastName, firstName, middleName]
  }
  const problems = (text: string) => readFullName(text).problems.map(({ code }) => code)

  for (const [text, expected] of [
    ['Иванова Галина Романовна', ['Иванова', 'Галина', 'Романовна']],
    ['  ИВАНОВА ГАЛИНА РОМАНОВНА  ', ['Иванова', 'Галина', 'Романовна']],
    ['иванова галина', ['Иванова', 'Галина', null]],
    ['МЕДВЕДЕВА-НИКИТИНА ВЕРОНИКА АЛЕКСЕЕВНА', ['Медведева-Никитина', 'Вероника', 'Алексеевна']],
    ['Медведева - Никитина Вероника', ['Медведева-Никитина', 'Вероника', null]],
    ["О'НИЛ ШОН", ["О'Нил", 'Шон', null]],
    ['О’Нил Шон', ["О'Нил", 'Шон', null]],
    ['Алиев Руслан Ахмед оглы', ['Алиев', 'Руслан', 'Ахмед оглы']],
    ['АЛИЕВ РУСЛАН АХМЕД ОГЛЫ', ['Алиев', 'Руслан', 'Ахмед оглы']],
    ['Саулите Берзиня Кристина Яновна', ['Саулите Берзиня', 'Кристина', 'Яновна']],
    ['ИВАНОВА (ПЕТРОВА) АННА ИЛЬИНИЧНА', ['Иванова (Петрова)', 'Анна', 'Ильинична']],
    ['Мартынович Анна Петровна', ['Мартынович', 'Анна', 'Петровна']],
    ['ван Дейк Анна', ['ван Дейк', 'Анна', null]],
    ['Ван Анна Петровна', ['Ван', 'Анна', 'Петровна']],
    ['Карпова В.С.', ['Карпова', 'В.', 'С.']],
    ['Карпова В. С.', ['Карпова', 'В.', 'С.']],
    ['Карпова В С', ['Карпова', 'В.', 'С.']],
    ['Карпова В.', ['Карпова', 'В.', null]],
    ['В.С. Карпова', ['Карпова', 'В.', 'С.']],
    ['В. С. КАРПОВА', ['Карпова', 'В.', 'С.']],
    ['Карпова Виктория С.', ['Карпова', 'Виктория', 'С.']],
  ] as const) {
    it(`reads ${text.trim()}`, () => expect(full(text)).to.deep.equal(expected))
  }

  it('knows initials from a name', () => {
    expect(readFullName('Карпова В.С.').initials).to.equal(true)
    expect(readFullName('Карпова Виктория С.').initials).to.equal(false)
  })

  it('puts "name patronymic surname" in order and says so', () => {
    expect(full('Галина Романовна Иванова')).to.deep.equal(['Иванова', 'Галина', 'Романовна'])
    expect(problems('Галина Романовна Иванова')).to.deep.equal(['nameOrder'])
  })

  it('repairs letters of the other keyboard and says so', () => {
    expect(full('Ивaнoвa Галина')).to.deep.equal(['Иванова', 'Галина', null])
    expect(problems('Ивaнoвa Галина')).to.deep.equal(['mixedLetters'])
    expect(problems('Smith John')).to.deep.equal([])
  })

  it('reports what is no name', () => {
    expect(problems('')).to.deep.equal(['nameMissing'])
    expect(problems('Иванова')).to.deep.equal(['nameIncomplete'])
    expect(problems('Иванова Галина 2')).to.deep.equal(['nameDigits'])
    expect(problems('<script> alert')).to.deep.equal(['nameDigits'])
  })

  it('reads separate columns, whichever of them is filled', () => {
    const parts = (...cells: [string, string, string]) => {
      const { lastName, firstName, middleName } = readNameParts(...cells)
      return [lastName, firstName, middleName]
    }
    expect(parts('ТИТОВА', 'АННА', 'ДМИТРИЕВНА')).to.deep.equal(['Титова', 'Анна', 'Дмитриевна'])
    expect(parts('Титова', 'Анна Дмитриевна', '')).to.deep.equal(['Титова', 'Анна', 'Дмитриевна'])
    expect(parts('Титова', 'А.Д.', '')).to.deep.equal(['Титова', 'А.', 'Д.'])
    expect(parts('Титова Анна Дмитриевна', '', '')).to.deep.equal(['Титова', 'Анна', 'Дмитриевна'])
    expect(readNameParts('Титова', '', '').problems.map(({ code }) => code)).to.deep.equal(['nameIncomplete'])
  })

  it('knows gender by the patronymic', () => {
    expect(['Романовна', 'Ильинична', 'Ахмед кызы'].map(genderOf)).to.deep.equal(['female', 'female', 'female'])
    expect(['Павлович', 'Ильич', 'Ахмед оглы'].map(genderOf)).to.deep.equal(['male', 'male', 'male'])
    expect([null, 'Р.', 'Джон'].map(genderOf)).to.deep.equal([null, null, null])
  })

  it('leaves the spelling of mixed case to its owner', () => {
    expect(properCase('МакКензи')).to.equal('МакКензи')
    expect(properCase('де Фриз')).to.equal('де Фриз')
  })
})

describe('imports: e-mail, phone, site', () => {
  it('reads addresses', () => {
    expect(readEmail(' A.Titova@School.example.ORG ')).to.deep.include({
      kind: 'email',
      email: 'a.titova@school.example.org',
    })
    expect(readEmail('mailto:a@b.example')).to.deep.include({ email: 'a@b.example' })
    expect(readEmail("s.o'neil@b.example").kind).to.equal('email')
    expect(readEmail('анна@школа.рф').kind).to.equal('email')
    expect(readEmail('a@b.example; c@d.example')).to.deep.equal({ kind: 'email', email: 'a@b.example', several: true })
    for (const nothing of ['', 'нет', '-', '—', 'Не указан', 'n/a']) expect(readEmail(nothing).kind).to.equal('none')
  })

  for (const [text, suggestion] of [
    ['a.filippov(at)school.example.org', 'a.filippov@school.example.org'],
    ['a.filippov [at] school.example.org', 'a.filippov@school.example.org'],
    ['a.filippov собака school.example.org', 'a.filippov@school.example.org'],
    ['a@school,example,org', 'a@school.example.org'],
    ['a @ school.example.org', 'a@school.example.org'],
    ['a@@school.example.org', 'a@school.example.org'],
    ['a@school..example.org.', 'a@school.example.org'],
    ['а.titova@school.example.org', 'a.titova@school.example.org'],
    ['a.titova', null],
    ['a@localhost', null],
    ['иванова@mail.example', null],
    ['@school.example.org', null],
  ] as const) {
    it(`refuses ${text} and suggests ${suggestion ?? 'nothing'}`, () =>
      expect(readEmail(text)).to.deep.equal({ kind: 'malformed', suggestion }))
  }

  for (const [text, phone] of [
    ['89210000110', '+7 921 000-01-10'],
    ['8 (921) 555-01-10, доб. 12', '+7 921 555-01-10, доб. 12'],
    ['+7-921-555-01-10 ext 5', '+7 921 555-01-10, ext 5'],
    ['9215550110', '+7 921 555-01-10'],
    ['555-01-10', '555-01-10'],
    ['+371 2000 0000', '+371 2000 0000'],
    ['8(812)555-01-10, 8-921-555-01-11', '8(812)555-01-10, 8-921-555-01-11'],
  ] as const) {
    it(`reads the phone ${text}`, () => expect(readPhone(text)).to.deep.equal({ kind: 'phone', phone }))
  }

  it('doubts what is no phone', () => {
    expect(readPhone('позвонить завучу').kind).to.equal('doubtful')
    expect(readPhone('123').kind).to.equal('doubtful')
    expect(readPhone('нет').kind).to.equal('none')
  })

  it('reads sites', () => {
    expect(readWebsite('school5.example.org/')).to.equal('https://school5.example.org')
    expect(readWebsite('http://school5.example.org')).to.equal('http://school5.example.org')
    expect(readWebsite('скоро будет')).to.equal(null)
    expect(readWebsite('javascript:alert(1)')).to.equal(null)
  })
})

describe('imports: names of organisations', () => {
  it('takes spellings that people call the same as one', () => {
    const key = organisationKey('ГБОУ средняя общеобразовательная школа № 107')
    for (const spelling of [
      'ГБОУ СОШ №107',
      'гбоу  сош N 107',
      '"ГБОУ СОШ № 107"',
      'ГБОУ СОШ No 107',
      'ГБОУ СОШ номер 107',
    ]) {
      expect(organisationKey(spelling), spelling).to.equal(key)
    }
    expect(organisationKey('ГБУ ДО ДДТ «Парус»')).to.equal(organisationKey('ГБУ ДО Дом детского творчества "Парус"'))
    expect(organisationKey('ГБОУ СОШ № 108')).not.to.equal(key)
  })

  it('finds by full and short name, reports ambiguity, suggests the nearest', () => {
    const finder = new OrganisationFinder([
      { id: 1, name: 'ГБОУ средняя общеобразовательная школа № 107', shortName: 'Школа 107' },
      { id: 2, name: 'ГБДОУ детский сад № 107', shortName: 'Парус' },
      { id: 3, name: 'ГБУ ДО Дом детского творчества «Парус»', shortName: 'Парус' },
    ])
    expect(finder.find('школа 107')).to.deep.equal({ kind: 'found', id: 1 })
    expect(finder.find('ГБДОУ д/с №107')).to.deep.equal({ kind: 'found', id: 2 })
    expect(finder.find('«Парус»').kind).to.equal('ambiguous')
    expect(finder.find('СОШ № 107')).to.deep.equal({
      kind: 'unknown',
      suggestion: 'ГБОУ средняя общеобразовательная школа № 107',
    })
    expect(finder.find('СОШ № 5')).to.deep.equal({ kind: 'unknown', suggestion: null })
  })

  it('knows kinds by words', () => {
    expect(
      ['Школа', 'ГБДОУ д/с № 5', 'дополнительное образование', 'ГБПОУ колледж', 'Гимназия № 1'].map(organisationKindOf),
    ).to.deep.equal(['school', 'kindergarten', 'additional', 'college', 'school'])
    expect(organisationKindOf('ООО «Ромашка»')).to.equal(null)
  })
})
