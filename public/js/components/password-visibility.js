import { setIcon } from '../lib/icon.js'

/** Shows and hides what is typed into a password field (`data-for`: its id). */
export default function passwordVisibility(button) {
  const field = document.getElementById(button.dataset.for)
  if (!field) return
  const label = button.querySelector('span')
  const show = (visible) => {
    field.type = visible ? 'text' : 'password'
    label.textContent = visible ? button.dataset.hide : button.dataset.show
    button.title = label.textContent
    setIcon(button.querySelector('svg'), visible ? 'eye-off' : 'eye')
  }
  button.hidden = false
  button.addEventListener('click', () => {
    show(field.type === 'password')
    field.focus()
  })
  // Password managers look for a password field when the form is sent.
  field.form?.addEventListener('submit', () => show(false))
}
