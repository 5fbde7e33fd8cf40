/**
 * Steps of one's own work, to be taken back (Ctrl+Z) and done again (Ctrl+Y). Only one's own: a cell that another
 * person has changed since is left alone and counted as skipped.
 *
 * @typedef {{ attendance: string, mark: number | null, comment: string }} Value
 * @typedef {{ key: string, before: Value, after: Value }} Change
 */
import { sameValue } from './journal-cells.js'

const LIMIT = 200

/**
 * @param {{ shown: (key: string) => Value, type: (key: string, value: Value, source: string) => void }} cells
 */
export function createUndo(cells) {
  /** @type {Change[][]} */
  let done = []
  /** @type {Change[][]} */
  let undone = []

  function replay(step, from, to) {
    const kept = step.filter((change) => sameValue(cells.shown(change.key), change[from]))
    for (const change of kept) cells.type(change.key, change[to], 'undo')
    return { keys: kept.map(({ key }) => key), skipped: step.length - kept.length }
  }

  return {
    /** Remembers one step: a typed cell, a filled range, a paste. */
    record(changes) {
      const real = changes.filter(({ before, after }) => !sameValue(before, after))
      if (real.length === 0) return
      done = [...done, real].slice(-LIMIT)
      undone = []
    },
    canUndo: () => done.length > 0,
    canRedo: () => undone.length > 0,
    /** @returns {{ keys: string[], skipped: number } | undefined} undefined when there is nothing to take back */
    undo() {
      const step = done.pop()
      if (!step) return undefined
      undone.push(step)
      return replay(step, 'after', 'before')
    },
    redo() {
      const step = undone.pop()
      if (!step) return undefined
      done.push(step)
      return replay(step, 'before', 'after')
    },
  }
}
