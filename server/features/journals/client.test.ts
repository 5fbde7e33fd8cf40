import { expect } from 'chai'
import fc from 'fast-check'
import { ATTENDANCES, type CellCodes, entryTable, isConsistent, MARKS, parseEntry, printEntry } from './marks.ts'

/** The browser's modules of the journal that need no page, run here as they are. */
// biome-ignore lint/suspicious/noExplicitAny: plain JavaScript of the browser
const load = (name: string): Promise<any> =>
  import(new URL(`../../../public/js/components/journal-${name}.js`, import.meta.url).href)
const { createReader, createPrinter } = await load('entry')
const { createCells } = await load('cells')
const { createQueue } = await load('queue')
const { createUndo } = await load('undo')
const { fromTsv, layOut, toTsv } = await load('clipboard')
const { createText } = await load('text')

const ME = 1
const OTHER = 2
const present = { attendance: 'present', mark: null, comment: '' }
const absent = { attendance: 'absent', mark: null, comment: '' }
const five = { attendance: 'present', mark: 5, comment: '' }
const stored = (value: object, version: number, byId = OTHER) => ({
  ...{ lessonId: 1, enrolmentId: 1, version, byId, by: 'Petrov', at: '2026-11-21T10:00:00.000Z' },
  ...value,
})

const newCells = () => {
  const cells = createCells({ personId: ME, onChange: () => {} })
  cells.add('1:1', { attendance: '', mark: null, comment: '' }, 0)
  cells.add('1:2', present, 1)
  return cells
}
const state = (cells: ReturnType<typeof newCells>, key = '1:1') => cells.get(key).state

describe('journal in the browser: reading and printing', () => {
  const codes: CellCodes = {
    ...{ present: '+', absent: 'н', late: 'о', excused: 'у', ill: 'б', passed: 'зач', notPassed: 'незач' },
  }
  const sign = fc.string({ unit: fc.constantFrom(...'нбоуп+-.,=/2345670зачтеёHyjepf '), maxLength: 7 })

  it('accepts and refuses exactly what the server does', () => {
    const read = createReader(entryTable(codes))
    fc.assert(
      fc.property(fc.oneof(sign, fc.string()), (text) => {
        expect(read(text)).to.deep.equal(parseEntry(text, entryTable(codes)))
      }),
    )
  })
  it('prints as the server does', () => {
    const print = createPrinter(codes)
    for (const attendance of ATTENDANCES) {
      for (const mark of [null, ...MARKS]) {
        if (!isConsistent({ attendance, mark })) continue
        expect(print({ attendance, mark })).to.equal(printEntry({ attendance, mark }, codes))
      }
    }
  })
  it('chooses the plural form by count', () => {
    const text = createText({ a_one: '{{count}} ячейка', a_few: '{{count}} ячейки', a_many: '{{count}} ячеек' }, 'ru')
    expect([1, 3, 11, 25].map((count) => text('a', { count }))).to.deep.equal([
      ...['1 ячейка', '3 ячейки', '11 ячеек', '25 ячеек'],
    ])
  })
})

