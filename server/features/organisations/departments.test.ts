import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { authorityToday } from '../../core/settings.ts'
import { addDays } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeEmployment, makeOrganisation, makePerson, makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

describe('departments', () => {
  const app = useApp()
  let admin: TestClient
  let school: number
  const address = (id: number) => `/organisations/${school}/departments/${id}`
  const find = (name: string) =>
    db()('departments').where({ organisation_id: school, name }).orderBy('id', 'desc').first()
  const add = async (name: string): Promise<number> => {
    await admin.post(`/organisations/${school}/departments`, { name })
    return (await find(name)).id
  }

  before(async () => {
    school = await makeOrganisation({ name: 'Гимназия № 2' })
    await makeUser('admin', 'administrator')
    await makeUser('director', 'director', { type: 'organisation', id: school })
    admin = await app.signedIn('admin')
  })

  it('are added and renamed, and say when a name is taken', async () => {
    const id = await add('Начальная школа')
    await add('Старшая школа')
    const twice = await admin.post(`/organisations/${school}/departments`, { name: 'начальная  ШКОЛА' })
    expect(twice.status).to.equal(422)
    expect(twice.text).to.include('Такое подразделение уже есть').and.include('value="начальная  ШКОЛА"')
    const taken = await admin.post(address(id), { name: 'Старшая школа', version: 1 })
    expect(taken.status).to.equal(422)
    expect(taken.text).to.include('Такое подразделение уже есть')
    expect((await admin.post(address(id), { name: 'Младшие классы', version: 1 })).status).to.equal(303)
    expect((await admin.post(address(id), { name: 'Ещё иначе', version: 1 })).status).to.equal(409)
    expect((await admin.get(`/organisations/${school}`)).text).to.include('Младшие классы')
    const event = await db()('domain_events').where({ type: 'departmentRenamed' }).first()
    expect(event.data).to.include('Начальная школа').and.include('Младшие классы')
  })

  it('are added once, even by two at the same moment', async () => {
    const form = { name: 'Одновременное' }
    const answers = await Promise.all([1, 2].map(() => admin.post(`/organisations/${school}/departments`, form)))
    expect(answers.map((answer) => answer.status).sort()).to.deep.equal([303, 422])
    expect(await db()('departments').where({ name: 'Одновременное' })).to.have.length(1)
  })

  it('are not closed over the heads of those who work in them', async () => {
    const id = await add('Кафедра химии')
    const person = await makePerson({ last_name: 'Химикова' })
    const work = await makeEmployment(person, school, { department_id: id })
    const today = authorityToday()
    const open = await admin.post(`${address(id)}/close`, { closedOn: today, version: 1 })
    expect(open.status).to.equal(422)
    expect(open.text).to.include('работает ещё 1 человек')
    expect((await admin.get(`/people?departmentId=${id}`)).text)
      .to.include('Химикова')
      .and.include('Гимназия № 2, Кафедра химии')
    const future = await admin.post(`${address(id)}/close`, { closedOn: addDays(today, 1), version: 1 })
    expect(future.text).to.include('Этот день ещё не наступил')
    await db()('employments').where({ id: work }).update({ ends_on: today })
    expect((await admin.post(`${address(id)}/close`, { closedOn: addDays(today, -1), version: 1 })).status).to.equal(
      422,
    )
    expect((await admin.post(`${address(id)}/close`, { closedOn: today, version: 1 })).status).to.equal(303)
    const card = await admin.get(`/organisations/${school}`)
    expect(card.text).to.include('1 закрытое подразделение').and.include('Кафедра химии')
  })

  it('stay in past places of work when closed, and are given to nobody new', async () => {
    const id = await add('Вечерняя школа')
    const today = authorityToday()
    const person = await makePerson()
    const dates = { starts_on: '2024-09-01', ends_on: '2025-06-01' }
    const work = await makeEmployment(person, school, { department_id: id, ...dates })
    await admin.post(`${address(id)}/close`, { closedOn: '2025-08-31', version: 1 })
    expect((await admin.get(`/people/${person}`)).text).to.include('Вечерняя школа')
    const form = { organisation: 'Гимназия № 2', department: 'Вечерняя школа', position: 'учитель математики' }
    const fresh = await admin.post(`/people/${person}/employments`, { ...form, startsOn: today })
    expect(fresh.text).to.include('нет такого подразделения')
    const past = { ...form, startsOn: '2024-09-01', version: 1 }
    const reopened = await admin.post(`/people/${person}/employments/${work}`, past)
    expect(reopened.text).to.include('Это подразделение закрыто')
    const corrected = await admin.post(`/people/${person}/employments/${work}`, { ...past, endsOn: '2025-05-31' })
    expect(corrected.status).to.equal(303)
    expect((await db()('employments').where({ id: work }).first()).department_id).to.equal(id)
  })

  it('are opened again unless the name was taken meanwhile', async () => {
    const id = await add('Библиотека')
    await admin.post(`${address(id)}/close`, { closedOn: '2026-01-31', version: 1 })
    const second = await add('Библиотека')
    const taken = await admin.post(`${address(id)}/reopen`, { version: 2 })
    expect(taken.status).to.equal(422)
    expect(taken.text).to.include('Такое подразделение уже есть').and.include('Библиотека')
    await admin.post(address(second), { name: 'Медиатека', version: 1 })
    expect((await admin.post(`${address(id)}/reopen`, { version: 2 })).status).to.equal(303)
    expect(await find('Библиотека')).to.include({ state: 'active', closed_on: null })
  })

  it('of an organisation are only looked at by its director', async () => {
    const id = await add('Пришкольный лагерь')
    const director = await app.signedIn('director')
    expect((await director.get(`/organisations/${school}`)).text)
      .to.include('Пришкольный лагерь')
      .and.not.include(address(id))
    expect((await director.get(address(id))).status).to.equal(403)
    const elsewhere = await makeOrganisation()
    expect((await admin.get(`/organisations/${elsewhere}/departments/${id}`)).status).to.equal(404)
  })
})
