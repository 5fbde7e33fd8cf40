import { expect } from 'chai'
import fc from 'fast-check'
import sanitizeHtml from 'sanitize-html'
import { readyProgrammeFile } from '../../../seeds/ready-programme/index.ts'
import {
  checkProgrammeFile,
  MILESTONE_KINDS,
  type ProblemCode,
  type ProgrammeFile,
  type ProgrammeFileInput,
  type ProgrammeFileModule,
  programmeFileSchema,
} from './programme-file.ts'

type Draft = ProgrammeFileInput['programme']
type TopicInput = NonNullable<NonNullable<Draft['modules']>[number]['topics']>[number]

const topic = (key: string, over: Partial<TopicInput> = {}): TopicInput => ({
  key,
  title: { en: key },
  hours: 4,
  format: 'seminar',
  ...over,
})

/** A small sound programme: two modules of three topics, to be spoiled by each case. */
function draft(): Draft & Required<Pick<Draft, 'modules'>> {
  return {
    code: 'small',
    title: { en: 'Small' },
    hours: 24,
    stages: [{ key: 's1', title: { en: 'Stage' } }],
    modules: [
      { key: 'a', stage: 's1', title: { en: 'A' }, hours: 12, topics: [topic('a1'), topic('a2'), topic('a3')] },
      { key: 'b', stage: 's1', title: { en: 'B' }, hours: 12, topics: [topic('b1'), topic('b2'), topic('b3')] },
    ],
  }
}

const input = (programme: Draft): ProgrammeFileInput => ({
  format: 'integral-programme',
  version: 1,
  languages: ['en'],
  programme,
})

function problemsOf(change: (programme: ReturnType<typeof draft>) => void): { code: ProblemCode; path: string }[] {
  const programme = draft()
  change(programme)
  const problems = checkProgrammeFile(programmeFileSchema.parse(input(programme)))
  return problems.map(({ code, path }) => ({ code, path: path.slice(1).join('.') }))
}

describe('programme file: shape', () => {
  it('fills in what a short file leaves out', () => {
    const { programme } = programmeFileSchema.parse(input({ code: 'x', title: { en: 'Name' }, hours: 0 }))
    expect(programme.rules).to.deep.equal({
      minTopics: null,
      maxTopics: null,
      minHours: null,
      maxHours: null,
      ownItemsMaxHours: null,
      approval: 'none',
    })
    expect(programme.modules).to.deep.equal([])
  })

  const refused: [string, (file: ProgrammeFileInput) => unknown][] = [
    ['another format', (file) => ({ ...file, format: 'other' })],
    ['a newer version', (file) => ({ ...file, version: 2 })],
    ['a title without words', (file) => ({ ...file, programme: { ...file.programme, title: { ru: '  ' } } })],
    [
      'a title beyond the limit',
      (file) => ({ ...file, programme: { ...file.programme, title: { en: 'x'.repeat(256) } } }),
    ],
    ['hours with a fraction', (file) => ({ ...file, programme: { ...file.programme, hours: 1.5 } })],
    ['a text that is not by language', (file) => ({ ...file, programme: { ...file.programme, title: 'Title' } })],
    ['an address that runs a script', (file) => withTopic(file, { link: 'javascript:alert(1)' })],
    ['an address of another host without a scheme', (file) => withTopic(file, { link: '//host/path' })],
    ['no places at all', (file) => withTopic(file, { capacity: 0 })],
    ['something that is not a file of this kind', () => [1, 2, 3]],
  ]
  for (const [name, spoil] of refused) {
    it(`refuses ${name}`, () => {
      expect(programmeFileSchema.safeParse(spoil(input(draft()))).success).to.equal(false)
    })
  }

  it('takes an empty link for none, and keeps a proper one', () => {
    const linkOf = (link: string) =>
      programmeFileSchema.parse(withTopic(input(draft()), { link })).programme.modules[0]?.topics[0]?.link
    expect(linkOf('')).to.equal(null)
    expect(linkOf('https://school.example/room')).to.equal('https://school.example/room')
  })
})

