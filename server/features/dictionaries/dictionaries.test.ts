import { expect } from 'chai'
import { db, toJson } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeEmployment, makeOrganisation, makePerson, makePosition, makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'

describe('dictionaries', () => {
  const app = useApp()
  let admin: TestClient
  let school: number

  before(async () => {
    school = await makeOrganisation({ name: 'Школа № 7' })
    await makeUser('admin', 'administrator')
    admin = await app.signedIn('admin')
  })

  describe('positions', () => {
    const work = { organisation: 'Школа № 7' }

    it('are listed with their uses, added and renamed', async () => {
      const id = await makePosition('педагог-психолог')
      for (let count = 0; count < 3; count++) await makeEmployment(await makePerson(), school, { position_id: id })
      const list = await admin.get('/positions?q=психолог')
      expect(list.text)
        .to.include('педагог-психолог')
        .and.match(/align-end"><span class="cell-value">3</)
      expect((await admin.post('/positions', { name: 'тьютор' })).status).to.equal(303)
      const twice = await admin.post('/positions', { name: 'Тьютор' })
      expect(twice.status).to.equal(422)
      expect(twice.text).to.include('Такая должность уже есть')
      const taken = await admin.post(`/positions/${id}`, { name: 'ТЬЮТОР', version: 1 })
      expect(taken.text).to.include('Такая должность уже есть')
      expect((await admin.post(`/positions/${id}`, { name: 'психолог', version: 1 })).status).to.equal(303)
      expect((await admin.post(`/positions/${id}`, { name: 'иначе', version: 1 })).status).to.equal(409)
    })

    it('are given to nobody new when closed; who holds one keeps it', async () => {
      const id = await makePosition('пионервожатый')
      const holder = await makePerson()
      const held = await makeEmployment(holder, school, { position_id: id, version: 1 })
      await admin.post(`/positions/${id}/state`, { state: 'closed', version: 1 })
      const form = { ...work, position: 'Пионервожатый' }
      const refused = await admin.post(`/people/${await makePerson()}/employments`, form)
      expect(refused.status).to.equal(422)
      expect(refused.text).to.include('Эта должность закрыта')
      const kept = await admin.post(`/people/${holder}/employments/${held}`, { ...form, version: 1 })
      expect(kept.status).to.equal(303)
      await admin.post(`/positions/${id}/state`, { state: 'active', version: 2 })
      expect((await admin.post(`/people/${await makePerson()}/employments`, form)).status).to.equal(303)
    })

    it('are merged with their places of work and saved filters, and stand for one another afterwards', async () => {
      const from = await makePosition('учитель физ-ры')
      const into = await makePosition('учитель физической культуры')
      const person = await makePerson()
      const held = await makeEmployment(person, school, { position_id: from })
      const asked = { 'row[0-0][field]': 'work.position', 'row[0-0][op]': 'oneOf', 'row[0-0][values][]': from }
      const saved = await admin.post('/people/filters', { name: 'Физкультура', ...asked })
      const unknown = await admin.post(`/positions/${from}/merge`, { into: 'учитель', version: 1 })
      expect(unknown.text).to.include('Такой действующей должности нет')
      const itself = await admin.post(`/positions/${from}/merge`, { into: 'учитель физ-ры', version: 1 })
      expect(itself.text).to.include('та же самая')
      const merged = await admin.post(`/positions/${from}/merge`, { into: 'Учитель физической культуры', version: 1 })
      expect(merged.location).to.equal(`/positions/${into}`)
      expect((await admin.get(merged.location)).text).to.include('учитель физ-ры')
      expect((await admin.get(`/positions/${from}`)).status).to.equal(404)
      const position = async (where: object) =>
        (await db()('employments').where(where).orderBy('id', 'desc').first()).position_id
      expect(await position({ id: held })).to.equal(into)
      // A saved filter finds those who hold what the position has become.
      expect((await admin.get(saved.location)).text).to.include(`href="/people/${person}"`)
      await admin.post(`/people/${person}/employments`, { ...work, position: 'учитель физ-ры' })
      expect(await position({ person_id: person })).to.equal(into)
      // The other name may become the name of both, or a position of its own again.
      const version = (await db()('positions').where({ id: into }).first()).version
      expect((await admin.post(`/positions/${into}`, { name: 'учитель физ-ры', version })).status).to.equal(303)
      expect(await db()('positions').where({ id: from }).first()).to.equal(undefined)
    })

    it('merged one into another become their own again when they are added', async () => {
      const from = await makePosition('лаборант химии')
      await makePosition('лаборант')
      await admin.post(`/positions/${from}/merge`, { into: 'лаборант', version: 1 })
      expect((await admin.post('/positions', { name: 'Лаборант химии' })).status).to.equal(303)
      expect(await db()('positions').where({ id: from }).first()).to.include({ state: 'active', merged_into: null })
    })

    it('cost the same queries whatever their number', async () => {
      const few = await admin.get('/positions')
      for (let count = 0; count < 60; count++) await makePosition(`должность ${count}`)
      const many = await admin.get('/positions')
      expect(many.queries).to.equal(few.queries).and.be.at.most(10)
      expect((await admin.get('/positions/suggest?q=должность 1')).json<{ value: string }[]>()).to.have.length(10)
    })
  })

  describe('categories', () => {
    const find = (name: string) => db()('person_categories').where('name', 'like', `%${name}%`).first()
    const add = (ru: string, en = '') => admin.post('/categories', { name: { ru, en } })

    it('are added once, renamed and put in order', async () => {
      const formKey = /name="formKey" value="([^"]+)"/.exec((await admin.get('/categories')).text)?.[1]
      const form = { name: { ru: 'Педагог школы', en: 'School teacher' }, formKey }
      await Promise.all([1, 2].map(() => admin.post('/categories', form)))
      expect(await db()('person_categories').where('name', 'like', '%Педагог школы%')).to.have.length(1)
      const taken = await add('Учитель', 'school TEACHER')
      expect(taken.status).to.equal(422)
      expect(taken.text).to.include('с таким названием уже есть')
      expect((await add('')).text).to.include('Заполните это поле')
      await add('Студент', 'Student')
      const student = await find('Студент')
      await admin.post(`/categories/${student.id}/move`, { direction: 'up' })
      const page = (await admin.get('/categories')).text
      expect(page.indexOf('Студент')).to.be.below(page.indexOf('Педагог школы'))
      const renamed = { name: { ru: 'Студент колледжа', en: 'Student' }, version: 1 }
      expect((await admin.post(`/categories/${student.id}`, renamed)).status).to.equal(303)
      expect((await admin.post(`/categories/${student.id}`, renamed)).status).to.equal(409)
    })

    it('are given to nobody new when closed; who is in one stays', async () => {
      await add('Воспитатель')
      const { id } = await find('Воспитатель')
      const member = await makePerson({ category_id: id })
      const newcomer = await makePerson()
      expect((await admin.get('/categories')).text).to.include(`/people?categoryId=${id}`)
      await admin.post(`/categories/${id}/state`, { state: 'closed', version: 1 })
      const names = { lastName: 'Иная', firstName: 'Анна', gender: '', categoryId: id, version: 1 }
      expect((await admin.post(`/people/${newcomer}`, names)).status).to.equal(422)
      expect((await admin.get(`/people/${newcomer}/edit`)).text).to.not.include('Воспитатель')
      expect((await admin.get(`/people/${member}/edit`)).text).to.include('Воспитатель')
      expect((await admin.post(`/people/${member}`, names)).status).to.equal(303)
      await add('Воспитатель')
      const taken = await admin.post(`/categories/${id}/state`, { state: 'active', version: 2 })
      expect(taken.status).to.equal(422)
      expect(taken.text).to.include('с таким названием уже есть').and.include('value="Воспитатель"')
    })
  })

  it('are kept by whoever is allowed to, and nobody else', async () => {
    await makeUser('methodist', 'methodist')
    const methodist = await app.signedIn('methodist')
    expect((await methodist.get('/positions')).status).to.equal(403)
    const role = await db()('roles').where({ code: 'methodist' }).first('id')
    await db()('role_permissions').insert({ role_id: role.id, permission: 'dictionaries.edit' })
    await db()('roles').where({ id: role.id }).increment('version', 1)
    expect((await methodist.get('/categories')).status).to.equal(200)
    const stored = { code: 'late', name: toJson({ ru: 'Поздняя' }), position: 9 }
    await db()('person_categories').insert(stored)
    expect((await methodist.get('/categories')).text).to.include('Поздняя')
  })
})
