import { expect } from 'chai'
import ExcelJS from 'exceljs'
import { useApp } from '../../testing/app.ts'
import { makePerson, makeUser } from '../../testing/builders.ts'
import { exportFormat, harmless } from './index.ts'

describe('exports', () => {
  const app = useApp()

  before(async () => {
    await makeUser('admin', 'administrator')
    await makePerson({ last_name: '=cmd|calc', first_name: 'Ёлка' })
  })

  it('open correctly in a Russian spreadsheet: mark of order, semicolons, no formulas', async () => {
    const admin = await app.signedIn('admin')
    const response = await fetch(`${app.url}/people/export?format=csv`, { headers: { cookie: admin.cookie } })
    const bytes = Buffer.from(await response.arrayBuffer())
    expect([...bytes.subarray(0, 3)]).to.deep.equal([0xef, 0xbb, 0xbf])
    const text = bytes.toString('utf8')
    expect(text.split('\r\n')[0]).to.include('ФИО;Дата рождения')
    expect(text).to.include("'=cmd|calc Ёлка")
  })

  it('are workbooks that open', async () => {
    const admin = await app.signedIn('admin')
    const response = await fetch(`${app.url}/people/export?format=xlsx`, { headers: { cookie: admin.cookie } })
    const book = new ExcelJS.Workbook()
    await book.xlsx.load(await response.arrayBuffer())
    const sheet = book.worksheets[0]
    expect(sheet?.getCell('A1').value).to.equal('ФИО')
    expect(sheet?.rowCount).to.be.greaterThan(2)
  })

  it('are documents to print', async () => {
    const admin = await app.signedIn('admin')
    const response = await fetch(`${app.url}/people/export?format=pdf`, { headers: { cookie: admin.cookie } })
    expect(response.headers.get('content-type')).to.include('application/pdf')
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes.subarray(0, 5).toString()).to.equal('%PDF-')
    expect(bytes.length).to.be.greaterThan(5000)
  })

  it('know their formats and leave harmless cells alone', () => {
    expect(exportFormat('xlsx')).to.equal('xlsx')
    expect(exportFormat('exe')).to.equal('csv')
    expect(harmless('+7 900')).to.equal("'+7 900")
    expect(harmless('Анна')).to.equal('Анна')
    expect(harmless(5)).to.equal(5)
  })
})
