/**
 * The state of every cell on the page, without the page: what the server has, what was typed over it, and where the
 * two have parted. Nothing that a person typed leaves this object before the server has it or the person lets it go.
 *
 * @typedef {{ attendance: string, mark: number | null, comment: string }} Value
 * @typedef {Value & { version: number, by: string, byId: number, at: string }} Stored
 * @typedef {'saved' | 'typed' | 'sending' | 'conflict' | 'refused'} State
 * @typedef {{
 *   key: string, state: State, version: number, saved: Value, mine: Value | null, source: string,
 *   sending: Value | null, sent: Value[], theirs: Stored | null, waiting: Stored | null,
 *   reason: string, fresh: '' | 'justSaved' | 'remote', by: string, at: string
 * }} Cell
 */

/** @param {Value} a @param {Value} b */
export function sameValue(a, b) {
  return a.attendance === b.attendance && a.mark === b.mark && a.comment === b.comment
}

const valuesOf = ({ attendance, mark, comment }) => ({ attendance, mark, comment })

const storedOf = ({ saved, version, by, at }) => ({ ...saved, version, by, byId: 0, at })

export const cellKey = (lessonId, enrolmentId) => `${lessonId}:${enrolmentId}`

/**
 * @param {{ personId: number, onChange: (keys: string[]) => void }} options `onChange` is told of every cell whose
 *   look may differ
 */
