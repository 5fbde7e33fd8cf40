import { expect } from 'chai'
import { Secret, TOTP } from 'otpauth'
import { db } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import { TEST_PASSWORD, useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { resetFactorOf } from './second-factor.ts'

describe('signing in by two steps', function () {
  this.timeout(60_000)
  const app = useApp()
  let person: number
  let client: TestClient
  let secret: string
  let codes: string[]
  let used: string

  const codeFor = (stepsAway = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + stepsAway * 30_000 })
  /** A code counts once; the clock of a test does not wait for the next half-minute. */
  const forgetStep = () => db()('second_factors').where({ person_id: person }).update({ last_step: 0 })
  const firstStep = async (visitor = app.visitor(), more: object = {}) => {
    const answer = await visitor.post('/sign-in', { login: 'careful', password: TEST_PASSWORD, ...more })
    return { visitor, answer }
  }
  const isIn = async (visitor: TestClient) => (await visitor.get('/profile')).status === 200
  const signIns = () => db()('domain_events').where({ type: 'signedIn', subject_id: person })

  before(async () => {
    person = await makeUser('careful')
    await makeUser('administrator', 'administrator')
    client = await app.signedIn('careful')
  })

  it('is switched on with a code of the telephone, and gives ten codes for paper', async () => {
    const page = await client.get('/profile/second-step')
    secret = (/<code>([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1] ?? '').replace(/ /g, '')
    expect(secret).to.have.length.above(30)
    expect(page.text).to.include('data:image/svg+xml;base64,')
    expect((await client.get('/profile/second-step')).text, 'the same when read again').to.include(
      page.text.match(/<code>([^<]+)</)?.[1],
    )
    const wrong = await client.post('/profile/second-step', { code: '000000' })
    expect(wrong.status).to.equal(422)
    expect(wrong.text).to.include('id="f-code-error"')
    expect((await firstStep()).answer.status, 'nothing is asked before').to.equal(303)
    const on = await client.post('/profile/second-step', { code: codeFor() })
    expect(on.status).to.equal(200)
    codes = [...on.text.matchAll(/<li><code>([A-Z0-9-]+)<\/code>/g)].map((match) => match[1] as string)
    expect(codes).to.have.length(10)
    const kept = JSON.stringify(await db()('recovery_codes').where({ person_id: person }))
    for (const code of codes) expect(kept).to.not.include(code).and.not.include(code.replace('-', ''))
    await forgetStep()
  })

  it('asks for the code before it lets anybody in', async () => {
    const before = (await signIns()).length
    const { visitor, answer } = await firstStep(app.visitor(), { next: '/profile?x=1' })
    expect(answer.status).to.equal(200)
    expect(answer.text).to.include('Второй шаг').and.include('/profile?x=1')
    expect(await isIn(visitor)).to.equal(false)
    expect(await signIns()).to.have.length(before)
    const refused = await visitor.post('/sign-in/code', { code: '123' })
    expect(refused.status).to.equal(422)
    expect(await isIn(visitor)).to.equal(false)
    used = codeFor()
    const passed = await visitor.post('/sign-in/code', { code: used, next: '/profile?x=1' })
    expect(passed).to.include({ status: 303, location: '/profile?x=1' })
    expect(await isIn(visitor)).to.equal(true)
    expect(await signIns()).to.have.length(before + 1)
  })

  it('takes no code twice, and none that is older than a minute', async () => {
    const { visitor } = await firstStep()
    expect((await visitor.post('/sign-in/code', { code: used })).status, 'the code of the test before').to.equal(422)
    await forgetStep()
    expect((await visitor.post('/sign-in/code', { code: codeFor(-3) })).status).to.equal(422)
    await db()('accounts').where({ person_id: person }).update({ failed_attempts: 0, locked_until: null })
    const code = codeFor()
    const others = await Promise.all([firstStep(), firstStep(), firstStep()])
    const answers = await Promise.all(others.map((other) => other.visitor.post('/sign-in/code', { code })))
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([303, 422, 422])
    await db()('accounts').where({ person_id: person }).update({ failed_attempts: 0, locked_until: null })
    await forgetStep()
  })

  it('lets in by a code from paper, once, however it is typed', async () => {
    const code = codes[0]?.toLowerCase().replace('-', ' ') as string
    const one = await firstStep()
    expect((await one.visitor.post('/sign-in/code', { code })).status).to.equal(303)
    const two = await firstStep()
    expect((await two.visitor.post('/sign-in/code', { code })).status).to.equal(422)
    expect((await client.get('/profile/second-step')).text).to.include('Осталось 9 кодов')
  })

  it('rests after wrong codes as after wrong passwords', async () => {
    const { visitor } = await firstStep()
    for (let at = 0; at < 6; at++) await visitor.post('/sign-in/code', { code: '000000' })
    const rested = await visitor.post('/sign-in/code', { code: codeFor() })
    expect(rested.status).to.equal(422)
    expect(rested.text).to.include('Слишком много неверных попыток')
    await db()('accounts').where({ person_id: person }).update({ failed_attempts: 0, locked_until: null })
  })

  it('has no second step without a first one, and none that is late', async () => {
    const stranger = app.visitor()
    expect((await stranger.get('/sign-in/code')).location).to.equal('/sign-in')
    expect((await stranger.post('/sign-in/code', { code: codeFor() })).location).to.equal('/sign-in')
    const { visitor } = await firstStep()
    const rows = await db()('sessions').whereNull('person_id')
    for (const row of rows) {
      const data = JSON.parse(row.data)
      if (!data.secondStep) continue
      data.secondStep.until = Date.now() - 1
      await db()('sessions')
        .where({ id: row.id })
        .update({ data: JSON.stringify(data) })
    }
    expect((await visitor.post('/sign-in/code', { code: codeFor() })).location).to.equal('/sign-in')
    expect(await isIn(visitor)).to.equal(false)
  })

  it('keeps what was being sent when the session ended', async () => {
    const kept = { kept_action: '/profile', kept: { f0: { name: 'about', value: 'Долго писала о себе' } } }
    const { visitor, answer } = await firstStep(app.visitor(), kept)
    expect(answer.text).to.include('Долго писала о себе')
    await forgetStep()
    const passed = await visitor.post('/sign-in/code', { code: codeFor(), ...kept })
    expect(passed.status).to.equal(200)
    expect(passed.text).to.include('Долго писала о себе').and.include('action="/profile"')
    await forgetStep()
  })

  it('is not stepped around by a letter for a forgotten password', async () => {
    const administrator = await app.signedIn('administrator')
    await administrator.post(`/accounts/${person}/code`, {})
    const token = 'a-token-that-the-test-knows'
    const { createHash } = await import('node:crypto')
    const hash = createHash('sha256').update(token).digest('hex')
    await db()('account_tokens').where({ person_id: person }).update({ token_hash: hash })
    const visitor = app.visitor()
    const chosen = await visitor.post(`/reset/${token}`, { password: TEST_PASSWORD })
    expect(chosen.location).to.equal('/sign-in/code')
    expect(await isIn(visitor)).to.equal(false)
    expect((await visitor.get('/sign-in/code')).text).to.include('Второй шаг')
    client = app.visitor()
    await firstStep(client)
    await client.post('/sign-in/code', { code: codeFor() })
    await forgetStep()
    expect(await isIn(client)).to.equal(true)
  })

  it('gives new codes for the password only, and the old ones no longer count', async () => {
    expect((await client.post('/profile/second-step/codes', { password: 'wrong' })).status).to.equal(422)
    const renewed = await client.post('/profile/second-step/codes', { password: TEST_PASSWORD })
    expect(renewed.status).to.equal(200)
    const { visitor } = await firstStep()
    expect((await visitor.post('/sign-in/code', { code: codes[1] })).status).to.equal(422)
  })

  it('is switched off by the password, or by an administrator who may', async () => {
    expect((await client.post('/profile/second-step/off', { password: 'wrong' })).status).to.equal(422)
    expect((await client.post('/profile/second-step/off', { password: TEST_PASSWORD })).status).to.equal(303)
    expect((await firstStep()).answer.status).to.equal(303)
    secret = ''
    const page = await client.get('/profile/second-step')
    secret = (/<code>([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1] ?? '').replace(/ /g, '')
    await client.post('/profile/second-step', { code: codeFor() })
    const administrator = await app.signedIn('administrator')
    const card = await administrator.get(`/people/${person}`)
    expect(card.text).to.include(`/people/${person}/second-step/reset`)
    expect((await administrator.post(`/people/${person}/second-step/reset`, {})).status).to.equal(303)
    expect((await firstStep()).answer.status).to.equal(303)
    const types = await db()('domain_events').where('type', 'like', 'secondFactor%').orderBy('id').pluck('type')
    expect(types).to.deep.equal([
      ...['secondFactorSwitchedOn', 'secondFactorSwitchedOff'],
      ...['secondFactorSwitchedOn', 'secondFactorSwitchedOff'],
    ])
  })

  it('is taken away by a command on the server, where nobody is left to ask', async () => {
    expect(await resetFactorOf('nobody-of-that-name')).to.equal(false)
    expect(await resetFactorOf('careful'), 'there is none now').to.equal(false)
    const row = { person_id: person, secret: 'A'.repeat(32), confirmed_at: nowUtc(), created_at: nowUtc() }
    await db()('second_factors').insert(row).onConflict('person_id').merge()
    expect(await resetFactorOf(' Careful'.trim())).to.equal(true)
    expect((await firstStep()).answer.status).to.equal(303)
    const event = await db()('domain_events').where({ type: 'secondFactorSwitchedOff' }).orderBy('id', 'desc').first()
    expect([event.actor_id, event.subject_id]).to.deep.equal([null, person])
  })
})
