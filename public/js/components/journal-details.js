/** Behind a cell: its comment, and who wrote what and when. */

/**
 * @param {HTMLElement} root
 * @param {{ session: any, view: any, selection: any, change: Function }} grid
 * @returns {() => void} opens the dialog for the active cell
 */
export function attachDetails(root, { session, view, selection, change }) {
  const dialog = root.querySelector('dialog[data-part="details"]')
  const form = dialog.querySelector('form')
  const list = dialog.querySelector('[data-part="history"]')
  const part = (name) => dialog.querySelector(`[data-part="${name}"]`)
  /** @type {HTMLTableCellElement | null} */
  let td = null

  form.addEventListener('submit', () => {
    const { comment } = form.elements
    if (td && comment && !comment.readOnly && !session.config.readOnly) {
      change([{ td, value: { comment: comment.value.trim() } }], 'typed')
    }
  })
  dialog.querySelector('[data-action="cancel"]').addEventListener('click', () => dialog.close())
  dialog.addEventListener('close', () => selection.go(selection.place()))

  function line(entry) {
    const item = part('history-item').content.firstElementChild.cloneNode(true)
    item.querySelector('[data-part="value"]').textContent = entry.value
    item.querySelector('[data-part="comment"]').textContent = entry.comment
    item.querySelector('[data-part="who"]').textContent = entry.who
    return item
  }

  async function loadHistory(key) {
    const [lesson, enrolment] = key.split(':')
    list.replaceChildren()
    part('history-state').textContent = session.text('history.loading')
    const url = `${session.config.urls.history}?lesson=${lesson}&enrolment=${enrolment}`
    const answer = await session.http.get(url).catch(() => null)
    if (view.keyOf(td) !== key) return
    if (answer?.status !== 200) {
      part('history-state').textContent = session.text('history.failed')
      return
    }
    list.replaceChildren(...answer.body.entries.map(line))
    part('history-state').textContent = answer.body.entries.length ? '' : session.text('history.empty')
  }

  return () => {
    td = selection.active()
    const key = view.keyOf(td)
    if (!key || !view.isExpected(td)) return session.status.announce(session.text('details.choose'))
    const { name, lesson } = view.placeOf(key)
    const shown = session.cells.shown(key)
    part('name').textContent = name
    part('lesson').textContent = lesson
    part('sign').textContent = session.print(shown) || session.text('conflict.empty')
    if (form.elements.comment) {
      form.elements.comment.value = shown.comment
      form.elements.comment.readOnly = !view.isEditable(td)
    }
    dialog.showModal()
    void loadHistory(key)
  }
}
