import { expect } from 'chai'
import fc from 'fast-check'
import {
  ATTENDANCES,
  type CellCodes,
  type CellValue,
  entryTable,
  isConsistent,
  MARKS,
  normaliseEntry,
  parseEntry,
  printEntry,
} from './marks.ts'

const russian: CellCodes = {
  present: '+',
  absent: 'н',
  late: 'о',
  excused: 'у',
  ill: 'б',
  passed: 'зач',
  notPassed: 'незач',
}
const english: CellCodes = {
  present: '+',
  absent: 'a',
  late: 'l',
  excused: 'e',
  ill: 'i',
  passed: 'pass',
  notPassed: 'fail',
}

const anyValue = fc
  .record({ attendance: fc.constantFrom(...ATTENDANCES), mark: fc.constantFrom(null, ...MARKS) })
  .filter(isConsistent)

describe('what is typed into a journal cell', () => {
  const accepted: [string, CellValue['attendance'], CellValue['mark']][] = [
    ['', '', null],
    ['   ', '', null],
    ['н', 'absent', null],
    ['Н', 'absent', null],
    ['n', 'absent', null],
    ['y', 'absent', null],
    ['H', 'absent', null],
    ['-', 'absent', null],
    ['+', 'present', null],
    ['=', 'present', null],
    ['.', 'present', null],
    ['п', 'present', null],
    ['g', 'present', null],
    ['б', 'ill', null],
    [',', 'ill', null],
    ['у', 'excused', null],
    ['о', 'late', null],
    ['o', 'late', null],
    ['5', 'present', 5],
    [' 2 ', 'present', 2],
    ['+5', 'present', 5],
    ['о4', 'late', 4],
    ['4 о', 'late', 4],
    ['О/4', 'late', 4],
    ['зач', 'present', 1],
    ['Зачёт', 'present', 1],
    ['pfx', 'present', 1],
    ['незачёт', 'present', 0],
    ['о зач', 'late', 1],
  ]
  for (const [text, attendance, mark] of accepted) {
    it(`reads «${text}» as ${attendance || 'empty'}${mark === null ? '' : ` with mark ${mark}`}`, () => {
      expect(parseEntry(text)).to.deep.equal({ ok: true, attendance, mark })
    })
  }

  const refused: [string, string][] = [
    ['н5', 'markWithoutPresence'],
    ['5н', 'markWithoutPresence'],
    ['б зач', 'markWithoutPresence'],
    ['1', 'markRange'],
    ['6', 'markRange'],
    ['55', 'markRange'],
    ['—', 'unknown'],
    ['привет', 'unknown'],
    ['constructor', 'unknown'],
    ['__proto__', 'unknown'],
    ['<b>', 'unknown'],
  ]
  for (const [text, reason] of refused) {
    it(`refuses «${text}»: ${reason}`, () => expect(parseEntry(text)).to.deep.equal({ ok: false, reason }))
  }

  for (const [name, codes] of Object.entries({ russian, english })) {
    it(`reads back everything that it prints in ${name}`, () => {
      fc.assert(
        fc.property(anyValue, (value) => {
          const read = parseEntry(printEntry(value, codes), entryTable(codes))
          const mark = value.mark
          expect(read).to.deep.equal({ ok: true, attendance: value.attendance, mark })
        }),
      )
    })
  }

  it('lets the signs of the reader’s language win over borrowed ones', () => {
    const odd = { ...russian, present: 'a', absent: 'x' }
    expect(parseEntry('a', entryTable(odd))).to.include({ attendance: 'present' })
    expect(parseEntry('x', entryTable(odd))).to.include({ attendance: 'absent' })
  })

  it('answers any text with a consistent value or a reason, whatever its case and spaces', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'нбоуп+-.2345зач /') })), (text) => {
        const read = parseEntry(text)
        if (read.ok) expect(isConsistent(read)).to.equal(true)
        expect(parseEntry(` ${text.toUpperCase()} `)).to.deep.equal(parseEntry(text.toUpperCase().toLowerCase()))
      }),
    )
  })

  it('has no sign with two meanings', () => {
    const table = entryTable(russian)
    for (const sign of Object.keys(table.attendance)) {
      expect(table.mark, sign).not.to.have.property(sign)
      expect(normaliseEntry(sign)).to.equal(sign)
    }
  })
})
