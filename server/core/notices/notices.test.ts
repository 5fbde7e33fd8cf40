import { expect } from 'chai'
import { io } from 'socket.io-client'
import { allJobs } from '../../app.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import { countQueries, db, toJson } from '../db/index.ts'
import { startWorker, stopWorker } from '../jobs/index.ts'
import { sendWaitingLetters } from '../mail/index.ts'
import { saveSetting } from '../settings.ts'
import { daysAgo, inSeconds } from '../time.ts'
import { dueAt } from './choices.ts'
import { deliverNotices } from './deliver.ts'
import { cleanNotices, type NoticeKind, notify, notifyEach } from './index.ts'
import { noticeKinds, sayNotice, setNoticeKinds, wordsOf } from './kinds.ts'

const choices = { off: [], on: [], digestHour: null, quiet: null }
const soon = '2020-01-01 00:00:00.000'

describe('when a letter may leave', () => {
  const due = (changes: object, moment: string, zone = 'Asia/Omsk') =>
    dueAt({ ...choices, ...changes }, zone, 'email', new Date(moment))

  it('at once, unless the person’s own clock shows quiet hours, which may span midnight', () => {
    const quiet = { from: '21:00', until: '07:30' }
    // Omsk is six hours ahead of UTC.
    expect(due({ quiet }, '2026-03-10T14:59:00Z').at).to.equal('2026-03-10 14:59:00.000')
    expect(due({ quiet }, '2026-03-10T15:00:00Z').at).to.equal('2026-03-11 01:30:00.000')
    expect(due({ quiet }, '2026-03-11T01:00:00Z').at).to.equal('2026-03-11 01:30:00.000')
    expect(due({ quiet }, '2026-03-11T01:30:00Z').at).to.equal('2026-03-11 01:30:00.000')
    expect(due({ quiet }, '2026-03-10T15:00:00Z', 'Europe/Moscow').at).to.equal('2026-03-10 15:00:00.000')
    const noon = { from: '12:00', until: '13:00' }
    expect(due({ quiet: noon }, '2026-03-10T06:15:00Z').at).to.equal('2026-03-10 07:00:00.000')
    expect(due({ quiet: noon }, '2026-03-10T07:00:00Z').at).to.equal('2026-03-10 07:00:00.000')
  })

  it('with the letter of the day at the hour that was chosen, today or tomorrow', () => {
    expect(due({ digestHour: 18 }, '2026-03-10T11:59:00Z')).to.deep.equal({
      at: '2026-03-10 12:00:00.000',
      isDigest: true,
    })
    expect(due({ digestHour: 18 }, '2026-03-10T12:00:00Z').at).to.equal('2026-03-11 12:00:00.000')
  })
})