describe('journal in the browser: a cell', () => {
  it('is typed, sent and saved', () => {
    const cells = newCells()
    cells.type('1:1', absent)
    expect(state(cells)).to.equal('typed')
    expect(cells.take(10)).to.deep.equal([{ lessonId: 1, enrolmentId: 1, version: 0, source: 'typed', ...absent }])
    cells.settle('1:1', stored(absent, 1, ME))
    expect(cells.get('1:1')).to.include({ state: 'saved', version: 1, fresh: 'justSaved' })
    expect(cells.unsaved()).to.equal(0)
  })

  it('that is typed back to what is saved needs no sending', () => {
    const cells = newCells()
    cells.type('1:2', absent)
    cells.type('1:2', present)
    expect(state(cells, '1:2')).to.equal('saved')
  })

  it('typed on while being sent goes out again over the new version', () => {
    const cells = newCells()
    cells.type('1:1', absent)
    cells.take(10)
    cells.type('1:1', five)
    cells.settle('1:1', stored(absent, 1, ME))
    expect(cells.take(10)[0]).to.include({ version: 1, mark: 5 })
  })

  it('changed by another shows their value, unless one’s own waits: then both stand', () => {
    const cells = newCells()
    cells.receive('1:1', stored(five, 1))
    expect(cells.shown('1:1')).to.deep.equal(five)
    expect(cells.get('1:1').fresh).to.equal('remote')
    cells.type('1:1', absent)
    cells.receive('1:1', stored(present, 2))
    expect(state(cells)).to.equal('conflict')
    expect(cells.shown('1:1')).to.deep.equal(absent)
    expect(cells.get('1:1').theirs).to.include(present)
  })

  it('never goes back to an older version that comes late', () => {
    const cells = newCells()
    cells.receive('1:1', stored(five, 3))
    cells.receive('1:1', stored(absent, 2))
    expect(cells.shown('1:1')).to.deep.equal(five)
  })

  it('in conflict is decided by the person', () => {
    const cells = newCells()
    cells.type('1:1', absent)
    cells.take(10)
    cells.collide('1:1', stored(five, 4))
    expect(cells.take(10)).to.deep.equal([])
    cells.putMine('1:1')
    expect(cells.take(10)[0]).to.include({ version: 4, attendance: 'absent' })
    cells.collide('1:1', stored(five, 5))
    cells.keepTheirs('1:1')
    expect(cells.get('1:1')).to.include({ state: 'saved', version: 5 })
    expect(cells.shown('1:1')).to.deep.equal(five)
  })

  it('whose two values agree is no conflict', () => {
    const cells = newCells()
    cells.type('1:1', five)
    cells.take(10)
    cells.collide('1:1', stored(five, 4))
    expect(cells.get('1:1')).to.include({ state: 'saved', version: 4 })
  })

  it('whose first answer was lost goes on from its own value without asking', () => {
    const cells = newCells()
    cells.type('1:1', absent)
    cells.take(10)
    cells.giveBack()
    cells.type('1:1', five)
    cells.take(10)
    cells.collide('1:1', stored(absent, 1, ME))
    expect(state(cells)).to.equal('typed')
    expect(cells.take(10)[0]).to.include({ version: 1, mark: 5 })
  })

  it('keeps news that arrive while it is being sent', () => {
    const cells = newCells()
    cells.type('1:1', absent)
    cells.take(10)
    cells.receive('1:1', stored(five, 2))
    cells.settle('1:1', stored(absent, 1, ME))
    expect(cells.shown('1:1')).to.deep.equal(five)
    expect(cells.get('1:1').version).to.equal(2)
  })

  it('typed before a reload comes back, against what changed meanwhile if need be', () => {
    const cells = newCells()
    cells.restore('1:1', five, 0)
    cells.restore('1:2', absent, 0)
    cells.restore('9:9', absent, 0)
    expect([state(cells), state(cells, '1:2')]).to.deep.equal(['typed', 'conflict'])
    expect(cells.drafts().map(({ key }: { key: string }) => key)).to.deep.equal(['1:1', '1:2'])
  })
})

