import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { loadActor } from '../../core/rights/actor.ts'
import { find } from '../../core/search/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { mayReadEvidenceFile } from '../tracking/evidence-service.ts'
import { makeTrackingStage, type TrackingStage } from '../tracking/stage.ts'

describe('search of evidence', function () {
  this.timeout(60_000)
  const app = useApp()
  let stage: TrackingStage
  let learner: TestClient

  const pdf = (name: string) => new File([`%PDF-1.4\n%${name}\n`], name, { type: 'application/pdf' })
  const offer = async (milestone: number, name: string, version = 0) => {
    const path = `/my/tracking/${stage.enrolments[0]}/milestones/${milestone}/evidence`
    const answer = await learner.upload(path, { version, note: 'Вот', file: pdf(name) })
    expect(answer.status, answer.text.slice(0, 300)).to.equal(303)
    await app.settle()
  }
  const actorNamed = async (login: string) => {
    const { person_id } = await db()('accounts').where({ login }).first('person_id')
    const actor = await loadActor(person_id, 'Europe/Moscow')
    if (!actor) throw new Error(login)
    return actor
  }
  const titles = async (login: string, text: string) =>
    (await find(await actorNamed(login), { text, size: 20 })).hits.map((hit) => hit.title[''])

  before(async () => {
    stage = await makeTrackingStage()
    await makeUser('stranger')
    learner = await app.signedIn('learner')
    await offer(stage.milestones.lesson, 'Конспект открытого урока.pdf')
    await offer(stage.milestones.ofModule, 'Отчёт по модулю.pdf')
  })

  it('finds files by their names for exactly those who may open them', async () => {
    const pieces: { id: number; file_id: number; name: string }[] = await db()('milestone_evidence as me')
      .join('files as f', 'f.id', 'me.file_id')
      .select('me.id', 'me.file_id', 'f.name')
    expect(pieces.length).to.equal(2)
    const logins = [
      'learner',
      'learner2',
      'methodist',
      'instructor',
      'director',
      'otherDirector',
      'administrator',
      'stranger',
    ]
    for (const login of logins) {
      const actor = await actorNamed(login)
      for (const { id, file_id, name } of pieces) {
        const mayOpen = await mayReadEvidenceFile(actor, id)
        const hits = (await find(actor, { text: name, size: 20 })).hits.filter(
          (hit) => hit.kind.name === 'evidenceFile',
        )
        expect(hits.map((hit) => hit.id).includes(file_id), `${login}: ${name}`).to.equal(mayOpen)
        const answer = await (await app.signedIn(login)).get(`/files/${file_id}`)
        expect(answer.status === 200, `${login} opens ${name}`).to.equal(mayOpen)
      }
    }
    // Both answers occur.
    expect(await titles('methodist', 'конспект')).to.deep.equal(['Конспект открытого урока.pdf'])
    expect(await titles('instructor', 'конспект')).to.deep.equal([])
    expect(await titles('instructor', 'отчёты')).to.deep.equal(['Отчёт по модулю.pdf'])
    expect(await titles('otherDirector', 'отчёт')).to.deep.equal([])
  })

  it('says whose they are, under the name of now', async () => {
    const hint = async () =>
      (await find(await actorNamed('administrator'), { text: 'конспект', size: 5 })).hits[0]?.hint.ru
    expect(await hint()).to.equal('Аннина Анна Ивановна · Открытый урок')
    const admin = await app.signedIn('administrator')
    const { person_id } = await db()('accounts').where({ login: 'learner' }).first('person_id')
    const { version } = await db()('people').where({ id: person_id }).first('version')
    const names = {
      lastName: 'Замужняя',
      firstName: 'Анна',
      middleName: 'Ивановна',
      gender: '',
      email: 'learner@example.org',
    }
    const answer = await admin.post(`/people/${person_id}`, { ...names, version })
    expect(answer.status, answer.text.slice(0, 500)).to.equal(303)
    await app.settle()
    expect(await hint()).to.equal('Замужняя Анна Ивановна · Открытый урок')
  })

  it('forgets what was taken back', async () => {
    await offer(stage.milestones.optional, 'Передумала.pdf')
    expect(await titles('learner', 'передумала')).to.deep.equal(['Передумала.pdf'])
    const evidence = await db()('milestone_evidence').orderBy('id', 'desc').first('id')
    expect((await learner.post(`/my/evidence/${evidence.id}/withdraw`)).status).to.equal(303)
    await app.settle()
    expect(await titles('learner', 'передумала')).to.deep.equal([])
  })

  it('leaves nothing of who has been erased, neither below files nor among the words', async () => {
    const admin = await app.signedIn('administrator')
    const { person_id } = await db()('accounts').where({ login: 'learner' }).first('person_id')
    const everything = async () =>
      JSON.stringify([await db()('search_documents'), await db()('search_words'), await db()('search_trigrams')])
    expect(await everything())
      .to.include('Замужняя')
      .and.include('замужняя')
    const order = { reason: 'обращение', surname: 'Замужняя', sure: '1' }
    expect((await admin.post(`/people/${person_id}/erasure`, order)).status).to.equal(303)
    await app.settle()
    await app.settle()
    expect((await everything()).toLowerCase()).to.not.include('замужн')
  })
})
