import { existsSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { allCleanings } from '../../app.ts'
import { dataFolder } from '../../config.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEnrolment,
  makeMilestone,
  makePerson,
  makeProgramme,
  makeUser,
} from '../../testing/builders.ts'
import { db, insertRow, insertRows } from '../db/index.ts'
import { attachFile, keepFile, listStoredFiles } from '../files/index.ts'
import { contentKey } from '../files/keys.ts'
import { temporaryFolder } from '../files/stores/index.ts'
import { SYSTEM } from '../rights/index.ts'
import { daysAgo, inSeconds, nowUtc } from '../time.ts'
import { clean, housekeepingJob } from './index.ts'

const everything = () => clean(allCleanings, () => true)
const context = { jobId: 0, progress: async () => {}, mayGoOn: () => true }

describe('housekeeping', () => {
  const app = useApp()
  let person: number

  before(async () => {
    person = await makeUser('owner')
  })

  it('removes old jobs in batches, and none that is young or waits', async () => {
    const job = { kind: 'test.none', payload: 'null', run_at: '2999-01-01 00:00:00.000', created_at: daysAgo(90) }
    await insertRows('jobs', [
      ...Array.from({ length: 1201 }, () => ({ ...job, state: 'done', finished_at: daysAgo(31) })),
      { ...job, state: 'failed', finished_at: daysAgo(31) },
      { ...job, state: 'done', finished_at: daysAgo(29) },
      { ...job, state: 'queued', finished_at: null },
    ])
    expect((await everything()).jobs).to.equal(1202)
    expect(await db()('jobs').where({ kind: 'test.none' }).orderBy('id').pluck('state')).to.deep.equal([
      'done',
      'queued',
    ])
  })

  it('removes old letters, sessions and tokens, and no domain event', async () => {
    const letter = {
      kind: 'test',
      to_address: 'a@example.org',
      language: 'ru',
      subject: 's',
      body_text: 't',
      next_attempt_at: nowUtc(),
    }
    await insertRows('mail_outbox', [
      { ...letter, state: 'sent', created_at: daysAgo(181) },
      { ...letter, state: 'sent', created_at: daysAgo(10) },
      { ...letter, state: 'waiting', created_at: daysAgo(181) },
    ])
    const session = { person_id: person, data: '{}', seen_at: nowUtc() }
    await insertRows('sessions', [
      { ...session, id: 'ended', created_at: daysAgo(1), expires_at: inSeconds(-1) },
      { ...session, id: 'too long', created_at: daysAgo(15), expires_at: inSeconds(1000) },
      { ...session, id: 'holds', created_at: daysAgo(1), expires_at: inSeconds(1000) },
    ])
    const token = { person_id: person, purpose: 'reset', created_at: daysAgo(3), used_at: null }
    await insertRows('account_tokens', [
      { ...token, token_hash: 'used', expires_at: inSeconds(1000), used_at: daysAgo(2) },
      { ...token, token_hash: 'old', expires_at: daysAgo(2) },
      { ...token, token_hash: 'just used', expires_at: inSeconds(1000), used_at: nowUtc() },
      { ...token, token_hash: 'good', expires_at: inSeconds(1000) },
    ])
    await insertRows('sent_forms', [
      { form_key: 'old', person_id: person, location: '/', created_at: daysAgo(3) },
      { form_key: 'young', person_id: person, location: '/', created_at: daysAgo(1) },
    ])
    const event = { type: 'testHappened', subject_type: 'test', subject_id: 1, data: '{}' }
    await insertRow('domain_events', { ...event, occurred_at: daysAgo(5000), delivered_at: daysAgo(5000) })
    const removed = await everything()
    expect(removed).to.include({ letters: 1, sessions: 2, forms: 1, 'accounts.tokens': 2 })
    expect(await db()('sent_forms').pluck('form_key')).to.deep.equal(['young'])
    expect(await db()('mail_outbox').orderBy('id').pluck('state')).to.deep.equal(['sent', 'waiting'])
    expect(await db()('sessions').pluck('id')).to.deep.equal(['holds'])
    expect((await db()('account_tokens').pluck('token_hash')).sort()).to.deep.equal(['good', 'just used'])
    expect(await db()('domain_events').where({ type: 'testHappened' })).to.have.length(1)
    await db()('sessions').del()
  })

  describe('of files', () => {
    let number = 0
    const keep = async (text: string, days = 0): Promise<{ id: number; path: string }> => {
      const path = join(tmpdir(), `integral-cleaning-${process.pid}-${++number}`)
      writeFileSync(path, text)
      const id = await keepFile(SYSTEM, { path, name: 'заметка.txt', size: text.length, use: 'photo' }, 'file')
      const [stored] = await listStoredFiles([id])
      const kept = join(dataFolder(), contentKey(stored?.sha256 as string))
      if (days) await age(id, kept, days)
      return { id, path: kept }
    }
    const age = async (id: number, path: string, days: number) => {
      await db()('files')
        .where({ id })
        .update({ created_at: daysAgo(days) })
      const then = new Date(Date.now() - days * 86_400_000)
      utimesSync(path, then, then)
    }

    it('removes what hangs on nothing, row and bytes, and leaves what is young, in use, or kept twice', async () => {
      const loose = await keep('ни на чём', 2)
      const young = await keep('молодой')
      const used = await keep('в деле', 2)
      await attachFile(used.id, 'person_photo', person)
      const twin = await keep('в деле', 2)
      const half = join(dataFolder(), 'files', 'ab', 'abcdef.part')
      mkdirSync(join(half, '..'), { recursive: true })
      writeFileSync(half, 'half')
      utimesSync(half, new Date(0), new Date(0))

      expect(await everything()).to.include({ files: 2, 'files.store': 2 })
      expect((await db()('files').orderBy('id').pluck('id')) as number[]).to.deep.equal([young.id, used.id])
      expect([loose, young, used, twin].map(({ path }) => existsSync(path))).to.deep.equal([false, true, true, true])
      expect(existsSync(half)).to.equal(false)
      expect(await everything()).to.include({ files: 0, 'files.store': 0 })
    })

    it('removes what uploads that were cut off have left, and none that is under way', async () => {
      const owner = await app.signedIn('owner')
      await owner.upload('/profile/photo', { file: new File(['nothing'], 'a.txt') })
      const folder = await temporaryFolder()
      expect(statSync(folder).mode & 0o777, 'private').to.equal(0o700)
      const [left, underWay] = ['left', 'under-way'].map((name) => join(folder, name)) as [string, string]
      writeFileSync(left, 'half')
      utimesSync(left, new Date(0), new Date(0))
      writeFileSync(underWay, 'half')
      expect((await everything()).uploads).to.equal(1)
      expect([left, underWay].map((path) => existsSync(path))).to.deep.equal([false, true])
      rmSync(underWay)
    })

    it('leaves bytes that are being kept again at this moment', async () => {
      const first = await keep('дважды', 2)
      const again = await keep('дважды')
      await db()('files').where({ id: again.id }).del()
      await everything()
      expect(existsSync(first.path)).to.equal(true)
      expect(await db()('files').where({ id: first.id }).first()).to.equal(undefined)
    })

    it('notes that the content is gone where an object still names the file', async () => {
      const programme = await makeProgramme()
      const cohort = await makeCohort({ programme_id: programme })
      const enrolment = await makeEnrolment(await makePerson({ login: null }), cohort)
      const milestone = await makeMilestone({ programme_id: programme })
      const state = await insertRow('milestone_states', {
        enrolment_id: enrolment,
        milestone_id: milestone,
        state: 'open',
        source: 'manual',
        updated_at: nowUtc(),
      })
      const file = await keep('отозвано', 2)
      await insertRow('milestone_evidence', {
        milestone_state_id: state,
        file_id: file.id,
        note: '',
        state: 'withdrawn',
        created_at: nowUtc(),
      })
      expect(await everything()).to.include({ files: 1, 'files.store': 1 })
      expect((await db()('files').where({ id: file.id }).first()).deleted_at).to.be.a('string')
      expect(existsSync(file.path)).to.equal(false)
      expect((await everything()).files).to.equal(0)
    })

    it('lets go of pictures for articles that nobody saved', async () => {
      const picture = await keep('картинка', 9)
      await attachFile(picture.id, 'material-picture', person)
      expect((await everything()).files).to.equal(0)
      await db()('attachments')
        .where({ file_id: picture.id })
        .update({ created_at: daysAgo(8) })
      expect((await everything())['programmes.pictures']).to.equal(1)
      await everything()
      expect(existsSync(picture.path)).to.equal(false)
    })
  })

  it('is done once a day by one process, and a part that fails keeps no other', async () => {
    let done = 0
    const job = housekeepingJob([
      { name: 'test.fails', clean: () => Promise.reject(new Error('on purpose')) },
      { name: 'test.works', clean: async () => ++done },
    ])
    await db()('leases').where({ name: 'housekeeping' }).del()
    const results = await Promise.all([job.run(null, context), job.run(null, context)])
    expect(results.filter((result) => result !== undefined)).to.deep.equal([{ 'test.fails': 0, 'test.works': 1 }])
    expect(await job.run(null, context)).to.equal(undefined)
    await db()('leases')
      .where({ name: 'housekeeping' })
      .update({ until: daysAgo(1) })
    expect(await job.run(null, context)).to.include({ 'test.works': 2 })
  })

  it('ends between two batches when its process stops', async () => {
    let batches = 0
    const cleaning = { name: 'test.endless', clean: async (most: number) => most * Math.sign(++batches) }
    await clean([cleaning], () => batches < 3)
    expect(batches).to.equal(3)
  })
})
