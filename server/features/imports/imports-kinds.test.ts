import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { saveSetting, setting } from '../../core/settings.ts'
import { daysAgo } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { forgetImports } from './forget.ts'
import { workbookBytes } from './parsing/testing.ts'
import { bytesFile, csvFile, walkThrough } from './testing.ts'

describe('kinds of lists and what follows them', function () {
  this.timeout(60_000)
  const app = useApp()
  let admin: TestClient

  before(async () => {
    await makeUser('admin', 'administrator')
    admin = await app.signedIn('admin')
  })

  const ORGANISATIONS = [
    ['Полное наименование', 'Краткое наименование', 'Тип', 'ИНН', 'Адрес', 'Телефон', 'E-mail', 'Руководитель'],
    [
      'ГБОУ средняя общеобразовательная школа № 107',
      'ГБОУ СОШ № 107',
      'школа',
      '7811111111',
      'ул. Школьная, д. 5',
      '8 (000) 555-10-00',
      'org1@school.example.org',
      'Захаров Павел Павлович',
    ],
    ['ГБДОУ детский сад № 28', 'ГБДОУ д/с № 28', 'детский сад', '7800023457', '', '', '', 'Кузьмина Е.С.'],
  ]

  it('organisations: heads become contacts, not accounts; repeating changes nothing; a change is an update', async () => {
    const people = await db()('people').count('* as n').first()
    const walk = walkThrough(app, admin)
    const done = await walk.all(csvFile(ORGANISATIONS, 'учреждения.csv', 'utf8'))
    expect(done.text).to.include('Учреждения загружены')
    const school = await db()('organisations').where({ inn: '7811111111' }).first()
    expect(school).to.include({
      head_name: 'Захаров Павел Павлович',
      kind: 'school',
      phone: '+7 000 555-10-00',
      path: `/${school.id}/`,
    })
    expect(await db()('people').count('* as n').first()).to.deep.equal(people)
    expect((await admin.get(`/organisations/${school.id}`)).text).to.include('Захаров Павел Павлович')
    await walk.upload(csvFile(ORGANISATIONS))
    await walk.choose()
    expect((await walk.check()).text).to.include('Загружать нечего')
    const changed = ORGANISATIONS.map((cells, at) => (at === 1 ? cells.with(7, 'Новикова Анна Петровна') : cells))
    await walk.all(csvFile(changed))
    expect(await db()('organisations').where({ id: school.id }).first()).to.include({
      head_name: 'Новикова Анна Петровна',
      version: 2,
    })
    const events = await db()('domain_events')
      .where({ subject_type: 'organisation', subject_id: school.id })
      .orderBy('id')
    expect(events.map(({ type }) => type)).to.deep.equal(['organisationCreated', 'organisationChanged'])
  })

  it('workbooks: merged title, separate name columns, date cells and day numbers', async () => {
    const bytes = await workbookBytes((workbook) => {
      workbook.addWorksheet('Справка').addRow(['Как заполнять'])
      const sheet = workbook.addWorksheet('Педагоги')
      sheet.addRow(['Заявка на обучение. Поток 2026/27'])
      sheet.mergeCells('A1:G1')
      sheet.addRow([])
      sheet.addRow([
        'Фамилия',
        'Имя',
        'Отчество',
        'Учреждение',
        'Дата рождения',
        'Дата начала работы',
        'Электронная почта',
      ])
      sheet.addRow([
        'Комаров',
        'Юрий',
        'Павлович',
        'ГБОУ СОШ № 107',
        new Date(Date.UTC(1977, 8, 22)),
        46289,
        'y@b.example',
      ])
      sheet.addRow(['Ответственный: методист'])
      sheet.mergeCells('A5:G5')
    })
    const walk = walkThrough(app, admin)
    await walk.all(bytesFile(bytes, 'заявка.xlsx'))
    const person = await db()('people as p')
      .join('employments as e', 'e.person_id', 'p.id')
      .where({ email_folded: 'y@b.example' })
      .first()
    expect(person).to.include({
      last_name: 'Комаров',
      birth_date: '1977-09-22',
      starts_on: '2026-09-24',
      gender: 'male',
    })
  })

  it("Moodle's list: logins are reserved, the deleted left out, no password is taken", async () => {
    const lines = [
      'username,password,firstname,lastname,email,city,cohort1,profile_field_position,deleted',
      'o.zimina,Secret123!,Ольга,Зимина,o.zimina@b.example,Город,young,учитель химии,0',
      `"s.o'neil",,Шон,O'Нил,s.oneil@b.example,Город,young,учитель,0`,
      'old.account,,Анна,Тестова,,Город,,методист,1',
    ]
    const walk = walkThrough(app, admin)
    const done = await walk.all(bytesFile(lines.join('\n'), 'upload_users.csv'))
    expect(done.text).to.include('2 человека пока не могут войти')
    const accounts = await db()('accounts').whereIn('login', ['o.zimina', "s.o'neil", 'old.account']).orderBy('login')
    expect(accounts.map(({ login, state, password_hash }) => [login, state, password_hash])).to.deep.equal([
      ['o.zimina', 'invited', null],
      ["s.o'neil", 'invited', null],
    ])
    expect(await db()('people').where({ last_name: 'Тестова', first_name: 'Анна', middle_name: null })).to.have.length(
      0,
    )
    const again = walkThrough(app, admin)
    await again.upload(bytesFile(lines.join('\n'), 'upload_users.csv'))
    await again.choose()
    expect((await again.check()).text).to.include('Загружать нечего')
  })

  it('a text in UTF-16, as spreadsheets save “Unicode text”, is read and kept', async () => {
    const lines = [
      ['ФИО', 'Почта'],
      ['Широкова Юния Петровна', 'unia@b.example'],
    ]
    const walk = walkThrough(app, admin)
    const done = await walk.all(csvFile(lines, 'список.txt', 'utf16'))
    expect(done.text).to.include('Люди загружены')
    expect(await db()('people').where({ email_folded: 'unia@b.example' }).first()).to.include({ first_name: 'Юния' })
  })

  it('new people are invited by letter, and the others get slips', async () => {
    const walk = walkThrough(app, admin)
    const done = await walk.all(
      csvFile([
        ['ФИО', 'Дата рождения', 'Email'],
        ['Письмова Анна', '01.02.1990', 'letter@b.example'],
        ['Листкова Вера', '02.02.1990', ''],
      ]),
    )
    expect(done.text).to.include('Почта не настроена')
    await saveSetting('mail', {
      ...(await setting('mail')),
      enabled: true,
      host: 'mail.example.org',
      from: 'a@b.example',
    })
    const page = await admin.get(`/imports/${walk.id}/done`)
    expect(page.text).to.include('Пригласить письмом 1 человека').and.include('1 человеку без почты')
    expect((await admin.post(`/imports/${walk.id}/invitations`)).status).to.equal(303)
    await app.settle()
    const letters = await db()('mail_outbox').where({ kind: 'accounts.invitation' })
    expect(letters.map(({ to_address }) => to_address)).to.deep.equal(['letter@b.example'])
    expect((await admin.get(`/imports/${walk.id}/done`)).text).to.include('Отправлено 1 приглашение')
    const slips = await admin.post(`/imports/${walk.id}/slips`, { whom: 'offline' })
    expect(slips.text).to.include('Листкова Вера').and.not.include('Письмова')
    expect(slips.text).to.match(/[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}/)
  })

  it('lists are forgotten after a month, finished imports keep their numbers', async () => {
    const waiting = walkThrough(app, admin)
    await waiting.upload(
      csvFile([
        ['ФИО', 'Email'],
        ['Забытая Анна', 'z@b.example'],
      ]),
    )
    await waiting.choose()
    const done = walkThrough(app, admin)
    await done.all(
      csvFile([
        ['ФИО', 'Email'],
        ['Учтённая Анна', 'u@b.example'],
        ['Лишняя Анна', 'x(at)b'],
      ]),
    )
    const fresh = walkThrough(app, admin)
    await fresh.upload(
      csvFile([
        ['ФИО', 'Email'],
        ['Свежая Анна', 'f@b.example'],
      ]),
    )
    await db()('imports').whereIn('id', [waiting.id, done.id]).update({ updated_at: '2020-01-01 00:00:00.000' })
    expect(await forgetImports(500, daysAgo(30))).to.equal(2)
    expect(await forgetImports(500, daysAgo(30))).to.equal(0)
    const states = await db()('imports').whereIn('id', [waiting.id, done.id, fresh.id]).orderBy('id')
    expect(states.map(({ state }) => state)).to.deep.equal(['cancelled', 'done', 'uploaded'])
    expect(await db()('import_rows').whereIn('import_id', [waiting.id, done.id])).to.have.length(0)
    expect((await admin.get(`/imports/${done.id}/done`)).text)
      .to.include('Люди загружены')
      .and.not.include('Не загрузилась')
  })

  it('an example to fill in is accepted as it is', async () => {
    for (const kind of ['people', 'organisations']) {
      const example = await fetch(`${app.url}/imports/example?kind=${kind}`, { headers: { cookie: admin.cookie } })
      const walk = walkThrough(app, admin)
      await walk.upload(bytesFile(Buffer.from(await example.arrayBuffer()), 'пример.xlsx'))
      await walk.choose({ createOrganisations: '1' })
      expect((await walk.check()).text, kind).to.match(/Добавить 1 (?:человека|учреждение)/)
    }
  })
})
