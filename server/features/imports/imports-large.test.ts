import { expect } from 'chai'
import { db } from '../../core/db/index.ts'
import { useApp } from '../../testing/app.ts'
import { makeOrganisation, makeUser } from '../../testing/builders.ts'
import type { TestClient } from '../../testing/client.ts'
import { csvFile, formFields, walkThrough } from './testing.ts'

const ROWS = 10_000
const HEAD = ['ФИО', 'Дата рождения', 'Должность', 'Учреждение', 'Стаж', 'Дата приёма', 'E-mail', 'Телефон']
const SURNAMES = ['Карпова', 'Иванова', 'Медведева-Никитина', 'Соловьёва', 'Зайцева', 'Орлова', 'Белова']
const NAMES = ['Анна', 'Ольга', 'Галина', 'Вера', 'Нина', 'Юлия']
const two = (value: number) => String(value).padStart(2, '0')

const line = (at: number): string[] => [
  `${SURNAMES[at % 7]} ${NAMES[Math.floor(at / 7) % 6]} Петровна`,
  `${two(1 + (at % 28))}.${two(1 + (Math.floor(at / 28) % 12))}.${1950 + (Math.floor(at / 336) % 50)}`,
  `учитель ${at % 40}`,
  `Школа № ${at % 100}`,
  String(at % 40),
  '01.09.2015',
  `p${at}@school.example.org`,
  `+7 900 ${String(1_000_000 + at).slice(0, 3)}-${two(at % 100)}-11`,
]

/** Visits a page over and over; tells how long visits took, in milliseconds. */
function visitor(client: TestClient) {
  let stopped = false
  const times: number[] = []
  const running = (async () => {
    while (!stopped) {
      const before = performance.now()
      const answer = await client.get('/people')
      if (answer.status !== 200) throw new Error(`The other page answered ${answer.status}`)
      times.push(performance.now() - before)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  })()
  return async () => {
    stopped = true
    await running
    times.sort((a, b) => a - b)
    return { visits: times.length, median: times[Math.floor(times.length / 2)]!, slowest: times.at(-1)! }
  }
}

describe('ten thousand rows in one go', function () {
  this.timeout(180_000)
  const app = useApp()
  let admin: TestClient
  const file = () => csvFile([HEAD, ...Array.from({ length: ROWS }, (_, at) => line(at))], 'все.csv')

  before(async () => {
    await makeUser('admin', 'administrator')
    for (let at = 0; at < 100; at++) await makeOrganisation({ name: `Школа № ${at}` })
    admin = await app.signedIn('admin')
  })

  it('are checked and written while other pages stay usable, with progress shown', async () => {
    const walk = walkThrough(app, admin)
    const other = await app.signedIn('admin')
    const stopAlone = visitor(other)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const alone = await stopAlone()
    const stop = visitor(other)
    const started = performance.now()
    expect((await walk.upload(file())).status).to.equal(303)
    const path = `/imports/${walk.id}/columns`
    await admin.post(path, formFields((await admin.get(path)).text, path))
    const seen = new Set<number>()
    const wait = async () => {
      for (;;) {
        const { working, percent } = (await admin.get(`/imports/${walk.id}/progress`)).json<{
          working: boolean
          percent: number
        }>()
        seen.add(percent)
        if (!working) return
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    await wait()
    const checked = performance.now()
    const check = await walk.check()
    expect(check.text).to.match(/Добавить 10.000 человек|Добавить 10000 человек/)
    await admin.post(`/imports/${walk.id}/commit`, formFields(check.text, `/imports/${walk.id}/commit`))
    await wait()
    const written = performance.now()
    const meanwhile = await stop()
    const took = `check ${Math.round(checked - started)} ms, commit ${Math.round(written - checked)} ms`
    const pages = `another page ${Math.round(alone.median)} ms alone, meanwhile ${Math.round(meanwhile.median)} ms`
    console.log(`      ${took}; ${pages}, at most ${Math.round(meanwhile.slowest)} ms`)
    expect((await admin.get(`/imports/${walk.id}/done`)).text).to.include('Люди загружены')
    expect(seen.size).to.be.greaterThan(3)
    expect(Number((await db()('people').where({ source: 'import' }).count('* as n').first())?.n)).to.equal(ROWS)
    expect(Number((await db()('employments').count('* as n').first())?.n)).to.equal(ROWS)
    // Relative to the machine as it is at this moment, since other tests run beside this one.
    expect(meanwhile.visits).to.be.greaterThan(10)
    expect(meanwhile.median).to.be.lessThan(10 * alone.median + 200)
    expect(meanwhile.slowest).to.be.lessThan(20 * alone.slowest + 6_000)
  })

  it('change nothing the second time, and only what changed the third', async () => {
    const walk = walkThrough(app, admin)
    await walk.upload(file())
    await walk.choose()
    expect((await walk.check()).text).to.include('Загружать нечего')
    const changed = csvFile([HEAD, ...Array.from({ length: ROWS }, (_, at) => line(at).with(4, String((at % 40) + 1)))])
    await walk.upload(changed)
    await walk.choose()
    await walk.commit()
    expect((await admin.get(`/imports/${walk.id}/done`)).text).to.include('Люди загружены')
    const row = await db()('people').where({ source: 'import', version: 2 }).count('* as n').first()
    expect(Number(row?.n)).to.equal(ROWS)
  })
})
