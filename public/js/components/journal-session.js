/**
 * What the grid and the page of one lesson have in common: the cells, their way to the server and back, other people's
 * changes, conflicts, and the care that nothing typed is lost.
 */
import { cellKey, createCells } from './journal-cells.js'
import { createConflicts } from './journal-conflicts.js'
import { createDrafts } from './journal-drafts.js'
import { createPrinter, createReader } from './journal-entry.js'
import { createHttp } from './journal-http.js'
import { followGroup } from './journal-live.js'
import { createQueue } from './journal-queue.js'
import { createStatus } from './journal-status.js'
import { createText } from './journal-text.js'

const CALM_SAVED_MS = 4000
const CALM_REMOTE_MS = 120_000

/**
 * @param {HTMLElement} root holds the settings (`data-config`) and the parts that are filled here
 * @param {{ paint: (key: string) => void, paintTotals?: (totals: object) => void,
 *   placeOf: (key: string) => { name: string, lesson: string }, onResolved?: (key: string) => void,
 *   onOverruled?: (changes: object[]) => void }} page
 */
export function openSession(root, page) {
  const config = JSON.parse(root.dataset.config)
  const text = createText(config.strings, config.language)
  const print = createPrinter(config.codes)
  const http = createHttp(config.urls)
  const status = createStatus(root, text)
  const drafts = createDrafts(`journal:${config.groupId}:${config.personId}`)
  const cells = createCells({ personId: config.personId, onChange: changed })
  const queue = createQueue({ cells, post: http.save, onState: show, onAnswer: answered })
  const conflicts = createConflicts(root, {
    cells,
    text,
    print,
    placeOf: page.placeOf,
    onMine: (changes) => {
      queue.nudge()
      page.onOverruled?.(changes)
    },
    onResolved: (key) => page.onResolved?.(key),
  })
  let settled = false
  let refreshing = false

  function changed(keys) {
    for (const key of keys) {
      page.paint(key)
      const { fresh } = cells.get(key)
      if (fresh) setTimeout(() => cells.calm(key), fresh === 'remote' ? CALM_REMOTE_MS : CALM_SAVED_MS)
    }
    // Many cells change in one go (a paste, a refetch): the lists beside the grid follow once.
    if (!refreshing) queueMicrotask(refresh)
    refreshing = true
  }

  function refresh() {
    refreshing = false
    const before = root.querySelectorAll('[data-part="conflicts"] li').length
    conflicts.refresh()
    const troubled = [...cells.conflicts(), ...cells.refused()]
    if (troubled.length > before) status.announce(conflicts.describe(troubled.at(-1)))
    if (settled) drafts.keep(cells.drafts())
    show(queue.state())
  }

  function show(state) {
    const counts = { conflicts: cells.conflicts().length, refused: cells.refused().length, unsaved: cells.unsaved() }
    status.show(state, counts)
  }

  function answered(body) {
    page.paintTotals?.(body.totals)
  }

  function receive(news) {
    for (const one of news.cells) cells.receive(cellKey(one.lessonId, one.enrolmentId), one)
    page.paintTotals?.(news.totals)
  }

  async function refetch() {
    const answer = await http.load().catch(() => null)
    if (answer?.status !== 200) return
    receive(answer.body)
    queue.wake()
  }

  function begin() {
    for (const element of root.querySelectorAll('[data-needs-script]')) element.hidden = false
    for (const { key, version, value } of drafts.take()) cells.restore(key, value, version)
    settled = true
    if (cells.typed().length > 0) queue.nudge()
    show(queue.state())
    void followGroup({
      groupId: config.groupId,
      client: config.urls.socketClient,
      onCells: receive,
      onLessons: () => (root.querySelector('[data-part="plan-changed"]').hidden = false),
      onBack: refetch,
    })
    addEventListener('online', () => queue.wake())
    addEventListener('focus', () => queue.wake())
    addEventListener('pagehide', () => void queue.flush())
    document.addEventListener('visibilitychange', () => document.hidden && void queue.flush())
    addEventListener('beforeunload', (event) => {
      if (cells.unsaved() > 0) event.preventDefault()
    })
  }

  return { config, text, print, read: createReader(config.table), cells, queue, status, http, begin }
}