export function createCells({ personId, onChange }) {
  /** @type {Map<string, Cell>} */
  const cells = new Map()
  /** Cells that are not simply saved; kept apart so that nothing has to look through all of them. @type {Set<string>} */
  const restless = new Set()

  function set(cell, changes) {
    Object.assign(cell, changes)
    if (cell.state === 'saved') restless.delete(cell.key)
    else restless.add(cell.key)
    onChange([cell.key])
  }

  function adopt(cell, stored, fresh) {
    const { version, by, at } = stored
    set(cell, {
      ...{ saved: valuesOf(stored), version, by, at, fresh, state: 'saved' },
      ...{ mine: null, sending: null, theirs: null, reason: '' },
    })
  }

  /** The server has another value than the one that ours was typed over. */
  function collide(cell, theirs) {
    if (cell.mine === null || sameValue(theirs, cell.mine)) return adopt(cell, theirs, 'justSaved')
    const own = theirs.byId === personId && cell.sent.some((value) => sameValue(value, theirs))
    const { version, by, at } = theirs
    // Our own earlier value arrived although its answer was lost on the way: go on from there.
    if (own) set(cell, { saved: valuesOf(theirs), version, by, at, state: 'typed', sending: null })
    else set(cell, { state: 'conflict', theirs, sending: null })
  }

  const of = (state) => [...restless].map((key) => cells.get(key)).filter((cell) => cell.state === state)

  return {
    /** Registers a cell as it stands in the page. @param {string} key @param {Value} value @param {number} version */
    add(key, value, version) {
      cells.set(key, {
        ...{ key, version, saved: value, state: 'saved', mine: null, source: 'typed', sending: null, sent: [] },
        ...{ theirs: null, waiting: null, reason: '', fresh: '', by: '', at: '' },
      })
    },
    has: (key) => cells.has(key),
    get: (key) => cells.get(key),
    /** @returns {Value} what the cell shows: the typed value, else the saved one */
    shown: (key) => cells.get(key).mine ?? cells.get(key).saved,

    /** A person's change; parts that are not given stay. @param {Partial<Value>} patch */
    type(key, patch, source = 'typed') {
      const cell = cells.get(key)
      const mine = { ...valuesOf(cell.mine ?? cell.saved), ...valuesOf({ ...(cell.mine ?? cell.saved), ...patch }) }
      if (cell.state === 'conflict') return set(cell, { mine, source })
      if (cell.sending) return set(cell, { mine, source })
      const unchanged = sameValue(mine, cell.saved)
      set(cell, { mine: unchanged ? null : mine, state: unchanged ? 'saved' : 'typed', source, fresh: '', reason: '' })
    },

    /** Typed before the page was loaded anew. If the cell has moved on since, the two stand against each other. */
    restore(key, value, version) {
      const cell = cells.get(key)
      if (!cell || sameValue(cell.saved, value)) return
      if (cell.version === version) set(cell, { mine: value, state: 'typed', source: 'typed' })
      else set(cell, { mine: value, state: 'conflict', theirs: storedOf(cell) })
    },

    /** Takes typed cells to be sent, at most `limit`; they must come back by settle, collide, refuse or giveBack. */
    take(limit) {
      return of('typed')
        .slice(0, limit)
        .map((cell) => {
          const sending = valuesOf(cell.mine)
          const [lessonId, enrolmentId] = cell.key.split(':').map(Number)
          set(cell, { state: 'sending', sending, sent: [...cell.sent.slice(-4), sending] })
          return { lessonId, enrolmentId, version: cell.version, source: cell.source, ...sending }
        })
    },

    /** The server stored what was sent. @param {Stored} stored */
    settle(key, stored) {
      const cell = cells.get(key)
      const typedOn = cell.mine && cell.sending && !sameValue(cell.mine, cell.sending)
      const { version, by, at } = stored
      const waiting = cell.waiting
      cell.waiting = null
      if (typedOn) set(cell, { saved: valuesOf(stored), version, by, at, state: 'typed', sending: null })
      else adopt(cell, stored, 'justSaved')
      if (waiting) this.receive(key, waiting)
    },
    /** The server has a newer value (409). @param {Stored} theirs */
    collide(key, theirs) {
      const cell = cells.get(key)
      const newest = cell.waiting && cell.waiting.version > theirs.version ? cell.waiting : theirs
      cell.waiting = null
      collide(cell, newest)
    },
    /** The server will not have it: lesson cancelled, learner gone. */
    refuse: (key, reason) => set(cells.get(key), { state: 'refused', reason, sending: null, waiting: null }),
    /** Nothing arrived: everything that was under way is typed again. */
    giveBack() {
      for (const cell of of('sending')) {
        const waiting = cell.waiting
        set(cell, { state: 'typed', sending: null, waiting: null })
        if (waiting) this.receive(cell.key, waiting)
      }
    },

    /** Another person's change, or the state of the server after a break. @param {Stored} stored */
    receive(key, stored) {
      const cell = cells.get(key)
      if (!cell || stored.version <= cell.version) return
      if (cell.sending) {
        if (!cell.waiting || cell.waiting.version < stored.version) cell.waiting = stored
      } else if (cell.mine === null) adopt(cell, stored, stored.byId === personId ? '' : 'remote')
      else collide(cell, stored)
    },

    /** Lets go of one's own value. */
    keepTheirs(key) {
      const cell = cells.get(key)
      if (cell.theirs) adopt(cell, cell.theirs, '')
      else set(cell, { state: 'saved', mine: null, reason: '' })
    },
    /** Puts one's own value over the other's, knowingly. @returns {{ before: Value, after: Value }} */
    putMine(key) {
      const cell = cells.get(key)
      const { version, by, at } = cell.theirs
      set(cell, { saved: valuesOf(cell.theirs), version, by, at, theirs: null, state: 'typed' })
      return { before: cell.saved, after: cell.mine }
    },
    /** The sign of freshness is removed once it has been looked at. */
    calm: (key) => cells.get(key)?.fresh && set(cells.get(key), { fresh: '' }),

    typed: () => of('typed'),
    conflicts: () => of('conflict'),
    refused: () => of('refused'),
    /** How many cells hold something that the server does not have. */
    unsaved: () => restless.size,
    /** Everything unsaved, to survive a reload. @returns {{ key: string, version: number, value: Value }[]} */
    drafts: () => [...restless].map((key) => ({ key, version: cells.get(key).version, value: cells.get(key).mine })),
  }
}
