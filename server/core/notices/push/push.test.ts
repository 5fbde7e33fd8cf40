import { expect } from 'chai'
import { allJobs } from '../../../app.ts'
import { useApp } from '../../../testing/app.ts'
import { makeUser } from '../../../testing/builders.ts'
import type { TestClient } from '../../../testing/client.ts'
import { PushService } from '../../../testing/push-service.ts'
import { db, toJson } from '../../db/index.ts'
import { allowLocalAddresses, isPublicAddress } from '../../http/outbound.ts'
import { startWorker, stopWorker } from '../../jobs/index.ts'
import { saveSetting, setting } from '../../settings.ts'
import { inSeconds } from '../../time.ts'
import { notify } from '../index.ts'
import { sendOutNotices } from '../send-out.ts'
import { pushKeys } from './keys.ts'
import { pushOutlet } from './outlet.ts'

const soon = '2020-01-01 00:00:00.000'

describe('notices in browsers', () => {
  const app = useApp()
  // Each test asks a service of its own: one that did not answer is left alone for a while.
  let service: PushService
  let reader: number
  let client: TestClient
  let number = 0

  before(async () => {
    await stopWorker()
    allowLocalAddresses(true)
    reader = await makeUser('reader', 'learner')
    await makeUser('other', 'learner')
    await makeUser('admin', 'administrator')
  })

  after(() => {
    allowLocalAddresses(false)
    startWorker(allJobs)
  })

  beforeEach(async () => {
    for (const table of ['notice_deliveries', 'notices', 'push_subscriptions']) await db()(table).del()
    await db()('people').update({ preferences: null })
    service = new PushService()
    await service.start()
    client = await app.signedIn('reader')
  })

  afterEach(() => service.stop())

  const subscribe = async (name: string, by = client) => {
    const { browser, subscription } = service.browser(name)
    expect((await by.postJson('/profile/notices/browsers', subscription)).status).to.equal(200)
    return browser
  }
  const tell = (subject = 'Зачёт', personId = reader) =>
    notify('tracking.reminder', [personId], {
      subject: { type: 'cohort', id: 1 },
      data: { subject, text: `Слова: ${subject}` },
      href: '/profile',
      dedupeKey: `push-${++number}`,
    })
  const send = () => sendOutNotices(pushOutlet)
  const again = () => db()('notice_deliveries').where({ state: 'waiting' }).update({ next_attempt_at: soon })
  const deliveries = () => db()('notice_deliveries').where({ channel: 'push' }).orderBy('id')

  it('are sealed for the browser, signed, and read by it alone', async () => {
    const browser = await subscribe('one')
    await tell('Зачёт по модулю')
    await tell('Чужое', (await db()('accounts').where({ login: 'other' }).first()).person_id)
    await send()
    expect(browser.read.map(({ title, text, path }) => [title, text, path])).to.deep.equal([
      ['Зачёт по модулю', 'Слова: Зачёт по модулю', '/profile'],
    ])
    const rows = await deliveries()
    expect(rows.map(({ state }) => state)).to.deep.equal(['sent'])
    expect(browser.read[0]?.tag).to.equal(`notice-${rows[0].id}`)
    expect((await db()('push_subscriptions').first()).used_at).to.be.a('string')
  })

  it('come once to each browser, although two processes send and the service of one is out of order', async () => {
    const [desk, phone] = [await subscribe('desk'), await subscribe('phone', await app.signedIn('reader'))]
    const broken = new PushService()
    await broken.start()
    broken.refuses.set('phone', 503)
    const ofPhone = db()('push_subscriptions').where('endpoint', 'like', '%/phone')
    await ofPhone.clone().update({ endpoint: `http://127.0.0.1:${broken.port}/phone` })
    for (let count = 0; count < 15; count++) await tell(`№ ${count}`)
    await Promise.all([send(), send(), send()])
    await broken.stop()
    expect(desk.read).to.have.length(15)
    expect((await deliveries().where({ state: 'waiting' })).length).to.equal(15)
    // Only what was tried counts as tried: the service was left alone after its first answers.
    expect(broken.requests).to.be.at.most(10)
    await ofPhone.update({ endpoint: `http://127.0.0.1:${service.port}/phone` })
    await again()
    await Promise.all([send(), send()])
    expect([desk.read.length, phone.read.length]).to.deep.equal([15, 15])
    expect(new Set((await deliveries()).map(({ state }) => state))).to.deep.equal(new Set(['sent']))
  })

  it('end with a browser that is there no more', async () => {
    await subscribe('gone')
    service.refuses.set('gone', 410)
    await tell()
    await send()
    expect(await db()('push_subscriptions')).to.have.length(0)
    expect((await deliveries()).map(({ state }) => state)).to.deep.equal(['skipped'])
  })

  it('wait while the service is away, later and later, and lose none', async () => {
    const browser = await subscribe('late')
    const { port } = service
    await service.stop()
    await tell('Раз')
    await tell('Два')
    await send()
    const tried = await deliveries()
    expect(tried.map(({ state }) => state)).to.deep.equal(['waiting', 'waiting'])
    expect(tried[0].error_code).to.equal('noAnswer')
    expect(JSON.parse(tried[0].error_values).host).to.equal(`127.0.0.1:${port}`)
    expect(tried[0].next_attempt_at > inSeconds(20)).to.equal(true)
    await service.start()
    // The browser has moved to a service that answers.
    await db()('push_subscriptions').update({ endpoint: `http://127.0.0.1:${service.port}/late` })
    await again()
    await send()
    expect(browser.read.map(({ title }) => title).sort()).to.deep.equal(['Два', 'Раз'])
  })

  it('that are not taken have failed in the end, with the reason, and can be sent again', async () => {
    await subscribe('wrong')
    service.refuses.set('wrong', 400)
    await tell()
    await deliveries().update({ attempts: 9 })
    await send()
    expect((await deliveries())[0]).to.include({ state: 'failed', error_code: 'refused' })
    const admin = await app.signedIn('admin')
    await admin.post('/deliveries/retry', { state: 'failed', channel: 'push' })
    service.refuses.clear()
    await send()
    expect((await deliveries())[0].state).to.equal('sent')
  })

  it('rest in quiet hours, also in those that began while they waited', async () => {
    const browser = await subscribe('quiet')
    const around = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16)
    await db()('people').where({ id: reader }).update({ time_zone: 'UTC' })
    await tell()
    const quiet = { from: around(-5), until: around(5) }
    await db()('people')
      .where({ id: reader })
      .update({ preferences: toJson({ notices: { quiet } }) })
    await send()
    expect(browser.read).to.have.length(0)
    const [kept] = await deliveries()
    expect(kept).to.include({ state: 'waiting', attempts: 0 })
    expect(kept.next_attempt_at > inSeconds(120)).to.equal(true)
    await db()('people').where({ id: reader }).update({ preferences: null, time_zone: null })
    await again()
    await send()
    expect(browser.read).to.have.length(1)
  })

  it('follow what the person has chosen, and the account', async () => {
    const browser = await subscribe('choosy')
    await tell()
    await db()('people').update({ preferences: toJson({ notices: { off: ['tracking.reminder:push'] } }) })
    await send()
    await tell()
    expect(await deliveries()).to.have.length(1)
    await db()('people').update({ preferences: null })
    await tell()
    await db()('accounts').where({ person_id: reader }).update({ state: 'blocked' })
    await send()
    await db()('accounts').where({ person_id: reader }).update({ state: 'active' })
    expect(browser.read).to.have.length(0)
    expect(new Set((await deliveries()).map(({ state }) => state))).to.deep.equal(new Set(['skipped']))
  })

  it('belong to whoever is signed in there: signing out, another person and "everywhere else" end them', async () => {
    const { subscription } = service.browser('shared')
    await client.postJson('/profile/notices/browsers', subscription)
    const other = await app.signedIn('other')
    await other.postJson('/profile/notices/browsers', subscription)
    const owners = () => db()('push_subscriptions').orderBy('id').pluck('person_id')
    expect(await owners())
      .to.have.length(1)
      .and.not.include(reader)
    await other.post('/sign-out')
    expect(await owners()).to.deep.equal([])
    await subscribe('here')
    await subscribe('elsewhere', await app.signedIn('reader'))
    expect(await owners()).to.deep.equal([reader, reader])
    await client.post('/profile/sessions/others/end')
    expect(await db()('push_subscriptions').pluck('endpoint')).to.deep.equal([`http://127.0.0.1:${service.port}/here`])
  })

  it('are listed by browser and taken off by their person alone', async () => {
    await subscribe('listed')
    const page = (await client.get('/profile/notices')).text
    expect(page).to.include('этот браузер').and.include('В браузере').and.not.include('data-component="push-browser"')
    const { id } = await db()('push_subscriptions').first('id')
    const other = await app.signedIn('other')
    expect((await other.post(`/profile/notices/browsers/${id}/remove`)).status).to.equal(404)
    expect((await client.post(`/profile/notices/browsers/${id}/remove`)).status).to.equal(303)
    expect((await client.get('/profile/notices')).text).to.include(`data-key="${(await pushKeys()).publicKey}"`)
    const types = await db()('domain_events')
      .whereIn('type', ['browserSubscribed', 'browserUnsubscribed'])
      .pluck('type')
    expect(types).to.include.members(['browserSubscribed', 'browserUnsubscribed'])
  })

  it('have one pair of keys, made once, which no page and no event tells', async () => {
    await db()('settings').where({ name: 'pushKeys' }).del()
    await saveSetting('push', { enabled: true })
    const made = await Promise.all([pushKeys(), pushKeys(), pushKeys()])
    expect(new Set(made.map(({ privateKey }) => privateKey)).size).to.equal(1)
    const { privateKey } = await setting('pushKeys')
    expect(privateKey).to.equal(made[0]?.privateKey)
    const admin = await app.signedIn('admin')
    expect((await admin.get('/settings')).text).to.not.include(privateKey)
    expect((await client.get('/profile/notices')).text).to.not.include(privateKey)
  })

  it('may be forbidden for the whole authority', async () => {
    const browser = await subscribe('forbidden')
    const admin = await app.signedIn('admin')
    await admin.post('/settings/push', {})
    await tell()
    await send()
    expect(browser.read).to.have.length(0)
    expect((await client.get('/profile/notices')).text).to.not.include('В браузере')
    const { subscription } = service.browser('late')
    expect((await client.postJson('/profile/notices/browsers', subscription)).status).to.equal(404)
    await admin.post('/settings/push', { enabled: 'on' })
  })

  it('go to no machine inside the own network, whatever a browser says of itself', async () => {
    allowLocalAddresses(false)
    const { subscription } = service.browser('inside')
    for (const endpoint of [
      ...['http://push.example.org/a', 'https://127.0.0.1/a', 'https://localhost/a', 'https://[::1]/a'],
      ...[
        'https://10.1.2.3/a',
        'https://push.example.org:8443/a',
        'javascript:alert(1)',
        'https://a@push.example.org/',
      ],
    ]) {
      expect(isPublicAddress(endpoint), endpoint).to.equal(false)
      const answer = await client.postJson('/profile/notices/browsers', { ...subscription, endpoint })
      expect(answer.status, endpoint).to.equal(422)
    }
    expect(isPublicAddress('https://push.example.org/a')).to.equal(true)
    allowLocalAddresses(true)
    for (const wrong of [{}, { ...subscription, keys: { p256dh: '<', auth: 'x' } }, { endpoint: 'x'.repeat(2000) }])
      expect((await client.postJson('/profile/notices/browsers', wrong)).status).to.equal(422)
  })
})
