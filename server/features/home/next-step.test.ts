import { expect } from 'chai'
import { nextStep, type Situation, type StepMilestone } from './next-step.ts'

const situation = (values: Partial<Situation> = {}): Situation => ({
  enrolmentId: 7,
  state: 'active',
  today: '2026-11-21',
  tomorrow: '2026-11-22',
  learnersFrom: null,
  route: { state: 'approved', isInForce: true, opensOn: '2026-10-01', closesOn: '2026-12-01' },
  gap: null,
  milestones: [],
  nextLesson: null,
  date: (civil) => civil,
  ...values,
})
const milestone = (values: Partial<StepMilestone> = {}): StepMilestone => ({
  ...{ id: 3, title: 'Портфолио', state: 'open', dueOn: null, isRequired: true, known: null, moduleId: null },
  ...values,
})
const lesson = (day: string) => ({
  title: 'Тема',
  when: `${day}, 15:00`,
  place: 'каб. 12',
  day,
  topicId: 5,
  link: null,
})
const route = (values: Partial<Situation['route']>) => ({
  ...{ state: 'draft' as const, isInForce: false, opensOn: '2026-10-01', closesOn: '2026-12-01' },
  ...values,
})
const codeOf = (values: Partial<Situation>) => nextStep(situation(values)).code

describe('what to do now', () => {
  it('is nothing while learning has not begun, rests or is over', () => {
    expect(codeOf({ learnersFrom: '2026-11-22' })).to.equal('notOpen')
    expect(codeOf({ state: 'suspended', route: route({}) })).to.equal('suspended')
    expect(codeOf({ state: 'completed' })).to.equal('completed')
  })

  it('begins with the route', () => {
    expect(nextStep(situation({ route: route({ state: null }) }))).to.include({
      code: 'routeBegin',
      href: '/learning-routes/7',
    })
    expect(codeOf({ route: route({ state: null, closesOn: null }) })).to.equal('routeBeginFree')
    const gap = { moduleId: 4, module: 'Урок', topics: 2, hours: 3 }
    const missing = nextStep(situation({ route: route({}), gap }))
    expect(missing).to.deep.include({ code: 'routeTopics', values: { count: 2, module: 'Урок' } })
    expect(missing.href).to.equal('/learning-routes/7#module-4')
    expect(codeOf({ route: route({}), gap: { ...gap, topics: 0 } })).to.equal('routeHours')
    expect(codeOf({ route: route({}) })).to.equal('routeSend')
    expect(codeOf({ route: route({ state: 'returned' }), milestones: [milestone({ state: 'returned' })] })).to.equal(
      'routeReturned',
    )
    expect(codeOf({ route: route({ state: 'returned', isInForce: true }) })).to.equal('routeReturned')
  })

  it('says it when the time for the route is over, or has not come', () => {
    expect(codeOf({ route: route({ state: null, closesOn: '2026-11-20' }) })).to.equal('routeMissed')
    expect(codeOf({ route: route({ state: 'returned', closesOn: '2026-11-20' }) })).to.equal('routeReturnedLate')
    expect(codeOf({ route: route({ state: null, opensOn: '2026-11-22' }) })).to.equal('routeLater')
    expect(codeOf({ route: route({ closesOn: '2026-11-21' }) })).to.equal('routeSend')
  })

  it('then comes what was returned, then the lesson of today or tomorrow, then what is late, then what is due', () => {
    const back = milestone({ id: 9, state: 'returned' })
    const lateOne = milestone({ dueOn: '2026-11-20' })
    const all = { milestones: [lateOne, back], nextLesson: lesson('2026-11-22') }
    expect(nextStep(situation(all))).to.include({ code: 'returned', href: '/my/tracking?enrolment=7#milestone-9' })
    const soon = nextStep(situation({ ...all, milestones: [lateOne] }))
    expect(soon).to.deep.include({ code: 'lessonPlace', href: '/topics/5' })
    expect(codeOf({ milestones: [lateOne], nextLesson: lesson('2026-11-23') })).to.equal('late')
    expect(codeOf({ milestones: [milestone({ dueOn: '2026-12-05' })] })).to.equal('due')
    expect(codeOf({ milestones: [milestone({ dueOn: '2026-12-06' })], nextLesson: lesson('2026-12-01') })).to.equal(
      'lessonLaterPlace',
    )
  })

  it('leads to the module when a credit is late, and never calls a credit due', () => {
    const credit = milestone({ known: 'credit', moduleId: 8, dueOn: '2026-11-20' })
    expect(nextStep(situation({ milestones: [credit] }))).to.include({ code: 'lateCredit', href: '/modules/8' })
    expect(codeOf({ milestones: [{ ...credit, dueOn: '2026-11-25' }] })).to.equal('nothingNow')
  })

  it('is to wait while others decide, and done when everything required is', () => {
    expect(codeOf({ route: route({ state: 'submitted' }) })).to.equal('routeWaiting')
    expect(codeOf({ milestones: [milestone({ state: 'submitted', dueOn: '2026-11-01' })] })).to.equal('nothingNow')
    const met = [milestone({ state: 'done' }), milestone({ state: 'waived' }), milestone({ isRequired: false })]
    expect(nextStep(situation({ milestones: met }))).to.include({ code: 'allDone', tone: 'done', href: null })
    expect(codeOf({})).to.equal('nothingNow')
    expect(codeOf({ milestones: [milestone()] })).to.equal('openTask')
  })
})
