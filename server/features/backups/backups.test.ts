import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { dataFolder } from '../../config.ts'
import { backupsFolder } from '../../core/backup/make.ts'
import { checkBackup } from '../../core/backup/read.ts'
import { db } from '../../core/db/index.ts'
import { inSeconds } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { isDue } from './service.ts'

describe('backups', function () {
  this.timeout(60_000)
  const app = useApp()
  let administrator: TestClient
  const folder = () => backupsFolder(dataFolder())
  const names = () => readdirSync(folder()).sort()
  const schedule = (values: object) =>
    administrator.post('/backups/schedule', { enabled: '1', hour: '0', keep: '14', ...values })
  const makeOne = async () => {
    expect((await administrator.post('/backups', {})).status).to.equal(303)
    await app.settle()
  }
  /** A file that has the name of a backup made so many days ago. */
  const pretend = (days: number) => {
    const stamp = inSeconds(-days * 86_400)
      .replace(/[-:]/g, '')
      .replace(' ', '-')
      .slice(0, 15)
    mkdirSync(folder(), { recursive: true })
    writeFileSync(join(folder(), `integral-${stamp}.zip`), 'x')
    return `integral-${stamp}.zip`
  }

  before(async () => {
    await makeUser('administrator', 'administrator')
    administrator = await app.signedIn('administrator')
  })
  beforeEach(() => rmSync(folder(), { recursive: true, force: true }))

  it('are made by a button, listed, taken out and deleted, and all of it is noted', async () => {
    expect((await administrator.get('/backups')).text).to.include('Копий пока нет')
    await makeOne()
    const [name] = names() as [string]
    expect(names()).to.have.length(1)
    const manifest = await checkBackup(join(folder(), name))
    expect(manifest.tables.people?.rows).to.be.above(0)
    const list = await administrator.get('/backups')
    expect(list.text).to.include(name).and.include(`npm run restore -- ${name}`)
    const taken = await administrator.get(`/backups/${name}`)
    expect(taken.status).to.equal(200)
    expect(taken.headers.get('content-disposition')).to.include(name)
    expect((await administrator.get('/backups/integral-20200101-000000.zip')).status).to.equal(404)
    expect((await administrator.get('/backups/..%2fconfig.json')).status).to.equal(404)
    expect((await administrator.post(`/backups/${name}/delete`, {})).status).to.equal(303)
    expect(names()).to.deep.equal([])
    const types = await db()('domain_events').where('type', 'like', 'backup%').orderBy('id').pluck('type')
    expect(types).to.deep.equal(['backupMade', 'backupTaken', 'backupDeleted'])
  })

  it('are made once although the button is pressed twice', async () => {
    await Promise.all([administrator.post('/backups', {}), administrator.post('/backups', {})])
    await app.settle()
    expect(names()).to.have.length(1)
  })

  it('show how far they are, and why the last one failed', async () => {
    expect(JSON.parse((await administrator.get('/backups/progress')).text)).to.include({ working: false, percent: 100 })
    writeFileSync(folder(), 'a file where the folder should be')
    await administrator.post('/backups', {})
    const until = Date.now() + 20_000
    while (Date.now() < until && !(await db()('jobs').where({ kind: 'backups.make', state: 'failed' }).first())) {
      // Its last try, whether it has had one already or not.
      await db()('jobs')
        .where({ kind: 'backups.make', state: 'queued' })
        .update({ attempts: 2, run_at: inSeconds(-1) })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect((await administrator.get('/backups')).text).to.include('Последнюю копию создать не удалось')
  })

  it('are kept as many as the schedule says', async () => {
    const old = [9, 8, 7].map(pretend)
    await schedule({ keep: '2' })
    await makeOne()
    expect(names())
      .to.have.length(2)
      .and.include(old[2] as string)
    const wrong = await schedule({ keep: '0', hour: '25' })
    expect(wrong.status).to.equal(422)
    expect(wrong.text).to.include('id="f-keep-error"')
  })

  it('are due once a night, after the hour, unless switched off', async () => {
    await schedule({})
    expect(await isDue()).to.equal(true)
    pretend(0)
    expect(await isDue()).to.equal(false)
    rmSync(folder(), { recursive: true })
    pretend(1)
    expect(await isDue()).to.equal(true)
    await schedule({ hour: '5' })
    // One made by hand in the afternoon puts off the night's neither to the afternoon nor at all.
    rmSync(folder(), { recursive: true })
    mkdirSync(folder())
    writeFileSync(join(folder(), 'integral-20261121-130000.zip'), 'x')
    // 04:30 and 05:12 in Moscow
    expect(await isDue('2026-11-22 01:30:00.000')).to.equal(false)
    expect(await isDue('2026-11-22 02:12:00.000')).to.equal(true)
    writeFileSync(join(folder(), 'integral-20261122-021300.zip'), 'x')
    expect(await isDue('2026-11-22 03:12:00.000')).to.equal(false)
    expect(await isDue('2026-11-22 20:12:00.000')).to.equal(false)
    expect(await isDue('2026-11-23 02:12:00.000')).to.equal(true)
    await schedule({ enabled: undefined })
    expect(await isDue()).to.equal(false)
  })

  it('that are missing are told on the administrator’s first page', async () => {
    pretend(5)
    expect((await administrator.get('/administration')).text).to.include('Резервной копии нет уже 5 дней')
    pretend(0)
    expect((await administrator.get('/administration')).text).to.not.include('Резервной копии нет')
  })

  it('are missed even where there never was one', async () => {
    const first = () => db()('accounts').orderBy('person_id').limit(1)
    const { person_id, created_at } = await first().first()
    expect((await administrator.get('/administration')).text).to.not.include('Резервной копии нет')
    await db()('accounts')
      .where({ person_id })
      .update({ created_at: inSeconds(-8 * 86_400) })
    expect((await administrator.get('/administration')).text).to.include('Резервной копии нет уже 8 дней')
    await db()('accounts').where({ person_id }).update({ created_at })
  })

  it('that were cut off are cleared away', async () => {
    mkdirSync(folder(), { recursive: true })
    const [left, young] = ['integral-20200101-000000.zip.part', 'integral-20200102-000000.zip.part']
    for (const name of [left, young]) writeFileSync(join(folder(), name), 'x')
    utimesSync(join(folder(), left), new Date(0), new Date(0))
    await makeOne()
    expect(names()).to.include(young).and.not.include(left)
  })
})
