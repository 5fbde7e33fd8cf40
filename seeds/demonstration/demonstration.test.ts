import { expect } from 'chai'
import { db } from '../../server/core/db/index.ts'
import { recordEvent } from '../../server/core/events/index.ts'
import { queueLetter } from '../../server/core/mail/index.ts'
import { SYSTEM } from '../../server/core/rights/index.ts'
import { useApp } from '../../server/testing/app.ts'
import { makeUser } from '../../server/testing/builders.ts'
import { isEmpty, LOGINS, loadDemonstration } from './index.ts'

describe('the demonstration', () => {
  const app = useApp()

  before(async function () {
    this.timeout(120_000)
    const id = await makeUser('chief', 'administrator')
    const letter = {
      kind: 'test.real',
      to: 'chief@example.org',
      personId: id,
      language: 'ru',
      subject: 'Важно',
      text: '…',
    }
    await queueLetter(letter)
    await recordEvent(SYSTEM, 'testHappened', { type: 'person', id })
    await loadDemonstration('a password to show')
    await app.settle()
  })

  it('is whole: accounts that let in, learners with their sums, all of its happenings long past', async () => {
    expect(await isEmpty()).to.equal(false)
    for (const [, login] of LOGINS) expect((await app.signedIn(login, 'a password to show')).cookie).to.include('sid')
    const [learners, sums] = [
      await db()('enrolments').count('* as n').first(),
      await db()('enrolment_progress').count('* as n').first(),
    ]
    expect(Number(learners?.n)).to.be.greaterThan(50)
    expect(Number(sums?.n)).to.equal(Number(learners?.n))
    expect(await db()('milestone_states').where({ source: 'auto', state: 'done' }).first('id')).to.be.an('object')
    // Milestones were followed, and what was said of it is history.
    const said = await db()('domain_events').where({ type: 'milestoneFollowed' }).select('delivered_at')
    expect(said.length).to.be.greaterThan(0)
  })

  it('causes no letters, and leaves those of others alone', async () => {
    expect(await db()('mail_outbox').pluck('kind')).to.deep.equal(['test.real'])
    // Nothing but the index of the search is built of it.
    expect(await db()('jobs').pluck('kind')).to.deep.equal(['search.rebuild'])
  })
})
