import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import type { TestClient } from '../../testing/client.ts'
import { makeWorld, type World } from '../../testing/world.ts'

describe('dates of an enrolment', () => {
  const app = useApp()
  let world: World
  let admin: TestClient
  const path = () => `/cohorts/${world.own.cohort}/people/${world.own.enrolment}`
  const row = () => db()('enrolments').where({ id: world.own.enrolment }).first()

  before(async () => {
    world = await makeWorld()
    admin = await app.signedIn('administrator')
  })

  it('are corrected, with what they were and why in the history', async () => {
    expect((await admin.get(path())).text).to.include(`${path()}/dates`)
    const { version } = await row()
    const input = { enrolledOn: '2025-09-05', endedOn: '', reason: 'приказ № 12', version }
    expect((await admin.post(`${path()}/dates`, input)).location).to.equal(path())
    expect(await row()).to.include({ enrolled_on: '2025-09-05', ended_on: null, state: 'active' })
    expect((await admin.get(path())).text)
      .to.include('Исправлены даты')
      .and.include('приказ № 12')
    expect((await admin.post(`${path()}/dates`, input)).status, 'a stale page').to.equal(409)
  })

  it('are days that can be', async () => {
    const { version } = await row()
    const refused = async (input: object, words: string) => {
      const answer = await admin.post(`${path()}/dates`, { enrolledOn: '2025-09-05', endedOn: '', version, ...input })
      expect(answer.status).to.equal(422)
      expect(answer.text).to.include(words)
    }
    await refused({ enrolledOn: '2999-01-01' }, 'Эта дата ещё не наступила')
    await refused({ enrolledOn: '31.02.2025' }, 'Такой даты нет. Пример: 21.11.')
    await refused({ endedOn: '2025-10-01' }, 'Обучение продолжается')
    await db()('enrolments').where({ id: world.own.enrolment }).update({ state: 'completed', ended_on: '2026-05-20' })
    await refused({ endedOn: '' }, 'Заполните')
    await refused({ endedOn: '2025-09-01' }, 'Окончание раньше зачисления')
    expect(
      (await admin.post(`${path()}/dates`, { enrolledOn: '2025-09-05', endedOn: '2026-05-25', version })).status,
    ).to.equal(303)
    expect(await row()).to.include({ ended_on: '2026-05-25', state: 'completed' })
  })

  it('are not for instructors, nor of another cohort', async () => {
    expect((await (await app.signedIn('instructor')).get(`${path()}/dates`)).status).to.equal(403)
    const wrong = `/cohorts/${world.foreign.cohort}/people/${world.own.enrolment}/dates`
    expect((await admin.get(wrong)).status).to.equal(404)
  })
})
