import { expect } from 'chai'
import { matchPasted, parsePasted } from './pasted-list.ts'

const person = (id: number, sort_name: string, email: string | null = null) => ({ id, sort_name, email })
const people = [
  person(1, 'иванова анна петровна', 'Anna@School.example'),
  person(2, 'иванова алла павловна'),
  person(3, 'петров олег игоревич', 'oleg@school.example'),
  person(4, 'соколова-белая ольга ильинична'),
  person(5, 'сидоров семен семенович'),
  person(6, 'сидоров семен семенович'),
]
const match = (text: string) => {
  const { found, ambiguous, notFound } = matchPasted(parsePasted(text), people)
  return {
    found: found.map((one) => one.person.id),
    ambiguous: ambiguous.map((one) => one.people.map(({ id }) => id)),
    notFound: notFound.map((line) => line.text),
  }
}

describe('a pasted list of people', () => {
  it('finds people by address and by name, however it is spaced and cased', () => {
    expect(match('anna@SCHOOL.example\n  ПЕТРОВ   Олег Игоревич \n\nСоколова-Белая Ольга').found).to.deep.equal([
      1, 3, 4,
    ])
  })

  it('reads ё as е and initials as the beginnings of names', () => {
    expect(match('Петров О. И.\nСоколова-Белая О.И.').found).to.deep.equal([3, 4])
    expect(match('Сидоров Семён Семёнович').ambiguous).to.deep.equal([[5, 6]])
  })

  it('reads lines copied from a spreadsheet or a letter', () => {
    const text =
      '1\tИванова Анна Петровна\tучитель\tanna@school.example\n2. Петров Олег Игоревич; Школа № 5\n"Ольга" <oleg@school.example>'
    expect(match(text).found).to.deep.equal([1, 3])
  })

  it('asks when several people may be meant', () => {
    expect(match('Иванова А. П.').ambiguous).to.deep.equal([[1, 2]])
  })

  it('asks when a name is known and the address is not', () => {
    expect(match('Петров Олег Игоревич, other@school.example')).to.deep.equal({
      found: [],
      ambiguous: [[3]],
      notFound: [],
    })
  })

  it('reads the longest line at once', () => {
    const started = Date.now()
    expect(match(`${'я'.repeat(200_000)}\nанна@${'.'.repeat(100_000)}`).found).to.deep.equal([])
    expect(match(`Петров Олег Игоревич, ${'очень '.repeat(20_000)}`).found).to.deep.equal([3])
    expect(Date.now() - started).to.be.below(1000)
  })

  it('drops nothing in silence', () => {
    expect(match('Никто Никита Никитич\nИванова\nnobody@school.example\n12345').notFound).to.deep.equal([
      'Никто Никита Никитич',
      'Иванова',
      'nobody@school.example',
      '12345',
    ])
  })

  it('names nobody twice', () => {
    expect(match('anna@school.example\nИванова Анна Петровна\nanna@school.example')).to.deep.equal({
      found: [1],
      ambiguous: [],
      notFound: [],
    })
  })

  it('looks up whole names as they stand and others by a pattern that begins with the family name', () => {
    const [whole, initials, two] = parsePasted('Иванова Анна Петровна\nИванова А. П.\nИванова Анна').map(
      ({ name }) => name,
    )
    expect(whole).to.include({ isWhole: true, exact: 'иванова анна петровна' })
    expect(initials).to.include({ isWhole: false, like: 'иванова а% п%' })
    expect(two).to.include({ isWhole: false, like: 'иванова анна%' })
    expect(parsePasted('Иван_ва Анна')[0]?.name?.like).to.equal('иван\\_ва анна%')
  })
})
