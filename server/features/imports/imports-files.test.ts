import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { archiveOf, workbookBytes, workbookOf } from './parsing/testing.ts'
import { bytesFile, csvFile, walkThrough } from './testing.ts'

describe('files that cannot be imported', function () {
  this.timeout(60_000)
  const app = useApp()
  let admin: TestClient

  before(async () => {
    await makeUser('admin', 'administrator')
    admin = await app.signedIn('admin')
  })

  const junk = Buffer.from(Array.from({ length: 20_000 }, (_, at) => (at * 7919 + (at >> 3)) % 253))

  async function refused(file: File | undefined, words: string) {
    const before = await db()('imports').count('* as n').first()
    const answer = file ? await admin.upload('/imports', { file }) : await admin.upload('/imports', {})
    expect(answer.status).to.equal(422)
    expect(answer.text).to.include(words).and.include('id="f-file-error"')
    expect(await db()('imports').count('* as n').first()).to.deep.equal(before)
  }

  it('are refused in words beside the field', async () => {
    const book = await workbookBytes((workbook) =>
      workbook.addWorksheet('x').addRows(Array.from({ length: 50 }, () => ['Титова Анна'])),
    )
    await refused(undefined, 'Выберите файл')
    await refused(bytesFile('', 'пусто.csv'), 'Файл пуст')
    await refused(bytesFile(' ;;\r\n;\r\n', 'пусто.csv'), 'Файл пуст')
    await refused(bytesFile(junk, 'список.csv'), 'Это не таблица')
    await refused(bytesFile(junk, 'список.xlsx'), 'Это не таблица')
    await refused(bytesFile('%PDF-1.7\n…', 'список.csv'), 'Это не таблица')
    await refused(bytesFile(book.subarray(0, book.length / 2), 'список.xlsx'), 'Файл повреждён')
    await refused(
      bytesFile(workbookOf('<sheetData><row r="1"><c r="A1" t="s"><v>99</v></c>'), 'x.xlsx'),
      'Файл повреждён',
    )
    await refused(bytesFile(archiveOf({ 'word/document.xml': '<x/>' }), 'приказ.xlsx'), 'Это не таблица')
    await refused(
      bytesFile(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), 'список.xls'),
      'старого формата Excel',
    )
    await refused(bytesFile('a;b\n'.repeat(50_001), 'много.csv'), 'больше 50000 строк')
  })

  it('are refused when they are enormous, unpacked or not', async () => {
    await refused(bytesFile(Buffer.alloc(50 * 1024 * 1024, 'a;b\n'), 'большой.csv'), 'больше 20 МБ')
    const bomb = archiveOf({
      'xl/workbook.xml': '<x/>',
      'xl/worksheets/sheet1.xml': Buffer.alloc(120 * 1024 * 1024, 0x20),
    })
    expect(bomb.length).to.be.lessThan(1024 * 1024)
    await refused(bytesFile(bomb, 'бомба.xlsx'), 'больше 96 МБ')
  })

  it('say on a page of their own what is wrong when only the check finds out', async () => {
    const walk = walkThrough(app, admin)
    await walk.upload(csvFile([['ФИО', 'Почта']]))
    await walk.choose()
    const page = await walk.check()
    expect(page.text).to.include('нет ни одной строки списка').and.include('ничего не изменилось')
    expect((await admin.get(`/imports/${walk.id}`)).location).to.equal(`/imports/${walk.id}/check`)
  })

  it('show hostile cells as text', async () => {
    const walk = walkThrough(app, admin)
    const hostile = '<script>alert(1)</script>'
    await walk.upload(
      csvFile(
        [
          ['ФИО', 'Почта', hostile],
          [hostile, `${hostile}@x`, '=cmd()'],
          ['Титова Анна', 'a@b.example', hostile],
        ],
        `${hostile}.csv`,
      ),
    )
    await walk.choose()
    for (const path of ['columns', 'check', 'rows']) {
      const page = await admin.get(`/imports/${walk.id}/${path}`)
      expect(page.status).to.equal(200)
      expect(page.text, path).to.include('&lt;script&gt;').and.not.include(hostile)
    }
  })

  it('cannot be forged by addresses and forms', async () => {
    const walk = walkThrough(app, admin)
    await walk.upload(
      csvFile([
        ['ФИО', 'Почта'],
        ['Титова Анна', 'a@b.example'],
      ]),
    )
    const path = `/imports/${walk.id}`
    for (const bad of ['/imports/999999', '/imports/abc', '/imports/999999/check'])
      expect((await admin.get(bad)).status).to.equal(404)
    const wrong = [
      { version: 1, kind: 'people', sheet: 7, header: 1, columns: { c0: 'fullName' } },
      { version: 1, kind: 'zoo', sheet: 0, header: 1, columns: { c0: 'fullName' } },
      { version: 1, kind: 'people', sheet: 0, header: 1, columns: 'x' },
      { version: 1, kind: 'people', sheet: 0, header: 1, columns: { c0: 'passwordHash' } },
      { version: 'x', kind: 'people', sheet: 0, header: -1, columns: { c0: 'fullName' } },
      {},
    ]
    for (const body of wrong)
      expect((await admin.post(`${path}/columns`, body)).status, JSON.stringify(body)).to.equal(422)
    expect(
      (await admin.post(`${path}/corrections`, { version: 1, corrections: { r2: { email: 'x' } } })).status,
    ).to.equal(409)
    expect(
      (await admin.post(`${path}/corrections`, { version: 1, corrections: { 2: { email: 'x' } } })).status,
    ).to.equal(422)
    expect((await admin.post(`${path}/commit`, { version: 1 })).status).to.equal(409)
    expect((await admin.post(`${path}/slips`, { whom: 'all' })).status).to.equal(409)
    expect((await admin.get(`${path}/rows?action=zoo&problem=zoo&after=x`)).status).to.equal(303)
    expect((await admin.get(`${path}/refused`)).status).to.equal(303)
  })
})
