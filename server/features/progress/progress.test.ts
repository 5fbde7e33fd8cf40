import { expect } from 'chai'
import fc from 'fast-check'
import { countQueries, db, insertRow } from '../../core/db/index.ts'
import { recordEvent } from '../../core/events/index.ts'
import { SYSTEM } from '../../core/rights/index.ts'
import { saveSetting, setting } from '../../core/settings.ts'
import { addDays, nowUtc, toUtc } from '../../core/time.ts'
import { useApp } from '../../testing/app.ts'
import {
  makeCohort,
  makeEnrolment,
  makeGroup,
  makeLesson,
  makeMember,
  makeMilestone,
  makeModule,
  makeOffering,
  makePerson,
  makeProgramme,
  makeTopic,
} from '../../testing/builders.ts'
import { countNaively } from './naive.ts'
import { rebuildAllProgress, rebuildProgress } from './rebuild.ts'

const ATTENDANCES = ['', 'present', 'absent', 'late', 'excused', 'ill']
const KAMCHATKA = 'Asia/Kamchatka'

/** A small programme with two learners, whose parts the test then changes at random. */
async function makeStage() {
  const programme = await makeProgramme()
  const cohort = await makeCohort({ programme_id: programme })
  const modules = [await makeModule({ programme_id: programme }), await makeModule({ programme_id: programme })]
  const people = [await makePerson({ login: null }), await makePerson({ login: null })]
  const enrolments: number[] = []
  for (const person of people) enrolments.push(await makeEnrolment(person, cohort))
  const lessons: number[] = []
  const choices: { topic: number; offering: number }[] = []
  for (const module of modules) {
    const group = await makeGroup(cohort, module)
    for (const enrolment of enrolments) await makeMember(group, enrolment)
    for (const days of [-16, -9, -2, 5]) {
      const topic = await makeTopic({ module_id: module, hours: 3 + choices.length })
      const offering = await makeOffering(group, topic)
      choices.push({ topic, offering })
      lessons.push(await makeLesson(group, days, { offering_id: offering, topic_id: topic }))
    }
    // Monday, nine in the morning in Kamchatka, is still Sunday in UTC.
    lessons.push(
      await makeLesson(group, 0, { starts_at: '2026-11-15 21:00:00.000', ends_at: '2026-11-15 22:30:00.000' }),
    )
  }
  const milestones: number[] = []
  for (const due of [null, 10, 10, 45, -3])
    milestones.push(await makeMilestone({ programme_id: programme, due_day_offset: due }))
  await makeMilestone({ programme_id: programme, is_required: 0, due_day_offset: 1 })
  return { programme, cohort, modules, people, enrolments, lessons, choices, milestones }
}
type Stage = Awaited<ReturnType<typeof makeStage>>

const upsert = (table: string, row: Record<string, unknown>, key: string[]) =>
  db()(table).insert(row).onConflict(key).merge()

async function routeId(enrolment: number, state: string): Promise<number> {
  const row = { enrolment_id: enrolment, state, created_at: nowUtc(), updated_at: nowUtc() }
  await upsert('learning_routes', row, ['enrolment_id'])
  return (await db()('learning_routes').where({ enrolment_id: enrolment }).first('id')).id
}

/** One random change, written as the owning feature would, with the event that tells of it. */
type Change = (stage: Stage) => Promise<void>

const tell = (type: string, data: Record<string, unknown>, subject = { type: 'group', id: 0 }) =>
  recordEvent(SYSTEM, type, subject, data)

