/** Says before anything is sent that the chosen file is too large: nobody waits an hour for a refusal. */
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
    if (!isTooLarge()) return
    event.preventDefault()
    input.focus()
  })
}
