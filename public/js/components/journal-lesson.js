/**
 * The page of one lesson: names with large buttons, for a phone in the hand. Without this module it is a form that is
 * sent as a whole; with it every touch is saved by itself, by the same way as in the grid.
 */
import { cellKey } from './journal-cells.js'
import { openSession } from './journal-session.js'

const WITH_MARK = new Set(['present', 'late'])

/** @param {HTMLFormElement} form the element with `data-component="journal-lesson"` */
export default function mountJournalLesson(form) {
  const lessonId = Number(form.dataset.lesson)
  /** @type {Map<string, HTMLElement>} */
  const items = new Map()
  for (const item of form.querySelectorAll('[data-enrolment]')) {
    items.set(cellKey(lessonId, Number(item.dataset.enrolment)), item)
  }
  const part = (key, name) => items.get(key).querySelector(`[data-field="${name}"]`)
  const radios = (key) => [...items.get(key).querySelectorAll('input[type="radio"]')]

  const session = openSession(form, {
    paint,
    placeOf: (key) => ({ name: items.get(key).dataset.name, lesson: form.dataset.label }),
    onResolved: (key) =>
      radios(key)
        .find((radio) => radio.checked)
        ?.focus(),
  })
  const { cells, text } = session
  if (session.config.readOnly) return session.begin()

  for (const [key, item] of items) cells.add(key, read(key), Number(item.dataset.v ?? 0))

  function read(key) {
    const mark = part(key, 'mark').value
    return {
      attendance: radios(key).find((radio) => radio.checked)?.value ?? '',
      mark: mark === '' ? null : Number(mark),
      comment: part(key, 'comment').value.trim(),
    }
  }

  function paint(key) {
    const cell = cells.get(key)
    const { attendance, mark, comment } = cells.shown(key)
    for (const radio of radios(key)) radio.checked = radio.value === attendance
    part(key, 'mark').value = mark === null ? '' : String(mark)
    const note = part(key, 'comment')
    if (document.activeElement !== note) note.value = comment
    const look = cell.state === 'saved' ? cell.fresh : cell.state
    const item = items.get(key)
    item.dataset.state = look
    item.querySelector('[data-part="state"]').textContent = look ? text(`state.${look}`, { by: cell.by }) : ''
  }

  /** A mark means that the learner was there; who was not there has no mark. */
  function agree(key, field) {
    const value = read(key)
    if (field === 'mark' && value.mark !== null && !WITH_MARK.has(value.attendance)) value.attendance = 'present'
    if (field === 'attendance' && !WITH_MARK.has(value.attendance)) value.mark = null
    return value
  }

  form.addEventListener('change', ({ target }) => {
    const item = target.closest('[data-enrolment]')
    if (!item) return
    const key = cellKey(lessonId, Number(item.dataset.enrolment))
    cells.type(key, agree(key, target.type === 'radio' ? 'attendance' : target.dataset.field))
    session.queue.nudge()
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (event.submitter?.name !== 'fillEmpty') return void session.queue.flush()
    const empty = [...items.keys()].filter((key) => cells.shown(key).attendance === '')
    for (const key of empty) cells.type(key, { attendance: 'present' }, 'bulk')
    session.status.announce(text('column.done', { count: empty.length }))
    session.queue.nudge()
  })
  for (const element of form.querySelectorAll('[data-no-script]')) element.hidden = true
  session.begin()
}
