import { expect } from 'chai'
import { allJobs } from '../../../app.ts'
import { useApp } from '../../../testing/app.ts'
import { makeUser } from '../../../testing/builders.ts'
import type { TestClient } from '../../../testing/client.ts'
import { MessengerServer } from '../../../testing/messenger.ts'
import { db, toJson } from '../../db/index.ts'
import { startWorker, stopWorker } from '../../jobs/index.ts'
import { saveSetting, setting } from '../../settings.ts'
import { inSeconds } from '../../time.ts'
import { notify } from '../index.ts'
import { sendOutNotices } from '../send-out.ts'
import { listen } from './listen.ts'
import { messengerOutlet, restNoLonger } from './outlet.ts'

const soon = '2020-01-01 00:00:00.000'
const CHAT = 4711

describe('notices in the messenger', () => {
  const app = useApp()
  let server: MessengerServer
  let reader: number
  let other: number
  let client: TestClient
  let admin: TestClient
  let number = 0

  before(async () => {
    await stopWorker()
    reader = await makeUser('reader', 'learner')
    other = await makeUser('other', 'learner')
    await makeUser('admin', 'administrator')
    client = await app.signedIn('reader')
    admin = await app.signedIn('admin')
    await saveSetting('authority', { ...(await setting('authority')), name: 'Отдел', url: 'https://lms.example' })
  })

  after(() => startWorker(allJobs))

  beforeEach(async () => {
    for (const table of ['notice_deliveries', 'notices', 'messenger_links']) await db()(table).del()
    await db()('people').update({ preferences: null })
    restNoLonger()
    server = new MessengerServer()
    await server.start()
    const { url, token } = server
    await saveSetting('messenger', { enabled: true, server: url, token, link: 'https://t.me/integral_bot' })
  })

  afterEach(() => server.stop())

  const tell = (subject = 'Зачёт', people = [reader]) =>
    notify('tracking.reminder', people, {
      subject: { type: 'cohort', id: 1 },
      data: { subject, text: 'Принесите <b>портфолио</b>' },
      href: '/profile',
      dedupeKey: `messenger-${++number}`,
    })
  const link = (personId = reader, chat = CHAT) =>
    db()('messenger_links').insert({ person_id: personId, chat_id: String(chat), linked_at: '2026-01-01 00:00:00.000' })
  const send = () => sendOutNotices(messengerOutlet)
  const again = () => {
    restNoLonger()
    return db()('notice_deliveries').where({ state: 'waiting' }).update({ next_attempt_at: soon })
  }
  const deliveries = () => db()('notice_deliveries').where({ channel: 'messenger' }).orderBy('id')
  const states = () => deliveries().pluck('state')

  /** Listens until something is so. */
  async function listenUntil(isSo: () => boolean): Promise<void> {
    const until = Date.now() + 10_000
    await listen(() => !isSo() && Date.now() < until)
  }
  const codeOf = async (by = client) =>
    /start ([A-Z0-9]{10})/.exec((await by.post('/profile/notices/messenger')).text)?.[1] as string

  it('come after a code was sent to the bot, which says so; the code works once', async () => {
    expect((await client.get('/profile/notices')).text).to.include('Уведомления в мессенджере')
    const offered = await client.post('/profile/notices/messenger')
    expect(offered.text).to.match(/href="https:\/\/t\.me\/integral_bot\?start=[A-Z0-9]{10}"/)
    const code = await codeOf()
    server.write(CHAT, `/start ${code.toLowerCase()}`)
    server.write(CHAT + 1, `/start ${code}`)
    server.write(CHAT + 2, 'Здравствуйте')
    await listenUntil(() => server.said.length === 3)
    expect(server.textsTo(CHAT)[0]).to.match(/^Анна\d+, уведомления системы «Отдел» теперь будут приходить сюда/)
    expect(server.textsTo(CHAT + 1)[0]).to.include('Этот код не подходит')
    expect(server.textsTo(CHAT + 2)[0]).to.include('нажмите «Подключить»')
    expect((await client.get('/profile/notices')).text).to.include(`Подключено: @user${CHAT}`)
    await tell()
    await send()
    expect(server.textsTo(CHAT)[1]).to.equal('Зачёт\n\nПринесите <b>портфолио</b>\n\nhttps://lms.example/profile')
    const events = await db()('domain_events').where({ type: 'messengerLinked' })
    expect(events.map(({ actor_id }) => actor_id)).to.deep.equal([reader])
  })

  it('are told to one conversation of one person, never to a group, and to nobody who guesses', async () => {
    const code = await codeOf()
    server.write(-5, `/start ${code}`, { type: 'group' })
    for (let guess = 0; guess < 8; guess++) server.write(CHAT + 9, `/start WRONGCODE${guess}`)
    server.write(CHAT + 1, `/start ${code}`)
    await listenUntil(() => server.textsTo(CHAT + 1).length === 1)
    expect(server.textsTo(-5)).to.deep.equal([])
    expect(server.textsTo(CHAT + 9)).to.have.length(5)
    const second = await codeOf(await app.signedIn('other'))
    server.write(CHAT + 1, `/start ${second}`)
    await listenUntil(() => server.textsTo(CHAT + 1).length === 2)
    const linked = await db()('messenger_links').whereNotNull('chat_id')
    expect(linked.map(({ person_id, chat_id }) => [person_id, chat_id])).to.deep.equal([[other, String(CHAT + 1)]])
    const old = await codeOf()
    await db()('messenger_links').where({ person_id: reader }).update({ code_expires_at: soon })
    server.write(CHAT + 2, `/start ${old}`)
    await listenUntil(() => server.textsTo(CHAT + 2).length === 1)
    expect(server.textsTo(CHAT + 2)[0]).to.include('не подходит')
  })

  it('end by a word to the bot, by blocking it, and on the page', async () => {
    const linked = () => db()('messenger_links').whereNotNull('chat_id').pluck('person_id')
    await link()
    server.write(CHAT, '/stop')
    await listenUntil(() => server.said.length === 1)
    expect(server.textsTo(CHAT)[0]).to.include('больше не будут приходить')
    expect(await linked()).to.deep.equal([])
    await link()
    server.block(CHAT)
    server.write(CHAT + 1, '?')
    await listenUntil(() => server.said.length === 2)
    expect(await linked()).to.deep.equal([])
    await link()
    expect((await client.post('/profile/notices/messenger/unlink')).status).to.equal(303)
    expect(await linked()).to.deep.equal([])
    expect((await client.post('/profile/notices/messenger/unlink')).status).to.equal(404)
    await link()
    server.refuses.set(String(CHAT), { status: 403, description: 'Forbidden: bot was blocked by the user' })
    await tell()
    await send()
    expect(await linked()).to.deep.equal([])
    expect(await states()).to.deep.equal(['skipped'])
  })

  it('are sent once each, although two processes send, and listened to by one process alone', async () => {
    await link()
    await link(other, CHAT + 1)
    for (let count = 0; count < 25; count++) await tell(`№ ${count}`, [reader, other])
    await Promise.all([send(), send(), send()])
    expect(server.said).to.have.length(50)
    expect(new Set(server.said.map(({ chat, text }) => chat + text)).size).to.equal(50)
    expect(new Set(await states())).to.deep.equal(new Set(['sent']))
    const job = allJobs.find(({ kind }) => kind === 'notices.listen')
    expect(job?.schedule).to.be.a('string')
  })

  it('wait as long as the server asks, and lose no try by it', async () => {
    await link()
    server.refuses.set('*', { status: 429, description: 'Too Many Requests: retry after 90', retryAfter: 90 })
    for (const title of ['Раз', 'Два', 'Три']) await tell(title)
    await send()
    await send()
    expect(server.requests).to.equal(1)
    const rows = await deliveries()
    expect(rows.map(({ attempts, state }) => [attempts, state])).to.deep.equal(Array(3).fill([0, 'waiting']))
    expect(rows.every((row) => row.next_attempt_at > inSeconds(80) && row.error_code === 'tooMany')).to.equal(true)
    server.refuses.clear()
    await again()
    await send()
    expect(server.textsTo(CHAT)).to.have.length(3)
  })

  it('survive a server that is away: nothing is lost, pages stay quick, the administrator is warned', async () => {
    await link()
    await saveSetting('authority', { ...(await setting('authority')), url: '' })
    const { port, url } = server
    await server.stop()
    for (const title of ['Раз', 'Два', 'Три']) await tell(title)
    for (let count = 0; count < 4; count++) {
      await again()
      await send()
    }
    // One try tells that it is away: the others keep theirs.
    expect((await deliveries()).reduce((sum, { attempts }) => sum + attempts, 0)).to.equal(4)
    expect(await states()).to.deep.equal(['waiting', 'waiting', 'waiting'])
    expect((await admin.get('/administration')).text).to.not.include('Мессенджер не принимает')
    await db()('notices').update({ created_at: inSeconds(-3600) })
    expect((await admin.get('/administration')).text).to.include('Мессенджер не принимает сообщения: 3 ждут')
    const began = Date.now()
    const page = await admin.get('/deliveries?channel=messenger&state=waiting')
    expect(Date.now() - began).to.be.below(1000)
    expect(page.text).to.include(`Сервер 127.0.0.1:${port} не отвечает`).and.include('Попробовать сейчас')
    // The reason is that of its time, whatever the settings say now.
    await saveSetting('messenger', { ...(await setting('messenger')), server: 'http://elsewhere.example' })
    expect((await admin.get('/deliveries?channel=messenger&state=waiting')).text).to.include(`127.0.0.1:${port}`)
    await saveSetting('messenger', { ...(await setting('messenger')), server: url })
    await server.start(port)
    restNoLonger()
    await admin.post('/deliveries/retry', { state: 'waiting', channel: 'messenger' })
    await Promise.all([send(), send()])
    expect(server.textsTo(CHAT)).to.have.members(
      ['Раз', 'Два', 'Три'].map((title) => `${title}\n\nПринесите <b>портфолио</b>`),
    )
    expect((await admin.get('/deliveries?channel=messenger&state=sent')).text).to.include('Отправлено:')
    await saveSetting('authority', { ...(await setting('authority')), url: 'https://lms.example' })
  })

  it('that have failed for good say why, and go once more by a button', async () => {
    await link()
    server.refuses.set('*', { status: 400, description: 'Bad Request: message is too strange' })
    await tell('Непринятое')
    await deliveries().update({ attempts: 9 })
    await send()
    expect(await states()).to.deep.equal(['failed'])
    const shown = (await admin.get('/deliveries?channel=messenger')).text
    expect(shown).to.include('Непринятое').and.include('не принял сообщение (ответ 400)').and.include('too strange')
    const { id } = await deliveries().first('id')
    server.refuses.clear()
    const retried = await admin.post(`/deliveries/notices/${id}/retry`, { state: 'failed', channel: 'messenger' })
    expect(retried.location).to.equal('/deliveries?channel=messenger&state=failed')
    await send()
    expect(await states()).to.deep.equal(['sent'])
    const twice = await admin.post(`/deliveries/notices/${id}/retry`, { state: 'sent', channel: 'messenger' })
    expect(twice.status).to.equal(422)
    await admin.post(`/deliveries/notices/${id}/retry`, { state: 'failed', channel: 'messenger' })
    await send()
    expect(server.textsTo(CHAT)).to.have.length(1)
  })

  it('are off until an administrator gives a server and a key, which no page and no event shows', async () => {
    await db()('settings').where({ name: 'messenger' }).del()
    await saveSetting('messenger', {})
    await link()
    await tell()
    expect(await deliveries()).to.have.length(0)
    expect((await client.get('/profile/notices')).text).to.not.include('В мессенджере')
    expect((await client.post('/profile/notices/messenger')).status).to.equal(404)
    const form = { enabled: 'on', server: server.url, link: '' }
    expect((await admin.post('/settings/messenger', form)).text).to.include('token')
    expect((await admin.post('/settings/messenger', { ...form, token: 'a/../b' })).status).to.equal(422)
    expect(
      (await admin.post('/settings/messenger', { ...form, token: server.token, server: 'ftp://x' })).status,
    ).to.equal(422)
    expect((await admin.post('/settings/messenger', { ...form, token: server.token })).status).to.equal(303)
    await admin.post('/settings/messenger/test')
    const page = (await admin.get('/settings')).text
    expect(page).to.include('бот отвечает: integral_bot').and.not.include('secret-of-the-bot')
    await admin.post('/settings/messenger', form)
    expect((await setting('messenger')).token).to.equal(server.token)
    // It goes to no other server.
    expect((await admin.post('/settings/messenger', { ...form, server: 'http://127.0.0.1:9' })).status).to.equal(422)
    await admin.post('/settings/messenger', { ...form, token: '99:wrong' })
    await admin.post('/settings/messenger/test')
    expect((await admin.get('/settings')).text).to.include('не знает такого бота')
    expect(JSON.stringify(await db()('domain_events').select('data'))).to.not.include('secret-of-the-bot')
  })

  it('follow choices and quiet hours, and the link in a letter ends them with the rest', async () => {
    await link()
    await db()('people')
      .where({ id: reader })
      .update({ preferences: toJson({ notices: { off: ['tracking.reminder:messenger'] } }) })
    await tell()
    expect(await deliveries()).to.have.length(0)
    await db()('people').update({ preferences: null })
    await tell()
    const { token } = await db()('notice_deliveries').where({ channel: 'email', person_id: reader }).first('token')
    const visitor = app.visitor()
    expect((await visitor.get(`/unsubscribe/${token}`)).text).to.include('ни в мессенджер')
    expect((await visitor.post(`/unsubscribe/${token}`, { what: 'everything' })).status).to.equal(200)
    await send()
    expect(server.said).to.deep.equal([])
    await tell()
    expect(await db()('notice_deliveries').where({ state: 'waiting' }).whereNot({ channel: 'email' })).to.have.length(0)
    expect((await db()('notices').orderBy('id', 'desc').first()).state).to.equal('unread')
  })

  it('that are three days old are no news: they are not sent any more', async () => {
    await link()
    await tell('Старое')
    await db()('notices').update({ created_at: inSeconds(-4 * 86_400) })
    await send()
    expect(await states()).to.deep.equal(['skipped'])
  })
})
