import { expect } from 'chai'
import { allJobs } from '../../app.ts'
import { db } from '../../core/db/index.ts'
import { startWorker, stopWorker } from '../../core/jobs/index.ts'
import { deliverNotices } from '../../core/notices/deliver.ts'
import { notify } from '../../core/notices/index.ts'
import { saveSetting, setting } from '../../core/settings.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

describe('pages of notices', () => {
  const app = useApp()
  let reader: number
  let client: TestClient
  let number = 0

  before(async () => {
    await stopWorker()
    reader = await makeUser('reader', 'learner')
    await makeUser('stranger')
    client = await app.signedIn('reader')
    await saveSetting('authority', { ...(await setting('authority')), url: 'https://lms.example' })
  })

  after(() => startWorker(allJobs))

  /** Tells the reader something with this title. */
  async function tell(subject: string, personId = reader): Promise<number> {
    const dedupeKey = `page-${++number}`
    await notify('tracking.reminder', [personId], {
      subject: { type: 'cohort', id: 1 },
      data: { subject, text: `Слова: ${subject}` },
      href: '/profile?from=notice',
      dedupeKey,
    })
    return (await db()('notices').where({ dedupe_key: dedupeKey }).first('id')).id
  }
  const bell = async () => /class="count-badge"[^>]*?( hidden)?>([^<]*)</.exec((await client.get('/profile')).text)

  it('show what is new on the bell of every page, and lead to what it is about', async () => {
    expect((await bell())?.[1]).to.equal(' hidden')
    const id = await tell('Первое <важное>')
    await tell('Второе')
    expect((await bell())?.slice(1)).to.deep.equal([undefined, '2'])
    const list = await client.get('/notices')
    expect(list.text).to.include('Первое &lt;важное&gt;').and.include('Слова: Второе').and.include('непрочитанных: 2')
    expect(list.text.indexOf('Второе')).to.be.below(list.text.indexOf('Первое'))
    const opened = await client.post(`/notices/${id}/open`)
    expect([opened.status, opened.location]).to.deep.equal([303, '/profile?from=notice'])
    expect((await client.get('/notices')).text)
      .to.include('Второе')
      .and.not.include('Первое')
    expect((await client.get('/notices?show=all')).text)
      .to.include('Второе')
      .and.include('Первое')
    expect((await bell())?.[2]).to.equal('1')
    expect((await client.get('/notices/unread', { json: true })).json()).to.deep.equal({ unread: 1 })
  })

  it('are one’s own alone', async () => {
    const id = await tell('Личное')
    const stranger = await app.signedIn('stranger')
    expect((await stranger.get('/notices?show=all')).text).to.not.include('Личное')
    for (const action of ['open', 'read']) {
      expect((await stranger.post(`/notices/${id}/${action}`)).status).to.equal(404)
    }
    expect((await db()('notices').where({ id }).first()).state).to.equal('unread')
    expect((await app.visitor().get('/notices')).status).to.equal(401)
  })

  it('mark as read one, or all that the page showed', async () => {
    const [first, second] = [await tell('Раз'), await tell('Два')]
    expect((await client.post(`/notices/${first}/read`, { back: 'unread' })).location).to.equal('/notices?show=unread')
    const later = await tell('Три')
    expect((await client.post('/notices/read', { upTo: second })).location).to.equal('/notices?show=all')
    const rows = await db()('notices').where({ person_id: reader, state: 'unread' }).pluck('id')
    expect(rows).to.deep.equal([later])
    expect((await bell())?.[2]).to.equal('1')
    await client.post('/notices/read', { upTo: later })
    expect((await client.get('/notices')).text).to.include('Непрочитанных уведомлений нет')
    expect((await client.post('/notices/read', { upTo: 'x' })).status).to.equal(422)
  })

  it('go page by page, losing and repeating none, at the same cost whatever there is', async () => {
    await tell('Одно')
    const few = (await client.get('/notices?show=all')).queries
    for (let count = 0; count < 70; count++) await tell(`Много ${count}.`)
    const seen: string[] = []
    let path: string | undefined = '/notices?show=unread'
    let many = 0
    while (path) {
      const shown: { text: string; queries: number } = await client.get(path)
      many = Math.max(many, shown.queries)
      seen.push(...[...shown.text.matchAll(/Слова: (Много \d+\.)/g)].map(([, title]) => title as string))
      path = /rel="next" href="([^"]+)"/.exec(shown.text)?.[1]?.replaceAll('&amp;', '&')
    }
    expect(seen).to.have.length(70)
    expect(new Set(seen).size).to.equal(70)
    expect(many).to.equal(few).and.be.at.most(10)
  })

  it('one of which cannot be said do not keep the others from being read', async () => {
    const id = await tell('Сломанное')
    await tell('Целое')
    // As a later version of the feature might find data of an earlier one.
    await db()('notices').where({ id }).update({ kind: 'enrolments.enrolled', data: '{"programme":null}' })
    const shown = await client.get('/notices')
    expect(shown.status).to.equal(200)
    expect(shown.text).to.include('Целое').and.not.include('Сломанное')
    await client.post(`/notices/${id}/read`, { back: 'all' })
  })

  describe('of choices', () => {
    it('saved at the same time lose none of them', async () => {
      const token = 'b'.repeat(48)
      const id = await tell('Отказ')
      await db()('notice_deliveries').where({ notice_id: id, channel: 'email' }).update({ token })
      await db()('people').where({ id: reader }).update({ preferences: null })
      const all = { letters: 'daily', digestHour: 7, choices: ['enrolments.enrolled:app', 'enrolments.enrolled:email'] }
      // Both read what there is before either writes, unless one waits for the other.
      await Promise.all([
        client.post('/profile/notices', all),
        app.visitor().post(`/unsubscribe/${token}`, { what: 'kind' }),
      ])
      const { notices } = JSON.parse((await db()('people').where({ id: reader }).first()).preferences)
      expect(notices.digestHour).to.equal(7)
      expect(notices.off).to.include('tracking.reminder:email')
      await db()('people').where({ id: reader }).update({ preferences: null })
    })

    const kinds = async () =>
      [...(await client.get('/profile/notices')).text.matchAll(/value="([\w.-]+:\w+)"( checked)?/g)].map(
        ([, key, ticked]) => [key, Boolean(ticked)],
      )

    it('offer the kinds that may concern the person, and keep what is chosen', async () => {
      const offered = (await kinds()).map(([key]) => key)
      expect(offered).to.include.members(['enrolments.enrolled:app', 'enrolments.enrolled:email'])
      expect(offered).to.not.include('learning-routes.waiting:email')
      const form = { choices: ['enrolments.enrolled:app'], letters: 'daily', digestHour: 9 }
      const saved = await client.post('/profile/notices', { ...form, quietFrom: '22:00', quietUntil: '07:00' })
      expect(saved.location).to.equal('/profile/notices')
      expect((await kinds()).filter(([, ticked]) => ticked)).to.deep.equal([['enrolments.enrolled:app', true]])
      const shown = (await client.get('/profile/notices')).text
      expect(shown)
        .to.match(/value="daily"[^>]*checked/)
        .and.match(/value="22:00"/)
      const event = await db()('domain_events').where({ type: 'noticeChoicesChanged' }).orderBy('id', 'desc').first()
      expect(event.data).to.include('Зачисление на программу — По почте')
      // The profile saves its own fields and leaves these alone.
      await client.post('/profile', { language: '', timeZone: '', phone: '1' })
      expect((await kinds()).filter(([, ticked]) => ticked)).to.have.length(1)
    })

    it('say that no letters come where there is no address', async () => {
      expect((await client.get('/profile/notices')).text).to.not.include('не указан адрес почты')
      await db()('people').where({ id: reader }).update({ email: null })
      expect((await client.get('/profile/notices')).text).to.include('не указан адрес почты')
      await db()('people').where({ id: reader }).update({ email: 'reader@example.org' })
    })

    it('refuse half an answer, and say at which field', async () => {
      const form = { letters: 'once', choices: 'enrolments.enrolled:app' }
      const half = await client.post('/profile/notices', { ...form, quietFrom: '22:00' })
      expect(half.status).to.equal(422)
      expect(half.text).to.include('Укажите и начало, и конец').and.include('value="22:00"')
      const same = await client.post('/profile/notices', { ...form, quietFrom: '22:00', quietUntil: '22:00' })
      expect(same.text).to.include('совпадают')
      expect((await client.post('/profile/notices', { ...form, letters: 'daily', digestHour: '' })).status).to.equal(
        422,
      )
      expect((await client.post('/profile/notices', { ...form, letters: 'never' })).status).to.equal(422)
      expect((await client.post('/profile/notices', { ...form, choices: { toString: 'x' } })).status).to.equal(422)
    })

    it('hold for what already waits to leave', async () => {
      await client.post('/profile/notices', { letters: 'daily', digestHour: 9, choices: 'tracking.reminder:email' })
      await db()('people').where({ id: reader }).update({ preferences: null })
      await tell('Ждёт')
      const waiting = () =>
        db()('notice_deliveries').where({ person_id: reader, state: 'waiting' }).orderBy('id', 'desc').first()
      expect((await waiting()).is_digest).to.equal(0)
      await client.post('/profile/notices', { letters: 'daily', digestHour: 9 })
      expect((await waiting()).is_digest).to.equal(1)
      await client.post('/profile/notices', { letters: 'once' })
      expect((await waiting()).is_digest).to.equal(0)
    })
  })

  describe('behind the link in a letter', () => {
    it('stop such letters, or all of them, without signing in; opening the link alone changes nothing', async () => {
      await db()('people').where({ id: reader }).update({ preferences: null })
      await deliverNotices()
      await db()('mail_outbox').del()
      await tell('Письмо')
      await deliverNotices()
      const letter = await db()('mail_outbox').where({ person_id: reader }).first()
      expect(letter.unsubscribe_url).to.match(/^https:\/\/lms\.example\/unsubscribe\/[0-9a-f]{48}$/)
      expect(letter.body_text).to.include(letter.unsubscribe_url)
      const path = new URL(letter.unsubscribe_url).pathname
      const visitor = app.visitor()
      const asked = await visitor.get(path)
      expect(asked.text).to.include('r…@example.org').and.include('Письма от кураторов').and.not.include('reader@')
      const choices = async () => (await db()('people').where({ id: reader }).first()).preferences
      expect(await choices()).to.equal(null)
      expect((await visitor.post(path, { what: 'kind' })).text).to.include('Готово')
      expect(JSON.parse(await choices()).notices.off).to.deep.equal(['tracking.reminder:email'])
      await visitor.post(path, { what: 'all' })
      expect(JSON.parse(await choices()).notices.off).to.include('enrolments.enrolled:email')
      await tell('Ещё письмо')
      expect(await deliverNotices()).to.equal(0)
      expect((await visitor.get(path.replace(/.$/, (end) => (end === 'a' ? 'b' : 'a')))).status).to.equal(404)
    })
  })
})
