import { rmSync } from 'node:fs'
import { expect } from 'chai'
import { dataFolder } from '../../config.ts'
import { backupsFolder } from '../../core/backup/make.ts'
import { db, insertRow } from '../../core/db/index.ts'
import { listSlowest } from '../../core/http/timings.ts'
import { addDays, nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

describe('state of the system', function () {
  this.timeout(60_000)
  const app = useApp()
  let administrator: TestClient
  let director: TestClient

  const makeJob = (values: object = {}) =>
    insertRow('jobs', {
      ...{ kind: 'test.none', payload: '{}', state: 'failed', attempts: 3, error: 'Диск <полон>' },
      ...{ run_at: nowUtc(), created_at: nowUtc(), finished_at: nowUtc(), ...values },
    })

  before(async () => {
    rmSync(backupsFolder(dataFolder()), { recursive: true, force: true })
    await makeUser('administrator', 'administrator')
    await makeUser('director', 'director')
    administrator = await app.signedIn('administrator')
    director = await app.signedIn('director')
  })

  it('tells versions, room, queues and what failed', async () => {
    await makeJob()
    const { text, status, queries } = await administrator.get('/system')
    expect(status).to.equal(200)
    expect(text)
      .to.match(/Node\.js/)
      .and.match(/(SQLite|MariaDB|MySQL) \d/)
    expect(text).to.match(/свободно [\d,\s]+ (ГБ|МБ) из/)
    expect(text).to.include('не удались: 1').and.include('ни одной ещё нет').and.include('обратите внимание')
    expect(queries).to.be.at.most(10)
    expect((await administrator.get('/administration')).text).to.include('Не удалась 1 фоновая работа')
  })

  it('shows the pages that take longest, by their routes and not by their addresses', async () => {
    await administrator.get('/system')
    await administrator.get('/people/999999')
    const pages = listSlowest(500).map(({ page }) => page)
    expect(pages).to.include('GET /system').and.not.include('GET /people/999999')
    const [slowest] = listSlowest(1)
    expect((await administrator.get('/system')).text).to.include(slowest?.page)
  })

  it('shows work that failed, and tries it again once', async () => {
    const id = await makeJob({ kind: 'test.again' })
    const page = await administrator.get('/system/jobs')
    expect(page.text).to.include('test.again').and.include('Диск &lt;полон&gt;')
    expect((await administrator.get('/system/jobs?state=done')).text).to.not.include('test.again')
    expect((await administrator.post(`/system/jobs/${id}/retry`, {})).status).to.equal(303)
    const job = await db()('jobs').where({ id }).first()
    expect(job.state).to.be.oneOf(['queued', 'running', 'failed'])
    expect(job.attempts).to.be.below(3)
    const running = await makeJob({ state: 'running', lease_until: '2999-01-01 00:00:00.000' })
    expect((await administrator.post(`/system/jobs/${running}/retry`, {})).status).to.equal(409)
    await db()('jobs').whereIn('id', [id, running]).del()
    const events = await db()('domain_events').where({ type: 'jobRetried', subject_id: id })
    expect(events).to.have.length(1)
  })

  it('is closed to all but administrators during maintenance, with words', async () => {
    const message = { ru: 'Вернёмся в 18:00', en: 'Back at 6 pm' }
    await administrator.post('/system/maintenance', { enabled: '1', message })
    for (const path of ['/profile', '/employees']) {
      const refused = await director.get(path)
      expect(refused.status, path).to.equal(503)
      expect(refused.text).to.include('Идёт обслуживание').and.include('Вернёмся в 18:00')
    }
    expect((await director.post('/preferences', { language: 'en', back: '/' })).status).to.be.oneOf([303, 503])
    const open = await administrator.get('/people')
    expect(open.status).to.equal(200)
    expect(open.text).to.include('Вернёмся в 18:00')
    const visitor = await app.visitor().get('/sign-in')
    expect(visitor.status).to.equal(200)
    expect(visitor.text).to.include('Вернёмся в 18:00')
    expect((await app.visitor().get('/healthz')).status).to.equal(200)
    // An administrator who had signed in as somebody else can do it over.
    const second = await app.signedIn('director')
    expect((await second.post('/sign-out', {})).headers.get('location')).to.equal('/sign-in')
    await administrator.post('/system/maintenance', { message })
    expect((await director.get('/profile')).status).to.equal(200)
  })

  it('carries an announcement above every page until its last day', async () => {
    const today = nowUtc().slice(0, 10)
    await administrator.post('/system/announcement', {
      text: { ru: 'Совещание <в пятницу>' },
      until: addDays(today, 1),
    })
    for (const page of [await director.get('/employees'), await app.visitor().get('/sign-in')]) {
      expect(page.text).to.include('Совещание &lt;в пятницу&gt;')
    }
    await administrator.post('/system/announcement', { text: { ru: 'Совещание' }, until: addDays(today, -2) })
    expect((await director.get('/employees')).text).to.not.include('Совещание')
    await administrator.post('/system/announcement', { text: {}, until: '' })
    const wrong = await administrator.post('/system/announcement', { text: { ru: 'я'.repeat(501) }, until: 'завтра' })
    expect(wrong.status).to.equal(422)
    expect(wrong.text).to.include('id="f-until-error"').and.include('я'.repeat(501))
  })
})
