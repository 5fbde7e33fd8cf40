import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { dataFolder } from '../../config.ts'
import { db } from '../../core/db/index.ts'
import { setConverter } from '../../core/files/previews/office.ts'
import { daysAgo } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { type FileStage, makeFileStage } from './testing.ts'

/** What is told to a program in place of LibreOffice: where its output and its document are. */
const HEAD = `#!${process.execPath}
const { writeFileSync, readFileSync, readdirSync } = require('node:fs')
const out = process.argv[process.argv.indexOf('--outdir') + 1]
const source = process.argv.at(-1)
`

describe('office documents', function () {
  this.timeout(30_000)
  const app = useApp()
  let stage: FileStage
  let number = 0
  before(async () => {
    stage = await makeFileStage(app)
  })
  after(() => setConverter(undefined))

  const converter = (script: string, limit?: number) => {
    const path = join(dataFolder(), `soffice-${++number}`)
    writeFileSync(path, HEAD + script)
    chmodSync(path, 0o700)
    setConverter(path, limit)
  }
  const rtf = () => Buffer.from(`{\\rtf1 Document ${++number}}`)
  const look = async (url: string) => {
    await stage.learner.get(`${url}/view`)
    await app.settle()
    return (await stage.learner.get(`${url}/view`)).text
  }

  it('are saved and not shown where there is no LibreOffice', async () => {
    setConverter('off')
    const { url } = await stage.keep('План.rtf', rtf())
    expect(await look(url)).to.include('В браузере этот файл не показать')
    expect(await db()('file_previews').count('* as count').first()).to.deep.equal({ count: 0 })
    expect((await stage.administrator.get('/storage')).text).to.include('установите на сервер LibreOffice')
  })

  it('become PDF once, by a process without our secrets, under a name that nobody chose', async () => {
    const noted = join(dataFolder(), 'converted.json')
    converter(`
writeFileSync(${JSON.stringify(noted)}, JSON.stringify({ env: Object.keys(process.env), args: process.argv.slice(2) }))
writeFileSync(out + '/source.pdf', '%PDF-1.4 made of ' + readFileSync(source, 'utf8'))
`)
    process.env.INTEGRAL_TEST_SECRET = 'x'
    const content = rtf()
    const { url } = await stage.keep('$(touch pwned); План.rtf', content)
    const page = await look(url)
    delete process.env.INTEGRAL_TEST_SECRET
    expect(page).to.include(`data-component="pdf-view" data-src="${url}/preview"`)
    const shown = await stage.learner.get(`${url}/preview`)
    expect(shown.headers.get('content-type')).to.equal('application/pdf')
    expect(shown.text).to.include(`made of ${content}`)
    expect((await stage.stranger.get(`${url}/preview`)).status).to.equal(404)
    const { env, args } = JSON.parse(readFileSync(noted, 'utf8'))
    expect(env).to.not.include('INTEGRAL_TEST_SECRET')
    expect(args.at(-1)).to.match(/\/source\.rtf$/)
    expect(args.join(' ')).to.include('--headless').and.include('-env:UserInstallation=file://')
    expect(existsSync('pwned')).to.equal(false)
  })

  const failures: [string, string, string][] = [
    ['that cannot be read', 'process.exit(1)', 'файл повреждён или защищён паролем'],
    ['of which nothing comes', '', 'файл повреждён или защищён паролем'],
    ['that take too long', 'setInterval(() => {}, 1000)', 'подготовка заняла больше минуты'],
  ]
  for (const [what, script, words] of failures) {
    it(`${what} say so, are not tried again and again, but on another day`, async () => {
      converter(script, 700)
      const { id, url } = await stage.keep('План.rtf', rtf())
      expect(await look(url))
        .to.include(words)
        .and.include('?download=1')
      const before = await db()('jobs').where({ kind: 'files.preview' })
      expect(await look(url)).to.include(words)
      expect(await db()('jobs').where({ kind: 'files.preview' })).to.have.length(before.length)
      const { sha256 } = await db()('files').where({ id }).first('sha256')
      await db()('file_previews')
        .where({ sha256 })
        .update({ updated_at: daysAgo(2) })
      converter(`writeFileSync(out + '/source.pdf', '%PDF-1.4')`)
      expect(await look(url)).to.include('data-component="pdf-view"')
    })
  }

  it('whose page is open in many windows are made once', async () => {
    converter(`writeFileSync(out + '/source.pdf', '%PDF-1.4')`)
    const before = await db()('jobs').where({ kind: 'files.preview' })
    const { url } = await stage.keep('План.rtf', rtf())
    await Promise.all(Array.from({ length: 5 }, () => stage.learner.get(`${url}/view`)))
    await app.settle()
    expect(await db()('jobs').where({ kind: 'files.preview' })).to.have.length(before.length + 1)
  })
})
