/** From here on sending takes long enough to be noticed on a telephone. */
const SLOW_BYTES = 3e6

/**
 * Says before anything is sent that the chosen file is too large: nobody waits an hour for a refusal. While a large one is
 * sent, says so.
 */
export default function fileLimit(input) {
  const { most, tooLarge } = input.dataset
  const isTooLarge = () => [...input.files].some((file) => file.size > Number(most) * 1e6)
  const note = document.createElement('p')
  note.className = 'field-error'
  note.id = `${input.id}-too-large`
  note.setAttribute('role', 'alert')
  input.addEventListener('change', () => {
    note.textContent = isTooLarge() ? tooLarge : ''
    if (isTooLarge()) input.closest('.field')?.append(note)
    else note.remove()
    input.setAttribute('aria-invalid', String(isTooLarge()))
  })
  input.form?.addEventListener('submit', (event) => {
    if (isTooLarge()) {
      event.preventDefault()
      input.focus()
    } else if ([...input.files].some((file) => file.size > SLOW_BYTES)) showSending(input)
  })
  // Whoever comes back to the page by the button of the browser sends nothing.
  addEventListener('pageshow', () => input.form?.querySelector('.file-sending')?.remove())
}

function showSending(input) {
  if (input.form.querySelector('.file-sending')) return
  const note = document.createElement('div')
  note.className = 'file-sending'
  note.setAttribute('role', 'status')
  const bar = document.createElement('progress')
  bar.setAttribute('aria-label', input.dataset.sending)
  const words = document.createElement('p')
  words.textContent = input.dataset.sending
  note.append(words, bar)
  input.closest('.field')?.append(note)
}
