import { expect } from 'chai'
import { SMTPServer } from 'smtp-server'
import { allJobs } from '../../app.ts'
import { db } from '../../core/db/index.ts'
import { startWorker, stopWorker } from '../../core/jobs/index.ts'
import { queueLetter, sendWaitingLetters } from '../../core/mail/index.ts'
import { setting } from '../../core/settings.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'

const authority = { name: 'Отдел образования', languages: ['ru', 'en'], defaultLanguage: 'ru', timeZone: 'Asia/Omsk' }

describe('settings', () => {
  const app = useApp()
  const received: string[] = []
  let refuse = false
  let server: SMTPServer
  let port: number

  before(async () => {
    // Only the test itself sends here.
    await stopWorker()
    await makeUser('admin', 'administrator')
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, _session, done) {
        let text = ''
        stream.on('data', (piece) => {
          text += piece
        })
        stream.on('end', () => {
          if (refuse) return done(Object.assign(new Error('mailbox full'), { responseCode: 452 }))
          received.push(text)
          return done()
        })
      },
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.server.address() as { port: number }).port
  })

  after(async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()))
    startWorker(allJobs)
  })

  it('change the authority, and refuse a zone that does not exist', async () => {
    const admin = await app.signedIn('admin')
    expect((await admin.post('/settings/authority', authority)).status).to.equal(303)
    expect((await setting('authority')).timeZone).to.equal('Asia/Omsk')
    const wrong = await admin.post('/settings/authority', {
      ...authority,
      timeZone: 'Луна/Море',
      url: 'javascript:alert(1)',
    })
    expect(wrong.status).to.equal(422)
    const language = await admin.post('/settings/authority', { ...authority, languages: ['en'] })
    expect(language.text).to.include('Основной язык должен быть среди выбранных')
  })

  it('send letters through a real mail server, keep what it refuses and try it again', async () => {
    const admin = await app.signedIn('admin')
    const mail = { enabled: 'on', host: '127.0.0.1', port, security: 'none', from: 'Отдел <office@example.org>' }
    expect((await admin.post('/settings/mail', mail)).status).to.equal(303)
    const tested = await admin.post('/settings/mail/test', { to: 'someone@example.org' })
    expect(tested.status).to.equal(303)
    expect(received.at(-1)).to.include('someone@example.org')

    const letter = { kind: 'test.letter', to: 'reader@example.org', personId: null, language: 'ru', text: 'Проверка' }
    refuse = true
    await queueLetter({ ...letter, subject: 'Письмо', dedupeKey: 'once' })
    await queueLetter({ ...letter, subject: 'Письмо', dedupeKey: 'once' })
    await sendWaitingLetters()
    const waiting = await db()('mail_outbox').where({ to_address: 'reader@example.org' })
    expect(waiting).to.have.length(1)
    expect(waiting[0].state).to.equal('waiting')
    expect(waiting[0].error).to.include('mailbox full')

    refuse = false
    await db()('mail_outbox').update({ next_attempt_at: '2020-01-01 00:00:00.000' })
    const before = received.length
    // Two processes at once: the letter goes out a single time.
    await Promise.all([sendWaitingLetters(), sendWaitingLetters()])
    expect(received.length).to.equal(before + 1)
    expect((await db()('mail_outbox').where({ to_address: 'reader@example.org' }).first()).state).to.equal('sent')
  })

  it('send no further letter once the process stops', async () => {
    const letter = { kind: 'test.letter', to: 'late@example.org', personId: null, language: 'ru', text: 'Проверка' }
    for (const subject of ['Первое', 'Второе', 'Третье']) await queueLetter({ ...letter, subject })
    const before = received.length
    let asked = 0
    expect(await sendWaitingLetters(() => ++asked < 2)).to.equal(1)
    expect(received.length).to.equal(before + 1)
    const rows = await db()('mail_outbox').where({ to_address: 'late@example.org' }).orderBy('id')
    expect(rows.map(({ state, attempts }) => [state, attempts])).to.deep.equal([
      ['sent', 1],
      ['waiting', 0],
      ['waiting', 0],
    ])
  })

  it('say in words what the mail server answered', async () => {
    const admin = await app.signedIn('admin')
    await admin.post('/settings/mail', {
      enabled: 'on',
      host: '127.0.0.1',
      port: 1,
      security: 'none',
      from: 'a@example.org',
    })
    await admin.post('/settings/mail/test', { to: 'someone@example.org' })
    expect((await admin.get('/settings')).text)
      .to.include('Письмо не отправлено. На 127.0.0.1 порт 1 почтовый сервер не отвечает. Проверьте порт')
      .and.not.include('ECONNREFUSED')
  })

  it('never show the password of the mail server', async () => {
    const admin = await app.signedIn('admin')
    const mail = {
      enabled: 'on',
      host: 'mail.example.org',
      port: 587,
      security: 'starttls',
      user: 'office',
      password: 'very-secret-one',
      from: 'a@example.org',
    }
    await admin.post('/settings/mail', mail)
    expect((await admin.get('/settings')).text).to.not.include('very-secret-one')
    await admin.post('/settings/mail', { ...mail, password: '', port: 465 })
    expect((await setting('mail')).password).to.equal('very-secret-one')
    const events = await db()('domain_events').where({ type: 'settingChanged' })
    expect(JSON.stringify(events)).to.not.include('very-secret-one')
  })
})
