/** One mark for a whole lesson: everybody present, then only the exceptions are typed. */

/**
 * @param {HTMLElement} root
 * @param {{ session: any, view: any, selection: any, change: Function }} grid
 * @returns {() => void} opens the dialog for the lesson of the active cell
 */
export function attachColumnDialog(root, { session, view, selection, change }) {
  const dialog = root.querySelector('dialog[data-part="column"]')
  if (!dialog) return () => {}
  const form = dialog.querySelector('form')
  let column = 0

  form.addEventListener('submit', () => {
    const value = session.read(form.elements.entry.value)
    if (!value.ok) return
    const onlyEmpty = form.elements.onlyEmpty.checked
    const changes = view
      .columnCells(column)
      .filter((td) => !onlyEmpty || isEmpty(session.cells.shown(view.keyOf(td))))
      .map((td) => ({ td, value: { attendance: value.attendance, mark: value.mark } }))
    change(changes, 'bulk')
    session.status.announce(session.text('column.done', { count: changes.length }))
  })
  dialog.addEventListener('close', () => selection.go(selection.place()))
  dialog.querySelector('[data-action="cancel"]').addEventListener('click', () => dialog.close())

  const isEmpty = ({ attendance, mark }) => attendance === '' && mark === null

  return () => {
    column = selection.place().column
    const tds = view.columnCells(column)
    if (tds.length === 0) return session.status.announce(session.text('column.choose'))
    dialog.querySelector('[data-part="lesson"]').textContent = view.placeOf(view.keyOf(tds[0])).lesson
    dialog.showModal()
  }
}
