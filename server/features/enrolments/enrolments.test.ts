import { expect } from 'chai'
import { db, fromJson, toJson } from '../../core/db/index.ts'
import { saveSetting, setting } from '../../core/settings.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEmployment,
  makeEnrolment,
  makeGroup,
  makeMember,
  makeModule,
  makeOrganisation,
  makePerson,
  makeProgramme,
  makeUser,
} from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { tellDirectors } from './notices.ts'

describe('enrolment pages', function () {
  this.timeout(60_000)
  const app = useApp()
  let programme: number
  let modules: number[]
  let methodist: TestClient

  before(async () => {
    programme = await makeProgramme()
    modules = [await makeModule({ programme_id: programme }), await makeModule({ programme_id: programme })]
    await makeUser('methodist', 'methodist')
    methodist = await app.signedIn('methodist')
  })

  const cohortOf = async (values: Record<string, unknown> = {}) => {
    const cohort = await makeCohort({ programme_id: programme, ...values })
    for (const module of modules) {
      for (const number of [1, 2]) await makeGroup(cohort, module, { name: `Группа ${number}` })
    }
    return cohort
  }
  const named = (last_name: string, values: Record<string, unknown> = {}) =>
    makePerson({ login: null, last_name, first_name: 'Анна', middle_name: 'Ивановна', ...values })
  const stateOf = async (id: number) => (await db()('enrolments').where({ id }).first()).state
  const peopleIn = (cohort: number): Promise<number[]> =>
    db()('enrolments').where({ cohort_id: cohort }).orderBy('id').pluck('person_id')

  it('enrol those who are ticked, all or nobody', async () => {
    const cohort = await cohortOf({ capacity: 3 })
    const chosen = [await named('Первая'), await named('Вторая')]
    const page = await methodist.get(`/cohorts/${cohort}/enrol?q=${encodeURIComponent('перв')}`)
    expect(page.text).to.include('Первая').and.include('осталось 3 места').and.not.include('Вторая')
    const answer = await methodist.post(`/cohorts/${cohort}/enrol`, { ids: chosen, groupNumber: '2' })
    expect(answer.location).to.equal(`/cohorts/${cohort}/people`)
    const list = await methodist.get(answer.location)
    expect(list.text).to.include('Зачислено 2 человека').and.include('Первая').and.include('Группа 2')
    const groups = db()('group_members as gm').join('groups as g', 'g.id', 'gm.group_id').where('g.cohort_id', cohort)
    expect(await groups.distinct('g.name').pluck('g.name')).to.deep.equal(['Группа 2'])
    const again = await methodist.post(`/cohorts/${cohort}/enrol`, { ids: chosen })
    expect((await methodist.get(again.location)).text).to.include('Все выбранные уже зачислены')
    const more = [await named('Третья'), await named('Четвёртая')]
    const full = await methodist.post(`/cohorts/${cohort}/enrol?q=%D0%B0`, { ids: more })
    expect(full.status).to.equal(422)
    expect(full.text).to.include('В потоке осталось 1 место, выбрано 2')
    expect(await peopleIn(cohort)).to.deep.equal(chosen)
    const none = await methodist.post(`/cohorts/${cohort}/enrol`, {})
    expect(none.status).to.equal(422)
    expect(none.text).to.include('Никто не выбран')
    expect((await methodist.post(`/cohorts/${cohort}/enrol`, { ids: 'drop table' })).status).to.equal(422)
    expect((await methodist.post(`/cohorts/${cohort}/enrol`, { ids: '999999' })).text).to.include('больше нет в списке')
  })

  it('enrol everybody who matches the place of work and the date, if they are as many as were seen', async () => {
    const cohort = await cohortOf()
    const school = await makeOrganisation({ name: 'Лицей весёлый' })
    const fresh = [await named('Новая'), await named('Свежая')]
    for (const id of fresh) await makeEmployment(id, school, { starts_on: '2026-09-05' })
    await makeEmployment(await named('Давняя'), school, { starts_on: '2010-09-01' })
    const query = `organisation=${encodeURIComponent('лицей ВЕСЁЛ')}&startedFrom=2026-09-01`
    const page = await methodist.get(`/cohorts/${cohort}/enrol?${query}`)
    expect(page.text).to.include('Зачислить всех найденных: 2').and.include('Новая').and.not.include('Давняя')
    const path = `/cohorts/${cohort}/enrol?${query}`
    const changed = await methodist.post(path, { all: 1, expected: 1 })
    expect(changed.status).to.equal(422)
    expect(changed.text).to.include('отбор изменился: было 1, стало 2')
    expect((await methodist.post(path, { all: 1, expected: 2 })).status).to.equal(303)
    expect(await peopleIn(cohort)).to.have.members(fresh)
    expect((await methodist.get(path)).text).to.include('Зачислять некого')
  })

  it('enrol by a saved choice and by the people of an import', async () => {
    const cohort = await cohortOf()
    const person = await named('Загруженная')
    const owner = (await db()('accounts').where({ login: 'methodist' }).first()).person_id
    const now = '2026-11-01 10:00:00.000'
    const stamps = { created_at: now, updated_at: now }
    const asked = { field: 'person.name', op: 'begins', values: ['загруж'] }
    const choice = {
      owner_id: owner,
      subject: 'people',
      name: 'Мои новенькие',
      criteria: toJson({ match: 'all', groups: [{ match: 'all', conditions: [asked] }] }),
      ...stamps,
    }
    await db()('saved_filters').insert(choice)
    const common = {
      kind: 'people',
      file_name: 'staff.csv',
      source_info: '{}',
      mapping: '{}',
      options: '{}',
      ...stamps,
    }
    const [own] = await db()('imports').insert({ ...common, state: 'done', created_by: owner })
    const [others] = await db()('imports').insert({
      ...common,
      file_name: 'secret.csv',
      state: 'done',
      created_by: person,
    })
    for (const import_id of [own, others]) {
      await db()('import_rows').insert({
        import_id,
        row_number: 1,
        action: 'create',
        cells: '[]',
        problems: '[]',
        target_id: person,
      })
    }
    const page = await methodist.get(`/cohorts/${cohort}/enrol`)
    const saved = await db()('saved_filters').where({ name: 'Мои новенькие' }).first('id')
    const narrowed = `/cohorts/${cohort}/enrol?filter=${saved.id}`
    expect((await methodist.get(narrowed)).text).to.include('Загруженная')
    // Both hold: she heads nothing.
    expect((await methodist.get(`${narrowed}&directory=heads`)).text)
      .to.include('Зачислять некого')
      .and.include('name="directory" value="heads"')
    expect(page.text).to.include('Мои новенькие').and.include('staff.csv').and.not.include('secret.csv')
    expect((await methodist.get(`/cohorts/${cohort}/enrol?import=${others}`)).text).to.include('Зачислять некого')
    const found = await methodist.get(`/cohorts/${cohort}/enrol?import=${own}`)
    expect(found.text).to.include('Загруженная')
    await methodist.post(`/cohorts/${cohort}/enrol?import=${own}`, { ids: person })
    const row = await db()('enrolments').where({ cohort_id: cohort }).first()
    expect(row).to.include({ person_id: person, source: 'import' })
  })

  it('check a pasted list, ask where it is unclear, and drop nobody in silence', async () => {
    const cohort = await cohortOf()
    const clear = await named('Ясная', { email: 'clear@school.example', email_folded: 'clear@school.example' })
    const [one, two] = [await named('Двойная'), await named('Двойная')]
    const here = await named('Здешняя')
    await makeEnrolment(here, cohort)
    const text = 'Clear@School.example\nДвойная А. И.\nЗдешняя Анна Ивановна\nНеведомая Анна\n<script>alert(1)</script>'
    const path = `/cohorts/${cohort}/enrol/list`
    expect((await methodist.post(path, { text: '  ' })).status).to.equal(422)
    const checked = await methodist.post(path, { text })
    expect(checked.status).to.equal(200)
    expect(checked.text).to.include('Найден 1 человек').and.include('Кто это: Двойная А. И.')
    expect(checked.text).to.include('Уже в потоке: 1').and.include('Не найдено 2 строки').and.include('Неведомая Анна')
    expect(checked.text).to.include('&lt;script&gt;').and.not.include('<script>alert')
    expect(await peopleIn(cohort)).to.deep.equal([here])
    const answer = await methodist.post(path, { text, confirmed: 1, ids: clear, choice: { l0: two } })
    expect(answer.status).to.equal(303)
    expect(await peopleIn(cohort)).to.have.members([here, clear, two])
    expect(await peopleIn(cohort)).to.not.include(one)
  })

  it('keep the checked list when there is no room', async () => {
    const cohort = await cohortOf({ capacity: 1 })
    const ids = [await named('Лишняя'), await named('Крайняя')]
    const text = 'Лишняя Анна Ивановна\nКрайняя Анна Ивановна'
    const refused = await methodist.post(`/cohorts/${cohort}/enrol/list`, { text, confirmed: 1, ids })
    expect(refused.status).to.equal(422)
    expect(refused.text).to.include('В потоке осталось 1 место, выбрано 2').and.include('Найдено 2 человека')
    expect(await peopleIn(cohort)).to.deep.equal([])
  })

  it('list people by state, group, place of work and name, and export them', async () => {
    const cohort = await cohortOf()
    const groups = await db()('groups').where({ cohort_id: cohort }).orderBy('id').pluck('id')
    const school = await makeOrganisation({ name: 'Гимназия отборная' })
    const [first, second] = [await named('Отборная'), await named('=Формульная')]
    await makeEmployment(first, school)
    const one = await makeEnrolment(first, cohort)
    await makeEnrolment(second, cohort, { state: 'suspended' })
    await makeMember(groups[0], one)
    const list = async (query: string) => (await methodist.get(`/cohorts/${cohort}/people?${query}`)).text
    expect(await list(`group=${groups[0]}`))
      .to.include('Отборная')
      .and.not.include('Формульная')
    expect(await list(`organisation=${school}`))
      .to.include('Отборная')
      .and.not.include('Формульная')
    expect(await list('state=suspended'))
      .to.include('Формульная')
      .and.not.include('Отборная Анна')
    expect(await list(`without=${modules[0]}`))
      .to.include('Формульная')
      .and.not.include('Отборная Анна')
    expect(await list('route=missing'))
      .to.include('Отборная Анна')
      .and.not.include('Формульная')
    expect(await list('state=nonsense&group=abc')).to.include('Отборная')
    const csv = await methodist.get(`/cohorts/${cohort}/people/export?format=csv`)
    expect(csv.text).to.include('Отборная Анна Ивановна').and.include("'=Формульная")
    const xlsx = await methodist.get(`/cohorts/${cohort}/people/export?format=xlsx`)
    expect(xlsx.headers.get('content-type')).to.include('spreadsheetml')
    const { enrolled_on } = await db()('enrolments').where({ cohort_id: cohort }).first()
    expect(csv.text).to.include(enrolled_on.split('-').reverse().join('.'))
    const pdf = await methodist.get(`/cohorts/${cohort}/people/export?format=pdf`)
    expect(pdf.headers.get('content-type')).to.equal('application/pdf')
  })

  it('ask before many are changed, then change all of them or nobody', async () => {
    const cohort = await cohortOf()
    const ids = [await makeEnrolment(await named('Общая'), cohort), await makeEnrolment(await named('Иная'), cohort)]
    const asked = await methodist.post(`/cohorts/${cohort}/people/bulk`, { action: 'withdraw', ids })
    expect(asked.status).to.equal(200)
    expect(asked.text)
      .to.include('Отчислить 2 человек')
      .and.include('Общая')
      .and.include('места в потоке и в темах освободятся')
    expect(await stateOf(ids[0]!)).to.equal('active')
    const path = `/cohorts/${cohort}/people/change`
    const silent = await methodist.post(path, { action: 'withdraw', ids: ids.join(','), reason: ' ' })
    expect(silent.status).to.equal(422)
    expect(silent.text).to.include('Укажите причину').and.include('Общая')
    await methodist.post(path, { action: 'suspend', ids: ids[1], reason: 'отпуск' })
    const mixed = await methodist.post(path, { action: 'complete', ids: ids.join(',') })
    expect(mixed.status).to.equal(422)
    expect(mixed.text).to.include('Не подходят: Иная Анна')
    expect(await stateOf(ids[0]!)).to.equal('active')
    const done = await methodist.post(path, { action: 'withdraw', ids: ids.join(','), reason: 'увольнение' })
    expect((await methodist.get(done.location)).text).to.include('Отчислено 2 человека')
    const history = await methodist.get(`/cohorts/${cohort}/history`)
    expect(history.text).to.include('отчисление').and.include('Причина: увольнение')
    const repeated = await methodist.post(path, { action: 'withdraw', ids: ids.join(','), reason: 'увольнение' })
    expect(repeated.status).to.equal(422)
    const nobody = await methodist.post(`/cohorts/${cohort}/people/bulk`, { action: 'suspend' })
    expect((await methodist.get(nobody.location)).text).to.include('Никто не выбран')
  })

  it('can change everybody who matches the filter', async () => {
    const cohort = await cohortOf()
    for (let count = 0; count < 60; count++) await makeEnrolment(await named('Многая'), cohort)
    await makeEnrolment(await named('Прочая'), cohort)
    const query = `q=${encodeURIComponent('многая')}`
    const asked = await methodist.post(`/cohorts/${cohort}/people/bulk?${query}`, { action: 'suspend', everyone: 1 })
    expect(asked.text).to.include('Приостановить обучение 60 человек')
    const ids = /name="ids" value="([\d,]+)"/.exec(asked.text)?.[1]
    await methodist.post(`/cohorts/${cohort}/people/change`, { action: 'suspend', ids })
    const states = await db()('enrolments').where({ cohort_id: cohort, state: 'suspended' })
    expect(states).to.have.length(60)
    const second = await methodist.get(`/cohorts/${cohort}/people?${query}`)
    const next = /rel="next" href="([^"]+)"/.exec(second.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect((await methodist.get(next)).text).to.include('60 человек')
  })

  it('move people between groups and cohorts', async () => {
    const [cohort, other] = [await cohortOf(), await cohortOf({ capacity: 0 })]
    const groups: number[] = await db()('groups').where({ cohort_id: cohort }).orderBy('id').pluck('id')
    const id = await makeEnrolment(await named('Подвижная'), cohort)
    await makeMember(groups[0]!, id)
    const path = `/cohorts/${cohort}/people/change`
    const open = () =>
      db()('group_members').where({ enrolment_id: id }).whereNull('ends_on').orderBy('group_id').pluck('group_id')
    expect((await methodist.post(path, { action: 'move', ids: id, target: 'all:2' })).status).to.equal(303)
    expect(await open()).to.deep.equal([groups[1], groups[3]])
    const alien = await db()('groups').where({ cohort_id: other }).first('id')
    const refused = await methodist.post(path, { action: 'move', ids: id, target: String(alien.id) })
    expect(refused.text).to.include('Выберите группу этого потока')
    const card = await methodist.get(`/cohorts/${cohort}/people/${id}`)
    const version = Number(/name="version" value="(\d+)"/.exec(card.text)?.[1])
    const choice = { groups: { [`m${modules[0]}`]: groups[0], [`m${modules[1]}`]: groups[3] }, version }
    const own = `/cohorts/${cohort}/people/${id}/groups`
    expect((await methodist.post(own, choice)).status).to.equal(303)
    expect(await open()).to.deep.equal([groups[0], groups[3]])
    expect((await methodist.post(own, choice)).status).to.equal(409)
    const full = await methodist.post(path, { action: 'cohort', ids: id, toCohortId: other })
    expect(full.text).to.include('Мест в потоке больше нет')
    await db()('cohorts').where({ id: other }).update({ capacity: 5 })
    const moved = await methodist.post(path, { action: 'cohort', ids: id, toCohortId: other, version: version + 1 })
    expect(moved.location).to.equal(`/cohorts/${other}/people/${id}`)
    expect((await methodist.get(moved.location)).text).to.include('Перевод из другого потока')
    expect((await methodist.get(`/cohorts/${cohort}/people/${id}`)).status).to.equal(404)
    expect((await methodist.get(`/cohorts/${cohort}/history?of=cohort`)).text).to.include('Подвижная Анна')
  })

  it('refuse a stale page and people of another cohort', async () => {
    const [cohort, other] = [await cohortOf(), await cohortOf()]
    const id = await makeEnrolment(await named('Старая'), cohort)
    const stale = await methodist.post(`/cohorts/${cohort}/people/change`, { action: 'suspend', ids: id, version: 7 })
    expect(stale.status).to.equal(409)
    const foreign = await methodist.post(`/cohorts/${other}/people/change`, { action: 'suspend', ids: id })
    const odd = await methodist.post(`/cohorts/${cohort}/people/change`, { action: 'suspend', ids: { toString: id } })
    expect([odd.status, odd.location]).to.deep.equal([303, `/cohorts/${cohort}/people`])
    expect([303, 422]).to.include(foreign.status)
    expect(await stateOf(id)).to.equal('active')
    expect((await methodist.get(`/cohorts/${other}/people/${id}`)).status).to.equal(404)
    const finished = await cohortOf({ state: 'finished' })
    expect((await methodist.get(`/cohorts/${finished}/enrol`)).status).to.equal(409)
    expect((await methodist.post(`/cohorts/${finished}/enrol`, { ids: await named('Поздняя') })).status).to.equal(409)
  })

  describe('letters', () => {
    const lettersTo = (personId: number) => db()('mail_outbox').where({ person_id: personId }).orderBy('id')

    before(async () => {
      await saveSetting('mail', { ...(await setting('mail')), enabled: false })
    })

    it('tell the learner how to begin, and the director once a day who was enrolled', async () => {
      const cohort = await cohortOf({ title: 'Поток с письмами', directors_from: '2100-01-01' })
      const school = await makeOrganisation()
      const director = await makeUser('director', 'director', { type: 'organisation', id: school })
      const stranger = await makeUser('other-director', 'director', {
        type: 'organisation',
        id: await makeOrganisation(),
      })
      const people = [await makePerson({ last_name: 'Письмова' }), await makePerson({ last_name: 'Почтова' })]
      for (const id of people) await makeEmployment(id, school)
      await methodist.post(`/cohorts/${cohort}/enrol`, { ids: people })
      await app.settle()
      const [welcome, ...others] = await lettersTo(people[0]!)
      expect(others).to.deep.equal([])
      expect(welcome.subject).to.equal('Вы зачислены на программу «Программа»')
      expect(welcome.body_text)
        .to.include('Поток с письмами')
        .and.include('составьте образовательный маршрут')
        .and.not.include('г..')
      const toDirector = await lettersTo(director)
      expect(toDirector).to.have.length(1)
      expect(toDirector[0].body_text).to.include('Письмова').and.include('Почтова').and.include('1 января 2100')
      expect(await lettersTo(stranger)).to.deep.equal([])
      const late = await makePerson({ last_name: 'Поздняя' })
      await makeEmployment(late, school)
      await methodist.post(`/cohorts/${cohort}/enrol`, { ids: late })
      await app.settle()
      expect(await lettersTo(director)).to.have.length(1)
      expect(await lettersTo(late)).to.have.length(1)
      // Delivered after midnight, or once more days later: still of the day on which it happened.
      const event = await db()('domain_events').where({ type: 'personEnrolled' }).orderBy('id', 'desc').first()
      const data = fromJson<Record<string, unknown>>(event.data, {})
      const subject = { type: 'enrolment', id: event.subject_id }
      const happened = { id: event.id, type: event.type, actorId: null, subject, data }
      for (let time = 0; time < 2; time++) await tellDirectors({ ...happened, occurredAt: '2026-01-01 20:59:59.000' })
      const keys = await db()('notices').where({ person_id: director }).orderBy('id').pluck('dedupe_key')
      expect(keys.slice(1)).to.deep.equal([`director-enrolled-${cohort}-2026-01-01`])
    })

    it('and old notices name to a director nobody who works elsewhere now', async () => {
      const cohort = await cohortOf()
      const [school, next] = [await makeOrganisation(), await makeOrganisation()]
      const director = await makeUser('moving-director', 'director', { type: 'organisation', id: school })
      const [staying, leaving] = [
        await makePerson({ last_name: 'Остаюсь' }),
        await makePerson({ last_name: 'Ухожу', middle_name: null }),
      ]
      for (const id of [staying, leaving]) await makeEmployment(id, school)
      await methodist.post(`/cohorts/${cohort}/enrol`, { ids: [staying, leaving] })
      await app.settle()
      const client = await app.signedIn('moving-director')
      const shown = async () => (await client.get('/notices?show=all')).text
      expect(await shown())
        .to.include('Остаюсь')
        .and.include('Ухожу')
      const few = (await client.get('/notices?show=all')).queries
      await db()('employments').where({ person_id: leaving }).update({ ends_on: '2020-01-01', starts_on: '2019-01-01' })
      expect(await shown())
        .to.include('Остаюсь')
        .and.not.include('Ухожу')
      await db()('grants').where({ person_id: director, scope_type: 'organisation' }).update({ scope_id: next })
      const closed = await client.get('/notices?show=all')
      expect(closed.text).to.include('Уведомление больше недоступно').and.not.include('Остаюсь')
      expect(closed.queries).to.equal(few)
      const { id } = await db()('notices').where({ person_id: director }).first('id')
      expect((await client.post(`/notices/${id}/open`)).location).to.equal('/notices')
    })
  })
})