describe('journal in the browser: saving', () => {
  type Answer = { status: number; body?: unknown } | 'lost'
  const saved = (...values: object[]) => ({ saved: values, conflicts: [], refused: [] })

  /** A queue with a clock turned by hand. */
  function setUp(answers: Answer[]) {
    const cells = newCells()
    const states: string[] = []
    const pauses: number[] = []
    const sent: unknown[][] = []
    let due: (() => void) | null = null
    const queue = createQueue({
      cells,
      onState: (state: string) => states.push(state),
      async post(changes: unknown[]) {
        sent.push(changes)
        const answer = answers.shift()
        if (!answer || answer === 'lost') throw new Error('no connection')
        return answer
      },
      schedule: (fn: () => void, ms: number) => {
        due = fn
        pauses.push(ms)
        return 1
      },
      cancel: () => {
        due = null
      },
    })
    const tick = async () => {
      const fn = due
      due = null
      fn?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { cells, queue, states, pauses, sent, tick, isDue: () => due !== null }
  }

  it('gathers what is typed into one request', async () => {
    const { cells, queue, sent, tick } = setUp([{ status: 200, body: saved(stored(five, 1, ME)) }])
    cells.type('1:1', five)
    queue.nudge()
    cells.type('1:2', absent)
    queue.nudge()
    await tick()
    expect(sent).to.have.length(1)
    expect(sent[0]).to.have.length(2)
    // The answer said nothing of the second cell: it is not lost but goes out again, after a pause.
    expect(state(cells, '1:2')).to.equal('typed')
    expect(queue.state()).to.equal('offline')
  })

  it('tries again with longer pauses while there is no connection, and loses nothing', async () => {
    const { cells, queue, states, pauses, tick } = setUp([
      'lost',
      { status: 503 },
      'lost',
      { status: 200, body: saved(stored(five, 1, ME)) },
    ])
    cells.type('1:1', five)
    queue.nudge()
    for (let turn = 0; turn < 4; turn++) await tick()
    expect(pauses).to.deep.equal([350, 1000, 2000, 4000])
    expect(states.filter((one) => one === 'offline')).to.have.length(3)
    expect(states.at(-1)).to.equal('idle')
    expect(state(cells)).to.equal('saved')
  })

  it('does not hammer a dead connection by typing, and wakes at once when it is back', async () => {
    const { cells, queue, sent, tick } = setUp(['lost', { status: 200, body: saved(stored(five, 1, ME)) }])
    cells.type('1:1', five)
    queue.nudge()
    await tick()
    queue.nudge()
    expect(queue.state()).to.equal('offline')
    queue.wake()
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent).to.have.length(2)
    expect(state(cells)).to.equal('saved')
  })

  it('keeps everything when the session has ended, until one is signed in again', async () => {
    const { cells, queue, tick, isDue } = setUp([{ status: 401 }, { status: 200, body: saved(stored(five, 1, ME)) }])
    cells.type('1:1', five)
    queue.nudge()
    await tick()
    expect(queue.state()).to.equal('signedOut')
    expect(isDue()).to.equal(false)
    expect(cells.unsaved()).to.equal(1)
    queue.wake()
    await new Promise((resolve) => setImmediate(resolve))
    expect(cells.unsaved()).to.equal(0)
  })

  it('shows conflicts and refusals of a batch without sending them again', async () => {
    const body = {
      saved: [],
      conflicts: [stored(absent, 3)],
      refused: [{ lessonId: 1, enrolmentId: 2, reason: 'lessonCancelled' }],
    }
    const { cells, queue, tick, isDue } = setUp([{ status: 409, body }])
    cells.type('1:1', five)
    cells.type('1:2', five)
    queue.nudge()
    await tick()
    expect(cells.conflicts()).to.have.length(1)
    expect(cells.refused()[0].reason).to.equal('lessonCancelled')
    expect(isDue()).to.equal(false)
  })

  it('says that the server refused the whole request', async () => {
    const { cells, queue, tick } = setUp([{ status: 422 }])
    cells.type('1:1', five)
    queue.nudge()
    await tick()
    expect(queue.state()).to.equal('failed')
    expect(cells.refused()).to.have.length(1)
  })
})

describe('journal in the browser: undo', () => {
  const key = '1:1'
  const step = (cells: ReturnType<typeof newCells>, value: object) => {
    const before = { ...cells.shown(key) }
    cells.type(key, value)
    return [{ key, before, after: { ...cells.shown(key) } }]
  }

  it('takes back and does again', () => {
    const cells = newCells()
    const undo = createUndo(cells)
    undo.record(step(cells, five))
    undo.undo()
    expect(cells.shown(key)).to.include({ attendance: '', mark: null })
    undo.redo()
    expect(cells.shown(key)).to.include(five)
    expect(undo.redo()).to.equal(undefined)
  })
  it('leaves alone what another has changed since', () => {
    const cells = newCells()
    const undo = createUndo(cells)
    undo.record(step(cells, five))
    cells.take(1)
    cells.settle(key, stored(five, 1, ME))
    cells.receive(key, stored(absent, 2))
    expect(undo.undo()).to.deep.equal({ keys: [], skipped: 1 })
    expect(cells.shown(key)).to.include(absent)
  })
  it('does not remember a step that changed nothing', () => {
    const cells = newCells()
    const undo = createUndo(cells)
    undo.record([{ key, before: five, after: five }])
    expect(undo.canUndo()).to.equal(false)
  })
})

describe('journal in the browser: clipboard', () => {
  it('reads what spreadsheets write', () => {
    expect(fromTsv('н\t5\r\n+\t\r\n')).to.deep.equal([
      ['н', '5'],
      ['+', ''],
    ])
    expect(fromTsv('"a ""b""\nc"\td')).to.deep.equal([['a "b"\nc', 'd']])
    expect(fromTsv('н')).to.deep.equal([['н']])
    expect(fromTsv('н\r+')).to.deep.equal([['н'], ['+']])
  })
  it('reads back what it writes', () => {
    const cell = fc.string({ unit: fc.constantFrom(...'ab"\t\n\r5') })
    const block = fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(block, (rows) => {
        expect(fromTsv(toTsv(rows))).to.deep.equal(rows)
      }),
    )
  })
  it('fills a selection with one value and lays a block once where it does not fit evenly', () => {
    expect(layOut([['н']], { rows: 2, columns: 2 })).to.have.length(4)
    expect(layOut([['н', '5']], { rows: 3, columns: 2 })).to.have.length(6)
    expect(layOut([['н', '5', '+']], { rows: 1, columns: 2 })).to.have.length(3)
  })
})
