import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { addDays } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { addWorkingDays, dueOn } from './deadlines.ts'

const SET = { accessWorkingDays: 10, correctionWorkingDays: 7, erasureDays: 30 }

describe('deadlines of requests about data', () => {
  it('count working days without weekends and holidays, or days of the calendar', () => {
    // A Friday: the next working day is Monday.
    expect(addWorkingDays('2026-10-02', 1)).to.equal('2026-10-05')
    expect(dueOn('access', '2026-10-02', SET)).to.equal('2026-10-16')
    expect(dueOn('correction', '2026-10-02', SET)).to.equal('2026-10-13')
    // Over New Year: the first eight days of January do not count.
    expect(addWorkingDays('2026-12-31', 1)).to.equal('2027-01-11')
    // The fourth of November is a holiday in the middle of a week.
    expect(addWorkingDays('2026-11-03', 1)).to.equal('2026-11-05')
    for (const kind of ['erasure', 'withdrawal'] as const) {
      expect(dueOn(kind, '2026-10-02', SET)).to.equal(addDays('2026-10-02', 30))
    }
  })
})

describe('requests about personal data', function () {
  this.timeout(60_000)
  const app = useApp()
  let admin: TestClient
  let learner: TestClient
  let person: number

  before(async () => {
    await makeUser('administrator', 'administrator')
    person = await makeUser('learner')
    admin = await app.signedIn('administrator')
    learner = await app.signedIn('learner')
  })

  const last = () => db()('data_requests').orderBy('id', 'desc').first()
  const told = (kind: string) => db()('notices').where({ kind })

  it('come into a queue, and those who answer are told', async () => {
    expect((await learner.post('/my/requests', { kind: 'correction', text: '' })).status).to.equal(422)
    expect((await learner.post('/my/requests', { kind: 'withdrawal', text: 'x' })).status).to.equal(422)
    const sent = await learner.post('/my/requests', { kind: 'correction', text: 'Отчество с ошибкой <b>' })
    expect(sent.status, sent.text.slice(0, 500)).to.equal(303)
    const again = await learner.post('/my/requests', { kind: 'correction', text: 'Ещё раз' })
    expect(again.status).to.equal(422)
    expect(again.text).to.include('уже ждёт ответа').and.include('Ещё раз')
    await app.settle()
    expect(await told('privacy.requested')).to.have.length(1)
    const queue = await admin.get('/data-requests')
    expect(queue.text).to.include('Исправить данные').and.include('Тестова')
    expect(queue.queries).to.be.at.most(8)
    expect((await admin.get('/administration')).text).to.include('Обращение о данных ждёт ответа: 1')
    expect((await admin.get(`/data-requests/${(await last()).id}`)).text).to.include('&lt;b&gt;')
  })

  it('are answered once, with a reason that the person gets', async () => {
    const { id } = await last()
    expect((await admin.post(`/data-requests/${id}/take`, { version: 1 })).status).to.equal(303)
    expect((await admin.post(`/data-requests/${id}/take`, { version: 1 })).status).to.equal(409)
    const empty = await admin.post(`/data-requests/${id}/decide`, { state: 'done', decision: ' ', version: 2 })
    expect(empty.status).to.equal(422)
    const answer = { state: 'declined', decision: 'В паспорте так же.', version: 2 }
    expect((await admin.post(`/data-requests/${id}/decide`, answer)).status).to.equal(303)
    expect((await admin.post(`/data-requests/${id}/decide`, answer)).status).to.equal(409)
    await app.settle()
    const [notice] = await told('privacy.decided')
    expect(notice).to.include({ person_id: person, href: '/my/requests' })
    expect((await learner.get('/my/requests')).text)
      .to.include('В паспорте так же.')
      .and.include('отказано')
    expect((await admin.get('/data-requests?tab=answered')).text).to.include('В паспорте так же.')
    const events = await db()('domain_events')
      .where({ subject_type: 'dataRequest', subject_id: id })
      .orderBy('id')
      .pluck('type')
    expect(events).to.deep.equal(['dataRequestSent', 'dataRequestTaken', 'dataRequestDecided'])
  })

  it('are taken back by their person alone', async () => {
    await learner.post('/my/requests', { kind: 'access', text: 'Покажите' })
    const { id } = await last()
    await makeUser('stranger')
    const stranger = await app.signedIn('stranger')
    expect((await stranger.post(`/my/requests/${id}/cancel`)).status).to.equal(404)
    expect((await learner.post(`/my/requests/${id}/cancel`)).status).to.equal(303)
    expect((await last()).state).to.equal('cancelled')
  })

  it('that came on paper run from the day on which they came; late ones are shown', async () => {
    const paper = {
      person: `Тестова Анна #${person}`,
      kind: 'erasure',
      text: 'Прошу удалить',
      receivedOn: '2026-01-12',
    }
    const sent = await admin.post('/data-requests', paper)
    expect(sent.status, sent.text.slice(0, 800)).to.equal(303)
    expect(await last()).to.include({ due_on: '2026-02-11', person_id: person })
    expect((await admin.get('/data-requests')).text).to.include('срок прошёл')
    expect((await admin.get(sent.location)).text).to.include(`/people/${person}/erasure`)
    expect((await admin.post('/data-requests', { ...paper, person: 'никто' })).status).to.equal(404)
    expect(
      (await admin.post('/data-requests', { ...paper, kind: 'access', receivedOn: '2999-01-01' })).status,
    ).to.equal(422)
  })

  it('have their time set by an administrator', async () => {
    expect((await admin.post('/data-requests/deadlines', { ...SET, erasureDays: 0 })).status).to.equal(422)
    expect((await admin.post('/data-requests/deadlines', { ...SET, erasureDays: 5 })).status).to.equal(303)
    await makeUser('other')
    await (await app.signedIn('other')).post('/my/requests', { kind: 'erasure', text: 'Удалите' })
    const { created_at, due_on } = await last()
    expect(due_on <= addDays(created_at.slice(0, 10), 6)).to.equal(true)
  })
})