describe('notices', () => {
  const app = useApp()
  let reader: number
  let other: number
  let mayReceive: NoticeKind['mayReceive']
  let values: NoticeKind['values']
  let review: NoticeKind['review']
  let former: Record<string, NoticeKind>

  before(async () => {
    await stopWorker()
    reader = await makeUser('reader')
    other = await makeUser('other')
    former = Object.fromEntries(noticeKinds())
    setNoticeKinds({
      ...former,
      'test.told': {
        texts: 'learning-routes.notice.returned',
        channels: ['app', 'email'],
        values: (data, words) => values?.(data, words) ?? data,
        review: async (personId, notices) => (await review?.(personId, notices)) ?? notices.map(({ data }) => data),
        mayReceive: async (...asked) => (await mayReceive?.(...asked)) ?? true,
      },
    })
  })

  after(() => {
    setNoticeKinds(former)
    startWorker(allJobs)
  })

  beforeEach(async () => {
    mayReceive = undefined
    values = undefined
    review = undefined
    for (const table of ['notice_deliveries', 'notices', 'mail_outbox']) await db()(table).del()
    await db()('people').update({ preferences: null, unread_notices: 0 })
  })

  let number = 0
  const notice = (changes: object = {}) => ({
    subject: { type: 'test', id: 1 },
    data: { programme: 'Старт' },
    href: '/profile',
    dedupeKey: `told-${++number}`,
    ...changes,
  })
  const prefer = (id: number, notices: object) =>
    db()('people')
      .where({ id })
      .update({ preferences: toJson({ notices }) })
  const unread = async (id: number) => (await db()('people').where({ id }).first()).unread_notices
  const states = () => db()('notice_deliveries').orderBy('id').pluck('state')
  const letters = () => db()('mail_outbox').orderBy('id')

  it('come once to each person, however often they are told', async () => {
    const once = notice()
    await Promise.all([notify('test.told', [reader, other], once), notify('test.told', [reader], once)])
    await notify('test.told', [reader, reader], once)
    expect(await db()('notices')).to.have.length(2)
    expect(await db()('notice_deliveries')).to.have.length(2)
    expect([await unread(reader), await unread(other)]).to.deep.equal([1, 1])
  })

  it('of a kind that nobody declares are a mistake; people who left are told nothing', async () => {
    await notify('test.unknown', [reader], notice()).then(
      () => expect.fail(),
      (error) => expect(error.message).to.include('test.unknown'),
    )
    await db()('people').where({ id: other }).update({ state: 'archived' })
    await notify('test.told', [other], notice())
    expect(await db()('notices')).to.have.length(0)
    await db()('people').where({ id: other }).update({ state: 'active' })
  })

  it('cost the same queries for one person and for many', async () => {
    const each = (count: number) => Array.from({ length: count }, () => ({ ...notice(), personId: reader }))
    const cost = async (count: number) => {
      const { result, counts } = countQueries(() => notifyEach('test.told', each(count)))
      await result
      return counts.queries
    }
    expect(await cost(1)).to.equal(await cost(50))
    expect(await unread(reader)).to.equal(51)
  })

  it('leave as one letter each, although two processes send at once', async () => {
    for (let count = 0; count < 30; count++) await notify('test.told', [reader, other], notice())
    await Promise.all([deliverNotices(), deliverNotices(), deliverNotices()])
    expect(await letters()).to.have.length(60)
    expect(new Set(await states())).to.deep.equal(new Set(['sent']))
    const [letter] = await letters()
    expect(letter.body_text)
      .to.include('Здравствуйте, Анна')
      .and.include('«Старт» возвращён')
      .and.not.include('Комментарий')
  })

  it('end a sentence with the year once, and leave alone the dots that people typed', async () => {
    const say = (comment: string) =>
      sayNotice('test.told', { programme: 'Старт', comment }, wordsOf('ru', 'Europe/Moscow')).text
    expect(say('Это ещё не итог... Жду до 5 мая 2026 г..')).to.include('Это ещё не итог... Жду до 5 мая 2026 г.')
    expect(say('до 5 мая 2026 г..')).to.not.include('г..')
    expect(say('с 2026 г... и дальше')).to.include('с 2026 г... и дальше')
  })

  it('are taken over from a process that died with them', async () => {
    await notify('test.told', [reader], notice())
    await db()('notice_deliveries').update({ lease_owner: 'dead', next_attempt_at: inSeconds(60), attempts: 1 })
    expect(await deliverNotices()).to.equal(0)
    await db()('notice_deliveries').update({ next_attempt_at: soon })
    expect(await deliverNotices()).to.equal(1)
    expect(await letters()).to.have.length(1)
  })

  it('do not leave any more when rights, wishes or the account ended meanwhile', async () => {
    await notify('test.told', [reader], notice())
    mayReceive = async (personId, subject) => personId !== reader || subject.id !== 1
    await deliverNotices()
    mayReceive = undefined
    await notify('test.told', [reader], notice())
    await prefer(reader, { off: ['test.told:email'] })
    await deliverNotices()
    await notify('test.told', [other], notice())
    await db()('people').where({ id: other }).update({ state: 'archived' })
    await deliverNotices()
    await db()('people').where({ id: other }).update({ state: 'active' })
    expect(await states()).to.deep.equal(['skipped', 'skipped', 'skipped'])
    expect(await letters()).to.have.length(0)
  })

  it('that cannot be said are tried later and later, and at last kept as failed with the reason', async () => {
    await notify('test.told', [reader], notice())
    values = () => {
      throw new Error('no such programme')
    }
    await deliverNotices()
    const tried = await db()('notice_deliveries').first()
    expect(tried).to.include({ state: 'waiting', attempts: 1 })
    expect(tried.error).to.include('no such programme')
    expect(tried.next_attempt_at > inSeconds(30)).to.equal(true)
    await db()('notice_deliveries').update({ attempts: 9, next_attempt_at: soon })
    await deliverNotices()
    expect(await states()).to.deep.equal(['failed'])
  })

  it('go where the person wants them, and to neither place twice', async () => {
    await prefer(reader, { off: ['test.told:app'] })
    await prefer(other, { off: ['test.told:email'] })
    await notify('test.told', [reader, other], notice())
    await deliverNotices()
    expect([await unread(reader), await unread(other)]).to.deep.equal([0, 1])
    expect((await letters()).map((letter) => letter.person_id)).to.deep.equal([reader])
  })

  it('respect what was chosen by whole features before there were kinds', async () => {
    await db()('people')
      .where({ id: reader })
      .update({ preferences: toJson({ muted: ['test'] }) })
    await notify('test.told', [reader], notice())
    expect(await states()).to.deep.equal([])
    expect(await unread(reader)).to.equal(1)
  })

  it('of a day make one letter', async () => {
    await prefer(reader, { digestHour: 18 })
    for (const programme of ['Первая', 'Вторая', 'Третья']) {
      await notify('test.told', [reader], notice({ data: { programme, comment: 'Добавьте тему' } }))
    }
    expect(await deliverNotices()).to.equal(0)
    await db()('notice_deliveries').update({ next_attempt_at: soon })
    await Promise.all([deliverNotices(), deliverNotices()])
    const [letter, ...more] = await letters()
    expect(more).to.deep.equal([])
    expect(letter.subject).to.equal('За день: 3 уведомления')
    expect(letter.body_text).to.include('«Первая»').and.include('«Третья»').and.include('Комментарий: Добавьте тему')
    expect(new Set(await states())).to.deep.equal(new Set(['sent']))
  })

  it('of a day go each by itself where one of them cannot be said', async () => {
    await prefer(reader, { digestHour: 18 })
    for (const programme of ['Первая', 'Вторая', 'Третья']) {
      await notify('test.told', [reader], notice({ data: { programme } }))
    }
    values = (data) => {
      if (data.programme === 'Вторая') throw new Error('no such programme')
      return data
    }
    const deliver = async (attempts: object = {}) => {
      await db()('notice_deliveries').update({ next_attempt_at: soon, ...attempts })
      await deliverNotices()
    }
    await deliver({ attempts: 2 })
    expect(await letters()).to.have.length(0)
    await deliver()
    expect(await states()).to.deep.equal(['sent', 'waiting', 'sent'])
    expect(await letters()).to.have.length(2)
  })

  it('are heard by the pages that the person has open, and by nobody else’s', async () => {
    const heard: [string, { unread: number; title: string }][] = []
    const sockets = await Promise.all(
      ['reader', 'other'].map(async (login) => {
        const { cookie } = await app.signedIn(login)
        const socket = io(app.url, { transports: ['websocket'], extraHeaders: { cookie }, forceNew: true })
        socket.on('notices:unread', (news) => heard.push([login, news]))
        await new Promise<void>((resolve) => socket.on('connect', resolve))
        return socket
      }),
    )
    await notify('test.told', [reader], notice())
    while (!heard.length) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(heard).to.deep.equal([['reader', { unread: 1, title: 'Маршрут возвращён на доработку' }]])
    for (const socket of sockets) socket.close()
  })

  it('that became letters rest in quiet hours which began while the mail server was away', async () => {
    await saveSetting('mail', { enabled: true, host: '127.0.0.1', port: 9, security: 'none', from: 'lms@example.org' })
    await notify('test.told', [reader, other], notice())
    await deliverNotices()
    await db()('people').where({ id: reader }).update({ time_zone: 'UTC' })
    const around = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16)
    await prefer(reader, { quiet: { from: around(-5), until: around(30) } })
    const again = { attempts: 1, next_attempt_at: soon }
    await db()('mail_outbox').update(again)
    await sendWaitingLetters()
    const rows = await letters()
    const [quiet, tried] = [reader, other].map((id) => rows.find(({ person_id }) => person_id === id))
    expect([quiet.attempts, tried.attempts]).to.deep.equal([1, 2])
    expect(quiet.next_attempt_at > inSeconds(25 * 60)).to.equal(true)
    await db()('people').where({ id: reader }).update({ time_zone: null })
    await saveSetting('mail', { enabled: false })
  })

  it('of which a part may no longer be seen leave with what is left, or not at all', async () => {
    review = async (_personId, notices) =>
      notices.map(({ data }) => (data.programme === 'Скрытая' ? null : { ...data, comment: '' }))
    await notify('test.told', [reader], notice({ data: { programme: 'Скрытая', comment: 'тайна' } }))
    await notify('test.told', [reader], notice({ data: { programme: 'Видная', comment: 'тайна' } }))
    await deliverNotices()
    expect(await states()).to.deep.equal(['skipped', 'sent'])
    const [letter, ...more] = await letters()
    expect(more).to.deep.equal([])
    expect(letter.body_text).to.include('Видная').and.not.include('тайна')
  })

  it('are forgotten after half a year, and the number on the bell with them', async () => {
    await notify('test.told', [reader], notice())
    await db()('notices').update({ created_at: daysAgo(181) })
    await notify('test.told', [reader], notice())
    expect(await cleanNotices(100, daysAgo(180))).to.equal(1)
    expect(await db()('notices')).to.have.length(1)
    expect(await unread(reader)).to.equal(1)
  })
})
