import { expect } from 'chai'
import { patronymic, surnameFor, transliterate } from './grammar.ts'
import { makePeople, phoneNumber, REFERENCE_DATE } from './people.ts'
import { ARMENIAN_SURNAMES, SURNAMES, TATAR_SURNAMES } from './surnames.ts'

const ageOn = (birthDate: string, day: string) =>
  Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4)) - (birthDate.slice(5) > day.slice(5) ? 1 : 0)

describe('invented people', () => {
  const people = makePeople(130_000, 7)

  it('gives everyone an address and a telephone of their own at the size of a city', () => {
    expect(people).to.have.length(130_000)
    expect(new Set(people.map((person) => person.emailLocalPart)).size).to.equal(people.length)
    expect(new Set(people.map((person) => person.phone)).size).to.equal(people.length)
    for (const { emailLocalPart, phone } of people) {
      // chai itself would take seconds over so many.
      if (!/^(?=.{3,60}$)[a-z]+(-[a-z]+)*\.[a-z]+\d{0,2}(-\d+)?$/.test(emailLocalPart)) expect.fail(emailLocalPart)
      if (!/^\+7 \(000\) \d{3}-\d{2}-\d{2}$/.test(phone)) expect.fail(phone)
    }
  })

  it('makes surname and patronymic agree with the gender', () => {
    const unchanged = (surname: string) => surnameFor(surname, 'female') === surname
    const of = (gender: 'female' | 'male') =>
      new Set([...SURNAMES, ...TATAR_SURNAMES, ...ARMENIAN_SURNAMES].map((surname) => surnameFor(surname, gender)))
    const known = { female: of('female'), male: of('male') }
    for (const { lastName, middleName, gender } of people) {
      for (const part of lastName.split('-')) if (!known[gender].has(part)) expect.fail(`${gender} ${lastName}`)
      const changes = lastName.split('-').some((part) => !unchanged(part))
      if (gender === 'female' && changes) expect.fail(`masculine surname of a woman: ${lastName}`)
      const ending = gender === 'female' ? /(?:овна|евна|инична|ична)$/u : /(?:ович|евич|ьич|тич)$/u
      if (middleName !== null && !ending.test(middleName)) expect.fail(`${gender} ${middleName}`)
    }
  })

  it('resembles pedagogues: mostly women, 21 to 65, more than a quarter of them young', () => {
    const women = people.filter((person) => person.gender === 'female').length / people.length
    expect(women).to.be.within(0.84, 0.86)
    const ages = people.map((person) => ageOn(person.birthDate, REFERENCE_DATE))
    expect(Math.min(...new Set(ages))).to.equal(21)
    expect(Math.max(...new Set(ages))).to.equal(65)
    const young = ages.filter((age) => age <= 30).length / ages.length
    expect(young).to.be.within(0.25, 0.3)
    for (const [i, person] of people.entries()) {
      if (person.experienceYears < 0 || person.experienceYears > ages[i]! - 21) expect.fail(JSON.stringify(person))
    }
  })

  it('gives the same people for the same seed, others for another', () => {
    expect(makePeople(200, 7)).to.deep.equal(people.slice(0, 200))
    expect(makePeople(200, 8)).not.to.deep.equal(people.slice(0, 200))
  })

  it('keeps to the ages asked for and clear of addresses in use', () => {
    const takenLocalParts = new Set<string>()
    const options = { minAge: 22, maxAge: 30, referenceDate: '2028-02-29', takenLocalParts }
    const first = makePeople(500, 1, options)
    const second = makePeople(500, 1, { ...options, firstIndex: 500 })
    for (const { birthDate } of first) expect(ageOn(birthDate, '2028-02-29')).to.be.within(22, 30)
    expect(takenLocalParts.size).to.equal(1000)
    expect(new Set([...first, ...second].map((person) => person.phone)).size).to.equal(1000)
    expect(() => makePeople(1, 1, { minAge: 90, maxAge: 99 })).to.throw()
  })
})

describe('names', () => {
  const surnames = {
    Иванов: 'Иванова',
    Соловьёв: 'Соловьёва',
    Ильин: 'Ильина',
    Покровский: 'Покровская',
    Левицкий: 'Левицкая',
    Полевой: 'Полевая',
    Белый: 'Белая',
    Великий: 'Великая',
    Крайний: 'Крайняя',
    Шевченко: 'Шевченко',
    Черных: 'Черных',
    Мельник: 'Мельник',
    Саркисян: 'Саркисян',
    Гуревич: 'Гуревич',
  }
  for (const [masculine, feminine] of Object.entries(surnames)) {
    it(`${masculine} → ${feminine}`, () => {
      expect(surnameFor(masculine, 'female')).to.equal(feminine)
      expect(surnameFor(masculine, 'male')).to.equal(masculine)
    })
  }

  const fathers = {
    Иван: ['Иванович', 'Ивановна'],
    Сергей: ['Сергеевич', 'Сергеевна'],
    Николай: ['Николаевич', 'Николаевна'],
    Юрий: ['Юрьевич', 'Юрьевна'],
    Василий: ['Васильевич', 'Васильевна'],
    Дмитрий: ['Дмитриевич', 'Дмитриевна'],
    Игорь: ['Игоревич', 'Игоревна'],
    Равиль: ['Равилевич', 'Равилевна'],
    Пётр: ['Петрович', 'Петровна'],
    Павел: ['Павлович', 'Павловна'],
    Лев: ['Львович', 'Львовна'],
    Михаил: ['Михайлович', 'Михайловна'],
    Яков: ['Яковлевич', 'Яковлевна'],
    Илья: ['Ильич', 'Ильинична'],
    Фёдор: ['Фёдорович', 'Фёдоровна'],
  }
  for (const [father, [male, female]] of Object.entries(fathers)) {
    it(`${father} → ${male}, ${female}`, () => {
      expect(patronymic(father, 'male')).to.equal(male)
      expect(patronymic(father, 'female')).to.equal(female)
    })
  }

  it('writes addresses in Latin letters only', () => {
    expect(transliterate('Щербакова-Юдина')).to.equal('shcherbakova-yudina')
    expect(transliterate('Соловьёв О’Нил')).to.equal('solovevonil')
  })

  it('repeats no telephone in the whole range that a city needs', () => {
    const all = new Set(Array.from({ length: 150_000 }, (_, index) => phoneNumber('000', index, 3)))
    expect(all.size).to.equal(150_000)
  })
})
