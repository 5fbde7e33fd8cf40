import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeCohort, makeEmployment, makeEnrolment, makeMilestone, makePerson } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { addLearners, daysAgo, makeTrackingStage, type TrackingStage } from './stage.ts'

const PDF = new File([Buffer.from('%PDF-1.4\n%âãÏÓ\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF')], 'Отзыв.pdf', {
  type: 'application/pdf',
})

describe('tracking journal', function () {
  this.timeout(60_000)
  const app = useApp()
  let stage: TrackingStage
  const clients: Record<string, TestClient> = {}
  const as = (login: string) => clients[login] as TestClient

  before(async () => {
    stage = await makeTrackingStage()
    const logins = ['learner', 'learner2', 'methodist', 'instructor', 'director', 'otherDirector', 'administrator']
    for (const login of logins) clients[login] = await app.signedIn(login)
  })

  const stateOf = (milestone: number, enrolment = stage.enrolments[0]) =>
    db()('milestone_states').where({ enrolment_id: enrolment, milestone_id: milestone }).first()
  const card = (milestone: number, enrolment = stage.enrolments[0]) =>
    `/tracking/enrolments/${enrolment}/milestones/${milestone}`
  const offer = (milestone: number, fields: Record<string, unknown>, login = 'learner') =>
    as(login).upload(`/my/tracking/${stage.enrolments[0]}/milestones/${milestone}/evidence`, { version: 0, ...fields })
  const fresh = (values: Record<string, unknown> = {}) => makeMilestone({ programme_id: stage.programme, ...values })

  describe('evidence', () => {
    it('is offered by the learner with words, a link and a file, and read by those whom it concerns alone', async () => {
      const { lesson } = stage.milestones
      const answer = await offer(lesson, { note: 'Урок 12 ноября', link: 'https://example.org/otzyv', file: PDF })
      expect(answer.status, answer.text.slice(0, 500)).to.equal(303)
      expect((await stateOf(lesson)).state).to.equal('submitted')
      const { file_id } = await db()('milestone_evidence').whereNotNull('file_id').first()
      for (const login of ['learner', 'methodist', 'director', 'administrator']) {
        const file = await as(login).get(`/files/${file_id}`)
        expect(file.status, login).to.equal(200)
        expect(file.headers.get('content-type')).to.include('application/pdf')
      }
      for (const login of ['otherDirector', 'learner2', 'instructor'])
        expect((await as(login).get(`/files/${file_id}`)).status, login).to.equal(404)
      const page = await as('methodist').get(card(lesson))
      expect(page.text).to.include('Урок 12 ноября').and.include('Отзыв.pdf').and.include('на проверке')
      expect((await as('instructor').get(card(lesson))).text).to.not.include('Урок 12 ноября')
      expect((await as('otherDirector').get(card(lesson))).status).to.equal(404)
    })

    it('ends to be read by the director on the day after the employment', async () => {
      const { file_id } = await db()('milestone_evidence').whereNotNull('file_id').first()
      const employment = db()('employments').where({ id: stage.employments[0] })
      await employment.clone().update({ ends_on: daysAgo(1) })
      expect((await as('director').get(`/files/${file_id}`)).status).to.equal(404)
      expect((await as('director').get(card(stage.milestones.lesson))).status).to.equal(404)
      await employment.clone().update({ ends_on: null })
      expect((await as('director').get(`/files/${file_id}`)).status).to.equal(200)
    })

    it('that is empty, hostile or of a wrong kind is refused beside its field, and nothing is stored', async () => {
      const milestone = await fresh()
      const page = `id="milestone-${milestone}"`
      const empty = await offer(milestone, { note: ' ', link: '' })
      expect(empty.status).to.equal(422)
      expect(empty.text).to.include(page).and.include('Напишите, что сделано, дайте ссылку или приложите файл')
      const script = await offer(milestone, { note: 'Вот', link: 'javascript:alert(1)' })
      expect(script.status).to.equal(422)
      expect(script.text).to.include('https://')
      const long = await offer(milestone, { note: 'я'.repeat(1001) })
      expect(long.status).to.equal(422)
      const html = new File(['<html><script>alert(1)</script></html>'], 'отзыв.pdf')
      const wrong = await offer(milestone, { note: 'Вот <b>это</b>', file: html })
      expect(wrong.status).to.equal(422)
      expect(wrong.text).to.include('Такой файл не принимается').and.include('Вот &lt;b&gt;это&lt;/b&gt;')
      const huge = await offer(milestone, { note: 'Большое', file: new File([Buffer.alloc(26_000_000)], 'видео.mp4') })
      expect(huge.status).to.equal(422)
      expect(huge.text).to.include('Файл больше 25 МБ').and.include(page)
      expect(await stateOf(milestone)).to.equal(undefined)
    })

    it('sent twice, or on a stale page, is refused the second time', async () => {
      const milestone = await fresh()
      expect((await offer(milestone, { note: 'Раз' })).status).to.equal(303)
      const stale = await offer(milestone, { note: 'Раз, и подробно' })
      expect(stale.status).to.equal(409)
      expect(stale.text)
        .to.include('раздел изменился. Сейчас он: на проверке')
        .and.include('Раз, и подробно</textarea>')
      expect(stale.text).to.include('name="version" value="1"')
      expect((await offer(milestone, { note: 'Два', version: 1 })).status).to.equal(303)
      const rows = await db()('milestone_evidence as me')
        .join('milestone_states as s', 's.id', 'me.milestone_state_id')
        .where('s.milestone_id', milestone)
      expect(rows).to.have.length(2)
    })

    it('typed while somebody confirmed the milestone is shown, though there is nothing to send any more', async () => {
      const milestone = await fresh()
      expect((await as('methodist').upload(`${card(milestone)}/confirm`, { version: 0 })).status).to.equal(303)
      const late = await offer(milestone, { note: 'Писала <час>' })
      expect(late.status).to.equal(409)
      expect(late.text).to.include('Сейчас он: есть, и отправлять ничего не нужно').and.include('Писала &lt;час&gt;')
    })

    it('is taken back by who offered it while nobody decided', async () => {
      const milestone = await fresh()
      await offer(milestone, { note: 'Ошиблась' })
      const { id } = await db()('milestone_evidence').orderBy('id', 'desc').first('id')
      expect((await as('learner2').post(`/my/evidence/${id}/withdraw`)).status).to.equal(404)
      expect((await as('learner').post(`/my/evidence/${id}/withdraw`)).status).to.equal(303)
      expect((await stateOf(milestone)).state).to.equal('open')
      expect((await as('learner').post(`/my/evidence/${id}/withdraw`)).status).to.equal(409)
    })

    it('is not wanted where the system knows, where it is done, or where learning has stopped', async () => {
      expect((await offer(stage.milestones.route, { note: 'Готово' })).status).to.equal(403)
      const milestone = await fresh()
      const enrolment = db()('enrolments').where({ id: stage.enrolments[0] })
      await enrolment.clone().update({ state: 'suspended' })
      expect((await offer(milestone, { note: 'Готово' })).status).to.equal(403)
      await enrolment.clone().update({ state: 'active' })
      expect((await offer(milestone, { note: 'Готово' }, 'learner2')).status).to.equal(404)
    })
  })

  describe('decisions', () => {
    it('return with a comment that the learner reads and gets by letter, then confirm; the history tells it all', async () => {
      const milestone = await fresh()
      await offer(milestone, { note: 'Без подписи' })
      const noReason = await as('methodist').post(`${card(milestone)}/return`, { comment: ' ', version: 1 })
      expect(noReason.status).to.equal(422)
      const back = await as('methodist').post(`${card(milestone)}/return`, { comment: 'Нужна подпись', version: 1 })
      expect(back.status).to.equal(303)
      expect((await stateOf(milestone)).state).to.equal('returned')
      expect((await as('learner').get('/my/tracking')).text).to.include('Нужна подпись')
      await app.settle()
      const letter = await db()('mail_outbox').where({ kind: 'tracking.returned' }).first()
      expect(letter.to_address).to.equal('learner@example.org')
      expect(letter.body_text).to.include('Анна Ивановна').and.include('Нужна подпись')
      expect((await as('director').get(card(milestone))).text).to.not.include('Нужна подпись')
      await offer(milestone, { note: 'С подписью', version: 2 })
      const stale = await as('methodist').upload(`${card(milestone)}/confirm`, { version: 2, note: 'Видела сама' })
      expect(stale.status).to.equal(409)
      expect(stale.text).to.include('Видела сама</textarea>').and.include('name="version" value="3"')
      const words = { comment: 'Нужна печать', version: 2 }
      const late = await as('methodist').post(`${card(milestone)}/return`, words)
      expect(late.status).to.equal(409)
      expect(late.text).to.include('Нужна печать</textarea>').and.include('Сейчас он: на проверке')
      const early = await as('methodist').upload(`${card(milestone)}/confirm`, { version: 3, on: '2999-01-01' })
      expect(early.status).to.equal(422)
      expect(early.text).to.include('Этот день ещё не наступил')
      const held = { version: 3, on: '2026-09-15' }
      expect((await as('methodist').upload(`${card(milestone)}/confirm`, held)).status).to.equal(303)
      const confirmedOn = await db()('milestone_states').where({ milestone_id: milestone, state: 'done' }).first()
      expect(confirmedOn.done_on).to.equal('2026-09-15')
      const stored = await stateOf(milestone)
      expect(stored).to.include({ state: 'done', source: 'manual', version: 4 })
      expect(stored.confirmed_by).to.be.a('number')
      const page = await as('methodist').get(card(milestone))
      expect(page.text)
        .to.include('Приложено подтверждение')
        .and.include('Возвращено с замечанием')
        .and.include('Подтверждено')
      const events = await db()('domain_events')
        .where({ subject_type: 'milestoneState', subject_id: stored.id })
        .orderBy('id')
      expect(events.map((event) => event.type)).to.deep.equal([
        ...['milestoneOffered', 'milestoneReturned', 'milestoneOffered', 'milestoneConfirmed'],
      ])
    })

    it('count participations until there are enough', async () => {
      const { actions } = stage.milestones
      for (const [version, note] of ['Первая акция', 'Вторая акция', 'Третья акция'].entries()) {
        await offer(actions, { note, version })
      }
      expect((await stateOf(actions)).state).to.equal('submitted')
      const pieces = await db()('milestone_evidence as me')
        .join('milestone_states as s', 's.id', 'me.milestone_state_id')
        .where('s.milestone_id', actions)
        .orderBy('me.id')
        .pluck('me.id')
      const accept = (id: number, version: number) =>
        as('methodist').post(`/tracking/evidence/${id}/accept`, { version })
      expect((await accept(pieces[0], 3)).status).to.equal(303)
      expect(await stateOf(actions)).to.include({ state: 'submitted', count_done: 1 })
      const declined = await as('methodist').post(`/tracking/evidence/${pieces[1]}/decline`, {
        comment: 'Это не акция',
        version: 4,
      })
      expect(declined.status).to.equal(303)
      expect(await stateOf(actions)).to.include({ state: 'open', count_done: 1 })
      expect((await accept(pieces[2], 4)).status, 'stale').to.equal(409)
      expect((await accept(pieces[2], 5)).status).to.equal(303)
      expect((await accept(pieces[2], 6)).status, 'twice').to.equal(409)
      const added = await as('methodist').upload(`${card(actions)}/confirm`, {
        note: 'Субботник, видела сама',
        version: 6,
      })
      expect(added.status).to.equal(303)
      expect(await stateOf(actions)).to.include({ state: 'done', count_done: 3 })
      const taken = await as('methodist').post(`/tracking/evidence/${pieces[0]}/decline`, {
        comment: 'Ошибка',
        version: 7,
      })
      expect(taken.status).to.equal(303)
      expect(await stateOf(actions)).to.include({ state: 'returned', count_done: 2 })
    })

    it('demand evidence where the kind says so', async () => {
      const bare = await fresh({ kind: 'reviewed_lesson' })
      const refused = await as('methodist').upload(`${card(bare)}/confirm`, { version: 0 })
      expect(refused.status).to.equal(422)
      expect(refused.text).to.include('нужно подтверждение')
      const confirmed = await as('methodist').upload(`${card(bare)}/confirm`, { version: 0, file: PDF })
      expect(confirmed.status).to.equal(303)
    })

    it('waive with a reason, and can be taken back', async () => {
      const milestone = await fresh()
      const path = card(milestone)
      expect((await as('methodist').post(`${path}/waive`, { comment: '', version: 0 })).status).to.equal(422)
      expect((await as('methodist').post(`${path}/waive`, { comment: 'Зачтено ранее', version: 0 })).status).to.equal(
        303,
      )
      expect((await stateOf(milestone)).state).to.equal('waived')
      expect((await as('methodist').post(`${path}/waive`, { comment: 'Ещё раз', version: 1 })).status).to.equal(409)
      expect((await as('methodist').post(`${path}/reopen`, { comment: 'Не тот человек', version: 1 })).status).to.equal(
        303,
      )
      expect((await stateOf(milestone)).state).to.equal('open')
    })

    it('belong to the methodist, and to an instructor only in their own module', async () => {
      const { ofModule, questionnaire } = stage.milestones
      for (const login of ['director', 'learner']) {
        const answer = await as(login).upload(`${card(ofModule)}/confirm`, { version: 0 })
        expect(answer.status, login).to.equal(403)
      }
      expect((await as('otherDirector').upload(`${card(ofModule)}/confirm`, { version: 0 })).status).to.equal(403)
      expect((await as('instructor').upload(`${card(questionnaire)}/confirm`, { version: 0 })).status).to.equal(403)
      expect((await as('instructor').upload(`${card(ofModule)}/confirm`, { version: 0 })).status).to.equal(303)
      expect((await stateOf(ofModule)).state).to.equal('done')
    })

    it('are impossible for what the system knows and for those who were withdrawn', async () => {
      const { route, questionnaire } = stage.milestones
      expect((await as('methodist').upload(`${card(route)}/confirm`, { version: 0 })).status).to.equal(422)
      const enrolment = await makeEnrolment(await makePerson({ login: null }), stage.cohort, { state: 'withdrawn' })
      expect(
        (await as('methodist').upload(`${card(questionnaire, enrolment)}/confirm`, { version: 0 })).status,
      ).to.equal(403)
    })
  })

  describe('for many', () => {
    it('confirms a column for chosen people once, and says who was left out', async () => {
      const ids = await addLearners(stage, 3)
      const milestone = await fresh({ kind: 'counted_participation', required_count: 2 })
      const path = `/tracking/cohorts/${stage.cohort}/confirm`
      const nobody = await as('methodist').post(path, { milestone, note: 'Акция' })
      expect(nobody.status).to.equal(422)
      const nothing = await as('methodist').post(path, { milestone, enrolments: ids })
      expect(nothing.status).to.equal(303)
      expect(await db()('milestone_states').where({ milestone_id: milestone })).to.have.length(0)
      const first = await as('methodist').post(path, { milestone, enrolments: ids, note: 'Чистый берег, 12 октября' })
      const page = await as('methodist').get(first.location)
      expect(page.text).to.include('Раздел подтверждён 3 слушателям')
      await as('methodist').post(path, { milestone, enrolments: ids, note: 'Чистый берег, 12 октября' })
      const states = () => db()('milestone_states').where({ milestone_id: milestone })
      expect((await states()).map((row) => [row.state, row.count_done])).to.deep.equal(ids.map(() => ['open', 1]))
      await as('methodist').post(path, { milestone, enrolments: ids.slice(0, 2), note: 'Концерт, 3 ноября' })
      expect((await states()).map((row) => row.state).sort()).to.deep.equal(['done', 'done', 'open'])
      const events = await db()('domain_events')
        .where({ type: 'milestoneConfirmed' })
        .where('data', 'like', '%Концерт%')
      expect(events).to.have.length(2)
    })

    it('changes nobody when one of the chosen is not theirs to confirm', async () => {
      const [own] = await addLearners(stage, 1)
      const { ofModule, questionnaire } = stage.milestones
      const foreign = await makeEnrolment(await makePerson({ login: null }), stage.cohort)
      const path = `/tracking/cohorts/${stage.cohort}/confirm`
      expect((await as('instructor').post(path, { milestone: questionnaire, enrolments: [own] })).status).to.equal(403)
      expect((await as('instructor').post(path, { milestone: ofModule, enrolments: [own, foreign] })).status).to.equal(
        404,
      )
      expect(await stateOf(ofModule, own)).to.equal(undefined)
      expect(
        (await as('methodist').post(path, { milestone: stage.milestones.route, enrolments: [own] })).status,
      ).to.equal(422)
    })

    it('finds who is missing what and writes to exactly those', async () => {
      const { questionnaire } = stage.milestones
      const [anna, boris] = stage.enrolments
      await as('methodist').upload(`${card(questionnaire, anna)}/confirm`, { version: 0 })
      const base = `/tracking/cohorts/${stage.cohort}`
      const missing = await as('methodist').get(`${base}?milestone=${questionnaire}&state=missing`)
      expect(missing.text).to.include('Борисов').and.not.include('Аннина')
      expect((await as('methodist').get(`${base}?milestone=${questionnaire}&state=done`)).text)
        .to.include('Аннина')
        .and.not.include('Борисов')
      const late = await as('methodist').get(
        `${base}?milestone=${questionnaire}&state=late&organisation=${stage.schools[1]}`,
      )
      expect(late.text).to.include('Борисов').and.not.include('Ученица0')
      const compose = await as('methodist').get(
        `${base}/letter?milestone=${questionnaire}&state=missing&organisation=${stage.schools[1]}`,
      )
      expect(compose.text)
        .to.include(`value="${boris}" id="f-enrolments-0" checked`)
        .and.include('раздел «Входная анкета»')
      const letter = { enrolments: [boris], subject: 'Входная анкета', text: 'Здравствуйте, {имя}! Осталась анкета.' }
      expect((await as('methodist').post(`${base}/letter`, letter)).status).to.equal(303)
      await app.settle()
      const sent = await db()('mail_outbox').where({ kind: 'tracking.reminder' })
      expect(sent.map((row) => [row.to_address, row.subject, row.body_text])).to.deep.equal([
        ['learner2@example.org', 'Входная анкета', 'Здравствуйте, Борис! Осталась анкета.'],
      ])
      expect((await as('learner2').get('/notices')).text).to.include('Здравствуйте, Борис! Осталась анкета.')
      const foreign = await makeEnrolment(await makePerson({}), await makeCohort())
      expect(
        (await as('methodist').post(`${base}/letter`, { ...letter, enrolments: [boris, foreign] })).status,
      ).to.equal(404)
      const bare = await as('methodist').post(`${base}/letter`, { ...letter, subject: '' })
      expect(bare.status).to.equal(422)
      expect(bare.text).to.include('Осталась анкета')
    })

    it('exports what the filter shows, and prints', async () => {
      const base = `/tracking/cohorts/${stage.cohort}`
      const csv = await as('methodist').get(`${base}/export?format=csv&q=борис`)
      expect(csv.text).to.include('Борисов').and.include('Входная анкета').and.not.include('Аннина')
      const xlsx = await as('methodist').get(`${base}/export?format=xlsx`)
      expect(xlsx.headers.get('content-type')).to.include('spreadsheetml')
      const pdf = await as('methodist').get(`${base}/export?format=pdf`)
      expect(pdf.headers.get('content-type')).to.equal('application/pdf')
      const noted = await db()('domain_events').where({ type: 'dataRead', subject_type: 'cohort' })
      const paper = await as('methodist').get(`${base}/print`)
      const after = await db()('domain_events').where({ type: 'dataRead', subject_type: 'cohort' })
      expect(after).to.have.length(noted.length + 1)
      expect(paper.text).to.include('Борисов').and.include('Аннина')
      const own = await as('director').get(`${base}/export?format=csv`)
      expect(own.text).to.include('Аннина').and.not.include('Борисов')
    })

    it('notes who opened a milestone of somebody with its evidence', async () => {
      const noted = () =>
        db()('domain_events').where({ type: 'dataRead', subject_type: 'enrolment', subject_id: stage.enrolments[0] })
      const before = (await noted()).length
      await as('methodist').get(card(stage.milestones.actions))
      expect(await noted()).to.have.length(before + 1)
    })

    it('exports the list of journals, to a director with their own employees counted alone', async () => {
      const list = async (login: 'methodist' | 'director', query = '') => {
        const { text } = await as(login).get(`/tracking/export?format=csv${query}`)
        return text.trimEnd().split('\r\n')
      }
      const { title } = await db()('cohorts').where({ id: stage.cohort }).first()
      const [head, ...lines] = await list('methodist')
      expect(head).to.include('Поток;Программа;Начало;Слушателей')
      const mine = lines.find((line) => line.startsWith(title))?.split(';')
      const theirs = (await list('director')).find((line) => line.startsWith(title))?.split(';')
      expect(Number(theirs?.[3])).to.be.lessThan(Number(mine?.[3]))
      expect(await list('methodist', '&q=%25')).to.have.length(1)
      expect((await as('methodist').get('/tracking?all=1')).text).to.include('/tracking/export?')
    })

    it('shows a director their own employees alone, and says nothing of their other work', async () => {
      await makeEmployment(stage.people[0], stage.schools[1], { is_primary: 0 })
      const page = await as('director').get(`/tracking/cohorts/${stage.cohort}`)
      expect(page.text).to.include('Аннина').and.not.include('Борисов').and.not.include('Вторая школа')
    })

    it('costs at most ten queries, however many learners there are', async () => {
      const paths = [
        `/tracking/cohorts/${stage.cohort}`,
        `/tracking/enrolments/${stage.enrolments[0]}`,
        card(stage.milestones.actions),
      ]
      const cost = async (login: string, path: string) => {
        await as(login).get(path)
        return (await as(login).get(path)).queries
      }
      const few: number[] = []
      for (const path of paths) few.push(await cost('methodist', path))
      const own = await cost('learner', '/my/tracking')
      await addLearners(stage, 60)
      await fresh()
      for (const [index, path] of paths.entries()) {
        expect(few[index], path).to.be.at.most(10)
        expect(await cost('methodist', path), path).to.equal(few[index])
      }
      expect(own).to.be.at.most(10)
      expect(await cost('learner', '/my/tracking')).to.equal(own)
      const first = await as('methodist').get(paths[0] as string)
      const next = /rel="next" href="([^"]+)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&')
      expect(next).to.be.a('string')
      expect((await as('methodist').get(next as string)).text).to.include('rel="prev"')
    })
  })
})
