import { expect } from 'chai'
import { readTable } from './read-table.ts'
import { archiveOf, workbookBytes, workbookOf } from './testing.ts'
import { DEFAULT_LIMITS, type TableError } from './types.ts'

async function refusalCode(bytes: Buffer, limits = DEFAULT_LIMITS): Promise<string> {
  try {
    await readTable(bytes, limits)
  } catch (error) {
    // By name: the reader is imported when it is needed and may then be a copy of its own in a test.
    expect((error as Error).name).to.equal('TableError')
    return (error as TableError).code
  }
  return 'accepted'
}

describe('imports: reading XLSX', () => {
  it('reads values of every kind as text', async () => {
    const bytes = await workbookBytes((workbook) => {
      const sheet = workbook.addWorksheet('Педагоги')
      sheet.addRow(['ФИО', 'Дата', 'Число', 'Почта', 'Формула', 'Оформлено', 'Ошибка', 'Ссылка'])
      sheet.addRow([
        ' Титова  Анна ',
        new Date(Date.UTC(1977, 8, 22)),
        28390,
        { text: 'a@school.example.org', hyperlink: 'mailto:a@school.example.org' },
        { formula: 'A1&B1', result: 'итог' },
        { richText: [{ text: 'учитель ' }, { text: 'химии', font: { bold: true } }] },
        { error: '#N/A' },
        { text: 'написать', hyperlink: 'mailto:b@school.example.org?subject=x' },
      ])
      sheet.getCell('C3').value = 79000003590
      sheet.getCell('E3').value = { formula: 'TODAY()', result: new Date(Date.UTC(2026, 8, 1)) }
    })
    const [table] = (await readTable(bytes)).tables
    expect(table!.name).to.equal('Педагоги')
    expect(table!.rows[1]!.cells).to.deep.equal([
      'Титова Анна',
      '1977-09-22',
      '28390',
      'a@school.example.org',
      'итог',
      'учитель химии',
      '',
      'b@school.example.org',
    ])
    expect(table!.rows[2]!.cells[2]).to.equal('79000003590')
    expect(table!.rows[2]!.cells[4]).to.equal('2026-09-01')
  })

  it('takes a title merged over columns once and a school merged over rows for each of them', async () => {
    const bytes = await workbookBytes((workbook) => {
      const sheet = workbook.addWorksheet('x')
      sheet.addRows([['Заявка'], ['Школа', 'ФИО'], ['№ 5', 'Титова Анна'], [null, 'Зайцева Вера']])
      sheet.mergeCells('A1:B1')
      sheet.mergeCells('A3:A4')
    })
    const rows = (await readTable(bytes)).tables[0]!.rows
    expect(rows[0]!.cells).to.deep.equal(['Заявка', ''])
    expect(rows[3]!.cells).to.deep.equal(['№ 5', 'Зайцева Вера'])
  })

  it('leaves hidden and empty sheets out and keeps line numbers over blank rows', async () => {
    const bytes = await workbookBytes((workbook) => {
      workbook.addWorksheet('Пусто')
      workbook.addWorksheet('Скрыто', { state: 'hidden' }).addRow(['ФИО'])
      const sheet = workbook.addWorksheet('Список')
      sheet.getCell('A2').value = 'ФИО'
      sheet.getCell('A5').value = 'Титова Анна'
    })
    const { tables } = await readTable(bytes)
    expect(tables.map((table) => table.name)).to.deep.equal(['Список'])
    expect(tables[0]!.rows.map((row) => row.line)).to.deep.equal([2, 5])
  })

  it('refuses damaged files, other office formats and empty workbooks', async () => {
    const bytes = await workbookBytes((workbook) =>
      workbook.addWorksheet('x').addRows(Array.from({ length: 50 }, (_, i) => [`Строка ${i}`])),
    )
    expect(await refusalCode(bytes.subarray(0, bytes.length - 200))).to.equal('corrupt')
    const broken = Buffer.from(bytes)
    broken.fill(0x55, 200, 600)
    expect(await refusalCode(broken)).to.equal('corrupt')
    expect(await refusalCode(Buffer.from('PK\u0003\u0004 not really an archive'))).to.equal('corrupt')
    expect(await refusalCode(archiveOf({ 'word/document.xml': '<x/>' }))).to.equal('notTable')
    expect(await refusalCode(archiveOf({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet' }))).to.equal(
      'openDocument',
    )
    expect(await refusalCode(archiveOf({ 'xl/workbook.xml': 'not xml at all' }))).to.equal('corrupt')
    expect(await refusalCode(await workbookBytes((workbook) => workbook.addWorksheet('x')))).to.equal('empty')
  })

  it('refuses archive bombs before unpacking them, even when the declared size lies', async () => {
    const bomb = Buffer.alloc(3 * 1024 * 1024, 0x20)
    const limits = { ...DEFAULT_LIMITS, unpackedBytes: 1024 * 1024 }
    expect(await refusalCode(archiveOf({ 'xl/workbook.xml': bomb }), limits)).to.equal('unpacksTooLarge')
    expect(await refusalCode(archiveOf({ 'xl/workbook.xml': bomb }, 100), limits)).to.equal('corrupt')
  })

  it('is not stopped by validation lists over whole columns or by merges over the whole sheet', async () => {
    const rows = ['ФИО', 'Титова Анна']
      .map((text, i) => `<row r="${i + 1}"><c r="A${i + 1}" t="inlineStr"><is><t>${text}</t></is></c></row>`)
      .join('')
    const merges = '<mergeCells count="1"><mergeCell ref="A10:XFD1048576"/></mergeCells>'
    const list =
      '<dataValidations count="1"><dataValidation type="list" sqref="B1:Z1048576"><formula1>"a,b"</formula1></dataValidation></dataValidations>'
    const bytes = workbookOf(`<sheetData>${rows}</sheetData>${merges}${list}`)
    const before = process.cpuUsage()
    expect((await readTable(bytes)).tables[0]!.rows).to.have.length(2)
    expect(process.cpuUsage(before).user / 1000, 'milliseconds of work').to.be.lessThan(2_000)
  })

  it('refuses too many rows and columns', async () => {
    const limits = { ...DEFAULT_LIMITS, rows: 10, columns: 5 }
    const long = await workbookBytes((workbook) =>
      workbook.addWorksheet('x').addRows(Array.from({ length: 11 }, () => ['x'])),
    )
    expect(await refusalCode(long, limits)).to.equal('tooManyRows')
    const wide = await workbookBytes((workbook) => workbook.addWorksheet('x').addRow(['a', 'b', 'c', 'd', 'e', 'f']))
    expect(await refusalCode(wide, limits)).to.equal('tooManyColumns')
  })
})
