import { expect } from 'chai'
import { allCleanings, allJobs, allKeepings } from '../../app.ts'
import { sealAll, verifySeals } from '../../core/audit/seal.ts'
import { db } from '../../core/db/index.ts'
import { clean } from '../../core/housekeeping/index.ts'
import { LANGUAGES, translator } from '../../core/i18n/index.ts'
import { startWorker, stopWorker } from '../../core/jobs/index.ts'
import { daysAgo, nowUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGrant,
  makeOrganisation,
  makePerson,
  makeUser,
} from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

describe('retention periods', function () {
  this.timeout(60_000)
  const app = useApp()
  let admin: TestClient

  before(async () => {
    await makeUser('administrator', 'administrator')
    admin = await app.signedIn('administrator')
  })

  const night = () => clean(allCleanings, () => true)
  const letter = (days: number) => ({
    ...{ kind: 'x', language: 'ru', state: 'sent', to_address: 'a@b.example', subject: 'x', body_text: 'x' },
    ...{ created_at: daysAgo(days), next_attempt_at: nowUtc() },
  })

  it('have words for every kind', () => {
    for (const lang of LANGUAGES) {
      for (const { name } of allKeepings) {
        for (const part of ['title', 'what']) {
          const key = `privacy.kept.${name}.${part}`
          expect(translator(lang)(key), key).not.to.equal(key)
        }
      }
    }
  })

  it('show what would go, count what goes tonight, and act', async () => {
    await db()('mail_outbox').insert([letter(200), letter(100), letter(50)])
    const page = await admin.get('/retention')
    expect(page.text).to.include('Отправленные письма').and.include('180 дней').and.include('бессрочно')
    expect(page.queries).to.be.at.most(12)
    expect((await admin.get('/retention/letters?days=60')).text).to.include(
      'Если хранить 60 дней, сейчас уйдёт записей: 2.',
    )
    expect((await admin.post('/retention/letters', { days: 3 })).status).to.equal(422)
    expect((await admin.post('/retention/letters', { days: 'x' })).status).to.equal(422)
    expect((await admin.get('/retention/nonsense')).status).to.equal(404)
    expect((await night()).letters).to.equal(1)
    expect((await admin.post('/retention/letters', { days: 60 })).status).to.equal(303)
    expect((await night()).letters).to.equal(1)
    expect((await admin.post('/retention/letters', { days: '' })).status).to.equal(303)
    await db()('mail_outbox').update({ created_at: daysAgo(9999) })
    expect((await night()).letters, 'for ever').to.equal(0)
    const events = await db()('domain_events').where({ type: 'settingChanged' })
    expect(events).to.have.length(2)
  })

  it('erase registrations by which nobody came in, and nobody else', async () => {
    const old = async (values: Record<string, unknown>, state: string) => {
      const id = await makePerson({ login: `old${Math.random()}`, source: 'registration', ...values })
      await db()('accounts')
        .where({ person_id: id })
        .update({ state, updated_at: daysAgo(40) })
      return id
    }
    const declined = await old({ state: 'archived' }, 'blocked')
    const waiting = await old({}, 'pending')
    const learning = await old({}, 'invited')
    await makeEnrolment(learning, await makeCohort())
    await night()
    await app.settle()
    const states = await db()('people').whereIn('id', [declined, waiting, learning]).orderBy('id').pluck('state')
    expect(states).to.deep.equal(['erased', 'active', 'active'])
    expect((await db()('erasures').where({ person_id: declined }).first()).reason).to.include('истёк срок')
  })

  it('leave alone whoever was let in and has not come yet, also when they come at the last moment', async () => {
    const approved = async (login: string) => {
      const id = await makePerson({ login, source: 'registration' })
      await db()('accounts')
        .where({ person_id: id })
        .update({ state: 'invited', updated_at: daysAgo(40) })
      return id
    }
    const [employed, entitled] = [await approved('employed'), await approved('entitled')]
    const [claiming, late] = [await approved('claiming'), await approved('late')]
    const school = await makeOrganisation()
    await makeEmployment(employed, school, { state: 'confirmed' })
    await makeEmployment(claiming, school, { state: 'claimed' })
    await makeGrant(entitled, 'methodist')
    // They come after the night has ordered it and before it is done.
    await stopWorker()
    await night()
    expect(await db()('erasures').whereIn('person_id', [employed, entitled])).to.have.length(0)
    expect(await db()('erasures').whereIn('person_id', [claiming, late])).to.have.length(2)
    await db()('accounts').where({ person_id: late }).update({ state: 'active', last_sign_in_at: nowUtc() })
    startWorker(allJobs)
    await app.settle()
    const people = await db()('people').whereIn('id', [employed, entitled, claiming, late]).orderBy('id')
    expect(people.map(({ state }) => state)).to.deep.equal(['active', 'active', 'erased', 'active'])
    expect(await db()('erasures').where({ person_id: late })).to.have.length(0)
    expect(await db()('domain_events').where({ type: 'erasureCancelled' })).to.have.length(1)
    expect((await admin.get('/audit?type=erasureCancelled')).text).to.include('причина отпала')
  })

  it('leave people of the archive alone until it is switched on, after a list of whom it would be', async () => {
    const left = await makePerson({ login: 'left', last_name: 'Давняя', state: 'archived' })
    await db()('people')
      .where({ id: left })
      .update({ updated_at: daysAgo(4000) })
    await night()
    await app.settle()
    expect((await db()('people').where({ id: left }).first()).last_name).to.equal('Давняя')
    expect((await admin.get('/retention/left?days=3650')).text).to.include('Давняя')
    expect((await admin.get('/retention/left?days=10')).text).not.to.include('Давняя')
    expect((await admin.post('/retention/left', { days: 10 })).status).to.equal(422)
    expect((await admin.post('/retention/left', { days: 3650 })).status).to.equal(303)
    await night()
    await night()
    await app.settle()
    expect((await db()('people').where({ id: left }).first()).last_name).to.equal('Участник')
    expect(await db()('erasures').where({ person_id: left })).to.have.length(1)
  })

  it('empty old records of who looked, and the chain of seals holds', async () => {
    const person = await makePerson({ login: null })
    await admin.get(`/people/${person}`)
    await db()('domain_events')
      .whereNull('seal_id')
      .update({ occurred_at: daysAgo(1200) })
    await sealAll(() => true)
    const reads = () => db()('domain_events').where({ type: 'dataRead', subject_id: person }).first()
    expect((await reads()).erased_at).to.equal(null)
    await night()
    expect((await reads()).erased_at).to.be.a('string')
    expect((await verifySeals()).problems).to.deep.equal([])
  })
})
