/**
 * Sends typed cells to the server: gathered for a moment, at most one request at a time, again and again with growing
 * pauses while there is no connection. Knows neither the page nor the network: both come as functions.
 *
 * @typedef {'idle' | 'waiting' | 'sending' | 'offline' | 'signedOut' | 'failed'} QueueState
 */
import { cellKey } from './journal-cells.js'

export const BATCH_LIMIT = 500
const FIRST_PAUSE = 1000
const LONGEST_PAUSE = 30_000

/**
 * @param {{
 *   cells: ReturnType<import('./journal-cells.js').createCells>,
 *   post: (changes: object[]) => Promise<{ status: number, body: any }>,
 *   onState: (state: QueueState) => void,
 *   onAnswer?: (body: any) => void,
 *   delay?: number,
 *   schedule?: (fn: () => void, ms: number) => unknown, cancel?: (timer: any) => void,
 * }} options `post` rejects when nothing arrived
 */
export function createQueue({ cells, post, onState, onAnswer, delay = 350, schedule, cancel }) {
  const later = schedule ?? ((fn, ms) => setTimeout(fn, ms))
  const stop = cancel ?? ((timer) => clearTimeout(timer))
  let timer = null
  let sending = false
  let pause = FIRST_PAUSE
  /** @type {QueueState} */
  let state = 'idle'

  function become(next) {
    state = next
    onState(next)
  }

  function sendIn(ms) {
    if (timer !== null) stop(timer)
    timer = later(() => {
      timer = null
      void flush()
    }, ms)
  }

  /** Sends what is typed now. */
  async function flush() {
    if (sending) return
    if (timer !== null) stop(timer)
    timer = null
    const changes = cells.take(BATCH_LIMIT)
    if (changes.length === 0) return become('idle')
    sending = true
    become('sending')
    try {
      const answer = await post(changes)
      sending = false
      settle(answer, changes)
    } catch {
      sending = false
      retry('offline')
    }
  }

  function retry(next) {
    cells.giveBack()
    become(next)
    sendIn(pause)
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  }

  function settle({ status, body }, changes) {
    if (status === 401) {
      cells.giveBack()
      return become('signedOut')
    }
    if (status === 429 || status >= 500) return retry('offline')
    if (status !== 200 && status !== 409) {
      for (const { lessonId, enrolmentId } of changes) cells.refuse(cellKey(lessonId, enrolmentId), 'failed')
      return become('failed')
    }
    pause = FIRST_PAUSE
    for (const one of body.saved) cells.settle(cellKey(one.lessonId, one.enrolmentId), one)
    for (const one of body.conflicts) cells.collide(cellKey(one.lessonId, one.enrolmentId), one)
    for (const one of body.refused) cells.refuse(cellKey(one.lessonId, one.enrolmentId), one.reason)
    onAnswer?.(body)
    // A cell of which the answer says nothing must neither stay "being sent" for ever nor be sent without pause.
    if (body.saved.length + body.conflicts.length + body.refused.length < changes.length) return retry('offline')
    if (cells.typed().length > 0) {
      become('waiting')
      sendIn(0)
    } else become('idle')
  }

  return {
    state: () => state,
    /** Something was typed: send it soon, unless a pause for the connection or a sign-in is under way. */
    nudge() {
      if (sending || state === 'offline' || state === 'signedOut') return onState(state)
      become('waiting')
      sendIn(delay)
    },
    /** The connection or the sign-in may be back: try at once. */
    wake() {
      if (sending || cells.typed().length === 0) return
      pause = FIRST_PAUSE
      void flush()
    },
    flush,
  }
}
