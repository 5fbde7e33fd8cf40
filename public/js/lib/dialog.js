import { text } from './texts.js'

const button = (className, label, value) => {
  const made = document.createElement('button')
  made.type = 'submit'
  made.className = className
  made.value = value
  made.textContent = label
  return made
}

/** Opens a modal dialog with a heading and given content; it is removed when closed. */
export function openDialog(heading, ...content) {
  const dialog = document.createElement('dialog')
  dialog.className = 'app-dialog'
  const title = document.createElement('h2')
  title.id = `dialog-${Date.now()}`
  title.textContent = heading
  dialog.setAttribute('aria-labelledby', title.id)
  dialog.append(title, ...content)
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
  return dialog
}

/**
 * Asks a question in words.
 * @param {string} question
 * @param {{ heading?: string, proceed?: string, danger?: boolean }} [options] label of the button that says what happens
 * @returns {Promise<boolean>}
 */
export function ask(question, options = {}) {
  const words = document.createElement('p')
  words.textContent = question
  const form = document.createElement('form')
  form.method = 'dialog'
  form.className = 'button-row'
  const proceed = button(
    `btn ${options.danger === false ? 'btn-primary' : 'btn-danger'}`,
    options.proceed ?? text('confirm.proceed'),
    'yes',
  )
  form.append(proceed, button('btn btn-plain', text('confirm.cancel'), 'no'))
  const dialog = openDialog(options.heading ?? text('confirm.title'), words, form)
  return new Promise((decided) => {
    dialog.addEventListener('close', () => decided(dialog.returnValue === 'yes'))
  })
}
