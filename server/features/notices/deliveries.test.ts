import { once } from 'node:events'
import { expect } from 'chai'
import { SMTPServer } from 'smtp-server'
import { allJobs } from '../../app.ts'
import { db, insertRows } from '../../core/db/index.ts'
import { startWorker, stopWorker } from '../../core/jobs/index.ts'
import { queueLetter, sendWaitingLetters } from '../../core/mail/index.ts'
import { deliverNotices } from '../../core/notices/deliver.ts'
import { notify } from '../../core/notices/index.ts'
import { saveSetting, setting } from '../../core/settings.ts'
import { inSeconds, nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { freePort } from '../../testing/mariadb.ts'

describe('the page of deliveries', () => {
  const app = useApp()
  const received: string[] = []
  let admin: TestClient
  let port: number
  let server: SMTPServer | undefined
  let people: number[]

  before(async () => {
    // Only the test itself sends here.
    await stopWorker()
    await makeUser('admin', 'administrator')
    people = [await makeUser('one'), await makeUser('two'), await makeUser('three')]
    admin = await app.signedIn('admin')
    port = await freePort()
    await saveSetting('authority', { ...(await setting('authority')), url: 'https://lms.example' })
    await saveSetting('mail', { enabled: true, host: '127.0.0.1', port, security: 'none', from: 'lms@example.org' })
  })

  after(() => {
    server?.close()
    startWorker(allJobs)
  })

  async function startServer(): Promise<void> {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onRcptTo: ({ address }, _session, done) =>
        address.startsWith('gone')
          ? done(Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 }))
          : done(null),
      onData(stream, _session, done) {
        let text = ''
        stream.on('data', (piece) => {
          text += piece
        })
        stream.on('end', () => {
          received.push(text)
          done()
        })
      },
    })
    server.listen(port, '127.0.0.1')
    await once(server.server, 'listening')
  }

  const hub = async () => (await admin.get('/administration')).text
  const letters = () => db()('mail_outbox').orderBy('id')

  it('loses nothing while the mail server is down, warns, and sends all once it is back', async () => {
    await notify('tracking.reminder', people, {
      subject: { type: 'cohort', id: 1 },
      data: { subject: 'Напоминание', text: 'Слова' },
      href: '/profile',
      dedupeKey: 'down',
    })
    await deliverNotices()
    await db()('mail_outbox').update({ next_attempt_at: '2020-01-01 00:00:00.000' })
    await sendWaitingLetters()
    // One try tells that the server is away: the others keep theirs.
    expect((await letters()).map(({ state, attempts, error_code }) => [state, attempts, error_code])).to.deep.equal([
      ['waiting', 1, 'refused'],
      ['waiting', 0, null],
      ['waiting', 0, null],
    ])
    expect(await hub()).to.not.include('/deliveries?state=waiting')
    await db()('mail_outbox').update({
      attempts: 4,
      error: 'x',
      error_code: 'refused',
      next_attempt_at: inSeconds(3000),
    })
    expect(await hub()).to.include('Почтовый сервер не принимает письма: 3 ждут')
    const page = await admin.get('/deliveries?state=waiting')
    expect(page.text)
      .to.include(`На 127.0.0.1 порт ${port} почтовый сервер не отвечает`)
      .and.include('Следующая попытка')
      .and.include('one@example.org')
    await startServer()
    expect(await sendWaitingLetters()).to.equal(0)
    const answer = await admin.post('/deliveries/retry', { state: 'waiting' })
    expect(answer.location).to.equal('/deliveries?state=waiting')
    await Promise.all([sendWaitingLetters(), sendWaitingLetters()])
    expect(received).to.have.length(3)
    expect(received[0]).to.match(/^List-Unsubscribe:\s+<https:\/\/lms\.example\/unsubscribe\/[0-9a-f]{48}>/m)
    expect((await letters()).map(({ state }) => state)).to.deep.equal(['sent', 'sent', 'sent'])
    expect((await admin.get('/deliveries?state=sent')).text)
      .to.include('three@example.org')
      .and.include('Отправлено:')
    expect(await hub()).to.not.include('не принимает письма')
  })

  it('says why a letter failed, tries it again, and leaves alone what is on its way', async () => {
    const letter = { kind: 'test.letter', personId: null, language: 'ru', subject: 'Новость', text: 'Слова' }
    await queueLetter({ ...letter, to: 'gone@example.org' })
    await db()('mail_outbox').where({ to_address: 'gone@example.org' }).update({ attempts: 9 })
    await sendWaitingLetters()
    expect(await hub()).to.include('1 письмо или уведомление не удалось отправить')
    const shown = await admin.get('/deliveries')
    expect(shown.text)
      .to.include('Почтовый сервер не принял получателя gone@example.org')
      .and.include('no such user')
      .and.include('10 попыток')
      .and.not.include('Слова')
    const { id } = await db()('mail_outbox').where({ to_address: 'gone@example.org' }).first('id')
    await db()('mail_outbox').where({ id }).update({ state: 'sending' })
    await admin.post(`/deliveries/${id}/retry`, { state: 'failed' })
    expect((await db()('mail_outbox').where({ id }).first()).attempts).to.equal(10)
    await db()('mail_outbox').where({ id }).update({ state: 'failed', to_address: 'here@example.org' })
    await admin.post(`/deliveries/${id}/retry`, { state: 'failed' })
    await sendWaitingLetters()
    expect(received.at(-1)).to.include('here@example.org')
    expect((await admin.post('/deliveries/999999/retry', { state: 'failed' })).status).to.equal(404)
    const events = await db()('domain_events').where({ type: 'deliveriesRetried' }).pluck('subject_type')
    expect(events).to.deep.equal(['list', 'letter'])
  })

  it('takes over a letter from a process that died while sending it, not before its time', async () => {
    const letter = { kind: 'test.letter', personId: null, language: 'ru', subject: 'Новость', text: 'Слова' }
    await queueLetter({ ...letter, to: 'taken@example.org' })
    const taken = () => db()('mail_outbox').where({ to_address: 'taken@example.org' })
    await taken().update({ state: 'sending', attempts: 1, next_attempt_at: inSeconds(60) })
    const before = received.length
    await sendWaitingLetters()
    expect(received.length).to.equal(before)
    await taken().update({ next_attempt_at: inSeconds(-1) })
    await sendWaitingLetters()
    expect(received.length).to.equal(before + 1)
  })

  it('shows notices that could not even be prepared, with the reason', async () => {
    await notify('tracking.reminder', [people[0] as number], {
      subject: { type: 'cohort', id: 1 },
      data: { subject: 'Непослушное', text: 'Слова' },
      href: '/profile',
      dedupeKey: 'failed',
    })
    await db()('notice_deliveries')
      .where({ state: 'waiting' })
      .update({ state: 'failed', error: 'Нет такой программы' })
    expect((await admin.get('/deliveries')).text)
      .to.include('Непослушное')
      .and.include('Нет такой программы')
    await admin.post('/deliveries/retry', { state: 'failed' })
    expect(await deliverNotices()).to.equal(1)
    expect((await admin.get('/deliveries')).text).to.include('Неотправленных писем и уведомлений нет')
  })

  it('finds by address and costs the same whatever there is', async () => {
    const letter = { kind: 'test', language: 'ru', subject: 'Много', body_text: 'x', state: 'failed', attempts: 10 }
    const few = (await admin.get('/deliveries')).queries
    await insertRows(
      'mail_outbox',
      Array.from({ length: 120 }, (_, at) => ({
        ...letter,
        to_address: `many${at}@example.org`,
        error: 'x',
        next_attempt_at: nowUtc(),
        created_at: nowUtc(),
      })),
    )
    const seen = new Set<string>()
    let path: string | undefined = '/deliveries'
    let many = 0
    while (path) {
      const shown: { text: string; queries: number } = await admin.get(path)
      many = Math.max(many, shown.queries)
      for (const [address] of shown.text.matchAll(/many\d+@/g)) seen.add(address)
      path = /rel="next" href="([^"]+)"/.exec(shown.text)?.[1]?.replaceAll('&amp;', '&')
    }
    expect(seen.size).to.equal(120)
    expect(many).to.equal(few).and.be.at.most(10)
    const found = (await admin.get('/deliveries?q=many11')).text
    expect(found).to.include('many11@').and.include('many119@').and.not.include('many12@')
  })
})
