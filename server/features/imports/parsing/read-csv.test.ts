import { expect } from 'chai'
import iconv from 'iconv-lite'
import { readTable } from './read-table.ts'
import { DEFAULT_LIMITS, TableError } from './types.ts'

const LINES = ['ФИО;Должность;Почта', 'Ёлкина Анна Юрьевна;учитель;a@school.example.org']

async function refusal(bytes: Buffer, limits = DEFAULT_LIMITS): Promise<TableError> {
  try {
    await readTable(bytes, limits)
  } catch (error) {
    expect(error).to.be.instanceOf(TableError)
    return error as TableError
  }
  throw new Error('the file was accepted')
}

describe('imports: reading CSV', () => {
  for (const [encoding, name, addBOM] of [
    ['UTF-8', 'utf8', false],
    ['UTF-8', 'utf8', true],
    ['UTF-16LE', 'utf16le', true],
    ['UTF-16LE', 'utf16le', false],
    ['Windows-1251', 'win1251', false],
  ] as const) {
    it(`finds ${encoding}${addBOM ? ' by its mark' : ' by its content'}`, async () => {
      const file = await readTable(iconv.encode(LINES.join('\r\n'), name, { addBOM }))
      expect(file).to.include({ format: 'csv', encoding, separator: ';' })
      expect(file.tables[0]!.rows.map((row) => row.cells)).to.deep.equal(LINES.map((line) => line.split(';')))
    })
  }

  it('forgives one broken character in a UTF-8 file', async () => {
    const text = Array.from({ length: 30 }, () => LINES[1]!).join('\n')
    const bytes = Buffer.concat([Buffer.from(text), Buffer.from([0xd0])])
    expect((await readTable(bytes)).encoding).to.equal('UTF-8')
  })

  for (const [separator, line] of [
    [';', 'г. Новоречинск, ул. Школьная, д. 5;8 (000) 555;x'],
    [',', '"Берзиня, Кристина",воспитатель,x'],
    ['\t', 'Иванова Анна\tучитель; методист\tx'],
  ] as const) {
    it(`finds the separator ${JSON.stringify(separator)} by evidence`, async () => {
      const file = await readTable(Buffer.from([['a', 'b', 'c'].join(separator), line, line].join('\n')))
      expect(file.separator).to.equal(separator)
      expect(file.tables[0]!.rows.every((row) => row.cells.length === 3)).to.equal(true)
    })
  }

  it('takes the separator that the first line declares, and counts lines as a spreadsheet does', async () => {
    const file = await readTable(Buffer.from('sep=,\nФИО,Почта\n\nИванова Анна,a@b.example\n'))
    expect(file.tables[0]!.rows.map((row) => row.line)).to.deep.equal([2, 4])
  })

  it('keeps quotation marks inside values and survives one that is never closed', async () => {
    const text = 'Учреждение;Почта\nДДТ "Парус";a@b.example\n"Парус;b@b.example\nШкола;c@b.example\n'
    const rows = (await readTable(Buffer.from(text))).tables[0]!.rows
    expect(rows).to.have.length(4)
    expect(rows[1]!.cells[0]).to.equal('ДДТ "Парус"')
  })

  it('reads a quoted cell of several lines as one cell', async () => {
    const rows = (await readTable(Buffer.from('ФИО;Адрес\nИванова;"ул. Школьная,\nд. 5"\nПетрова;x'))).tables[0]!.rows
    expect(rows.map((row) => row.cells[1])).to.deep.equal(['Адрес', 'ул. Школьная, д. 5', 'x'])
    expect(rows.map((row) => row.line)).to.deep.equal([1, 2, 3])
  })

  it('drops invisible characters and the apostrophe that guards against formulas', async () => {
    const rows = (await readTable(Buffer.from("ФИО;Телефон\n\u200bИванова\u00a0 Анна;'+7 900 000-00-01"))).tables[0]!
      .rows
    expect(rows[1]!.cells).to.deep.equal(['Иванова Анна', '+7 900 000-00-01'])
  })

  it('refuses what is no table, with the reason', async () => {
    expect((await refusal(Buffer.alloc(0))).code).to.equal('empty')
    expect((await refusal(Buffer.from(' \r\n\r\n'))).code).to.equal('empty')
    expect((await refusal(Buffer.from(';;;\r\n;;\r\n'))).code).to.equal('empty')
    expect((await refusal(Buffer.from('%PDF-1.7 ...'))).code).to.equal('notTable')
    expect((await refusal(Buffer.from('<html><table>'))).code).to.equal('notTable')
    const junk = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 251))
    expect((await refusal(junk)).code).to.equal('notTable')
    expect((await refusal(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]))).code).to.equal('oldExcel')
  })

  it('refuses too many rows, columns and bytes', async () => {
    const limits = { ...DEFAULT_LIMITS, rows: 10, columns: 5, fileBytes: 1_000 }
    expect((await refusal(Buffer.from('a;b\n'.repeat(11)), limits)).code).to.equal('tooManyRows')
    expect((await refusal(Buffer.from('a;b;c;d;e;f\n'), limits)).code).to.equal('tooManyColumns')
    expect((await refusal(Buffer.alloc(1_001, 97), limits)).code).to.equal('tooLarge')
    expect((await readTable(Buffer.from('a;b\n'.repeat(10)), limits)).tables[0]!.rows).to.have.length(10)
  })
})
