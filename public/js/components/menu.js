/** <details class="menu">: closes by Escape, by a click elsewhere, and when the focus leaves it. */
export default function menu(details) {
  const summary = details.querySelector('summary')
  const close = () => {
    details.open = false
  }
  details.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && details.open) {
      event.stopPropagation()
      close()
      summary.focus()
    }
  })
  details.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !details.contains(event.relatedTarget)) close()
  })
  document.addEventListener('click', (event) => {
    if (details.open && !details.contains(event.target)) close()
  })
}