function withTopic(file: ProgrammeFileInput, over: Partial<TopicInput>): ProgrammeFileInput {
  const programme = draft()
  programme.modules[0]!.topics = [topic('a1', over)]
  return { ...file, programme }
}

describe('programme file: cross-checks', () => {
  it('finds nothing wrong with a sound programme', () => {
    expect(problemsOf(() => {})).to.deep.equal([])
  })

  const cases: [string, (p: ReturnType<typeof draft>) => void, ProblemCode, string][] = [
    ['a stage that does not exist', (p) => (p.modules[1]!.stage = 's9'), 'stage.unknown', 'modules.1.stage'],
    ['two modules of one key', (p) => (p.modules[1]!.key = 'a'), 'key.duplicate', 'modules.1.key'],
    [
      'two topics of one key in different modules',
      (p) => (p.modules[1]!.topics = [topic('a2')]),
      'key.duplicate',
      'modules.1.topics.0.key',
    ],
    [
      'a prerequisite that does not exist',
      (p) => (p.modules[0]!.topics![1] = topic('a2', { requires: ['a1', 'zz'] })),
      'topic.unknown',
      'modules.0.topics.1.requires.1',
    ],
    [
      'a topic that requires itself',
      (p) => (p.modules[0]!.topics![0] = topic('a1', { requires: ['a1'] })),
      'requires.self',
      'modules.0.topics.0.requires.0',
    ],
    [
      'a milestone of a module that does not exist',
      (p) => (p.milestones = [{ kind: 'module_credit', key: 'k', title: { en: 'K' }, module: 'z' }]),
      'module.unknown',
      'milestones.0.module',
    ],
    [
      'a credit of no module',
      (p) => (p.milestones = [{ kind: 'module_credit', key: 'k', title: { en: 'K' } }]),
      'module.missing',
      'milestones.0.module',
    ],
    [
      'a recommended route with a topic that does not exist',
      (p) => (p.routeTemplates = [{ title: { en: 'R' }, topics: ['a1', 'zz'] }]),
      'topic.unknown',
      'routeTemplates.0.topics.1',
    ],
    [
      'a recommended route with a topic twice',
      (p) => (p.routeTemplates = [{ title: { en: 'R' }, topics: ['a1', 'a1'] }]),
      'template.duplicate_topic',
      'routeTemplates.0.topics.1',
    ],
    [
      'a minimum above its maximum',
      (p) => (p.modules[0]!.rules = { minTopics: 3, maxTopics: 2 }),
      'rules.topics_reversed',
      'modules.0.rules.maxTopics',
    ],
    [
      'minimum hours above the maximum, in the whole programme',
      (p) => (p.rules = { minHours: 10, maxHours: 8 }),
      'rules.hours_reversed',
      'rules.maxHours',
    ],
    [
      'an article without a text',
      (p) => (p.modules[0]!.materials = [{ kind: 'article', title: { en: 'M' } }]),
      'material.body_missing',
      'modules.0.materials.0.body',
    ],
    [
      'a video without an address',
      (p) => (p.modules[0]!.materials = [{ kind: 'video', title: { en: 'M' } }]),
      'material.url_missing',
      'modules.0.materials.0.url',
    ],
    [
      'hours that no choice of topics can give',
      (p) => (p.modules[0]!.rules = { maxTopics: 2, minHours: 9 }),
      'rules.unreachable',
      'modules.0.rules',
    ],
    [
      'rules of modules and of the programme that exclude one another',
      (p) => {
        p.modules[0]!.rules = { maxTopics: 1 }
        p.modules[1]!.rules = { maxTopics: 1 }
        p.rules = { minTopics: 3 }
      },
      'rules.unreachable',
      'rules',
    ],
  ]
  for (const [name, spoil, code, path] of cases) {
    it(`names ${name}`, () => {
      expect(problemsOf((p) => void spoil(p))).to.deep.equal([{ code, path }])
    })
  }

  it('names more required topics than there are, and that no route is left', () => {
    const codes = problemsOf((p) => (p.modules[0]!.rules = { minTopics: 4 })).map(({ code }) => code)
    expect(codes).to.deep.equal(['rules.too_few_topics', 'rules.unreachable'])
  })

  it('counts what compulsory topics require as compulsory', () => {
    const problems = problemsOf((p) => {
      p.modules[0]!.topics = [topic('a1'), topic('a2', { requires: ['a1'] })]
      p.modules[1]!.topics = [topic('b1', { compulsory: true, requires: ['a2'] })]
      p.modules[0]!.rules = { maxTopics: 1 }
    })
    expect(problems[0]).to.deep.equal({ code: 'rules.compulsory_over_max', path: 'modules.0.rules.maxTopics' })
  })

  it('names a missing translation once a language is declared', () => {
    const file = programmeFileSchema.parse({ ...input(draft()), languages: ['en', 'ru'] })
    const problems = checkProgrammeFile(file)
    expect(new Set(problems.map(({ code }) => code))).to.deep.equal(new Set(['translation.missing']))
    expect(problems[0]).to.deep.include({ path: ['programme', 'title'], params: { language: 'ru' } })
  })

  it('names exactly the topics of a circle, whatever its length and whatever hangs on it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 0, max: 6 }), (length, tail) => {
        const circle = Array.from({ length }, (_, i) => topic(`c${i}`, { requires: [`c${(i + 1) % length}`] }))
        const before = topic('before')
        circle[0]!.requires!.push('before')
        const behind = Array.from({ length: tail }, (_, i) =>
          topic(`t${i}`, { requires: [i === 0 ? 'c0' : `t${i - 1}`] }),
        )
        const problems = problemsOf((p) => {
          p.modules[0]!.topics = [...behind, before, ...circle]
        })
        expect(problems.map(({ code }) => code)).to.deep.equal(circle.map(() => 'requires.cycle'))
      }),
    )
  })

  it('never calls rules impossible when some choice of topics meets them', () => {
    const hours = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(hours, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (list, picks) => {
        const chosen = list.filter((_, i) => picks[i])
        const total = chosen.reduce((sum, value) => sum + value, 0)
        const codes = problemsOf((p) => {
          p.modules = [
            { key: 'a', title: { en: 'A' }, hours: 6, topics: list.map((h, i) => topic(`x${i}`, { hours: h })) },
          ]
          const rules = { minTopics: chosen.length, maxTopics: chosen.length, minHours: total, maxHours: total }
          p.modules[0]!.rules = rules
          p.rules = rules
        })
        expect(codes).to.deep.equal([])
      }),
    )
  })
})