const who = fc.integer({ min: 0, max: 1 })
const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(
      who,
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom(...ATTENDANCES),
      fc.option(fc.integer({ min: 0, max: 5 })),
    )
    .map(
      ([learner, lesson, attendance, mark]): Change =>
        async ({ enrolments, lessons }) => {
          const row = {
            lesson_id: lessons[lesson],
            enrolment_id: enrolments[learner],
            attendance,
            mark,
            updated_at: nowUtc(),
          }
          await upsert('journal_cells', row, ['lesson_id', 'enrolment_id'])
          await tell('journalCellsChanged', { enrolmentIds: [enrolments[learner]] })
        },
    ),
  fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom('planned', 'held', 'cancelled')).map(
    ([lesson, state]): Change =>
      async ({ lessons }) => {
        await db()('lessons').where({ id: lessons[lesson] }).update({ state })
        await tell('lessonChanged', {}, { type: 'lesson', id: lessons[lesson] as number })
      },
  ),
  fc.tuple(who, who, fc.constantFrom('passed', 'failed', ''), fc.integer({ min: -40, max: 0 })).map(
    ([learner, module, state, days]): Change =>
      async ({ enrolments, modules }) => {
        const credited_on = state ? addDays(nowUtc().slice(0, 10), days) : null
        const row = {
          enrolment_id: enrolments[learner],
          module_id: modules[module],
          state,
          credited_on,
          updated_at: nowUtc(),
        }
        await upsert('module_credits', row, ['enrolment_id', 'module_id'])
        await tell('moduleCreditSet', { enrolmentId: enrolments[learner] })
      },
  ),
  fc.tuple(who, fc.integer({ min: 0, max: 4 }), fc.constantFrom('open', 'submitted', 'returned', 'done', 'waived')).map(
    ([learner, milestone, state]): Change =>
      async ({ enrolments, milestones, people }) => {
        const key = { enrolment_id: enrolments[learner], milestone_id: milestones[milestone] }
        await upsert('milestone_states', { ...key, state, source: 'manual', updated_at: nowUtc() }, [
          'enrolment_id',
          'milestone_id',
        ])
        const { id } = await db()('milestone_states').where(key).first('id')
        await insertRow('milestone_evidence', {
          milestone_state_id: id,
          created_by: people[learner],
          created_at: nowUtc(),
        })
        await tell('milestoneConfirmed', { enrolmentId: enrolments[learner] }, { type: 'milestoneState', id })
      },
  ),
  fc
    .tuple(
      who,
      fc.constantFrom('draft', 'submitted', 'approved', 'returned'),
      fc.integer({ min: 0, max: 7 }),
      fc.boolean(),
      fc.boolean(),
    )
    .map(
      ([learner, state, choice, draft, force]): Change =>
        async ({ enrolments, choices, cohort, people }) => {
          const route = await routeId(enrolments[learner] as number, state)
          const { topic, offering } = choices[choice] as Stage['choices'][number]
          const row = {
            route_id: route,
            topic_id: topic,
            offering_id: offering,
            in_draft: Number(draft),
            in_force: Number(force),
          }
          await upsert('route_choices', { ...row, created_at: nowUtc() }, ['route_id', 'topic_id'])
          const own = {
            kind: 'self_education',
            place: 'inside',
            title: 'Книга',
            hours: 5,
            in_draft: Number(force),
            in_force: Number(draft),
          }
          if (choice === 0)
            await insertRow('route_own_items', { route_id: route, ...own, created_at: nowUtc(), updated_at: nowUtc() })
          const data = {
            enrolmentId: enrolments[learner],
            cohortId: cohort,
            personId: people[learner],
            versionNumber: 1,
          }
          await tell('routeSubmitted', data, { type: 'enrolment', id: enrolments[learner] as number })
        },
    ),
  fc.tuple(who, fc.boolean()).map(
    ([module, archived]): Change =>
      async ({ programme, modules }) => {
        await db()('modules')
          .where({ id: modules[module] })
          .update({ archived_at: archived ? nowUtc() : null })
        await tell('programmeChanged', {}, { type: 'programme', id: programme })
      },
  ),
  fc.tuple(fc.integer({ min: 0, max: 4 }), fc.option(fc.integer({ min: -5, max: 60 })), fc.boolean()).map(
    ([milestone, due, required]): Change =>
      async ({ milestones }) => {
        const values = { due_day_offset: due, is_required: Number(required) }
        await db()('milestones').where({ id: milestones[milestone] }).update(values)
        await tell('milestoneChanged', {}, { type: 'milestone', id: milestones[milestone] as number })
      },
  ),
  fc.integer({ min: -60, max: 0 }).map(
    (days): Change =>
      async ({ cohort }) => {
        await db()('cohorts')
          .where({ id: cohort })
          .update({ starts_on: addDays(nowUtc().slice(0, 10), days) })
        await tell('cohortChanged', {}, { type: 'cohort', id: cohort })
      },
  ),
)

async function stored(enrolmentId: number) {
  const progress = await db()('enrolment_progress').where({ enrolment_id: enrolmentId }).first()
  const weeks = await db()('progress_weeks').where({ enrolment_id: enrolmentId }).orderBy('week_starts_on')
  delete progress?.updated_at
  return { progress, weeks: weeks.map(({ enrolment_id: _, ...week }) => week) }
}

