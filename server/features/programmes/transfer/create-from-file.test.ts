import { expect } from 'chai'
import { readyProgrammeFile } from '../../../../seeds/ready-programme/index.ts'
import { db, fromJson } from '../../../core/db/index.ts'
import { InputError } from '../../../core/errors.ts'
import { SYSTEM } from '../../../core/rights/index.ts'
import { useApp } from '../../../testing/app.ts'
import { programmeFileSchema } from '../programme-file.ts'
import { createProgrammeFromFile } from './create-from-file.ts'

describe('a programme made of a file', () => {
  useApp()

  it('is the whole ready programme: every part, in its order, tied together', async () => {
    const file = readyProgrammeFile()
    const made = await createProgrammeFromFile(SYSTEM, file, { state: 'active' })
    const row = await db()('programmes').where({ id: made.programmeId }).first()
    expect(row).to.include({ code: 'young-teachers', state: 'active', hours: file.programme.hours })
    expect(fromJson(row.title, {})).to.deep.equal(file.programme.title)
    expect([...made.modules.keys()]).to.deep.equal(file.programme.modules.map(({ key }) => key))
    const topics = file.programme.modules.flatMap((module) => module.topics)
    expect(made.topics.size).to.equal(topics.length)
    for (const topic of topics) {
      const stored = await db()('topics')
        .where({ id: made.topics.get(topic.key) })
        .first()
      expect(fromJson(stored.title, {}), topic.key).to.deep.equal(topic.title)
      expect(fromJson(stored.description, {}), topic.key).to.deep.equal(topic.description)
      const needed = await db()('topic_prerequisites').where({ topic_id: stored.id }).pluck('requires_topic_id')
      expect(new Set(needed), topic.key).to.deep.equal(new Set(topic.requires.map((key) => made.topics.get(key))))
    }
    for (const milestone of file.programme.milestones) {
      const stored = await db()('milestones')
        .where({ id: made.milestones.get(milestone.key) })
        .first()
      expect(stored, milestone.key).to.include({ kind: milestone.kind, due_day_offset: milestone.dueDayOffset })
      expect(stored.module_id).to.equal(milestone.module === null ? null : made.modules.get(milestone.module))
    }
    expect(made.routeTemplates.length).to.equal(file.programme.routeTemplates.length)
    const links = await db()('material_links').count({ count: '*' }).first()
    const materials = [...file.programme.modules, ...topics].reduce((sum, item) => sum + item.materials.length, 0)
    expect(Number(links?.count)).to.equal(materials)
  })

  it('gets a code of its own when the code is taken', async () => {
    const again = await createProgrammeFromFile(SYSTEM, readyProgrammeFile())
    const row = await db()('programmes').where({ id: again.programmeId }).first('code', 'state')
    expect(row).to.deep.equal({ code: 'young-teachers-2', state: 'draft' })
  })

  it('is cleaned of what could run, and refused as a whole when its parts contradict one another', async () => {
    const small = (requires: string[]) =>
      programmeFileSchema.parse({
        format: 'integral-programme',
        version: 1,
        languages: ['ru'],
        programme: {
          code: 'small',
          title: { ru: 'Малая' },
          description: { ru: '<p onclick="x()">О ней</p><script>1</script>' },
          hours: 4,
          modules: [
            {
              key: 'm',
              title: { ru: 'Модуль' },
              hours: 4,
              topics: [{ key: 't', title: { ru: 'Тема' }, hours: 4, format: 'lecture', requires }],
            },
          ],
        },
      })
    const made = await createProgrammeFromFile(SYSTEM, small([]))
    const row = await db()('programmes').where({ id: made.programmeId }).first('description')
    expect(fromJson(row.description, {})).to.deep.equal({ ru: '<p>О ней</p>' })
    const before = await db()('programmes').count({ count: '*' }).first()
    const refused = await createProgrammeFromFile(SYSTEM, small(['t'])).catch((error) => error)
    expect(refused).to.be.instanceOf(InputError)
    expect(refused.fields[0].code).to.equal('programmes.problem.requires.self')
    expect(await db()('programmes').count({ count: '*' }).first()).to.deep.equal(before)
  })
})