describe('ready programme', () => {
  const file = readyProgrammeFile()
  const { programme } = file
  const topics = new Map(programme.modules.flatMap((module) => module.topics).map((item) => [item.key, item]))

  it('has no problem of any kind and survives being written and read again', () => {
    expect(checkProgrammeFile(file)).to.deep.equal([])
    expect(programmeFileSchema.parse(JSON.parse(JSON.stringify(file)))).to.deep.equal(file)
  })

  it('consists of eight modules of five topics, whose hours add up to those of the programme', () => {
    expect(programme.modules.map(({ key }) => key)).to.deep.equal(['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8'])
    for (const module of programme.modules) {
      expect(module.topics.length, module.key).to.equal(5)
      expect(sum(module.topics), module.key).to.equal(module.hours)
    }
    expect(sum(programme.modules)).to.equal(programme.hours)
  })

  it('has the milestones of the tracking journal: credits of all modules, three volunteer actions and the rest', () => {
    const kinds = programme.milestones.map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'module_credit').length).to.equal(8)
    expect(kinds.filter((kind) => kind === 'questionnaire').length).to.equal(2)
    expect(new Set([...kinds, 'manual'])).to.deep.equal(new Set(MILESTONE_KINDS))
    expect(programme.milestones.find(({ kind }) => kind === 'counted_participation')?.requiredCount).to.equal(3)
    const credited = programme.milestones.flatMap(({ module }) => (module === null ? [] : [module]))
    expect(credited).to.deep.equal(programme.modules.map(({ key }) => key))
  })

  it('leaves a real choice in each module, and a way without scarce places for everyone', () => {
    for (const module of programme.modules) {
      const routes = validChoices(module)
      expect(routes.length, module.key).to.be.greaterThan(2)
      const open = routes.filter((keys) => keys.every((key) => topics.get(key)?.capacity === null))
      expect(open.length, `${module.key}: a way without limited places`).to.be.greaterThan(0)
    }
  })

  it('recommends routes that keep every rule', () => {
    const { minTopics, maxTopics, minHours, maxHours } = programme.rules
    for (const { title, topics: chosen } of programme.routeTemplates) {
      const name = title.ru ?? ''
      for (const module of programme.modules) {
        const own = module.topics.map(({ key }) => key).filter((key) => chosen.includes(key))
        expect(validChoices(module), `${name}, ${module.key}`).to.deep.include(own)
      }
      const hours = sum(chosen.map((key) => topics.get(key)!))
      expect(chosen.length, name).to.be.within(minTopics ?? 0, maxTopics ?? Number.POSITIVE_INFINITY)
      expect(hours, name).to.be.within(minHours ?? 0, maxHours ?? Number.POSITIVE_INFINITY)
    }
  })

  it('suggests days in order: each module in its month, prerequisites before what needs them', () => {
    programme.modules.forEach((module, m) => {
      for (const item of module.topics) {
        expect(item.dayOffset, item.key).to.be.within(m * 30, (m + 1) * 30)
        for (const needed of item.requires) {
          expect(topics.get(needed)!.dayOffset, `${needed} before ${item.key}`).to.be.lessThan(item.dayOffset!)
        }
      }
    })
  })

  it('gives each topic something to read, in well-formed HTML that sanitising leaves as it is', () => {
    for (const { place, html } of allHtml(file)) {
      const allowedTags = ['p', 'h3', 'ul', 'ol', 'li', 'strong', 'em', 'blockquote']
      const tables = ['table', 'thead', 'tbody', 'tr', 'th', 'td']
      const clean = sanitizeHtml(html, { allowedTags: [...allowedTags, ...tables], allowedAttributes: {} })
      expect(clean, place).to.equal(html)
      expect(html, place).to.match(/^<(p|h3|ul|ol|table)>/)
    }
    for (const module of programme.modules) {
      for (const item of [module, ...module.topics]) {
        expect(
          item.materials.some(({ kind }) => kind === 'article'),
          item.key,
        ).to.equal(true)
      }
    }
  })

  const sum = (list: readonly { hours: number }[]) => list.reduce((total, item) => total + item.hours, 0)

  /** Every choice of topics within one module that its rules allow, found by trying all of them. */
  function validChoices(module: ProgrammeFileModule): string[][] {
    const { minTopics, maxTopics, minHours, maxHours } = module.rules
    const own = new Set(module.topics.map(({ key }) => key))
    const choices: string[][] = []
    for (let mask = 0; mask < 2 ** module.topics.length; mask++) {
      const chosen = module.topics.filter((_, i) => mask & (1 << i))
      const keys = chosen.map(({ key }) => key)
      const hours = sum(chosen)
      const allowed =
        module.topics.every((item) => !item.compulsory || keys.includes(item.key)) &&
        chosen.every((item) => item.requires.every((needed) => !own.has(needed) || keys.includes(needed))) &&
        keys.length >= (minTopics ?? 0) &&
        keys.length <= (maxTopics ?? Number.POSITIVE_INFINITY) &&
        hours >= (minHours ?? 0) &&
        hours <= (maxHours ?? Number.POSITIVE_INFINITY)
      if (allowed) choices.push(keys)
    }
    return choices
  }
})

function allHtml({ programme }: ProgrammeFile): { place: string; html: string }[] {
  const found: { place: string; html: string }[] = []
  const add = (place: string, texts: Record<string, string>) => {
    for (const [language, html] of Object.entries(texts)) found.push({ place: `${place} ${language}`, html })
  }
  add('programme', programme.description)
  for (const module of programme.modules) {
    add(module.key, module.aim)
    for (const item of module.topics) add(item.key, item.description)
    for (const item of [module, ...module.topics]) for (const { body } of item.materials) add(item.key, body)
  }
  for (const template of programme.routeTemplates) add('route', template.description)
  return found
}