describe('progress', function () {
  this.timeout(120_000)
  const app = useApp()

  const zone = async (timeZone: string) =>
    saveSetting('authority', {
      name: 'Управление',
      languages: ['ru', 'en'],
      defaultLanguage: 'ru',
      timeZone,
      contact: '',
    })

  it('kept up from events equals what a plain count of everything says', async () => {
    await zone(KAMCHATKA)
    await fc.assert(
      fc.asyncProperty(fc.array(anyChange, { minLength: 5, maxLength: 25 }), async (changes) => {
        const stage = await makeStage()
        for (const [index, enrolmentId] of stage.enrolments.entries()) {
          await tell('personEnrolled', { enrolmentId, cohortId: stage.cohort, personId: stage.people[index] })
        }
        for (const change of changes) await change(stage)
        await app.settle()
        for (const enrolment of stage.enrolments) {
          expect(await stored(enrolment)).to.deep.equal(await countNaively(enrolment, KAMCHATKA))
        }
      }),
      { numRuns: 12 },
    )
  })

  it('puts a class into the week of its own zone', async () => {
    const { enrolments, lessons } = await makeStage()
    const [enrolment, lesson] = [enrolments[0] as number, lessons[4] as number]
    await db()('journal_cells').insert({
      lesson_id: lesson,
      enrolment_id: enrolment,
      attendance: 'present',
      updated_at: nowUtc(),
    })
    for (const [timeZone, monday] of [
      [KAMCHATKA, '2026-11-16'],
      ['Europe/Moscow', '2026-11-16'],
      ['Atlantic/Azores', '2026-11-09'],
    ] as const) {
      await zone(timeZone)
      await rebuildProgress([enrolment])
      expect((await stored(enrolment)).weeks.map((week) => week.week_starts_on)).to.deep.equal([monday])
    }
  })

  it('follows a change that concerns many without keeping others waiting', async () => {
    const { cohort } = await makeStage()
    const people = Array.from({ length: 210 }, () => makePerson({ login: null }))
    for (const person of await Promise.all(people)) await makeEnrolment(person, cohort)
    await tell('cohortChanged', {}, { type: 'cohort', id: cohort })
    await app.settle()
    const rows = await db()('enrolment_progress as ep')
      .join('enrolments as e', 'e.id', 'ep.enrolment_id')
      .where({ cohort_id: cohort })
    expect(rows).to.have.length(212)
    expect(await db()('jobs').where({ kind: 'progress.rebuild', state: 'done' })).to.have.length(1)
  })

  it('does not count as late what awaits somebody else', async () => {
    const { cohort, programme } = await makeStage()
    await db()('milestones').where({ programme_id: programme }).update({ archived_at: nowUtc() })
    const milestone = await makeMilestone({ programme_id: programme, due_day_offset: 3 })
    const enrolment = await makeEnrolment(await makePerson({ login: null }), cohort)
    await rebuildProgress([enrolment])
    expect((await stored(enrolment)).progress.next_milestone_id).to.equal(milestone)
    const row = {
      enrolment_id: enrolment,
      milestone_id: milestone,
      state: 'submitted',
      source: 'manual',
      updated_at: nowUtc(),
    }
    await db()('milestone_states').insert(row)
    await rebuildProgress([enrolment])
    expect((await stored(enrolment)).progress.next_due_on).to.equal(null)
  })

  it('is rebuilt for many in as many statements as for one', async () => {
    const { cohort, lessons } = await makeStage()
    const ids: number[] = []
    for (let number = 0; number < 20; number++) ids.push(await makeEnrolment(await makePerson({ login: null }), cohort))
    const at = toUtc(new Date())
    await db()('journal_cells').insert(
      ids.map((id) => ({ lesson_id: lessons[0], enrolment_id: id, attendance: 'late', updated_at: at })),
    )
    const cost = async (list: number[]) => {
      // Settings are read once in a while; not in the counted part.
      await setting('authority')
      const { result, counts } = countQueries(() => rebuildProgress(list))
      await result
      return counts.queries
    }
    const one = await cost(ids.slice(0, 1))
    expect(await cost(ids)).to.equal(one)
    expect(await rebuildAllProgress()).to.be.at.least(22)
    expect((await stored(ids.at(-1) as number)).progress.lessons_attended).to.equal(1)
  })
})
