import { expect } from 'chai'
import { DateTime } from 'luxon'
import { db } from '../../core/db/index.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { addDays, fromUtc, today } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import { makeModule, makeProgramme, makeTopic } from '../../testing/builders.ts'
import type { TimetableInput } from './input.ts'
import { createCohort } from './service.ts'
import { createTimetable } from './timetable-service.ts'

const start = addDays(today('Europe/Moscow'), 1)
const choice: TimetableInput = { weekdays: [2, 4], time: '15:00', hoursPerLesson: 4, holidays: null, replace: false }

describe('making a timetable', () => {
  useApp()

  async function cohortWithTopics(): Promise<number> {
    const programmeId = await makeProgramme()
    const module_id = await makeModule({ programme_id: programmeId })
    await makeTopic({ module_id, day_offset: 5, capacity: 12, place: JSON.stringify({ ru: 'Каб. 5', en: 'Room 5' }) })
    await makeTopic({ module_id, day_offset: 12, hours: 6 })
    await makeTopic({ module_id, archived_at: '2026-01-01 00:00:00.000' })
    return createCohort(SYSTEM, {
      ...{
        programmeId,
        title: 'Поток',
        startsOn: start,
        endsOn: addDays(start, 90),
        capacity: null,
        groupsPerModule: 2,
      },
      ...{ routeOpensOn: null, routeClosesOn: null, learnersFrom: null, directorsFrom: null },
    })
  }
  const lessonsOf = (cohort: number) =>
    db()('lessons as l')
      .join('groups as g', 'g.id', 'l.group_id')
      .where('g.cohort_id', cohort)
      .orderBy('l.starts_at')
      .select('l.*')
  const local = (utc: string) => DateTime.fromJSDate(fromUtc(utc)).setZone('Europe/Moscow')

  it('offers every topic to every group, with classes at the chosen days and time', async () => {
    const cohort = await cohortWithTopics()
    expect(await createTimetable(SYSTEM, cohort, choice)).to.deep.equal({ offerings: 4, lessons: 6 })
    const lessons = await lessonsOf(cohort)
    for (const lesson of lessons) {
      expect([2, 4]).to.include(local(lesson.starts_at).weekday)
      expect(local(lesson.starts_at).toFormat('HH:mm')).to.equal('15:00')
    }
    const lengths = lessons.map((lesson) => local(lesson.ends_at).diff(local(lesson.starts_at), 'minutes').minutes)
    expect(lengths.sort()).to.deep.equal([180, 180, 180, 180, 90, 90])
    const offering = await db()('offerings').where({ cohort_id: cohort }).orderBy('id').first()
    expect(offering).to.include({ capacity: 12, place: 'Каб. 5', taken: 0 })
  })

  it('a second time adds nothing', async () => {
    const cohort = await cohortWithTopics()
    await createTimetable(SYSTEM, cohort, choice)
    expect(await createTimetable(SYSTEM, cohort, choice)).to.deep.equal({ offerings: 0, lessons: 0 })
    expect(await lessonsOf(cohort)).to.have.length(6)
  })

  it('can be made anew for what is still to come and nobody wrote about', async () => {
    const cohort = await cohortWithTopics()
    await createTimetable(SYSTEM, cohort, choice)
    const [kept] = await lessonsOf(cohort)
    await db()('lessons').where({ id: kept.id }).update({ starts_at: '2026-01-01 10:00:00.000' })
    await createTimetable(SYSTEM, cohort, { ...choice, weekdays: [3], time: '09:30', replace: true })
    const lessons = await lessonsOf(cohort)
    expect(lessons[0].id).to.equal(kept.id)
    for (const lesson of lessons.slice(1)) {
      expect(local(lesson.starts_at).toFormat('c HH:mm')).to.equal('3 09:30')
    }
  })

  it('says which line of the holidays is no date, and when classes would run into the night', async () => {
    const cohort = await cohortWithTopics()
    const refusal = (input: Partial<TimetableInput>) =>
      createTimetable(SYSTEM, cohort, { ...choice, ...input }).catch((error) => error.fields[0])
    expect(await refusal({ holidays: '01.01.2027\n32.01.2027' })).to.deep.include({
      code: 'cohorts.timetable.holidaysWrong',
      values: { line: '32.01.2027' },
    })
    expect((await refusal({ time: '22:00' })).code).to.equal('cohorts.timetable.tooLate')
    expect(await lessonsOf(cohort)).to.have.length(0)
  })

  it('gives eight processes at once one timetable', async () => {
    const cohort = await cohortWithTopics()
    const made = await Promise.all(Array.from({ length: 8 }, () => createTimetable(SYSTEM, cohort, choice)))
    expect(made.reduce((sum, { lessons }) => sum + lessons, 0)).to.equal(6)
    expect(await lessonsOf(cohort)).to.have.length(6)
  })
})
